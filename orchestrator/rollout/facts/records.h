/*
 * Reads what the scripts under remote/ print: a line "timetier-records 1", then records.  A record
 * is a line "LENGTH NAME...", LENGTH bytes, and a newline.  What a login shell prints before the
 * first line is left out.
 *
 * The bytes come from hosts and are not trusted: all that a host sends counts against one limit,
 * and what it says gets here the form in which it may be shown (common/shown.h).  Only who compares
 * or parses the content of a file or a report takes the bytes themselves.
 */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_RECORDS_H
#define ORCHESTRATOR_ROLLOUT_FACTS_RECORDS_H

#include "common/buf.h"
#include "common/error.h"

#define RECORD_BYTES_MAX (512u << 10)
#define RECORD_NAME_BYTES_MAX 1024

struct record {
	const char *name;  /* NUL-ended, words with blanks between, fit to be shown */
	const char *text;  /* what it says, NUL-ended: lines that are fit to be shown */
	const char *bytes; /* what the host sent, followed by a NUL, which len does not count */
	size_t len;
};

/* The most that a host may send where nothing else is said: names, headers and all. */
#define RECORDS_BYTES_MAX (4u << 20)

/* A stream of records.  Initialise it with { .each = ... }; records_done() frees it. */
struct records {
	void (*each)(void *ctx, const struct record *record);
	void *ctx;
	size_t limit_bytes; /* 0: RECORDS_BYTES_MAX */
	size_t fed;         /* bytes so far */
	struct buf pending;
	struct buf shown; /* the text of the present record, when that is not its bytes */
	size_t before;    /* bytes left out before the first line */
	struct buf said;  /* the last of them, until that line has come */
	bool begun, broken;
};

/*
 * Take the next bytes of the stream and call each() for every record that is whole.
 *
 * Returns 0, or -1 with @err set: this is no record, or there is more than the limit; the rest of
 * the stream is refused, too.
 */
int records_feed(
    struct records *records, const char *bytes, size_t len, struct error *err) MUST_CHECK;

/* Add to @out what came without ever a first line, the end of it; once that has come: nothing. */
void records_said(const struct records *records, struct buf *out);

void records_done(struct records *records);

/* REST when the record's name is "@verb REST", "" when it is @verb alone; else NULL. */
const char *record_words(const struct record *record, const char *verb);

#endif
