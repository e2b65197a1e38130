/* The ledger of steps, in the history's file. */
#include "orchestrator/collect/store.h"
#include "orchestrator/collect/store_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
bind_key(sqlite3_stmt *statement, int64_t id, const struct ledger_entry *entry)
{
	sqlite3_bind_int64(statement, 1, id);
	database_bind_text(statement, 2, entry->boot_id);
	sqlite3_bind_int64(statement, 3, entry->boot_ns);
	database_bind_text(statement, 4, step_cause_name(entry->cause));
	sqlite3_bind_int(statement, 5, entry->settled);
	database_bind_text(statement, 6, entry->words);
}

int
store_add_step(struct store *store, const struct step_row *row, struct error *err)
{
	sqlite3_stmt *statement = store->db.statements[STATEMENT_STEP];
	int64_t id;

	if (store_db_host_id(store, row->host, &id, err) < 0) {
		return -1;
	}
	bind_key(statement, id, &row->entry);
	sqlite3_bind_int64(statement, 7, row->time_ns);
	sqlite3_bind_int64(statement, 8, row->entry.amount_ns);
	sqlite3_bind_int64(statement, 9, row->entry.before_real_ns);
	sqlite3_bind_int64(statement, 10, row->entry.after_real_ns);
	if (database_run(&store->db, STATEMENT_STEP, err) < 0) {
		return -1;
	}
	if (sqlite3_changes(store->db.sqlite) > 0) {
		statement = store->db.statements[STATEMENT_PRUNE_STEPS];
		sqlite3_bind_int64(statement, 1, id);
		sqlite3_bind_int64(statement, 2, STORE_STEPS_KEEP);
		return database_run(&store->db, STATEMENT_PRUNE_STEPS, err) < 0 ? -1 : 1;
	}
	bind_key(store->db.statements[STATEMENT_STEP_CAUSE], id, &row->entry);
	return database_run(&store->db, STATEMENT_STEP_CAUSE, err);
}

static enum step_cause
cause_of(const char *name)
{
	for (int i = 0; i <= CAUSE_LEAP; i++) {
		if (strcmp(name, step_cause_name((enum step_cause)i)) == 0) {
			return (enum step_cause)i;
		}
	}
	return CAUSE_UNKNOWN;
}

static const char *
text_at(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

struct step_row
store_db_step(sqlite3_stmt *statement)
{
	struct step_row row = {
		.time_ns = sqlite3_column_int64(statement, 3),
		.entry = {
			.boot_ns = sqlite3_column_int64(statement, 2),
			.amount_ns = sqlite3_column_int64(statement, 4),
			.before_real_ns = sqlite3_column_int64(statement, 5),
			.after_real_ns = sqlite3_column_int64(statement, 6),
			.cause = cause_of(text_at(statement, 7)),
			.settled = sqlite3_column_int(statement, 8) != 0,
		},
	};

	snprintf(row.host, sizeof(row.host), "%s", text_at(statement, 0));
	snprintf(row.entry.boot_id, sizeof(row.entry.boot_id), "%s", text_at(statement, 1));
	snprintf(row.entry.words, sizeof(row.entry.words), "%s", text_at(statement, 9));
	return row;
}

static void
bind_text_or_null(sqlite3_stmt *statement, int at, const char *text)
{
	if (text) {
		database_bind_text(statement, at, text);
	} else {
		sqlite3_bind_null(statement, at);
	}
}

int
store_steps(struct store *store, const struct step_query *query, struct step_row **rows,
    size_t *count, struct error *err)
{
	sqlite3_stmt *statement = store->db.statements[STATEMENT_STEPS];
	struct step_row *found = calloc((size_t)query->limit + 1, sizeof(*found));
	size_t used = 0;
	int result;

	if (!found) {
		abort();
	}
	bind_text_or_null(statement, 1, query->host);
	bind_text_or_null(statement, 2, query->cause);
	sqlite3_bind_int64(statement, 3, query->from_ns ? query->from_ns : INT64_MIN);
	sqlite3_bind_int64(statement, 4, query->limit);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW && used < query->limit) {
		found[used++] = store_db_step(statement);
	}
	if (result != SQLITE_DONE && result != SQLITE_ROW) {
		database_error(&store->db, err);
		sqlite3_reset(statement);
		free(found);
		return -1;
	}
	sqlite3_reset(statement);
	*rows = found;
	*count = used;
	return 0;
}

int
store_count_steps(
    struct store *store, struct step_count *counts, size_t max, size_t *count, struct error *err)
{
	sqlite3_stmt *statement = store->db.statements[STATEMENT_CAUSES];
	size_t used = 0;
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW && used < max) {
		snprintf(
		    counts[used].cause, sizeof(counts[used].cause), "%s", text_at(statement, 0));
		counts[used++].count = (uint64_t)sqlite3_column_int64(statement, 1);
	}
	if (result != SQLITE_DONE && result != SQLITE_ROW) {
		database_error(&store->db, err);
		sqlite3_reset(statement);
		return -1;
	}
	sqlite3_reset(statement);
	*count = used;
	return 0;
}
