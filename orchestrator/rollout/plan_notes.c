#include "orchestrator/rollout/plan_notes.h"

#include <fnmatch.h>

#define RIVALS_MAX 8

/* What somebody else put where the daemon or its unit reads it. */
static void
note_beside(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const char *const *glob = input->driver ? input->driver->beside : NULL;

	for (; glob && *glob; glob++) {
		for (size_t i = 0; i < input->facts->beside_count; i++) {
			const char *path = input->facts->beside[i];

			if (fnmatch(*glob, path, FNM_PATHNAME) == 0 &&
			    !file_set_find(input->files, path) &&
			    plan->note_count < PLAN_REASONS_MAX - 4) {
				plan->notes[plan->note_count++] = arena_printf(arena,
				    "%s is not of timetier, and %s reads it, too", path,
				    input->driver->unit);
			}
		}
	}
}

static void
note_oddities(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const char *rivals[RIVALS_MAX];

	if (input->facts->ntpdate_hook) {
		plan->notes[plan->note_count++] =
		    "ntpsec-ntpdate steps the clock whenever an interface comes up: remove it";
	}
	if (input->facts->unfinished) {
		plan->notes[plan->note_count++] =
		    "an earlier change was cut short there; the next apply puts it back first";
	}
	if (input->driver && !plan->restart &&
	    facts_rivals(input->facts, input->driver, rivals, RIVALS_MAX) > 0) {
		plan->notes[plan->note_count++] =
		    arena_printf(arena, "%s sets the clock, too", rivals[0]);
	}
}

void
plan_add_notes(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	note_oddities(input, arena, plan);
	note_beside(input, arena, plan);
}
