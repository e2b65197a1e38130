/*
 * When a change is kept, and when it is put back.  Long, because each reason for either is a case.
 */
#include "orchestrator/rollout/health/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct report
report_of(int64_t offset_ns)
{
	return (struct report){ .boot_id = "b",
		.boot_ns = 100 * NS_PER_S,
		.real_ns = 1000 * NS_PER_S,
		.answered = true,
		.status = { .stratum = 2,
		    .selected = "192.0.2.1",
		    .offset_ns = offset_ns,
		    .update_interval_ns = 64 * NS_PER_S } };
}

static struct gate
new_gate(const struct report *before)
{
	return (struct gate){ .budget = { 5 * NS_PER_MS, 50 * NS_PER_MS },
		.confirm_within_ns = 60 * NS_PER_S,
		.unit = "chrony.service",
		.before = before,
		.asks_time = true };
}

static void
good_time_is_kept_at_once(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(2 * NS_PER_MS);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	now.boot_ns += 5 * NS_PER_S;
	now.real_ns += 5 * NS_PER_S;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	assert_string_equal(words, "");
}

static void
a_daemon_that_takes_the_median_is_kept_when_it_has_measured_most_servers(void **state UNUSED)
{
	struct report now = report_of(0);
	struct gate gate = new_gate(NULL);
	char words[GATE_WORDS_BYTES];

	now.status =
	    (struct daemon_status){ .leap = LEAP_UNSYNC, .stratum = 16, .source_count = 3 };
	for (size_t i = 0; i < 3; i++) {
		now.status.sources[i] = (struct source_status){ .state = SOURCE_REJECTED };
	}
	gate.by_median = true;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "0 of its 3 servers are measured so far");
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
	now.status.sources[0].state = now.status.sources[2].state = SOURCE_COMBINED;
	now.status.sources[0].reach = now.status.sources[2].reach = 1;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	/* others name whom they follow */
	gate.by_median = false;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
}

static void
a_wide_error_bound_is_not_waited_for(void **state UNUSED)
{
	struct report now = report_of(0);
	struct gate gate = new_gate(NULL);
	char words[GATE_WORDS_BYTES];

	now.status.root_dispersion_ns = NS_PER_S;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	assert_string_equal(words, "");
	/* of a daemon that has just begun it is told how long it may last */
	now.proof = (struct proof){ .state = PROOF_WATCHING,
		.started_boot_ns = now.boot_ns - 10 * NS_PER_S };
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	assert_string_equal(words,
	    "settling: the daemon started 10.0 s ago; its error bound, 1.00 s, is still beyond "
	    "50.0 ms, which may last for 590 s more");
}

static void
a_stepped_clock_is_put_back_however_good_it_is(void **state UNUSED)
{
	struct report before = report_of(NS_PER_S), now = report_of(0);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	now.boot_ns += 5 * NS_PER_S;
	now.real_ns += 6 * NS_PER_S;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_BACK);
	assert_string_equal(words, "the clock was stepped by 1.00 s");
}

static void
a_step_is_more_than_what_two_readings_differ_by(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	now.real_ns += 900 * NS_PER_US;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	assert_int_equal(gate.stepped_ns, 0);
	now.real_ns += 200 * NS_PER_US;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_BACK);
	gate.may_step = true;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	assert_int_equal(gate.stepped_ns, 1100 * NS_PER_US);
	gate.may_step = false;
	snprintf(now.boot_id, sizeof(now.boot_id), "another"); /* its time since boot began anew */
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	assert_int_equal(gate.stepped_ns, 0);
}

static void
a_leap_second_is_no_step(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	before.real_ns = INT64_C(1483228800) * NS_PER_S - 20 * NS_PER_S; /* 2017-01-01 */
	before.status.leap = LEAP_INSERT;
	now.boot_ns = before.boot_ns + 40 * NS_PER_S;
	now.real_ns = before.real_ns + 39 * NS_PER_S;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	assert_int_equal(gate.stepped_ns, 0);
	before.real_ns -= 600 * NS_PER_S; /* the same second, at no end of a month */
	now.real_ns -= 600 * NS_PER_S;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_BACK);
	assert_int_equal(gate.stepped_ns, -NS_PER_S);
}

