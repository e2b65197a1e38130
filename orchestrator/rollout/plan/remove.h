/* Plans that the agent is taken off one host.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_PLAN_REMOVE_H
#define ORCHESTRATOR_ROLLOUT_PLAN_REMOVE_H

#include "orchestrator/rollout/plan/plan.h"

/*
 * Fill @plan, with memory of @arena, so that the agent goes: its service, configuration, program,
 * user and state.  The program stays where the unit needs it that sets the clock at boot.
 */
void plan_remove_agent(const struct facts *facts, struct arena *arena, struct host_plan *plan);

/*
 * The same for a host that is let go: nothing of timetier's stays but the daemon's own files.  It
 * is never an empty plan.
 */
void plan_release(const struct facts *facts, struct arena *arena, struct host_plan *plan);

/*
 * Of the files that a host has when it is let go, keep those that the host's manifest lists, which
 * are what timetier put there: the daemon reads them at its next start, and goes on until then.
 * The unit goes that sets the clock at boot.
 *
 * @set: as it is rendered for a host that is released; filled anew, from @arena
 */
void plan_release_files(const struct facts *facts, struct arena *arena, struct file_set *set);

#endif
