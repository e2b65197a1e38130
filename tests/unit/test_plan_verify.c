/* The socket by which a server proves that it means to be in the public pool comes, and goes. */
#include "orchestrator/rollout/facts/manifest.h"
#include "orchestrator/rollout/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONFIG "/etc/chrony/chrony.conf"

/* A host that has these contents, running chrony; and what it should have. */
struct bed {
	struct facts facts;
	struct file_entry entries[4];
	struct file_set set;
	struct plan_input input;
	struct arena arena;
	struct host_plan plan;
	struct error err;
};

static const char safe_config[] = "driftfile /x\nminsources 3\nmaxchange 0.5 0 -1\n";

static void
add(struct bed *bed, const char *path, const char *have, const char *want, enum file_action action)
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

static void
begin(struct bed *bed)
{
	*bed = (struct bed){ .facts = { .systemd = true, .complete = true } };
	bed->facts.units[bed->facts.unit_count++] = (struct fact_unit){
		.name = "chrony.service", .loaded = true, .active = true, .enabled = true
	};
	bed->set.list = bed->entries;
	bed->input = (struct plan_input){
		.facts = &bed->facts, .driver = daemon_find("chrony"), .files = &bed->set
	};
}

static int
plan(struct bed *bed)
{
	bed->err.text[0] = '\0';
	return plan_host(&bed->input, &bed->arena, &bed->plan, &bed->err);
}

/* The socket that proves membership of the pool, as it is on the host; ours, by the manifest. */
static void
add_proof(struct bed *bed, const char *have, const char *want, bool active)
{
	static const char applied[] = "000000000000000000000000000000000000000000000000000000000000"
				      "0000 0644 root root " VERIFY_UNIT_FILE "\n";

	begin(bed);
	add(bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	add(bed, VERIFY_UNIT_FILE, have, want ? want : "", FILE_ACTION_NONE);
	bed->set.count -= !want;
	bed->facts.files[bed->facts.file_count++] = (struct fact_file){ .path = MANIFEST_PATH,
		.state = FACT_FILE_REGULAR,
		.content = applied,
		.len = strlen(applied) };
	bed->facts.units[bed->facts.unit_count++] = (struct fact_unit){
		.name = VERIFY_UNIT, .loaded = active, .active = active, .enabled = active
	};
	assert_int_equal(plan(bed), 0);
}

static void
a_proof_at_a_port_is_opened_and_changed_and_closed_when_its_time_is_over(void **state UNUSED)
{
	struct bed bed;

	add_proof(&bed, NULL, "[Socket]\n", false);
	assert_true(bed.plan.verify_begin);
	assert_true(bed.plan.reload_units);
	assert_int_equal(plan_action(&bed.plan), FILE_ACTION_NONE);
	arena_free(&bed.arena);
	add_proof(&bed, "[Socket]\n", "[Socket]\n", true);
	assert_true(plan_is_empty(&bed.plan));
	arena_free(&bed.arena);
	add_proof(&bed, "[Socket]\n", "[Socket]\n", false); /* somebody stopped it */
	assert_true(bed.plan.verify_begin);
	assert_false(plan_is_empty(&bed.plan));
	assert_true(bed.plan.hand_count > 0);
	arena_free(&bed.arena);
	add_proof(&bed, "[Socket]\n", "[Socket]\nListenStream=80\n", true);
	assert_true(bed.plan.verify_begin);
	arena_free(&bed.arena);
	add_proof(&bed, "[Socket]\n", NULL, true);
	assert_true(bed.plan.verify_end);
	assert_false(bed.plan.verify_begin);
	assert_true(bed.plan.reload_units);
	assert_int_equal(bed.plan.change_count, 1);
	assert_int_equal(bed.plan.changes[0].kind, CHANGE_GONE);
	assert_string_equal(bed.plan.changes[0].entry->path, VERIFY_UNIT_FILE);
	assert_null(strstr(bed.plan.manifest.content, VERIFY_UNIT_FILE));
	assert_int_equal(bed.plan.note_count, 0);
	arena_free(&bed.arena);
	add_proof(&bed, NULL, NULL, false);
	assert_true(plan_is_empty(&bed.plan));
	arena_free(&bed.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_proof_at_a_port_is_opened_and_changed_and_closed_when_its_time_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