static void
a_second_that_nobody_announced_is_a_step(void **state UNUSED)
{
	const struct {
		enum leap told;
		bool answered, insert, leap;
	} cases[] = {
		{ LEAP_INSERT, true, true, true },
		{ LEAP_DELETE, true, false, true },
		{ LEAP_UNSYNC, true, true, true }, /* it could not know */
		{ LEAP_NONE, false, false, true },
		{ LEAP_NONE, true, true, false },
		{ LEAP_NONE, true, false, false },
		{ LEAP_INSERT, true, false, false },
		{ LEAP_DELETE, true, true, false },
	};
	char words[GATE_WORDS_BYTES];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct report before = report_of(0), now = report_of(0);
		struct gate gate = new_gate(&before);

		before.answered = cases[i].answered;
		before.status.leap = cases[i].told;
		before.real_ns = INT64_C(1483228800) * NS_PER_S - 20 * NS_PER_S;
		now.boot_ns = before.boot_ns + 40 * NS_PER_S;
		now.real_ns = before.real_ns + (cases[i].insert ? 39 : 41) * NS_PER_S;
		assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words),
		    cases[i].leap ? GATE_KEEP : GATE_BACK);
	}
}

static void
after_a_leap_second_the_change_is_judged_all_the_same(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(-NS_PER_S);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	before.status.leap = LEAP_INSERT;
	before.real_ns = INT64_C(1483228800) * NS_PER_S - 20 * NS_PER_S;
	now.boot_ns = before.boot_ns + 40 * NS_PER_S;
	now.real_ns = before.real_ns + 39 * NS_PER_S;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
	assert_non_null(strstr(words, "over budget: the offset, -1.00 s"));
}

