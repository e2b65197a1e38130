#include "orchestrator/show/plan_text.h"

#include "orchestrator/cli/colour.h"
#include "orchestrator/rollout/advice/lost.h"

#include <string.h>

#define NEW_LINES_MAX 40   /* of a longer new file, only the name is shown */
#define REPLACED_MAX 8     /* findings about files that the plan replaces; of others, the rule */
#define LINE_BYTES_MAX 500 /* of a longer line, only the start is shown */

const char *
plan_text_role(const struct host *host)
{
	return host->role == HOST_SERVER ? host->tier->name : host->group->name;
}

static const char *
colour_of_line(char sign)
{
	switch (sign) {
	case '+':
		return COLOUR_GREEN;
	case '-':
		return COLOUR_RED;
	case '@':
		return COLOUR_CYAN;
	default:
		return "";
	}
}

static void
put_lines(struct buf *out, const char *text, bool colour)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *paint = colour ? colour_of_line(*text) : "";
		size_t most = len;

		if (len > LINE_BYTES_MAX) {
			for (most = LINE_BYTES_MAX; most > 0 && (text[most] & 0xc0) == 0x80;
			     most--) {
			}
		}
		buf_printf(out, "%s%.*s", paint, (int)most, text);
		if (most < len) {
			buf_printf(out, "... (%zu bytes more; --json has them)", len - most);
		}
		buf_printf(out, "%s\n", *paint ? COLOUR_NONE : "");
		text += len + (text[len] == '\n');
	}
}

static size_t
count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++) {
		lines += *text == '\n';
	}
	return lines;
}

static const char *
what_it_does(enum change_kind kind)
{
	static const char *const words[] = {
		[CHANGE_NEW] = "is new",
		[CHANGE_CONTENT] = "differs",
		[CHANGE_MODE] = "differs",
		[CHANGE_GONE] = "is removed",
	};

	return words[kind];
}

static void
put_change(
    struct buf *out, const struct rollout_host *host, const struct file_change *change, bool colour)
{
	const char *path = change->entry->path;

	if (*change->mode_text) {
		buf_printf(out, "  %s: %s\n", path, change->mode_text);
	}
	if (change->kind == CHANGE_MODE) {
		return;
	}
	if (change->entry->secret) {
		buf_printf(
		    out, "  %s %s (a secret, not shown)\n", path, what_it_does(change->kind));
		return;
	}
	if (change->kind == CHANGE_NEW && count_lines(change->diff) > NEW_LINES_MAX) {
		buf_printf(out, "  %s is new, %zu lines (--json has them)\n", path,
		    count_lines(change->diff) - 1);
		return;
	}
	buf_text(out, colour ? COLOUR_BOLD : "");
	if (change->kind == CHANGE_NEW) {
		buf_text(out, "--- /dev/null\n");
	} else {
		buf_printf(out, "--- %s:%s\n", host->host->name, path);
	}
	if (change->kind == CHANGE_GONE) {
		buf_text(out, "+++ /dev/null\n");
	} else {
		buf_printf(out, "+++ site:%s\n", path);
	}
	buf_text(out, colour ? COLOUR_NONE : "");
	put_lines(out, change->diff, colour);
}

static void
put_verdict(struct buf *out, const struct host_plan *plan, bool colour)
{
	bool good = plan->verdict.kind == VERDICT_SAFE || plan->verdict.kind == VERDICT_SLEW;
	const char *lost = verdict_lost(&plan->verdict);

	if (!plan->judged) {
		return;
	}
	buf_printf(out, "  a %s now: %s%s%s%s", plan->leaves ? "start" : "restart",
	    !colour              ? ""
		: good && !*lost ? COLOUR_GREEN
				 : COLOUR_RED,
	    verdict_name(plan->verdict.kind), lost, colour ? COLOUR_NONE : "");
	for (size_t i = 0; i < plan->verdict.reason_count; i++) {
		buf_printf(out, "%s%s", i ? "; " : ": ", plan->verdict.reasons[i]);
	}
	if (plan->measures && !good) {
		buf_text(out,
		    "; apply first asks the servers of its new configuration, and leaves "
		    "the host alone where it could step");
	}
	buf_text(out, "\n");
}

/* Add the changes by hand that the reasons do not tell already. */
static void
put_hand(struct buf *out, const struct host_plan *plan)
{
	for (size_t i = 0; i < plan->hand_count; i++) {
		const struct hand_change *hand = &plan->hand[i];

		if (hand->change && hand->change->origin == ORIGIN_BOTH) {
			buf_printf(out, "  by hand: %s %s, and the site changes it, too\n",
			    hand->what, hand->how);
		} else if (!hand->change) {
			buf_printf(out, "  by hand: %s %s\n", hand->what, hand->how);
		}
	}
}

