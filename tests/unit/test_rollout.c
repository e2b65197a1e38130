/* A change carried out on a folder that stands for a host, with a fault at every step in turn. */
#include "orchestrator/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake_host.h"
#include "tests/fake_sshd.h"
#include "tests/fake_transport.h"

static struct tier tier = { .name = "core",
	.budget = { .offset_ns = NS_PER_MS, .error_bound_ns = NS_PER_S } };
static struct address address = { .text = "192.0.2.1" };
static const struct host time1 = { .name = "time1",
	.role = HOST_SERVER,
	.addresses = { &address, 1 },
	.daemon = "auto",
	.tier = &tier };
static const struct topology topology = { .site = "test",
	.rollout = { .confirm_within_ns = 2 * NS_PER_S } };

/* What the host should have; a test may put another configuration in. */
static const char *wanted_config;

static int
wanted_files(void *ctx UNUSED, const struct host *host UNUSED, const struct daemon_driver *driver,
    struct arena *arena, struct file_set *set, struct error *err UNUSED)
{
	static const char *const paths[] = { "/etc/chrony/chrony.conf",
		"/etc/chrony/sources.d/timetier.sources", "/etc/chrony/chrony.keys",
		"/etc/systemd/system/chrony.service.d/timetier.conf" };

	assert_string_equal(driver->name, "chrony");
	set->list = arena_alloc(arena, COUNT(paths) * sizeof(*set->list));
	for (size_t i = 0; i < COUNT(paths); i++) {
		const char *content = i == 0 ? wanted_config : "new\n";

		set->list[i] = (struct file_entry){ .path = paths[i],
			.content = content,
			.len = strlen(content),
			.mode = 0644,
			.owner = "root",
			.group = "root",
			.action = FILE_ACTION_RESTART };
	}
	set->count = COUNT(paths);
	return 0;
}

struct bed {
	struct fake_host host;
	uv_loop_t loop;
	struct fake_transport fake;
	struct rollout *rollout;
	const struct rollout_host *result;
};

static void
open_rollout(struct bed *bed)
{
	static const struct host *const hosts[] = { &time1 };
	struct rollout_request request = {
		.loop = &bed->loop,
		.transport = &bed->fake.transport,
		.topology = &topology,
		.hosts = hosts,
		.host_count = 1,
		.parallel = 1,
		.files = wanted_files,
		.top = bed->host.top,
		.holder = "a test",
	};
	size_t count;

	bed->rollout = rollout_new(&request);
	bed->result = rollout_hosts(bed->rollout, &count);
}

static void
begin(struct bed *bed)
{
	wanted_config = "new\n";
	fake_host_make(&bed->host);
	uv_loop_init(&bed->loop);
	fake_transport_init(&bed->fake, &bed->loop);
	open_rollout(bed);
}

/* The next orchestrator comes to the same host. */
static void
begin_again(struct bed *bed)
{
	rollout_free(bed->rollout);
	open_rollout(bed);
}

