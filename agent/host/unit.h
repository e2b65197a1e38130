/*
 * A unit of systemd with its drop-ins, as the next start will see it: from the files, because the
 * manager may not have read them yet.  Source: systemd.unit(5), systemd 252.
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

/* Everything is the arena's. */
struct unit {
	const char *name;
	const char *path; /* of its file; NULL: there is none */
	bool masked;
	const char *files[UNIT_FILES_MAX]; /* its file and its drop-ins */
	size_t file_count;
	const char *unreadable; /* a file that is there and cannot be read, and what to do; NULL */
	struct unit_setting *first, *last; /* in the order in which they count */
};

/* Read it; a unit that is not there has no path. */
void unit_read(const char *root, const char *name, struct arena *arena, struct unit *unit);

/* The settings of one text of @file, behind those that @unit has; @text is taken apart.  Pure. */
void unit_parse(struct arena *arena, const char *file, char *text, struct unit *unit);

/* The setting that counts: the last one; NULL: none, or it was set back to nothing. */
const struct unit_setting *unit_last(const struct unit *unit, const char *section, const char *key);

/*
 * The next setting of a key that adds to a list, behind @after (NULL: the first one), those left
 * out that an empty one took back; NULL: no more.
 */
const struct unit_setting *unit_next(const struct unit *unit, const char *section, const char *key,
    const struct unit_setting *after);

/* Whether something asks for it at a boot: a link in a .wants or .requires folder. */
bool unit_is_enabled(const char *root, const char *name);

/*
 * The environment that it gives its programs: the manager's, Environment=, EnvironmentFile=,
 * UnsetEnvironment=.
 *
 * Returns NULL, or in words why that cannot be told.
 */
const char *unit_environment(
    const char *root, const struct unit *unit, struct arena *arena, struct variables *variables);

#endif