static const char *
headline(const struct rollout_host *host)
{
	enum file_action action = plan_action(&host->plan);

	if (host->outcome == HOST_UNCHANGED) {
		return host->watched ? "watched only" : "nothing to do";
	}
	if (host->outcome != HOST_CHANGES) {
		return "not planned";
	}
	if (host->plan.leaves) {
		return "migration";
	}
	if (action != FILE_ACTION_NONE) {
		return file_action_name(action);
	}
	if (host->plan.agent_remove) {
		return "agent is taken away; daemon untouched";
	}
	if (!host->plan.agent_restart) {
		return "nothing is done to the daemon";
	}
	return host->plan.agent_begins ? "agent starts; daemon untouched"
				       : "agent restarts; daemon untouched";
}

/* "rtc-off (RST016): ", and the place in a file. */
static void
put_finding(struct buf *out, const struct advice *advice, const char *indent)
{
	buf_printf(out, "%s%s (%s): ", indent, advice->rule->id, advice->rule->number);
	if (advice->file && advice->line > 0) {
		buf_printf(out, "%s:%u: ", advice->file, advice->line);
	} else if (advice->file) {
		buf_printf(out, "%s: ", advice->file);
	}
	buf_printf(out, "%s\n", advice->text);
}

/*
 * What stands there now is gone with the plan: the worst of it is told, so that who plans a first
 * rollout sees what the host was up to, and what it loses.
 */
static void
put_replaced(struct buf *out, const struct host_plan *plan)
{
	size_t told = 0, left = 0;

	for (size_t i = 0; i < plan->advice_count; i++) {
		const struct advice *advice = &plan->advice[i];

		if (!advice->replaced || advice->accepted) {
			continue;
		}
		if (told == 0) {
			buf_text(out, "  in the files there now, which this plan replaces:\n");
		}
		if (told < REPLACED_MAX) {
			put_finding(out, advice, "    ");
			told++;
		} else {
			buf_printf(out, "%s%s", left == 0 ? "    and " : ", ", advice->rule->id);
			left++;
		}
	}
	if (left > 0) {
		buf_text(out, " (--json tells where)\n");
	}
}

/*
 * What the present files do and this plan would not, before any diff: who plans a first rollout
 * must not have to find it among lines that only changed their words.
 */
static void
put_lost(struct buf *out, const struct host_plan *plan)
{
	bool begun = false;

	for (size_t i = 0; i < plan->lost_count; i++) {
		const struct plan_lost *lost = &plan->lost[i];

		if (lost->source) {
			buf_printf(out, "%s%s", i == 0 ? "  asks no longer: " : ", ", lost->text);
			if (lost->line > 0) {
				buf_printf(out, " (%s:%u)", lost->file, lost->line);
			}
			begun = true;
			continue;
		}
		buf_text(out, begun ? "\n" : "");
		begun = false;
		buf_printf(out, "  lost: %s:%u: %.*s%s%s%s\n", lost->file, lost->line,
		    LINE_BYTES_MAX, lost->text, lost->where ? " (`" : "",
		    lost->where ? lost->where : "", lost->where ? "` keeps it)" : "");
	}
	buf_text(out, begun ? "\n" : "");
}

/* What the site accepts is not told again with every plan. */
static void
put_advice(struct buf *out, const struct host_plan *plan)
{
	for (size_t i = 0; i < plan->advice_count; i++) {
		const struct advice *advice = &plan->advice[i];

		if (!advice->accepted && !advice->replaced) {
			put_finding(out, advice,
			    advice->rule->severity == SEVERITY_NOTE ? "  note: " : "  ");
		}
	}
	put_replaced(out, plan);
}

void
plan_text_host(struct buf *out, const struct rollout_host *host, bool colour)
{
	const struct host_plan *plan = &host->plan;
	bool acts = plan_action(plan) != FILE_ACTION_NONE;

	buf_printf(out, "%s%s): %s%s%s\n", host->driver ? ", " : "",
	    host->driver ? host->driver->title : "", colour && acts ? COLOUR_YELLOW : "",
	    headline(host), colour && acts ? COLOUR_NONE : "");
	for (size_t i = 0; i < plan->reason_count; i++) {
		buf_printf(out, "  %s\n", plan->reasons[i]);
	}
	put_hand(out, plan);
	put_verdict(out, plan, colour);
	if (host->watched) {
		buf_printf(out, "  note: %s\n", host->watched);
	}
	for (size_t i = 0; i < plan->note_count; i++) {
		buf_printf(out, "  note: %s\n", plan->notes[i]);
	}
	put_advice(out, plan);
	put_lost(out, plan);
	for (size_t i = 0; i < host->way_count; i++) {
		buf_printf(out, "  note: %s\n", host->ways[i]);
	}
	for (size_t i = 0; i < plan->change_count; i++) {
		put_change(out, host, &plan->changes[i], colour);
	}
}
