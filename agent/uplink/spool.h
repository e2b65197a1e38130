/*
 * Reports that could not be delivered: a bounded file, one report per line, oldest first.  It
 * survives a restart; when it is full the oldest reports are dropped.
 */
#ifndef AGENT_UPLINK_SPOOL_H
#define AGENT_UPLINK_SPOOL_H

#include "common/buf.h"
#include "common/error.h"

/* spool_open() begins it, spool_close() ends it. */
struct spool {
	int fd; /* -1: there is no file, and everything is dropped */
	char path[512];
	size_t limit_bytes;
	size_t head;      /* where the oldest line begins */
	size_t next;      /* where the line behind it begins, after spool_next(); else 0 */
	size_t size;      /* of the file */
	uint64_t dropped; /* lines that made room for newer ones */
};

/*
 * Open the file, or make it; a line that a crash left unfinished is cut off.
 *
 * Returns 0, or -1 with @err set and a spool that drops everything.
 */
int spool_open(
    struct spool *spool, const char *path, size_t limit_bytes, struct error *err) MUST_CHECK;

/*
 * Add @line, which has no line end in it.
 *
 * Returns 0, or -1 with @err set: the disk is full or the line is longer than half the limit.
 */
int spool_add(struct spool *spool, const char *line, struct error *err) MUST_CHECK;

/* Copy the oldest line to @line, without its end.  False: there is none. */
bool spool_next(struct spool *spool, struct buf *line);

/* Forget the line that spool_next() gave. */
void spool_drop(struct spool *spool);

/* Bytes that wait. */
size_t spool_waiting(const struct spool *spool);

/* Close the file; only the lines that wait stay in it. */
void spool_close(struct spool *spool);

#endif
