/* Runs many hosts at once: decides which may begin, in which order, and when to stop. */
#include "common/digest.h"
#include "orchestrator/rollout/guard.h"
#include "orchestrator/rollout/plan/order.h"
#include "orchestrator/rollout/rollout.h"
#include "orchestrator/rollout/voters.h"

#include <stdlib.h>
#include <string.h>

#define WORD_WAIT_S 45 /* a host that hears nothing from us for so long takes us for gone */

struct rollout {
	struct rollout_request request;
	struct host_owner owner;
	struct guard guard;
	struct looks looks;
	struct voters voters;
	struct rollout_host *hosts;
	size_t count;
	unsigned waves;

	bool applying;
	bool stopped;
	unsigned wave; /* the present one, while applying */
	size_t next;   /* index of the first host not yet looked at in this phase or wave */
	unsigned at_work;
	unsigned failures;           /* hosts that a change went wrong on */
	struct rollout_host **tired; /* hosts whose work is over: let_rest() frees it later */
	size_t tired_count;
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
	return host->outcome == HOST_CHANGES && host->wave == rollout->wave && !host->withheld;
}

static bool
is_guarded(const struct rollout_host *host)
{
	return host->host->role == HOST_SERVER && host->plan.restart;
}

/* A server is restarted only when the guard says that the servers that stay are enough. */
static void
begin(struct rollout *rollout, struct rollout_host *host)
{
	rollout->at_work++;
	if (!rollout->applying) {
		host_start_plan(host, &rollout->owner);
	} else if (is_guarded(host)) {
		host->step = HOST_STEP_QUORUM;
		rollout->owner.moved(rollout, host);
		guard_ask(&rollout->guard, host);
	} else {
		host_start_apply(host, &rollout->owner);
	}
}

/* Begin as many hosts as may work at once. */
static void
fill(struct rollout *rollout)
{
	while (!rollout->stopped && rollout->at_work < rollout->request.parallel &&
	    rollout->next < rollout->count) {
		struct rollout_host *host = &rollout->hosts[rollout->next++];

		if (may_begin(rollout, host)) {
			begin(rollout, host);
		}
	}
}

/* A failure that left its host as it was does not count, unless a restart was asked for. */
static bool
is_failure(const struct rollout_host *host)
{
	switch (host->outcome) {
	case HOST_PUT_BACK:
	case HOST_UNWELL:
	case HOST_LOST:
	case HOST_STUCK:
		return true;
	case HOST_FAILED:
	case HOST_REFUSED:
		return host->plan.asked && host->plan.restart;
	case HOST_OPEN:
	case HOST_UNCHANGED:
	case HOST_CHANGES:
	case HOST_DONE:
	case HOST_AWAY:
		break;
	}
	return false;
}

static void
over(void *ctx, struct rollout_host *host)
{
	struct rollout *rollout = ctx;

	rollout->at_work--;
	if (rollout->applying) {
		voters_touched(&rollout->voters, host);
	}
	rollout->tired[rollout->tired_count++] = host;
	if (rollout->applying && is_failure(host)) {
		rollout->failures++;
		if ((host->plan.asked && host->plan.restart) ||
		    rollout->failures > rollout->request.topology->rollout.max_failures) {
			rollout->stopped = true;
		}
	}
	moved(rollout, host);
	fill(rollout);
}

static void
on_guard(void *ctx, struct rollout_host *host, enum guard_answer answer)
{
	struct rollout *rollout = ctx;

	switch (answer) {
	case GUARD_GO:
		voters_take(&rollout->voters, &rollout->guard.looks);
		host_start_apply(host, &rollout->owner);
		return;
	case GUARD_REFUSED:
		error_set(&host->err, "%s", rollout->guard.words);
		host->where = host_step_name(HOST_STEP_QUORUM);
		host->remedy = "see to the other servers first";
		host->outcome = HOST_REFUSED;
		break;
	case GUARD_STOPPED:
		host->step = HOST_STEP_PLAN;
		break;
	}
	over(rollout, host);
}

static void
on_looked(void *ctx)
{
	struct rollout *rollout = ctx;

	rollout->at_work--;
}

/* Before the hosts of a wave are changed, ask how the servers are doing that will judge them. */
static void
ask_voters(struct rollout *rollout)
{
	for (size_t i = 0; i < rollout->count; i++) {
		const struct rollout_host *host = &rollout->hosts[i];

		if (may_begin(rollout, host) && host->driver &&
		    plan_action(&host->plan) != FILE_ACTION_NONE) {
			voters_want(&rollout->voters, host->host, !is_guarded(host));
		}
	}
	rollout->at_work = 1;
	if (!voters_ask(&rollout->voters)) {
		rollout->at_work = 0;
		return;
	}
	while (rollout->at_work > 0) {
		uv_run(rollout->request.loop, UV_RUN_ONCE);
	}
	voters_take(&rollout->voters, &rollout->voters.looks);
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
	rollout->tired = calloc(request->host_count + 1, sizeof(struct rollout_host *));
	if (!rollout->hosts || !rollout->tired) {
		abort();
	}
	for (size_t i = 0; i < request->host_count; i++) {
		rollout->hosts[i].host = request->hosts[i];
		rollout->hosts[i].takes_back = request->takes_back;
	}
	rollout->owner = (struct host_owner){
		.request = &rollout->request,
		.remote = {
		    .top = request->top ? request->top : "",
		    .holder = request->holder ? request->holder : "timetier",
		    .run = request->run ? request->run : "",
		    .wait_s = WORD_WAIT_S,
		    .confirm_s =
			(unsigned)(request->topology->rollout.confirm_within_ns / NS_PER_S),
		},
		.keep_links = request->host_count <= request->parallel,
		.ctx = rollout,
		.moved = moved,
		.over = over,
	};
	guard_init(&rollout->guard, &rollout->owner);
	rollout->guard.ctx = rollout;
	rollout->guard.answered = on_guard;
	rollout->guard.voters = &rollout->voters;
	rollout->looks.ctx = rollout->voters.looks.ctx = rollout;
	rollout->looks.done = rollout->voters.looks.done = on_looked;
	voters_init(&rollout->voters, &rollout->owner);
	rollout->owner.voters = rollout->voters.list;
	rollout->owner.voter_count = rollout->voters.count;
	return rollout;
}

