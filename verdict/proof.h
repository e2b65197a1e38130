/*
 * What the agent knows of changes of a host's clock: the proof after the latest start of its
 * daemon, the ledger of steps with their causes, and how the daemon ended.  Part of a report
 * (verdict/report.h) and of the agent's state file.  Here are the structs, names and JSON.  No I/O.
 *
 * A step changes CLOCK_REALTIME - CLOCK_BOOTTIME; a slew moves both.
 */
#ifndef VERDICT_PROOF_H
#define VERDICT_PROOF_H

#include "common/json_fields.h"

#define PROOF_WORDS_BYTES 192
#define PROOF_BOOT_ID_BYTES 40

enum proof_state {
	PROOF_NONE,     /* no start of a daemon is known */
	PROOF_WATCHING, /* no step so far; the window is open */
	PROOF_PROVED,   /* the window passed without a step */
	PROOF_STEPPED,  /* the clock was stepped within the window */
	PROOF_BLIND,    /* the daemon started before the agent watched */
};

/* Whether the latest start of the daemon stepped the clock. */
struct proof {
	enum proof_state state;
	int64_t started_boot_ns; /* CLOCK_BOOTTIME of the start: with the boot id, identifies it */
	int64_t started_real_ns; /* the same moment, by the host's clock as it goes now */
	int64_t window_ns;       /* how long after the start the clock is watched */
	int64_t proved_real_ns;  /* when the window ends, or ended, by the host's clock */
	uint64_t steps;          /* number in the window; leap seconds do not count */
	int64_t stepped_ns;      /* their sum; positive: the clock jumped forward */
	uint64_t touched; /* how often the clock was set in the window, but by less than 1 ms */
	int64_t moved_ns; /* change of REALTIME - MONOTONIC_RAW in the window: steps, slews, rate */
	int64_t unwatched_ns; /* time in the window in which the agent did not run; its earlier
				 readings show that there was no net step */
	bool ended;           /* the daemon has ended since */
	char words[PROOF_WORDS_BYTES];
};

/* Why the clock was stepped. */
enum step_cause {
	CAUSE_UNKNOWN,
	CAUSE_START_UP,  /* by the daemon, soon after its start */
	CAUSE_FIRST_SET, /* by the first-set unit */
	CAUSE_SOURCE,    /* by the running daemon, which began to follow another source */
	CAUSE_DAEMON,    /* by the running daemon, as its sources told it */
	CAUSE_BY_HAND,   /* by a person or program, not the daemon */
	CAUSE_PAUSED,    /* the machine slept or stood still */
	CAUSE_LEAP,      /* a leap second, which a proof does not count as a step */
};

/* One step.  boot_id and boot_ns together identify the entry. */
struct ledger_entry {
	char boot_id[PROOF_BOOT_ID_BYTES];
	int64_t boot_ns;        /* CLOCK_BOOTTIME when the step was seen */
	int64_t amount_ns;      /* positive: the clock jumped forward */
	int64_t before_real_ns; /* the host's clock at that moment, without the step */
	int64_t after_real_ns;  /* the host's clock at that moment */
	enum step_cause cause;
	bool settled; /* the cause is final */
	char words[PROOF_WORDS_BYTES];
};

/* A report carries so many of the latest entries, newest first: a lost report loses none. */
#define LEDGER_REPORTED_MAX 8

/* How the daemon's process ended, if none runs now. */
struct daemon_end {
	bool ended;
	bool refused;    /* it exited by its own panic limit: the clock was left alone */
	int64_t real_ns; /* the host's clock at the end */
	int exit_status; /* -1: not known */
	char result[32]; /* systemd's: "exit-code", "success", "signal" */
	char words[PROOF_WORDS_BYTES];
};

/* How long the daemon runs at @boot_ns of the proof's boot; -1: not known, or it has ended. */
int64_t proof_runs_ns(const struct proof *proof, int64_t boot_ns);

/* Whether the daemon failed, and was not ended on purpose. */
bool daemon_end_is_failure(const struct daemon_end *end);

const char *proof_state_name(enum proof_state state);
const char *step_cause_name(enum step_cause cause);

extern const struct field proof_fields[];
extern const struct field ledger_fields[];
extern const struct field daemon_end_fields[];

/* A new JSON array of @count entries. */
json_t *ledger_encode(const struct ledger_entry *entries, size_t count);

/*
 * The inverse, for JSON from outside.
 *
 * @json:    an array, or NULL: no entries
 * @entries: filled, room for @max; more in @json is an error
 */
int ledger_decode(const json_t *json, struct ledger_entry *entries, size_t max, size_t *count,
    struct error *err) MUST_CHECK;

#endif
