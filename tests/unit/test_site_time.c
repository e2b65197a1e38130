/* Whose time is right: that of a host's new sources, or that of the rest of the site? */
#include "orchestrator/rollout/health/site_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/rollout/health/gate.h"

#define MS NS_PER_MS

static const char site[] =
    "site: x\nupstreams:\n  - {name: u1, address: 192.0.2.101}\n"
    "  - {name: u2, address: 192.0.2.102}\n  - {name: u3, address: 192.0.2.103}\n"
    "tiers:\n  - name: core\n    upstreams: all\n    budget: {offset: 5ms, error_bound: 50ms}\n"
    "    servers:\n"
    "      - {name: t1, address: 192.0.2.1}\n      - {name: t2, address: 192.0.2.2}\n"
    "      - {name: t3, address: [192.0.2.3, \"2001:db8::3\"]}\n"
    "clients:\n  - {name: c, from: core, hosts: c1}\n";

/* t1 after a change; before it, it followed u1 and was good. */
struct bed {
	struct topology topology;
	struct report before, now;
	struct site_time_case input;
	char words[SITE_TIME_WORDS_BYTES];
};

static void
set_status(struct report *report, const char *selected, int64_t offset_ns)
{
	*report = (struct report){ .boot_id = "b",
		.boot_ns = 100 * NS_PER_S,
		.real_ns = 1000 * NS_PER_S,
		.answered = true,
		.status = { .stratum = 2,
		    .offset_ns = offset_ns,
		    .update_interval_ns = 64 * NS_PER_S,
		    .source_count = 1,
		    .sources = { { .state = SOURCE_SELECTED,
			.reach = 1,
			.stratum = 1,
			.poll_log2 = 6,
			.offset_ns = offset_ns,
			.delay_ns = MS,
			.error_ns = MS } } } };
	snprintf(report->status.selected, SOURCE_NAME_BYTES, "%s", selected);
	snprintf(report->status.sources[0].address, SOURCE_NAME_BYTES, "%s", selected);
}