static void
finish(struct bed *bed)
{
	rollout_free(bed->rollout);
	uv_run(&bed->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	fake_host_remove(&bed->host);
}

/* All old or all new, running what is on the disk, and nothing left lying about. */
static const char *
state_of(const struct bed *bed)
{
	const struct fake_host *host = &bed->host;
	bool config = strcmp(fake_host_read(host, "/etc/chrony/chrony.conf"), "new\n") == 0;
	bool sources =
	    strcmp(fake_host_read(host, "/etc/chrony/sources.d/timetier.sources"), "new\n") == 0;
	bool keys = strcmp(fake_host_read(host, "/etc/chrony/chrony.keys"), "new\n") == 0;
	bool dropin =
	    strcmp(fake_host_read(host, "/etc/systemd/system/chrony.service.d/timetier.conf"),
		"new\n") == 0;
	const char *running = fake_host_read(host, "/running");

	if (config && sources && keys && dropin) {
		return strcmp(running, "new\nnew\n") == 0 ? "new" : "new files, not running";
	}
	if (config || sources || keys || dropin) {
		return "neither old nor new";
	}
	if (strcmp(fake_host_read(host, "/etc/chrony/chrony.conf"), "old\n") != 0) {
		return "old file lost";
	}
	return strcmp(running, "old\n") == 0 ? "old" : "old files, not running";
}

static bool
is_clean(const struct bed *bed)
{
	return fake_sshd_shell("cd %s && [ -z \"$(find etc var run -name '*timetier-new' -o -name "
			       "'*timetier-old' -o -name 'timetier.lock' -o -path "
			       "'*timetier/change*' -o -name 'timetier-undo*')\" ]",
		   bed->host.top) == 0;
}

static void
assert_state(const struct bed *bed, const char *want)
{
	const char *state = state_of(bed);

	if (strcmp(state, want) != 0 || !is_clean(bed)) {
		fake_sshd_shell("cd %s && find etc var run -type f | head -40", bed->host.top);
		fail_msg("the host is %s (wanted %s), %s; outcome %s: %s: %s", state, want,
		    is_clean(bed) ? "clean" : "with leftovers",
		    host_outcome_name(bed->result->outcome),
		    bed->result->where ? bed->result->where : "", bed->result->err.text);
	}
}

static void
assert_outcome(const struct bed *bed, enum host_outcome want)
{
	if (bed->result->outcome != want) {
		fail_msg("outcome %s, wanted %s: %s: %s", host_outcome_name(bed->result->outcome),
		    host_outcome_name(want), bed->result->where, bed->result->err.text);
	}
}

static void
a_change_is_planned_and_carried_out(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	rollout_plan(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_CHANGES);
	assert_int_equal(bed.result->plan.change_count, 4);
	assert_true(bed.result->plan.restart);
	assert_true(bed.result->plan.reload_units);
	assert_string_equal(bed.result->facts.os, "Debian 12");
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_DONE);
	assert_string_equal(bed.result->after->status.selected, "192.0.2.1");
	assert_state(&bed, "new");
	finish(&bed);
}

static void
a_file_that_the_daemon_refuses_leaves_all_as_it_was(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	wanted_config = "rejected\n";
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	assert_string_equal(bed.result->where, "check");
	assert_non_null(
	    strstr(bed.result->err.text, "refuses /etc/chrony/chrony.conf: 1: Invalid"));
	assert_state(&bed, "old");
	finish(&bed);
}

static void
a_daemon_that_does_not_start_is_put_back(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	wanted_config = "broken\n";
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "action");
	assert_non_null(strstr(bed.result->err.text, "Job for chrony.service failed"));
	assert_state(&bed, "old");
	finish(&bed);
}

/* Files are back, and the daemon is as the new ones left it. */
static void
assert_left_as_it_is(struct bed *bed, const char *config, const char *running)
{
	wanted_config = config;
	rollout_apply(bed->rollout);
	assert_outcome(bed, HOST_PUT_BACK);
	assert_non_null(bed->result->remedy);
	assert_non_null(strstr(bed->result->remedy, "could step the clock"));
	assert_string_equal(fake_host_read(&bed->host, "/etc/chrony/chrony.conf"), "old\n");
	assert_string_equal(fake_host_read(&bed->host, "/running"), running);
	assert_true(is_clean(bed));
	finish(bed);
}

static void
an_old_configuration_that_could_step_is_put_back_and_not_started(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	fake_sshd_shell(
	    "cd %s && sed -i 's/\"kind\":\"safe\"/\"kind\":\"step\"/' status.json", bed.host.top);
	wanted_config = "broken\n";
	rollout_plan(bed.rollout);
	assert_left_as_it_is(&bed, "broken\n", "");
	begin(&bed);
	fake_sshd_shell(
	    "cd %s && sed -i 's/\"kind\":\"safe\"/\"kind\":\"unknown\"/' status.json && "
	    "echo 'Could not parse line 3' >log",
	    bed.host.top);
	rollout_plan(bed.rollout);
	assert_left_as_it_is(&bed, "new\n", "new\nnew\n");
}

