/* Reads from the journal. */
#include "orchestrator/journal/db.h"

#include <stdio.h>
#include <string.h>

static enum settled
settled_of(const char *id)
{
	for (enum settled settled = SETTLED_OPEN; settled <= SETTLED_LOST; settled++) {
		if (strcmp(settled_id(settled), id) == 0) {
			return settled;
		}
	}
	return SETTLED_OPEN;
}

/* Make room for one more row: the array doubles when it is full; the arena keeps the old one. */
static void *
grown(struct arena *arena, void *list, size_t count, size_t size)
{
	void *larger;

	if (count > 0 && (count & (count - 1)) != 0) {
		return list;
	}
	larger = arena_alloc(arena, (count > 0 ? 2 * count : 1) * size);
	if (count > 0) {
		memcpy(larger, list, count * size);
	}
	return larger;
}

/* End a loop over rows.  Returns 0 when it came to the last row, or -1 with @err set. */
static int
end_rows(struct journal *journal, sqlite3_stmt *statement, int result, struct error *err)
{
	int status = result == SQLITE_DONE ? 0 : database_error(&journal->db, err);

	sqlite3_reset(statement);
	return status;
}

static struct journal_run
run_of(sqlite3_stmt *row, struct arena *arena, bool text)
{
	struct journal_run run = {
		.id = sqlite3_column_int64(row, 0),
		.kind = journal_text(row, 2, arena),
		.who = journal_text(row, 3, arena),
		.words = journal_text(row, 4, arena),
		.options = { .no_agent = sqlite3_column_int(row, 5) != 0,
		    .disable_rivals = sqlite3_column_int(row, 6) != 0,
		    .trust_sources = sqlite3_column_int(row, 7) != 0 },
		.site = journal_text(row, 8, arena),
		.site_file = journal_text(row, 9, arena),
		.site_hash = journal_text(row, 10, arena),
		.of_run = sqlite3_column_int64(row, 12),
		.begun_ns = sqlite3_column_int64(row, 13),
		.ended_ns = sqlite3_column_int64(row, 14),
		.status = sqlite3_column_int(row, 15),
	};

	snprintf(run.mark, sizeof(run.mark), "%s", journal_text(row, 1, arena));
	if (text) {
		const void *bytes = sqlite3_column_blob(row, 11);

		run.site_text =
		    arena_strndup(arena, bytes ? bytes : "", (size_t)sqlite3_column_bytes(row, 11));
	}
	return run;
}

static enum file_action
action_in(sqlite3_stmt *row, int column)
{
	const char *id = (const char *)sqlite3_column_text(row, column);

	return file_action_of(id ? id : "");
}

static struct journal_host
host_of(sqlite3_stmt *row, struct arena *arena)
{
	return (struct journal_host){
		.id = sqlite3_column_int64(row, 0),
		.host = journal_text(row, 1, arena),
		.daemon = journal_text(row, 2, arena),
		.action = action_in(row, 3),
		.wave = (unsigned)sqlite3_column_int64(row, 4),
		.begun_ns = sqlite3_column_int64(row, 5),
		.ended_ns = sqlite3_column_int64(row, 6),
		.outcome = journal_text(row, 7, arena),
		.failed_at = journal_text(row, 8, arena),
		.error = journal_text(row, 9, arena),
		.note = journal_text(row, 10, arena),
		.settled = settled_of(journal_text(row, 11, arena)),
		.migrated_from = journal_text(row, 12, arena),
	};
}

/* The state of a file whose columns begin at @at; its bytes are in column @bytes. */
static struct journal_state
state_of(sqlite3_stmt *row, int at, int bytes, struct arena *arena)
{
	struct journal_state state = { .there = sqlite3_column_type(row, at) != SQLITE_NULL,
		.hash = journal_text(row, at, arena),
		.mode = (unsigned)sqlite3_column_int64(row, at + 1),
		.owner = journal_text(row, at + 2, arena),
		.group = journal_text(row, at + 3, arena) };

	if (sqlite3_column_type(row, bytes) != SQLITE_NULL) {
		const void *blob = sqlite3_column_blob(row, bytes);

		state.len = (size_t)sqlite3_column_bytes(row, bytes);
		state.bytes = arena_strndup(arena, blob ? blob : "", state.len);
	}
	return state;
}

