/* A change carried out on a folder that stands for a host, with a fault at every step in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake_bed.h"
#include "tests/fake_sshd.h"

/* The host must be whole, and the outcome must be true. */
static void
assert_true_outcome(const struct bed *bed)
{
	switch (bed->result->outcome) {
	case HOST_DONE:
		bed_assert_state(bed, "new");
		break;
	case HOST_FAILED:
	case HOST_PUT_BACK:
	case HOST_LOST:
		assert_non_null(bed->result->where);
		bed_assert_state(bed, "old");
		break;
	case HOST_OPEN:
	case HOST_UNCHANGED:
	case HOST_CHANGES:
	case HOST_STUCK:
	case HOST_REFUSED:
	case HOST_UNWELL:
		fail_msg("outcome %s: %s", host_outcome_name(bed->result->outcome),
		    bed->result->err.text);
	}
}

/* Every place takes a minute; so each run takes some, from a random one on, unless told else. */
static unsigned
stride(void)
{
	const char *told = getenv("TORTURE_STRIDE");

	return told ? (unsigned)strtoul(told, NULL, 10) : 12;
}

static unsigned
first_place(const char *what)
{
	const char *told = getenv("SEED");
	unsigned seed = told ? (unsigned)strtoul(told, NULL, 10) : (unsigned)getpid();

	print_message("%s at every %u-th place, SEED=%u\n", what, stride(), seed);
	return 1 + seed % stride();
}

/* One run whose link breaks at the n-th event; false when it ended before that. */
static bool
run_with_broken_link(unsigned n, enum fake_fault fault)
{
	struct bed bed;
	bool broke;

	bed_begin(&bed);
	bed.fake.fault = fault;
	bed.fake.fault_at = n;
	rollout_plan(bed.rollout);
	if (bed.result->outcome == HOST_CHANGES) {
		rollout_apply(bed.rollout);
	}
	fake_transport_wait(&bed.fake);
	broke = bed.fake.happened >= n;
	/* the word that confirms may have got through before the link broke */
	if (bed.result->outcome != HOST_LOST || strcmp(bed_state(&bed), "new") != 0) {
		assert_true_outcome(&bed);
	}
	bed_finish(&bed);
	return broke;
}

static void
whenever_the_link_breaks_the_host_has_its_old_or_its_new_files(void **state UNUSED)
{
	unsigned n = first_place("the link breaks");

	while (run_with_broken_link(n, FAKE_CUT)) {
		n += stride();
	}
	/* how many events there are depends on how the answers are cut: at least one was broken */
	assert_true(n > stride());
}

/* One run in which the n-th command fails or crashes the host; false when there were fewer. */
static bool
run_with_tripwire(unsigned n, bool crash)
{
	struct bed bed;
	bool tripped;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	fake_host_trip(&bed.host, n, crash);
	rollout_apply(bed.rollout);
	fake_transport_wait(&bed.fake);
	tripped = fake_host_trip(&bed.host, 0, false) >= n;
	if (tripped && crash) {
		const char *after;

		fake_host_boot(&bed.host);
		after = bed_state(&bed);
		if (strcmp(after, "old") != 0 && strcmp(after, "new") != 0) {
			fail_msg("crash at command %u: the host is %s", n, after);
		}
		assert_int_not_equal(
		    fake_sshd_shell("cd %s/var/lib/timetier/change && [ -e armed -o -e undoing ]",
			bed.host.top),
		    0);
	} else if (bed.result->outcome == HOST_DONE) {
		/* cleaning up may have failed: that is no fault of the change */
		assert_string_equal(bed_state(&bed), "new");
	} else {
		assert_true_outcome(&bed);
	}
	bed_finish(&bed);
	return tripped;
}

static void
whichever_command_fails_on_the_host_it_has_its_old_or_its_new_files(void **state UNUSED)
{
	unsigned n = first_place("a command fails");

	while (run_with_tripwire(n, false)) {
		n += stride();
	}
	assert_true(n + stride() > 30); /* there were that many events */
}

static void
at_whichever_command_a_host_crashes_it_boots_with_its_old_or_its_new_files(void **state UNUSED)
{
	unsigned n = first_place("the host crashes");

	while (run_with_tripwire(n, true)) {
		n += stride();
	}
	assert_true(n + stride() > 30); /* there were that many events */
}

/* Of a script killed at its very end: a lock that nobody holds, a folder without a mark. */
static void
forget_traces(const struct bed *bed)
{
	fake_sshd_shell("cd %s && if [ -d run/timetier.lock ]; then "
			"flock -n run/timetier.lock rm -rf run/timetier.lock; fi; "
			"cd var/lib/timetier && [ -e change/armed -o -e change/undoing -o -e "
			"change/kept ] || rm -rf change",
	    bed->host.top);
}

/* One run whose script and all its children are killed at the n-th command: the host goes on. */
static bool
run_killed(unsigned n)
{
	struct bed bed;
	bool tripped, armed;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	fake_host_trip(&bed.host, n, true);
	rollout_apply(bed.rollout);
	fake_transport_wait(&bed.fake);
	tripped = fake_host_trip(&bed.host, 0, false) >= n;
	armed = fake_sshd_shell("[ -e %s/var/lib/timetier/change/armed ]", bed.host.top) == 0;
	assert_true(fake_host_guard(&bed.host));
	if (armed) {
		bed_assert_outcome(&bed, HOST_LOST);
		bed_assert_told(&bed, "outcome back\nby guard\nholder a test\n");
		bed_assert_state(&bed, "old");
	} else if (bed.result->outcome != HOST_DONE || tripped) {
		const char *after = bed_state(&bed);

		if (strcmp(after, "old") != 0 && strcmp(after, "new") != 0) {
			fail_msg("killed at command %u: the host is %s", n, after);
		}
	}
	/* whatever was left lying about, the next one is not disturbed by it */
	bed_begin_again(&bed);
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	forget_traces(&bed);
	bed_assert_state(&bed, "new");
	bed_finish(&bed);
	return tripped;
}

static void
at_whichever_command_the_script_is_killed_the_guard_puts_back(void **state UNUSED)
{
	unsigned n = first_place("the script is killed");

	while (run_killed(n)) {
		n += stride();
	}
	assert_true(n + stride() > 30); /* there were that many events */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whenever_the_link_breaks_the_host_has_its_old_or_its_new_files),
		cmocka_unit_test(
		    whichever_command_fails_on_the_host_it_has_its_old_or_its_new_files),
		cmocka_unit_test(
		    at_whichever_command_a_host_crashes_it_boots_with_its_old_or_its_new_files),
		cmocka_unit_test(at_whichever_command_the_script_is_killed_the_guard_puts_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
