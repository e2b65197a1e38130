/* Writes into the journal while a run goes on. */
#include "common/digest.h"
#include "orchestrator/journal/db.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* @lazy: commits need not be on the disk at once from now on; else they must be. */
static void
be_lazy(struct journal *journal, bool lazy)
{
	if (journal->lazy != lazy) {
		sqlite3_exec(journal->db.sqlite,
		    lazy ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", NULL, NULL,
		    NULL);
		journal->lazy = lazy;
	}
}

/* Find the id of a content, or store the content. */
static int
content_id(
    struct journal *journal, const struct journal_state *state, int64_t *id, struct error *err)
{
	sqlite3_stmt *add = journal->db.statements[JOURNAL_CONTENT_NEW];
	sqlite3_stmt *find = journal->db.statements[JOURNAL_CONTENT_ID];
	char hash[SHA256_HEX_BYTES];
	int status;

	if (state->hash) {
		snprintf(hash, sizeof(hash), "%s", state->hash);
	} else {
		sha256_hex(state->bytes, state->len, hash);
	}
	database_bind_text(find, 1, hash);
	sqlite3_bind_int(find, 2, state->bytes == NULL);
	status = database_integer(&journal->db, JOURNAL_CONTENT_ID, id, err);
	if (status == 0) {
		database_bind_text(add, 1, hash);
		sqlite3_bind_null(add, 2);
		if (state->bytes) {
			sqlite3_bind_blob64(add, 2, state->bytes, state->len, SQLITE_STATIC);
		}
		sqlite3_bind_int(find, 2, 1);
		status = database_run(&journal->db, JOURNAL_CONTENT_NEW, err);
		status =
		    status < 0 ? -1 : database_integer(&journal->db, JOURNAL_CONTENT_ID, id, err);
	}
	sqlite3_clear_bindings(add);
	sqlite3_clear_bindings(find);
	return status > 0 ? 0 : -1;
}

static int
insert_run(struct journal *journal, struct journal_run *run, struct error *err)
{
	sqlite3_stmt *add = journal->db.statements[JOURNAL_RUN_NEW];
	sqlite3_stmt *mark = journal->db.statements[JOURNAL_RUN_MARK];
	struct journal_state site = { .bytes = run->site_text,
		.len = run->site_text ? strlen(run->site_text) : 0 };
	uint32_t unlike;
	int64_t site_id;

	if (getrandom(&unlike, sizeof(unlike), 0) != sizeof(unlike)) {
		return error_errno(err, errno, "no random numbers");
	}
	if (run->site_text && content_id(journal, &site, &site_id, err) < 0) {
		return -1;
	}
	database_bind_text(add, 1, run->kind);
	database_bind_text(add, 2, run->who);
	database_bind_text(add, 3, run->words);
	sqlite3_bind_int(add, 4, run->options.no_agent);
	sqlite3_bind_int(add, 5, run->options.disable_rivals);
	sqlite3_bind_int(add, 6, run->options.trust_sources);
	database_bind_text(add, 7, run->site);
	database_bind_text(add, 8, run->site_file);
	sqlite3_bind_null(add, 9);
	if (run->site_text) {
		sqlite3_bind_int64(add, 9, site_id);
	}
	sqlite3_bind_null(add, 10);
	if (run->of_run != 0) {
		sqlite3_bind_int64(add, 10, run->of_run);
	}
	sqlite3_bind_int64(add, 11, run->begun_ns);
	if (database_run(&journal->db, JOURNAL_RUN_NEW, err) < 0) {
		return -1;
	}
	run->id = sqlite3_last_insert_rowid(journal->db.sqlite);
	snprintf(run->mark, sizeof(run->mark), "%lld.%08x", (long long)run->id, unlike);
	sqlite3_bind_int64(mark, 1, run->id);
	database_bind_text(mark, 2, run->mark);
	return database_run(&journal->db, JOURNAL_RUN_MARK, err);
}

/* Commit what was written since database_begin(), or roll it back when @status is -1. */
static int
finish(struct journal *journal, int status, struct error *err)
{
	if (status < 0 || database_commit(&journal->db, err) < 0) {
		database_roll_back(&journal->db);
		return -1;
	}
	return 0;
}

int
journal_begin(struct journal *journal, struct journal_run *run, struct error *err)
{
	be_lazy(journal, true); /* journal_host_begun() brings this to the disk, too */
	if (database_begin(&journal->db, err) < 0) {
		return -1;
	}
	return finish(journal, insert_run(journal, run, err), err);
}

/* Bind a state of a file to the four parameters from @at on. */
static int
bind_state(struct journal *journal, sqlite3_stmt *add, int at, const struct journal_state *state,
    struct error *err)
{
	int64_t id;

	if (!state->there) {
		for (int i = 0; i < 4; i++) {
			sqlite3_bind_null(add, at + i);
		}
		return 0;
	}
	if (content_id(journal, state, &id, err) < 0) {
		return -1;
	}
	sqlite3_bind_int64(add, at, id);
	sqlite3_bind_int64(add, at + 1, state->mode);
	database_bind_text(add, at + 2, state->owner);
	database_bind_text(add, at + 3, state->group);
	return 0;
}

static int
insert_file(
    struct journal *journal, int64_t host, const struct journal_file *file, struct error *err)
{
	sqlite3_stmt *add = journal->db.statements[JOURNAL_FILE_NEW];

