#include "orchestrator/rollout/plan/remove.h"

#include "orchestrator/rollout/plan/hand.h"

static bool
is_there(const struct facts *facts, const char *path)
{
	const struct fact_file *file = facts_file(facts, path);

	return file && file->state != FACT_FILE_ABSENT;
}

void
plan_remove_agent(const struct facts *facts, struct arena *arena, struct host_plan *plan)
{
	const struct fact_unit *unit = facts_agent_unit(facts);
	const struct fact_unit *first_set = facts_unit(facts, FIRST_SET_UNIT);
	bool sets_clock = is_there(facts, FIRST_SET_UNIT_FILE) || (first_set && first_set->enabled);

	plan->keeps_program = facts->agent_hash && sets_clock;
	plan->agent_remove = (unit && unit->loaded) || is_there(facts, AGENT_CONFIG) ||
	    is_there(facts, AGENT_STATE) || (facts->agent_hash && !plan->keeps_program);
	if (!plan->agent_remove) {
		return;
	}
	plan->reasons[plan->reason_count++] = plan->keeps_program
	    ? "the agent goes: its service, configuration, user and state"
	    : "the agent goes: its service, configuration, program, user and state";
	if (plan->keeps_program) {
		plan->notes[plan->note_count++] =
		    AGENT_BINARY " stays: " FIRST_SET_UNIT " sets the clock by it at boot";
	}
	plan_forget_agent(facts, arena, plan);
}

void
plan_release(const struct facts *facts, struct arena *arena, struct host_plan *plan)
{
	plan_remove_agent(facts, arena, plan);
	if (!plan->agent_remove) {
		plan->reasons[plan->reason_count++] = "what timetier keeps of itself goes";
	}
	plan->agent_remove = plan->releases = true;
	plan->manifest = (struct file_entry){ .path = NULL };
	if (is_there(facts, MANIFEST_PATH)) {
		plan->manifest =
		    (struct file_entry){ .path = MANIFEST_PATH, .content = "", .absent = true };
	}
}

/* Units that timetier brought, and that work by its program. */
static const struct daemon_file *const units[] = { daemon_first_set_files,
	daemon_first_set_good_files };

/* Take away those that the manifest lists. */
static void
drop_units(const struct manifest *manifest, struct file_set *set)
{
	for (size_t i = 0; i < COUNT(units); i++) {
		for (const struct daemon_file *file = units[i]; file->template_name; file++) {
			if (manifest_find(manifest, file->path)) {
				set->list[set->count++] = (struct file_entry){ .path = file->path,
					.content = "",
					.mode = file->mode,
					.owner = file->owner,
					.group = file->group,
					.idle = "which does without",
					.secret = file->secret,
					.absent = true };
			}
		}
	}
}

void
plan_release_files(const struct facts *facts, struct arena *arena, struct file_set *set)
{
	struct file_set kept = { .count = 0 };
	struct manifest manifest;
	struct error err;

	if (!plan_read_manifest(facts, arena, &manifest, &err)) {
		manifest.count = 0;
	}
	kept.list = arena_alloc(arena, (set->count + manifest.count + 1) * sizeof(*kept.list));
	for (size_t i = 0; i < set->count; i++) {
		if (manifest_find(&manifest, set->list[i].path)) {
			kept.list[kept.count] = set->list[i];
			kept.list[kept.count].action = FILE_ACTION_NONE;
			kept.list[kept.count++].idle = "which reads it at its next start";
		}
	}
	drop_units(&manifest, &kept);
	*set = kept;
}
