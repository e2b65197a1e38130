/*
 * Whether the daemon can look names up at all: it gives up its rights first, and what it then may
 * not read it does not find.  Reads /proc and the modes of files, nothing else.
 */
#ifndef AGENT_HOST_RESOLVER_H
#define AGENT_HOST_RESOLVER_H

#include "common/base.h"

#include <sys/types.h>

#define RESOLVER_WORDS_BYTES 192

/* As whom a process reads files. */
struct reader {
	uid_t uid;
	gid_t groups[64]; /* its own first */
	size_t group_count;
	bool overrides; /* it may read whatever it wants */
};

/* Of a running process; false: it cannot be seen. */
bool resolver_reader(const char *root, pid_t pid, struct reader *reader);

/*
 * Whether @reader can read what the C library resolves names by: /etc/resolv.conf, /etc/hosts,
 * /etc/nsswitch.conf, each folder and link on the way.  What the agent itself cannot look at is not
 * judged.
 *
 * @words: RESOLVER_WORDS_BYTES bytes: what it cannot read and where that ends; "" when it can
 */
bool resolver_is_readable(const char *root, const struct reader *reader, char *words);

#endif
