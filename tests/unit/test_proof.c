#include "agent/witness/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define START (1000 * S)

static struct proof_facts
after(int64_t ns)
{
	return (struct proof_facts){
		.program = "ntpd",
		.started_ns = START,
		.window_ns = PROOF_WINDOW_NS,
		.watched_since_ns = 10 * S,
		.now_ns = START + ns,
		.now_real_ns = INT64_C(1795323663) * S + ns, /* 2026-11-22T05:01:03Z and on */
		.boot_id = "here",
	};
}

static void
found(const struct proof_facts *facts, const struct ledger_entry *entries, size_t count,
    enum proof_state state, const char *words)
{
	struct proof proof;

	proof_find(facts, entries, count, &proof);
	if (proof.state != state || !strstr(proof.words, words)) {
		fail_msg("%s, \"%s\"; expected %s, \"%s\"", proof_state_name(proof.state),
		    proof.words, proof_state_name(state), words);
	}
}

static void
it_is_proved_when_the_window_is_over_and_not_before(void **state UNUSED)
{
	struct proof_facts facts = after(40 * S);

	found(&facts, NULL, 0, PROOF_WATCHING,
	    "no step in 40 s since ntpd started at 05:01:03 UTC; proved at 05:16:03 UTC");
	facts = after(PROOF_WINDOW_NS - 1);
	found(&facts, NULL, 0, PROOF_WATCHING, "no step in 14 min");
	facts = after(PROOF_WINDOW_NS);
	facts.moved_ns = 12 * NS_PER_MS;
	found(&facts, NULL, 0, PROOF_PROVED,
	    "no step in 15 min after ntpd started at 05:01:03 UTC: proved; the clock was moved by "
	    "12.0 ms in all");
}

static void
steps_of_this_boot_within_the_window_count_and_no_others(void **state UNUSED)
{
	const struct ledger_entry entries[] = {
		{ .boot_id = "here", .boot_ns = START + 950 * S, .amount_ns = 7 * S }, /* later */
		{ .boot_id = "here", .boot_ns = START + 316 * S, .amount_ns = 50 * S },
		{ .boot_id = "here",
		    .boot_ns = START + 100 * S,
		    .amount_ns = -S,
		    .cause = CAUSE_LEAP },
		{ .boot_id = "here", .boot_ns = START + 8 * S, .amount_ns = -51 * S },
		{ .boot_id = "there", .boot_ns = START + 9 * S, .amount_ns = 99 * S },
		{ .boot_id = "here", .boot_ns = START - S, .amount_ns = 3 * S }, /* earlier */
	};
	struct proof_facts facts = after(1000 * S);
	struct proof proof;

	found(&facts, entries, COUNT(entries), PROOF_STEPPED,
	    "STEPPED by -1.00 s in 2 steps, 8 s after ntpd started");
	proof_find(&facts, entries, COUNT(entries), &proof);
	assert_int_equal(proof.steps, 2);
	assert_int_equal(proof.stepped_ns, -S);
	found(&facts, entries, 1, PROOF_PROVED, "proved");
}

static void
a_start_before_the_watch_is_never_proved(void **state UNUSED)
{
	struct proof_facts facts = after(2000 * S);

	facts.watched_since_ns = START + 4 * S;
	found(&facts, NULL, 0, PROOF_BLIND,
	    "ntpd started at 05:01:03 UTC, 4 s before the agent began to watch; no step since");
}

static void
a_gap_in_the_watch_and_an_end_are_said(void **state UNUSED)
{
	struct proof_facts facts = after(1000 * S);

	facts.unwatched_ns = 5 * S;
	facts.ended = true;
	found(&facts, NULL, 0, PROOF_PROVED,
	    "; the agent did not run for 5 s of it, and the clock made no net step then; it ended");
}

static void
without_a_start_there_is_nothing_to_prove(void **state UNUSED)
{
	struct proof_facts facts = after(0);

	facts.program = "";
	found(&facts, NULL, 0, PROOF_NONE, "no start of a time daemon was seen");
	facts.unseen = true;
	found(&facts, NULL, 0, PROOF_NONE, "not to be seen");
}

static void
a_leap_second_is_said_and_is_no_step(void **state UNUSED)
{
	struct ledger_entry entry = {
		.boot_id = "here", .boot_ns = START + 100 * S, .amount_ns = -S, .cause = CAUSE_LEAP
	};
	struct proof_facts facts = after(1000 * S);

	facts.moved_ns = -S;
	found(&facts, &entry, 1, PROOF_PROVED,
	    "the clock was moved by -1.00 s in all; a leap second came, which is no step");
	facts = after(200 * S);
	found(&facts, &entry, 1, PROOF_WATCHING, "; a leap second came, which is no step");
	entry.boot_ns = START - 100 * S;
	found(&facts, &entry, 1, PROOF_WATCHING, "proved at 05:16:03 UTC");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_proved_when_the_window_is_over_and_not_before),
		cmocka_unit_test(steps_of_this_boot_within_the_window_count_and_no_others),
		cmocka_unit_test(a_leap_second_is_said_and_is_no_step),
		cmocka_unit_test(a_start_before_the_watch_is_never_proved),
		cmocka_unit_test(a_gap_in_the_watch_and_an_end_are_said),
		cmocka_unit_test(without_a_start_there_is_nothing_to_prove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
