/*
 * What the agent must not forget: the ledger of steps, and what it watched.  One bounded file of
 * JSON, replaced whole.  It survives restarts of the agent and of the machine.
 *
 * It is read by `timetier-agent status`, too: as root, a file that the agent's user could write.
 * So nothing in it is trusted.
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
	int writer_pid; /* the service that wrote it */
	int64_t writer_start_id_ns;
	int64_t watched_since_ns; /* without a gap in which a step could hide */
	int64_t watched_to_ns;    /* when this was written */
	int64_t gap_ns;           /* REALTIME - BOOTTIME then */
	int64_t raw_ns;           /* REALTIME - MONOTONIC_RAW then */

	/* The latest start of a daemon; program "" when none was seen in this boot. */
	char program[32];
	int pid;
	int64_t start_id_ns; /* with pid: which process it is */
	int64_t started_ns;
	int64_t started_raw_ns; /* REALTIME - MONOTONIC_RAW then */
	int64_t window_ns;
	int64_t moved_ns; /* in the window, up to watched_to_ns */
	int64_t unwatched_ns;
	uint64_t touched;

	struct daemon_end end;
	struct proof proof;                              /* as of watched_to_ns */
	struct ledger_entry entries[LEDGER_ENTRIES_MAX]; /* newest first */
	size_t count;
};

/* Put @entry in front; the oldest makes room. */
void ledger_add(struct ledger *ledger, const struct ledger_entry *entry);

/* The entry with that identity, or NULL. */
struct ledger_entry *ledger_find(struct ledger *ledger, const char *boot_id, int64_t boot_ns);

/* NUL-ended JSON; the caller frees it. */
char *ledger_encode_file(const struct ledger *ledger);

/* The inverse; @ledger is untouched on failure. */
int ledger_decode_file(
    const char *bytes, size_t len, struct ledger *ledger, struct error *err) MUST_CHECK;

/*
 * Read @folder's file; there being none is an empty ledger.
 *
 * Returns 0, or -1 with @err set and @ledger untouched.
 */
int ledger_load(const char *folder, struct ledger *ledger, struct error *err) MUST_CHECK;

int ledger_save(const char *folder, const struct ledger *ledger, struct error *err) MUST_CHECK;

/* What runs while a ledger is merged. */
struct ledger_now {
	int64_t boot_ns;     /* CLOCK_BOOTTIME */
	int pid;             /* of the daemon; 0: none is seen */
	int64_t start_id_ns; /* of the same */
	bool writer_runs;    /* the service that wrote the ledger: then it is of this boot */
};

/*
 * Put what the file of the service knows into a report of the same boot.  The boot is known by its
 * id, and by the service: sandboxes of some containers hide the id from one of the two.
 */
void ledger_merge(const struct ledger *ledger, const struct ledger_now *now, struct report *report);

#endif
