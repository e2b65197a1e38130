/* The SQL statements of the history, and the ids of its hosts. */
#include "orchestrator/collect/store_db.h"

#include "orchestrator/collect/past.h"
#include "orchestrator/collect/store.h"

#include <stdlib.h>

#define APPLICATION_ID 0x54544853 /* of schemas/history.sql */

/* Add a sample to its bucket; the mean moves by the sample's share. */
#define ROLL_UP(table, more)                                                                       \
	"INSERT INTO " table " VALUES (?1, ?2, 1, ?3, ?3, ?3, ?4, ?4, ?4, ?5, ?5, ?5, ?6" more     \
	") "                                                                                       \
	"ON CONFLICT DO UPDATE SET samples = samples + 1, "                                        \
	"offset_min_ns = min(offset_min_ns, ?3), offset_max_ns = max(offset_max_ns, ?3), "         \
	"offset_mean_ns = offset_mean_ns + (?3 - offset_mean_ns) / (samples + 1), "                \
	"error_bound_min_ns = min(error_bound_min_ns, ?4), "                                       \
	"error_bound_max_ns = max(error_bound_max_ns, ?4), "                                       \
	"error_bound_mean_ns = error_bound_mean_ns "                                               \
	"+ (?4 - error_bound_mean_ns) / (samples + 1), "                                           \
	"frequency_min_ppm = min(frequency_min_ppm, ?5), "                                         \
	"frequency_max_ppm = max(frequency_max_ppm, ?5), "                                         \
	"frequency_mean_ppm = frequency_mean_ppm + (?5 - frequency_mean_ppm) / (samples + 1), "    \
	"health = max(health, ?6)"

/* Read the buckets of @table as points of ?4 ns each. */
#define BUCKETS_OF(table)                                                                          \
	"SELECT CAST(avg(time_ns - ?2) AS INTEGER), sum(samples), min(offset_min_ns), "            \
	"CAST(round(sum(offset_mean_ns * samples) / sum(samples)) AS INTEGER), "                   \
	"max(offset_max_ns), "                                                                     \
	"min(error_bound_min_ns), CAST(round(sum(error_bound_mean_ns * samples) / sum(samples)) "  \
	"AS INTEGER), "                                                                            \
	"max(error_bound_max_ns), min(frequency_min_ppm), "                                        \
	"sum(frequency_mean_ppm * samples) / sum(samples), max(frequency_max_ppm), max(health) "   \
	"FROM " table " WHERE host_id = (SELECT id FROM host WHERE name = ?1) "                    \
	"AND time_ns >= ?2 AND time_ns < ?3 GROUP BY (time_ns - ?2) / ?4 ORDER BY 1"

/* Read the buckets of @table; @shape: their length, and in which minutes of it there is one. */
#define PAST_OF(shape, table)                                                                      \
	"SELECT time_ns, " shape ", offset_min_ns, offset_max_ns, error_bound_min_ns, "            \
	"error_bound_max_ns FROM " table " WHERE host_id = (SELECT id FROM host WHERE name = ?1) " \
	"AND time_ns >= ?2 AND time_ns < ?3 ORDER BY time_ns"

