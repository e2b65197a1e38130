/* timetier drift: what was changed by hand on hosts since timetier put it there. */
#include "common/json_fields.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/rollout/advice/advice.h"
#include "orchestrator/rollout/facts/manifest.h"
#include "orchestrator/rollout/plan/diff.h"
#include "orchestrator/runs/job.h"
#include "orchestrator/runs/left.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DIFF_BYTES_MAX (128u << 10)

/* How a host stands against what timetier put there. */
enum drift_state {
	DRIFT_NONE,
	DRIFT_SOME,
	DRIFT_NEVER,   /* nothing was put there, or the host does not remember */
	DRIFT_WATCHED, /* its daemon is not configured, and that is no fault */
	DRIFT_AWAY,    /* it was not reached, and is left out */
	DRIFT_FAILED,  /* it could not be asked */
};

static const char *const state_names[] = {
	[DRIFT_NONE] = "as left",
	[DRIFT_SOME] = "changed by hand",
	[DRIFT_NEVER] = "never applied",
	[DRIFT_WATCHED] = "watched only",
	[DRIFT_AWAY] = "not reached",
	[DRIFT_FAILED] = "not asked",
};

static enum drift_state
state_of(const struct rollout_host *host)
{
	if (host->outcome == HOST_AWAY) {
		return DRIFT_AWAY;
	}
	if (host->outcome != HOST_CHANGES && host->outcome != HOST_UNCHANGED) {
		return DRIFT_FAILED;
	}
	if (!host->plan.listed) {
		return host->watched ? DRIFT_WATCHED : DRIFT_NEVER;
	}
	return host->plan.hand_count > 0 ? DRIFT_SOME : DRIFT_NONE;
}

/*
 * What timetier put there.  The host knows the hash alone: where the site wants the same still, it
 * is as the site has it; else the journal may have its bytes.
 */
static bool
find_put(const struct job *job, const struct rollout_host *host, const struct file_change *change,
    struct arena *arena, struct journal_state *put)
{
	const struct fact_file *list = facts_file(&host->facts, MANIFEST_PATH);
	const struct manifest_entry *entry;
	struct manifest manifest;
	struct error err;

	if (change->origin == ORIGIN_HAND) {
		put->bytes = change->entry->content;
		put->len = change->entry->len;
		return true;
	}
	if (!job->record.journal || !list || list->state != FACT_FILE_REGULAR ||
	    manifest_read(arena, list->content, list->len, &manifest, &err) < 0) {
		return false;
	}
	entry = manifest_find(&manifest, change->entry->path);
	return entry &&
	    journal_content(
		job->record.journal, entry->sha256, arena, &put->bytes, &put->len, &err) == 0 &&
	    put->bytes;
}

/* What a hand did to a file: from what was put to what is there. */
static void
put_diff(const struct job *job, const struct rollout_host *host, const struct hand_change *hand,
    struct buf *out)
{
	const struct file_change *change = hand->change;
	const struct fact_file *have = change ? facts_file(&host->facts, hand->what) : NULL;
	struct arena arena = { 0 };
	struct journal_state put = { .bytes = NULL };

	if (have && have->state == FACT_FILE_REGULAR && change->kind == CHANGE_CONTENT &&
	    !change->entry->secret && find_put(job, host, change, &arena, &put)) {
		diff_unified(out, put.bytes, put.len, have->content, have->len);
	}
	arena_free(&arena);
}

