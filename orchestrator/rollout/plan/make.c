/* Makes the plan of one host: compares what it has with what it should have.  No I/O. */
#include "common/buf.h"
#include "orchestrator/rollout/plan/diff.h"
#include "orchestrator/rollout/plan/hand.h"
#include "orchestrator/rollout/plan/init.h"
#include "orchestrator/rollout/plan/notes.h"
#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/rollout/plan/rivals.h"
#include "orchestrator/rollout/plan/verify.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIFF_BYTES_MAX (128u << 10)
#define UNIT_FOLDER "/etc/systemd/system/"

const char *
change_kind_name(enum change_kind kind)
{
	static const char *const names[] = {
		[CHANGE_NEW] = "new",
		[CHANGE_CONTENT] = "content",
		[CHANGE_MODE] = "mode",
		[CHANGE_GONE] = "gone",
	};

	return names[kind];
}

const char *
change_origin_name(enum change_origin origin)
{
	static const char *const names[] = {
		[ORIGIN_UNKNOWN] = "unknown",
		[ORIGIN_SITE] = "site",
		[ORIGIN_HAND] = "hand",
		[ORIGIN_BOTH] = "both",
	};

	return names[origin];
}

static void add_reason(struct arena *arena, struct host_plan *plan, const char *fmt, ...)
    PRINTF(3, 4);

static void
add_reason(struct arena *arena, struct host_plan *plan, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (plan->reason_count == PLAN_REASONS_MAX) {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	plan->reasons[plan->reason_count++] = arena_strdup(arena, text);
}

/* Whether a file can be put at this place: 0, or -1 with @err set. */
static int
refuse_place(const struct fact_file *have, struct error *err)
{
	switch (have->state) {
	case FACT_FILE_LINK:
		return error_set(err, "%s is a link to %.200s: remove it, then plan again",
		    have->path, have->content);
	case FACT_FILE_ODD:
		return error_set(err, "%s is there and is no regular file: remove it", have->path);
	case FACT_FILE_HUGE:
		return error_set(
		    err, "%s has %.20s bytes: that is no configuration", have->path, have->content);
	case FACT_FILE_ABSENT:
	case FACT_FILE_REGULAR:
		break;
	}
	return 0;
}

static const char *
mode_text(struct arena *arena, const struct fact_file *have, const struct file_entry *want)
{
	if (have->mode == want->mode && strcmp(have->owner, want->owner) == 0 &&
	    strcmp(have->group, want->group) == 0) {
		return "";
	}
	return arena_printf(arena, "%04o %s:%s to %04o %s:%s", have->mode, have->owner, have->group,
	    want->mode, want->owner, want->group);
}

static const char *
diff_text(struct arena *arena, const struct fact_file *have, const struct file_entry *want)
{
	struct buf out = { .limit_bytes = DIFF_BYTES_MAX };
	const char *text;

	if (want->secret) {
		return "";
	}
	diff_unified(&out, have->content, have->len, want->content, want->len);
	text = out.overflowed ? arena_printf(arena, "%s[more is left out]\n", buf_str(&out))
			      : arena_strndup(arena, buf_str(&out), out.len);
	buf_free(&out);
	return text;
}

/* Fill @change with what the file needs; returns false when it needs nothing. */
static bool
compare_file(struct arena *arena, const struct fact_file *have, const struct file_entry *want,
    struct file_change *change)
{
	bool absent = have->state == FACT_FILE_ABSENT;
	bool same = !absent && have->len == want->len &&
	    (want->len == 0 || memcmp(have->content, want->content, want->len) == 0);

	*change = (struct file_change){ .entry = want, .diff = "", .mode_text = "" };
	if (want->absent && absent) {
		return false;
	}
	if (!absent && !want->absent) {
		change->mode_text = mode_text(arena, have, want);
	}
	if (same && !want->absent) {
		change->kind = CHANGE_MODE;
		return *change->mode_text;
	}
	change->kind = want->absent ? CHANGE_GONE : absent ? CHANGE_NEW : CHANGE_CONTENT;
	change->comments_only =
	    diff_in_comments_only(have->content, have->len, want->content, want->len);
	change->diff = diff_text(arena, have, want);
	return true;
}

static int
compare_set(struct arena *arena, const struct facts *facts, const struct file_set *set,
    bool of_agent, struct host_plan *plan, struct error *err)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct file_entry *want = &set->list[i];
		const struct fact_file *have = facts_file(facts, want->path);
		struct file_change *change = &plan->changes[plan->change_count];

		if (!have) {
			return error_set(err, "the host told nothing of %s", want->path);
		}
		if (refuse_place(have, err)) {
			return -1;
		}
		if (!compare_file(arena, have, want, change)) {
			continue;
		}
		change->of_agent = of_agent;
		plan->change_count++;
	}
	return 0;
}

