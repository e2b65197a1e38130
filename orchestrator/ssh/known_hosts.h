/*
 * Which key each host is known by: OpenSSH's known_hosts files in a table of our own (libssh2's
 * check walks all lines for each host).  Pure but for known_hosts_load() and known_hosts_add().
 */
#ifndef ORCHESTRATOR_SSH_KNOWN_HOSTS_H
#define ORCHESTRATOR_SSH_KNOWN_HOSTS_H

#include "common/error.h"

struct known_hosts;

enum known {
	KNOWN_MATCH,
	KNOWN_UNKNOWN, /* no line names this host */
	KNOWN_CHANGED, /* the host is known, by other keys */
	KNOWN_REVOKED, /* a line says @revoked of this key */
};

/* The line that decided; file is owned by the table. */
struct known_line {
	const char *file;
	unsigned line;
};

/* A key that a host has shown. */
struct known_key {
	const char *host; /* as the operator names it */
	unsigned port;    /* lines for other ports than 22 say "[host]:port" */
	const void *blob; /* the public key as RFC 4253 section 6.6 lays it out */
	size_t len;
};

struct known_hosts *known_hosts_new(void);
void known_hosts_free(struct known_hosts *known);

/*
 * Add the lines of a file's text.  What is not a line of known_hosts is left out, as ssh does.
 *
 * @file: for the words of later errors
 */
void known_hosts_parse(struct known_hosts *known, const char *file, const char *text, size_t len);

/*
 * Read the file at @path.  A file that is not there is an empty one, unless @required.
 *
 * Returns 0, or -1 with @err set.
 */
int known_hosts_load(
    struct known_hosts *known, const char *path, bool required, struct error *err) MUST_CHECK;

/*
 * What is known of the key that a host has shown.
 *
 * @line: filled for KNOWN_CHANGED and KNOWN_REVOKED
 */
enum known known_hosts_check(
    const struct known_hosts *known, const struct known_key *key, struct known_line *line);

/*
 * The types of the keys that @host is known by, as a comma list without repetition: what to ask
 * it for.  "" when it is not known.
 */
void known_hosts_types(
    const struct known_hosts *known, const char *host, unsigned port, char *types, size_t size);

/* Whether some hosts are known by certificates, which are not checked here. */
bool known_hosts_has_authority(const struct known_hosts *known);

/*
 * Remember a key: in the table, and as one more line at the end of the file at @path, which
 * (like its folder) is made when it is not there.  One write, so that others who add are not
 * disturbed.
 *
 * Returns 0, or -1 with @err set.
 */
int known_hosts_add(struct known_hosts *known, const char *path, const struct known_key *key,
    struct error *err) MUST_CHECK;

#endif
