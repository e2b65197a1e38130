/*
 * Whether the daemon can look names up at all.  It gives up its rights at its start, and then may
 * be unable to read the files that the C library needs.  This file reads /proc, links and the modes
 * of files, nothing else.
 */
#ifndef AGENT_HOST_RESOLVER_H
#define AGENT_HOST_RESOLVER_H

#include "common/base.h"

#include <sys/types.h>

#define RESOLVER_WORDS_BYTES 192

/* The rights with which a process reads files. */
struct reader {
	uid_t uid;
	gid_t groups[64]; /* its primary group first */
	size_t group_count;
	bool overrides; /* it may read every file, by a capability */
};

/* Fill @reader with the rights of a running process; false: it cannot be seen. */
bool resolver_reader(const char *root, pid_t pid, struct reader *reader);

/*
 * Whether @reader can read the files by which the C library resolves names: /etc/resolv.conf,
 * /etc/hosts and /etc/nsswitch.conf, with each folder and link on the way.  A file that is missing,
 * or that the agent itself cannot look at, does not count.
 *
 * @words: RESOLVER_WORDS_BYTES bytes: what @reader cannot read and where on the path that is; "":
 *         it can read all
 */
bool resolver_is_readable(const char *root, const struct reader *reader, char *words);

#endif
