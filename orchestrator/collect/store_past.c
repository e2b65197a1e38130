/* Reads rows of the history as they are. */
#include "orchestrator/collect/past.h"
#include "orchestrator/collect/store_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more of @count things of @size bytes in @list, which is moved when it is full. */
static void *
grow(void *list, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity) {
		return list;
	}
	*capacity = 2 * *capacity + 64;
	list = realloc(list, *capacity * size);
	if (!list) {
		abort();
	}
	return list;
}

/* The end of a statement that gave rows. */
static int
ended(struct store *store, sqlite3_stmt *statement, int result, struct error *err)
{
	int status = result == SQLITE_DONE ? 0 : database_error(&store->db, err);

	sqlite3_reset(statement);
	return status;
}

int
store_past_begin(struct store *store, struct error *err)
{
	return sqlite3_exec(store->db.sqlite, "BEGIN", NULL, NULL, NULL) == SQLITE_OK
	    ? 0
	    : database_error(&store->db, err);
}

int
store_past_hosts(
    struct store *store, struct arena *arena, const char ***hosts, size_t *count, struct error *err)
{
	sqlite3_stmt *statement = store->db.statements[STATEMENT_PAST_HOSTS];
	size_t used = 0, capacity = 0;
	const char **list = NULL;
	int result;

	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		list = grow(list, used, &capacity, sizeof(*list));
		list[used++] = arena_strdup(arena, (const char *)sqlite3_column_text(statement, 0));
	}
	arena_adopt(arena, list);
	*hosts = list;
	*count = used;
	return ended(store, statement, result, err);
}

int
store_past(
    struct store *store, const struct past_query *query, struct past_rows *rows, struct error *err)
{
	static const enum statement statements[] = {
		[PAST_SAMPLES] = STATEMENT_PAST_SAMPLES,
		[PAST_MINUTES] = STATEMENT_PAST_MINUTES,
		[PAST_HOURS] = STATEMENT_PAST_HOURS,
	};
	sqlite3_stmt *statement = store->db.statements[statements[query->table]];
	int result;

	rows->count = 0;
	database_bind_text(statement, 1, query->host);
	sqlite3_bind_int64(statement, 2, query->from_ns);
	sqlite3_bind_int64(statement, 3, query->to_ns);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		rows->list = grow(rows->list, rows->count, &rows->capacity, sizeof(*rows->list));
		rows->list[rows->count++] = (struct past_row){
			.time_ns = sqlite3_column_int64(statement, 0),
			.length_ns = sqlite3_column_int64(statement, 1),
			.heard = (uint64_t)sqlite3_column_int64(statement, 2),
			.offset_min_ns = sqlite3_column_int64(statement, 3),
			.offset_max_ns = sqlite3_column_int64(statement, 4),
			.error_bound_min_ns = sqlite3_column_int64(statement, 5),
			.error_bound_max_ns = sqlite3_column_int64(statement, 6),
		};
	}
	return ended(store, statement, result, err);
}

int
store_past_steps(struct store *store, int64_t from_ns, int64_t to_ns, struct step_row **rows,
    size_t *count, struct error *err)
{
	sqlite3_stmt *statement = store->db.statements[STATEMENT_PAST_STEPS];
	size_t used = 0, capacity = 0;
	struct step_row *list = NULL;
	int result;

	sqlite3_bind_int64(statement, 1, from_ns);
	sqlite3_bind_int64(statement, 2, to_ns);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		list = grow(list, used, &capacity, sizeof(*list));
		list[used++] = store_db_step(statement);
	}
	*rows = list;
	*count = used;
	return ended(store, statement, result, err);
}

static enum source_auth
auth_of(const char *name)
{
	for (int i = AUTH_UNKNOWN; i <= AUTH_BAD; i++) {
		if (strcmp(name, source_auth_name((enum source_auth)i)) == 0) {
			return (enum source_auth)i;
		}
	}
	return AUTH_UNKNOWN;
}

int
store_past_followed(struct store *store, const struct past_query *query, struct arena *arena,
    struct followed **rows, size_t *count, struct error *err)
{
	sqlite3_stmt *statement = store->db.statements[STATEMENT_PAST_FOLLOWED];
	size_t used = 0, capacity = 0;
	struct followed *list = NULL;
	int result;

	database_bind_text(statement, 1, query->host);
	sqlite3_bind_int64(statement, 2, query->from_ns);
	sqlite3_bind_int64(statement, 3, query->to_ns);
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		struct followed *row;

		list = grow(list, used, &capacity, sizeof(*list));
		row = &list[used++];
		*row = (struct followed){
			.time_ns = sqlite3_column_int64(statement, 0),
			.stratum = sqlite3_column_int(statement, 3),
			.auth = auth_of((const char *)sqlite3_column_text(statement, 4)),
			.auth_told = sqlite3_column_int(statement, 5) != 0,
		};
		snprintf(row->source, sizeof(row->source), "%s",
		    (const char *)sqlite3_column_text(statement, 1));
		snprintf(row->address, sizeof(row->address), "%s",
		    (const char *)sqlite3_column_text(statement, 2));
	}
	arena_adopt(arena, list);
	*rows = list;
	*count = used;
	return ended(store, statement, result, err);
}
