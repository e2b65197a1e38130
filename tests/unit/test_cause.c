#include "agent/witness/cause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define STEP_AT (1000 * S) /* CLOCK_BOOTTIME of every step here */

/* A host whose chronyd has run since 100 s and follows 192.0.2.1. */
struct scene {
	struct cause_look before, after;
	struct cause_facts facts;
	struct ledger_entry entry;
};

static void
add_source(struct cause_look *look, const char *address, int64_t offset_ns, int64_t age_ns)
{
	struct source_status *source = &look->status.sources[look->status.source_count++];

	snprintf(source->address, sizeof(source->address), "%s", address);
	source->offset_ns = offset_ns;
	source->age_ns = age_ns;
	source->state = SOURCE_COMBINED;
}

static void
follow(struct cause_look *look, const char *address)
{
	snprintf(look->status.selected, sizeof(look->status.selected), "%s", address);
	look->status.stratum = 2;
	look->status.leap = LEAP_NONE;
	for (size_t i = 0; i < look->status.source_count; i++) {
		if (strcmp(look->status.sources[i].address, address) == 0) {
			look->status.sources[i].state = SOURCE_SELECTED;
		}
	}
}

static void
begin(struct scene *scene, int64_t amount_ns)
{
	*scene = (struct scene){
		.before = { .known = true, .boot_ns = STEP_AT - 8 * S,
		    .status = { .stratum = 16, .leap = LEAP_UNSYNC } },
		.after = { .known = true, .boot_ns = STEP_AT + 1 * S,
		    .status = { .stratum = 16, .leap = LEAP_UNSYNC } },
		.facts = {
			.step = { .amount_ns = amount_ns,
			    .at = { .boot_ns = STEP_AT, .real_ns = INT64_C(1795325613) * S },
			    .unwatched_ns = S },
			.program = "chronyd",
			.ran = true,
			.started_boot_ns = 100 * S,
			.latest_boot_ns = STEP_AT,
		},
	};
	scene->facts.before = &scene->before;
	scene->facts.followed = scene->before.status.selected;
	scene->facts.after = &scene->after;
}

static void
judged(struct scene *scene, enum step_cause cause, const char *words)
{
	bool settled = cause_find(&scene->facts, &scene->entry);

	if (scene->entry.cause != cause || !strstr(scene->entry.words, words)) {
		fail_msg("%s, \"%s\"; expected %s, \"%s\"", step_cause_name(scene->entry.cause),
		    scene->entry.words, step_cause_name(cause), words);
	}
	assert_true(settled == scene->entry.settled);
}

static void
what_the_sources_said_before_a_first_sync_is_a_start_up(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 5 * S);
	scene.facts.started_boot_ns = STEP_AT - 6 * S;
	add_source(&scene.before, "192.0.2.1", 5 * S + 3 * NS_PER_MS, S);
	scene.before.boot_ns = STEP_AT - 2 * S;
	judged(&scene, CAUSE_START_UP, "chronyd, 6.00 s after its start: so said 192.0.2.1");
	assert_true(scene.entry.settled);
}

static void
the_offset_before_a_restart_explains_the_step_after_it(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, -90 * S);
	scene.facts.started_boot_ns = STEP_AT - 8 * S;
	scene.before.boot_ns = STEP_AT - 20 * S;
	add_source(&scene.before, "192.0.2.1", -90 * S, S);
	follow(&scene.before, "192.0.2.1");
	judged(&scene, CAUSE_START_UP, "chronyd");
}

static void
a_start_up_that_nobody_saw_coming_shows_afterwards(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 5 * S);
	scene.facts.started_boot_ns = STEP_AT - 6 * S;
	scene.before.known = false;
	judged(&scene, CAUSE_UNKNOWN, "not known yet");
	assert_false(scene.entry.settled);
	scene.after.boot_ns = STEP_AT + 4 * S;
	add_source(&scene.after, "192.0.2.1", NS_PER_MS, 2 * S);
	judged(&scene, CAUSE_UNKNOWN, "not known yet"); /* none is followed yet */
	follow(&scene.after, "192.0.2.1");
	judged(&scene, CAUSE_START_UP, "so said 192.0.2.1");
}

static void
the_followed_source_makes_it_the_daemons_own(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 5 * S);
	add_source(&scene.before, "192.0.2.2", 5 * S, 10 * S);
	add_source(&scene.before, "192.0.2.1", 5 * S, 10 * S);
	follow(&scene.before, "192.0.2.1");
	judged(&scene, CAUSE_DAEMON, "by 192.0.2.1");
}

