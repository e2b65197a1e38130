/* A restart that was asked for, carried out on a folder that stands for a host. */
#include "orchestrator/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_host.h"
#include "tests/fake_sshd.h"
#include "tests/fake_transport.h"

static struct tier tier = { .name = "core",
	.budget = { .offset_ns = NS_PER_MS, .error_bound_ns = NS_PER_S } };
static struct address address = { .text = "192.0.2.1" };
static struct host servers[] = {
	{ .name = "time1",
	    .role = HOST_SERVER,
	    .addresses = { &address, 1 },
	    .daemon = "auto",
	    .tier = &tier },
	{ .name = "time2",
	    .role = HOST_SERVER,
	    .addresses = { &address, 1 },
	    .daemon = "auto",
	    .tier = &tier },
};
static struct host *members[] = { &servers[0], &servers[1] };
static const struct topology topology = { .site = "test",
	.tiers = &tier,
	.tier_count = 1,
	.rollout = { .confirm_within_ns = 2 * NS_PER_S } };

static enum rollout_kind work = ROLLOUT_RESTART;

struct bed {
	struct fake_host host; /* both servers are this folder */
	struct fake_transport fake;
	struct rollout *rollout;
	const struct rollout_host *result;
	bool force;
	bool stops;        /* as with Ctrl-C, when the first server waits for the others */
	unsigned measured; /* how often a host was seen to measure */
};

static void
on_progress(void *ctx, const struct rollout_host *host)
{
	struct bed *bed = ctx;

	bed->measured += host->step == HOST_STEP_MEASURE;
	if (bed->stops && host->step == HOST_STEP_QUORUM) {
		rollout_stop(bed->rollout);
	}
}

static bool
is_forced(void *ctx, const struct host *host UNUSED)
{
	return ((struct bed *)ctx)->force;
}

static void
begin(struct bed *bed, unsigned count)
{
	static const struct host *const hosts[] = { &servers[0], &servers[1] };
	struct rollout_request request = {
		.kind = work,
		.transport = &bed->fake.transport,
		.topology = &topology,
		.hosts = hosts,
		.host_count = count,
		.parallel = 1,
		.ctx = bed,
		.forced = is_forced,
		.progress = on_progress,
		.top = bed->host.top,
		.holder = "a test",
	};
	size_t got;

	tier.servers = members;
	tier.server_count = count;
	bed->force = bed->stops = false;
	bed->measured = 0;
	fake_host_make(&bed->host);
	fake_transport_init(&bed->fake);
	request.loop = bed->fake.loop;
	bed->rollout = rollout_new(&request);
	bed->result = rollout_hosts(bed->rollout, &got);
}

static void
finish(struct bed *bed)
{
	rollout_free(bed->rollout);
	fake_transport_done(&bed->fake);
	fake_host_remove(&bed->host);
}

/* What the agent says from now on. */
static void
tell(const struct bed *bed, const char *edit)
{
	assert_int_equal(
	    fake_sshd_shell("cd %s && sed -i '%s' status.json", bed->host.top, edit), 0);
}

static unsigned
restarts(const struct bed *bed)
{
	const char *text = fake_host_read(&bed->host, "/restarts");
	unsigned count = 0;

	for (; *text; text++) {
		count += *text == '\n';
	}
	return count;
}

static void
assert_result(const struct bed *bed, enum host_outcome want, const char *where)
{
	if (bed->result->outcome != want) {
		fail_msg("outcome %s, wanted %s: %s: %s", host_outcome_name(bed->result->outcome),
		    host_outcome_name(want), bed->result->where ? bed->result->where : "",
		    bed->result->err.text);
	}
	if (where) {
		assert_string_equal(bed->result->where, where);
	}
}

static void
it_restarts_and_leaves_the_files_as_they_are(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 1);
	rollout_plan(bed.rollout);
	assert_result(&bed, HOST_CHANGES, NULL);
	assert_int_equal(bed.result->plan.change_count, 0);
	assert_string_equal(bed.result->plan.reasons[0], "asked for");
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_DONE, NULL);
	assert_int_equal(restarts(&bed), 1);
	assert_string_equal(fake_host_read(&bed.host, "/etc/chrony/chrony.conf"), "old\n");
	assert_int_equal(
	    fake_sshd_shell(
		"cd %s && [ -z \"$(find etc var run -name '*timetier*')\" ]", bed.host.top),
	    0);
	finish(&bed);
}

static void
servers_come_one_after_the_other(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 2);
	rollout_plan(bed.rollout);
	assert_int_equal(rollout_waves(bed.rollout), 2);
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_DONE, NULL);
	assert_int_equal(bed.result[1].outcome, HOST_DONE);
	assert_int_equal(restarts(&bed), 2);
	finish(&bed);
}

