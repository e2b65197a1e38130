/*
 * A fault at every step of a host's rollout in turn.  Whatever it is, the host ends with all of
 * its old or all of its new files and a daemon that runs on them, what we were told is true, and
 * the next rollout finishes what this one began.  The table at the end says what came out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake_bed.h"
#include "tests/fake_sshd.h"

#define STEP_COUNT (HOST_STEP_DONE + 1)
#define CHANGE "/var/lib/timetier/change/"

enum fault {
	LINK_FAILS,
	LINK_HANGS,
	LINK_CUT,
	COMMAND_FAILS,
	HOST_CRASHES,
	SCRIPT_KILLED,
	FAULT_COUNT,
};

static const char *const fault_names[] = {
	[LINK_FAILS] = "the link fails",
	[LINK_HANGS] = "the link hangs",
	[LINK_CUT] = "the link is cut",
	[COMMAND_FAILS] = "a command fails",
	[HOST_CRASHES] = "the host crashes",
	[SCRIPT_KILLED] = "the script is killed",
};

/* How many hosts came out how, by fault and the step at which it struck. */
static struct {
	unsigned old, fresh, broken;
} table[FAULT_COUNT][STEP_COUNT];

/* Where the host stood when its link broke. */
static enum host_step struck_at;

static void
on_broke(void *ctx)
{
	struck_at = ((const struct bed *)ctx)->result->step;
}

static enum host_step
step_of(const char *name)
{
	for (enum host_step step = 0; step < STEP_COUNT; step++) {
		if (strcmp(host_step_name(step), name) == 0) {
			return step;
		}
	}
	fail_msg("%s is no step", name);
	return HOST_STEP_WAIT;
}

/* The outcome must be true: NULL, or what is wrong. */
static const char *
lie_of(const struct bed *bed, const char *state)
{
	bool fresh = strcmp(state, "new") == 0;

	switch (bed->result->outcome) {
	case HOST_DONE:
		return fresh ? NULL : "it was said to be done";
	case HOST_FAILED:
	case HOST_PUT_BACK:
		return !bed->result->where ? "no step was named"
		    : fresh                ? "it is said to be as it was"
					   : NULL;
	case HOST_LOST:
		/* the word that confirms may have got through before the link broke */
		return fresh && bed->result->step != HOST_STEP_HEALTH ? "it was never confirmed"
								      : NULL;
	case HOST_AWAY:
	case HOST_OPEN:
	case HOST_UNCHANGED:
	case HOST_CHANGES:
	case HOST_STUCK:
	case HOST_REFUSED:
	case HOST_UNWELL:
		break;
	}
	return "this should not come out";
}

/* What is wrong with the host after @fault; NULL: nothing. */
static const char *
wrong_with(const struct bed *bed, enum fault fault, const char *state)
{
	if (strcmp(state, "old") != 0 && strcmp(state, "new") != 0) {
		return state;
	}
	if (fault == HOST_CRASHES || fault == SCRIPT_KILLED) {
		/* it knows nothing of us, nor we of it; what lies about does not matter to the next
		 */
		return fake_host_has(&bed->host, CHANGE "armed") ||
			fake_host_has(&bed->host, CHANGE "undoing")
		    ? "a change is still open"
		    : lie_of(bed, state);
	}
	/* cleaning up may have failed: that is no fault of the change */
	if (!bed_is_clean(bed) && !(fault == COMMAND_FAILS && bed->result->outcome == HOST_DONE)) {
		return "something lies about";
	}
	return lie_of(bed, state);
}

/* The next rollout does all that is left, and leaves nothing. */
static const char *
finish_it(struct bed *bed)
{
	fake_host_trip(&bed->host, 0, false);
	fake_host_hurry(&bed->host, false);
	bed->fake.fault = FAKE_SOUND;
	bed_begin_again(bed);
	rollout_plan(bed->rollout);
	if (bed->result->outcome == HOST_CHANGES) {
		rollout_apply(bed->rollout);
	}
	if (bed->result->outcome != HOST_DONE && bed->result->outcome != HOST_UNCHANGED) {
		return "the next rollout fails";
	}
	if (strcmp(bed_state(bed), "new") != 0) {
		return "the next rollout does not finish it";
	}
	return bed->result->outcome == HOST_DONE && !bed_is_clean(bed)
	    ? "the next rollout leaves something"
	    : NULL;
}

