/*
 * Judges one host by its latest report: which conditions it is in.  The work is that of one report,
 * however many hosts there are.  No I/O.
 */
#ifndef ORCHESTRATOR_HEALTH_HOST_H
#define ORCHESTRATOR_HEALTH_HOST_H

#include "orchestrator/health/conditions.h"

struct report;

#define HEALTH_BEGIN_NS (512 * NS_PER_S) /* so long a daemon may take to follow its sources */
#define HEALTH_HEARD_NS (600 * NS_PER_S) /* so long after our start a host may take to report */
#define HEALTH_STEPPED_NS                                                                          \
	(300 * NS_PER_S) /* so long a step counts as something that is wrong now */

/* What is known of a host. */
struct host_look {
	const struct report *report; /* NULL: there is none, as of a host that is not managed */
	enum health health;          /* as the fleet judged it, */
	const char *reason;          /* and why */
	int64_t read_ns;             /* when the report was read */
};

/*
 * Judge @host, the index of a host in the topology: with each report of it, and whenever time alone
 * changed its health.
 */
void health_judge_host(
    struct conditions *conditions, size_t host, const struct host_look *look, int64_t now_ns);

#endif