/* Whether systemd, or a script that it starts as root, reads the file, and never the daemon. */
static bool
is_read_by_root(const char *path)
{
	static const char *const folders[] = { "/etc/default/", UNIT_FOLDER };

	for (size_t i = 0; i < COUNT(folders); i++) {
		if (strncmp(path, folders[i], strlen(folders[i])) == 0) {
			return true;
		}
	}
	return false;
}

/*
 * Whether nobody who reads the file would notice the change: it is of comments alone, or of the
 * mode alone of a file that root reads.  Of a change of mode of what the daemon itself reads this
 * is not said: the daemon must be able to read it at its start.
 */
static bool
is_quiet(const struct file_change *change)
{
	return (change->comments_only &&
		   (change->kind == CHANGE_CONTENT || change->kind == CHANGE_MODE)) ||
	    (change->kind == CHANGE_MODE && is_read_by_root(change->entry->path));
}

static enum file_action
action_of(const struct file_change *change)
{
	return is_quiet(change) ? FILE_ACTION_NONE : change->entry->action;
}

static const char *
happening(const struct file_change *change)
{
	static const char *const by_hand[] = {
		[CHANGE_NEW] = "was removed by hand",
		[CHANGE_CONTENT] = "was changed by hand",
		[CHANGE_MODE] = "was given another mode or owner by hand",
		[CHANGE_GONE] = "was put there by hand",
	};
	static const char *const words[] = {
		[CHANGE_NEW] = "is new",
		[CHANGE_CONTENT] = "changes",
		[CHANGE_MODE] = "has another mode or owner",
		[CHANGE_GONE] = "is removed",
	};

	return (change->origin == ORIGIN_HAND ? by_hand : words)[change->kind];
}

/* Say that a change asks for no action of @whom, where somebody may expect one, and why not. */
static void
say_no_action(
    struct arena *arena, struct host_plan *plan, const struct file_change *change, const char *whom)
{
	const char *idle = change->entry->idle;

	if (change->comments_only || change->kind == CHANGE_MODE || change->origin == ORIGIN_HAND ||
	    idle) {
		add_reason(arena, plan, "%s %s%s: nothing is done to the %s%s%s",
		    change->entry->path, happening(change),
		    change->comments_only ? " in comments alone" : "", whom, idle ? ", " : "",
		    idle ? idle : "");
	}
}

static void
raise_action(struct arena *arena, struct host_plan *plan, const struct file_change *change)
{
	enum file_action action = action_of(change);
	const char *name = change->entry->path;

	switch (action) {
	case FILE_ACTION_NONE:
	case FILE_ACTION_REFRESH:
		say_no_action(arena, plan, change, "daemon");
		return;
	case FILE_ACTION_RELOAD_SOURCES:
		plan->reload_sources = true;
		break;
	case FILE_ACTION_REKEY:
		plan->rekey = true;
		break;
	case FILE_ACTION_RESTART:
		plan->restart = true;
		break;
	}
	add_reason(arena, plan, "%s %s: %s", name, happening(change), file_action_name(action));
}

