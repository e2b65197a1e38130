/* Which daemon a host has, as it stands there, and what else sets the clock.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_DRIVER_H
#define ORCHESTRATOR_ROLLOUT_FACTS_DRIVER_H

#include "orchestrator/rollout/facts/facts.h"

/* Something else that sets the clock: a unit, or a hook that runs when an interface comes up. */
struct rival {
	const char *name; /* a unit, or a hook's path; it lives as long as agent_status */
	bool hook;
	bool timer;                         /* the unit starts a job now and then; no daemon runs */
	bool active, enabled;               /* of a unit */
	const struct daemon_driver *daemon; /* set by facts_rivals(): that the unit runs; NULL: it
					       is none that timetier knows */
};

#define FACT_RIVALS_MAX 16

/*
 * Whether the daemon of @driver is installed: its binary is there, and its version names it, or a
 * program of its package stands beside it.
 */
bool facts_installed(const struct facts *facts, const struct daemon_driver *driver);

/*
 * The driver of a host whose site.yaml says `daemon: @daemon`, as it stands on the host's platform.
 * For "auto" that of the installed daemon; of several, that of an active one.
 *
 * @features: what "auto" must be able to do: DAEMON_SERVES on a server; 0: nothing in particular
 *
 * Returns NULL with @err set: none is installed, or not the declared one; or the platform is none
 * that a rollout can work on, or the daemon stands otherwise than its packages have it there.
 */
const struct daemon_driver *facts_driver(
    const struct facts *facts, const char *daemon, unsigned features, struct error *err);

/*
 * The daemon that @unit starts on this host, also one that timetier only watches: of several with
 * such a unit the one that is installed.  NULL: none that timetier knows.
 */
const struct daemon_driver *facts_daemon_of(const struct facts *facts, const char *unit);

/*
 * The daemon that has the place of that of @driver: it runs and the other does not, or it starts at
 * boot and the other does not.  Where both run neither has given way: they are rivals.  NULL: there
 * is none.
 */
const struct daemon_driver *facts_former(
    const struct facts *facts, const struct daemon_driver *driver);

/*
 * Whether timetier watches this host and never configures its daemon, because of what the host is:
 * a platform that is not rolled out, or, where @daemon is "auto", a daemon that is not configured
 * on this platform.  That is a state of the host, no fault.
 *
 * @why: set where that is so
 */
bool facts_only_watched(const struct facts *facts, const char *daemon, struct error *why);

/* Whether rollouts can work on the host's platform. */
bool facts_rolled_out(const struct facts *facts);

/*
 * The daemon called @daemon as it stands on the host, also one that timetier only watches.  Returns
 * NULL with @err set: the host has no such unit, or its platform is none that a rollout can work
 * on.
 */
const struct daemon_driver *facts_known_driver(
    const struct facts *facts, const char *daemon, struct error *err);

/* Whether the daemon of @driver is started by @unit, by whichever of its names. */
bool facts_is_own_unit(const struct daemon_driver *driver, const char *unit);

/*
 * Find what else sets the clock and can be switched off, apart from the daemon of @driver: units
 * that run or are enabled, hooks, and what the agent found.  Returns how many.
 */
size_t facts_rivals(const struct facts *facts, const struct daemon_driver *driver,
    struct rival rivals[FACT_RIVALS_MAX]);

#endif
