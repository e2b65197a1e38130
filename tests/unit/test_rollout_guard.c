/* The guard's time is up while the script is at work: one of them decides, at whichever command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake_bed.h"
#include "tests/fake_sshd.h"

static unsigned
stride(void)
{
	const char *told = getenv("TORTURE_STRIDE");

	return told ? (unsigned)strtoul(told, NULL, 10) : 4;
}

/* One run in which the guard begins at the n-th command; false when there were fewer. */
static bool
run_with_guard(unsigned n)
{
	struct bed bed;
	const char *state;
	bool fired;

	bed_begin(&bed);
	rollout_plan(bed.rollout);
	fake_host_trip(&bed.host, n, false);
	fake_host_write(&bed.host, "/fire", "");
	rollout_apply(bed.rollout);
	fake_transport_wait(&bed.fake);
	fake_host_trip(&bed.host, 0, false);
	/* the two of them count at once, so the count does not tell */
	fired = fake_sshd_shell("[ -e %s/tripped ]", bed.host.top) == 0;
	fake_sshd_shell("cd %s && while [ -e firing ]; do /bin/sleep 0.1; done", bed.host.top);
	state = bed_state(&bed);
	if (strcmp(state, bed.result->outcome == HOST_DONE ? "new" : "old") != 0 ||
	    !bed_is_clean(&bed)) {
		fail_msg("guard at command %u: the host is %s, %s; outcome %s: %s", n, state,
		    bed_is_clean(&bed) ? "clean" : "with leftovers",
		    host_outcome_name(bed.result->outcome), bed.result->err.text);
	}
	if (bed.result->outcome != HOST_DONE) {
		bed_assert_outcome(&bed, HOST_PUT_BACK);
		bed_assert_told(&bed, "outcome back\nby guard\n");
	}
	bed_finish(&bed);
	return fired;
}

static void
at_whichever_command_the_guard_begins_one_of_them_decides(void **state UNUSED)
{
	const char *told = getenv("SEED");
	unsigned seed = told ? (unsigned)strtoul(told, NULL, 10) : (unsigned)getpid();
	unsigned n = 1 + seed % stride();

	print_message("the guard begins at every %u-th place, SEED=%u\n", stride(), seed);
	while (run_with_guard(n)) {
		n += stride();
	}
	assert_true(n + stride() > 20); /* there were that many commands */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_whichever_command_the_guard_begins_one_of_them_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
