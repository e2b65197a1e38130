/*
 * The history as it is read for an account of time (orchestrator/account/): rows as they stand in
 * the file, which `timetier serve` may be writing meanwhile.  Nothing is changed.
 */
#ifndef ORCHESTRATOR_COLLECT_PAST_H
#define ORCHESTRATOR_COLLECT_PAST_H

#include "common/arena.h"
#include "orchestrator/collect/store.h"

#define PAST_MINUTE_NS (60 * NS_PER_S)
#define PAST_HOUR_NS (3600 * NS_PER_S)

enum past_table {
	PAST_SAMPLES,
	PAST_MINUTES,
	PAST_HOURS,
};

/* A sample, a minute or an hour of a host. */
struct past_row {
	int64_t time_ns;   /* its start */
	int64_t length_ns; /* 0 (a sample), a minute, an hour */
	uint64_t heard;    /* of an hour: bit N: minute N has a sample; 0: not known */
	int64_t offset_min_ns, offset_max_ns; /* source minus local */
	int64_t error_bound_min_ns, error_bound_max_ns;
};

struct past_rows {
	struct past_row *list; /* in the order of time; free() ends it */
	size_t count, capacity;
};

struct past_query {
	enum past_table table;
	const char *host;
	int64_t from_ns, to_ns; /* of the rows' starts; to is not included */
};

/* Open the history at @path to read it.  Errors: database_open_to_read(). */
int store_open_to_read(const char *path, struct store **store, struct error *err) MUST_CHECK;

/* Begin to read: until store_close(), all that is read is of one moment. */
int store_past_begin(struct store *store, struct error *err) MUST_CHECK;

/* The names of all hosts of the history, sorted; from @arena. */
int store_past_hosts(struct store *store, struct arena *arena, const char ***hosts, size_t *count,
    struct error *err) MUST_CHECK;

/* Replace the rows of @rows, at first zero-initialised, by those of @query. */
int store_past(struct store *store, const struct past_query *query, struct past_rows *rows,
    struct error *err) MUST_CHECK;

/* The steps of all hosts from @from_ns to before @to_ns, oldest first; the caller frees @rows. */
int store_past_steps(struct store *store, int64_t from_ns, int64_t to_ns, struct step_row **rows,
    size_t *count, struct error *err) MUST_CHECK;

/*
 * Whom the host of @query followed: the row that holds at its start, if there is one, and those
 * until its end; from @arena.
 */
int store_past_followed(struct store *store, const struct past_query *query, struct arena *arena,
    struct followed **rows, size_t *count, struct error *err) MUST_CHECK;

#endif
