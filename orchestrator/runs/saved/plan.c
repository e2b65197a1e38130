#include "orchestrator/runs/saved/plan.h"

#include "common/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/version.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (256u << 20)
#define SITE_BYTES_MAX (64u << 20)
#define BEGIN_BYTES 64

/* --- writing --- */

bool
saved_plan_is(const char *file)
{
	char begin[BEGIN_BYTES];
	struct stat status;
	size_t len = 0;
	FILE *in;

	if (stat(file, &status) || !S_ISREG(status.st_mode)) {
		return false;
	}
	in = fopen(file, "re");
	if (in) {
		len = fread(begin, 1, sizeof(begin), in);
		fclose(in);
	}
	return saved_looks_so(begin, len);
}

bool
saved_plan_may_write(const char *command, const char *file)
{
	struct stat status;
	char copy[PATH_MAX];

	if (!*file || strcmp(file, "-") == 0) {
		fprintf(stderr,
		    "timetier %s: --output needs the name of a file: what is printed is no plan "
		    "that can be carried out\n",
		    command);
		return false;
	}
	snprintf(copy, sizeof(copy), "%s", file);
	if (access(dirname(copy), W_OK | X_OK) < 0) {
		fprintf(stderr, "timetier %s: %s cannot be written: %s\n", command, file,
		    strerror(errno));
		return false;
	}
	if (stat(file, &status) == 0 && !(S_ISREG(status.st_mode) && status.st_size == 0) &&
	    !saved_plan_is(file)) {
		fprintf(stderr,
		    "timetier %s: %s is there and is no saved plan: it is not overwritten\n",
		    command, file);
		return false;
	}
	return true;
}

/* The same from any folder. */
static const char *
full_path(struct arena *arena, const char *path)
{
	char full[PATH_MAX];

	return !path ? "" : arena_strdup(arena, realpath(path, full) ? full : path);
}

static int
hash_site(const char *file, char *hash, struct error *err)
{
	struct buf text = { .limit_bytes = SITE_BYTES_MAX };
	int status = file_read(file, &text, err);

	sha256_hex(text.data, text.len, hash);
	buf_free(&text);
	return status;
}

/* The plan that @job made. */
static int
take(const struct job *job, struct arena *arena, struct saved *saved, struct error *err)
{
	const struct rollout_options *options = job->request.options;
	const char *site = site_file(&options->common);
	char *site_hash = arena_alloc(arena, SHA256_HEX_BYTES);
	char *agent_hash = arena_alloc(arena, SHA256_HEX_BYTES);
	const struct rollout_host *hosts;
	size_t count;

	if (hash_site(site, site_hash, err)) {
		return -1;
	}
	if (job->files.programs) {
		agent_programs_hash(job->files.programs, agent_hash);
	}
	*saved = (struct saved){
		.made_real_ns = clock_real_ns(),
		.by = job->holder,
		.version = TIMETIER_VERSION,
		.site = job->topology.site,
		.site_file = full_path(arena, site),
		.site_sha256 = site_hash,
		.agent = full_path(arena, options->agent),
		.templates = full_path(arena, options->templates),
		.state = full_path(arena, options->state),
		.agent_sha256 = agent_hash,
		.no_agent = options->no_agent,
		.disable_rivals = options->disable_rivals,
	};
	hosts = rollout_hosts(job->rollout, &count);
	saved_take_hosts(saved, hosts, count, arena);
	return 0;
}

int
saved_plan_write(const struct job *job, const char *file)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	struct arena arena = { 0 };
	struct saved saved;
	struct error err;
	int status = -1;
	size_t count;

	rollout_hosts(job->rollout, &count);
	if (take(job, &arena, &saved, &err) == 0) {
		saved_encode(&saved, &text);
		status = text.overflowed ? error_set(&err, "the plan is too large")
					 : file_replace(file, text.data, text.len, 0600, &err);
	}
	if (status) {
		fprintf(stderr, "timetier %s: %s\n", job->request.command, err.text);
	} else if (!job->request.options->common.quiet) {
		fprintf(stderr, "saved: `timetier apply %s` does exactly this, or refuses%s\n",
		    file,
		    saved.host_count < count ? "; hosts that could not be planned are left alone"
					     : "");
	}
	buf_free(&text);
	arena_free(&arena);
	return status;
}

/* --- carrying out --- */

/* What the plan says of the options, and how hosts are reached as @given says. */
static void
take_options(struct saved_plan *plan, const struct rollout_options *given)
{
	plan->options = *given;
	plan->options.no_agent = plan->then.no_agent;
	plan->options.disable_rivals = plan->then.disable_rivals;
}

