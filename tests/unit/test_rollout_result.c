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
	assert_string_equal(rollout_result_name(rollout_result(hosts, HOSTS)), "stopped");
	assert_int_equal(rollout_result_status(RESULT_STOPPED), 1);
	assert_int_equal(rollout_result_status(RESULT_DONE), 0);
	for (size_t i = 0; i < COUNT(worst); i++) {
		hosts[i + 1].outcome = worst[i].outcome;
		assert_string_equal(
		    rollout_result_name(rollout_result(hosts, HOSTS)), worst[i].name);
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
		cmocka_unit_test(the_whole_is_as_its_worst_host),
		cmocka_unit_test(many_hosts_are_not_all_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
