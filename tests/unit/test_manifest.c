/* What a host remembers of timetier's files, and what was changed by hand by that. */
#include "orchestrator/rollout/facts/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/rollout/plan/hand.h"

#define CONFIG "/etc/chrony/chrony.conf"
#define KEYS "/etc/chrony/chrony.keys"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static const struct file_entry config = {
	.path = CONFIG, .content = "a\n", .len = 2, .mode = 0644, .owner = "root", .group = "root"
};

static void
what_is_written_is_read_again_by_path(void **state UNUSED)
{
	struct file_entry keys = {
		.path = KEYS, .content = "", .mode = 0640, .owner = "root", .group = "_chrony"
	};
	struct manifest manifest = { .count = 0 }, again = { .count = 0 };
	struct buf text = { .limit_bytes = 0 };
	struct arena arena = { 0 };
	struct error err;

	manifest_enter(&manifest, &keys);
	manifest_enter(&manifest, &config);
	manifest_enter(&manifest, &config);
	manifest_write(&manifest, &text);
	assert_int_equal(manifest_read(&arena, text.data, text.len, &again, &err), 0);
	assert_int_equal(again.count, 2);
	assert_string_equal(again.list[0].path, CONFIG);
	assert_string_equal(again.list[0].sha256,
	    "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7");
	assert_int_equal(again.list[1].mode, 0640);
	assert_string_equal(again.list[1].group, "_chrony");
	assert_null(manifest_find(&again, "/etc/default/chrony"));
	keys.absent = true;
	manifest_enter(&again, &keys);
	assert_int_equal(again.count, 1);
	buf_free(&text);
	arena_free(&arena);
}

static void
what_is_not_as_timetier_wrote_it_is_refused_whole(void **state UNUSED)
{
	static const char *const texts[] = {
		"x",
		ZEROS " 0644 root root",
		ZEROS " 0644 root root etc/a",
		ZEROS " 0999 root root /etc/a",
		ZEROS " 17777 root root /etc/a",
		ZEROS "0 0644 root root /etc/a",
		ZEROS " 0644  root /etc/a",
		ZEROS " 0644 root root /a\n" ZEROS " 0644 root root /a\n",
	};
	struct manifest manifest = { .count = 77 };
	struct arena arena = { 0 };
	struct error err;

	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(
		    manifest_read(&arena, texts[i], strlen(texts[i]), &manifest, &err), -1);
		assert_non_null(strstr(err.text, MANIFEST_PATH ":"));
		assert_int_equal(manifest.count, 77);
	}
	arena_free(&arena);
}

/* --- a host that has @have at CONFIG, where timetier put @put and the site wants @want --- */

struct bed {
	struct facts facts;
	struct file_entry want;
	struct file_set set;
	struct plan_input input;
	struct arena arena;
	struct host_plan plan;
	struct buf remembered;
};

static void
add_fact(struct bed *bed, const char *path, const char *content)
{
	bed->facts.files[bed->facts.file_count++] = (struct fact_file){ .path = path,
		.state = content ? FACT_FILE_REGULAR : FACT_FILE_ABSENT,
		.content = content ? content : "",
		.len = content ? strlen(content) : 0,
		.mode = 0644,
		.owner = "root",
		.group = "root" };
}

static void
plan(struct bed *bed, const char *put, const char *have, const char *want)
{
	struct manifest manifest = { .count = 0 };
	struct file_entry entry = config;
	struct error err;

	*bed = (struct bed){ .facts = { .systemd = true, .complete = true }, .want = config };
	if (put) {
		entry.content = put;
		entry.len = strlen(put);
		manifest_enter(&manifest, &entry);
		manifest_write(&manifest, &bed->remembered);
	}
	add_fact(bed, CONFIG, have);
	add_fact(bed, MANIFEST_PATH, put ? bed->remembered.data : NULL);
	bed->facts.units[bed->facts.unit_count++] = (struct fact_unit){
		.name = "chrony.service", .loaded = true, .active = true, .enabled = true
	};
	bed->want.content = want;
	bed->want.len = strlen(want);
	bed->want.action = FILE_ACTION_RESTART;
	bed->set = (struct file_set){ &bed->want, 1 };
	bed->input = (struct plan_input){
		.facts = &bed->facts, .driver = daemon_find("chrony"), .files = &bed->set
	};
	assert_int_equal(plan_host(&bed->input, &bed->arena, &bed->plan, &err), 0);
}

static void
end(struct bed *bed)
{
	buf_free(&bed->remembered);
	arena_free(&bed->arena);
}

