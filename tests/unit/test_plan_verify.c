/* The socket by which a server proves that it means to be in the public pool comes, and goes. */
#include "orchestrator/rollout/facts/manifest.h"
#include "orchestrator/rollout/plan/plan.h"
#include "tests/fake_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONFIG "/etc/chrony/chrony.conf"

static const char safe_config[] = "driftfile /x\nminsources 3\nmaxchange 0.5 0 -1\n";

/* The socket that proves membership of the pool, as it is on the host; ours, by the manifest. */
static void
add_proof(struct plan_bed *bed, const char *have, const char *want, bool active)
{
	static const char applied[] = "000000000000000000000000000000000000000000000000000000000000"
				      "0000 0644 root root " VERIFY_UNIT_FILE "\n";

	plan_bed_begin(bed);
	plan_bed_add(bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	plan_bed_add(bed, VERIFY_UNIT_FILE, have, want ? want : "", FILE_ACTION_NONE);
	bed->set.count -= !want;
	bed->facts.files[bed->facts.file_count++] = (struct fact_file){ .path = MANIFEST_PATH,
		.state = FACT_FILE_REGULAR,
		.content = applied,
		.len = strlen(applied) };
	bed->facts.units[bed->facts.unit_count++] = (struct fact_unit){
		.name = VERIFY_UNIT, .loaded = active, .active = active, .enabled = active
	};
	assert_int_equal(plan_bed_plan(bed), 0);
}

static void
a_proof_at_a_port_is_opened_and_changed_and_closed_when_its_time_is_over(void **state UNUSED)
{
	struct plan_bed bed;

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
