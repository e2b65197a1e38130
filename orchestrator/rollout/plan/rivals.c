#include "orchestrator/rollout/plan/rivals.h"

#include <string.h>

const struct daemon_driver *
plan_leaves(const struct plan_input *input)
{
	return input->declared && input->driver ? facts_former(input->facts, input->driver) : NULL;
}

static void
add_reason(struct host_plan *plan, const char *reason)
{
	if (plan->reason_count < PLAN_REASONS_MAX) {
		plan->reasons[plan->reason_count++] = reason;
	}
}

/* Say what a migration does, and what it leaves behind. */
static void
say_migration(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct daemon_driver *from = plan->leaves, *to = input->driver;
	bool configured = file_set_find(input->files, to->config_path) != NULL;

	add_reason(plan,
	    arena_printf(arena,
		"migration: %s -> %s: %s is stopped and disabled, %s is %senabled and started%s%s",
		from->name, to->name, from->unit, to->unit, configured ? "configured, " : "",
		configured ? "" : " with the files that it has",
		plan_never_steps(input) ? " without a step" : ""));
	if (configured && plan->note_count < PLAN_REASONS_MAX) {
		plan->notes[plan->note_count++] = arena_printf(arena,
		    "the files of %s stay (%s%s%s): %s does not read them, and learns the rate of "
		    "the clock anew",
		    from->title, from->config_path, from->drift_path ? ", " : "",
		    from->drift_path ? from->drift_path : "", to->title);
	}
}

void
plan_rivals(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	struct rival rivals[FACT_RIVALS_MAX];
	size_t count = facts_rivals(input->facts, input->driver, rivals);

	plan->leaves = plan_leaves(input);
	for (size_t i = 0; i < count; i++) {
		bool leaves = plan->leaves && rivals[i].daemon == plan->leaves;

		if (!leaves && !input->disable_rivals) {
			continue;
		}
		/* the report that it came from does not live as long as the plan */
		rivals[i].name = arena_strdup(arena, rivals[i].name);
		plan->rivals[plan->rival_count++] = rivals[i];
		if (leaves) {
			say_migration(input, arena, plan);
		} else {
			add_reason(plan,
			    arena_printf(
				arena, "%s sets the clock, too: disable it", rivals[i].name));
		}
	}
}

static bool
is_left_on(const struct host_plan *plan, const struct rival *rival)
{
	for (size_t i = 0; i < plan->rival_count; i++) {
		if (strcmp(plan->rivals[i].name, rival->name) == 0) {
			return false;
		}
	}
	return true;
}

int
plan_refuse_rivals(const struct plan_input *input, const struct host_plan *plan, struct error *err)
{
	struct rival rivals[FACT_RIVALS_MAX];
	size_t count;

	if (!input->driver || !plan->restart) {
		return 0;
	}
	count = facts_rivals(input->facts, input->driver, rivals);
	for (size_t i = 0; i < count; i++) {
		const struct rival *rival = &rivals[i];
		bool undecided = rival->daemon && !input->declared &&
		    !facts_unit(input->facts, input->driver->unit)->active;

		if (rival->active && !rival->timer && is_left_on(plan, rival)) {
			return error_set(err,
			    "%s sets the clock, too: two daemons must not; `apply "
			    "--disable-rivals`, or `systemctl disable --now %s` there%s%s%s",
			    rival->name, rival->name, undecided ? "; `daemon: " : "",
			    undecided ? input->driver->name : "",
			    undecided ? "` in site.yaml makes it a migration" : "");
		}
	}
	return 0;
}