static int
read_files(struct journal *journal, struct journal_host *host, bool contents, struct arena *arena,
    struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_FILES_OF];
	int result;

	sqlite3_bind_int64(row, 1, host->id);
	sqlite3_bind_int(row, 2, contents);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		host->files = grown(arena, host->files, host->file_count, sizeof(*host->files));
		host->files[host->file_count++] = (struct journal_file){
			.path = journal_text(row, 0, arena),
			.of_agent = sqlite3_column_int(row, 1) != 0,
			.secret = sqlite3_column_int(row, 2) != 0,
			.action = action_in(row, 3),
			.before = state_of(row, 4, 12, arena),
			.after = state_of(row, 8, 13, arena),
		};
	}
	return end_rows(journal, row, result, err);
}

static int
read_steps(
    struct journal *journal, struct journal_host *host, struct arena *arena, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_STEPS_OF];
	int result;

	sqlite3_bind_int64(row, 1, host->id);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		host->steps = grown(arena, host->steps, host->step_count, sizeof(*host->steps));
		host->steps[host->step_count++] = (struct journal_step){
			.time_ns = sqlite3_column_int64(row, 0),
			.name = journal_text(row, 1, arena),
		};
	}
	return end_rows(journal, row, result, err);
}

static int
read_switched_off(
    struct journal *journal, struct journal_host *host, struct arena *arena, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_OFF_OF];
	int result;

	sqlite3_bind_int64(row, 1, host->id);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		host->switched_off = grown(arena, host->switched_off, host->switched_off_count,
		    sizeof(*host->switched_off));
		host->switched_off[host->switched_off_count++] = journal_text(row, 0, arena);
	}
	return end_rows(journal, row, result, err);
}

static int
read_hosts(struct journal *journal, struct journal_run *run, struct arena *arena, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_HOSTS_OF];
	int result;

	sqlite3_bind_int64(row, 1, run->id);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		run->hosts = grown(arena, run->hosts, run->host_count, sizeof(*run->hosts));
		run->hosts[run->host_count++] = host_of(row, arena);
	}
	return end_rows(journal, row, result, err);
}

int
journal_list(struct journal *journal, unsigned limit, struct arena *arena,
    struct journal_run **runs, size_t *count, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_RUNS];
	int result;

	*runs = NULL;
	*count = 0;
	sqlite3_bind_int64(row, 1, limit);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		*runs = grown(arena, *runs, *count, sizeof(**runs));
		(*runs)[(*count)++] = run_of(row, arena, false);
	}
	if (end_rows(journal, row, result, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < *count; i++) {
		if (read_hosts(journal, &(*runs)[i], arena, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
journal_read(struct journal *journal, int64_t id, bool contents, struct arena *arena,
    struct journal_run *run, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_RUN];
	bool found = false;
	int result;

	sqlite3_bind_int64(row, 1, id);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		*run = run_of(row, arena, true);
		found = true;
	}
	if (end_rows(journal, row, result, err) < 0) {
		return -1;
	}
	if (!found) {
		return 0;
	}
	if (read_hosts(journal, run, arena, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < run->host_count; i++) {
		if (read_files(journal, &run->hosts[i], contents, arena, err) < 0 ||
		    read_steps(journal, &run->hosts[i], arena, err) < 0 ||
		    read_switched_off(journal, &run->hosts[i], arena, err) < 0) {
			return -1;
		}
	}
	return 1;
}

int
journal_latest(struct journal *journal, const char *kind, int64_t *id, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_LATEST];

	*id = 0;
	sqlite3_bind_null(statement, 1);
	if (kind) {
		sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
	}
	return database_integer(&journal->db, JOURNAL_LATEST, id, err) < 0 ? -1 : 0;
}

int
journal_latest_good(struct journal *journal, const char *kind, int64_t *id, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_LATEST_GOOD];

	*id = 0;
	sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
	return database_integer(&journal->db, JOURNAL_LATEST_GOOD, id, err) < 0 ? -1 : 0;
}

int
journal_after(struct journal *journal, int64_t id, struct arena *arena, struct journal_run **runs,
    size_t *count, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_AFTER];
	int result;

	*runs = NULL;
	*count = 0;
	sqlite3_bind_int64(row, 1, id);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		*runs = grown(arena, *runs, *count, sizeof(**runs));
		(*runs)[(*count)++] = run_of(row, arena, false);
	}
	return end_rows(journal, row, result, err);
}

int
journal_latest_begun(struct journal *journal, int64_t *id, struct error *err)
{
	*id = 0;
	return database_integer(&journal->db, JOURNAL_LATEST_BEGUN, id, err) < 0 ? -1 : 0;
}

int
journal_latest_change(struct journal *journal, int64_t *id, struct error *err)
{
	*id = 0;
	return database_integer(&journal->db, JOURNAL_LATEST_CHANGE, id, err) < 0 ? -1 : 0;
}

