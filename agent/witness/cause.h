/*
 * Why the clock was stepped, as far as what was seen before and after tells.  Pure.
 *
 * The kernel does not tell who set the clock.  What speaks: a stamp of the first-set unit, sleep,
 * the calendar; and what the daemon's sources said before (they asked for just this step) and
 * after (they ask for the way back: then it was somebody else's).
 */
#ifndef AGENT_WITNESS_CAUSE_H
#define AGENT_WITNESS_CAUSE_H

#include "agent/witness/step.h"
#include "daemons/daemon.h"
#include "verdict/proof.h"

/* What the daemon said at one moment. */
struct cause_look {
	bool known;      /* it was asked and answered */
	int64_t boot_ns; /* CLOCK_BOOTTIME when it was asked */
	struct daemon_status status;
};

struct cause_facts {
	struct step_seen step;
	bool away; /* the agent did not run when it happened */

	bool first_set;            /* the first-set unit says that it set the clock */
	int64_t first_set_ns;      /* by so much */
	int64_t first_set_boot_ns; /* CLOCK_BOOTTIME of that */

	const char *program;     /* the daemon's: "chronyd"; "" when there is none */
	bool ran;                /* it ran at that moment */
	int64_t started_boot_ns; /* CLOCK_BOOTTIME of its start; 0: not known */
	bool policy_known;       /* its configuration was understood, and then: */
	bool never_steps;        /* not by so much, nor ever at its start */
	const char *rival;       /* another program that sets clocks, NULL: none is known */

	int64_t later_ns;       /* sum of the steps since this one */
	int64_t latest_boot_ns; /* when the latest of them was; of this one, if there is none */
	const char *followed;   /* the source that it followed last in this run; "": none yet */
	const struct cause_look *before; /* the latest from before the step */
	const struct cause_look *after;  /* of now */
	bool last;                       /* there will be no later look */
};

/*
 * Judge.
 *
 * @entry: cause, settled and words are set; words never name a cause that is not known
 *
 * Returns whether it is settled; else a later look may tell more.
 */
bool cause_find(const struct cause_facts *facts, struct ledger_entry *entry);

#endif