static void
another_source_than_the_followed_is_a_change_of_source(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, -3 * S);
	add_source(&scene.before, "192.0.2.1", 0, 10 * S);
	add_source(&scene.before, "192.0.2.9", -3 * S, 10 * S);
	follow(&scene.before, "192.0.2.1");
	judged(&scene, CAUSE_SOURCE, "turned from 192.0.2.1 to 192.0.2.9");

	begin(&scene, -3 * S);
	add_source(&scene.before, "192.0.2.1", 0, 10 * S);
	follow(&scene.before, "192.0.2.1");
	scene.after.boot_ns = STEP_AT + 20 * S;
	add_source(&scene.after, "192.0.2.9", NS_PER_MS, 10 * S);
	follow(&scene.after, "192.0.2.9");
	judged(&scene, CAUSE_SOURCE, "turned from 192.0.2.1 to 192.0.2.9");
}

static void
sources_that_ask_for_the_way_back_show_a_hand(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 7 * S);
	add_source(&scene.before, "192.0.2.1", -NS_PER_MS, 10 * S);
	follow(&scene.before, "192.0.2.1");
	add_source(&scene.after, "192.0.2.1", -NS_PER_MS, 11 * S); /* measured before the step */
	follow(&scene.after, "192.0.2.1");
	judged(&scene, CAUSE_UNKNOWN, "not known yet");
	scene.after.boot_ns = STEP_AT + 30 * S;
	scene.after.status.sources[0].age_ns = 10 * S;
	scene.after.status.sources[0].offset_ns = -6 * S; /* it slews back already */
	judged(&scene, CAUSE_BY_HAND, "1 of 1 sources of chronyd want the step back");
}

static void
what_came_later_is_taken_out_of_what_is_seen_afterwards(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 7 * S);
	add_source(&scene.before, "192.0.2.1", -NS_PER_MS, 10 * S);
	follow(&scene.before, "192.0.2.1");
	scene.facts.later_ns = -7 * S; /* the daemon brought it back at once */
	scene.facts.latest_boot_ns = STEP_AT + 2 * S;
	scene.after.boot_ns = STEP_AT + 30 * S;
	add_source(&scene.after, "192.0.2.1", NS_PER_MS, 10 * S);
	follow(&scene.after, "192.0.2.1");
	judged(&scene, CAUSE_BY_HAND, "want the step back");
}

static void
a_wrong_source_that_is_followed_alone_is_a_start_up_whatever_others_say(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, -50 * S);
	scene.before.known = false;
	scene.facts.started_boot_ns = STEP_AT - 8 * S;
	scene.after.boot_ns = STEP_AT + 20 * S;
	add_source(&scene.after, "192.0.2.9", NS_PER_MS, 10 * S);
	add_source(&scene.after, "192.0.2.1", 50 * S, 10 * S);
	add_source(&scene.after, "192.0.2.2", 50 * S, 10 * S);
	follow(&scene.after, "192.0.2.9");
	judged(&scene, CAUSE_START_UP, "so said 192.0.2.9");
	scene.after.status.sources[0].state = SOURCE_COMBINED;
	judged(&scene, CAUSE_UNKNOWN, "2 of 3 sources of chronyd want the step back, which was");
}

static void
a_daemon_that_never_steps_did_not(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 5 * S);
	scene.facts.policy_known = scene.facts.never_steps = true;
	add_source(&scene.before, "192.0.2.1", 5 * S, 10 * S);
	follow(&scene.before, "192.0.2.1");
	judged(&scene, CAUSE_BY_HAND, "chronyd ran, and never steps");
}

static void
without_a_daemon_it_was_somebody_else(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 5 * S);
	scene.facts.ran = false;
	scene.facts.rival = "systemd-timesyncd";
	judged(&scene, CAUSE_BY_HAND, "no time daemon ran; systemd-timesyncd is active");
}

static void
first_set_is_known_by_its_stamp(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 300 * S);
	scene.facts.ran = false;
	scene.facts.first_set = true;
	scene.facts.first_set_ns = 300 * S - NS_PER_MS;
	scene.facts.first_set_boot_ns = STEP_AT - NS_PER_MS;
	judged(&scene, CAUSE_FIRST_SET, "once in this boot");
	scene.facts.first_set_boot_ns += 3600 * S; /* another step, of the same size */
	judged(&scene, CAUSE_BY_HAND, "");
}