/* Judge what became of the host after @fault at @step, and enter it into the table. */
static void
enter(struct bed *bed, enum fault fault, enum host_step step, unsigned place, const char *wrong)
{
	const char *state = bed_state(bed);
	char first[600];

	snprintf(first, sizeof(first), "%s: %s: %s", host_outcome_name(bed->result->outcome),
	    bed->result->where ? bed->result->where : "", bed->result->err.text);
	if (getenv("TORTURE_TELL")) {
		print_message("%s at %s, place %u: %s, %s\n", fault_names[fault],
		    host_step_name(step), place, state, first);
	}
	if (!wrong) {
		wrong = wrong_with(bed, fault, state);
	}
	if (!wrong) {
		wrong = finish_it(bed);
	}
	if (wrong) {
		table[fault][step].broken++;
		print_error("%s at %s, place %u: the host is %s: %s; %s\n", fault_names[fault],
		    host_step_name(step), place, state, wrong, first);
		fake_sshd_shell("cd %s && find etc var run -type f | head -40 >&2", bed->host.top);
	} else if (strcmp(state, "new") == 0) {
		table[fault][step].fresh++;
	} else {
		table[fault][step].old++;
	}
}

/*
 * Every place takes a minute; so each run takes two or so of some sixty events of the link, or of
 * half as many commands, from a random one on, unless told else by TORTURE_STRIDE. TORTURE_TELL
 * shows each.
 */
static unsigned
stride(enum fault fault)
{
	const char *told = getenv("TORTURE_STRIDE");
	bool of_link = fault == LINK_FAILS || fault == LINK_HANGS || fault == LINK_CUT;

	return told ? (unsigned)strtoul(told, NULL, 10) : of_link ? 30 : 13;
}

static unsigned
first_place(enum fault fault)
{
	const char *told = getenv("SEED");
	unsigned seed = told ? (unsigned)strtoul(told, NULL, 10) : (unsigned)getpid();

	print_message(
	    "%s at every %u-th place, SEED=%u\n", fault_names[fault], stride(fault), seed);
	return 1 + seed % stride(fault);
}

static unsigned
broken_by(enum fault fault)
{
	unsigned count = 0;

	for (size_t i = 0; i < STEP_COUNT; i++) {
		count += table[fault][i].broken;
	}
	return count;
}

/*
 * One run whose link breaks at the n-th event of the facts or of the apply; false when that ended
 * before.
 */
static bool
run_with_broken_link(unsigned n, enum fault fault, bool applying)
{
	static const enum fake_fault faults[] = {
		[LINK_FAILS] = FAKE_FAIL, [LINK_HANGS] = FAKE_HANG, [LINK_CUT] = FAKE_CUT
	};
	struct bed bed;
	bool broke;

	bed_begin(&bed);
	bed_has_blob = n % 2 == 0;
	if (fault == LINK_HANGS) {
		fake_host_hurry(&bed.host, true);
	}
	if (applying) {
		rollout_plan(bed.rollout);
		bed.fake.happened = 0;
	}
	bed.fake.fault = faults[fault];
	bed.fake.broke = on_broke;
	bed.fake.ctx = &bed;
	bed.fake.fault_at = n;
	(applying ? rollout_apply : rollout_plan)(bed.rollout);
	if (!fake_transport_wait(&bed.fake)) {
		/* the script itself was never read: it holds nothing, and waits for its words */
		assert_false(fake_host_has(&bed.host, "/run/timetier.lock"));
		fake_transport_tell(&bed.fake);
		assert_true(fake_transport_wait(&bed.fake));
	}
	broke = bed.fake.happened >= n;
	if (broke) {
		enter(&bed, fault, struck_at, n, NULL);
	}
	bed_finish(&bed);
	return broke;
}

static void
break_link_everywhere(enum fault fault)
{
	unsigned facts = first_place(fault), n = facts;

	while (run_with_broken_link(n, fault, true)) {
		n += stride(fault);
	}
	assert_true(n + stride(fault) > 20); /* there were that many events */
	/* while the host is asked, nothing can go wrong with it: fewer places */
	while (run_with_broken_link(facts, fault, false)) {
		facts += 4 * stride(fault);
	}
	assert_int_equal(broken_by(fault), 0);
}

static void
whenever_the_link_fails_the_host_has_its_old_or_its_new_files(void **state UNUSED)
{
	break_link_everywhere(LINK_FAILS);
}

static void
whenever_the_link_hangs_the_host_has_its_old_or_its_new_files(void **state UNUSED)
{
	break_link_everywhere(LINK_HANGS);
}