static void
print_diff(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("    %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void
print_host(const struct job *job, const struct rollout_host *host, bool colour)
{
	for (size_t i = 0; i < host->plan.hand_count; i++) {
		const struct hand_change *hand = &host->plan.hand[i];
		struct buf diff = { .limit_bytes = DIFF_BYTES_MAX };
		bool too = hand->change && hand->change->origin == ORIGIN_BOTH;

		put_diff(job, host, hand, &diff);
		printf("%-24s %s%s%s %s%s\n", host->host->name, colour ? COLOUR_RED : "",
		    hand->what, colour ? COLOUR_NONE : "", hand->how,
		    too ? "; the site changes it, too: see `timetier plan`" : "");
		print_diff(buf_str(&diff));
		buf_free(&diff);
	}
}

/* A finding about a file as it stands on the host: what a hand made of it, or put beside it. */
static bool
is_told(const struct advice *advice)
{
	return advice->file && !advice->accepted && advice->rule->severity > SEVERITY_NOTE;
}

static void
print_findings(const struct rollout_host *host)
{
	for (size_t i = 0; i < host->plan.advice_count; i++) {
		const struct advice *advice = &host->plan.advice[i];

		if (is_told(advice)) {
			printf("%-24s %s (%s): %s", host->host->name, advice->rule->id,
			    advice->rule->number, advice->file);
			if (advice->line > 0) {
				printf(":%u", advice->line);
			}
			printf(": %s\n", advice->text);
		}
	}
}

static void
show(const struct job *job, const struct rollout_host *hosts, size_t count, const size_t *states)
{
	bool colour = use_colour(STDOUT_FILENO);

	for (size_t i = 0; i < count; i++) {
		if (state_of(&hosts[i]) == DRIFT_SOME) {
			print_host(job, &hosts[i], colour);
			print_findings(&hosts[i]);
		} else if (state_of(&hosts[i]) == DRIFT_NEVER) {
			printf("%-24s nothing is known that timetier put there\n",
			    hosts[i].host->name);
		}
	}
	if (job->request.options->common.quiet) {
		return; /* nothing was asked for but what was changed by hand */
	}
	printf("%zu host%s:", count, count == 1 ? "" : "s");
	for (size_t i = 0; i < COUNT(state_names); i++) {
		if (states[i] > 0 || i == DRIFT_SOME) {
			printf("%s %zu %s", i > 0 && (i > 1 || states[0] > 0) ? "," : "", states[i],
			    state_names[i]);
		}
	}
	puts("");
}

static json_t *
findings_of(const struct rollout_host *host)
{
	json_t *list = json_array();

	for (size_t i = 0; i < host->plan.advice_count; i++) {
		const struct advice *advice = &host->plan.advice[i];

		if (is_told(advice)) {
			json_array_append_new(list,
			    json_pack("{s:s, s:s, s:o, s:i, s:o}", "rule", advice->rule->id,
				"number", advice->rule->number, "file", fields_lines(advice->file),
				"line", (int)advice->line, "text", fields_lines(advice->text)));
		}
	}
	return list;
}

static json_t *
host_json(const struct job *job, const struct rollout_host *host)
{
	json_t *list = json_array();

	for (size_t i = 0; i < host->plan.hand_count; i++) {
		const struct hand_change *hand = &host->plan.hand[i];
		struct buf diff = { .limit_bytes = DIFF_BYTES_MAX };
		json_t *item = json_pack("{s:o, s:o, s:b}", "what", fields_lines(hand->what), "how",
		    fields_lines(hand->how), "site_too",
		    hand->change && hand->change->origin == ORIGIN_BOTH);

		put_diff(job, host, hand, &diff);
		if (diff.len > 0) {
			json_object_set_new(item, "diff", fields_lines(buf_str(&diff)));
		}
		json_array_append_new(list, item);
		buf_free(&diff);
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "name", host->host->name, "state",
	    state_names[state_of(host)], "by_hand", list, "findings", findings_of(host));
}

static void
print_json(const struct job *job, const struct rollout_host *hosts, size_t count,
    const size_t *states, const struct left *left)
{
	json_t *list = json_array(), *summary = json_object();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list, host_json(job, &hosts[i]));
	}
	for (size_t i = 0; i < COUNT(state_names); i++) {
		json_object_set_new(summary, state_names[i], json_integer((json_int_t)states[i]));
	}
	command_print_json(
	    json_pack("{s:s, s:o, s:o, s:o, s:o}", "site", job->topology.site, "hosts", list,
		"summary", summary, "unmanaged", job_unmanaged(job), "left", left_json(left)));
}

static int
tell(const struct job *job)
{
	size_t count, states[COUNT(state_names)] = { 0 };
	const struct rollout_host *hosts = rollout_hosts(job->rollout, &count);

	struct left left = { .list = NULL };

	job_find_left(job, &left);
	for (size_t i = 0; i < count; i++) {
		states[state_of(&hosts[i])]++;
	}
	if (job->request.options->common.json) {
		print_json(job, hosts, count, states, &left);
	} else {
		show(job, hosts, count, states);
		left_print(&left);
	}
	left_done(&left);
	fflush(stdout);
	job_print_failures(job);
	/* a host that could not be asked does not hide what was found on the others */
	if (states[DRIFT_SOME] > 0) {
		return EXIT_CHANGES;
	}
	return states[DRIFT_FAILED] > 0 ? EXIT_FINDINGS : EXIT_OK;
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	struct job_request request = { .command = "drift",
		.daemon = true,
		.agent = true,
		.looks = true,
		.options = options,
		.words = argv,
		.word_count = argc };
	struct job job;
	int status = EXIT_FINDINGS;

	if (job_start(&job, &request) == 0) {
		job_plan(&job);
		progress_end(&job.progress);
		status = tell(&job);
	}
	job_done(&job);
	return status;
}

const struct command command_drift = {
	.name = "drift",
	.args = "[HOST...]",
	.summary = "tell what was changed by hand on the hosts",
	.help =
	    "A host remembers what timetier put there. Files, units and the agent's program "
	    "that have changed since are told. What site.yaml changes is not: `timetier plan` "
	    "shows that. "
	    "Changes "
	    "nothing; for cron and monitoring.\n\n"
	    "exit status: 0 none, 2 some, 1 none was found, but a host could not be asked, or an "
	    "error",
	.options = rollout_option_rows,
	.takes = TAKER_DRIFT,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
