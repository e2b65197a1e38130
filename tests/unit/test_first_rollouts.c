/*
 * Rollouts at random, over models of clocks: a chronyd slews at 500 ppm and answers with corrected
 * time; an ntpd comes nearer by half in three minutes, tells its offset of up to a minute ago, and
 * answers with its clock.  A first rollout puts back nothing, neither servers nor who follows them
 * while they are on their way; wrong upstreams for a site that is right are always put back.
 */
#include "orchestrator/rollout/health/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/diag.h"

#define MS NS_PER_MS
#define S NS_PER_S
#define SERVERS 5
#define HALF_S 180.0
#define ROLLOUTS 2000

/* A server. */
struct model {
	const struct host *host;
	bool chrony;
	double first_ms;  /* its clock minus true time before its change */
	double wrong_ms;  /* its upstreams minus true time */
	double changed_s; /* when it was changed; < 0: it was not yet */
};

struct world {
	struct topology topology;
	struct model models[SERVERS];
	size_t servers;
	uint64_t state;
};

static double
draw(struct world *world, double from, double to)
{
	world->state = world->state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return from + (to - from) * (double)(world->state >> 40) / (double)(1 << 24);
}

static void
begin(struct world *world, size_t servers, uint64_t seed)
{
	struct diags diags = { 0 };
	char text[2048];
	size_t len = (size_t)snprintf(text, sizeof(text),
	    "site: x\nupstreams:\n  - {name: u1, address: 192.0.2.101}\n"
	    "tiers:\n  - name: core\n    upstreams: all\n    servers:\n");

	memset(world, 0, sizeof(*world));
	world->state = seed;
	world->servers = servers;
	for (size_t i = 1; i <= servers; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "      - {name: t%zu, address: 192.0.2.%zu}\n", i, i);
	}
	snprintf(text + len, sizeof(text) - len,
	    "  - {name: branch, from: core, servers: [{name: b1, address: 192.0.2.50}]}\n"
	    "clients:\n  - {name: c, from: core, hosts: c1}\n");
	if (topology_load_text(&world->topology, "site.yaml", text, strlen(text), &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	for (size_t i = 0; i < servers; i++) {
		world->models[i].host = &world->topology.hosts[i];
		world->models[i].chrony = draw(world, 0, 1) < 0.5;
		world->models[i].changed_s = -1;
	}
}

/* The clock minus true time at @t_s: from its change on it comes nearer to its upstreams. */
static double
clock_ms(const struct model *model, double t_s)
{
	double apart_ms = model->first_ms - model->wrong_ms, moved_ms;
	double ran_s = model->changed_s < 0 || t_s < model->changed_s ? 0 : t_s - model->changed_s;

	if (model->chrony) {
		moved_ms = 0.5 * ran_s;
		if (moved_ms >= (apart_ms < 0 ? -apart_ms : apart_ms)) {
			return model->wrong_ms;
		}
		return model->first_ms + (apart_ms < 0 ? moved_ms : -moved_ms);
	}
	for (; ran_s >= 1; ran_s--) {
		apart_ms -= apart_ms * 0.693 / HALF_S;
	}
	return model->wrong_ms + apart_ms;
}

/* What it answers to others, minus true time. */
static double
served_ms(const struct model *model, double t_s)
{
	return model->chrony ? model->wrong_ms : clock_ms(model, t_s);
}

static int64_t
ns(double ms)
{
	return (int64_t)(ms * (double)MS);
}

static struct source_status *
measure(struct world *world, struct report *report, const char *address, double offset_ms)
{
	struct source_status *source = &report->status.sources[report->status.source_count++];

	*source = (struct source_status){ .state = SOURCE_REJECTED,
		.reach = 1,
		.stratum = 2,
		.poll_log2 = 6,
		.offset_ns = ns(offset_ms + draw(world, -0.5, 0.5)),
		.error_ns = ns(draw(world, 1, 3)) };
	snprintf(source->address, SOURCE_NAME_BYTES, "%s", address);
	return source;
}

/* What the agent of @model reports at @t_s. */
static void
look(struct world *world, const struct model *model, double t_s, struct report *report)
{
	double ago_s = model->chrony ? 0 : draw(world, 0, 60);
	double told_s = t_s - ago_s < model->changed_s ? model->changed_s : t_s - ago_s;

	*report = (struct report){ .boot_id = "b",
		.boot_ns = 7200 * S,
		.real_ns = 9000 * S,
		.answered = true,
		.status = { .stratum = 2,
		    .selected = "192.0.2.101",
		    .update_interval_ns = 64 * S,
		    .offset_ns = ns(model->wrong_ms - clock_ms(model, told_s)) } };
	snprintf(report->daemon, sizeof(report->daemon), "%s", model->chrony ? "chrony" : "ntpsec");
	measure(world, report, "192.0.2.101", model->wrong_ms - clock_ms(model, t_s))->state =
	    SOURCE_SELECTED;
}

/* Change @model at @t_s, and judge it @elapsed_s after. */
static enum gate_answer
change(struct world *world, size_t which, double t_s, const struct report *before, char *words)
{
	struct model *model = &world->models[which];
	struct site_voter voters[SERVERS] = { 0 };
	struct site_clock heard[SERVERS];
	double elapsed_s = draw(world, 2, 15);
	struct gate gate = { .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * S,
		.unit = "a unit",
		.before = before,
		.asks_time = true,
		.topology = &world->topology,
		.host = model->host,
		.voters = voters,
		.voter_count = world->servers,
		.heard = heard,
		.changed_ns = (int64_t)t_s * S };
	struct report now, other;

	for (size_t i = 0; i < world->servers; i++) {
		voters[i].host = world->models[i].host;
		if (i != which && world->models[i].changed_s >= 0) {
			look(world, &world->models[i], t_s, &other);
			site_voter_look(&voters[i], &other, true, (int64_t)t_s * S);
		}
	}
	model->changed_s = t_s;
	look(world, model, t_s + elapsed_s, &now);
	for (size_t i = 0; i < world->servers; i++) {
		const struct model *sibling = &world->models[i];
		double age_s = draw(world, 0, elapsed_s), at_s = t_s + elapsed_s - age_s;
		struct source_status *source;

		if (i == which || sibling->changed_s < 0) {
			continue;
		}
		source = measure(world, &now, sibling->host->addresses.list[0].text,
		    served_ms(sibling, at_s) -
			clock_ms(model, model->chrony ? t_s + elapsed_s : at_s));
		source->age_ns = (int64_t)(age_s * 1e9);
		heard[gate.heard_count++] = (struct site_clock){ .name = sibling->host->name,
			.offset_ns = ns(served_ms(sibling, t_s + elapsed_s) -
			    served_ms(model, t_s + elapsed_s)),
			.error_ns = MS / 5 };
	}
	return gate_judge(&gate, "active", &now, (int64_t)(elapsed_s * 1e9), words);
}

static void
a_first_rollout_puts_nothing_back(void **state UNUSED)
{
	for (uint64_t seed = 1; seed <= ROLLOUTS; seed++) {
		struct report unsynced = { .answered = true,
			.boot_id = "b",
			.boot_ns = 7200 * S,
			.real_ns = 9000 * S,
			.status = { .stratum = 16, .leap = LEAP_UNSYNC } };
		char words[GATE_WORDS_BYTES];
		struct world world;
		double t_s = 0;

		begin(&world, 1 + seed % SERVERS, seed);
		for (size_t i = 0; i < world.servers; i++) {
			world.models[i].first_ms = draw(&world, -100, 100);
			if (change(&world, i, t_s, &unsynced, words) == GATE_BACK) {
				fail_msg("seed %d, server %zu: %s", (int)seed, i + 1, words);
			}
			t_s += draw(&world, 12, 60);
		}
		topology_free(&world.topology);
	}
}

static void
wrong_upstreams_for_a_site_that_is_right_are_put_back(void **state UNUSED)
{
	static const double wrong_ms[] = { 300, -300, 50, -50, 20, -20 };

	for (uint64_t seed = 1; seed <= ROLLOUTS; seed++) {
		char words[GATE_WORDS_BYTES];
		struct report before;
		struct world world;
		size_t which;

		begin(&world, 1 + seed % SERVERS, seed);
		for (size_t i = 0; i < world.servers; i++) {
			world.models[i].first_ms = draw(&world, -1.5, 1.5);
			world.models[i].changed_s = 0;
		}
		which = (size_t)draw(&world, 0, (double)world.servers - 0.01);
		look(&world, &world.models[which], 1000, &before);
		world.models[which].wrong_ms = wrong_ms[seed % COUNT(wrong_ms)];
		world.models[which].first_ms = 0;
		if (change(&world, which, 1000, &before, words) != GATE_BACK) {
			fail_msg("seed %d, server %zu of %zu: kept, or not yet: %s", (int)seed,
			    which + 1, world.servers, words);
		}
		topology_free(&world.topology);
	}
}

/* Clients after their servers, which are still on their way: they follow one of these. */
static void
clients_of_a_first_rollout_are_left_alone(void **state UNUSED)
{
	for (uint64_t seed = 1; seed <= ROLLOUTS; seed++) {
		struct site_voter voters[SERVERS] = { 0 };
		struct site_time_case input = { .elapsed_ns = 5 * S };
		char words[SITE_TIME_WORDS_BYTES];
		struct report now, other;
		struct world world;
		double offset_ms;

		begin(&world, 3, seed);
		offset_ms = draw(&world, -100, 100); /* of the client's clock */
		now = (struct report){ .answered = true, .status.stratum = 3 };
		for (size_t i = 0; i < world.servers; i++) {
			struct model *server = &world.models[i];

			server->first_ms = draw(&world, -100, 100);
			server->changed_s = 0;
			look(&world, server, 60, &other);
			voters[i].host = server->host;
			site_voter_look(&voters[i], &other, true, 60 * S);
			measure(&world, &now, server->host->addresses.list[0].text,
			    served_ms(server, 65) - offset_ms);
		}
		now.status.sources[0].state = SOURCE_SELECTED;
		now.status.offset_ns = now.status.sources[0].offset_ns;
		input.topology = &world.topology;
		input.host = topology_host(&world.topology, "c1");
		input.now = &now;
		input.voters = voters;
		input.voter_count = world.servers;
		input.now_ns = 65 * S;
		if (site_time_judge(&input, words) == SITE_TIME_DISAGREES) {
			fail_msg("seed %d: %s", (int)seed, words);
		}
		topology_free(&world.topology);
	}
}

/* Who follows the servers: a client, a branch, a peer.  Its daemon asks them eight times within
 * 16 s, and then once in 64 s; of those that it knows it uses some, and follows one. */
struct follower {
	const struct host *host;
	bool chrony;
	double clock_ms; /* minus true time */
	double told_ms;  /* its offset, as its daemon has it */
	double fast_ppm; /* the clock runs away, whatever the daemon does */
	double sampled_s;
	double offset_ms[SERVERS]; /* of each server, when it was asked */
	unsigned used;             /* a bit for each server */
	size_t selected;
	bool wrong; /* its servers are, by a growing offset, and do not say so */
};

/* Ask the servers, and choose whom to use. */
static void
sample(struct world *world, struct follower *follower, double t_s, double ran_s)
{
	double sum_ms = 0, count = 0;

	follower->sampled_s = t_s;
	follower->used = (unsigned)draw(world, 1, (double)(1U << world->servers) - 0.01);
	for (size_t i = 0; i < world->servers; i++) {
		follower->offset_ms[i] = served_ms(&world->models[i], t_s) - follower->clock_ms +
		    draw(world, -0.2, 0.2) + (follower->wrong ? 20 + 5 * ran_s : 0);
		if (follower->used & 1U << i) {
			sum_ms += follower->offset_ms[i];
			count++;
			follower->selected = i;
		}
	}
	follower->told_ms = sum_ms / count;
}

/* Let a second pass. */
static void
correct(struct follower *follower)
{
	double moved_ms = follower->told_ms * 0.693 / HALF_S;

	if (follower->chrony) {
		moved_ms = follower->told_ms > 0.5 ? 0.5 : follower->told_ms;
		moved_ms = moved_ms < -0.5 ? -0.5 : moved_ms;
		follower->told_ms -= moved_ms;
	}
	follower->clock_ms += moved_ms + follower->fast_ppm / 1000;
}

static void
report_follower(
    struct world *world, const struct follower *follower, double t_s, struct report *report)
{
	*report = (struct report){ .boot_id = "b",
		.boot_ns = 7200 * S,
		.real_ns = 9000 * S,
		.answered = true,
		.status = { .stratum = 3,
		    .update_interval_ns = 64 * S,
		    .offset_ns = ns(follower->told_ms) } };
	snprintf(
	    report->daemon, sizeof(report->daemon), "%s", follower->chrony ? "chrony" : "ntpsec");
	for (size_t i = 0; i < world->servers; i++) {
		const char *address = world->models[i].host->addresses.list[0].text;
		struct source_status *source =
		    measure(world, report, address, follower->offset_ms[i]);

		source->age_ns = (int64_t)((t_s - follower->sampled_s) * 1e9);
		source->state = SOURCE_OUTLIER;
		if (follower->used & 1U << i) {
			source->state = follower->selected == i ? SOURCE_SELECTED : SOURCE_COMBINED;
		}
		if (follower->selected == i) {
			snprintf(report->status.selected, SOURCE_NAME_BYTES, "%s", address);
		}
	}
}

/* Change @follower @t_s after the rollout began, and look until it is kept or put back. */
static enum gate_answer
follow(struct world *world, struct follower *follower, double t_s, char *words)
{
	struct report unsynced = { .answered = true,
		.boot_id = "b",
		.boot_ns = 7200 * S,
		.real_ns = 9000 * S,
		.status = { .stratum = 16, .leap = LEAP_UNSYNC } };
	struct site_voter voters[SERVERS] = { 0 };
	struct gate gate = { .budget = { 5 * MS, 50 * MS },
		.confirm_within_ns = 60 * S,
		.unit = "a unit",
		.before = &unsynced,
		.asks_time = true,
		.topology = &world->topology,
		.host = follower->host,
		.voters = voters,
		.voter_count = world->servers,
		.changed_ns = (int64_t)(t_s * 1e9) };
	enum gate_answer answer = GATE_AGAIN;
	double next_s = draw(world, 2, 5);
	struct report now;

	for (size_t i = 0; i < world->servers; i++) {
		look(world, &world->models[i], t_s, &now);
		voters[i].host = world->models[i].host;
		site_voter_look(&voters[i], &now, true, (int64_t)t_s * S);
	}
	for (double ran_s = 0; answer == GATE_AGAIN; ran_s++) {
		if (ran_s < 16 ? (int)ran_s % 2 == 0 : (int)ran_s % 64 == 0) {
			sample(world, follower, t_s + ran_s, ran_s);
		}
		correct(follower);
		if (ran_s >= next_s) {
			report_follower(world, follower, t_s + ran_s, &now);
			answer = gate_judge(&gate, "active", &now, (int64_t)(ran_s * 1e9), words);
			next_s += draw(world, 1, 4);
		}
	}
	return answer;
}

/* Servers that were changed a short time ago, and who follows them now. */
static double
begin_follower(struct world *world, struct follower *follower, double most_ms, uint64_t seed)
{
	static const char *const names[] = { "c1", "b1", "t1" };
	double t_s = 0;

	begin(world, 1 + seed % SERVERS, seed);
	for (size_t i = 0; i < world->servers; i++) {
		world->models[i].first_ms = draw(world, -most_ms, most_ms);
		world->models[i].changed_s = t_s;
		t_s += draw(world, 12, 60);
	}
	*follower = (struct follower){ .chrony = draw(world, 0, 1) < 0.5,
		.host = topology_host(&world->topology, names[seed / SERVERS % COUNT(names)]),
		.clock_ms = draw(world, -100, 100) };
	return t_s;
}

static void
who_follows_servers_that_are_on_their_way_is_left_alone(void **state UNUSED)
{
	for (uint64_t seed = 1; seed <= ROLLOUTS; seed++) {
		char words[GATE_WORDS_BYTES];
		struct follower follower;
		struct world world;
		double t_s = begin_follower(&world, &follower, 100, seed);

		if (follow(&world, &follower, t_s, words) != GATE_KEEP) {
			fail_msg("seed %d, of %zu servers: %s", (int)seed, world.servers, words);
		}
		topology_free(&world.topology);
	}
}

/* A clock that runs away from servers that are right, and servers that run away and do not say so.
 */
static void
who_runs_away_from_servers_that_are_right_is_put_back(void **state UNUSED)
{
	for (uint64_t seed = 1; seed <= ROLLOUTS; seed++) {
		char words[GATE_WORDS_BYTES];
		struct follower follower;
		struct world world;
		double t_s = begin_follower(&world, &follower, 1, seed);

		follower.clock_ms = draw(&world, 20, 100);
		follower.fast_ppm = seed % 2 ? 6000 : 0;
		if (seed % 2 == 0) {
			follower.clock_ms = draw(&world, -100, -1);
			follower.wrong = true;
		}
		if (follow(&world, &follower, t_s, words) != GATE_BACK) {
			fail_msg("seed %d, of %zu servers: %s", (int)seed, world.servers, words);
		}
		topology_free(&world.topology);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_rollout_puts_nothing_back),
		cmocka_unit_test(wrong_upstreams_for_a_site_that_is_right_are_put_back),
		cmocka_unit_test(clients_of_a_first_rollout_are_left_alone),
		cmocka_unit_test(who_follows_servers_that_are_on_their_way_is_left_alone),
		cmocka_unit_test(who_runs_away_from_servers_that_are_right_is_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