static const char *const statement_texts[] = {
	[STATEMENT_HOST_NEW] = "INSERT INTO host (name) VALUES (?1)",
	[STATEMENT_HOST_ID] = "SELECT id FROM host WHERE name = ?1",
	[STATEMENT_HOST_AFTER] = "SELECT id FROM host WHERE id > ?1 ORDER BY id LIMIT 1",
	[STATEMENT_HOST_COUNT] = "SELECT count(*) FROM host",
	[STATEMENT_SAMPLE] = "INSERT OR IGNORE INTO sample VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[STATEMENT_MINUTE] = ROLL_UP("minute", ""),
	[STATEMENT_HOUR] = ROLL_UP("hour", ", ?7") ", heard = heard | ?7",
	[STATEMENT_STEP] =
	    "INSERT OR IGNORE INTO step (host_id, boot_id, boot_ns, cause, settled, words, "
	    "time_ns, "
	    "amount_ns, before_ns, after_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[STATEMENT_STEP_CAUSE] =
	    "UPDATE step SET cause = ?4, settled = ?5, words = ?6 "
	    "WHERE host_id = ?1 AND boot_id = ?2 AND boot_ns = ?3 AND NOT settled",
	[STATEMENT_PRUNE_STEPS] =
	    "DELETE FROM step WHERE host_id = ?1 AND (boot_id, boot_ns) IN (SELECT boot_id, "
	    "boot_ns FROM step WHERE host_id = ?1 ORDER BY time_ns DESC LIMIT -1 OFFSET ?2)",
	[STATEMENT_STEPS] =
	    "SELECT name, boot_id, boot_ns, time_ns, amount_ns, before_ns, after_ns, cause, "
	    "settled, words FROM step JOIN host ON host.id = host_id WHERE (?1 IS NULL OR name = "
	    "?1) "
	    "AND (?2 IS NULL OR cause = ?2) AND time_ns >= ?3 "
	    "ORDER BY time_ns DESC, boot_ns DESC LIMIT ?4",
	[STATEMENT_FOLLOWED] =
	    "INSERT OR REPLACE INTO followed SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS "
	    "(SELECT 1 FROM (SELECT * FROM followed WHERE host_id = ?1 AND time_ns <= ?2 "
	    "ORDER BY time_ns DESC LIMIT 1) WHERE source = ?3 AND address = ?4 AND stratum = ?5 "
	    "AND auth = ?6 AND auth_told = ?7)",
	[STATEMENT_PRUNE_FOLLOWED] =
	    "DELETE FROM followed WHERE host_id = ?1 AND time_ns IN (SELECT time_ns FROM followed "
	    "WHERE host_id = ?1 ORDER BY time_ns DESC LIMIT -1 OFFSET ?2)",
	[STATEMENT_PAST_HOSTS] = "SELECT name FROM host ORDER BY name",
	[STATEMENT_PAST_HOURS] = PAST_OF("3600000000000, heard", "hour"),
	[STATEMENT_PAST_MINUTES] = PAST_OF("60000000000, 1", "minute"),
	[STATEMENT_PAST_SAMPLES] =
	    "SELECT time_ns, 0, 1, offset_ns, offset_ns, error_bound_ns, error_bound_ns "
	    "FROM sample WHERE host_id = (SELECT id FROM host WHERE name = ?1) "
	    "AND time_ns >= ?2 AND time_ns < ?3 ORDER BY time_ns",
	[STATEMENT_PAST_STEPS] =
	    "SELECT name, boot_id, boot_ns, time_ns, amount_ns, before_ns, after_ns, cause, "
	    "settled, words FROM step JOIN host ON host.id = host_id "
	    "WHERE time_ns >= ?1 AND time_ns < ?2 ORDER BY time_ns, name",
	[STATEMENT_PAST_FOLLOWED] =
	    "SELECT time_ns, source, address, stratum, auth, auth_told FROM followed "
	    "WHERE host_id = (SELECT id FROM host WHERE name = ?1) AND time_ns < ?3 "
	    "AND time_ns >= ifnull((SELECT max(time_ns) FROM followed WHERE host_id = "
	    "(SELECT id FROM host WHERE name = ?1) AND time_ns <= ?2), ?2) ORDER BY time_ns",
	[STATEMENT_CAUSES] = "SELECT cause, count(*) FROM step GROUP BY cause",
	[STATEMENT_SAMPLES_OF] =
	    "SELECT CAST(avg(time_ns - ?2) AS INTEGER), count(*), min(offset_ns), "
	    "CAST(round(avg(offset_ns)) AS INTEGER), max(offset_ns), min(error_bound_ns), "
	    "CAST(round(avg(error_bound_ns)) AS INTEGER), "
	    "max(error_bound_ns), min(frequency_ppm), avg(frequency_ppm), max(frequency_ppm), "
	    "max(health) FROM sample WHERE host_id = (SELECT id FROM host WHERE name = ?1) "
	    "AND time_ns >= ?2 AND time_ns < ?3 GROUP BY (time_ns - ?2) / ?4 ORDER BY 1",
	[STATEMENT_MINUTES_OF] = BUCKETS_OF("minute"),
	[STATEMENT_HOURS_OF] = BUCKETS_OF("hour"),
	[STATEMENT_PRUNE_SAMPLES] = "DELETE FROM sample WHERE host_id = ?1 AND time_ns < ?2",
	[STATEMENT_PRUNE_MINUTES] = "DELETE FROM minute WHERE host_id = ?1 AND time_ns < ?2",
	[STATEMENT_PRUNE_HOURS] = "DELETE FROM hour WHERE host_id = ?1 AND time_ns < ?2",
};

/* A power cut may lose the last second, but must not damage the file: WAL sees to that. */
static const struct database_kind kind = {
	.name = "history",
	.application_id = APPLICATION_ID,
	.schema = "history.sql",
	.migrations = { "history-2.sql", "history-3.sql" },
	.statements = statement_texts,
	.statement_count = COUNT(statement_texts),
	.synchronous = "NORMAL",
};

static int
open_by(int (*open)(struct database *, const struct database_kind *, const char *, struct error *),
    const char *path, struct store **store, struct error *err)
{
	struct store *made = calloc(1, sizeof(*made));

	if (!made) {
		abort();
	}
	if (open(&made->db, &kind, path, err) < 0) {
		free(made);
		return -1;
	}
	*store = made;
	return 0;
}

int
store_open(const char *path, struct store **store, struct error *err)
{
	return open_by(database_open, path, store, err);
}

int
store_open_to_read(const char *path, struct store **store, struct error *err)
{
	return open_by(database_open_to_read, path, store, err);
}

int
store_db_host_id(struct store *store, const char *host, int64_t *id, struct error *err)
{
	int found;

	if (database_begin(&store->db, err) < 0) {
		return -1;
	}
	database_bind_text(store->db.statements[STATEMENT_HOST_ID], 1, host);
	found = database_integer(&store->db, STATEMENT_HOST_ID, id, err);
	if (found != 0) {
		return found > 0 ? 0 : -1;
	}
	database_bind_text(store->db.statements[STATEMENT_HOST_NEW], 1, host);
	if (database_run(&store->db, STATEMENT_HOST_NEW, err) < 0) {
		return -1;
	}
	*id = sqlite3_last_insert_rowid(store->db.sqlite);
	return 0;
}

void
store_close(struct store *store)
{
	if (store) {
		database_close(&store->db);
		free(store);
	}
}
