/* The samples of the history: adds, deletes and reads them. */
#include "orchestrator/collect/store.h"
#include "orchestrator/collect/store_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS (3600 * NS_PER_S)
#define PRUNE_FLUSHES 3600 /* in so many flushes, old rows of every host are deleted once */

static void
bind_sample(sqlite3_stmt *statement, int64_t id, int64_t time_ns, const struct sample *sample)
{
	sqlite3_bind_int64(statement, 1, id);
	sqlite3_bind_int64(statement, 2, time_ns);
	sqlite3_bind_int64(statement, 3, sample->offset_ns);
	sqlite3_bind_int64(statement, 4, sample->error_bound_ns);
	sqlite3_bind_double(statement, 5, sample->frequency_ppm);
	sqlite3_bind_int(statement, 6, (int)sample->health);
}

int
store_add_sample(
    struct store *store, const char *host, const struct sample *sample, struct error *err)
{
	int64_t id;

	if (store_db_host_id(store, host, &id, err) < 0) {
		return -1;
	}
	bind_sample(store->db.statements[STATEMENT_SAMPLE], id, sample->time_ns, sample);
	if (database_run(&store->db, STATEMENT_SAMPLE, err) < 0) {
		return -1;
	}
	if (sqlite3_changes(store->db.sqlite) == 0) {
		return 0; /* the sample is known, and is in its buckets already */
	}
	bind_sample(store->db.statements[STATEMENT_MINUTE], id,
	    sample->time_ns - sample->time_ns % MINUTE_NS, sample);
	if (database_run(&store->db, STATEMENT_MINUTE, err) < 0) {
		return -1;
	}
	bind_sample(store->db.statements[STATEMENT_HOUR], id,
	    sample->time_ns - sample->time_ns % HOUR_NS, sample);
	sqlite3_bind_int64(store->db.statements[STATEMENT_HOUR], 7,
	    INT64_C(1) << (sample->time_ns % HOUR_NS / MINUTE_NS));
	return database_run(&store->db, STATEMENT_HOUR, err);
}

static int
prune_one(struct store *store, int64_t now_ns, struct error *err)
{
	static const struct {
		enum statement which;
		int64_t keep_ns;
	} tables[] = {
		{ STATEMENT_PRUNE_SAMPLES, STORE_SAMPLE_KEEP_NS },
		{ STATEMENT_PRUNE_MINUTES, STORE_MINUTE_KEEP_NS },
		{ STATEMENT_PRUNE_HOURS, STORE_HOUR_KEEP_NS },
	};
	int64_t id;
	int found;

	sqlite3_bind_int64(store->db.statements[STATEMENT_HOST_AFTER], 1, store->pruned_host);
	found = database_integer(&store->db, STATEMENT_HOST_AFTER, &id, err);
	if (found <= 0) {
		store->pruned_host = 0; /* begin with the first host again */
		return found;
	}
	for (size_t i = 0; i < COUNT(tables); i++) {
		sqlite3_bind_int64(store->db.statements[tables[i].which], 1, id);
		sqlite3_bind_int64(
		    store->db.statements[tables[i].which], 2, now_ns - tables[i].keep_ns);
		if (database_run(&store->db, tables[i].which, err) < 0) {
			return -1;
		}
	}
	store->pruned_host = id;
	return 0;
}

int
store_flush(struct store *store, int64_t now_ns, struct error *err)
{
	int64_t hosts = 0;

	if (!store->db.open_transaction) {
		return 0;
	}
	if (database_integer(&store->db, STATEMENT_HOST_COUNT, &hosts, err) < 0) {
		goto fail;
	}
	for (int64_t i = 0; i <= hosts / PRUNE_FLUSHES; i++) {
		if (prune_one(store, now_ns, err) < 0) {
			goto fail;
		}
	}
	if (database_commit(&store->db, err) < 0) {
		goto fail;
	}
	return 1;
fail:
	database_roll_back(&store->db);
	return -1;
}

static struct history_point
point_of(sqlite3_stmt *statement, int64_t from_ns)
{
	return (struct history_point){
		.time_ns = from_ns + sqlite3_column_int64(statement, 0),
		.samples = (uint64_t)sqlite3_column_int64(statement, 1),
		.offset_min_ns = sqlite3_column_int64(statement, 2),
		.offset_mean_ns = sqlite3_column_int64(statement, 3),
		.offset_max_ns = sqlite3_column_int64(statement, 4),
		.error_bound_min_ns = sqlite3_column_int64(statement, 5),
		.error_bound_mean_ns = sqlite3_column_int64(statement, 6),
		.error_bound_max_ns = sqlite3_column_int64(statement, 7),
		.frequency_min_ppm = sqlite3_column_double(statement, 8),
		.frequency_mean_ppm = sqlite3_column_double(statement, 9),
		.frequency_max_ppm = sqlite3_column_double(statement, 10),
		.health = (enum health)sqlite3_column_int(statement, 11),
	};
}

/* The coarsest table whose rows are not longer than a point, or a coarser one that reaches back. */
static enum statement
choose(const struct history_query *query, int64_t now_ns, int64_t step_ns, int64_t *resolution_ns)
{
	int64_t age_ns = now_ns - query->from_ns;

	if (step_ns < MINUTE_NS && age_ns <= STORE_SAMPLE_KEEP_NS) {
		*resolution_ns = 0;
		return STATEMENT_SAMPLES_OF;
	}
	if (step_ns < HOUR_NS && age_ns <= STORE_MINUTE_KEEP_NS) {
		*resolution_ns = MINUTE_NS;
		return STATEMENT_MINUTES_OF;
	}
	*resolution_ns = HOUR_NS;
	return STATEMENT_HOURS_OF;
}

int
store_history(struct store *store, const struct history_query *query, int64_t now_ns,
    struct history *history, struct error *err)
{
	int64_t step_ns = (query->to_ns - query->from_ns - 1) / query->points + 1;
	struct history found = { .step_ns = step_ns };
	sqlite3_stmt *statement;
	int result;

	statement = store->db.statements[choose(query, now_ns, step_ns, &found.resolution_ns)];
	if (found.step_ns < found.resolution_ns) {
		found.step_ns = found.resolution_ns;
	}
	found.points = calloc((size_t)query->points + 1, sizeof(*found.points));
	if (!found.points) {
		abort();
	}
	sqlite3_bind_text(statement, 1, query->host, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, query->from_ns);
	sqlite3_bind_int64(statement, 3, query->to_ns);
	sqlite3_bind_int64(statement, 4, found.step_ns);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW && found.count < query->points) {
		found.points[found.count++] = point_of(statement, query->from_ns);
	}
	if (result != SQLITE_DONE && result != SQLITE_ROW) {
		database_error(&store->db, err);
		sqlite3_reset(statement);
		free(found.points);
		return -1;
	}
	sqlite3_reset(statement);
	*history = found;
	return 0;
}
