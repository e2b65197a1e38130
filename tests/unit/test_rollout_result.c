/* The last line of a rollout. */
#include "orchestrator/show/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HOSTS 9

static struct host names[HOSTS];
static struct rollout_host hosts[HOSTS];

/* So many of each outcome, in order, until there are all. */
static void
begin(void)
{
	static const char *const texts[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };

	memset(hosts, 0, sizeof(hosts));
	for (size_t i = 0; i < HOSTS; i++) {
		names[i].name = texts[i];
		hosts[i].host = &names[i];
		hosts[i].outcome = HOST_DONE;
	}
}

static void
expect(size_t count, const char *want)
{
	char words[ROLLOUT_RESULT_BYTES];

	assert_string_equal(rollout_result_words(hosts, count, words), want);
}

static void
success_begins_with_done(void **state UNUSED)
{
	begin();
	hosts[2].outcome = HOST_UNCHANGED;
	expect(1, "done: 1 of 1 host changed");
	expect(3, "done: 2 of 3 hosts changed, 1 had nothing to do");
}

static void
a_rollback_is_named_before_all_else(void **state UNUSED)
{
	begin();
	hosts[0].outcome = HOST_FAILED;
	hosts[1].outcome = HOST_PUT_BACK;
	hosts[2].outcome = HOST_CHANGES;
	hosts[2].skipped = true;
	assert_int_equal(rollout_result(hosts, 3), RESULT_ROLLED_BACK);
	expect(3,
	    "rolled back: b was put back as it was; a failed and is as it was; 0 of 3 hosts "
	    "changed, 1 not begun");
}

static void
a_rollback_that_fails_says_what_hosts_keep(void **state UNUSED)
{
	begin();
	for (size_t i = 0; i < HOSTS; i++) {
		hosts[i].takes_back = true;
	}
	expect(2, "done: 2 of 2 hosts changed");
	hosts[0].outcome = HOST_FAILED;
	hosts[1].outcome = HOST_PUT_BACK;
	assert_string_equal(host_outcome_words(&hosts[1]), "keeps what it had");
	expect(3,
	    "not rolled back: b keeps what it had; a failed and keeps what it had; 1 of 3 hosts "
	    "changed");
	hosts[2].outcome = HOST_PUT_BACK;
	hosts[3].outcome = HOST_LOST;
	hosts[4].outcome = HOST_REFUSED;
	expect(5,
	    "not rolled back: b, c keep what they had; e was refused and keeps what it had; d lost "
	    "its connection during the rollback, and goes back by itself to what it had; a failed "
	    "and keeps what it had; 0 of 5 hosts changed");
	hosts[5].outcome = HOST_STUCK;
	assert_string_equal(rollout_result_name(hosts, HOSTS), "neither rolled back nor as before");
	for (enum host_outcome outcome = HOST_OPEN; outcome <= HOST_AWAY; outcome++) {
		const char *words = outcome_row(outcome)->back_of_one;

		assert_true(!words || !strstr(words, "put back"));
	}
}

static void
a_host_that_was_not_reached_is_named_and_no_failure(void **state UNUSED)
{
	begin();
	hosts[1].outcome = HOST_AWAY;
	assert_int_equal(rollout_result(hosts, 3), RESULT_DONE);
	assert_false(host_outcome_failed(HOST_AWAY));
	expect(3, "done: b was not reached and is left out; 2 of 3 hosts changed");
}

static void
the_whole_is_as_its_worst_host(void **state UNUSED)
{
	static const struct {
		enum host_outcome outcome;
		const char *name;
		int status; /* of the program: doc/timetier.1 */
	} worst[] = { { HOST_LOST, "failed", 1 }, { HOST_REFUSED, "refused", 4 },
		{ HOST_UNWELL, "not well", 3 }, { HOST_PUT_BACK, "rolled back", 3 },
		{ HOST_STUCK, "not put back", 1 } };

	begin();
	hosts[0].skipped = true;
	hosts[0].outcome = HOST_CHANGES;
	assert_string_equal(rollout_result_name(hosts, HOSTS), "stopped");
	assert_int_equal(rollout_result_status(RESULT_STOPPED), 1);
	assert_int_equal(rollout_result_status(RESULT_DONE), 0);
	for (size_t i = 0; i < COUNT(worst); i++) {
		hosts[i + 1].outcome = worst[i].outcome;
		assert_string_equal(rollout_result_name(hosts, HOSTS), worst[i].name);
		assert_int_equal(
		    rollout_result_status(rollout_result(hosts, HOSTS)), worst[i].status);
	}
}

static void
many_hosts_are_not_all_named(void **state UNUSED)
{
	begin();
	for (size_t i = 0; i < HOSTS; i++) {
		hosts[i].outcome = HOST_PUT_BACK;
	}
	expect(2, "rolled back: a, b were put back as they were; 0 of 2 hosts changed");
	expect(HOSTS,
	    "rolled back: a, b, c, d, e and 4 more were put back as they were; 0 of 9 hosts "
	    "changed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_begins_with_done),
		cmocka_unit_test(a_rollback_is_named_before_all_else),
		cmocka_unit_test(a_rollback_that_fails_says_what_hosts_keep),
		cmocka_unit_test(a_host_that_was_not_reached_is_named_and_no_failure),
		cmocka_unit_test(the_whole_is_as_its_worst_host),
		cmocka_unit_test(many_hosts_are_not_all_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
