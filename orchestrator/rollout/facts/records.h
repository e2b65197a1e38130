/*
 * What the scripts under remote/ print: a line "timetier-records 1", then records, each a line
 * "LENGTH NAME...", that many bytes, and a newline.  Whatever a login shell says before that
 * line is left out.  Comes from hosts: trusted in nothing.
 */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_RECORDS_H
#define ORCHESTRATOR_ROLLOUT_FACTS_RECORDS_H

#include "common/buf.h"
#include "common/error.h"

#define RECORD_BYTES_MAX (512u << 10)
#define RECORD_NAME_BYTES_MAX 1024

struct record {
	const char *name;  /* NUL-ended, words with blanks between */
	const char *bytes; /* followed by a NUL that does not count */
	size_t len;
};

/* A stream of them.  Begin with { .each = ... }; records_done() ends it. */
struct records {
	void (*each)(void *ctx, const struct record *record);
	void *ctx;
	struct buf pending;
	size_t before; /* bytes left out before the first line */
	bool begun, broken;
};

/*
 * Take the next bytes of the stream and call each() for every record that is whole.
 *
 * Returns 0, or -1 with @err set: the stream is not of records; nothing is read of it any more.
 */
int records_feed(
    struct records *records, const char *bytes, size_t len, struct error *err) MUST_CHECK;

void records_done(struct records *records);

/* If @name is "@verb REST", REST; else NULL. */
const char *record_words(const struct record *record, const char *verb);

#endif
