/* Many hosts at once: who may begin, in which order, and when to stop. */
#include <stdlib.h>
#include <string.h>

#include "orchestrator/rollout/host.h"
#include "orchestrator/rollout/order.h"
#include "orchestrator/ssh/digest.h"

#define WORD_WAIT_S 45 /* we are heard of at least so often, or are gone */

struct rollout {
	struct rollout_request request;
	struct host_owner owner;
	struct rollout_host *hosts;
	size_t count;
	unsigned waves;
	char agent_hash[SHA256_HEX_BYTES];

	bool applying;
	bool stopped;
	unsigned wave; /* the present one, while applying */
	size_t next;   /* the first that was not looked at in this phase or wave */
	unsigned at_work;
	unsigned failures; /* hosts that a change went wrong on */
};

static void
moved(void *ctx, struct rollout_host *host)
{
	struct rollout *rollout = ctx;

	if (rollout->request.progress) {
		rollout->request.progress(rollout->request.ctx, host);
	}
}

static bool
may_begin(const struct rollout *rollout, const struct rollout_host *host)
{
	if (!rollout->applying) {
		return true;
	}
	return host->outcome == HOST_CHANGES && host->wave == rollout->wave;
}

/* Begin with as many as may work at once. */
static void
fill(struct rollout *rollout)
{
	while (!rollout->stopped && rollout->at_work < rollout->request.parallel &&
	    rollout->next < rollout->count) {
		struct rollout_host *host = &rollout->hosts[rollout->next++];

		if (!may_begin(rollout, host)) {
			continue;
		}
		rollout->at_work++;
		if (rollout->applying) {
			host_start_apply(host, &rollout->owner);
		} else {
			host_start_plan(host, &rollout->owner);
		}
	}
}

static void
over(void *ctx, struct rollout_host *host)
{
	struct rollout *rollout = ctx;

	rollout->at_work--;
	if (host->outcome == HOST_PUT_BACK || host->outcome == HOST_LOST ||
	    host->outcome == HOST_STUCK) {
		rollout->failures++;
		if (rollout->failures > rollout->request.topology->rollout.max_failures) {
			rollout->stopped = true;
		}
	}
	moved(rollout, host);
	fill(rollout);
}

struct rollout *
rollout_new(const struct rollout_request *request)
{
	struct rollout *rollout = calloc(1, sizeof(*rollout));

	if (!rollout) {
		abort();
	}
	rollout->request = *request;
	rollout->count = request->host_count;
	rollout->hosts = calloc(request->host_count + 1, sizeof(*rollout->hosts));
	if (!rollout->hosts) {
		abort();
	}
	for (size_t i = 0; i < request->host_count; i++) {
		rollout->hosts[i].host = request->hosts[i];
	}
	rollout->owner = (struct host_owner){
		.request = &rollout->request,
		.remote = {
		    .top = request->top ? request->top : "",
		    .holder = request->holder ? request->holder : "timetier",
		    .agent_program = request->agent_program,
		    .agent_program_len = request->agent_program_len,
		    .wait_s = WORD_WAIT_S,
		},
		.keep_links = request->host_count <= request->parallel,
		.ctx = rollout,
		.moved = moved,
		.over = over,
	};
	if (request->agent_program) {
		rollout->owner.agent_hash = sha256_hex(
		    request->agent_program, request->agent_program_len, rollout->agent_hash);
	}
	return rollout;
}

void
rollout_free(struct rollout *rollout)
{
	if (!rollout) {
		return;
	}
	for (size_t i = 0; i < rollout->count; i++) {
		host_done(&rollout->hosts[i]);
	}
	free(rollout->hosts);
	free(rollout);
}

/* The loop has more to do than ours (links that are kept): run it until our part is over. */
static void
run(struct rollout *rollout)
{
	rollout->next = 0;
	fill(rollout);
	while (rollout->at_work > 0) {
		uv_run(rollout->request.loop, UV_RUN_ONCE);
	}
}

static void
order(struct rollout *rollout)
{
	struct order_member *members = calloc(rollout->count + 1, sizeof(*members));
	size_t count = 0;

	if (!members) {
		abort();
	}
	for (size_t i = 0; i < rollout->count; i++) {
		const struct rollout_host *host = &rollout->hosts[i];

		if (host->outcome == HOST_CHANGES) {
			members[count++] = (struct order_member){
				.host = host->host,
				.kind = host->driver ? host->driver->name : "",
			};
		}
	}
	if (rollout->request.files) {
		rollout->waves = order_waves(&rollout->request.topology->rollout, members, count);
	} else {
		rollout->waves = count > 0; /* agents disturb nobody: all at once */
	}
	for (size_t i = 0, k = 0; i < rollout->count; i++) {
		if (rollout->hosts[i].outcome == HOST_CHANGES) {
			rollout->hosts[i].wave = rollout->request.files ? members[k].wave : 1;
			k++;
		}
	}
	free(members);
}

void
rollout_plan(struct rollout *rollout)
{
	run(rollout);
	order(rollout);
}

void
rollout_apply(struct rollout *rollout)
{
	rollout->applying = true;
	for (rollout->wave = 1; rollout->wave <= rollout->waves && !rollout->stopped;
	     rollout->wave++) {
		run(rollout);
	}
	for (size_t i = 0; i < rollout->count; i++) {
		rollout->hosts[i].skipped = rollout->hosts[i].outcome == HOST_CHANGES;
	}
}

void
rollout_stop(struct rollout *rollout)
{
	rollout->stopped = true;
}

const struct rollout_host *
rollout_hosts(const struct rollout *rollout, size_t *count)
{
	*count = rollout->count;
	return rollout->hosts;
}

unsigned
rollout_waves(const struct rollout *rollout)
{
	return rollout->waves;
}