static void
plan_daemon(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct daemon_driver *driver = input->driver;
	const struct fact_unit *unit = facts_unit(input->facts, driver->unit);

	/* of a migration all that is said already */
	for (size_t i = 0; !plan->leaves && i < plan->change_count; i++) {
		if (!plan->changes[i].of_agent) {
			raise_action(arena, plan, &plan->changes[i]);
		}
	}
	if (!unit->active || plan->leaves) {
		plan->restart = true;
	}
	if (!unit->active && !plan->leaves) {
		add_reason(arena, plan, "%s does not run: start", driver->unit);
	}
	if (!unit->enabled) {
		plan->enable = true;
	}
	if (!unit->enabled && !plan->leaves) {
		add_reason(arena, plan, "%s does not start at boot: enable", driver->unit);
	}
	if (plan->restart) {
		plan->rekey = plan->reload_sources = false;
	}
}

static void
plan_agent(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct facts *facts = input->facts;
	const struct fact_unit *unit = facts_agent_unit(facts);
	bool runs = unit && unit->active, said = false;

	if (input->agent_hash &&
	    (!facts->agent_hash || strcmp(facts->agent_hash, input->agent_hash) != 0)) {
		plan->agent_upload = plan->agent_restart = true;
		add_reason(arena, plan, "the agent is %s", facts->agent_hash ? "another" : "new");
		said = true;
	}
	for (size_t i = 0; i < plan->change_count; i++) {
		const struct file_change *change = &plan->changes[i];

		if (!change->of_agent) {
			continue;
		}
		if (is_quiet(change)) {
			say_no_action(arena, plan, change, "agent");
			continue;
		}
		plan->agent_restart = true;
		if (!said) {
			add_reason(arena, plan, "%s %s: restart of the agent", change->entry->path,
			    happening(change));
		}
	}
	if (!plan->agent_restart && !runs) {
		plan->agent_restart = true;
		add_reason(arena, plan, "the agent does not run: start");
	}
	plan->agent_begins = plan->agent_restart && !runs;
	plan->agent_enable = !(unit && unit->enabled);
}

static bool
goes(const struct host_plan *plan, const char *path)
{
	const struct file_change *change = plan_change(plan, path);

	return change && change->kind == CHANGE_GONE;
}

/* Stop what still runs of it when its file goes: nothing could stop it later by its name. */
static void
plan_first_set_end(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct fact_unit *unit = facts_unit(input->facts, FIRST_SET_UNIT);
	const struct fact_unit *timer = facts_unit(input->facts, FIRST_SET_GOOD_TIMER);

	plan->first_set_stop = unit && unit->active && goes(plan, FIRST_SET_UNIT_FILE);
	plan->good_stop = timer && timer->active && goes(plan, FIRST_SET_GOOD_TIMER_FILE);
	if (plan->first_set_stop) {
		add_reason(arena, plan, FIRST_SET_UNIT " still waits for a quorum: stop");
	}
	if (plan->good_stop) {
		add_reason(arena, plan, FIRST_SET_GOOD_TIMER " runs: stop");
	}
}

/*
 * Enable the unit that sets the clock at boot; it is never started in the present boot.  It runs
 * the agent's program, so that a host without an agent needs that program, too.
 */
static void
plan_first_set(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct fact_unit *unit = facts_unit(input->facts, FIRST_SET_UNIT);
	const struct file_entry *file = file_set_find(input->files, FIRST_SET_UNIT_FILE);

	if (!file || file->absent) {
		plan->first_set_disable = file && unit && unit->enabled;
		if (!file && unit && unit->enabled) {
			plan->notes[plan->note_count++] =
			    "nothing asks for " FIRST_SET_UNIT
			    " any more: `systemctl disable " FIRST_SET_UNIT "`";
		}
		return;
	}
	if (!unit || !unit->enabled) {
		plan->first_set_enable = true;
		add_reason(arena, plan, "%s sets the clock at boot: enable for the next one",
		    FIRST_SET_UNIT);
	}
	if (input->agent_files || input->facts->agent_hash) {
		return;
	}
	if (input->agent_hash) {
		plan->agent_upload = true;
		add_reason(arena, plan, "%s needs the agent's program", FIRST_SET_UNIT);
	} else if (input->agent_unfit) {
		plan->notes[plan->note_count++] = arena_printf(arena,
		    FIRST_SET_UNIT " would not set the clock at boot: %s", input->agent_unfit);
	} else {
		plan->notes[plan->note_count++] =
		    "there is no " AGENT_BINARY ", by which " FIRST_SET_UNIT
		    " sets the clock at boot: name it by --agent FILE";
	}
}