int
journal_usual(struct journal *journal, const char *daemon, enum file_action action,
    int64_t *took_ns, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_USUAL];

	*took_ns = 0;
	sqlite3_bind_text(statement, 1, daemon, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, file_action_id(action), -1, SQLITE_STATIC);
	return database_integer(&journal->db, JOURNAL_USUAL, took_ns, err) < 0 ? -1 : 0;
}

int
journal_gave(struct journal *journal, const char *path, int64_t *hosts, struct error *err)
{
	*hosts = 0;
	sqlite3_bind_text(journal->db.statements[JOURNAL_GAVE], 1, path, -1, SQLITE_STATIC);
	return database_integer(&journal->db, JOURNAL_GAVE, hosts, err) < 0 ? -1 : 0;
}

int
journal_later(struct journal *journal, const char *host, const char *path, int64_t run, int64_t *id,
    struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_LATER];

	*id = 0;
	sqlite3_bind_text(statement, 1, host, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, path, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, run);
	return database_integer(&journal->db, JOURNAL_LATER, id, err) < 0 ? -1 : 0;
}

int
journal_touched(struct journal *journal, struct arena *arena, const char ***hosts, size_t *count,
    struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_TOUCHED];
	int result;

	*hosts = NULL;
	*count = 0;
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		*hosts = grown(arena, *hosts, *count, sizeof(**hosts));
		(*hosts)[(*count)++] = journal_text(row, 0, arena);
	}
	return end_rows(journal, row, result, err);
}

int
journal_kept(struct journal *journal, const char *host, int64_t *id, struct error *err)
{
	*id = 0;
	sqlite3_bind_text(journal->db.statements[JOURNAL_KEPT], 1, host, -1, SQLITE_STATIC);
	return database_integer(&journal->db, JOURNAL_KEPT, id, err) < 0 ? -1 : 0;
}

int
journal_changes(struct journal *journal, const char *host, struct arena *arena,
    struct journal_host **changes, size_t *count, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_CHANGES];
	int result;

	*changes = NULL;
	*count = 0;
	sqlite3_bind_text(row, 1, host, -1, SQLITE_STATIC);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		*changes = grown(arena, *changes, *count, sizeof(**changes));
		(*changes)[(*count)++] = host_of(row, arena);
	}
	if (end_rows(journal, row, result, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < *count; i++) {
		if (read_files(journal, &(*changes)[i], true, arena, err) < 0 ||
		    read_switched_off(journal, &(*changes)[i], arena, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
journal_marked(struct journal *journal, const char *mark, int64_t *id, struct error *err)
{
	*id = 0;
	sqlite3_bind_text(journal->db.statements[JOURNAL_MARKED], 1, mark, -1, SQLITE_STATIC);
	return database_integer(&journal->db, JOURNAL_MARKED, id, err) < 0 ? -1 : 0;
}

static int
read_unknowns(
    struct journal *journal, struct arena *arena, struct journal_unknowns *found, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_UNKNOWN];
	int result;

	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		struct journal_unknown *unknown;

		found->list = grown(arena, found->list, found->count, sizeof(*found->list));
		unknown = &found->list[found->count++];
		*unknown = (struct journal_unknown){ .host = host_of(row, arena),
			.run = sqlite3_column_int64(row, 13) };
		snprintf(unknown->mark, sizeof(unknown->mark), "%s", journal_text(row, 14, arena));
	}
	return end_rows(journal, row, result, err);
}

int
journal_find_unknowns(struct journal *journal, const char *name, int64_t but, struct arena *arena,
    struct journal_unknowns *found, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_UNKNOWN];

	*found = (struct journal_unknowns){ .count = 0 };
	sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(row, 2, but);
	if (read_unknowns(journal, arena, found, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < found->count; i++) {
		if (read_files(journal, &found->list[i].host, false, arena, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
journal_content(struct journal *journal, const char *hash, struct arena *arena, const char **bytes,
    size_t *len, struct error *err)
{
	sqlite3_stmt *row = journal->db.statements[JOURNAL_CONTENT_BYTES];
	int result;

	*bytes = NULL;
	*len = 0;
	sqlite3_bind_text(row, 1, hash, -1, SQLITE_STATIC);
	while ((result = sqlite3_step(row)) == SQLITE_ROW) {
		if (sqlite3_column_type(row, 0) != SQLITE_NULL) {
			const void *blob = sqlite3_column_blob(row, 0);

			*len = (size_t)sqlite3_column_bytes(row, 0);
			*bytes = arena_strndup(arena, blob ? blob : "", *len);
		}
	}
	return end_rows(journal, row, result, err);
}
