/*
 * A restart that was asked for, and names that are resolved again: what has to be done on one
 * host, and whether it may.  Pure.
 */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_RESTART_H
#define ORCHESTRATOR_ROLLOUT_PLAN_RESTART_H

#include "orchestrator/rollout/plan/plan.h"
#include "orchestrator/topology/topology.h"

/*
 * Fill @plan from @arena: restart the daemon, whatever its files are.
 *
 * Returns 0, or -1 with @err set: the host cannot be worked on.
 */
int restart_plan(const struct facts *facts, const struct daemon_driver *driver, struct arena *arena,
    struct host_plan *plan, struct error *err) MUST_CHECK;

/*
 * Fill @plan from @arena: cure the names that are stale by @facts' agent, by the running daemon's
 * own means or, where it has none, by a restart.  Nothing to do for a host where none is.
 *
 * Returns 0, or -1 with @err set: nobody could tell, or the daemon cannot look names up.
 */
int refresh_plan(const struct facts *facts, const struct daemon_driver *driver, struct arena *arena,
    struct host_plan *plan, struct error *err) MUST_CHECK;

/*
 * Whether a restart into the configuration that @report was judged by leaves the clock where it
 * is.  A slew within the host's budget counts: the clock is good before, during and after it.  A
 * larger one runs the clock off for long, however gently.  So does a daemon that has forgotten the
 * clock's frequency, by what that amounts to until it is known again.
 *
 * @report: NULL: nobody could ask
 * @why:    set when it does not
 */
bool restart_is_harmless(
    const struct report *report, const struct budget *budget, struct error *why);

/*
 * Whether the daemon may be restarted now: harmless, and it would serve time again.
 *
 * @remedy: set when it may not: what the operator can do
 */
bool restart_is_safe(const struct report *report, const struct budget *budget, struct error *why,
    const char **remedy);

#endif
