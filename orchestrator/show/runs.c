/* Runs of the journal in words and in JSON. */
#include "orchestrator/show/runs.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/json_fields.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/rollout/plan/diff.h"
#include "orchestrator/rollout/rollout.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define DIFF_BYTES_MAX (128u << 10)

static bool
is(const char *id, enum host_outcome outcome)
{
	return strcmp(id, outcome_row(outcome)->id) == 0;
}

/* A rollback that fails leaves what the run had put there: it does not put that back. */
static bool
takes_back(const struct journal_run *run)
{
	return strcmp(run->kind, "rollback") == 0;
}

/* A newer timetier may know outcomes that this one does not. */
static const char *
outcome_shown(const struct journal_run *run, const struct journal_host *host)
{
	const struct outcome *outcome = outcome_find(host->outcome);

	if (!outcome) {
		return host->outcome;
	}
	return takes_back(run) && outcome->back_name ? outcome->back_name : outcome->name;
}

/* Whether the host was to be changed and was not begun. */
static bool
is_left(const struct journal_host *host)
{
	return is(host->outcome, HOST_CHANGES);
}

/* Whether the host was begun and nobody saw the end. */
static bool
is_unseen(const struct journal_host *host)
{
	return is(host->outcome, HOST_OPEN);
}

bool
run_host_is_done(const struct journal_host *host)
{
	return is(host->outcome, HOST_DONE) || is(host->outcome, HOST_UNCHANGED) ||
	    host->settled == SETTLED_KEPT;
}

const char *
run_state(const struct journal_run *run, bool at_work)
{
	bool left = false;

	for (size_t i = 0; i < run->host_count; i++) {
		left |= is_left(&run->hosts[i]);
	}
	if (run->ended_ns == 0) {
		return at_work ? "at work" : "interrupted";
	}
	switch (run->status) {
	case EXIT_OK:
		return "done";
	case EXIT_ROLLED_BACK:
		return takes_back(run) ? "not done" : left ? "put back, stopped" : "put back";
	case EXIT_REFUSED:
		return "refused";
	default:
		return left ? "stopped" : "failed";
	}
}

/* What a later look at the host found, where nobody saw the end. */
static const char *
settled_words(const struct journal_run *run, const struct journal_host *host)
{
	switch (host->settled) {
	case SETTLED_KEPT:
		return "the host kept the change";
	case SETTLED_PUT_BACK:
		return takes_back(run) ? "its guard gave the host back what it had"
				       : "put back by the host's guard";
	case SETTLED_UNTOUCHED:
		return "the host is as it was";
	case SETTLED_LOST:
		return "not known: something else has changed the host since";
	case SETTLED_OPEN:
		break;
	}
	return "not known until the host is asked: `timetier plan`";
}

/* What is known of a host of a run, in a sentence; @out has RUN_WORDS_BYTES. */
static const char *
host_words(const struct journal_run *run, const struct journal_host *host, bool at_work, char *out)
{
	const char *last = host->step_count > 0 ? host->steps[host->step_count - 1].name : "begun";

	if (is_left(host)) {
		snprintf(out, RUN_WORDS_BYTES, "%s", at_work ? "waits" : "not begun");
	} else if (is_unseen(host) && at_work) {
		snprintf(out, RUN_WORDS_BYTES, "at work: %s", last);
	} else if (is_unseen(host)) {
		snprintf(
		    out, RUN_WORDS_BYTES, "begun, not confirmed; %s", settled_words(run, host));
	} else if (is(host->outcome, HOST_LOST)) {
		snprintf(out, RUN_WORDS_BYTES, "lost; %s", settled_words(run, host));
	} else {
		snprintf(out, RUN_WORDS_BYTES, "%s", outcome_shown(run, host));
	}
	return out;
}

/* How the host stands, in a few words. */
static const char *
host_state(const struct journal_run *run, const struct journal_host *host, bool at_work)
{
	if (is_left(host)) {
		return at_work ? "waits" : "not begun";
	}
	if (is_unseen(host) && at_work) {
		return "at work";
	}
	if (is_unseen(host) || is(host->outcome, HOST_LOST)) {
		return host->settled == SETTLED_OPEN ? "not known"
		    : host->settled == SETTLED_KEPT  ? "done"
		    : takes_back(run) && host->settled == SETTLED_PUT_BACK
		    ? "keeps what it had"
		    : settled_name(host->settled);
	}
	return outcome_shown(run, host);
}