static void
time_that_stays_bad_is_put_back_when_its_time_is_over(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(300 * NS_PER_MS);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	assert_int_equal(gate_judge(&gate, "active", &now, 59 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
	assert_non_null(strstr(words, "over budget: the offset, 300 ms, is beyond 5.00 ms"));
}

static void
an_offset_that_was_bad_before_and_shrinks_is_kept(void **state UNUSED)
{
	struct report before = report_of(400 * NS_PER_MS), now = report_of(300 * NS_PER_MS);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	assert_int_equal(gate_judge(&gate, "active", &now, 2 * NS_PER_S, words), GATE_AGAIN);
	now.status.offset_ns -= NS_PER_MS;
	assert_int_equal(gate_judge(&gate, "active", &now, 5 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &now, 13 * NS_PER_S, words), GATE_KEEP);
	assert_non_null(strstr(words, "over budget"));
}

static void
an_offset_that_was_bad_before_and_grows_is_put_back(void **state UNUSED)
{
	struct report before = report_of(400 * NS_PER_MS), now = report_of(300 * NS_PER_MS);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	assert_int_equal(gate_judge(&gate, "active", &now, 2 * NS_PER_S, words), GATE_AGAIN);
	now.status.offset_ns += NS_PER_MS;
	assert_int_equal(gate_judge(&gate, "active", &now, 13 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
}

static void
a_daemon_that_follows_nobody_or_is_silent_is_waited_for_and_then_put_back(void **state UNUSED)
{
	struct report now = report_of(0);
	struct gate gate = new_gate(NULL);
	char words[GATE_WORDS_BYTES];

	now.status.stratum = 16;
	assert_int_equal(gate_judge(&gate, "active", &now, 30 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
	now = report_of(0);
	now.answered = false; /* what else it says is nothing then */
	assert_int_equal(gate_judge(&gate, "active", &now, 30 * NS_PER_S, words), GATE_AGAIN);
	assert_non_null(strstr(words, "the daemon does not answer"));
	assert_int_equal(gate_judge(&gate, "active", NULL, 61 * NS_PER_S, words), GATE_BACK);
	assert_string_equal(words, "the agent on the host gives no report");
}

static void
a_daemon_that_has_ended_is_put_back_at_once(void **state UNUSED)
{
	struct gate gate = new_gate(NULL);
	char words[GATE_WORDS_BYTES];

	assert_int_equal(gate_judge(&gate, "activating", NULL, 0, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "failed", NULL, 0, words), GATE_BACK);
	assert_string_equal(words, "chrony.service is failed");
}

/* @count sources from 192.0.2.@first on, all in @state. */
static void
add_sources(struct report *report, int first, size_t count, enum source_state state)
{
	for (size_t i = 0; i < count; i++) {
		struct source_status *source =
		    &report->status.sources[report->status.source_count++];

		snprintf(source->address, sizeof(source->address), "192.0.2.%d", first + (int)i);
		source->state = state;
		source->stratum = 1;
	}
}

static void
new_sources_that_could_outvote_those_it_follows_are_waited_for(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	add_sources(&before, 1, 5, SOURCE_COMBINED);
	add_sources(&now, 1, 2, SOURCE_COMBINED);
	add_sources(&now, 11, 3, SOURCE_REJECTED);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "3 of its 3 new sources cannot be used yet");
	now.status.sources[2].state = SOURCE_SILENT;
	now.status.sources[3].state = SOURCE_FALSETICKER;
	assert_int_equal(gate_judge(&gate, "active", &now, 59 * NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "2 of its 3 new sources cannot be used yet");
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
	now.status.sources[3].state = SOURCE_OUTLIER;
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_KEEP);
}

static void
one_new_source_among_those_of_before_is_not_waited_for(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	add_sources(&before, 1, 5, SOURCE_COMBINED);
	add_sources(&now, 1, 4, SOURCE_COMBINED);
	add_sources(&now, 11, 1, SOURCE_SILENT);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
}

static void
with_new_sources_it_must_follow_one_even_if_it_followed_none_before(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	before.status.selected[0] = now.status.selected[0] = '\0';
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	add_sources(&now, 11, 5, SOURCE_OUTLIER);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "it follows none of its sources yet");
}

static void
of_a_daemon_that_did_not_answer_before_no_source_counts_as_new(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	char words[GATE_WORDS_BYTES];

	add_sources(&now, 1, 1, SOURCE_SELECTED);
	add_sources(&now, 2, 2, SOURCE_SILENT);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	before.answered = false;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
}

/* Server a: its siblings are 192.0.2.12 and 192.0.2.13; 192.0.2.14 is of a tier below. */
static void
be_server(struct gate *gate, struct topology *topology)
{
	static const char site[] = "site: s\nupstreams:\n"
				   "  - {name: up1, address: 192.0.2.1}\n"
				   "tiers:\n  - name: core\n    upstreams: all\n    servers:\n"
				   "      - {name: a, address: 192.0.2.11}\n"
				   "      - {name: b, address: 192.0.2.12}\n"
				   "      - {name: c, address: 192.0.2.13}\n"
				   "  - name: edge\n    upstreams: core\n    servers:\n"
				   "      - {name: d, address: 192.0.2.14}\n"
				   "serve: [192.0.2.0/24]\n";
	struct diags diags = { 0 };

	(void)!topology_load_text(topology, "site.yaml", site, sizeof(site) - 1, &diags);
	diags_free(&diags);
	gate->topology = topology;
	gate->host = topology_host(topology, "a");
	assert_non_null(gate->host);
}

static void
a_new_server_of_its_own_tier_is_not_waited_for(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	struct topology topology;
	char words[GATE_WORDS_BYTES];

	be_server(&gate, &topology);
	add_sources(&before, 1, 1, SOURCE_SELECTED);
	add_sources(&now, 1, 1, SOURCE_SELECTED);
	add_sources(&now, 12, 2, SOURCE_SILENT);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	add_sources(&now, 14, 1, SOURCE_SILENT);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	topology_free(&topology);
}

static void
new_sources_that_are_all_called_false_are_not_followed(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	struct topology topology;
	char words[GATE_WORDS_BYTES];

	be_server(&gate, &topology);
	add_sources(&before, 1, 5, SOURCE_COMBINED);
	add_sources(&now, 12, 2, SOURCE_OUTLIER);
	add_sources(&now, 101, 5, SOURCE_FALSETICKER);
	/* it still names one of those before */
	assert_true(now.status.selected[0] != '\0');
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "it follows none of its sources yet");
	now.status.sources[3].state = SOURCE_SELECTED;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	topology_free(&topology);
}

static void
siblings_that_it_follows_do_not_outvote_new_sources(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	struct topology topology;
	char words[GATE_WORDS_BYTES];

	be_server(&gate, &topology);
	add_sources(&now, 12, 2, SOURCE_COMBINED);
	add_sources(&now, 101, 2, SOURCE_SELECTED);
	add_sources(&now, 103, 2, SOURCE_REJECTED);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "2 of its 4 new sources cannot be used yet");
	/* one more of those outside decides */
	now.status.sources[4].state = SOURCE_COMBINED;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	topology_free(&topology);
}

static void
a_sibling_that_it_heard_before_is_waited_for_and_not_for_ever(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	struct topology topology;
	char words[GATE_WORDS_BYTES];

	be_server(&gate, &topology);
	add_sources(&before, 1, 1, SOURCE_SELECTED);
	add_sources(&before, 12, 1, SOURCE_REJECTED);
	add_sources(&now, 1, 1, SOURCE_SELECTED);
	add_sources(&now, 12, 1, SOURCE_SILENT);
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	before.status.sources[0].reach = before.status.sources[1].reach = 0xff;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(words, "it does not hear 192.0.2.12 yet");
	assert_int_equal(gate_judge(&gate, "active", &now, 21 * NS_PER_S, words), GATE_KEEP);
	assert_int_equal(gate_judge(&gate, "active", &now, 16 * NS_PER_S, words), GATE_AGAIN);
	gate.confirm_within_ns = 30 * NS_PER_S; /* half of it at most */
	assert_int_equal(gate_judge(&gate, "active", &now, 16 * NS_PER_S, words), GATE_KEEP);
	now.status.sources[1].reach = 1;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	topology_free(&topology);
}

static void
other_sources_do_not_hide_that_a_change_took_a_hardware_clock(void **state UNUSED)
{
	static const char yaml[] =
	    "site: s\n"
	    "upstreams: [{name: u, address: 192.0.2.1}]\n"
	    "tiers: [{name: t, upstreams: all, servers: [{name: time1, address: 192.0.2.11,\n"
	    "  refclocks: [{name: GPS, type: shm}]}]}]\n";
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	struct diags diags = { 0 };
	struct topology topology;
	char words[GATE_WORDS_BYTES];

	assert_int_equal(topology_load_text(&topology, "s.yaml", yaml, strlen(yaml), &diags), 0);
	gate.host = &topology.hosts[0];
	gate.topology = &topology;
	for (struct report *report = &before; report; report = report == &before ? &now : NULL) {
		add_sources(report, 1, 1, SOURCE_SELECTED);
		add_sources(report, 2, 1, SOURCE_COMBINED);
		snprintf(report->status.sources[1].address, SOURCE_NAME_BYTES, "GPS");
		report->status.sources[0].reach = report->status.sources[1].reach = 0xff;
	}
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	/* chronyd remembers over its restart that it reached the clock */
	now.status.sources[1].age_ns = 3 * NS_PER_S;
	assert_int_equal(gate_judge(&gate, "active", &now, 2 * NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", &now, 4 * NS_PER_S, words), GATE_KEEP);
	now.proof = (struct proof){ .state = PROOF_WATCHING, .started_boot_ns = NS_PER_S };
	assert_int_equal(gate_judge(&gate, "active", &now, 2 * NS_PER_S, words), GATE_KEEP);
	now.proof = (struct proof){ .started_boot_ns = 0 };
	now.status.sources[1].age_ns = 0;
	now.status.sources[1].reach = 0;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_string_equal(
	    words, "clock lost: its hardware clock GPS gave time before the change");
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
	/* a clock that is only measured is never judged, and not waited for */
	now.status.sources[1].reach = 0xff;
	add_sources(&now, 3, 1, SOURCE_REJECTED);
	snprintf(now.status.sources[2].address, SOURCE_NAME_BYTES, "RAW");
	now.status.sources[2].noselect = true;
	now.status.sources[2].reach = 0xff;
	now.status.sources[0].state = SOURCE_REJECTED;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	now.status.sources[2].noselect = false;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	now.status.source_count = 2;
	now.status.sources[0].state = SOURCE_SELECTED;
	now.status.sources[1].reach = 0;
	/* a clock that gave no time before is no reason to go back */
	before.status.sources[1].reach = 0;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	topology_free(&topology);
	diags_free(&diags);
}

static void
siblings_do_not_hide_that_a_change_took_the_sources(void **state UNUSED)
{
	struct report before = report_of(0), now = report_of(0);
	struct gate gate = new_gate(&before);
	struct topology topology;
	char words[GATE_WORDS_BYTES];

	be_server(&gate, &topology);
	add_sources(&before, 1, 1, SOURCE_SELECTED);
	add_sources(&before, 12, 1, SOURCE_REJECTED);
	add_sources(&now, 1, 1, SOURCE_SILENT);
	add_sources(&now, 12, 1, SOURCE_SELECTED);
	before.status.sources[0].reach = before.status.sources[1].reach = 0xff;
	now.status.sources[1].reach = 1;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_AGAIN);
	assert_non_null(strstr(words, "follows siblings only: it follows 192.0.2.12"));
	assert_int_equal(gate_judge(&gate, "active", &now, 61 * NS_PER_S, words), GATE_BACK);
	/* a source outside has a say again */
	now.status.sources[0].state = SOURCE_COMBINED;
	now.status.sources[0].reach = 1;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	/* before the change it was so, too */
	now.status.sources[0].state = before.status.sources[0].state = SOURCE_SILENT;
	before.status.sources[1].state = SOURCE_SELECTED;
	assert_int_equal(gate_judge(&gate, "active", &now, NS_PER_S, words), GATE_KEEP);
	topology_free(&topology);
}

static void
without_an_agent_a_daemon_that_runs_on_is_kept(void **state UNUSED)
{
	struct gate gate = new_gate(NULL);
	char words[GATE_WORDS_BYTES];

	gate.asks_time = false;
	assert_int_equal(gate_judge(&gate, "active", NULL, NS_PER_S, words), GATE_AGAIN);
	assert_int_equal(gate_judge(&gate, "active", NULL, 6 * NS_PER_S, words), GATE_KEEP);
	assert_int_equal(gate_judge(&gate, "", NULL, 0, words), GATE_KEEP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_time_is_kept_at_once),
		cmocka_unit_test(
		    a_daemon_that_takes_the_median_is_kept_when_it_has_measured_most_servers),
		cmocka_unit_test(a_wide_error_bound_is_not_waited_for),
		cmocka_unit_test(a_stepped_clock_is_put_back_however_good_it_is),
		cmocka_unit_test(a_step_is_more_than_what_two_readings_differ_by),
		cmocka_unit_test(a_leap_second_is_no_step),
		cmocka_unit_test(a_second_that_nobody_announced_is_a_step),
		cmocka_unit_test(after_a_leap_second_the_change_is_judged_all_the_same),
		cmocka_unit_test(time_that_stays_bad_is_put_back_when_its_time_is_over),
		cmocka_unit_test(an_offset_that_was_bad_before_and_shrinks_is_kept),
		cmocka_unit_test(an_offset_that_was_bad_before_and_grows_is_put_back),
		cmocka_unit_test(
		    a_daemon_that_follows_nobody_or_is_silent_is_waited_for_and_then_put_back),
		cmocka_unit_test(a_daemon_that_has_ended_is_put_back_at_once),
		cmocka_unit_test(new_sources_that_could_outvote_those_it_follows_are_waited_for),
		cmocka_unit_test(one_new_source_among_those_of_before_is_not_waited_for),
		cmocka_unit_test(
		    with_new_sources_it_must_follow_one_even_if_it_followed_none_before),
		cmocka_unit_test(of_a_daemon_that_did_not_answer_before_no_source_counts_as_new),
		cmocka_unit_test(a_new_server_of_its_own_tier_is_not_waited_for),
		cmocka_unit_test(new_sources_that_are_all_called_false_are_not_followed),
		cmocka_unit_test(siblings_that_it_follows_do_not_outvote_new_sources),
		cmocka_unit_test(a_sibling_that_it_heard_before_is_waited_for_and_not_for_ever),
		cmocka_unit_test(other_sources_do_not_hide_that_a_change_took_a_hardware_clock),
		cmocka_unit_test(siblings_do_not_hide_that_a_change_took_the_sources),
		cmocka_unit_test(without_an_agent_a_daemon_that_runs_on_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
