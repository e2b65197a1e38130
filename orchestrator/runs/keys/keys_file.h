/* keys.yaml while its keys are changed: read with the site, locked, written whole. */
#ifndef ORCHESTRATOR_RUNS_KEYS_KEYS_FILE_H
#define ORCHESTRATOR_RUNS_KEYS_KEYS_FILE_H

#include "common/buf.h"
#include "orchestrator/cli/site.h"

/* Begin with { .command = "keys new" }, which begins the lines of errors. */
struct keys_file {
	const char *command;
	struct topology site; /* as keys.yaml has it */
	struct buf text;      /* of keys.yaml itself */
	int lock;             /* on its folder, plus 1; 0: none */
};

/* A line on stderr, "timetier COMMAND: ..."; returns -1. */
int keys_complain(const char *command, const char *fmt, ...) PRINTF(2, 3);

/* Zero what a buffer of secrets holds, and free it. */
void keys_wipe(struct buf *buf);

/* Read the site of @options and its keys (again): 0, or -1, and what is wrong has been told. */
int keys_file_load(struct keys_file *file, const struct common_options *options) MUST_CHECK;

/* Nobody else changes these keys meanwhile: the lock ends with this process, however that comes.
 */
int keys_file_lock(struct keys_file *file) MUST_CHECK;

/*
 * Replace keys.yaml by @lines, below the comment at its top; 0600.  A file that is no longer what
 * was loaded is left as it is.
 */
int keys_file_write(const struct keys_file *file, const struct buf *lines) MUST_CHECK;

void keys_file_done(struct keys_file *file);

#endif
