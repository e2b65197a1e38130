/*
 * Why the clock was stepped, judged by what was seen before and after.  This file does no I/O.
 *
 * The kernel does not tell who set the clock.  What helps is a stamp of the first-set unit, sleep,
 * the calendar, and what the daemon's sources said.  If they asked for just this step before, the
 * daemon made it.  If they ask for the way back after it, somebody else made it.
 */
#ifndef AGENT_WITNESS_CAUSE_H
#define AGENT_WITNESS_CAUSE_H

#include "agent/witness/pause.h"
#include "agent/witness/step.h"
#include "daemons/daemon.h"
#include "daemons/policy.h"
#include "verdict/proof.h"

#define CAUSE_PRESET_BYTES (RESTART_PLACE_BYTES + RESTART_TEXT_BYTES + 4)

struct cause_facts {
	struct step_seen step;
	bool away; /* the agent did not run when it happened */

	bool first_set;            /* the first-set unit left its stamp, and then: */
	int64_t first_set_ns;      /* by how much it set the clock; 0: not at all */
	int64_t first_set_boot_ns; /* CLOCK_BOOTTIME of the stamp */

	const char *program;             /* the daemon's: "chronyd"; "" when there is none */
	bool ran;                        /* the daemon ran at that moment */
	int64_t started_boot_ns;         /* CLOCK_BOOTTIME of its start; 0: not known */
	bool policy_known;               /* the daemon's configuration was understood, and then: */
	bool never_steps;                /* it makes no such step, not at its start either */
	char preset[CAUSE_PRESET_BYTES]; /* what of its configuration sets the clock at its start,
					    as this step did; "": nothing */
	const char *unit_preset;         /* a line of its unit that sets the clock before its start;
					    NULL: none */
	int64_t next_start_boot_ns;      /* when it was started after the step; 0: not yet */
	int64_t now_boot_ns;             /* when this look began */
	const char *rival;               /* another program that sets clocks, NULL: none is known */

	int64_t later_ns;       /* sum of the steps since this one */
	int64_t latest_boot_ns; /* CLOCK_BOOTTIME of the latest of them; without any, of this one */
	const char *followed;   /* the source that the daemon followed last; "": none yet */
	const struct cause_look *right;  /* the latest at which the clock was right, with no step
					    since but this; NULL: none */
	const struct cause_look *before; /* the latest from before the step */
	const struct cause_look *after;  /* what it said at the latest look */
	bool last;                       /* there will be no later look */
};

/*
 * Find the cause of the step.
 *
 * @entry: cause, settled and words are set; words never name a cause that is not known
 *
 * Returns whether the cause is settled; else a later look may tell more.
 */
bool cause_find(const struct cause_facts *facts, struct ledger_entry *entry);

#endif
