#include "orchestrator/runs/resume.h"

#include "common/digest.h"
#include "common/file.h"
#include "orchestrator/show/runs.h"

#include <stdio.h>
#include <string.h>

#define SITE_BYTES_MAX (8u << 20)

struct journal_options
resume_options(const struct rollout_options *options)
{
	return (struct journal_options){ .no_agent = options->no_agent,
		.disable_rivals = options->disable_rivals,
		.trust_sources = options->trust_sources };
}

static int
check_site(const struct resume *resume, const char *path, struct error *err)
{
	struct buf text = { .limit_bytes = SITE_BYTES_MAX };
	char hash[SHA256_HEX_BYTES], begun[RUN_TIME_BYTES];
	int status = file_read(path, &text, err);

	if (status == 0 &&
	    strcmp(sha256_hex(text.data, text.len, hash), resume->run.site_hash) != 0) {
		status = error_set(err,
		    "%s is not what it was in run %lld of %s, which therefore cannot go on: "
		    "without --resume a new run begins, or `timetier runs show %lld --text` "
		    "prints the old one",
		    path, (long long)resume->run.id, run_time(resume->run.begun_ns, begun),
		    (long long)resume->run.id);
	}
	buf_free(&text);
	return status;
}

int
resume_find(struct resume *resume, struct run_record *record, const char *kind,
    const struct rollout_options *options, struct error *err)
{
	int64_t id;

	if (journal_latest(record->journal, kind, &id, err) < 0) {
		return -1;
	}
	if (id == 0) {
		return error_set(err, "there is no earlier run of `%s` that came to a host", kind);
	}
	if (journal_read(record->journal, id, false, &resume->arena, &resume->run, err) < 0 ||
	    check_site(resume, site_file(&options->common), err) < 0) {
		return -1;
	}
	resume->names =
	    arena_alloc(&resume->arena, (resume->run.host_count + 1) * sizeof(*resume->names));
	for (size_t i = 0; i < resume->run.host_count; i++) {
		resume->names[resume->name_count++] =
		    arena_strdup(&resume->arena, resume->run.hosts[i].host);
	}
	resume->options = *options;
	resume->options.no_agent |= resume->run.options.no_agent;
	resume->options.disable_rivals |= resume->run.options.disable_rivals;
	resume->options.trust_sources |= resume->run.options.trust_sources;
	return 0;
}

const char *
resume_waits_for(const struct resume *resume, const struct rollout *rollout)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);

	for (size_t i = 0; resume->run.id != 0 && i < count; i++) {
		if (hosts[i].facts.complete && run_record_is_busy(&hosts[i].facts)) {
			return hosts[i].host->name;
		}
	}
	return NULL;
}

static const struct journal_host *
find_host(const struct resume *resume, const char *name)
{
	for (size_t i = 0; i < resume->run.host_count; i++) {
		if (strcmp(resume->run.hosts[i].host, name) == 0) {
			return &resume->run.hosts[i];
		}
	}
	return NULL;
}

/* What the earlier run was to put at @path; NULL: it said nothing of it. */
static const struct journal_state *
find_wanted(const struct journal_host *host, const char *path)
{
	for (size_t i = 0; i < host->file_count; i++) {
		if (strcmp(host->files[i].path, path) == 0) {
			return &host->files[i].after;
		}
	}
	return NULL;
}

/* The path of @set that is to become something else than the earlier run wanted, or NULL. */
static const char *
find_other(const struct journal_host *host, const struct file_set *set)
{
	char hash[SHA256_HEX_BYTES];

	for (size_t i = 0; i < set->count; i++) {
		const struct file_entry *entry = &set->list[i];
		const struct journal_state *wanted = find_wanted(host, entry->path);

		if (!wanted || wanted->there == entry->absent ||
		    (wanted->there &&
			strcmp(wanted->hash, sha256_hex(entry->content, entry->len, hash)) != 0)) {
			return entry->path;
		}
	}
	return NULL;
}

/* The agent is to become another one than the earlier run wanted. */
static bool
is_other_program(const struct rollout_host *host, const struct journal_host *earlier)
{
	const struct journal_state *wanted = find_wanted(earlier, AGENT_BINARY);

	return wanted && wanted->there && host->program &&
	    strcmp(wanted->hash, host->program->hash) != 0;
}

static int
check_host(const struct resume *resume, const struct rollout_host *host,
    const struct journal_host *earlier, struct error *err)
{
	const char *path = find_other(earlier, &host->files);

	path = path ? path : find_other(earlier, &host->agent_files);
	if (!path && host->plan.agent_upload && is_other_program(host, earlier)) {
		path = AGENT_BINARY;
	}
	if (earlier->file_count > 0 && path) {
		return error_set(err,
		    "%s of host %s is not to become what run %lld wanted (keys, templates or "
		    "options are others now): that run cannot go on; without --resume a new one "
		    "begins",
		    path, host->host->name, (long long)resume->run.id);
	}
	return 0;
}

int
resume_check(const struct resume *resume, struct rollout *rollout, struct error *err)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);

	for (size_t i = 0; resume->run.id != 0 && i < count; i++) {
		const struct journal_host *earlier = find_host(resume, hosts[i].host->name);

		if (hosts[i].outcome != HOST_CHANGES || !earlier) {
			continue;
		}
		if (check_host(resume, &hosts[i], earlier, err) < 0) {
			return -1;
		}
		if (run_host_is_done(earlier)) {
			rollout_withhold(rollout, i,
			    "was done, and has been changed since: `timetier plan` shows how");
		}
	}
	return 0;
}

void
resume_done(struct resume *resume)
{
	arena_free(&resume->arena);
	*resume = (struct resume){ .names = NULL };
}
