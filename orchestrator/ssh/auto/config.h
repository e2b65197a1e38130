/*
 * What ssh_config says of hosts, as far as it says how they are reached: whether there is anything
 * of that in it at all, and what `ssh -G` tells of one host.
 */
#ifndef ORCHESTRATOR_SSH_AUTO_CONFIG_H
#define ORCHESTRATOR_SSH_AUTO_CONFIG_H

#include "orchestrator/ssh/transport.h"

/* What a host's ssh_config amounts to.  "" and 0: it says nothing. */
struct ssh_config {
	char host[254]; /* where an alias leads */
	unsigned port;
	char user[64];
	char identity[256];
	char need[200]; /* what libssh2 cannot do: "ProxyJump gate"; "" : nothing */
};

/* Whether the files that ssh reads have a word of how hosts are reached. */
bool ssh_config_matters(void);

/*
 * The same of one file's text.  Pure.
 *
 * @include: called for the patterns of each Include; NULL: none is followed
 */
bool ssh_config_text_matters(
    const char *text, void (*include)(void *ctx, const char *patterns), void *ctx);

/*
 * Read what `ssh -G` said of @target.  Pure; fuzzed.
 *
 * @me: the name of the user that ssh runs as: what it takes where nobody says another
 * @own_known_hosts: the operator named files of known hosts, and those of ssh_config do not count
 */
void ssh_config_read(struct ssh_config *config, const char *text, const struct link_target *target,
    const char *me, bool own_known_hosts);

#endif
