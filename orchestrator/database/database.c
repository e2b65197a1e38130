#include "orchestrator/database/database.h"

#include "common/resource.h"
#include "common/shown.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 2000 /* how long we wait while another program holds the file */

/* What the operator can do about error @code; "" where SQLite's own words are enough. */
static const char *
remedy(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ": another program has it open; when that has ended, try again";
	case SQLITE_READONLY:
		return ": see to the owner and mode of the file and of its folder";
	case SQLITE_FULL:
		return ": make room there, and try again";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ": move it away, and a new one is made";
	default:
		return "";
	}
}

int
database_error(const struct database *database, struct error *err)
{
	return error_set(err, "%s: %s%s", database->path, sqlite3_errmsg(database->sqlite),
	    remedy(sqlite3_extended_errcode(database->sqlite)));
}

void
database_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	struct buf shown = { .limit_bytes = 0 };

	text = text ? text : "";
	if (shown_is_fit(text, strlen(text), SHOWN_NEWLINES | SHOWN_TABS)) {
		sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
		return;
	}
	shown_add(&shown, text, strlen(text), SHOWN_NEWLINES | SHOWN_TABS);
	sqlite3_bind_text(statement, at, shown.data, (int)shown.len, SQLITE_TRANSIENT);
	buf_free(&shown);
}

int
database_run(struct database *database, int which, struct error *err)
{
	sqlite3_stmt *statement = database->statements[which];
	int result = sqlite3_step(statement);

	if (result != SQLITE_DONE) {
		database_error(database, err);
	}
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

int
database_integer(struct database *database, int which, int64_t *value, struct error *err)
{
	sqlite3_stmt *statement = database->statements[which];
	int result = sqlite3_step(statement);
	int status = result == SQLITE_ROW ? 1 : 0;

	if (status) {
		*value = sqlite3_column_int64(statement, 0);
	} else if (result != SQLITE_DONE) {
		status = database_error(database, err);
	}
	sqlite3_reset(statement);
	return status;
}

static int
pragma_integer(sqlite3 *sqlite, const char *text, int64_t *value)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(sqlite, text, -1, &statement, NULL);

	if (result == SQLITE_OK) {
		result = sqlite3_step(statement);
		*value = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	}
	sqlite3_finalize(statement);
	return result == SQLITE_ROW ? 0 : -1;
}

