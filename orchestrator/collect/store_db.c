/* The connection to the history: whose file it is, its statements, transactions. */
#include "orchestrator/collect/store_db.h"

#include "common/resource.h"
#include "orchestrator/collect/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define APPLICATION_ID 0x54544853 /* of schemas/history.sql */
#define SCHEMA_VERSION 2
#define BUSY_MS 2000 /* a reader from outside holds us up for at most so long */

/* A sample into its bucket; the mean moves by its share. */
#define ROLL_UP(table)                                                                             \
	"INSERT INTO " table " VALUES (?1, ?2, 1, ?3, ?3, ?3, ?4, ?4, ?4, ?5, ?5, ?5, ?6) "        \
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

/* Buckets of @table to points of ?4 ns each. */
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

static const char *const statement_texts[] = {
	[STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
	[STATEMENT_COMMIT] = "COMMIT",
	[STATEMENT_HOST_NEW] = "INSERT INTO host (name) VALUES (?1)",
	[STATEMENT_HOST_ID] = "SELECT id FROM host WHERE name = ?1",
	[STATEMENT_HOST_AFTER] = "SELECT id FROM host WHERE id > ?1 ORDER BY id LIMIT 1",
	[STATEMENT_HOST_COUNT] = "SELECT count(*) FROM host",
	[STATEMENT_SAMPLE] = "INSERT OR IGNORE INTO sample VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[STATEMENT_MINUTE] = ROLL_UP("minute"),
	[STATEMENT_HOUR] = ROLL_UP("hour"),
	[STATEMENT_STEP] =
	    "INSERT OR IGNORE INTO step (host_id, boot_id, boot_ns, cause, settled, words, "
	    "time_ns, "
	    "amount_ns, before_ns, after_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[STATEMENT_STEP_CAUSE] =
	    "UPDATE step SET cause = ?4, settled = ?5, words = ?6 "
	    "WHERE host_id = ?1 AND boot_id = ?2 AND boot_ns = ?3 AND NOT settled",
	[STATEMENT_STEPS] =
	    "SELECT name, boot_id, boot_ns, time_ns, amount_ns, before_ns, after_ns, cause, "
	    "settled, words FROM step JOIN host ON host.id = host_id WHERE (?1 IS NULL OR name = "
	    "?1) "
	    "AND (?2 IS NULL OR cause = ?2) AND time_ns >= ?3 "
	    "ORDER BY time_ns DESC, boot_ns DESC LIMIT ?4",
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

int
store_db_error(struct store *store, struct error *err)
{
	return error_set(err, "history: %s", sqlite3_errmsg(store->db));
}

int
store_db_run(struct store *store, enum statement which, struct error *err)
{
	sqlite3_stmt *statement = store->statements[which];
	int result = sqlite3_step(statement);

	if (result != SQLITE_DONE) {
		store_db_error(store, err);
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

int
store_db_integer(struct store *store, enum statement which, int64_t *value, struct error *err)
{
	sqlite3_stmt *statement = store->statements[which];
	int result = sqlite3_step(statement);
	int status = result == SQLITE_ROW ? 1 : 0;

	if (status) {
		*value = sqlite3_column_int64(statement, 0);
	} else if (result != SQLITE_DONE) {
		status = store_db_error(store, err);
	}
	sqlite3_reset(statement);
	return status;
}

static int
pragma_integer(sqlite3 *db, const char *text, int64_t *value)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(db, text, -1, &statement, NULL);

	if (result == SQLITE_OK) {
		result = sqlite3_step(statement);
		*value = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	}
	sqlite3_finalize(statement);
	return result == SQLITE_ROW ? 0 : -1;
}

/* Make the tables of a new file, all or none. */
static int
make_schema(struct store *store, struct error *err)
{
	const struct resource *schema =
	    resource_find(schema_resources, schema_resource_count, "history.sql");

	if (sqlite3_exec(store->db, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", NULL, NULL,
		NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, schema->bytes, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		store_db_error(store, err);
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

/* Bring the tables of an older timetier to this one's, all or none. */
static int
migrate(struct store *store, const char *path, struct error *err)
{
	const struct resource *changes =
	    resource_find(schema_resources, schema_resource_count, "history-2.sql");

	if (sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, changes->bytes, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		error_set(err, "%s cannot be brought to version %d (%s)", path, SCHEMA_VERSION,
		    sqlite3_errmsg(store->db));
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

/* Whose file is it?  Nothing is written before that is known. */
static int
check_schema(struct store *store, const char *path, struct error *err)
{
	int64_t application = 0, version = 0, tables = 0;

	if (pragma_integer(store->db, "PRAGMA application_id", &application) < 0 ||
	    pragma_integer(store->db, "PRAGMA user_version", &version) < 0 ||
	    pragma_integer(store->db, "SELECT count(*) FROM sqlite_master", &tables) < 0) {
		return error_set(err,
		    "%s cannot be read as a history (%s): move it away, and a new one is made",
		    path, sqlite3_errmsg(store->db));
	}
	if (application == 0 && tables == 0) {
		return make_schema(store, err);
	}
	if (application != APPLICATION_ID) {
		return error_set(err, "%s is a database of something else", path);
	}
	if (version > SCHEMA_VERSION) {
		return error_set(err,
		    "%s has version %lld and was made by a newer timetier (this one knows %d): use "
		    "that one, or move the file away",
		    path, (long long)version, SCHEMA_VERSION);
	}
	return version < SCHEMA_VERSION ? migrate(store, path, err) : 0;
}

static int
prepare_all(struct store *store, const char *path, struct error *err)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		if (sqlite3_prepare_v3(store->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			&store->statements[i], NULL) != SQLITE_OK) {
			return error_set(err,
			    "%s is damaged (%s): move it away, and a new one is "
			    "made",
			    path, sqlite3_errmsg(store->db));
		}
	}
	return 0;
}

int
store_open(const char *path, struct store **store, struct error *err)
{
	struct store *made = calloc(1, sizeof(*made));
	int fd;

	if (!made) {
		abort();
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); /* SQLite would leave it to umask */
	if (fd >= 0) {
		close(fd);
	}
	if (sqlite3_open_v2(path, &made->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
	    SQLITE_OK) {
		error_set(err, "cannot open %s: %s", path, sqlite3_errmsg(made->db));
		goto fail;
	}
	sqlite3_busy_timeout(made->db, BUSY_MS);
	if (check_schema(made, path, err) < 0 || prepare_all(made, path, err) < 0) {
		goto fail;
	}
	/* Losing the last second in a power cut is fine; a damaged file is not, and WAL keeps it
	 * whole. */
	sqlite3_exec(made->db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	*store = made;
	return 0;
fail:
	store_close(made);
	return -1;
}

int
store_db_begin(struct store *store, struct error *err)
{
	if (store->open_transaction) {
		return 0;
	}
	if (store_db_run(store, STATEMENT_BEGIN, err) < 0) {
		return -1;
	}
	store->open_transaction = true;
	return 0;
}

int
store_db_host_id(struct store *store, const char *host, int64_t *id, struct error *err)
{
	int found;

	if (store_db_begin(store, err) < 0) {
		return -1;
	}
	sqlite3_bind_text(store->statements[STATEMENT_HOST_ID], 1, host, -1, SQLITE_STATIC);
	found = store_db_integer(store, STATEMENT_HOST_ID, id, err);
	if (found != 0) {
		return found > 0 ? 0 : -1;
	}
	sqlite3_bind_text(store->statements[STATEMENT_HOST_NEW], 1, host, -1, SQLITE_STATIC);
	if (store_db_run(store, STATEMENT_HOST_NEW, err) < 0) {
		return -1;
	}
	*id = sqlite3_last_insert_rowid(store->db);
	return 0;
}

void
store_db_roll_back(struct store *store)
{
	/* A full disk may have rolled back already. */
	if (!sqlite3_get_autocommit(store->db)) {
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	}
	store->open_transaction = false;
}

void
store_close(struct store *store)
{
	if (!store) {
		return;
	}
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_finalize(store->statements[i]);
	}
	sqlite3_close(store->db);
	free(store);
}
