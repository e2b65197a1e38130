#include "orchestrator/rollout/plan/verify.h"

#include "orchestrator/rollout/plan/hand.h"

static void
add_reason(struct host_plan *plan, const char *text)
{
	if (plan->reason_count < PLAN_REASONS_MAX) {
		plan->reasons[plan->reason_count++] = text;
	}
}

/* Whether timetier put the file there, and the site does not want it. */
static bool
is_left_over(const struct plan_input *input, const struct manifest *manifest, const char *path)
{
	const struct fact_file *have = facts_file(input->facts, path);

	return have && have->state != FACT_FILE_ABSENT && manifest_find(manifest, path) &&
	    !file_set_find(input->files, path);
}

void
plan_find_past(const struct plan_input *input, struct arena *arena, struct file_set *gone)
{
	struct manifest manifest;
	struct error unread;
	size_t rows = 0;

	while (daemon_verify_files[rows].path) {
		rows++;
	}
	*gone = (struct file_set){ arena_alloc(arena, (rows + 1) * sizeof(*gone->list)), 0 };
	if (!input->files || !plan_read_manifest(input->facts, arena, &manifest, &unread)) {
		return;
	}
	for (const struct daemon_file *file = daemon_verify_files; file->template_name; file++) {
		if (is_left_over(input, &manifest, file->path)) {
			gone->list[gone->count++] = (struct file_entry){ .path = file->path,
				.content = "",
				.mode = file->mode,
				.owner = file->owner,
				.group = file->group,
				.idle = "its time is over",
				.absent = true };
		}
	}
}

void
plan_verify(const struct plan_input *input, struct arena *arena, struct host_plan *plan)
{
	const struct fact_unit *unit = facts_unit(input->facts, VERIFY_UNIT);
	const struct file_change *change = plan_change(plan, VERIFY_UNIT_FILE);

	if (change && change->entry->absent) {
		plan->verify_end = true;
		add_reason(plan, VERIFY_UNIT " is closed: the time of its proof is over");
	} else if (file_set_wants(input->files, VERIFY_UNIT_FILE) &&
	    (change || !unit || !unit->active || !unit->enabled)) {
		plan->verify_begin = true;
		add_reason(plan,
		    arena_printf(arena,
			VERIFY_UNIT " proves membership of the public pool: open it%s",
			unit && unit->active ? " anew" : ""));
	}
}
