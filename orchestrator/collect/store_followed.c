/* Whom each host followed, as the history has it: a row for each change. */
#include "orchestrator/collect/store.h"
#include "orchestrator/collect/store_db.h"

int
store_add_followed(
    struct store *store, const char *host, const struct followed *followed, struct error *err)
{
	sqlite3_stmt *statement = store->db.statements[STATEMENT_FOLLOWED];
	int64_t id;

	if (store_db_host_id(store, host, &id, err) < 0) {
		return -1;
	}
	sqlite3_bind_int64(statement, 1, id);
	sqlite3_bind_int64(statement, 2, followed->time_ns);
	database_bind_text(statement, 3, followed->source);
	database_bind_text(statement, 4, followed->address);
	sqlite3_bind_int(statement, 5, followed->stratum);
	database_bind_text(statement, 6, source_auth_name(followed->auth));
	sqlite3_bind_int(statement, 7, followed->auth_told);
	if (database_run(&store->db, STATEMENT_FOLLOWED, err) < 0) {
		return -1;
	}
	if (sqlite3_changes(store->db.sqlite) == 0) {
		return 0;
	}
	statement = store->db.statements[STATEMENT_PRUNE_FOLLOWED];
	sqlite3_bind_int64(statement, 1, id);
	sqlite3_bind_int64(statement, 2, STORE_FOLLOWED_KEEP);
	return database_run(&store->db, STATEMENT_PRUNE_FOLLOWED, err);
}