static void
a_change_is_of_the_site_of_a_hand_or_of_both(void **state UNUSED)
{
	static const struct {
		const char *put, *have, *want;
		enum change_origin origin;
		const char *how, *reason;
	} cases[] = {
		{ NULL, "a\n", "b\n", ORIGIN_UNKNOWN, NULL, CONFIG " changes: restart" },
		{ "a\n", "a\n", "b\n", ORIGIN_SITE, NULL, CONFIG " changes: restart" },
		{ "a\n", "x\n", "a\n", ORIGIN_HAND, "was changed",
		    CONFIG " was changed by hand: restart" },
		{ "a\n", NULL, "a\n", ORIGIN_HAND, "is missing: somebody removed it",
		    CONFIG " was removed by hand: restart" },
		{ "a\n", "x\n", "b\n", ORIGIN_BOTH, "was changed", CONFIG " changes: restart" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bed bed;

		plan(&bed, cases[i].put, cases[i].have, cases[i].want);
		assert_int_equal(bed.plan.change_count, 1);
		assert_int_equal(bed.plan.changes[0].origin, cases[i].origin);
		assert_string_equal(bed.plan.reasons[0], cases[i].reason);
		assert_int_equal(bed.plan.hand_count, cases[i].how != NULL);
		if (cases[i].how) {
			assert_string_equal(bed.plan.hand[0].what, CONFIG);
			assert_string_equal(bed.plan.hand[0].how, cases[i].how);
			assert_ptr_equal(bed.plan.hand[0].change, &bed.plan.changes[0]);
		}
		end(&bed);
	}
}

static void
what_was_changed_by_hand_to_what_the_site_wants_is_no_change(void **state UNUSED)
{
	struct bed bed;

	plan(&bed, "a\n", "b\n", "b\n");
	assert_true(plan_is_empty(&bed.plan));
	assert_int_equal(bed.plan.hand_count, 0);
	assert_null(bed.plan.manifest.path);
	end(&bed);
}

static void
a_change_takes_what_the_host_is_to_remember_with_it(void **state UNUSED)
{
	struct manifest manifest;
	struct error err;
	struct bed bed;

	plan(&bed, "a\n", "a\n", "b\n");
	assert_string_equal(bed.plan.manifest.path, MANIFEST_PATH);
	assert_int_equal(bed.plan.manifest.mode, 0600);
	assert_int_equal(manifest_read(&bed.arena, bed.plan.manifest.content, bed.plan.manifest.len,
			     &manifest, &err),
	    0);
	assert_int_equal(manifest.count, 1);
	assert_string_equal(manifest.list[0].sha256,
	    "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f");
	end(&bed);
}

static void
a_daemon_that_somebody_stopped_is_not_as_timetier_left_it(void **state UNUSED)
{
	struct error err;
	struct bed bed;

	plan(&bed, "a\n", "a\n", "a\n");
	assert_int_equal(bed.plan.hand_count, 0);
	bed.facts.units[0].active = bed.facts.units[0].enabled = false;
	assert_int_equal(plan_host(&bed.input, &bed.arena, &bed.plan, &err), 0);
	assert_int_equal(bed.plan.hand_count, 2);
	assert_string_equal(bed.plan.hand[0].what, "chrony.service");
	assert_string_equal(bed.plan.hand[0].how, "does not run");
	assert_string_equal(bed.plan.hand[1].how, "does not start at boot");
	end(&bed);
}

static void
a_broken_memory_is_told_and_nothing_is_guessed(void **state UNUSED)
{
	struct error err;
	struct bed bed;

	plan(&bed, "a\n", "x\n", "a\n");
	bed.facts.files[1].content = "rubbish";
	bed.facts.files[1].len = 7;
	assert_int_equal(plan_host(&bed.input, &bed.arena, &bed.plan, &err), 0);
	assert_false(bed.plan.listed);
	assert_int_equal(bed.plan.changes[0].origin, ORIGIN_UNKNOWN);
	assert_string_equal(bed.plan.notes[0],
	    MANIFEST_PATH ":1 is not as timetier wrote it: changes by hand cannot be told from "
			  "changes of the site");
	assert_string_equal(bed.plan.manifest.path, MANIFEST_PATH);
	end(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_again_by_path),
		cmocka_unit_test(what_is_not_as_timetier_wrote_it_is_refused_whole),
		cmocka_unit_test(a_change_is_of_the_site_of_a_hand_or_of_both),
		cmocka_unit_test(what_was_changed_by_hand_to_what_the_site_wants_is_no_change),
		cmocka_unit_test(a_change_takes_what_the_host_is_to_remember_with_it),
		cmocka_unit_test(a_daemon_that_somebody_stopped_is_not_as_timetier_left_it),
		cmocka_unit_test(a_broken_memory_is_told_and_nothing_is_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
