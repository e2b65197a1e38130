/* Whether a server can be missed for a moment: who is asked, how often, and what silence means. */
#include "orchestrator/rollout/guard.h"

#include <setjmp.h>
#include <stdarg.h>
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
	{ .name = "time1", .role = HOST_SERVER, .addresses = { &address, 1 }, .tier = &tier },
	{ .name = "time2", .role = HOST_SERVER, .addresses = { &address, 1 }, .tier = &tier },
};
static struct host *members[] = { &servers[0], &servers[1] };
static struct topology topology = { .site = "test", .tiers = &tier, .tier_count = 1 };

struct bed {
	struct fake_host host; /* both servers are this folder */
	struct fake_transport fake;
	struct rollout_request request;
	struct host_owner owner;
	struct guard guard;
	struct rollout_host subject;
	enum guard_answer answer;
	unsigned answers;
};

static void
on_answer(void *ctx, struct rollout_host *host, enum guard_answer answer)
{
	struct bed *bed = ctx;

	assert_ptr_equal(host, &bed->subject);
	bed->answer = answer;
	bed->answers++;
}

static void
begin(struct bed *bed, enum rollout_kind kind)
{
	memset(bed, 0, sizeof(*bed));
	topology.rollout.confirm_within_ns = 2 * NS_PER_S;
	tier.servers = members;
	tier.server_count = COUNT(members);
	fake_host_make(&bed->host);
	fake_transport_init(&bed->fake);
	bed->request = (struct rollout_request){ .kind = kind,
		.loop = bed->fake.loop,
		.transport = &bed->fake.transport,
		.topology = &topology,
		.parallel = 1 };
	bed->owner = (struct host_owner){ .request = &bed->request,
		.remote = { .top = bed->host.top, .holder = "a test", .run = "" } };
	bed->subject.host = &servers[0];
	guard_init(&bed->guard, &bed->owner);
	bed->guard.ctx = bed;
	bed->guard.answered = on_answer;
}

/* Ask, and wait for the answer; returns after how long. */
static uint64_t
ask(struct bed *bed)
{
	uint64_t began = uv_hrtime();

	guard_ask(&bed->guard, &bed->subject);
	while (bed->answers == 0) {
		uv_run(bed->fake.loop, UV_RUN_ONCE);
	}
	assert_int_equal(bed->answers, 1);
	return uv_hrtime() - began;
}

static void
finish(struct bed *bed)
{
	guard_free(&bed->guard);
	fake_transport_done(&bed->fake);
	fake_host_remove(&bed->host);
}

static void
a_server_whose_sibling_is_well_may_go(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, ROLLOUT_RESTART);
	ask(&bed);
	assert_int_equal(bed.answer, GUARD_GO);
	finish(&bed);
}

static void
they_are_asked_again_after_a_pause_until_the_time_is_up(void **state UNUSED)
{
	struct bed bed;
	uint64_t took_ns;

	begin(&bed, ROLLOUT_RESTART);
	fake_host_fail_every_second(&bed.host);
	took_ns = ask(&bed);
	assert_int_equal(bed.answer, GUARD_REFUSED);
	assert_non_null(strstr(bed.guard.words, "0 healthy server"));
	assert_true((int64_t)took_ns > topology.rollout.confirm_within_ns);
	/* two servers, and two rounds with 5 s between them */
	assert_true(strtol(fake_host_read(&bed.host, "/asked"), NULL, 10) <= 4);
	finish(&bed);
}

static void
who_has_no_agent_yet_hinders_no_new_files_but_a_restart(void **state UNUSED)
{
	static const struct {
		enum rollout_kind kind;
		enum guard_answer answer;
	} cases[] = { { ROLLOUT_FILES, GUARD_GO }, { ROLLOUT_RESTART, GUARD_REFUSED } };
	struct bed bed;

	for (size_t i = 0; i < COUNT(cases); i++) {
		begin(&bed, cases[i].kind);
		topology.rollout.confirm_within_ns = 0; /* one round is enough */
		fake_sshd_shell("rm %s/usr/local/sbin/timetier-agent", bed.host.top);
		ask(&bed);
		assert_int_equal(bed.answer, cases[i].answer);
		finish(&bed);
	}
}

static void
the_waiting_can_be_stopped(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, ROLLOUT_RESTART);
	topology.rollout.confirm_within_ns = 600 * NS_PER_S;
	fake_host_fail_every_second(&bed.host);
	guard_ask(&bed.guard, &bed.subject);
	while (!uv_is_active((uv_handle_t *)bed.guard.timer)) {
		uv_run(bed.fake.loop, UV_RUN_ONCE);
	}
	guard_stop(&bed.guard);
	assert_int_equal(bed.answers, 1);
	assert_int_equal(bed.answer, GUARD_STOPPED);
	finish(&bed);

	begin(&bed, ROLLOUT_RESTART); /* while they are being asked, and all are well */
	guard_ask(&bed.guard, &bed.subject);
	guard_stop(&bed.guard);
	assert_int_equal(bed.answers, 0);
	while (bed.answers == 0) {
		uv_run(bed.fake.loop, UV_RUN_ONCE);
	}
	assert_int_equal(bed.answer, GUARD_STOPPED);
	finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_whose_sibling_is_well_may_go),
		cmocka_unit_test(they_are_asked_again_after_a_pause_until_the_time_is_up),
		cmocka_unit_test(who_has_no_agent_yet_hinders_no_new_files_but_a_restart),
		cmocka_unit_test(the_waiting_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