void
rollout_free(struct rollout *rollout)
{
	if (!rollout) {
		return;
	}
	guard_free(&rollout->guard);
	looks_done(&rollout->looks);
	voters_done(&rollout->voters);
	for (size_t i = 0; i < rollout->count; i++) {
		host_done(&rollout->hosts[i]);
	}
	free(rollout->hosts);
	free(rollout->tired);
	free(rollout);
}

static void
let_rest(struct rollout *rollout)
{
	while (rollout->tired_count > 0) {
		host_rest(rollout->tired[--rollout->tired_count]);
	}
}

/* Links that are kept open keep the loop alive: run it only until our hosts are done. */
static void
run(struct rollout *rollout)
{
	rollout->next = 0;
	fill(rollout);
	let_rest(rollout);
	while (rollout->at_work > 0) {
		uv_run(rollout->request.loop, UV_RUN_ONCE);
		let_rest(rollout);
	}
}

/* Whether daemons may be touched; a rollout of agents alone needs no order of hosts. */
static bool
has_daemons(const struct rollout *rollout)
{
	return rollout->request.files || rollout->request.kind != ROLLOUT_FILES;
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
	if (has_daemons(rollout)) {
		rollout->waves = order_waves(&rollout->request.topology->rollout, members, count);
	} else {
		rollout->waves = count > 0; /* all at once */
	}
	for (size_t i = 0, k = 0; i < rollout->count; i++) {
		if (rollout->hosts[i].outcome == HOST_CHANGES) {
			rollout->hosts[i].wave = has_daemons(rollout) ? members[k].wave : 1;
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
		ask_voters(rollout);
		run(rollout);
	}
	for (size_t i = 0; i < rollout->count; i++) {
		rollout->hosts[i].skipped = rollout->hosts[i].outcome == HOST_CHANGES;
	}
}

void
rollout_withhold(struct rollout *rollout, size_t index, const char *note)
{
	rollout->hosts[index].withheld = true;
	rollout->hosts[index].note = note;
}

size_t
rollout_leave_out_unreachable(struct rollout *rollout)
{
	size_t left = 0;

	for (size_t i = 0; i < rollout->count; i++) {
		left += rollout->hosts[i].outcome == HOST_FAILED && rollout->hosts[i].unreachable;
	}
	for (size_t i = 0; left < rollout->count && i < rollout->count; i++) {
		if (rollout->hosts[i].outcome == HOST_FAILED && rollout->hosts[i].unreachable) {
			rollout->hosts[i].outcome = HOST_AWAY;
		}
	}
	return left < rollout->count ? left : 0;
}

void
rollout_withhold_restarts(struct rollout *rollout)
{
	for (size_t i = 0; i < rollout->count; i++) {
		rollout->hosts[i].withheld = rollout->hosts[i].plan.restart;
	}
}

static void
keep_looks(struct rollout *rollout)
{
	for (size_t i = 0; i < rollout->count; i++) {
		struct rollout_host *host = &rollout->hosts[i];
		const struct report *seen = looks_report(&rollout->looks, host->host);

		if (seen) {
			host_keep_time(host, seen);
		}
	}
}

void
rollout_look(struct rollout *rollout)
{
	rollout->at_work = 1;
	looks_start(
	    &rollout->looks, &rollout->owner, rollout->request.hosts, rollout->request.host_count);
	while (rollout->at_work > 0) {
		uv_run(rollout->request.loop, UV_RUN_ONCE);
	}
	keep_looks(rollout);
}

const struct report *
rollout_report(const struct rollout *rollout, const struct host *host)
{
	return looks_report(&rollout->looks, host);
}

void
rollout_stop(struct rollout *rollout)
{
	rollout->stopped = true;
	guard_stop(&rollout->guard);
}

const struct rollout_host *
rollout_hosts(const struct rollout *rollout, size_t *count)
{
	*count = rollout->count;
	return rollout->hosts;
}

size_t
rollout_count(const struct rollout *rollout, enum host_outcome outcome)
{
	size_t count = 0;

	for (size_t i = 0; i < rollout->count; i++) {
		count += rollout->hosts[i].outcome == outcome;
	}
	return count;
}

unsigned
rollout_waves(const struct rollout *rollout)
{
	return rollout->waves;
}
