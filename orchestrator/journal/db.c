/* The SQL statements of the journal; opens and closes its file. */
#include "orchestrator/journal/db.h"

#include <stdlib.h>
#include <string.h>

#define RUN_COLUMNS                                                                                \
	"SELECT run.id, mark, kind, who, words, no_agent, disable_rivals, trust_sources, site, "   \
	"site_file, coalesce(content.hash, ''), content.bytes, of_run, begun_ns, ended_ns, "       \
	"status "                                                                                  \
	"FROM run LEFT JOIN content ON content.id = site_id "

#define HOST_COLUMNS                                                                               \
	"SELECT run_host.id, host, daemon, action, wave, run_host.begun_ns, run_host.ended_ns, "   \
	"outcome, failed_at, error, note, settled, migrated_from"

static const char *const statements[] = {
	[JOURNAL_RUN_NEW] =
	    "INSERT INTO run (mark, kind, who, words, no_agent, disable_rivals, trust_sources, "
	    "site, "
	    "site_file, site_id, of_run, begun_ns) VALUES ('', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
	    "?10, ?11)",
	[JOURNAL_RUN_MARK] = "UPDATE run SET mark = ?2 WHERE id = ?1",
	[JOURNAL_RUN_END] = "UPDATE run SET ended_ns = ?2, status = ?3 WHERE id = ?1",
	[JOURNAL_RUN_FORGET] = "DELETE FROM run WHERE id = ?1",
	[JOURNAL_RUN_PRUNE] =
	    "DELETE FROM run WHERE id <= ?1 AND id != (SELECT coalesce(max(id), 0) FROM run WHERE "
	    "kind = 'review' AND ended_ns NOTNULL AND status = 0) "
	    /* the first that changed a file: it alone knows what was there before timetier came */
	    "AND id NOT IN (SELECT min(run_id) FROM file JOIN run_host ON run_host.id = "
	    "run_host_id WHERE begun_ns NOTNULL AND (outcome = 'done' OR settled = 'kept') GROUP "
	    "BY host, path)",
	[JOURNAL_CONTENT_PRUNE] =
	    "DELETE FROM content WHERE id NOT IN (SELECT site_id FROM run WHERE site_id NOTNULL "
	    "UNION SELECT before_id FROM file WHERE before_id NOTNULL "
	    "UNION SELECT after_id FROM file WHERE after_id NOTNULL)",
	[JOURNAL_CONTENT_NEW] =
	    "INSERT INTO content (hash, bytes) VALUES (?1, ?2) ON CONFLICT (hash) DO "
	    "UPDATE SET bytes = excluded.bytes WHERE bytes ISNULL AND excluded.bytes NOTNULL",
	[JOURNAL_CONTENT_ID] = "SELECT id FROM content WHERE hash = ?1 AND (?2 OR bytes NOTNULL)",
	[JOURNAL_CONTENT_BYTES] = "SELECT bytes FROM content WHERE hash = ?1",
	[JOURNAL_HOST_NEW] =
	    "INSERT INTO run_host (run_id, host, daemon, action, wave, outcome, failed_at, error, "
	    "note, settled, migrated_from) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, '', ?10)",
	[JOURNAL_FILE_NEW] = "INSERT INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
			     "?11, ?12, ?13)",
	[JOURNAL_HOST_BEGUN] = "UPDATE run_host SET begun_ns = ?2, outcome = 'open' WHERE id = ?1",
	[JOURNAL_HOST_ENDED] = "UPDATE run_host SET ended_ns = ?2, outcome = ?3, failed_at = ?4, "
			       "error = ?5, note = ?6 WHERE id = ?1",
	[JOURNAL_HOST_SETTLED] = "UPDATE run_host SET settled = ?2, settled_ns = ?3 WHERE id = ?1",
	[JOURNAL_OFF_NEW] = "INSERT INTO switched_off VALUES (?1, ?2)",
	[JOURNAL_OFF_OF] = "SELECT name FROM switched_off WHERE run_host_id = ?1 ORDER BY rowid",
	[JOURNAL_OFF_FORGET] = "DELETE FROM switched_off WHERE run_host_id = ?1",
	[JOURNAL_STEP_NEW] = "INSERT INTO step VALUES (?1, ?2, ?3)",
	[JOURNAL_RUNS] = RUN_COLUMNS "ORDER BY run.id DESC LIMIT ?1",
	[JOURNAL_RUN] = RUN_COLUMNS "WHERE run.id = ?1",
	[JOURNAL_HOSTS_OF] = HOST_COLUMNS " FROM run_host WHERE run_id = ?1 ORDER BY id",
	[JOURNAL_STEPS_OF] = "SELECT time_ns, name FROM step WHERE run_host_id = ?1 ORDER BY rowid",
	[JOURNAL_FILES_OF] =
	    "SELECT path, of_agent, secret, action, before.hash, before_mode, before_owner, "
	    "before_group, after.hash, after_mode, after_owner, after_group, "
	    "CASE WHEN ?2 THEN before.bytes END, CASE WHEN ?2 THEN after.bytes END FROM file "
	    "LEFT JOIN content AS before ON before.id = before_id "
	    "LEFT JOIN content AS after ON after.id = after_id "
	    "WHERE run_host_id = ?1 ORDER BY path",
	[JOURNAL_UNKNOWN] = HOST_COLUMNS
	", run_id, mark FROM run_host JOIN run ON run.id = run_id WHERE host = ?1 AND "
	"run_id != ?2 AND settled = '' AND run_host.begun_ns NOTNULL AND "
	"(run_host.ended_ns ISNULL OR outcome = 'lost') ORDER BY run_host.id",
	[JOURNAL_MARKED] = "SELECT id FROM run WHERE mark = ?1",
	[JOURNAL_LATEST] = "SELECT max(run.id) FROM run WHERE (?1 ISNULL OR kind = ?1) "
			   "AND EXISTS (SELECT 1 FROM run_host WHERE run_id = run.id)",
	[JOURNAL_LATEST_GOOD] =
	    "SELECT max(id) FROM run WHERE kind = ?1 AND ended_ns NOTNULL AND status = 0",
	[JOURNAL_AFTER] = RUN_COLUMNS "WHERE run.id > ?1 ORDER BY run.id",
	[JOURNAL_LATEST_BEGUN] = "SELECT max(id) FROM run",
	[JOURNAL_LATEST_CHANGE] = "SELECT max(run_id) FROM run_host WHERE begun_ns NOTNULL AND "
				  "(outcome = 'done' OR settled = 'kept') AND EXISTS (SELECT 1 "
				  "FROM file WHERE run_host_id = run_host.id)",
	[JOURNAL_USUAL] =
	    "WITH latest AS (SELECT ended_ns - begun_ns AS took FROM run_host WHERE daemon = ?1 "
	    "AND action = ?2 AND outcome = 'done' AND ended_ns >= begun_ns ORDER BY id DESC LIMIT "
	    "31) "
	    "SELECT took FROM latest ORDER BY took LIMIT 1 OFFSET (SELECT count(*) / 2 FROM "
	    "latest)",
	[JOURNAL_GAVE] = "SELECT count(*) FROM file JOIN run_host ON run_host.id = run_host_id "
			 "WHERE path = ?1 AND after_id NOTNULL AND begun_ns NOTNULL",
	[JOURNAL_LATER] = "SELECT max(run_id) FROM file JOIN run_host ON run_host.id = run_host_id "
			  "WHERE host = ?1 AND path = ?2 AND run_id > ?3 AND begun_ns NOTNULL AND "
			  "(outcome = 'done' OR settled = 'kept')",
	[JOURNAL_TOUCHED] = "SELECT DISTINCT host FROM run_host ORDER BY host",
	/* files of ours that stay: given, and neither taken away nor put back since */
	[JOURNAL_KEPT] =
	    "SELECT max(given.run_id) FROM run_host AS given JOIN run ON run.id = given.run_id "
	    "WHERE given.host = ?1 AND given.begun_ns NOTNULL AND (given.outcome = 'done' OR "
	    "given.settled = 'kept') AND run.kind NOT IN ('rollback', 'release', 'release files') "
	    "AND NOT EXISTS (SELECT 1 FROM run_host AS freed JOIN run AS freeing ON freeing.id = "
	    "freed.run_id WHERE freed.host = ?1 AND freed.id > given.id AND freeing.kind IN "
	    "('release', 'release --forget') AND freed.outcome = 'done') "
	    "AND EXISTS (SELECT 1 FROM file WHERE run_host_id = given.id AND after_id NOTNULL AND "
	    "NOT EXISTS (SELECT 1 FROM run_host AS later JOIN run AS back ON back.id = "
	    "later.run_id JOIN file AS gone ON gone.run_host_id = later.id AND gone.path = "
	    "file.path WHERE later.host = ?1 AND later.id > given.id AND later.begun_ns NOTNULL "
	    "AND (later.outcome = 'done' OR later.settled = 'kept') AND (gone.after_id ISNULL OR "
	    "back.kind = 'rollback')))",
	[JOURNAL_CHANGES] = HOST_COLUMNS
	" FROM run_host WHERE host = ?1 AND begun_ns NOTNULL AND (outcome = 'done' OR settled = "
	"'kept') ORDER BY id",
};

static const struct database_kind kind = {
	.name = "journal",
	.application_id = 0x54544a4e, /* of schemas/journal.sql */
	.schema = "journal.sql",
	.migrations = { "journal-2.sql", "journal-3.sql" },
	.statements = statements,
	.statement_count = COUNT(statements),
	.synchronous = "FULL",
};

int
journal_open(const char *path, struct journal **journal, struct error *err)
{
	struct journal *made = calloc(1, sizeof(*made));

	if (!made) {
		abort();
	}
	if (database_open(&made->db, &kind, path, err) < 0) {
		free(made);
		return -1;
	}
	/* deleted rows may have held secrets */
	sqlite3_exec(made->db.sqlite, "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON", NULL,
	    NULL, NULL);
	*journal = made;
	return 0;
}

void
journal_close(struct journal *journal)
{
	if (journal) {
		database_close(&journal->db);
		free(journal);
	}
}

const char *
journal_text(sqlite3_stmt *statement, int column, struct arena *arena)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return arena_strdup(arena, text ? text : "");
}
