/* timetier rollback: back to what a run replaced, by the same way. */
#include "common/json_fields.h"
#include "orchestrator/journal/settle.h"
#include "orchestrator/runs/job.h"
#include "orchestrator/show/outcome.h"
#include "orchestrator/show/runs.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is taken back. */
struct rollback {
	struct rollout_job job; /* first: callbacks are given it */
	struct journal_run run;
	bool brought_agents; /* they stay */
	struct arena arena;
};

static bool
is_program(const struct journal_file *file)
{
	return strcmp(file->path, AGENT_BINARY) == 0;
}

/* The entry of a host that the run changed, or NULL. */
static const struct journal_host *
find_host(const struct rollback *rollback, const char *name)
{
	for (size_t i = 0; i < rollback->run.host_count; i++) {
		const struct journal_host *host = &rollback->run.hosts[i];

		if (strcmp(host->host, name) == 0 && host->file_count > 0 &&
		    run_host_is_done(host)) {
			return host;
		}
	}
	return NULL;
}

static int
add_entry(const struct journal_file *file, struct file_set *set, struct error *err)
{
	struct file_entry *entry = &set->list[set->count];

	if (file->before.there && !file->before.bytes) {
		return error_set(err, "the journal has no bytes of what %s was", file->path);
	}
	*entry = (struct file_entry){ .path = file->path,
		.content = file->before.there ? file->before.bytes : "",
		.len = file->before.len,
		.mode = file->before.mode,
		.owner = file->before.owner,
		.group = file->before.group,
		.action = file->action,
		.secret = file->secret,
		.absent = !file->before.there };
	set->count++;
	return 0;
}

/* What the host had before the run. */
static int
old_files(struct rollback *rollback, const struct host *host, bool of_agent, struct arena *arena,
    struct file_set *set, struct error *err)
{
	const struct journal_host *entry = find_host(rollback, host->name);

