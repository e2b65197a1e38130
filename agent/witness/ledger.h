/*
 * What the agent must not forget: the ledger of steps, and what it watched.  One bounded file of
 * JSON, replaced whole.  It survives restarts of the agent and of the machine.
 *
 * `timetier-agent status` reads the file, too, perhaps as root, and the agent's user can write it:
 * nothing in it is trusted.
 */
#ifndef AGENT_WITNESS_LEDGER_H
#define AGENT_WITNESS_LEDGER_H

#include "verdict/report.h"

#define LEDGER_FILE "ledger.json"
#define LEDGER_ENTRIES_MAX 64
#define LEDGER_BYTES_MAX 65536

/* Instants are CLOCK_BOOTTIME of the boot boot_id. */
struct ledger {
	char boot_id[PROOF_BOOT_ID_BYTES];
	int writer_pid; /* of the service that wrote the file */
	int64_t writer_start_id_ns;
	int64_t watched_since_ns; /* watched since then without a gap that could hide a step */
	int64_t watched_to_ns;    /* when this was written */
	int64_t gap_ns;           /* REALTIME - BOOTTIME then */
	int64_t raw_ns;           /* REALTIME - MONOTONIC_RAW then */

	/* The latest start of a daemon; program "" when none was seen in this boot. */
	char program[32];
	int pid;
	int64_t start_id_ns; /* identifies the process, together with pid */
	int64_t started_ns;
	int64_t started_raw_ns; /* REALTIME - MONOTONIC_RAW then */
	int64_t window_ns;
	int64_t moved_ns; /* how far the clock was moved in the window, up to watched_to_ns */
	int64_t unwatched_ns;
	uint64_t touched;

	struct daemon_end end;
	struct proof proof;                              /* as of watched_to_ns */
	struct ledger_entry entries[LEDGER_ENTRIES_MAX]; /* newest first */
	size_t count;
};

/* Put @entry in front; when the ledger is full the oldest entry is dropped. */
void ledger_add(struct ledger *ledger, const struct ledger_entry *entry);

/* The entry with that identity, or NULL. */
struct ledger_entry *ledger_find(struct ledger *ledger, const char *boot_id, int64_t boot_ns);

/* NUL-ended JSON; the caller frees it. */
char *ledger_encode_file(const struct ledger *ledger);

/* The inverse of ledger_encode_file(); @ledger is untouched on failure. */
int ledger_decode_file(
    const char *bytes, size_t len, struct ledger *ledger, struct error *err) MUST_CHECK;

/*
 * Read the file in @folder; without a file the ledger is empty.
 *
 * Returns 0, or -1 with @err set and @ledger untouched.
 */
int ledger_load(const char *folder, struct ledger *ledger, struct error *err) MUST_CHECK;

int ledger_save(const char *folder, const struct ledger *ledger, struct error *err) MUST_CHECK;

/* What runs while a ledger is merged. */
struct ledger_now {
	int64_t boot_ns;     /* CLOCK_BOOTTIME */
	int pid;             /* of the daemon; 0: none is seen */
	int64_t start_id_ns; /* of the same process */
	bool writer_runs;    /* the ledger's writer runs: the ledger is of this boot */
};

/*
 * Put what the service's ledger knows into @report.  The ledger is of this boot when its boot id is
 * that of @report, or when its writer runs: sandboxes of some containers hide the id from one of
 * the two.
 */
void ledger_merge(const struct ledger *ledger, const struct ledger_now *now, struct report *report);

#endif
