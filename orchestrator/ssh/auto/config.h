/* What ssh_config says about how to reach a host and whom to trust, as `ssh -G` prints it. */
#ifndef ORCHESTRATOR_SSH_AUTO_CONFIG_H
#define ORCHESTRATOR_SSH_AUTO_CONFIG_H

#include "orchestrator/ssh/policy.h"

/* What ssh_config says about one host.  ssh_config_done() frees it. */
struct ssh_config {
	char
	    host[254]; /* HostName: the name or address behind an alias; "" : the host's own name */
	char user[64]; /* who logs in, if nobody else says so; "" : it is not known */
	bool checks_address; /* CheckHostIP: the key must be that of the address, too */
	struct ssh_policy policy;
	char need[200]; /* what libssh2 lacks: "ssh_config says ProxyJump gate"; "" : nothing */
};

/* What ssh does when there is no ssh_config. */
void ssh_config_none(struct ssh_config *config, const char *known_hosts);

/*
 * Set @config from @text, the output of `ssh -G`.  It does no I/O but to see whether files exist.
 *
 * @known_hosts: the file of known hosts that the operator named: ssh_config's do not count; or NULL
 */
void ssh_config_read(struct ssh_config *config, const char *text, const char *known_hosts);

void ssh_config_done(struct ssh_config *config);

/*
 * Whether the word @name of ssh_config, set for all hosts, means the same for each of them.
 */
bool ssh_config_is_common(const char *name, size_t len);

#endif