	if (!entry) {
		return error_set(
		    err, "run %lld did not change this host", (long long)rollback->run.id);
	}
	set->list = arena_alloc(arena, entry->file_count * sizeof(*set->list));
	for (size_t i = 0; i < entry->file_count; i++) {
		if (entry->files[i].of_agent == of_agent && !is_program(&entry->files[i]) &&
		    add_entry(&entry->files[i], set, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
old_daemon_files(void *ctx, const struct host *host, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err)
{
	struct rollback *rollback = ctx;
	const struct journal_host *entry = find_host(rollback, host->name);

	if (entry && strcmp(entry->daemon, driver->name) != 0) {
		return error_set(
		    err, "it ran %s then, and runs %s now", entry->daemon, driver->name);
	}
	return old_files(rollback, host, false, arena, set, err);
}

static int
old_agent_files(void *ctx, const struct host *host, const struct daemon_driver *driver UNUSED,
    struct arena *arena, struct file_set *set, struct error *err)
{
	return old_files(ctx, host, true, arena, set, err);
}

/* --- which run, which parts of it --- */

static int
choose_run(struct rollback *rollback, struct site_choice *choice, struct error *err)
{
	struct journal *journal = rollback->job.record.journal;
	const char *word = choice->word_count > 0 ? choice->words[0] : "";
	int64_t id = 0;
	int found;

	if (*word && strspn(word, "0123456789") == strlen(word) && strlen(word) < 18) {
		id = strtoll(word, NULL, 10);
		choice->words++;
		choice->word_count--;
	} else if (journal_latest_change(journal, &id, err) < 0) {
		return -1;
	} else if (id == 0) {
		return error_set(err, "no run has changed a file yet");
	}
	found = journal_read(journal, id, true, &rollback->arena, &rollback->run, err);
	if (found == 0) {
		return error_set(
		    err, "there is no run %lld; `timetier runs` lists them", (long long)id);
	}
	rollback->job.of_run = id;
	return found < 0 ? -1 : 0;
}

/* How many hosts that were changed had an agent before, and how many have one only since. */
struct agents {
	size_t hosts, daemons, before, since;
	const char *program; /* that all had, if its bytes are known */
	size_t programs;
};

static void
count_agent_file(
    const struct journal_file *file, struct agents *agents, const struct rollback *rollback)
{
	const char *bytes = NULL;
	struct arena arena = { 0 };
	size_t len;

	if (strcmp(file->path, AGENT_CONFIG) == 0) {
		agents->before += file->before.there;
		agents->since += !file->before.there;
	}
	if (is_program(file) && file->before.there &&
	    (!agents->program || strcmp(agents->program, file->before.hash) == 0) &&
	    journal_content(
		rollback->job.record.journal, file->before.hash, &arena, &bytes, &len, NULL) == 0 &&
	    bytes) {
		agents->program = file->before.hash;
		agents->programs++;
	}
	arena_free(&arena);
}

static void
count_agents(const struct rollback *rollback, struct agents *agents)
{
	*agents = (struct agents){ .hosts = 0 };
	for (size_t i = 0; i < rollback->run.host_count; i++) {
		const struct journal_host *host = find_host(rollback, rollback->run.hosts[i].host);
		bool daemon = false;

		agents->hosts += host != NULL;
		for (size_t k = 0; host && k < host->file_count; k++) {
			daemon |= !host->files[k].of_agent;
			if (host->files[k].of_agent) {
				count_agent_file(&host->files[k], agents, rollback);
			}
		}
		agents->daemons += daemon;
	}
}

/* The agent's program of before, for all hosts alike, or the present one stays. */
static int
take_program(struct rollback *rollback, const struct agents *agents, struct error *err)
{
	struct arena arena = { 0 };
	const char *bytes;
	size_t len;

	if (agents->programs != agents->hosts) {
		return 0;
	}
	if (journal_content(
		rollback->job.record.journal, agents->program, &arena, &bytes, &len, err) < 0) {
		return -1;
	}
	buf_add(&rollback->job.program, bytes, len);
	arena_free(&arena);
	return 0;
}

static int
choose_parts(struct rollback *rollback, struct error *err)
{
	struct rollout_job *job = &rollback->job;
	long long id = (long long)rollback->run.id;
	struct agents agents;

	count_agents(rollback, &agents);
	if (agents.hosts == 0) {
		return error_set(err,
		    "run %lld (%s) left no host with other files: there is nothing to take back",
		    id, rollback->run.kind);
	}
	job->parts = agents.daemons > 0 ? JOB_DAEMON : 0;
	if (agents.before == agents.hosts) {
		job->parts |= JOB_AGENT;
		job->agent_files = old_agent_files;
		return take_program(rollback, &agents, err);
	}
	if (agents.daemons > 0) {
		rollback->brought_agents = agents.since > 0;
	} else if (agents.since == agents.hosts) {
		job->parts = JOB_REMOVE_AGENT;
	} else {
		return error_set(err,
		    "of the hosts of run %lld some had an agent before and some had none: use "
		    "`timetier agent`",
		    id);
	}
	return 0;
}

static int
choose(struct rollout_job *job, struct site_choice *choice, struct error *err)
{
	struct rollback *rollback = (struct rollback *)job;
	char **names;

	if (choose_run(rollback, choice, err) < 0 || choose_parts(rollback, err) < 0) {
		return -1;
	}
	if (choice->word_count > 0) {
		return 0;
	}
	names = arena_alloc(&rollback->arena, (rollback->run.host_count + 1) * sizeof(*names));
	for (size_t i = 0; i < rollback->run.host_count; i++) {
		if (find_host(rollback, rollback->run.hosts[i].host)) {
			names[choice->word_count++] =
			    arena_strdup(&rollback->arena, rollback->run.hosts[i].host);
		}
	}
	choice->words = names;
	return 0;
}

/* --- what has become of it since --- */

static bool
is_forced(const struct rollback *rollback, const char *name)
{
	const char *const *force = rollback->job.options->force;

	for (size_t i = 0; force[i]; i++) {
		if (strcmp(force[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* A file that is neither what the run put there nor what was there before, or NULL. */
static const char *
find_changed(const struct rollback *rollback, const struct rollout_host *host)
{
	const struct journal_host *entry = find_host(rollback, host->host->name);
	bool agents = (rollback->job.parts & JOB_AGENT) != 0;

	for (size_t i = 0; entry && i < entry->file_count; i++) {
		const struct journal_file *file = &entry->files[i];
		struct journal_state now;

		if (file->of_agent && !(agents && !is_program(file))) {
			continue;
		}
		if (!run_record_state(&host->facts, file->path, &now) ||
		    (!settle_same(&file->after, &now) && !settle_same(&file->before, &now))) {
			return file->path;
		}
	}
	return NULL;
}

/* Nothing is begun when one host is not what the run left, unless its name was given for that. */
static bool
refuses(const struct rollback *rollback)
{
	size_t count, refused = 0;
	const struct rollout_host *hosts = rollout_hosts(rollback->job.rollout, &count);

	for (size_t i = 0; i < count; i++) {
		const char *name = hosts[i].host->name;
		const char *path = hosts[i].facts.complete && !is_forced(rollback, name)
		    ? find_changed(rollback, &hosts[i])
		    : NULL;

		if (path) {
			fprintf(stderr,
			    "timetier rollback: host %s: %s has been changed since run %lld\n",
			    name, path, (long long)rollback->run.id);
			refused++;
		}
	}
	if (refused > 0) {
		fprintf(stderr,
		    "timetier rollback: nothing was put back: --force HOST overwrites what was "
		    "changed since; later runs are taken back first\n");
	}
	return refused > 0;
}

/* What that run switched off on a host that is as it was before it: "a, b"; or NULL. */
static const char *
stays_off(struct rollback *rollback, const struct rollout_host *host)
{
	const struct journal_host *entry = find_host(rollback, host->host->name);
	const char *off = NULL;

	if (outcome_row(host->outcome)->tone != TONE_GOOD) {
		return NULL;
	}
	for (size_t i = 0; entry && i < entry->switched_off_count; i++) {
		off = off ? arena_printf(&rollback->arena, "%s, %s", off, entry->switched_off[i])
			  : entry->switched_off[i];
	}
	return off;
}

/*
 * What else sets a clock is not started by us: it could step it.  The operator is told instead, who
 * knows whether it is wanted.
 */
static void
tell_what_stays_off(struct rollback *rollback, json_t *json)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollback->job.rollout, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const char *off = stays_off(rollback, &hosts[i]);

		if (!off) {
			continue;
		}
		json_array_append_new(list,
		    json_pack("{s:s, s:o}", "host", hosts[i].host->name, "what", fields_text(off)));
		if (!json) {
			fprintf(stderr,
			    "timetier rollback: host %s: stays switched off, as run %lld left it, "
			    "because it sets the clock, too: %s; if it is wanted again: "
			    "`systemctl enable --now UNIT` there (a hook: `chmod a+x PATH`)\n",
			    hosts[i].host->name, (long long)rollback->run.id, off);
		}
	}
	if (json) {
		json_object_set(json, "stays_off", list);
	}
	json_decref(list);
}

static int
carry_out(struct rollback *rollback)
{
	struct rollout_job *job = &rollback->job;
	json_t *json = NULL;
	int status;

	rollout_job_plan(job);
	if (refuses(rollback)) {
		progress_end(&job->progress);
		return EXIT_REFUSED;
	}
	progress_again(&job->progress, rollout_count(job->rollout, HOST_CHANGES));
	status = rollout_job_apply(job);
	if (job->options->common.json) {
		json = rollout_outcome_json(job->rollout, job->topology.site);
		tell_what_stays_off(rollback, json);
	}
	rollout_job_show(job, json);
	if (!job->options->common.json) {
		tell_what_stays_off(rollback, NULL);
	}
	if (rollback->brought_agents && !job->options->common.quiet) {
		fprintf(stderr,
		    "the agents that run %lld brought stay: `timetier agent remove` "
		    "takes them away\n",
		    (long long)rollback->run.id);
	}
	if (status == EXIT_OK && !job->options->common.quiet &&
	    strcmp(rollback->run.kind, "rollback") != 0) {
		fprintf(stderr,
		    "%s still says what run %lld put there: the next apply would do it again\n",
		    job->topology.file, (long long)rollback->run.id);
	}
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	struct rollback rollback = { .job = { .command = "rollback",
					 .options = argument,
					 .choose = choose,
					 .files = old_daemon_files } };
	int status = EXIT_FINDINGS;

	if (rollout_job_start(&rollback.job, 0, argc, argv) == 0) {
		status = carry_out(&rollback);
	}
	rollout_job_done(&rollback.job);
	arena_free(&rollback.arena);
	return status;
}

const struct command command_rollback = {
	.name = "rollback",
	.args = "[N] [HOST...]",
	.summary = "back to what a run replaced, with the same care",
	.help =
	    "N is a run of `timetier runs`; without it, the latest that changed a file. The "
	    "hosts that it "
	    "changed get the files that they had before, in the order of an apply, each "
	    "confirmed or put "
	    "back. What that run switched off because it sets the clock, too, stays off: it could "
	    "step it. "
	    "A rollback is a run itself, and can be rolled back.\n\n"
	    "exit status: 0 done, 3 a host was put back, 4 refused: a host was changed since, "
	    "or a restart "
	    "is not safe, 1 an error\n\n"
	    "example:\n"
	    "  timetier rollback 12 time1      what run 12 replaced, on time1 alone",
	.options = rollout_option_rows,
	.takes = TAKER_ROLLBACK,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