static void
an_old_configuration_that_would_step_by_now_is_not_started_either(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	fake_host_write(&bed.host, "/log", "Could not parse line 3\n");
	fake_sshd_shell("cd %s && sed -i 's/^top=.*/&; [ \"$1\" = status ] || { sed "
			"s,\\\"safe\\\",\\\"step\\\", $top\\/status.json; exit; }/' "
			"usr/local/sbin/timetier-agent",
	    bed.host.top);
	rollout_plan(bed.rollout);
	assert_left_as_it_is(&bed, "new\n", "new\nnew\n");
}

static void
a_daemon_that_complains_in_its_log_is_put_back(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	fake_host_write(&bed.host, "/log", "starting\nCould not parse line 3\nrunning\n");
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "health");
	assert_non_null(strstr(bed.result->err.text, "Could not parse line 3"));
	assert_state(&bed, "old");
	finish(&bed);
}

static void
time_that_does_not_get_well_is_put_back_in_time(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	rollout_plan(bed.rollout);
	fake_sshd_shell("cd %s && sed -i 's/\"offset_ns\": *[0-9]*/\"offset_ns\": 400000000/; "
			"s/\"stratum\": *2/\"stratum\": 16/' status.json",
	    bed.host.top);
	rollout_apply(bed.rollout);
	assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(bed.result->where, "health");
	assert_non_null(strstr(bed.result->err.text, "unsynchronised"));
	assert_state(&bed, "old");
	finish(&bed);
}

static void
a_host_that_another_works_on_is_left_alone(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	rollout_plan(bed.rollout);
	fake_sshd_shell("cd %s/run && mkdir timetier.lock && cd timetier.lock && "
			"cut -d' ' -f1,22 /proc/%d/stat >process && echo root@desk >holder && "
			"echo 12 >run && echo noon >since && cut -d. -f1 /proc/uptime >up && "
			"{ setsid flock . sh -c 'while [ -e holder ]; do sleep 0.1; done' & }; "
			"while flock -n . true; do :; done",
	    bed.host.top, (int)getpid());
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	assert_string_equal(bed.result->where, "upload");
	assert_non_null(strstr(bed.result->err.text,
	    "another rollout is at work here: root@desk, run 12, since noon ("));
	assert_non_null(strstr(bed.result->err.text, " s ago), as process "));
	fake_sshd_shell("rm -r %s/run/timetier.lock", bed.host.top);
	assert_state(&bed, "old");
	finish(&bed);
}

static void
a_lock_whose_holder_is_gone_is_taken(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	rollout_plan(bed.rollout);
	fake_sshd_shell("cd %s && mkdir run/timetier.lock && cd run/timetier.lock && "
			"echo '1 2' >process && echo /etc/chrony/gone >news && "
			": >../../etc/chrony/gone.timetier-new",
	    bed.host.top);
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_DONE);
	assert_state(&bed, "new");
	finish(&bed);
}