static void
a_sleep_or_a_long_standstill_is_a_pause(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 2 * S);
	scene.facts.step.slept_ns = 3600 * S;
	judged(&scene, CAUSE_PAUSED, "slept for 3600 s");
	scene.facts.step.slept_ns = 0;
	scene.facts.step.unwatched_ns = 90 * S;
	judged(&scene, CAUSE_PAUSED, "nothing ran on the machine for 90.0 s");
}

/* Four sources that saw the clock right 60 s before the step, and @offset_ns ahead after it. */
static void
begin_pause(struct scene *scene, struct cause_look *right, int64_t amount_ns, int64_t offset_ns)
{
	static const char *const addresses[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3",
		"192.0.2.4" };

	begin(scene, amount_ns);
	*right = (struct cause_look){ .known = true,
		.boot_ns = STEP_AT - 60 * S,
		.rtc_ns = INT64_MAX,
		.status = { .leap = LEAP_NONE } };
	scene->before.rtc_ns = scene->after.rtc_ns = INT64_MAX;
	scene->after.boot_ns = STEP_AT + 60 * S;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		add_source(right, addresses[i], NS_PER_MS, S);
		add_source(&scene->before, addresses[i], NS_PER_MS, S);
		add_source(&scene->after, addresses[i], offset_ns, 10 * S);
	}
	follow(right, "192.0.2.1");
	follow(&scene->before, "192.0.2.1");
	follow(&scene->after, "192.0.2.1");
	scene->facts.right = right;
}

static void
a_step_that_makes_good_for_a_pause_blames_nobody(void **state UNUSED)
{
	struct cause_look right;
	struct scene scene;

	/* the daemon's own step, or that of the hypervisor's guest agent */
	begin_pause(&scene, &right, 3600 * S, 2 * NS_PER_MS);
	judged(&scene, CAUSE_PAUSED, "stood still for 3600 s: all 4 sources were ahead");

	begin_pause(&scene, &right, 3600 * S, 2 * NS_PER_MS);
	scene.facts.policy_known = scene.facts.never_steps = true;
	judged(&scene, CAUSE_PAUSED, "stood still for 3600 s");

	/* one source and the hardware clock */
	begin_pause(&scene, &right, 90 * S, 0);
	scene.after.status.source_count = 1;
	right.rtc_ns = 400 * NS_PER_MS;
	scene.after.rtc_ns = -300 * NS_PER_MS;
	judged(&scene, CAUSE_PAUSED, "all 1 sources and its hardware clock");

	/* the look before the step has the sources ahead already: the daemon set the clock by them
	 */
	begin_pause(&scene, &right, 3600 * S, 0);
	for (size_t i = 0; i < scene.before.status.source_count; i++) {
		scene.before.status.sources[i].offset_ns = 3600 * S;
		scene.after.status.sources[i].age_ns = 100 * S;
	}
	scene.before.status.offset_ns = 3600 * S;
	judged(&scene, CAUSE_PAUSED, "stood still for 3600 s");
}

static void
a_step_to_a_wrong_time_is_no_pause(void **state UNUSED)
{
	struct cause_look right;
	struct scene scene;

	/* back: no pause does that */
	begin_pause(&scene, &right, -3600 * S, 0);
	judged(&scene, CAUSE_DAEMON, "");

	/* the hardware clock was right, and is not any more */
	begin_pause(&scene, &right, 3600 * S, 0);
	right.rtc_ns = 0;
	scene.after.rtc_ns = -3600 * S;
	judged(&scene, CAUSE_DAEMON, "");

	/* one source of four jumped, and the daemon went with it */
	begin_pause(&scene, &right, 3600 * S, -3600 * S);
	scene.after.status.sources[0].offset_ns = 0;
	judged(&scene, CAUSE_DAEMON, "");

	/* two sources without a hardware clock are no proof */
	begin_pause(&scene, &right, 3600 * S, 0);
	scene.after.status.source_count = 2;
	judged(&scene, CAUSE_DAEMON, "");

	/* set by hand: the sources want the step back */
	begin_pause(&scene, &right, 3600 * S, -3600 * S);
	judged(&scene, CAUSE_BY_HAND, "4 of 4 sources");

	/* sources that nobody had seen before */
	begin_pause(&scene, &right, 3600 * S, 0);
	right.status.source_count = 0;
	judged(&scene, CAUSE_DAEMON, "");

	/* the clock was not right before */
	begin_pause(&scene, &right, 3600 * S, 0);
	scene.facts.right = NULL;
	judged(&scene, CAUSE_DAEMON, "");

	/* nobody watched */
	begin_pause(&scene, &right, 3600 * S, 0);
	scene.facts.away = true;
	scene.before.known = false;
	judged(&scene, CAUSE_DAEMON, "");
}

