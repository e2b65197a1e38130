/* The command lines of the system's `ssh`. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_ARGV_H
#define ORCHESTRATOR_SSH_SYSTEM_ARGV_H

#include "orchestrator/ssh/transport.h"

#define ARGV_MAX 64

/* NULL-ended; zero-initialised; argv_done() ends it. */
struct argv {
	char *list[ARGV_MAX];
	size_t count;
};

void argv_done(struct argv *argv);

/*
 * A master: it logs in, and once it has, goes to the background, listens at @socket, and ends
 * when nobody was connected there for some seconds.
 *
 * @trust_new: take the key of a host that is not known
 */
void argv_master(struct argv *argv, const struct ssh_options *options,
    const struct link_target *target, const char *socket, bool trust_new);

/* What ssh_config says of @target. */
void argv_ask(struct argv *argv, const struct link_target *target);

/* A command through the master at @socket, and not otherwise. */
void argv_session(struct argv *argv, const char *host, const char *socket, const char *command);

#endif
