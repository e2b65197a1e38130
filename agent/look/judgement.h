/*
 * A restart's case, put together from all that the agent could find out, and its verdict:
 * verdict/restart.h judges it, this room's files have the facts.
 */
#ifndef AGENT_LOOK_JUDGEMENT_H
#define AGENT_LOOK_JUDGEMENT_H

#include "agent/ask/measure.h"
#include "agent/start/start.h"
#include "verdict/report.h"

struct judgement {
	const struct start *start;
	const struct restart_policy *policy;
	const struct measure *measured; /* NULL: by the daemon's own samples */
	int64_t resumed_ns;       /* CLOCK_BOOTTIME when the machine was last seen to have slept; 0:
				     never */
	int64_t boot_ns, real_ns; /* now */
	bool rtc_absent;          /* the host has no hardware clock */
	int64_t drift_written_ns; /* when the drift file was; 0: never, or not told */
};

/* Ask for those sources that the daemon would follow, three times each. */
void judgement_request(const struct restart_policy *policy, struct measure_request *request);

/*
 * Fill the verdict of @report by what it says of status, rivals and RTC, and by @judgement.
 *
 * @input: filled with the case, which borrows from both
 */
void judgement_pass(
    const struct judgement *judgement, struct report *report, struct restart_case *input);

#endif