static void
begin(struct bed *bed, const char *host, int64_t offset_ns)
{
	struct diags diags = { 0 };

	memset(bed, 0, sizeof(*bed));
	if (topology_load_text(&bed->topology, "site.yaml", site, strlen(site), &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	set_status(&bed->before, "192.0.2.101", 0);
	set_status(&bed->now, "192.0.2.201", offset_ns);
	bed->input = (struct site_time_case){ .topology = &bed->topology,
		.host = topology_host(&bed->topology, host),
		.before = &bed->before,
		.now = &bed->now,
		.elapsed_ns = 2 * NS_PER_S };
}

static struct source_status *
add_source(struct bed *bed, const char *address, int64_t offset_ns)
{
	struct daemon_status *status = &bed->now.status;
	struct source_status *source = &status->sources[status->source_count++];

	*source = status->sources[0];
	source->state = SOURCE_REJECTED;
	source->stratum = 2;
	source->offset_ns = offset_ns;
	snprintf(source->address, SOURCE_NAME_BYTES, "%s", address);
	return source;
}

static void
expect(struct bed *bed, enum site_time want)
{
	enum site_time got = site_time_judge(&bed->input, bed->words);

	if (got != want) {
		fail_msg("judged %d, wanted %d: %s", got, want, bed->words);
	}
	if (want != SITE_TIME_DISAGREES) {
		assert_string_equal(bed->words, "");
	}
}

static void
finish(struct bed *bed)
{
	topology_free(&bed->topology);
}

static void
sources_that_are_300_ms_off_are_outvoted_at_once(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	add_source(&bed, "192.0.2.2", MS);
	add_source(&bed, "2001:db8::3", -MS);
	expect(&bed, SITE_TIME_DISAGREES);
	assert_string_equal(bed.words,
	    "wrong time: 192.0.2.201, which it follows, is 299 ms ahead of t2, 301 ms ahead of t3, "
	    "300 ms ahead of its sources of before");
	finish(&bed);
}

static void
good_sources_agree(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", MS);
	expect(&bed, SITE_TIME_AGREES);
	add_source(&bed, "192.0.2.2", -MS);
	add_source(&bed, "192.0.2.3", 2 * MS);
	expect(&bed, SITE_TIME_AGREES);
	finish(&bed);
}

static void
one_wrong_server_of_the_site_puts_nothing_back(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", MS);
	add_source(&bed, "192.0.2.2", 300 * MS);
	expect(&bed, SITE_TIME_OPEN);
	add_source(&bed, "192.0.2.3", 0);
	expect(&bed, SITE_TIME_AGREES);
	finish(&bed);
}

static void
a_host_that_was_wrong_alone_is_corrected(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	add_source(&bed, "192.0.2.2", 299 * MS);
	add_source(&bed, "192.0.2.3", 301 * MS);
	expect(&bed, SITE_TIME_CORRECTS);
	finish(&bed);
	begin(&bed, "t1", -300 * MS);
	add_source(&bed, "192.0.2.2", -299 * MS);
	add_source(&bed, "192.0.2.3", -301 * MS);
	expect(&bed, SITE_TIME_CORRECTS);
	finish(&bed);
}

static void
an_offset_that_is_not_known_so_well_is_not_wrong(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", 8 * MS);
	bed.now.status.sources[0].error_ns = 5 * MS;
	add_source(&bed, "192.0.2.2", 8 * MS)->error_ns = MS;
	expect(&bed, SITE_TIME_AGREES); /* and not: it is corrected */
	finish(&bed);
	begin(&bed, "t1", 300 * MS);
	bed.now.status.sources[0].error_ns = 400 * MS;
	expect(&bed, SITE_TIME_AGREES);
	finish(&bed);
}

static void
without_siblings_the_sources_of_before_have_the_word(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", -300 * MS);
	expect(&bed, SITE_TIME_DISAGREES);
	assert_string_equal(bed.words,
	    "wrong time: 192.0.2.201, which it follows, is 300 ms behind its sources of before");
	bed.before.status.stratum = 16; /* they had none */
	expect(&bed, SITE_TIME_OPEN);
	bed.input.before = NULL;
	expect(&bed, SITE_TIME_OPEN);
	bed.input.before = &bed.before;
	bed.before.status.stratum = 2;
	bed.before.answered = false; /* it was down */
	expect(&bed, SITE_TIME_OPEN);
	finish(&bed);
}

/* A daemon that was started a moment before the change follows nobody yet, and knows the time. */
static void
sources_that_were_measured_and_not_followed_have_the_word_too(void **state UNUSED)
{
	struct daemon_status *before;
	struct site_clock clock;
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	before = &bed.before.status;
	before->leap = LEAP_UNSYNC;
	before->stratum = 16;
	before->selected[0] = '\0';
	before->sources[0].state = SOURCE_REJECTED;
	before->sources[0].filter_ns = before->sources[0].error_ns = 900 * MS;
	before->sources[0].error_ns += MS;
	expect(&bed, SITE_TIME_OPEN); /* one alone */
	before->sources[1] = before->sources[2] = before->sources[0];
	before->sources[1].offset_ns = MS;
	before->source_count = 3;
	expect(&bed, SITE_TIME_DISAGREES);
	before->sources[1].offset_ns = 400 * MS;
	before->sources[2].offset_ns = -400 * MS;
	expect(&bed, SITE_TIME_OPEN); /* no majority */
	assert_false(site_time_before(&bed.before, 5 * MS, &clock));
	before->sources[1].offset_ns = 0;
	before->sources[2].offset_ns = 300 * MS;
	before->sources[3] = before->sources[4] = before->sources[2];
	before->sources[2].reach = before->sources[3].reach = before->sources[4].reach = 0;
	before->source_count = 5;
	expect(&bed, SITE_TIME_DISAGREES); /* those that did not answer are not of it */
	finish(&bed);
}

static void
a_clock_that_was_off_before_is_no_excuse_for_another_time(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	set_status(&bed.before, "192.0.2.101", -80 * MS);
	expect(&bed, SITE_TIME_DISAGREES);
	set_status(&bed.before, "192.0.2.101", 300 * MS);
	expect(&bed, SITE_TIME_CORRECTS); /* a large offset that is being slewed */
	finish(&bed);
	begin(&bed, "t1", MS);
	set_status(&bed.before, "192.0.2.101", 300 * MS);
	expect(&bed, SITE_TIME_OPEN); /* it was the sources of before that were off */
	finish(&bed);
	/* a server's clock is never moved fast, nor is one that was good */
	begin(&bed, "t1", 300 * MS);
	bed.input.elapsed_ns = 6 * NS_PER_S;
	set_status(&bed.before, "192.0.2.101", -80 * MS);
	expect(&bed, SITE_TIME_DISAGREES);
	finish(&bed);
	begin(&bed, "c1", 300 * MS);
	bed.input.elapsed_ns = 6 * NS_PER_S;
	expect(&bed, SITE_TIME_DISAGREES);
	finish(&bed);
	/* a client's chronyd slews so fast that nothing can be said after some seconds */
	begin(&bed, "c1", 300 * MS);
	set_status(&bed.before, "192.0.2.101", -80 * MS);
	snprintf(bed.before.daemon, sizeof(bed.before.daemon), "ntpsec");
	expect(&bed, SITE_TIME_DISAGREES);
	snprintf(bed.before.daemon, sizeof(bed.before.daemon), "chrony");
	expect(&bed, SITE_TIME_DISAGREES);
	bed.input.elapsed_ns = 6 * NS_PER_S;
	expect(&bed, SITE_TIME_OPEN);
	snprintf(bed.before.daemon, sizeof(bed.before.daemon), "ntpsec");
	expect(&bed, SITE_TIME_DISAGREES);
	finish(&bed);
}

static void
who_cannot_tell_abstains(void **state UNUSED)
{
	struct bed bed;
	struct source_status *one, *other;

	begin(&bed, "t1", 300 * MS);
	one = add_source(&bed, "192.0.2.2", 0);
	other = add_source(&bed, "192.0.2.3", 0);
	one->error_ns = other->error_ns = 400 * MS;
	expect(&bed, SITE_TIME_DISAGREES); /* the sources of before are known well */
	bed.before.status.sources[0].error_ns = 400 * MS;
	expect(&bed, SITE_TIME_OPEN);
	/* a daemon that has just begun relies on nothing, and yet its siblings are measured */
	one->filter_ns = other->filter_ns = 399 * MS;
	expect(&bed, SITE_TIME_DISAGREES);
	finish(&bed);
}

static void
siblings_that_do_not_answer_or_follow_nobody_have_no_vote(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", MS);
	add_source(&bed, "192.0.2.2", 300 * MS)->stratum = 16;
	add_source(&bed, "192.0.2.3", 300 * MS)->auth = AUTH_BAD;
	add_source(&bed, "192.0.2.1", 300 * MS); /* itself */
	expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].stratum = 0;
	expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].stratum = 2;
	bed.now.status.sources[1].age_ns = -1;
	expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].age_ns = 0;
	bed.now.status.sources[1].reach = 0;
	expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[0].reach = 0; /* of before the restart, as it were */
	expect(&bed, SITE_TIME_OPEN);
	bed.now.status.sources[0].reach = 1;
	bed.now.status.sources[0].state = SOURCE_REJECTED;
	expect(&bed, SITE_TIME_OPEN);
	finish(&bed);
}

