/*
 * An SQLite file: checks that the file is ours, makes its tables from schemas/, prepares its
 * statements, and runs transactions.  The only file that includes <sqlite3.h>; the rooms that keep
 * something in a database get sqlite3_bind_*() and sqlite3_column_*() from here.
 */
#ifndef ORCHESTRATOR_DATABASE_DATABASE_H
#define ORCHESTRATOR_DATABASE_DATABASE_H

#include "common/error.h"

#include <sqlite3.h>

/* A kind of database: its schema and its statements. */
struct database_kind {
	const char *name;          /* "history": named in errors */
	int64_t application_id;    /* as the schema sets it */
	const char *schema;        /* "history.sql" of schemas/ */
	const char *migrations[4]; /* "history-2.sql": from version 1 to 2, and so on; then NULL */
	const char *const *statements; /* SQL texts */
	size_t statement_count;
	const char *synchronous; /* "NORMAL": a power cut may lose the last commits; or "FULL" */
};

/* Zero-initialised; database_open() begins it, database_close() ends it. */
struct database {
	const struct database_kind *kind;
	char *path;
	sqlite3 *sqlite;
	sqlite3_stmt **statements; /* in the order of kind->statements */
	bool open_transaction;
};

/*
 * Open the file at @path; where it is not there, make it (mode 0600).
 *
 * Returns 0, or -1 with @err set: the file cannot be written, is damaged, is something else, or was
 * made by a newer timetier.  The file is left as it is then.
 */
int database_open(struct database *database, const struct database_kind *kind, const char *path,
    struct error *err) MUST_CHECK;

/*
 * Open the file at @path to read it, while another program may write it.  Neither the file nor its
 * tables are made or changed.
 *
 * Returns 0, or -1 with @err set: there is no such file, it cannot be read, it is something else,
 * or was made by an older or a newer timetier.
 */
int database_open_to_read(struct database *database, const struct database_kind *kind,
    const char *path, struct error *err) MUST_CHECK;

void database_close(struct database *database);

/* Set @err to what SQLite says; returns -1. */
int database_error(const struct database *database, struct error *err);

/*
 * Bind @text (NULL: "") to a parameter; borrowed until the statement has run.  What is not fit to
 * be shown is kept as it would be shown (common/shown.h).
 */
void database_bind_text(sqlite3_stmt *statement, int at, const char *text);

/* Run a statement that gives no rows.  The statement is reset, also on failure. */
int database_run(struct database *database, int which, struct error *err) MUST_CHECK;

/* Run a statement that gives one integer.  Returns 1: there is a row, 0: there is none, -1: @err is
 * set. */
int database_integer(
    struct database *database, int which, int64_t *value, struct error *err) MUST_CHECK;

/* Begin a transaction, unless one is open. */
int database_begin(struct database *database, struct error *err) MUST_CHECK;

/* Keep what the open transaction did. */
int database_commit(struct database *database, struct error *err) MUST_CHECK;

/* Forget what the open transaction did. */
void database_roll_back(struct database *database);

#endif