static int
execute(struct database *database, const char *text)
{
	return sqlite3_exec(database->sqlite, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

/* Run a file of schemas/ as one transaction, which the caller rolls back on failure. */
static int
run_script(struct database *database, const char *name)
{
	const struct resource *script =
	    resource_find(schema_resources, schema_resource_count, name);

	if (execute(database, "BEGIN IMMEDIATE") < 0 || execute(database, script->bytes) < 0) {
		return -1;
	}
	return execute(database, "COMMIT");
}

/* Make the tables of a new file, all or none. */
static int
make_schema(struct database *database, struct error *err)
{
	if (execute(database, "PRAGMA journal_mode = WAL") < 0 ||
	    run_script(database, database->kind->schema) < 0) {
		database_error(database, err);
		execute(database, "ROLLBACK");
		return -1;
	}
	return 0;
}

static int
version_known(const struct database_kind *kind)
{
	int version = 1;

	while (kind->migrations[version - 1]) {
		version++;
	}
	return version;
}

/* Bring the tables of an older timetier up to date, one version at a time. */
static int
migrate(struct database *database, int64_t version, const char *path, struct error *err)
{
	int known = version_known(database->kind);

	for (; version < known; version++) {
		if (run_script(database, database->kind->migrations[version - 1]) < 0) {
			error_set(err, "%s cannot be brought to version %lld (%s)", path,
			    (long long)version + 1, sqlite3_errmsg(database->sqlite));
			execute(database, "ROLLBACK");
			return -1;
		}
	}
	return 0;
}

/* Whether the file may still be sound: it is in use, or could not be read or written at all. */
static bool
is_kept_from(const struct database *database)
{
	int code = sqlite3_errcode(database->sqlite);

	return code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_READONLY ||
	    code == SQLITE_CANTOPEN || code == SQLITE_FULL || code == SQLITE_IOERR ||
	    code == SQLITE_PERM;
}

/* Check that the file is of our kind, then make or migrate its tables.  Nothing is written before
 * the check. */
static int
check_schema(struct database *database, const char *path, struct error *err)
{
	const struct database_kind *kind = database->kind;
	int64_t application = 0, version = 0, tables = 0;

	if (pragma_integer(database->sqlite, "PRAGMA application_id", &application) < 0 ||
	    pragma_integer(database->sqlite, "PRAGMA user_version", &version) < 0 ||
	    pragma_integer(database->sqlite, "SELECT count(*) FROM sqlite_master", &tables) < 0) {
		return is_kept_from(database)
		    ? database_error(database, err)
		    : error_set(err,
			  "%s cannot be read as a %s (%s): move it away, and a new one is made",
			  path, kind->name, sqlite3_errmsg(database->sqlite));
	}
	if (application == 0 && tables == 0) {
		return make_schema(database, err);
	}
	if (application != kind->application_id || version < 1) {
		return error_set(err, "%s is a database of another program", path);
	}
	if (version > version_known(kind)) {
		return error_set(err,
		    "%s has version %lld and was made by a newer timetier (this one knows %d): use "
		    "that one, or move the file away",
		    path, (long long)version, version_known(kind));
	}
	return migrate(database, version, path, err);
}

static int
prepare_all(struct database *database, const char *path, struct error *err)
{
	const struct database_kind *kind = database->kind;

	database->statements = calloc(kind->statement_count + 1, sizeof(sqlite3_stmt *));
	if (!database->statements) {
		abort();
	}
	for (size_t i = 0; i < kind->statement_count; i++) {
		if (sqlite3_prepare_v3(database->sqlite, kind->statements[i], -1,
			SQLITE_PREPARE_PERSISTENT, &database->statements[i], NULL) != SQLITE_OK) {
			return is_kept_from(database)
			    ? database_error(database, err)
			    : error_set(err,
				  "%s is damaged (%s): move it away, and a new one is made", path,
				  sqlite3_errmsg(database->sqlite));
		}
	}
	return 0;
}

int
database_open(struct database *database, const struct database_kind *kind, const char *path,
    struct error *err)
{
	char synchronous[64];
	int fd, code;

	*database = (struct database){ .kind = kind, .path = strdup(path) };
	if (!database->path) {
		abort();
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600); /* SQLite leaves the mode to umask */
	code = errno;
	if (fd >= 0) {
		close(fd);
	}
	if (sqlite3_open_v2(path, &database->sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		NULL) != SQLITE_OK) {
		error_set(err, "cannot open %s: %s", path,
		    fd < 0 ? strerror(code) : sqlite3_errmsg(database->sqlite));
		database_close(database);
		return -1;
	}
	sqlite3_busy_timeout(database->sqlite, BUSY_MS);
	if (check_schema(database, path, err) < 0 || prepare_all(database, path, err) < 0) {
		database_close(database);
		return -1;
	}
	snprintf(synchronous, sizeof(synchronous), "PRAGMA synchronous = %s", kind->synchronous);
	execute(database, synchronous);
	return 0;
}

/* Check that the file is of our kind and of this version. */
static int
check_to_read(struct database *database, const char *path, struct error *err)
{
	const struct database_kind *kind = database->kind;
	int64_t application = 0, version = 0;

	if (pragma_integer(database->sqlite, "PRAGMA application_id", &application) < 0 ||
	    pragma_integer(database->sqlite, "PRAGMA user_version", &version) < 0) {
		return database_error(database, err);
	}
	if (application != kind->application_id || version < 1) {
		return error_set(err, "%s is no %s", path, kind->name);
	}
	if (version != version_known(kind)) {
		return error_set(err, "%s was made by %s timetier: %s", path,
		    version < version_known(kind) ? "an older" : "a newer",
		    version < version_known(kind) ? "start its new one once, which converts it"
						  : "use that one");
	}
	return 0;
}

int
database_open_to_read(struct database *database, const struct database_kind *kind, const char *path,
    struct error *err)
{
	*database = (struct database){ .kind = kind, .path = strdup(path) };
	if (!database->path) {
		abort();
	}
	if (sqlite3_open_v2(path, &database->sqlite, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		error_set(err, "cannot read %s: %s", path, sqlite3_errmsg(database->sqlite));
		database_close(database);
		return -1;
	}
	sqlite3_busy_timeout(database->sqlite, BUSY_MS);
	if (check_to_read(database, path, err) < 0 || prepare_all(database, path, err) < 0) {
		database_close(database);
		return -1;
	}
	return 0;
}

int
database_begin(struct database *database, struct error *err)
{
	if (database->open_transaction) {
		return 0;
	}
	if (execute(database, "BEGIN IMMEDIATE") < 0) {
		return database_error(database, err);
	}
	database->open_transaction = true;
	return 0;
}

int
database_commit(struct database *database, struct error *err)
{
	if (execute(database, "COMMIT") < 0) {
		return database_error(database, err);
	}
	database->open_transaction = false;
	return 0;
}

void
database_roll_back(struct database *database)
{
	/* SQLite may have rolled back by itself: after a full disk. */
	if (!sqlite3_get_autocommit(database->sqlite)) {
		execute(database, "ROLLBACK");
	}
	database->open_transaction = false;
}

void
database_close(struct database *database)
{
	for (size_t i = 0; database->statements && i < database->kind->statement_count; i++) {
		sqlite3_finalize(database->statements[i]);
	}
	free(database->statements);
	free(database->path);
	sqlite3_close(database->sqlite);
	*database = (struct database){ .kind = NULL };
}
