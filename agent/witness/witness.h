/*
 * The witness watches the clock and the daemon's process, and keeps what it saw: the proof after a
 * start of the daemon, the ledger of steps with their causes, and how a daemon ended.
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
	struct cause_look right, before;
	char followed[SOURCE_NAME_BYTES];
};

struct witness;
struct witness_calls {
	/* Something happened: look at the daemon, and report. */
	void (*wants_look)(struct witness *witness);
	/* The same, and the report must not wait. */
	void (*wants_report)(struct witness *witness);
};

/*
 * Zero-initialise it except for the first three members; witness_start() begins it, witness_stop()
 * ends it.
 */
struct witness {
	const char *folder; /* of the ledger's file */
	int64_t window_ns;  /* 0: the usual one */
	void *owner;        /* for the calls' use */
	struct witness_calls calls;
	uv_loop_t *loop;
	struct watch watch;
	struct ledger ledger;
	int64_t gap_from_ns, gap_to_ns; /* nobody watched in between, without a net step */
	struct lifeline lifeline;
	char followed[SOURCE_NAME_BYTES]; /* the source followed last; "": none yet */
	struct restart_policy policy;     /* of the daemon, as it was soon after its start */
	struct cause_look latest;         /* what the daemon said last */
	struct cause_look right; /* the latest at which the clock was right; forgotten at a step */
	int64_t began_ns;        /* CLOCK_BOOTTIME of the start of the latest look */
	struct witness_pending pending[WITNESS_PENDING_MAX];
	struct {
		int64_t boot_ns, raw_ns;
	} history[WITNESS_HISTORY]; /* REALTIME - MONOTONIC_RAW of each second */
	uint64_t seconds;

	int64_t saved_ns;
	bool save_failed;
};

/* Watch from now on, and take up what an earlier run of the agent knew. */
void witness_start(struct witness *witness, uv_loop_t *loop, const char *boot_id,
    const struct witness_calls *calls);

/* A look at the daemon begins. */
void witness_looking(struct witness *witness);

/* A look ended: learn from @sample, and fill in the witness's part of its report. */
void witness_sampled(struct witness *witness, struct sample *sample);

/* Returns how soon there should be another look; 0: no sooner than usual. */
int64_t witness_wants_ns(const struct witness *witness, int64_t now_ns);

/* Save what is known and close the handles; the loop must run once more. */
void witness_stop(struct witness *witness);

void witness_free(struct witness *witness);

#endif
