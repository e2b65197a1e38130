/* The SQL statements that store*.c share.  No other file includes this one. */
#ifndef ORCHESTRATOR_COLLECT_STORE_DB_H
#define ORCHESTRATOR_COLLECT_STORE_DB_H

#include "orchestrator/collect/store.h"
#include "orchestrator/database/database.h"

enum statement {
	STATEMENT_HOST_NEW,
	STATEMENT_HOST_ID,
	STATEMENT_HOST_AFTER,
	STATEMENT_HOST_COUNT,
	STATEMENT_SAMPLE,
	STATEMENT_MINUTE,
	STATEMENT_HOUR,
	STATEMENT_STEP,
	STATEMENT_STEP_CAUSE,
	STATEMENT_PRUNE_STEPS,
	STATEMENT_STEPS,
	STATEMENT_PAST_HOSTS,
	STATEMENT_PAST_HOURS,
	STATEMENT_PAST_MINUTES,
	STATEMENT_PAST_SAMPLES,
	STATEMENT_PAST_STEPS,
	STATEMENT_PAST_FOLLOWED,
	STATEMENT_CAUSES,
	STATEMENT_FOLLOWED,
	STATEMENT_PRUNE_FOLLOWED,
	STATEMENT_SAMPLES_OF,
	STATEMENT_MINUTES_OF,
	STATEMENT_HOURS_OF,
	STATEMENT_PRUNE_SAMPLES,
	STATEMENT_PRUNE_MINUTES,
	STATEMENT_PRUNE_HOURS,
};

struct store {
	struct database db;
	int64_t pruned_host; /* id of the host that was pruned last */
};

/* The step in a row of STATEMENT_STEPS or STATEMENT_PAST_STEPS. */
struct step_row store_db_step(sqlite3_stmt *statement);

/* Find the id of @host, or add @host.  Begins a transaction when none is open. */
int store_db_host_id(
    struct store *store, const char *host, int64_t *id, struct error *err) MUST_CHECK;

#endif
