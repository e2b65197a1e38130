/*
 * What ssh_config says about how to reach hosts: whether it says anything at all, and what `ssh -G`
 * prints for one host.
 */
#ifndef ORCHESTRATOR_SSH_AUTO_CONFIG_H
#define ORCHESTRATOR_SSH_AUTO_CONFIG_H

#include "orchestrator/ssh/transport.h"

/* What ssh_config says about one host.  "" and 0: nothing. */
struct ssh_config {
	char host[254]; /* HostName: the name or address behind an alias */
	unsigned port;
	char user[64];
	char identity[256];
	char need[200]; /* what libssh2 lacks: "ssh_config says ProxyJump gate"; "" : nothing */
};

/* Whether the files that ssh reads say anything about how to reach hosts. */
bool ssh_config_matters(void);

/*
 * As ssh_config_matters(), for the text of one file.  No I/O, except in @include.
 *
 * @include: called with the patterns of each Include; NULL: no Include is followed
 */
bool ssh_config_text_matters(
    const char *text, void (*include)(void *ctx, const char *patterns), void *ctx);

/*
 * Set @config from @text, the output of `ssh -G` for @target.  No I/O.
 *
 * @me: the user that runs ssh: ssh logs in as this user if neither @target nor ssh_config names one
 * @own_known_hosts: the operator named a file of known hosts, so ssh_config's do not count
 */
void ssh_config_read(struct ssh_config *config, const char *text, const struct link_target *target,
    const char *me, bool own_known_hosts);

#endif