static void
a_verdict_that_is_not_safe_refuses_it(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 1);
	tell(&bed, "s/\"kind\":\"safe\"/\"kind\":\"step\"/");
	rollout_plan(bed.rollout);
	assert_result(&bed, HOST_REFUSED, "verdict");
	assert_non_null(strstr(bed.result->err.text, "a restart would step the clock"));
	assert_non_null(bed.result->remedy);
	rollout_apply(bed.rollout);
	assert_int_equal(restarts(&bed), 0);
	finish(&bed);
}

static void
a_verdict_that_changed_since_refuses_it_and_ends_the_run(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 2);
	rollout_plan(bed.rollout);
	tell(&bed, "s/\"kind\":\"safe\"/\"kind\":\"unknown\"/");
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_REFUSED, "verdict");
	assert_true(bed.result[1].skipped);
	assert_int_equal(restarts(&bed), 0);
	finish(&bed);
}

static void
who_is_forced_is_restarted_nevertheless(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 1);
	bed.force = true;
	tell(&bed, "s/\"kind\":\"safe\"/\"kind\":\"step\"/");
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_DONE, NULL);
	assert_int_equal(restarts(&bed), 1);
	finish(&bed);
}

static void
a_host_without_an_agent_is_refused(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 1);
	fake_sshd_shell("rm %s/usr/local/sbin/timetier-agent", bed.host.top);
	rollout_plan(bed.rollout);
	assert_result(&bed, HOST_REFUSED, "verdict");
	assert_non_null(strstr(bed.result->err.text, "no agent"));
	finish(&bed);
}

static void
an_agent_that_can_measure_is_asked_to(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 1);
	fake_sshd_shell("cd %s && sed -i 's/safe/unknown/' status.json && sed -i "
			"'s/^top=.*/&; [ \"$3\" != --fresh ] || { sed s,unknown,safe, "
			"$top\\/status.json; exit; }/' usr/local/sbin/timetier-agent",
	    bed.host.top);
	rollout_plan(bed.rollout);
	assert_int_equal(bed.measured, 1); /* so that who waits for the plan sees why */
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_DONE, NULL);
	finish(&bed);
}

static void
without_enough_healthy_servers_it_waits_and_then_refuses(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 2);
	rollout_plan(bed.rollout);
	/* time1 is well when it is asked, time2 is not: every second answer is an error */
	fake_host_fail_every_second(&bed.host);
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_REFUSED, "quorum");
	assert_non_null(strstr(bed.result->err.text, "0 healthy server"));
	assert_true(bed.result[1].skipped);
	assert_int_equal(restarts(&bed), 0);
	finish(&bed);
}

static void
a_run_that_is_stopped_while_the_others_are_asked_restarts_nothing(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 2);
	rollout_plan(bed.rollout);
	bed.stops = true;
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_CHANGES, NULL);
	assert_int_equal(bed.result[1].outcome, HOST_CHANGES);
	assert_int_equal(restarts(&bed), 0);
	finish(&bed);
}

static void
a_daemon_that_is_not_well_afterwards_ends_the_run(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 2);
	rollout_plan(bed.rollout);
	fake_sshd_shell("cd %s && sed -i 's/^restart|start)/&\\n\tsed -i "
			"\"s,\\\\\"stratum\\\\\":2,\\\\\"stratum\\\\\":16,\" $top\\/status.json/' "
			"bin/systemctl",
	    bed.host.top);
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_UNWELL, "health");
	assert_non_null(strstr(bed.result->err.text, "unsynchronised"));
	assert_true(bed.result[1].skipped);
	assert_int_equal(restarts(&bed), 1);
	finish(&bed);
}

static void
a_host_that_is_lost_under_its_restart_is_not_well_for_all_we_know(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 1);
	rollout_plan(bed.rollout);
	/* the restart takes the script with it */
	fake_sshd_shell("cd %s && sed -i '/^restart|start)/a kill -9 $(cut -d\" \" -f1 "
			"$top/run/timetier.lock/process)' bin/systemctl",
	    bed.host.top);
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_UNWELL, "action");
	finish(&bed);
}

static void
all_are_asked_again_for_their_proof(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, 2);
	rollout_plan(bed.rollout);
	rollout_look(bed.rollout);
	assert_true(bed.result[0].after.told);
	assert_true(bed.result[1].after.told);
	assert_string_equal(bed.result[1].after.selected, "192.0.2.1");
	finish(&bed);
}

