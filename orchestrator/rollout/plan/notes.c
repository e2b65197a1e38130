#include "orchestrator/rollout/plan/notes.h"

#include "orchestrator/rollout/plan/hand.h"

#include <fnmatch.h>
#include <string.h>

static void
add_note(struct host_plan *plan, const char *note)
{
	if (plan->note_count < PLAN_REASONS_MAX) {
		plan->notes[plan->note_count++] = note;
	}
}

/* What we left behind has a note of its own, where facts tell of the file. */
static bool
has_note(const struct plan_input *input, const struct manifest *list, const char *path)
{
	const struct fact_file *have = facts_file(input->facts, path);

	return manifest_find(list, path) && have && have->state == FACT_FILE_REGULAR;
}

/* Note files of somebody else that the daemon or its unit reads, too.  These notes are the last. */
static void
note_beside(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const char *const *glob = input->driver ? input->driver->beside : NULL;
	struct arena passing = { .blocks = NULL };
	struct manifest list = { .count = 0 };
	struct error err;
	size_t untold = 0;

	if (!plan_read_manifest(input->facts, &passing, &list, &err)) {
		list.count = 0;
	}
	for (; glob && *glob; glob++) {
		for (size_t i = 0; i < input->facts->beside_count; i++) {
			const char *path = input->facts->beside[i];

			if (fnmatch(*glob, path, FNM_PATHNAME) != 0 ||
			    file_set_find(input->files, path) || has_note(input, &list, path)) {
				continue;
			}
			if (plan->note_count >= PLAN_REASONS_MAX - 1) {
				untold++;
				continue;
			}
			add_note(plan,
			    arena_printf(arena, "%s was %s by timetier, and %s reads it, too", path,
				manifest_find(&list, path) ? "once written" : "not written",
				input->driver->unit));
		}
	}
	if (untold > 0) {
		add_note(plan,
		    arena_printf(arena, "%s reads %zu more such file%s, too", input->driver->unit,
			untold, untold == 1 ? "" : "s"));
	}
	arena_free(&passing);
}

/* Whether the plan switches off this unit or hook. */
static bool
is_switched_off(const struct host_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->rival_count; i++) {
		if (strcmp(plan->rivals[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the agent named the unit or hook among what sets the clock. */
static bool
is_named(const struct report *report, const char *name)
{
	for (size_t i = 0; report && i < report->rival_count; i++) {
		if (strcmp(report->rivals[i].unit, name) == 0 ||
		    strcmp(report->rivals[i].hook, name) == 0) {
			return true;
		}
	}
	return false;
}

/* The number of the rule that what the agent found breaks: a job, cloud-init, a second daemon. */
static const char *
number_of(const struct report_rival *found)
{
	if (strstr(found->words, "cloud-init")) {
		return "RST017";
	}
	return found->hook[0] || strstr(found->words, " in /") ? "RST011" : "RST013";
}

/*
 * Note what the agent found to set the clock, too, and stays on.  An agent that still watches the
 * daemon of before takes the one that is declared now for a rival.  Returns how many it found.
 */
static size_t
note_found(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct report *report = input->facts->agent_status;
	size_t found_count = 0;

	for (size_t i = 0; report && i < report->rival_count; i++) {
		const struct report_rival *found = &report->rivals[i];

		if (facts_is_own_unit(input->driver, found->unit)) {
			continue;
		}
		found_count++;
		if (!is_switched_off(plan, found->unit) && !is_switched_off(plan, found->hook)) {
			add_note(plan,
			    arena_printf(arena, "sets the clock, too (%s): %s", number_of(found),
				found->words));
		}
	}
	return found_count;
}

/*
 * Note what else sets the clock and stays on: what the agent found, or, if that is nothing, what
 * facts tell.  These tell, too, of the daemon that an agent still watches and should not.
 */
static void
note_rivals(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct report *report = input->facts->agent_status;
	bool watches_other =
	    report && report->daemon[0] && strcmp(report->daemon, input->driver->name) != 0;
	struct rival rivals[FACT_RIVALS_MAX];
	size_t count;

	if (note_found(input, arena, plan) > 0 && !watches_other) {
		return;
	}
	count = facts_rivals(input->facts, input->driver, rivals);
	for (size_t i = 0; i < count; i++) {
		if (is_named(report, rivals[i].name) || is_switched_off(plan, rivals[i].name)) {
			continue;
		}
		add_note(plan,
		    arena_printf(arena, "%s sets the clock, too (%s): `apply --disable-rivals`",
			rivals[i].name, rivals[i].hook || rivals[i].timer ? "RST011" : "RST013"));
	}
}

/* Note what the host remembers of changes, where the operator may not know it yet. */
static void
note_changes(const struct facts *facts, struct arena *arena, struct host_plan *plan)
{
	const char *story = fact_change_story(&facts->last, arena);
	char who[FACT_CHANGE_WORDS_BYTES];

	if (facts->lock.there) {
		add_note(plan,
		    arena_printf(arena, "another rollout is at work there: %s",
			fact_change_who(&facts->lock, who)));
	} else if (facts->unfinished.there && !fact_change_is_kept(&facts->unfinished)) {
		add_note(plan,
		    arena_printf(arena,
			"a change (%s) was cut short there; its guard or the next apply puts it "
			"back, whichever comes first",
			fact_change_who(&facts->unfinished, who)));
	}
	if (story) {
		add_note(plan, story);
	}
}

/* Note that the collector refuses the agent, unless the agent is restarted with what may end that.
 */
static void
note_refused(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct report *report = input->facts->agent_status;

	if (input->agent_files && report && report->reporting.state == REPORTING_REFUSED &&
	    !plan->agent_restart) {
		add_note(plan,
		    arena_printf(
			arena, "its agent's reports are refused: %s", report->reporting.words));
	}
}

/* What a daemon that is a client alone lacks, for the note; NULL: nothing that a client misses. */
static const char *
lacks(const struct daemon_driver *driver)
{
	if (!(driver->features & DAEMON_VOTES)) {
		return "has no quorum: it follows a server that the others contradict";
	}
	return driver->features & DAEMON_SERVES ? NULL : "may step the clock beyond some offset";
}

/* With `auto` what runs is taken; what would serve the host better is said, and never done. */
static void
note_recommended(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct daemon_driver *const *better = daemon_drivers;
	const char *why = lacks(input->driver);

	if (!why || input->declared || plan->agent_remove) {
		return;
	}
	while (*better && lacks(*better)) {
		better++;
	}
	if (*better) {
		add_note(plan,
		    arena_printf(arena,
			"%s runs, so `daemon: auto` takes it; it %s: `daemon: %s` in site.yaml "
			"changes over to one that does better",
			input->driver->title, why, (*better)->name));
	}
}

static void
note_oddities(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	note_changes(input->facts, arena, plan);
	note_refused(input, arena, plan);
	if (input->driver) {
		note_rivals(input, arena, plan);
		note_recommended(input, arena, plan);
	}
}

void
plan_add_notes(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	note_oddities(input, arena, plan);
	note_beside(input, arena, plan);
}