/* The host must be whole, and the outcome must be true. */
static void
assert_true_outcome(const struct bed *bed)
{
	switch (bed->result->outcome) {
	case HOST_DONE:
		assert_state(bed, "new");
		break;
	case HOST_FAILED:
	case HOST_PUT_BACK:
	case HOST_LOST:
		assert_non_null(bed->result->where);
		assert_state(bed, "old");
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

	begin(&bed);
	bed.fake.fault = fault;
	bed.fake.fault_at = n;
	rollout_plan(bed.rollout);
	if (bed.result->outcome == HOST_CHANGES) {
		rollout_apply(bed.rollout);
	}
	fake_transport_wait(&bed.fake);
	broke = bed.fake.happened >= n;
	/* the word that confirms may have got through before the link broke */
	if (bed.result->outcome != HOST_LOST || strcmp(state_of(&bed), "new") != 0) {
		assert_true_outcome(&bed);
	}
	finish(&bed);
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

	begin(&bed);
	rollout_plan(bed.rollout);
	fake_host_trip(&bed.host, n, crash);
	rollout_apply(bed.rollout);
	fake_transport_wait(&bed.fake);
	tripped = fake_host_trip(&bed.host, 0, false) >= n;
	if (tripped && crash) {
		const char *after;

		fake_host_boot(&bed.host);
		after = state_of(&bed);
		if (strcmp(after, "old") != 0 && strcmp(after, "new") != 0) {
			fail_msg("crash at command %u: the host is %s", n, after);
		}
		assert_int_not_equal(
		    fake_sshd_shell("cd %s/var/lib/timetier/change && [ -e armed -o -e undoing ]",
			bed.host.top),
		    0);
	} else if (bed.result->outcome == HOST_DONE) {
		/* cleaning up may have failed: that is no fault of the change */
		assert_string_equal(state_of(&bed), "new");
	} else {
		assert_true_outcome(&bed);
	}
	finish(&bed);
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

/* What the guard left to be read. */
static void
assert_told(const struct bed *bed, const char *line)
{
	const char *last = fake_host_read(&bed->host, "/var/lib/timetier/last");

	if (!strstr(last, line)) {
		fail_msg("wanted \"%s\" in:\n%s", line, last);
	}
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

	begin(&bed);
	rollout_plan(bed.rollout);
	fake_host_trip(&bed.host, n, true);
	rollout_apply(bed.rollout);
	fake_transport_wait(&bed.fake);
	tripped = fake_host_trip(&bed.host, 0, false) >= n;
	armed = fake_sshd_shell("[ -e %s/var/lib/timetier/change/armed ]", bed.host.top) == 0;
	assert_true(fake_host_guard(&bed.host));
	if (armed) {
		assert_outcome(&bed, HOST_LOST);
		assert_told(&bed, "outcome back\nby guard\nholder a test\n");
		assert_state(&bed, "old");
	} else if (bed.result->outcome != HOST_DONE || tripped) {
		const char *after = state_of(&bed);

		if (strcmp(after, "old") != 0 && strcmp(after, "new") != 0) {
			fail_msg("killed at command %u: the host is %s", n, after);
		}
	}
	/* whatever was left lying about, the next one is not disturbed by it */
	begin_again(&bed);
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	forget_traces(&bed);
	assert_state(&bed, "new");
	finish(&bed);
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
		cmocka_unit_test(a_change_is_planned_and_carried_out),
		cmocka_unit_test(a_file_that_the_daemon_refuses_leaves_all_as_it_was),
		cmocka_unit_test(a_daemon_that_does_not_start_is_put_back),
		cmocka_unit_test(a_daemon_that_complains_in_its_log_is_put_back),
		cmocka_unit_test(an_old_configuration_that_could_step_is_put_back_and_not_started),
		cmocka_unit_test(an_old_configuration_that_would_step_by_now_is_not_started_either),
		cmocka_unit_test(time_that_does_not_get_well_is_put_back_in_time),
		cmocka_unit_test(a_host_that_another_works_on_is_left_alone),
		cmocka_unit_test(a_lock_whose_holder_is_gone_is_taken),
		cmocka_unit_test(whenever_the_link_breaks_the_host_has_its_old_or_its_new_files),
		cmocka_unit_test(
		    whichever_command_fails_on_the_host_it_has_its_old_or_its_new_files),
		cmocka_unit_test(
		    at_whichever_command_a_host_crashes_it_boots_with_its_old_or_its_new_files),
		cmocka_unit_test(at_whichever_command_the_script_is_killed_the_guard_puts_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
