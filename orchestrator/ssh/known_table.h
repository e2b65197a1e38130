/*
 * The table behind known_hosts.h.  Only known_table.c, known_check.c and known_file.c include this
 * header.
 */
#ifndef ORCHESTRATOR_SSH_KNOWN_TABLE_H
#define ORCHESTRATOR_SSH_KNOWN_TABLE_H

#include "orchestrator/ssh/known_hosts.h"

#define KNOWN_NAME_BYTES 300

enum known_mark {
	KNOWN_MARK_NONE,
	KNOWN_MARK_AUTHORITY,
	KNOWN_MARK_REVOKED,
};

/* A file of known hosts, or of revoked keys. */
struct known_source {
	const char *path;
	bool revokes;
};

struct known_entry {
	const struct known_source *source;
	unsigned line;
	enum known_mark mark;
	const char *patterns; /* as written: "a,b*,!c", or one hashed name */
	const char *type;     /* "ssh-ed25519" */
	const uint8_t *blob;
	size_t blob_len;
};

/* The entries that name a host, in the order in which ssh reads them. */
struct known_found {
	const struct known_entry **list;
	size_t count, capacity;
};

/* The file at @path, if lines of it were added; else NULL. */
const struct known_source *known_table_source(
    const struct known_hosts *known, const char *path, bool revokes);

/* The same; a file that is not there yet is added, without lines. */
const struct known_source *known_table_add_source(
    struct known_hosts *known, const char *path, bool revokes);

/* Set @name, of KNOWN_NAME_BYTES, to "host" or "[host]:port", in lower case. */
void known_table_name(char *name, const char *host, unsigned port);

/* The entries that name @host with @port (0: none); the caller frees the list. */
struct known_found known_table_find(
    const struct known_hosts *known, const struct known_host *host, unsigned port);

/* The key type at the start of @blob, in the table's memory, or NULL. */
const char *known_table_type(struct known_hosts *known, const void *blob, size_t len);

#endif
