#include "tests/fake_plan.h"

#include <string.h>

void
plan_bed_begin(struct plan_bed *bed)
{
	*bed = (struct plan_bed){ .facts = { .systemd = true, .complete = true } };
	bed->facts.units[bed->facts.unit_count++] = (struct fact_unit){
		.name = "chrony.service", .loaded = true, .active = true, .enabled = true
	};
	bed->set.list = bed->entries;
	bed->input = (struct plan_input){
		.facts = &bed->facts, .driver = daemon_find("chrony"), .files = &bed->set
	};
}

void
plan_bed_add(struct plan_bed *bed, const char *path, const char *have, const char *want,
    enum file_action action)
{
	struct fact_file *file = &bed->facts.files[bed->facts.file_count++];

	*file = (struct fact_file){ .path = path,
		.state = have ? FACT_FILE_REGULAR : FACT_FILE_ABSENT,
		.content = have ? have : "",
		.len = have ? strlen(have) : 0,
		.mode = 0644,
		.owner = "root",
		.group = "root" };
	bed->entries[bed->set.count++] = (struct file_entry){ .path = path,
		.content = want,
		.len = strlen(want),
		.mode = 0644,
		.owner = "root",
		.group = "root",
		.action = action,
		.secret = action == FILE_ACTION_REKEY };
}

int
plan_bed_plan(struct plan_bed *bed)
{
	bed->err.text[0] = '\0';
	return plan_host(&bed->input, &bed->arena, &bed->plan, &bed->err);
}
