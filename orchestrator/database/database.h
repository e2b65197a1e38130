/*
 * A file of SQLite: whose it is, its tables as schemas/ say, its statements, transactions.  The
 * only file that knows <sqlite3.h>; who keeps something in a database includes it for bind and
 * column.
 */
#ifndef ORCHESTRATOR_DATABASE_DATABASE_H
#define ORCHESTRATOR_DATABASE_DATABASE_H

#include "common/error.h"

#include <sqlite3.h>

/* What is kept in one, and in which words. */
struct database_kind {
	const char *name;          /* "history": for the words of errors */
	int64_t application_id;    /* as its schema says */
	const char *schema;        /* "history.sql" of schemas/ */
	const char *migrations[4]; /* "history-2.sql": from version 1 to 2, and so on; then NULL */
	const char *const *statements; /* their texts */
	size_t statement_count;
	const char *synchronous; /* "NORMAL": the last moments may be lost in a power cut; "FULL" */
};

/* Zero-initialised; database_open() begins it, database_close() ends it. */
struct database {
	const struct database_kind *kind;
	char *path;
	sqlite3 *sqlite;
	sqlite3_stmt **statements; /* as @kind counts them */
	bool open_transaction;
};

/*
 * Open the file at @path; where it is not there, make it (mode 0600).
 *
 * Returns 0, or -1 with @err set: it cannot be written, is damaged, is something else, or was
 * made by a newer timetier.  It is left as it is then.
 */
int database_open(struct database *database, const struct database_kind *kind, const char *path,
    struct error *err) MUST_CHECK;

void database_close(struct database *database);

/* Set @err to what SQLite says; returns -1. */
int database_error(const struct database *database, struct error *err);

/* Run a statement that gives no rows; it is reset either way. */
int database_run(struct database *database, int which, struct error *err) MUST_CHECK;

/* Run a statement for one integer.  1: there is a row, 0: none, -1: @err is set. */
int database_integer(
    struct database *database, int which, int64_t *value, struct error *err) MUST_CHECK;

/* Begin a transaction, unless one is open. */
int database_begin(struct database *database, struct error *err) MUST_CHECK;

/* Keep what the open transaction did. */
int database_commit(struct database *database, struct error *err) MUST_CHECK;

/* Forget what the open transaction did. */
void database_roll_back(struct database *database);

#endif