static void
what_the_orchestrator_heard_counts_and_each_server_once(void **state UNUSED)
{
	const struct site_clock heard[] = { { "t2", 0, MS }, { "t3", 0, 400 * MS } };
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	bed.input.before = NULL;
	bed.input.heard = heard;
	bed.input.heard_count = COUNT(heard);
	expect(&bed, SITE_TIME_DISAGREES);
	add_source(&bed, "192.0.2.3", 300 * MS);
	expect(&bed, SITE_TIME_OPEN);
	finish(&bed);
}

static void
of_two_measurements_of_a_server_the_better_one_counts(void **state UNUSED)
{
	const struct site_clock heard[] = { { "t3", 0, MS } };
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	bed.input.before = NULL;
	add_source(&bed, "192.0.2.2", 300 * MS);
	add_source(&bed, "192.0.2.3", 300 * MS)->error_ns = 400 * MS;
	expect(&bed, SITE_TIME_CORRECTS);
	bed.input.heard = heard;
	bed.input.heard_count = COUNT(heard);
	expect(&bed, SITE_TIME_OPEN);
	finish(&bed);
}

static void
the_servers_of_a_client_speak_for_the_site(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "c1", 300 * MS);
	expect(&bed, SITE_TIME_DISAGREES);
	set_status(&bed.now, "192.0.2.1", 300 * MS);
	expect(&bed, SITE_TIME_OPEN); /* one server against what was before */
	add_source(&bed, "192.0.2.2", 301 * MS);
	expect(&bed, SITE_TIME_CORRECTS);
	finish(&bed);
}

static void
a_clock_that_moves_between_two_measurements_is_allowed_for(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", 0);
	bed.before.status.stratum = 16;
	bed.input.elapsed_ns = 60 * NS_PER_S;
	add_source(&bed, "192.0.2.2", 30 * MS)->age_ns = 50 * NS_PER_S;
	expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].age_ns = NS_PER_S;
	expect(&bed, SITE_TIME_DISAGREES);
	finish(&bed);
}

