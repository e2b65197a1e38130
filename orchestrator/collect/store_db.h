/* Inside of store*.c: the connection, its statements, and transactions.  Nobody else includes it.
 */
#ifndef ORCHESTRATOR_COLLECT_STORE_DB_H
#define ORCHESTRATOR_COLLECT_STORE_DB_H

#include "common/error.h"

#include <sqlite3.h>

enum statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_HOST_NEW,
	STATEMENT_HOST_ID,
	STATEMENT_HOST_AFTER,
	STATEMENT_HOST_COUNT,
	STATEMENT_SAMPLE,
	STATEMENT_MINUTE,
	STATEMENT_HOUR,
	STATEMENT_STEP,
	STATEMENT_STEP_CAUSE,
	STATEMENT_STEPS,
	STATEMENT_CAUSES,
	STATEMENT_SAMPLES_OF,
	STATEMENT_MINUTES_OF,
	STATEMENT_HOURS_OF,
	STATEMENT_PRUNE_SAMPLES,
	STATEMENT_PRUNE_MINUTES,
	STATEMENT_PRUNE_HOURS,
	STATEMENT_COUNT,
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	bool open_transaction;
	int64_t pruned_host; /* id of the host that was pruned last */
};

/* Set @err to what SQLite says; returns -1. */
int store_db_error(struct store *store, struct error *err);

/* Run a statement that gives no rows; it is reset either way. */
int store_db_run(struct store *store, enum statement which, struct error *err) MUST_CHECK;

/* Run a statement for one integer.  1: there is a row, 0: none, -1: @err is set. */
int store_db_integer(
    struct store *store, enum statement which, int64_t *value, struct error *err) MUST_CHECK;

/* Begin a transaction, unless one is open. */
int store_db_begin(struct store *store, struct error *err) MUST_CHECK;

/* The id of @host, made when it is new; a transaction is open then. */
int store_db_host_id(
    struct store *store, const char *host, int64_t *id, struct error *err) MUST_CHECK;

/* Forget what the open transaction did. */
void store_db_roll_back(struct store *store);

#endif
