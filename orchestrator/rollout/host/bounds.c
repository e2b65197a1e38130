/*
 * How long a host may take, and how much it may send, whatever it says.  A step has a time of its
 * own, and a question is answered; but neither moves the end of the whole.
 */
#include "orchestrator/rollout/host/work.h"

#define FACTS_NS (90 * NS_PER_S) /* the agent may have to measure its sources */

/* The host itself ends the command in its time: this is for one that does not. */
#define ERRAND_SLACK_S 30

/*
 * What a host may send while its change is at work: the records of its steps, and for each second
 * of its health what apply.sh cuts to size, the log and the report of the agent.
 */
#define APPLY_BYTES (1u << 20)
#define APPLY_BYTES_PER_S (96u << 10)

/*
 * A link that was kept open and is broken shows it in so long: by keep-alive, or because nothing
 * that we send is acknowledged.  After that it is the host that is silent.
 */
#define KEPT_MS 75000

bool
work_may_reconnect(const struct host_work *work)
{
	return work->kept && !work->answered &&
	    uv_now(work->owner->request->loop) - work->run_ms < KEPT_MS;
}

int64_t
work_step_ns(const struct host_work *work)
{
	bool changes = work->kind == WORK_APPLY || work->kind == WORK_UNLOCK;

	if (work->kind == WORK_ERRAND) {
		const struct errand *errand = work->owner->request->errand;
		unsigned limit_s = errand->script ? errand->limit_s : ERRAND_S_MAX;

		return (int64_t)(limit_s + ERRAND_SLACK_S) * NS_PER_S;
	}
	return changes ? HOST_STEP_NS : FACTS_NS;
}

/*
 * For all steps of a command together.  A change is uploaded, checked, and then confirmed or put
 * back: the host's guard puts back what is not confirmed in its time.
 */
static int64_t
whole_ns(const struct host_work *work)
{
	unsigned guard_s = remote_guard_s(&work->owner->remote, &work->host->plan);

	if (work->kind == WORK_APPLY) {
		return 3 * HOST_STEP_NS + guard_s * NS_PER_S;
	}
	/* an errand may have to bring the program first */
	return work_step_ns(work) + (work->kind == WORK_ERRAND ? HOST_STEP_NS : 0);
}

void
work_begin_time(struct host_work *work)
{
	work->end_ms = uv_now(work->owner->request->loop) + (uint64_t)(whole_ns(work) / NS_PER_MS);
}

void
work_extend(struct host_work *work, int64_t timeout_ns)
{
	uint64_t now_ms = uv_now(work->owner->request->loop);
	int64_t left_ns =
	    work->end_ms > now_ms ? (int64_t)(work->end_ms - now_ms) * NS_PER_MS : NS_PER_MS;

	work->owner->request->transport->extend(
	    work->link, timeout_ns < left_ns ? timeout_ns : left_ns);
}

size_t
work_bytes_max(const struct host_work *work)
{
	return work->kind == WORK_APPLY
	    ? APPLY_BYTES + (size_t)work->owner->remote.confirm_s * APPLY_BYTES_PER_S
	    : RECORDS_BYTES_MAX;
}
