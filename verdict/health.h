/*
 * Judges whether a host's time is good: in the same way for a rollout, which waits for that, and
 * for the page, which shows it.  No I/O.
 */
#ifndef VERDICT_HEALTH_H
#define VERDICT_HEALTH_H

#include "common/base.h"

struct daemon_status;
struct host;

/*
 * The history keeps the numbers of the first four, the worst last: a new one stands behind, and is
 * kept as one of them (collect/collector.c).  In the three "grey" ones nothing is known of the
 * time.
 */
enum health {
	HEALTH_GOOD,
	HEALTH_FREE_RUNNING, /* no update within 8 poll intervals: the clock drifts */
	HEALTH_OVER_BUDGET,  /* offset or error bound beyond the budget */
	HEALTH_UNSYNCED,     /* the daemon follows nobody */
	HEALTH_STOPPED,      /* no daemon runs */
	HEALTH_EXITED,       /* the daemon failed: its panic limit, a crash, a signal */
	HEALTH_SILENT,       /* grey: no report within 3 report intervals */
	HEALTH_NEVER,        /* grey: the host is declared and has never reported */
	HEALTH_SETTLING,  /* the daemon has just begun: only its error bound is beyond the budget */
	HEALTH_NO_ANSWER, /* grey: the daemon runs, and the agent cannot ask it */
	HEALTH_SIBLINGS,  /* good, but the daemon follows other servers of its tier alone */
	HEALTH_CLOCK,     /* good, but a hardware clock of the host is lost, or is not followed */
	HEALTH_UNMEASURABLE, /* grey, and no fault: nobody logs in there, and it tells no time */
	HEALTH_COUNT,        /* their number */
};

/* What a health amounts to: what people and alerts act on, the same for a host, a tier, a site. */
enum health_state {
	STATE_GOOD,
	STATE_WARN,    /* time is good still, and what keeps it so is not */
	STATE_BAD,     /* time is wrong, or nothing keeps it right */
	STATE_STALE,   /* something was known, and is of now no more */
	STATE_UNKNOWN, /* nothing was ever known, or can be */
	STATE_COUNT,   /* their number */
};

/* The state of a host of that health.  This is the only place where the two meet. */
enum health_state health_state_of(enum health health);

/* "good", "warn", "bad", "stale", "unknown" */
const char *health_state_name(enum health_state state);

/* Whether @a is to be looked at before @b: bad, stale, warn, unknown, good. */
bool health_state_is_worse(enum health_state a, enum health_state b);

/* What to do about a hardware clock that gives no time. */
#define HEALTH_CLOCK_REMEDY "look at the receiver and what reads it"

#define HEALTH_REASON_BYTES 320

/* "good", "free-running", "over budget", ... */
const char *health_name(enum health health);

#define HEALTH_RATE_BYTES 224

/*
 * Whether the clock runs so fast or slow that its daemon can hardly hold it.
 *
 * @frequency_ppm: the daemon's correction, positive: the clock is slow
 * @words:         HEALTH_RATE_BYTES bytes: how fast it runs, and what to do; else ""
 */
bool health_rate(double frequency_ppm, char *words);

/*
 * Judge a daemon that answers.
 *
 * @status:         as it was @age_ns ago
 * @runs_ns:        how long the daemon ran then; -1: not known
 * @budget_offset_ns, @budget_error_bound_ns: the host's budget, positive
 * @reason:         HEALTH_REASON_BYTES bytes; says why when the result is not HEALTH_GOOD, and what
 * is wrong with the rate of the clock, whatever the result is
 */
enum health health_judge(const struct daemon_status *status, int64_t age_ns, int64_t runs_ns,
    int64_t budget_offset_ns, int64_t budget_error_bound_ns, char *reason);

/*
 * Judge a clock by what an agent measured because its daemon may not be asked: by its budget alone.
 *
 * @status, @age_ns, @reason and the budget: as for health_judge()
 */
enum health health_judge_measured(const struct daemon_status *status, int64_t age_ns,
    int64_t budget_offset_ns, int64_t budget_error_bound_ns, char *reason);

/*
 * Judge whom a daemon follows: a server that its siblings help has good time as long as one of them
 * has, and nobody outside has a say in it.
 *
 * @health:     what health_judge() found; only a good one, or one that settles, becomes
 * HEALTH_SIBLINGS
 * @is_sibling: whether an address is that of another server of the tier of @host
 * @reason:     as health_judge() left it; says who is followed when the result is HEALTH_SIBLINGS
 */
enum health health_of_siblings(enum health health, const struct daemon_status *status,
    const struct host *host, bool (*is_sibling)(const struct host *host, const char *address),
    char *reason);

#endif
