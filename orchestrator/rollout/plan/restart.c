#include "orchestrator/rollout/plan/restart.h"

#include "common/duration.h"
#include "verdict/leap.h"

#include <stdio.h>
#include <string.h>

#define FREQUENCY_NS (300 * NS_PER_S) /* ntpd measures it so long (stepout) */
#define FREQUENCY_MAX_PPM 500.0       /* the most that a daemon corrects */

int
restart_plan(const struct facts *facts, const struct daemon_driver *driver, struct arena *arena,
    struct host_plan *plan, struct error *err)
{
	const struct fact_unit *unit = facts_unit(facts, driver->unit);

	if (!facts->systemd && !facts->openrc) {
		return error_set(
		    err, "the host runs neither systemd nor OpenRC, one of which a restart needs");
	}
	if (!unit || !unit->loaded) {
		return error_set(err, "%s is installed and has no %s", driver->title, driver->unit);
	}
	*plan = (struct host_plan){ .asked = true, .restart = true, .judged = true };
	plan->reasons[plan->reason_count++] = unit->active
	    ? "asked for"
	    : arena_printf(arena, "asked for; %s does not run", driver->unit);
	plan->verdict = facts->agent_status ? facts->agent_status->verdict
					    : (struct verdict){ .kind = VERDICT_UNKNOWN };
	return 0;
}

static void
add_reasons(struct arena *arena, struct host_plan *plan)
{
	for (size_t i = 0; i < plan->name_count; i++) {
		const struct stale_name *stale = &plan->names[i];

		plan->reasons[plan->reason_count++] =
		    arena_printf(arena, "%s leads to %s, and the daemon still asks %s: %s",
			stale->name, stale->now, stale->was, plan->restart ? "restart" : "refresh");
	}
}

/* A name that has no address any more cannot be refreshed: the daemon keeps its old address. */
static void
take_names(const struct report *report, struct arena *arena, struct host_plan *plan)
{
	struct stale_name *names = arena_alloc(arena, (report->name_count + 1) * sizeof(*names));

	for (size_t i = 0; i < report->name_count; i++) {
		const struct stale_name *stale = &report->names[i];

		if (stale->now[0]) {
			names[plan->name_count++] = *stale;
		} else {
			plan->notes[plan->note_count++] = arena_printf(arena,
			    "%s has no address any more; the daemon still asks %s", stale->name,
			    stale->was);
		}
	}
	plan->names = names;
}

int
refresh_plan(const struct facts *facts, const struct daemon_driver *driver, struct arena *arena,
    struct host_plan *plan, struct error *err)
{
	const struct report *report = facts->agent_status;
	struct host_plan made = { .asked = true };

	if (!report || !report->answered) {
		return report ? error_set(err, "%s", report->error)
			      : error_set(err, "nobody can tell: %s", facts_untold(facts));
	}
	take_names(report, arena, &made);
	if (made.name_count > 0 && report->resolver[0]) {
		return error_set(
		    err, "%s cannot look names up: %s", driver->title, report->resolver);
	}
	if (made.name_count > 0 && !driver->refresh_commands) {
		struct host_plan restart;

		if (restart_plan(facts, driver, arena, &restart, err)) {
			return -1;
		}
		made.restart = made.judged = true;
		made.verdict = restart.verdict;
	}
	made.refresh = made.name_count > 0 && !made.restart;
	add_reasons(arena, &made);
	*plan = made;
	return 0;
}

/* Add the reasons to @why, as long as there is room: they name the lines to blame. */
static void
say_reasons(const struct verdict *verdict, struct error *why)
{
	size_t len = strlen(why->text);

	for (size_t i = 0; i < verdict->reason_count && len < sizeof(why->text) - 1; i++) {
		int added = snprintf(why->text + len, sizeof(why->text) - len, "%s%s",
		    i ? "; " : ": ", verdict->reasons[i]);

		len += added > 0 ? (size_t)added : 0;
	}
}

/*
 * How far a restart moves the clock: the slew that the verdict tells, or, where only the frequency
 * is forgotten, the drift until ntpd has measured it again.
 */
static int64_t
moved_ns(const struct report *report)
{
	double ppm = report->answered ? report->status.frequency_ppm : FREQUENCY_MAX_PPM;

	if (report->verdict.amount_ns != 0) {
		return duration_size_ns(report->verdict.amount_ns);
	}
	return duration_size_ns((int64_t)(ppm * 1e-6 * (double)FREQUENCY_NS));
}

bool
restart_is_harmless(const struct report *report, const struct budget *budget, struct error *why)
{
	const struct verdict *verdict = report ? &report->verdict : NULL;
	char amount[DURATION_TEXT_BYTES] = "";

	if (!verdict) {
		error_set(why, "nobody could ask the daemon");
		return false;
	}
	if (verdict->amount_ns != 0) {
		duration_text(verdict->amount_ns, amount);
	}
	switch (verdict->kind) {
	case VERDICT_SAFE:
		return true;
	case VERDICT_SLEW:
		if (moved_ns(report) <= budget->offset_ns) {
			return true;
		}
		error_set(why, "a restart would move the clock by %s, beyond its budget",
		    duration_text(moved_ns(report), amount));
		break;
	case VERDICT_EXIT:
		error_set(why, "the daemon would not follow its sources%s%s",
		    *amount ? ", offset " : "", amount);
		break;
	case VERDICT_STEP:
		error_set(why, "a restart would step the clock%s%s", *amount ? " by " : "", amount);
		break;
	case VERDICT_UNKNOWN:
		error_set(why, "nobody can tell what a restart would do");
		break;
	}
	say_reasons(verdict, why);
	return false;
}

static const char *
remedy_of(const struct report *report)
{
	if (!report) {
		return "put an agent on it: timetier agent install";
	}
	if (report->verdict.degraded && report->verdict.kind <= VERDICT_SLEW) {
		return "bring its sources back first: after a restart it would have too few to "
		       "follow";
	}
	switch (report->verdict.kind) {
	case VERDICT_STEP:
		return "`timetier apply` gives it a configuration that never steps; or change the "
		       "lines named";
	case VERDICT_SLEW:
		return report->verdict.amount_ns != 0
		    ? "wait until its clock is within its budget, then try again"
		    : "try again later: ntpd writes its drift file within an hour of its start";
	case VERDICT_EXIT:
		return "its clock is too far from its sources: find out which is wrong; if it is "
		       "the clock, first-set sets it at the next boot";
	case VERDICT_SAFE:
	case VERDICT_UNKNOWN:
		break;
	}
	return "`timetier-agent verdict` on the host tells what is missing";
}

bool
leap_forbids(const struct report *report, bool restarts, struct error *why, const char **remedy)
{
	char words[LEAP_WORDS_BYTES];

	if (report && restarts && leap_is_near(report, words)) {
		error_set(why, "%s: no daemon is restarted near it", words);
	} else if (report && leap_is_close(report, words)) {
		error_set(why, "%s: no daemon is touched within five minutes of it", words);
	} else {
		return false;
	}
	*remedy =
	    "wait until ten minutes after it, then try again; if that cannot wait, --force HOST";
	return true;
}

bool
restart_is_safe(const struct report *report, const struct budget *budget, struct error *why,
    const char **remedy)
{
	*remedy = NULL;
	if (leap_forbids(report, true, why, remedy)) {
		return false;
	}
	if (restart_is_harmless(report, budget, why)) {
		if (!report->verdict.degraded) {
			return true;
		}
		error_set(why, "after a restart it would not serve time");
		say_reasons(&report->verdict, why);
	}
	*remedy = remedy_of(report);
	return false;
}
