/* The command lines of the system's `ssh`. */
#ifndef ORCHESTRATOR_SSH_SYSTEM_ARGV_H
#define ORCHESTRATOR_SSH_SYSTEM_ARGV_H

#include "orchestrator/ssh/transport.h"

#define ARGV_MAX 64

/* Begin with { 0 }; list is NULL-ended; argv_done() frees it. */
struct argv {
	char *list[ARGV_MAX];
	size_t count;
};

void argv_done(struct argv *argv);

/*
 * A master: it logs in, goes to the background, listens at @socket, and ends when nobody has been
 * connected to @socket for some seconds.
 *
 * @trust_new: accept the key of a host that is not known
 */
void argv_master(struct argv *argv, const struct ssh_options *options,
    const struct link_target *target, const char *socket, bool trust_new);

/* `ssh -G`, which prints what ssh_config says about @target. */
void argv_ask(struct argv *argv, const struct link_target *target);

/* A command through the master at @socket; without the master it fails. */
void argv_session(struct argv *argv, const char *host, const char *socket, const char *command);

#endif
