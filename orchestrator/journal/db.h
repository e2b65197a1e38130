/* The SQL statements of the journal.  No file outside this room includes this one. */
#ifndef ORCHESTRATOR_JOURNAL_DB_H
#define ORCHESTRATOR_JOURNAL_DB_H

#include "orchestrator/database/database.h"
#include "orchestrator/journal/journal.h"

enum journal_statement {
	JOURNAL_RUN_NEW,
	JOURNAL_RUN_MARK,
	JOURNAL_RUN_END,
	JOURNAL_RUN_FORGET,
	JOURNAL_RUN_PRUNE,
	JOURNAL_CONTENT_PRUNE,
	JOURNAL_CONTENT_NEW,
	JOURNAL_CONTENT_ID,
	JOURNAL_CONTENT_BYTES,
	JOURNAL_HOST_NEW,
	JOURNAL_FILE_NEW,
	JOURNAL_HOST_BEGUN,
	JOURNAL_HOST_ENDED,
	JOURNAL_HOST_SETTLED,
	JOURNAL_STEP_NEW,
	JOURNAL_OFF_NEW,
	JOURNAL_OFF_OF,
	JOURNAL_OFF_FORGET,
	JOURNAL_RUNS,
	JOURNAL_RUN,
	JOURNAL_HOSTS_OF,
	JOURNAL_STEPS_OF,
	JOURNAL_FILES_OF,
	JOURNAL_UNKNOWN,
	JOURNAL_MARKED,
	JOURNAL_LATEST,
	JOURNAL_LATEST_BEGUN,
	JOURNAL_LATEST_GOOD,
	JOURNAL_AFTER,
	JOURNAL_LATEST_CHANGE,
	JOURNAL_USUAL,
	JOURNAL_GAVE,
	JOURNAL_LATER,
	JOURNAL_TOUCHED,
	JOURNAL_KEPT,
	JOURNAL_CHANGES,
};

struct journal {
	struct database db;
	bool lazy; /* commits need not be on the disk at once */
};

/* The text of a column, from @arena; "" where the column is NULL. */
const char *journal_text(sqlite3_stmt *statement, int column, struct arena *arena);

#endif
