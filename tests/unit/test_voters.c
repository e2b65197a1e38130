/* Which servers are asked how they are before hosts are changed, how often, and what that means. */
#include "orchestrator/rollout/voters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/diag.h"
#include "tests/fake_host.h"
#include "tests/fake_transport.h"

static const char site[] =
    "site: x\nupstreams:\n  - {name: u1, address: 192.0.2.101}\n"
    "  - {name: u2, address: 192.0.2.102}\n  - {name: u3, address: 192.0.2.103}\n"
    "tiers:\n  - name: core\n    upstreams: all\n    servers:\n"
    "      - {name: t1, address: 192.0.2.1}\n      - {name: t2, address: 192.0.2.2}\n"
    "      - {name: t3, address: 192.0.2.3}\n"
    "  - name: low\n    from: core\n    servers:\n"
    "      - {name: l1, address: 192.0.2.11}\n      - {name: l2, address: 192.0.2.12}\n"
    "clients:\n  - {name: c, from: low, hosts: c1}\n";

struct bed {
	struct topology topology;
	struct fake_host host; /* all servers are this folder; its daemon is well */
	struct fake_transport fake;
	struct rollout_request request;
	struct host_owner owner;
	struct voters voters;
	unsigned rounds; /* that are over */
};

static void
on_looked(void *ctx)
{
	struct bed *bed = ctx;

	bed->rounds++;
}

static void
begin(struct bed *bed)
{
	struct diags diags = { 0 };

	memset(bed, 0, sizeof(*bed));
	if (topology_load_text(&bed->topology, "site.yaml", site, strlen(site), &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	fake_host_make(&bed->host);
	fake_transport_init(&bed->fake);
	bed->request = (struct rollout_request){ .loop = bed->fake.loop,
		.transport = &bed->fake.transport,
		.topology = &bed->topology,
		.parallel = 2 };
	bed->owner = (struct host_owner){ .request = &bed->request,
		.remote = { .top = bed->host.top, .holder = "a test", .run = "" } };
	voters_init(&bed->voters, &bed->owner);
	bed->voters.looks.ctx = bed;
	bed->voters.looks.done = on_looked;
}

static void
finish(struct bed *bed)
{
	voters_done(&bed->voters);
	fake_transport_done(&bed->fake);
	fake_host_remove(&bed->host);
	topology_free(&bed->topology);
}

/* Ask whoever may have a vote on @name; they must be @names, "t2 t3 ". */
static void
expect_asked(struct bed *bed, const char *name, bool siblings, const char *names)
{
	unsigned rounds = bed->rounds;
	char asked[128] = "";

	voters_want(&bed->voters, topology_host(&bed->topology, name), siblings);
	if (voters_ask(&bed->voters)) {
		while (bed->rounds == rounds) {
			uv_run(bed->fake.loop, UV_RUN_ONCE);
		}
		for (size_t i = 0; i < bed->voters.looks.count; i++) {
			strncat(asked, bed->voters.looks.hosts[i].host->name, 8);
			strncat(asked, " ", 2);
		}
		voters_take(&bed->voters, &bed->voters.looks);
	}
	assert_string_equal(asked, names);
}

static const struct site_voter *
voter(const struct bed *bed, const char *name)
{
	const struct host *host = topology_host(&bed->topology, name);

	for (size_t i = 0; i < bed->voters.count; i++) {
		if (bed->voters.list[i].host == host) {
			return &bed->voters.list[i];
		}
	}
	fail();
	return NULL;
}

static void
touch(struct bed *bed, const char *name, enum host_outcome outcome, char *agent_hash)
{
	struct rollout_host host = { .host = topology_host(&bed->topology, name),
		.outcome = outcome,
		.facts = { .agent_hash = agent_hash } };

	voters_touched(&bed->voters, &host);
}

static void
those_are_asked_that_have_a_vote_and_once_in_a_while(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	assert_false(voter(&bed, "t1")->known || voter(&bed, "t1")->right);
	expect_asked(&bed, "t1", true, "t2 t3 ");
	assert_true(voter(&bed, "t2")->right && voter(&bed, "t3")->right);
	assert_false(voter(&bed, "t1")->known);
	expect_asked(&bed, "t1", true, "");
	expect_asked(&bed, "t2", true, "t1 ");
	expect_asked(&bed, "l1", false, ""); /* the guard asks its siblings */
	expect_asked(&bed, "l1", true, "l2 ");
	expect_asked(&bed, "c1", true, "l1 ");
	finish(&bed);
}

static void
who_was_changed_is_asked_anew_and_is_right_from_then_on(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	expect_asked(&bed, "t1", true, "t2 t3 ");
	touch(&bed, "t2", HOST_DONE, NULL);
	assert_false(voter(&bed, "t2")->right);
	assert_true(voters_is_fresh(&bed.voters, topology_host(&bed.topology, "t2")));
	expect_asked(&bed, "t1", true, "t2 ");
	assert_true(voter(&bed, "t2")->right);
	assert_int_equal(voter(&bed, "t2")->since_ns, (int64_t)uv_now(bed.fake.loop) * NS_PER_MS);
	touch(&bed, "t3", HOST_DONE, bed.host.top); /* it had one before */
	assert_false(voters_is_fresh(&bed.voters, topology_host(&bed.topology, "t3")));
	assert_false(voters_is_fresh(NULL, topology_host(&bed.topology, "t3")));
	finish(&bed);
}

/* A server that nobody can reach would cost each wave its time: it is asked once in a while. */
static void
who_is_on_its_way_is_asked_again_and_who_is_unknown_is_not(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	expect_asked(&bed, "t1", true, "t2 t3 ");
	bed.voters.list[1].right = false; /* t2 */
	bed.voters.list[2].right = bed.voters.list[2].known = false;
	expect_asked(&bed, "t1", true, "t2 ");
	assert_true(voter(&bed, "t2")->right);
	expect_asked(&bed, "t1", true, "");
	finish(&bed);
}

static void
nobody_relies_on_a_server_of_whose_change_nothing_is_known(void **state UNUSED)
{
	static const enum host_outcome lost[] = { HOST_LOST, HOST_STUCK, HOST_UNWELL };
	struct bed bed;

	begin(&bed);
	for (size_t i = 0; i < COUNT(lost); i++) {
		touch(&bed, "t2", lost[i], NULL);
		expect_asked(&bed, "t1", true, i == 0 ? "t2 t3 " : "t2 ");
		assert_false(voter(&bed, "t2")->right || voter(&bed, "t2")->known);
		assert_false(voters_is_fresh(&bed.voters, topology_host(&bed.topology, "t2")));
	}
	touch(&bed, "t2", HOST_PUT_BACK, NULL); /* it has what it had */
	expect_asked(&bed, "t1", true, "t2 ");
	assert_true(voter(&bed, "t2")->right);
	finish(&bed);
}

static void
who_has_no_agent_is_not_known_to_be_right(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	fake_host_drop(&bed.host, "/usr/local/sbin/timetier-agent");
	expect_asked(&bed, "t1", true, "t2 t3 ");
	assert_false(voter(&bed, "t2")->known || voter(&bed, "t3")->right);
	finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_are_asked_that_have_a_vote_and_once_in_a_while),
		cmocka_unit_test(who_was_changed_is_asked_anew_and_is_right_from_then_on),
		cmocka_unit_test(who_is_on_its_way_is_asked_again_and_who_is_unknown_is_not),
		cmocka_unit_test(nobody_relies_on_a_server_of_whose_change_nothing_is_known),
		cmocka_unit_test(who_has_no_agent_is_not_known_to_be_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