	sqlite3_bind_int64(add, 1, host);
	database_bind_text(add, 2, file->path);
	sqlite3_bind_int(add, 3, file->of_agent);
	sqlite3_bind_int(add, 4, file->secret);
	database_bind_text(add, 5, file_action_id(file->action));
	if (bind_state(journal, add, 6, &file->before, err) < 0 ||
	    bind_state(journal, add, 10, &file->after, err) < 0) {
		return -1;
	}
	return database_run(&journal->db, JOURNAL_FILE_NEW, err);
}

static int
insert_host(struct journal *journal, int64_t run, struct journal_host *host, struct error *err)
{
	sqlite3_stmt *add = journal->db.statements[JOURNAL_HOST_NEW];

	sqlite3_bind_int64(add, 1, run);
	database_bind_text(add, 2, host->host);
	database_bind_text(add, 3, host->daemon);
	database_bind_text(add, 4, file_action_id(host->action));
	sqlite3_bind_int64(add, 5, host->wave);
	database_bind_text(add, 6, host->outcome);
	database_bind_text(add, 7, host->failed_at);
	database_bind_text(add, 8, host->error);
	database_bind_text(add, 9, host->note);
	database_bind_text(add, 10, host->migrated_from ? host->migrated_from : "");
	if (database_run(&journal->db, JOURNAL_HOST_NEW, err) < 0) {
		return -1;
	}
	host->id = sqlite3_last_insert_rowid(journal->db.sqlite);
	for (size_t i = 0; i < host->file_count; i++) {
		if (insert_file(journal, host->id, &host->files[i], err) < 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < host->switched_off_count; i++) {
		sqlite3_stmt *off = journal->db.statements[JOURNAL_OFF_NEW];

		sqlite3_bind_int64(off, 1, host->id);
		database_bind_text(off, 2, host->switched_off[i]);
		if (database_run(&journal->db, JOURNAL_OFF_NEW, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
journal_add_hosts(struct journal *journal, int64_t run, struct journal_host *hosts, size_t count,
    struct error *err)
{
	int status = 0;

	be_lazy(journal, true);
	if (database_begin(&journal->db, err) < 0) {
		return -1;
	}
	for (size_t i = 0; i < count && status == 0; i++) {
		status = insert_host(journal, run, &hosts[i], err);
	}
	return finish(journal, status, err);
}

int
journal_host_begun(struct journal *journal, int64_t host, int64_t now_ns, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_HOST_BEGUN];

	be_lazy(journal, false);
	sqlite3_bind_int64(statement, 1, host);
	sqlite3_bind_int64(statement, 2, now_ns);
	return database_run(&journal->db, JOURNAL_HOST_BEGUN, err);
}

int
journal_host_step(
    struct journal *journal, int64_t host, const char *name, int64_t now_ns, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_STEP_NEW];

	be_lazy(journal, true);
	sqlite3_bind_int64(statement, 1, host);
	sqlite3_bind_int64(statement, 2, now_ns);
	database_bind_text(statement, 3, name);
	return database_run(&journal->db, JOURNAL_STEP_NEW, err);
}

int
journal_host_ended(struct journal *journal, const struct journal_host *host, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_HOST_ENDED];

	be_lazy(journal, true);
	sqlite3_bind_int64(statement, 1, host->id);
	sqlite3_bind_int64(statement, 2, host->ended_ns);
	database_bind_text(statement, 3, host->outcome);
	database_bind_text(statement, 4, host->failed_at);
	database_bind_text(statement, 5, host->error);
	database_bind_text(statement, 6, host->note);
	if (host->switched_off_count == 0) {
		sqlite3_stmt *forget = journal->db.statements[JOURNAL_OFF_FORGET];

		sqlite3_bind_int64(forget, 1, host->id);
		if (database_run(&journal->db, JOURNAL_OFF_FORGET, err) < 0) {
			return -1;
		}
	}
	return database_run(&journal->db, JOURNAL_HOST_ENDED, err);
}

int
journal_host_settled(
    struct journal *journal, int64_t host, enum settled settled, int64_t now_ns, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_HOST_SETTLED];

	be_lazy(journal, true);
	sqlite3_bind_int64(statement, 1, host);
	database_bind_text(statement, 2, settled_id(settled));
	sqlite3_bind_int64(statement, 3, now_ns);
	return database_run(&journal->db, JOURNAL_HOST_SETTLED, err);
}

static int
prune(struct journal *journal, int64_t run, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_RUN_PRUNE];

	sqlite3_bind_int64(statement, 1, run - JOURNAL_KEEP_RUNS);
	if (database_run(&journal->db, JOURNAL_RUN_PRUNE, err) < 0) {
		return -1;
	}
	return sqlite3_changes(journal->db.sqlite) > 0
	    ? database_run(&journal->db, JOURNAL_CONTENT_PRUNE, err)
	    : 0;
}

int
journal_end(struct journal *journal, int64_t run, int status, int64_t now_ns, struct error *err)
{
	sqlite3_stmt *statement = journal->db.statements[JOURNAL_RUN_END];

	be_lazy(journal, false);
	if (database_begin(&journal->db, err) < 0) {
		return -1;
	}
	sqlite3_bind_int64(statement, 1, run);
	sqlite3_bind_int64(statement, 2, now_ns);
	sqlite3_bind_int(statement, 3, status);
	if (database_run(&journal->db, JOURNAL_RUN_END, err) < 0) {
		return finish(journal, -1, err);
	}
	return finish(journal, prune(journal, run, err), err);
}

int
journal_forget(struct journal *journal, int64_t run, struct error *err)
{
	be_lazy(journal, true);
	sqlite3_bind_int64(journal->db.statements[JOURNAL_RUN_FORGET], 1, run);
	return database_run(&journal->db, JOURNAL_RUN_FORGET, err);
}
