/*
 * The fleet's past: every sample for days, minutes for months, hours for years, and the ledger of
 * steps, in one SQLite file (schemas/history.sql).  Writes gather in a transaction until
 * store_flush(); reads see them at once.
 */
#ifndef ORCHESTRATOR_COLLECT_STORE_H
#define ORCHESTRATOR_COLLECT_STORE_H

#include "common/error.h"
#include "daemons/daemon.h"
#include "verdict/health.h"
#include "verdict/proof.h"

struct store;

#define STORE_SAMPLE_KEEP_NS (7 * 86400 * NS_PER_S)
#define STORE_MINUTE_KEEP_NS (90 * 86400 * NS_PER_S)
#define STORE_HOUR_KEEP_NS (5 * 366 * 86400 * NS_PER_S)
#define STORE_STEPS_KEEP 1000    /* the latest of each host */
#define STORE_FOLLOWED_KEEP 1000 /* likewise: whom it followed */

/* What one report says; instants are real time by the collector's clock. */
struct sample {
	int64_t time_ns;
	int64_t offset_ns; /* source minus local */
	int64_t error_bound_ns;
	double frequency_ppm;
	enum health health;
};

/* One point of a history: the samples of a stretch of time, or a single sample. */
struct history_point {
	int64_t time_ns; /* mean of the samples' times, or of the buckets' starts */
	uint64_t samples;
	int64_t offset_min_ns, offset_mean_ns, offset_max_ns;
	int64_t error_bound_min_ns, error_bound_mean_ns, error_bound_max_ns;
	double frequency_min_ppm, frequency_mean_ppm, frequency_max_ppm;
	enum health health; /* the worst */
};

#define HISTORY_POINTS_MAX 5000

struct history_query {
	const char *host;
	int64_t from_ns, to_ns; /* from < to; to is not included */
	unsigned points;        /* at most so many; 1 to HISTORY_POINTS_MAX */
};

struct history {
	struct history_point *points; /* in the order of time; the caller frees it */
	size_t count;
	int64_t resolution_ns; /* of the rows behind the points: 0 (samples), a minute, an hour */
	int64_t step_ns;       /* length of the stretch of one point */
};

struct step_row {
	char host[256];
	int64_t time_ns; /* by the collector's clock */
	struct ledger_entry entry;
};

/* Whom a host's daemon follows from a moment on. */
struct followed {
	int64_t time_ns;
	char source[256];                /* its name in site.yaml; "": it has none */
	char address[SOURCE_NAME_BYTES]; /* as the daemon tells it; "": it follows nobody */
	int stratum;                     /* of the host */
	enum source_auth auth;           /* how the source proves itself */
	bool auth_told; /* by the daemon; else it is what the daemon's configuration has */
};

/* Which steps are asked for; NULL: any host or cause, 0: any time. */
struct step_query {
	const char *host;
	const char *cause;
	int64_t from_ns;
	unsigned limit; /* at most so many: positive */
};

/* How many steps of a cause there are. */
struct step_count {
	char cause[32];
	uint64_t count;
};

/*
 * Open the file at @path; where it is not there, make it (mode 0600).
 *
 * Returns 0, or -1 with @err set: the file cannot be written, is damaged, is something else, or was
 * made by a newer timetier.  The file is left as it is then.
 */
int store_open(const char *path, struct store **store, struct error *err) MUST_CHECK;

/* Add a sample of @host, also to its minute and its hour.  A sample whose host and time are known
 * changes nothing. */
int store_add_sample(struct store *store, const char *host, const struct sample *sample,
    struct error *err) MUST_CHECK;

/*
 * Add a step to the ledger.  A step with the same host, boot and moment is the same step: only its
 * cause, settled and words are changed, and only while the known step is not settled.  Of one host
 * the latest STORE_STEPS_KEEP are kept.
 *
 * Returns 1 when the step is new, 0 when it was known, or -1 with @err set.
 */
int store_add_step(struct store *store, const struct step_row *row, struct error *err) MUST_CHECK;

/*
 * Note whom @host follows, unless it is the same as before.  Of one host the latest
 * STORE_FOLLOWED_KEEP are kept.
 */
int store_add_followed(struct store *store, const char *host, const struct followed *followed,
    struct error *err) MUST_CHECK;

/*
 * Commit what was added, and delete rows of a few hosts that are older than STORE_*_KEEP_NS.
 *
 * @now_ns: real time
 * Returns 1, 0 when nothing was added, or -1 with @err set (a full disk): what was added since the
 * last flush is lost then, and the store stays usable.
 */
int store_flush(struct store *store, int64_t now_ns, struct error *err) MUST_CHECK;

/* A host's past, from the coarsest table whose rows are not longer than a point; from a coarser one
 * where that table does not reach back to the query's start.  0 points: nothing is known. */
int store_history(struct store *store, const struct history_query *query, int64_t now_ns,
    struct history *history, struct error *err) MUST_CHECK;

/*
 * The latest steps, newest first.
 *
 * @rows: @count of them on success, at most the query's limit; the caller frees it
 */
int store_steps(struct store *store, const struct step_query *query, struct step_row **rows,
    size_t *count, struct error *err) MUST_CHECK;

/* Count the steps of each cause that occurs; fills @count of @counts, at most @max. */
int store_count_steps(struct store *store, struct step_count *counts, size_t max, size_t *count,
    struct error *err) MUST_CHECK;

/* Close @store, which may be NULL.  What was not flushed is lost. */
void store_close(struct store *store);

#endif