/* The agent tells of a name that moved, until chronyc was asked to refresh. */
static void
tell_stale_name(const struct bed *bed, const char *chronyc)
{
	char path[128];

	tell(bed,
	    "s/\"names\":\\[\\]/\"names\":[{\"name\":\"time.example\",\"was\":\"192.0.2.7\","
	    "\"now\":\"192.0.2.9\"}]/; "
	    "s/\"sources\":\\[\\]/\"sources\":[{\"address\":\"192.0.2.7\","
	    "\"state\":\"selected\",\"reach\":255}]/");
	fake_host_write(&bed->host, "/bin/chronyc", chronyc);
	snprintf(path, sizeof(path), "%s/bin/chronyc", bed->host.top);
	fake_sshd_shell("chmod 755 %s", path);
}

#define CHRONYC                                                                                    \
	"#!/bin/sh\ntop=${0%/bin/chronyc}\necho $* >>$top/chronyc.log\n"                           \
	"[ $1 != refresh ] || sed -i s/192.0.2.7/192.0.2.9/ $top/status.json\n"

static void
a_daemon_that_can_follows_a_name_without_a_restart(void **state UNUSED)
{
	struct bed bed;

	work = ROLLOUT_REFRESH;
	begin(&bed, 1);
	tell_stale_name(&bed, CHRONYC);
	rollout_plan(bed.rollout);
	assert_result(&bed, HOST_CHANGES, NULL);
	assert_string_equal(bed.result->plan.reasons[0],
	    "time.example leads to 192.0.2.9, and the daemon still asks 192.0.2.7: refresh");
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_DONE, NULL);
	assert_int_equal(restarts(&bed), 0);
	assert_string_equal(fake_host_read(&bed.host, "/chronyc.log"), "refresh\nburst 4/4\n");
	finish(&bed);
	work = ROLLOUT_RESTART;
}

static void
a_daemon_that_goes_on_with_the_old_address_is_told(void **state UNUSED)
{
	struct bed bed;

	work = ROLLOUT_REFRESH;
	begin(&bed, 1);
	tell_stale_name(&bed, "#!/bin/sh\n");
	rollout_plan(bed.rollout);
	rollout_apply(bed.rollout);
	assert_result(&bed, HOST_UNWELL, "health");
	assert_string_equal(bed.result->err.text, "it does not ask 192.0.2.9 for time.example");
	finish(&bed);
	work = ROLLOUT_RESTART;
}

static void
a_host_without_stale_names_is_left_alone(void **state UNUSED)
{
	struct bed bed;

	work = ROLLOUT_REFRESH;
	begin(&bed, 1);
	rollout_plan(bed.rollout);
	assert_result(&bed, HOST_UNCHANGED, NULL);
	assert_int_equal(rollout_waves(bed.rollout), 0);
	finish(&bed);
	work = ROLLOUT_RESTART;
}

static void
a_daemon_that_cannot_look_names_up_is_not_touched(void **state UNUSED)
{
	struct bed bed;

	work = ROLLOUT_REFRESH;
	begin(&bed, 1);
	tell_stale_name(&bed, CHRONYC);
	tell(&bed, "s/\"names\"/\"resolver\":\"\\/run cannot be entered by it\",&/");
	rollout_plan(bed.rollout);
	assert_result(&bed, HOST_FAILED, "plan");
	assert_string_equal(
	    bed.result->err.text, "chrony cannot look names up: /run cannot be entered by it");
	finish(&bed);
	work = ROLLOUT_RESTART;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_restarts_and_leaves_the_files_as_they_are),
		cmocka_unit_test(servers_come_one_after_the_other),
		cmocka_unit_test(a_verdict_that_is_not_safe_refuses_it),
		cmocka_unit_test(a_verdict_that_changed_since_refuses_it_and_ends_the_run),
		cmocka_unit_test(who_is_forced_is_restarted_nevertheless),
		cmocka_unit_test(a_host_without_an_agent_is_refused),
		cmocka_unit_test(an_agent_that_can_measure_is_asked_to),
		cmocka_unit_test(without_enough_healthy_servers_it_waits_and_then_refuses),
		cmocka_unit_test(a_run_that_is_stopped_while_the_others_are_asked_restarts_nothing),
		cmocka_unit_test(a_daemon_that_is_not_well_afterwards_ends_the_run),
		cmocka_unit_test(a_host_that_is_lost_under_its_restart_is_not_well_for_all_we_know),
		cmocka_unit_test(all_are_asked_again_for_their_proof),
		cmocka_unit_test(a_daemon_that_can_follows_a_name_without_a_restart),
		cmocka_unit_test(a_daemon_that_goes_on_with_the_old_address_is_told),
		cmocka_unit_test(a_host_without_stale_names_is_left_alone),
		cmocka_unit_test(a_daemon_that_cannot_look_names_up_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