static void
a_pause_shows_in_the_hardware_clock_alone(void **state UNUSED)
{
	struct cause_look right, now;
	char words[PAUSE_WORDS_BYTES] = "old";
	struct scene scene;

	begin_pause(&scene, &right, 0, 0);
	now = right;
	now.boot_ns += 60 * S;
	right.rtc_ns = -12 * S; /* it was wrong before, too */
	now.rtc_ns = 3588 * S;
	assert_int_equal(pause_find(&right, &now, 0, 0, words), 3600 * S);
	assert_string_equal(words, "the machine stood still for 3600 s, by its hardware clock");
	now.rtc_ns = -11 * S;
	assert_int_equal(pause_find(&right, &now, 0, 0, words), 0);
	now.rtc_ns = INT64_MAX;
	assert_int_equal(pause_find(&right, &now, 0, 0, words), 0);
	assert_int_equal(pause_find(NULL, &now, 0, 0, words), 0);
	right.status.offset_ns = 200 * NS_PER_MS;
	assert_false(pause_is_right(&right));
}

static void
a_leap_second_is_nobodys_fault(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, -S);
	scene.facts.step.leap = true;
	judged(&scene, CAUSE_LEAP, "UTC");
}

static void
what_nothing_explains_is_settled_as_unknown_in_the_end(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 5 * S);
	add_source(&scene.before, "192.0.2.1", 0, S);
	follow(&scene.before, "192.0.2.1");
	scene.facts.last = true;
	judged(&scene, CAUSE_UNKNOWN, "nothing that was seen explains it");
	assert_true(scene.entry.settled);
	scene.facts.away = true;
	judged(&scene, CAUSE_UNKNOWN, "while the agent did not run");
}

static void
an_offset_of_the_other_sign_or_size_explains_nothing(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, 5 * S);
	add_source(&scene.before, "192.0.2.1", -5 * S, S);
	add_source(&scene.before, "192.0.2.2", 9 * S, S);
	follow(&scene.before, "192.0.2.1");
	judged(&scene, CAUSE_UNKNOWN, "not known yet");
	begin(&scene, 5 * NS_PER_MS); /* within the tolerance of nothing */
	add_source(&scene.before, "192.0.2.1", 0, S);
	follow(&scene.before, "192.0.2.1");
	judged(&scene, CAUSE_UNKNOWN, "not known yet");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_sources_said_before_a_first_sync_is_a_start_up),
		cmocka_unit_test(the_offset_before_a_restart_explains_the_step_after_it),
		cmocka_unit_test(a_start_up_that_nobody_saw_coming_shows_afterwards),
		cmocka_unit_test(the_followed_source_makes_it_the_daemons_own),
		cmocka_unit_test(another_source_than_the_followed_is_a_change_of_source),
		cmocka_unit_test(sources_that_ask_for_the_way_back_show_a_hand),
		cmocka_unit_test(what_came_later_is_taken_out_of_what_is_seen_afterwards),
		cmocka_unit_test(
		    a_wrong_source_that_is_followed_alone_is_a_start_up_whatever_others_say),
		cmocka_unit_test(a_daemon_that_never_steps_did_not),
		cmocka_unit_test(without_a_daemon_it_was_somebody_else),
		cmocka_unit_test(first_set_is_known_by_its_stamp),
		cmocka_unit_test(a_sleep_or_a_long_standstill_is_a_pause),
		cmocka_unit_test(a_step_that_makes_good_for_a_pause_blames_nobody),
		cmocka_unit_test(a_step_to_a_wrong_time_is_no_pause),
		cmocka_unit_test(a_pause_shows_in_the_hardware_clock_alone),
		cmocka_unit_test(a_leap_second_is_nobodys_fault),
		cmocka_unit_test(what_nothing_explains_is_settled_as_unknown_in_the_end),
		cmocka_unit_test(an_offset_of_the_other_sign_or_size_explains_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
