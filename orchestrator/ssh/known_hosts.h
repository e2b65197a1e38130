/*
 * The keys of known hosts: OpenSSH's known_hosts files in a table of our own (libssh2 walks all
 * lines for each host).  Only known_hosts_load() and known_hosts_add() do I/O.
 */
#ifndef ORCHESTRATOR_SSH_KNOWN_HOSTS_H
#define ORCHESTRATOR_SSH_KNOWN_HOSTS_H

#include "common/error.h"

struct known_hosts;

enum known {
	KNOWN_MATCH,
	KNOWN_UNKNOWN, /* no line names this host */
	KNOWN_CHANGED, /* the host is known with other keys only */
	KNOWN_REVOKED, /* a @revoked line has this key */
};

/* The line that decided; the table owns file. */
struct known_line {
	const char *file;
	unsigned line;
};

/* A key that a host has shown. */
struct known_key {
	const char *host; /* as the operator names it */
	unsigned port;    /* for other ports than 22, lines say "[host]:port" */
	const void *blob; /* the public key, in the format of RFC 4253 section 6.6 */
	size_t len;
};

struct known_hosts *known_hosts_new(void);
void known_hosts_free(struct known_hosts *known);

/*
 * Add the lines of @text.  Lines that are not of known_hosts are skipped, as ssh does.
 *
 * @file: name of the file of @text, for later errors
 */
void known_hosts_parse(struct known_hosts *known, const char *file, const char *text, size_t len);

/*
 * Read the file at @path.  A missing file counts as empty, unless @required.
 *
 * Returns 0, or -1 with @err set.
 */
int known_hosts_load(
    struct known_hosts *known, const char *path, bool required, struct error *err) MUST_CHECK;

/*
 * Compare the key that a host has shown with the table.
 *
 * @line: filled for KNOWN_CHANGED and KNOWN_REVOKED
 */
enum known known_hosts_check(
    const struct known_hosts *known, const struct known_key *key, struct known_line *line);

/*
 * Set @types to the types of the known keys of @host, a comma list in which each type is once; ""
 * when @host is not known.  The caller asks @host for keys of these types.
 */
void known_hosts_types(
    const struct known_hosts *known, const char *host, unsigned port, char *types, size_t size);

/* Whether a line is @cert-authority: certificates of hosts are not checked here. */
bool known_hosts_has_authority(const struct known_hosts *known);

/*
 * Add a key to the table, and as a line at the end of the file at @path.  Makes the file and its
 * folder when they are missing.  The line is one write(), so that other programs may append, too.
 *
 * Returns 0, or -1 with @err set.
 */
int known_hosts_add(struct known_hosts *known, const char *path, const struct known_key *key,
    struct error *err) MUST_CHECK;

#endif
