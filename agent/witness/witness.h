/*
 * The witness: watches the clock and the daemon's process, and keeps what it saw.  What it says
 * is the proof after a start of the daemon, the ledger of steps with their causes, and how a
 * daemon ended.
 */
#ifndef AGENT_WITNESS_WITNESS_H
#define AGENT_WITNESS_WITNESS_H

#include "agent/look/sample.h"
#include "agent/witness/cause.h"
#include "agent/witness/ledger.h"
#include "agent/witness/lifeline.h"
#include "agent/witness/watch.h"

#define WITNESS_PENDING_MAX 4
#define WITNESS_HISTORY 128 /* s */

/* A step whose cause is looked for. */
struct witness_pending {
	bool open;
	struct cause_facts facts; /* as of the step */
	struct cause_look before;
	char followed[SOURCE_NAME_BYTES];
};

struct witness;
struct witness_calls {
	/* Something happened: look at the daemon, and report. */
	void (*wants_look)(struct witness *witness);
	/* The same, and the report must not wait. */
	void (*wants_report)(struct witness *witness);
};

/* Zero-initialise it but for the first three; witness_start() begins it, witness_stop() ends it.
 */
struct witness {
	const char *folder; /* of its file */
	int64_t window_ns;  /* 0: as TIMESAFETY 1.8 says */
	void *owner;        /* for the calls' use */
	struct witness_calls calls;
	uv_loop_t *loop;
	struct watch watch;
	struct ledger ledger;
	int64_t gap_from_ns, gap_to_ns; /* nobody watched, and no net step was in it */
	struct lifeline lifeline;
	char followed[SOURCE_NAME_BYTES]; /* by the daemon, last in this run; "": nobody yet */
	struct restart_policy policy;     /* of the daemon, as it was soon after its start */
	struct cause_look latest;         /* what the daemon said last */
	int64_t began_ns;                 /* of the look that is under way */
	struct witness_pending pending[WITNESS_PENDING_MAX];
	struct {
		int64_t boot_ns, raw_ns;
	} history[WITNESS_HISTORY]; /* REALTIME - MONOTONIC_RAW of each second */
	uint64_t seconds;

	int64_t saved_ns;
	bool save_failed;
};

/* Watch from now on.  What an earlier run of the agent knew is taken up. */
void witness_start(struct witness *witness, uv_loop_t *loop, const char *boot_id,
    const struct witness_calls *calls);

/* A look at the daemon begins. */
void witness_looking(struct witness *witness);

/* It ended: learn from it, and fill the witness's part of its report. */
void witness_sampled(struct witness *witness, struct sample *sample);

/* How soon there should be another look: 0: no sooner than usual. */
int64_t witness_wants_ns(const struct witness *witness, int64_t now_ns);

/* Keep what is known; handles are closing. */
void witness_stop(struct witness *witness);

void witness_free(struct witness *witness);

#endif
