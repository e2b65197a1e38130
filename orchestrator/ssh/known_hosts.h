/*
 * The keys of known hosts: OpenSSH's known_hosts files in a table of our own (libssh2 walks all
 * lines for each host).  Only the functions that load and add do I/O.
 */
#ifndef ORCHESTRATOR_SSH_KNOWN_HOSTS_H
#define ORCHESTRATOR_SSH_KNOWN_HOSTS_H

#include "common/buf.h"
#include "common/error.h"
#include "orchestrator/ssh/policy.h"

struct known_hosts;

enum known {
	KNOWN_MATCH,
	KNOWN_UNKNOWN, /* no line names this host */
	KNOWN_CHANGED, /* the host is known with other keys only */
	KNOWN_REVOKED, /* a @revoked line, or the file of revoked keys, has this key */
};

/* The line that decided; the table owns file. */
struct known_line {
	const char *file;
	unsigned line;
};

/* A host, and the files that count for it.  Borrowed. */
struct known_host {
	/*
	 * As ssh looks it up: an address in its usual spelling.  For other ports than 22, lines say
	 * "[name]:port".  If no key is known by this name, those of "name" count, too.
	 */
	const char *name;
	unsigned port;
	const struct policy_files *user, *global; /* NULL: none */
	const char *revoked;                      /* the file of revoked keys; NULL: none */
};

/* A key that a host has shown, in the format of RFC 4253 section 6.6. */
struct known_key {
	const void *blob;
	size_t len;
};

struct known_hosts *known_hosts_new(void);
void known_hosts_free(struct known_hosts *known);

/*
 * Add the lines of @text.  Lines that are not of known_hosts are skipped, as ssh does.
 *
 * @file: the file of @text
 */
void known_hosts_parse(struct known_hosts *known, const char *file, const char *text, size_t len);

/*
 * Add the keys of @text, one on each line, as revoked for every host.
 *
 * Returns 0, or -1 with @err set, where ssh would refuse every key, or where @text is not a list
 * of keys.
 */
int known_hosts_parse_revoked(struct known_hosts *known, const char *file, const char *text,
    size_t len, struct error *err) MUST_CHECK;

/*
 * Read the file at @path, unless it was read before.  A missing file counts as empty, unless
 * @required.
 *
 * Returns 0, or -1 with @err set.
 */
int known_hosts_load(
    struct known_hosts *known, const char *path, bool required, struct error *err) MUST_CHECK;

/* The same for a file of revoked keys, which must exist, as known_hosts_parse_revoked(). */
int known_hosts_load_revoked(
    struct known_hosts *known, const char *path, struct error *err) MUST_CHECK;

/*
 * Decide as ssh does whether @key is one of @host.
 *
 * @line: filled for KNOWN_CHANGED and KNOWN_REVOKED
 */
enum known known_hosts_check(const struct known_hosts *known, const struct known_host *host,
    const struct known_key *key, struct known_line *line);

/*
 * Set @types to the types of the known keys of @host, a comma list in which each type is once; ""
 * when @host is not known.
 */
void known_hosts_types(
    const struct known_hosts *known, const struct known_host *host, char *types, size_t size);

/*
 * Whether some line, of whatever sort, names @host: with its port, or revoked without it.  ssh
 * would not accept a new key of such a host, or not look at all these lines.
 */
bool known_hosts_names(const struct known_hosts *known, const struct known_host *host);

/*
 * Add to @order the names of @algorithms in the order in which ssh asks @host for them: first those
 * of known keys, or of certificates where an authority is known.
 *
 * Source: order_hostkeyalgs() of OpenSSH 9.2.
 */
void known_hosts_order(const struct known_hosts *known, const struct known_host *host,
    const char *algorithms, struct buf *order);

/*
 * Add a key to the table, and as a line at the end of the file at @path.  Makes the file and its
 * folder when they are missing.  The line is one write(), so that other programs may append, too.
 *
 * @hashed: write the host's name hashed
 * Returns 0, or -1 with @err set.
 */
int known_hosts_add(struct known_hosts *known, const char *path, const struct known_host *host,
    const struct known_key *key, bool hashed, struct error *err) MUST_CHECK;

/* Make the file at @path, empty, and its folder, when they are missing; it can be added to. */
int known_hosts_prepare(const char *path, struct error *err) MUST_CHECK;

#endif
