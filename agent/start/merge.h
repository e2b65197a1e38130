/*
 * Merges a daemon's configuration into one text: each included file stands where its include stood,
 * as the daemon itself would read it at its start.  Where the next line is from another place, a
 * line "#line N FILE" comes first: the next line is line N of FILE; for a file in a folder of
 * sources, "#sources N FILE".
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
	const char *files[MERGE_FILES_MAX]; /* the files that were read, in that order */
	size_t file_count;
	const char *failure; /* why the text is not complete, and what to do; NULL: it is */
};

/*
 * Read the configuration anew.
 *
 * @path: of its main file
 */
void merge_read(
    const char *root, enum daemon_includes includes, const char *path, struct merge *merge);

void merge_free(struct merge *merge);

#endif
