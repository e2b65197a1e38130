/*
 * What is known of a host's clock being set: the proof after the latest start of its daemon, the
 * ledger of steps with their causes, and how a daemon ended.  Part of a report (verdict/report.h)
 * and of the agent's state file; names and words of it, and its JSON.  Pure.
 *
 * A step is a change of CLOCK_REALTIME - CLOCK_BOOTTIME: slews move both.  Source: TIMESAFETY 1.8.
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
	PROOF_BLIND,    /* the daemon started before anybody watched */
};

/* Of the latest start of the daemon. */
struct proof {
	enum proof_state state;
	int64_t
	    started_boot_ns; /* CLOCK_BOOTTIME; with the boot id it tells one start from others */
	int64_t started_real_ns; /* the same by the host's clock as it goes now */
	int64_t window_ns;       /* how long after the start it is watched */
	int64_t proved_real_ns;  /* when the window ends, or ended, by the same clock */
	uint64_t steps;          /* within the window; leap seconds are none */
	int64_t stepped_ns;      /* their sum; positive: the clock jumped forward */
	uint64_t touched; /* how often it was set, within the window, to what it was: < 1 ms */
	int64_t moved_ns; /* REALTIME - MONOTONIC_RAW: by steps, slews and rate, in the window */
	int64_t unwatched_ns; /* of the window, in which the agent did not run and a net step is
				 excluded by what it knew before */
	bool ended;           /* the daemon ended since */
	char words[PROOF_WORDS_BYTES];
};

/* Why the clock was stepped. */
enum step_cause {
	CAUSE_UNKNOWN,
	CAUSE_START_UP,  /* by the daemon, soon after its start */
	CAUSE_FIRST_SET, /* by the first-set unit */
	CAUSE_SOURCE,    /* by the running daemon, which turned to another source */
	CAUSE_DAEMON,    /* by the running daemon: what its sources said */
	CAUSE_BY_HAND,   /* by a person or program, not the daemon */
	CAUSE_PAUSED,    /* the machine slept or stood still */
	CAUSE_LEAP,      /* a leap second: no step in the sense of a verdict */
};

/* The boot and the moment within it are an entry's identity. */
struct ledger_entry {
	char boot_id[PROOF_BOOT_ID_BYTES];
	int64_t boot_ns;        /* CLOCK_BOOTTIME when it was seen */
	int64_t amount_ns;      /* positive: the clock jumped forward */
	int64_t before_real_ns; /* the host's clock at that moment had it not been set */
	int64_t after_real_ns;  /* the host's clock at that moment */
	enum step_cause cause;
	bool settled; /* the cause is not looked for any longer */
	char words[PROOF_WORDS_BYTES];
};

/* A report carries so many of the latest, newest first: none is lost with a lost report. */
#define LEDGER_REPORTED_MAX 8

/* How the daemon's process ended, while none runs. */
struct daemon_end {
	bool ended;
	bool refused;    /* by its own panic limit: the clock was left alone */
	int64_t real_ns; /* the host's clock then */
	int exit_status; /* -1: not known */
	char result[32]; /* systemd's: "exit-code", "success", "signal" */
	char words[PROOF_WORDS_BYTES];
};

/* Whether nobody ended it on purpose. */
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