/*
 * A plan that somebody hands over must not bring its own program, templates, keys or site: what it
 * names is used only when the operator names it, too, or when it is what is used anyway.
 */
static int
refuse_places(const struct saved_plan *plan, const struct rollout_options *given, struct error *err)
{
	const struct saved *then = &plan->then;
	char site[PATH_MAX] = "";
	bool same_site =
	    realpath(site_file(&given->common), site) && !strcmp(site, then->site_file);
	const struct {
		bool refused;
		const char *option, *place;
	} places[] = {
		{ !given->common.site && !same_site, "--site", then->site_file },
		{ !given->agent && *then->agent, "--agent", then->agent },
		{ !given->templates && *then->templates, "--templates", then->templates },
		{ !given->state && *then->state, "--state", then->state },
	};

	for (size_t i = 0; i < COUNT(places); i++) {
		if (places[i].refused) {
			return error_set(err,
			    "%s was made with %s %s, which is not what is used here: give that "
			    "option again, if you trust it",
			    plan->file, places[i].option, places[i].place);
		}
	}
	return 0;
}

static int
refuse_options(
    const struct saved_plan *plan, const struct rollout_options *given, struct error *err)
{
	const struct {
		bool given;
		const char *option;
	} others[] = {
		{ given->limit[0] != NULL, "--limit" },
		{ given->exclude[0] != NULL, "--exclude" },
		{ given->skip_unreachable, "--skip-unreachable" },
		{ given->no_agent && !plan->then.no_agent, "--no-agent" },
		{ given->disable_rivals && !plan->then.disable_rivals, "--disable-rivals" },
		{ given->resume, "--resume" },
	};

	for (size_t i = 0; i < COUNT(others); i++) {
		if (others[i].given) {
			return error_set(err,
			    "%s: a saved plan is carried out as it is, without %s", plan->file,
			    others[i].option);
		}
	}
	return 0;
}

static int
refuse_site(const struct saved_plan *plan, struct error *err)
{
	const char *site = site_file(&plan->options.common);
	char hash[SHA256_HEX_BYTES], made[32];

	if (hash_site(site, hash, err)) {
		return error_wrap(err, "%s", plan->file);
	}
	if (strcmp(hash, plan->then.site_sha256) != 0) {
		return error_set(err,
		    "%s: %s was changed since %s, when this was planned: plan again", plan->file,
		    site,
		    clock_local_text(plan->then.made_real_ns, CLOCK_MINUTE, made, sizeof(made)));
	}
	return 0;
}

int
saved_plan_read(struct saved_plan *plan, const char *file, const struct rollout_options *given,
    struct error *err)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	int status = file_read(file, &text, err);

	plan->file = file;
	if (status == 0 && saved_decode(buf_str(&text), text.len, &plan->arena, &plan->then, err)) {
		status = error_wrap(err,
		    "%s is no whole saved plan, make a new one by `timetier plan -o %s`", file,
		    file);
	}
	buf_free(&text);
	if (status) {
		return -1;
	}
	take_options(plan, given);
	if (refuse_options(plan, given, err) || refuse_places(plan, given, err) ||
	    refuse_site(plan, err)) {
		return -1;
	}
	plan->words = arena_alloc(&plan->arena, (plan->then.host_count + 1) * sizeof(char *));
	for (size_t i = 0; i < plan->then.host_count; i++) {
		plan->words[plan->word_count++] =
		    arena_printf(&plan->arena, "host:%s", plan->then.hosts[i].name);
	}
	return 0;
}

static void
tell(void *ctx, const char *host, const char *text)
{
	const struct saved_plan *plan = *(const struct saved_plan *const *)ctx;

	fprintf(stderr, "timetier apply: %s: %s%s%s%s\n", plan->file, *host ? "host " : "", host,
	    *host ? ": " : "", text);
}

bool
saved_plan_differs(const struct saved_plan *plan, const struct job *job)
{
	struct arena arena = { 0 };
	char made[32];
	struct saved now;
	struct error err;
	bool differs = true;

	if (take(job, &arena, &now, &err)) {
		fprintf(stderr, "timetier apply: %s\n", err.text);
	} else {
		differs = saved_compare(&plan->then, &now, tell, &plan) > 0;
	}
	if (differs) {
		fprintf(stderr,
		    "timetier apply: nothing was done: %s was made at %s by %s, and things have "
		    "changed: plan again\n",
		    plan->file,
		    clock_local_text(plan->then.made_real_ns, CLOCK_MINUTE, made, sizeof(made)),
		    plan->then.by);
	}
	arena_free(&arena);
	return differs;
}

void
saved_plan_done(struct saved_plan *plan)
{
	arena_free(&plan->arena);
}