static void
whenever_the_link_is_cut_the_host_has_its_old_or_its_new_files(void **state UNUSED)
{
	break_link_everywhere(LINK_CUT);
}

/* What happens on the host after its script was killed at a command: NULL, or what is wrong. */
static const char *
let_guard_work(struct bed *bed)
{
	bool armed = fake_host_has(&bed->host, CHANGE "armed");

	if (!fake_host_guard(&bed->host)) {
		return "the guard failed";
	}
	if (armed) {
		bed_assert_outcome(bed, HOST_LOST);
		bed_assert_told(bed, "outcome back\nby guard\nholder a test\n");
	}
	return armed && strcmp(bed_state(bed), "old") != 0 ? "the guard did not put back" : NULL;
}

/* One run in which a fault strikes at the n-th command; false when there were fewer. */
static bool
run_with_tripwire(unsigned n, enum fault fault)
{
	struct bed bed;
	const char *wrong = NULL;
	bool tripped;

	bed_begin(&bed);
	bed_has_blob = n % 2 == 0;
	rollout_plan(bed.rollout);
	fake_host_trip(&bed.host, n, fault != COMMAND_FAILS);
	rollout_apply(bed.rollout);
	fake_transport_wait(&bed.fake);
	tripped = fake_host_trip(&bed.host, 0, false) >= n;
	if (tripped) {
		enum host_step step =
		    bed.result->where ? step_of(bed.result->where) : bed.result->step;

		if (fault == HOST_CRASHES) {
			fake_host_boot(&bed.host);
		} else if (fault == SCRIPT_KILLED) {
			wrong = let_guard_work(&bed);
		}
		enter(&bed, fault, step, n, wrong);
	}
	bed_finish(&bed);
	return tripped;
}

static void
trip_everywhere(enum fault fault)
{
	unsigned n = first_place(fault);

	while (run_with_tripwire(n, fault)) {
		n += stride(fault);
	}
	assert_true(n + stride(fault) > 25); /* there were that many commands */
	assert_int_equal(broken_by(fault), 0);
}

static void
whichever_command_fails_on_the_host_it_has_its_old_or_its_new_files(void **state UNUSED)
{
	trip_everywhere(COMMAND_FAILS);
}

static void
at_whichever_command_a_host_crashes_it_boots_with_its_old_or_its_new_files(void **state UNUSED)
{
	trip_everywhere(HOST_CRASHES);
}

static void
at_whichever_command_the_script_is_killed_the_guard_puts_back(void **state UNUSED)
{
	trip_everywhere(SCRIPT_KILLED);
}

static int
print_table(void **state UNUSED)
{
	unsigned all = 0, whole = 0;

	print_message(
	    "\nfault at step         (hosts that ended wholly old + wholly new)\n%-21s", "");
	for (enum host_step step = HOST_STEP_CONNECT; step < STEP_COUNT; step++) {
		print_message(" %9s", host_step_name(step));
	}
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		print_message("\n%-21s", fault_names[i]);
		for (enum host_step step = HOST_STEP_CONNECT; step < STEP_COUNT; step++) {
			char cell[48] = "-";
			unsigned count = table[i][step].old + table[i][step].fresh;

			all += count + table[i][step].broken;
			whole += count;
			if (table[i][step].broken) {
				snprintf(cell, sizeof(cell), "%u BROKEN", table[i][step].broken);
			} else if (count) {
				snprintf(cell, sizeof(cell), "%u + %u", table[i][step].old,
				    table[i][step].fresh);
			}
			print_message(" %9s", cell);
		}
	}
	print_message("\nwhole: %u of %u (%u %%)\n", whole, all, all ? whole * 100 / all : 0);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whenever_the_link_fails_the_host_has_its_old_or_its_new_files),
		cmocka_unit_test(whenever_the_link_hangs_the_host_has_its_old_or_its_new_files),
		cmocka_unit_test(whenever_the_link_is_cut_the_host_has_its_old_or_its_new_files),
		cmocka_unit_test(
		    whichever_command_fails_on_the_host_it_has_its_old_or_its_new_files),
		cmocka_unit_test(
		    at_whichever_command_a_host_crashes_it_boots_with_its_old_or_its_new_files),
		cmocka_unit_test(at_whichever_command_the_script_is_killed_the_guard_puts_back),
	};

	return cmocka_run_group_tests(tests, NULL, print_table);
}