const char *
run_summary(const struct journal_run *run, bool at_work, char *out)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < run->host_count && len < RUN_WORDS_BYTES; i++) {
		const char *state = host_state(run, &run->hosts[i], at_work);
		size_t same = 0, before = 0;

		for (size_t k = 0; k < run->host_count; k++) {
			bool equal = strcmp(host_state(run, &run->hosts[k], at_work), state) == 0;

			same += equal;
			before += equal && k < i;
		}
		if (before == 0) {
			len += (size_t)snprintf(out + len, RUN_WORDS_BYTES - len, "%s%zu %s",
			    len > 0 ? ", " : "", same, state);
		}
	}
	return out;
}

const char *
run_time(int64_t real_ns, char *out)
{
	return clock_local_text(real_ns, CLOCK_SECOND, out, RUN_TIME_BYTES);
}

/* --- JSON --- */

static json_t *
state_json(const struct journal_state *state)
{
	if (!state->there) {
		return json_null();
	}
	return json_pack("{s:s, s:i, s:o, s:o}", "sha256", state->hash, "mode", (int)state->mode,
	    "owner", fields_text(state->owner), "group", fields_text(state->group));
}

static json_t *
host_json(const struct journal_run *run, const struct journal_host *host, bool at_work)
{
	char words[RUN_WORDS_BYTES];
	json_t *steps = json_array(), *files = json_array();
	json_t *json = json_pack("{s:o, s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "name",
	    fields_text(host->host), "state", host_state(run, host, at_work), "outcome",
	    outcome_shown(run, host), "words", host_words(run, host, at_work, words), "wave",
	    (json_int_t)host->wave, "daemon", host->daemon, "action",
	    file_action_name(host->action), "settled", settled_name(host->settled));

	for (size_t i = 0; i < host->step_count; i++) {
		json_array_append_new(steps,
		    json_pack("{s:s, s:I}", "step", host->steps[i].name, "time_ns",
			(json_int_t)host->steps[i].time_ns));
	}
	for (size_t i = 0; i < host->file_count; i++) {
		const struct journal_file *file = &host->files[i];

		json_array_append_new(files,
		    json_pack("{s:o, s:b, s:b, s:s, s:o, s:o}", "path", fields_text(file->path),
			"of_agent", file->of_agent, "secret", file->secret, "action",
			file_action_name(file->action), "before", state_json(&file->before),
			"after", state_json(&file->after)));
	}
	json_object_set_new(
	    json, "begun_ns", host->begun_ns ? json_integer(host->begun_ns) : json_null());
	json_object_set_new(
	    json, "ended_ns", host->ended_ns ? json_integer(host->ended_ns) : json_null());
	if (*host->failed_at) {
		json_object_set_new(json, "error",
		    json_pack(
			"{s:s, s:o}", "step", host->failed_at, "text", fields_text(host->error)));
	}
	if (*host->note) {
		json_object_set_new(json, "note", fields_text(host->note));
	}
	if (*host->migrated_from) {
		json_object_set_new(json, "migrated_from", fields_text(host->migrated_from));
	}
	if (host->switched_off_count > 0) {
		json_t *off = json_array();

		for (size_t i = 0; i < host->switched_off_count; i++) {
			json_array_append_new(off, fields_text(host->switched_off[i]));
		}
		json_object_set_new(json, "switched_off", off);
	}
	json_object_set_new(json, "steps", steps);
	json_object_set_new(json, "files", files);
	return json;
}

json_t *
run_json(const struct journal_run *run, bool at_work)
{
	json_t *hosts = json_array();
	json_t *json = json_pack("{s:I, s:s, s:s, s:o, s:s, s:o, s:s, s:I}", "run",
	    (json_int_t)run->id, "mark", run->mark, "kind", run->kind, "who", fields_text(run->who),
	    "state", run_state(run, at_work), "site", fields_text(run->site), "site_sha256",
	    run->site_hash, "begun_ns", (json_int_t)run->begun_ns);

	for (size_t i = 0; i < run->host_count; i++) {
		json_array_append_new(hosts, host_json(run, &run->hosts[i], at_work));
	}
	json_object_set_new(
	    json, "ended_ns", run->ended_ns ? json_integer(run->ended_ns) : json_null());
	json_object_set_new(
	    json, "exit_status", run->ended_ns ? json_integer(run->status) : json_null());
	json_object_set_new(json, "of_run", run->of_run ? json_integer(run->of_run) : json_null());
	json_object_set_new(json, "hosts", hosts);
	return json;
}

/* --- words --- */

