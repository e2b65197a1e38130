/*
 * Plans a restart, or a new look-up of names, that the operator asked for on one host, and judges
 * whether the restart is safe.  This file does no I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_RESTART_H
#define ORCHESTRATOR_ROLLOUT_PLAN_RESTART_H

#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/topology/topology.h"

/*
 * Fill @plan, with memory of @arena: restart the daemon, whatever its files are.
 *
 * Returns 0, or -1 with @err set: the host cannot be worked on.
 */
int restart_plan(const struct facts *facts, const struct daemon_driver *driver, struct arena *arena,
    struct host_plan *plan, struct error *err) MUST_CHECK;

/*
 * Fill @plan, with memory of @arena: have the names looked up again that the agent calls stale in
 * @facts.  The running daemon's own command does it or, where the daemon has none, a restart.  The
 * plan is empty where no name is stale.
 *
 * Returns 0, or -1 with @err set: nobody could tell, or the daemon cannot look names up.
 */
int refresh_plan(const struct facts *facts, const struct daemon_driver *driver, struct arena *arena,
    struct host_plan *plan, struct error *err) MUST_CHECK;

/*
 * Whether a restart into the configuration that @report judged leaves the clock good.  A slew
 * within the host's offset budget does: the clock is good before, during and after it.  A larger
 * slew does not: the clock is wrong for long.  Where the daemon would only forget the clock's
 * frequency, the drift until it is measured again counts as the slew.
 *
 * @report: NULL: nobody could ask the daemon
 * @why:    set when the answer is no
 */
bool restart_is_harmless(
    const struct report *report, const struct budget *budget, struct error *why);

/*
 * Whether a leap second is so near that the daemon may not be restarted, or not be told of any
 * change, whatever that would do otherwise.
 *
 * @restarts: it would be restarted; else it would only reload something
 * @why, @remedy: set when the answer is yes
 */
bool leap_forbids(
    const struct report *report, bool restarts, struct error *why, const char **remedy);

/*
 * Whether the daemon may be restarted now: no leap second is near, the restart is harmless, and
 * afterwards the daemon would serve time again.
 *
 * @remedy: what the operator can do; set when the answer is no
 */
bool restart_is_safe(const struct report *report, const struct budget *budget, struct error *why,
    const char **remedy);

#endif