int
plan_host(
    const struct plan_input *input, struct arena *arena, struct host_plan *plan, struct error *err)
{
	struct host_plan made = { .changes = NULL };
	struct file_set gone = { NULL, 0 };
	const struct facts *facts = input->facts;
	size_t files = (input->files ? input->files->count : 0) +
	    (input->agent_files ? input->agent_files->count : 0);

	assert(!input->driver == !input->files);
	if (plan_refuse_init(input, err)) {
		return -1;
	}
	if (input->driver && !facts_unit(facts, input->driver->unit)) {
		return error_set(err, "%s is installed and has no %s", input->driver->title,
		    input->driver->unit);
	}
	plan_find_past(input, arena, &gone);
	made.changes = arena_alloc(arena, (files + gone.count + 1) * sizeof(*made.changes));
	if ((input->files && compare_set(arena, facts, input->files, false, &made, err)) ||
	    (input->agent_files &&
		compare_set(arena, facts, input->agent_files, true, &made, err)) ||
	    (input->files && compare_set(arena, facts, &gone, false, &made, err))) {
		return -1;
	}
	plan_find_hand(input, arena, &made);
	if (input->driver) {
		plan_rivals(input, arena, &made);
		plan_daemon(input, arena, &made);
		plan_first_set(input, arena, &made);
		plan_first_set_end(input, arena, &made);
		plan_verify(input, arena, &made);
		plan_bring_program(input, &made);
	}
	if (input->agent_files) {
		plan_agent(input, arena, &made);
	}
	for (size_t i = 0; i < made.change_count; i++) {
		made.reload_units |=
		    strncmp(made.changes[i].entry->path, UNIT_FOLDER, strlen(UNIT_FOLDER)) == 0;
	}
	if (plan_refuse_rivals(input, &made, err) || plan_refuse_mask(input, &made, err)) {
		return -1;
	}
	plan_add_notes(input, arena, &made);
	if (made.restart && input->driver) {
		made.judged = true;
		made.measures = plan_must_measure(input);
		plan_judge(input, facts->agent_status, &made.verdict);
	}
	plan_add_manifest(input, arena, &made);
	*plan = made;
	return 0;
}

const struct file_change *
plan_change(const struct host_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->change_count; i++) {
		if (strcmp(plan->changes[i].entry->path, path) == 0) {
			return &plan->changes[i];
		}
	}
	return NULL;
}

bool
plan_is_empty(const struct host_plan *plan)
{
	return plan->change_count == 0 && !plan->restart && !plan->rekey && !plan->reload_sources &&
	    !plan->refresh && !plan->enable && plan->rival_count == 0 && !plan->first_set_enable &&
	    !plan->first_set_disable && !plan->first_set_stop && !plan->good_stop &&
	    !plan->verify_begin && !plan->verify_end && !plan->agent_upload &&
	    !plan->agent_restart && !plan->agent_enable && !plan->agent_remove;
}

enum file_action
plan_action(const struct host_plan *plan)
{
	if (plan->restart) {
		return FILE_ACTION_RESTART;
	}
	if (plan->rekey) {
		return FILE_ACTION_REKEY;
	}
	if (plan->refresh) {
		return FILE_ACTION_REFRESH;
	}
	return plan->reload_sources ? FILE_ACTION_RELOAD_SOURCES : FILE_ACTION_NONE;
}