/* What was measured before the change was measured by a clock that only drifted since. */
static void
an_old_measurement_is_worth_less(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", 0);
	bed.input.before = NULL;
	add_source(&bed, "192.0.2.2", 34 * MS)->age_ns = 2000 * NS_PER_S;
	expect(&bed, SITE_TIME_AGREES);
	bed.now.status.sources[1].age_ns = 200 * NS_PER_S;
	expect(&bed, SITE_TIME_DISAGREES);
	finish(&bed);
}

/* The same, as the gate has it. */
static void
the_gate_puts_a_wrong_time_back_at_once_unless_it_was_told_to_believe_it(void **state UNUSED)
{
	char words[GATE_WORDS_BYTES];
	struct gate gate;
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	bed.now.boot_ns += 2 * NS_PER_S;
	bed.now.real_ns += 2 * NS_PER_S;
	gate = (struct gate){ .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * NS_PER_S,
		.unit = "chrony.service",
		.before = &bed.before,
		.asks_time = true,
		.topology = &bed.topology,
		.host = bed.input.host };
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_BACK);
	assert_true(gate.wrong_time);
	assert_memory_equal(words, "wrong time: ", 12);
	gate.trusts = true;
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 13 * NS_PER_S, words), GATE_KEEP);
	assert_non_null(strstr(words, "believed nevertheless"));
	finish(&bed);
}

static void
the_gate_keeps_what_corrects_a_wrong_host_though_it_was_good_by_itself(void **state UNUSED)
{
	char words[GATE_WORDS_BYTES];
	struct gate gate;
	struct bed bed;

	begin(&bed, "t1", 300 * MS);
	add_source(&bed, "192.0.2.2", 299 * MS);
	add_source(&bed, "192.0.2.3", 301 * MS);
	gate = (struct gate){ .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * NS_PER_S,
		.unit = "chrony.service",
		.before = &bed.before,
		.asks_time = true,
		.topology = &bed.topology,
		.host = bed.input.host };
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 13 * NS_PER_S, words), GATE_KEEP);
	finish(&bed);
}

static void
the_gate_waits_for_a_daemon_that_is_between_two_sources(void **state UNUSED)
{
	char words[GATE_WORDS_BYTES];
	struct gate gate;
	struct bed bed;

	begin(&bed, "t1", 0);
	set_status(&bed.now, "192.0.2.101", 0);
	bed.now.status.selected[0] = '\0';
	bed.now.status.sources[0].state = SOURCE_REJECTED;
	gate = (struct gate){ .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * NS_PER_S,
		.unit = "chrony.service",
		.before = &bed.before,
		.asks_time = true };
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "it follows none of its sources yet");
	bed.before.status.selected[0] = '\0'; /* nor did it before: an orphan */
	assert_int_equal(gate_judge(&gate, "active", &bed.now, 2 * NS_PER_S, words), GATE_KEEP);
	finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_that_are_300_ms_off_are_outvoted_at_once),
		cmocka_unit_test(good_sources_agree),
		cmocka_unit_test(one_wrong_server_of_the_site_puts_nothing_back),
		cmocka_unit_test(a_host_that_was_wrong_alone_is_corrected),
		cmocka_unit_test(an_offset_that_is_not_known_so_well_is_not_wrong),
		cmocka_unit_test(without_siblings_the_sources_of_before_have_the_word),
		cmocka_unit_test(sources_that_were_measured_and_not_followed_have_the_word_too),
		cmocka_unit_test(a_clock_that_was_off_before_is_no_excuse_for_another_time),
		cmocka_unit_test(who_cannot_tell_abstains),
		cmocka_unit_test(siblings_that_do_not_answer_or_follow_nobody_have_no_vote),
		cmocka_unit_test(what_the_orchestrator_heard_counts_and_each_server_once),
		cmocka_unit_test(of_two_measurements_of_a_server_the_better_one_counts),
		cmocka_unit_test(an_old_measurement_is_worth_less),
		cmocka_unit_test(the_servers_of_a_client_speak_for_the_site),
		cmocka_unit_test(a_clock_that_moves_between_two_measurements_is_allowed_for),
		cmocka_unit_test(
		    the_gate_puts_a_wrong_time_back_at_once_unless_it_was_told_to_believe_it),
		cmocka_unit_test(
		    the_gate_keeps_what_corrects_a_wrong_host_though_it_was_good_by_itself),
		cmocka_unit_test(the_gate_waits_for_a_daemon_that_is_between_two_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
