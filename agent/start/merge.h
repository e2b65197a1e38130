/*
 * A daemon's configuration in one text, each include in its place, as that daemon itself would
 * read it at its start.  Where the place changes stands a line "#line N FILE": the next line is
 * line N of FILE.
 */
#ifndef AGENT_START_MERGE_H
#define AGENT_START_MERGE_H

#include "agent/host/tree.h"
#include "daemons/daemon.h"

#define MERGE_BYTES_MAX 262144
#define MERGE_FILES_MAX 64

/* Zero-initialise it; merge_free() ends it. */
struct merge {
	struct buf text;
	struct arena arena;
	const char *files[MERGE_FILES_MAX]; /* that were read, in their order */
	size_t file_count;
	const char *failure; /* why the text is not whole, with what to do; NULL: it is */
};

/*
 * Read it anew.
 *
 * @path: of the configuration itself
 */
void merge_read(
    const char *root, enum daemon_includes includes, const char *path, struct merge *merge);

void merge_free(struct merge *merge);

#endif
