/*
 * Puts together the case of a restart from all that the agent could find out, and has it judged:
 * verdict/restart.h judges, this room's files gather the facts.
 */
#ifndef AGENT_LOOK_JUDGEMENT_H
#define AGENT_LOOK_JUDGEMENT_H

#include "agent/start/start.h"
#include "measure/measure.h"
#include "verdict/report.h"

struct judgement {
	const struct start *start;
	const struct restart_policy *policy;
	const struct measure *measured; /* NULL: judge by the daemon's own samples */
	int64_t measured_ns;      /* CLOCK_BOOTTIME when, if it was not for this verdict; else 0 */
	int64_t resumed_ns;       /* CLOCK_BOOTTIME when the machine was last seen to have slept; 0:
				     never */
	int64_t boot_ns, real_ns; /* now */
	int64_t runs_ns;          /* how long the daemon has been running; 0: not told */
	bool rtc_absent;          /* the host has no hardware clock */
	/* host_address_towards(), or what a test has instead */
	bool (*own_address)(const struct ip *ip, struct ip *own);
	int64_t drift_written_ns; /* when the drift file was written; 0: never, or not told */
};

/* Fill @request: ask three times each source that the daemon would follow. */
void judgement_request(const struct restart_policy *policy, struct measure_request *request);

/* Returns the line that gave the @index-th name of that request; NULL: there is none. */
const struct restart_line *judgement_line(const struct restart_policy *policy, size_t index);

/*
 * Fill in the verdict of @report, by @judgement and by the status, rivals and RTC of @report.
 *
 * @input: filled with the case, which borrows from @judgement and @report
 */
void judgement_pass(
    const struct judgement *judgement, struct report *report, struct restart_case *input);

#endif
