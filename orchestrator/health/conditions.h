/*
 * What is wrong now at the site: the conditions of its hosts, tiers, upstreams, and of the site as
 * a whole, each with its state, since when, and a reason that says what to do.  The page, the
 * terminal, alerts and metrics read these and have no rules of their own.  No I/O: the caller hands
 * in what was found, and the time.
 *
 * A condition stands once three judgements in a row found it, and is gone once two in a row did
 * not; those whose rows say so stand at once (silence and a stop have waited for their own limits).
 */
#ifndef ORCHESTRATOR_HEALTH_CONDITIONS_H
#define ORCHESTRATOR_HEALTH_CONDITIONS_H

#include "common/arena.h"
#include "verdict/health.h"

struct topology;

/* In the API and in alerts by their names; their rows are in conditions.c. */
enum condition_code {
	/* of a host: at most one of these follows from its health */
	CONDITION_OVER_BUDGET,
	CONDITION_UNSYNCHRONISED,
	CONDITION_FREE_RUNNING,
	CONDITION_DAEMON_STOPPED,
	CONDITION_NO_ANSWER,
	CONDITION_SILENT,
	CONDITION_NOT_HEARD,
	CONDITION_SIBLINGS_ONLY,
	CONDITION_CLOCK_LOST,
	/* of a host, beside its health */
	CONDITION_STEPPED,
	CONDITION_RESTART_WOULD_STEP,
	CONDITION_SOURCES_GONE,
	CONDITION_SOURCES_SHORT,
	CONDITION_CLOCK_RATE,
	CONDITION_CERTIFICATE_ENDS,
	CONDITION_SERVER_OFF_MEDIAN,
	CONDITION_SELF_REPORT_DISAGREES,
	/* of a tier */
	CONDITION_QUORUM_SHORT,
	CONDITION_ONE_UPSTREAM,
	/* of the site; the subject of the first two is an upstream */
	CONDITION_SOURCE_WRONG,
	CONDITION_SOURCE_SILENT,
	CONDITION_LEAP_DISAGREES,
	CONDITION_CODES, /* their number */
};

enum condition_scope {
	SCOPE_HOST,
	SCOPE_TIER,
	SCOPE_SITE,
};

#define CONDITION_REASON_BYTES 480

struct condition {
	enum condition_code code;
	size_t subject;   /* as conditions_host() and its like number them */
	const char *name; /* of the subject: lives as long as the topology */
	int64_t since_ns; /* when it was raised, by the caller's boot clock; of before the
			     caller's start it may be negative */
	enum health_state state;
	char reason[CONDITION_REASON_BYTES]; /* what is wrong, and what to do */
	uint32_t next;                       /* of the same subject; for conditions.c */
};

/* What is known of a subject; for this room. */
struct health_subject {
	uint8_t marks[CONDITION_CODES]; /* judgements in a row that speak against what stands */
	uint8_t ill;    /* of a host: judgements in a row in which its health was not good */
	bool judged;    /* since the caller began */
	bool reporting; /* of a host: what is known of it is of now */
	enum health_state state;
	uint32_t first;  /* of its conditions: index + 1; 0: none */
	int64_t good_ns; /* of a host: when it was good last; 0: never */
};

struct conditions {
	const struct topology *topology;
	struct health_subject *subjects;
	size_t subject_count;
	struct condition *list; /* with gaps: conditions_sorted() has no gaps */
	size_t used, capacity;
	uint32_t free; /* the first gap: index + 1 */
	size_t count;
	size_t hosts[STATE_COUNT]; /* hosts by state */
	size_t reporting;          /* hosts of which something is known now */
	uint64_t revision;         /* grows when a condition comes, goes, or changes its state */
	int64_t begun_ns;
};

/* @topology outlives the conditions. */
void conditions_init(
    struct conditions *conditions, const struct topology *topology, int64_t now_ns);
void conditions_done(struct conditions *conditions);

/* Go on with another topology: conditions of what is in both stay. */
void conditions_replace(struct conditions *conditions, const struct topology *topology);

const char *condition_name(enum condition_code code);

/* The code called @name, or CONDITION_CODES. */
enum condition_code condition_find(const char *name);
enum condition_scope condition_scope(enum condition_code code);
const char *condition_scope_name(enum condition_scope scope);

/* What a condition is in a few words, as a headline: "beyond its budget". */
const char *condition_title(enum condition_code code);

/* The subjects: a host, a tier, an upstream by its index in the topology; the site. */
size_t conditions_host(const struct conditions *conditions, size_t host);
size_t conditions_tier(const struct conditions *conditions, size_t tier);
size_t conditions_upstream(const struct conditions *conditions, size_t upstream);
size_t conditions_site(const struct conditions *conditions);

/* The subject called @name of that code, or SIZE_MAX. */
size_t conditions_subject(
    const struct conditions *conditions, enum condition_code code, const char *name);

/* What one judgement found. */
struct finding {
	enum health_state state;
	const char *reason;
	bool sure; /* it need not be found three times */
};

/*
 * Take what one judgement found of one code.
 *
 * @finding: NULL: that this is not so
 */
void conditions_judge(struct conditions *conditions, size_t subject, enum condition_code code,
    const struct finding *finding, int64_t now_ns);

/* Set the state of a host, and whether something is known of it now. */
void conditions_set_host(
    struct conditions *conditions, size_t host, enum health_state state, bool reporting);

/* The condition that stands, or NULL. */
const struct condition *conditions_find(
    const struct conditions *conditions, size_t subject, enum condition_code code);

/* The worst condition of a subject, or NULL. */
const struct condition *conditions_worst(const struct conditions *conditions, size_t subject);

/* All that stand, from @arena: the worst first, those of one state by code, then the oldest. */
const struct condition **conditions_sorted(
    const struct conditions *conditions, struct arena *arena);

/*
 * Put a condition back that stood when the caller ended; it goes as any other does.
 *
 * Returns false when nobody of that name is in the site any more.
 */
bool conditions_restore(struct conditions *conditions, enum condition_code code, const char *name,
    const struct finding *finding, int64_t since_ns);

/* The state of a tier, and of the site; @condition: set to what makes it so, NULL: nothing does. */
enum health_state conditions_tier_state(
    const struct conditions *conditions, size_t tier, const struct condition **condition);
enum health_state conditions_site_state(const struct conditions *conditions);

#endif
