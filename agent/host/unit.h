/*
 * Reads a unit of systemd with its drop-ins as the next start will see them: from the files,
 * because systemd may not have read them yet.  Source: systemd.unit(5), systemd 252.
 */
#ifndef AGENT_HOST_UNIT_H
#define AGENT_HOST_UNIT_H

#include "agent/host/arguments.h"
#include "agent/host/tree.h"

struct unit_setting {
	const char *section, *key, *value;
	const char *line; /* "/etc/systemd/system/ntp.service:4: Restart=always" */
	struct unit_setting *next;
};

#define UNIT_FILES_MAX 32

/* Everything belongs to the arena. */
struct unit {
	const char *name;
	const char *path; /* of its file; NULL: there is none */
	bool masked;
	const char *files[UNIT_FILES_MAX]; /* its file and its drop-ins */
	size_t file_count;
	const char *unreadable; /* a file that cannot be read, and what to do; NULL: none */
	struct unit_setting *first, *last; /* in the order in which systemd reads them */
};

/* Where units are, NULL-ended; of two files with one name the first counts. */
extern const char *const unit_folders[];

/* Read the unit @name; a unit that is not there has no path. */
void unit_read(const char *root, const char *name, struct arena *arena, struct unit *unit);

/* Append the settings in @text, of @file, to those of @unit; @text is overwritten.  No I/O. */
void unit_parse(struct arena *arena, const char *file, char *text, struct unit *unit);

/* Returns the last setting of the key, which counts; NULL: there is none, or it is empty. */
const struct unit_setting *unit_last(const struct unit *unit, const char *section, const char *key);

/*
 * Returns the next setting of a key that adds to a list, behind @after (NULL: the first one).
 * Settings before an empty one do not count.  NULL: no more.
 */
const struct unit_setting *unit_next(const struct unit *unit, const char *section, const char *key,
    const struct unit_setting *after);

/*
 * Collect the environment that the unit gives its programs: the manager's DefaultEnvironment=,
 * Environment=, EnvironmentFile=, without what UnsetEnvironment= takes away.
 *
 * Returns NULL, or in words why the environment cannot be told.
 */
const char *unit_environment(
    const char *root, const struct unit *unit, struct arena *arena, struct variables *variables);

#endif