static const char *
state_words(const struct journal_state *state, char *out, size_t size)
{
	if (state->there) {
		snprintf(out, size, "%.12s %04o %s:%s", state->hash, state->mode, state->owner,
		    state->group);
	} else {
		snprintf(out, size, "nothing");
	}
	return out;
}

static bool
is_same(const struct journal_file *file)
{
	const struct journal_state *before = &file->before, *after = &file->after;

	return before->there == after->there &&
	    (!before->there ||
		(strcmp(before->hash, after->hash) == 0 && before->mode == after->mode &&
		    strcmp(before->owner, after->owner) == 0 &&
		    strcmp(before->group, after->group) == 0));
}

static void
print_diff(const struct journal_file *file)
{
	struct buf out = { .limit_bytes = DIFF_BYTES_MAX };
	const struct journal_state *before = &file->before, *after = &file->after;

	if (file->secret || strcmp(file->path, AGENT_BINARY) == 0 ||
	    (before->there && !before->bytes) || (after->there && !after->bytes)) {
		return;
	}
	diff_unified(&out, before->there ? before->bytes : "", before->there ? before->len : 0,
	    after->there ? after->bytes : "", after->there ? after->len : 0);
	fputs(buf_str(&out), stdout);
	buf_free(&out);
}

static void
print_file(const struct journal_file *file, bool diffs)
{
	char before[256], after[256];

	if (is_same(file)) {
		return;
	}
	printf("    %s: %s, was %s%s\n", file->path,
	    state_words(&file->after, after, sizeof(after)),
	    state_words(&file->before, before, sizeof(before)),
	    file->secret ? " (a secret, not shown)" : "");
	if (diffs) {
		print_diff(file);
	}
}

static void
print_host(const struct journal_run *run, const struct journal_host *host, bool at_work, bool diffs,
    bool colour)
{
	char words[RUN_WORDS_BYTES], at[RUN_TIME_BYTES];
	bool good = run_host_is_done(host);

	printf("%s%s%s: %s%s%s\n", colour ? COLOUR_BOLD : "", host->host, colour ? COLOUR_NONE : "",
	    !colour    ? ""
		: good ? COLOUR_GREEN
		       : COLOUR_RED,
	    host_words(run, host, at_work, words), colour ? COLOUR_NONE : "");
	if (*host->failed_at) {
		printf("    %s: %s\n", host->failed_at, host->error);
	}
	if (*host->note) {
		printf("    %s\n", host->note);
	}
	if (*host->migrated_from) {
		printf("    migration: %s -> %s\n", host->migrated_from, host->daemon);
	}
	for (size_t i = 0; i < host->switched_off_count; i++) {
		printf("%s%s", i == 0 ? "    switched off by --disable-rivals: " : ", ",
		    host->switched_off[i]);
	}
	if (host->switched_off_count > 0) {
		printf("\n");
	}
	for (size_t i = 0; i < host->step_count; i++) {
		int64_t until_ns =
		    i + 1 < host->step_count ? host->steps[i + 1].time_ns : host->ended_ns;

		printf("    %s  %-10s", run_time(host->steps[i].time_ns, at) + 11,
		    host->steps[i].name);
		if (until_ns != 0) {
			printf(" %6.1f s",
			    (double)(until_ns - host->steps[i].time_ns) / (double)NS_PER_S);
		}
		puts("");
	}
	for (size_t i = 0; i < host->file_count && (host->begun_ns != 0 || diffs); i++) {
		print_file(&host->files[i], diffs);
	}
}

void
run_print(const struct journal_run *run, bool at_work, bool diffs, bool colour)
{
	char begun[RUN_TIME_BYTES], ended[RUN_TIME_BYTES], summary[RUN_WORDS_BYTES];

	printf("run %lld: %s%s%s by %s: %s\n", (long long)run->id, run->kind,
	    *run->words ? " " : "", run->words, run->who, run_state(run, at_work));
	printf("  begun %s", run_time(run->begun_ns, begun));
	if (run->ended_ns != 0) {
		printf(", ended %s, exit status %d", run_time(run->ended_ns, ended), run->status);
	}
	printf("\n  site %s, %s, SHA-256 %s\n", run->site, run->site_file, run->site_hash);
	if (run->of_run != 0) {
		printf("  %s run %lld\n",
		    strcmp(run->kind, "rollback") == 0 ? "takes back" : "goes on with",
		    (long long)run->of_run);
	}
	printf(
	    "  %s\n", run->host_count ? run_summary(run, at_work, summary) : "no host was begun");
	for (size_t i = 0; i < run->host_count; i++) {
		print_host(run, &run->hosts[i], at_work, diffs, colour);
	}
}
