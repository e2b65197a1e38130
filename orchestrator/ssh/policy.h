/*
 * What a configuration of ssh says about one host: whose keys to believe, by which algorithms, and
 * by which keys to log in.  No I/O.
 */
#ifndef ORCHESTRATOR_SSH_POLICY_H
#define ORCHESTRATOR_SSH_POLICY_H

#include "common/arena.h"

#define POLICY_FILES_MAX 8
#define POLICY_IDENTITIES_MAX 16

/* The names of files, in order.  Owned by the policy's arena. */
struct policy_files {
	const char *list[POLICY_FILES_MAX];
	size_t count;
};

/* Begin with ssh_policy_usual(); ssh_policy_done() frees it. */
struct ssh_policy {
	struct arena arena;
	const char *host;           /* HostName; NULL: as the target names it */
	unsigned port;              /* Port, where the target says nothing; 0: 22 */
	const char *alias;          /* HostKeyAlias: by what name its keys are known; NULL: none */
	struct policy_files user;   /* UserKnownHostsFile; the first one gets new keys */
	bool user_is_usual;         /* the files of user are the usual ones, below $HOME */
	struct policy_files global; /* GlobalKnownHostsFile */
	const char *revoked;        /* RevokedHostKeys; NULL: none */
	bool hashes_names;          /* HashKnownHosts: the names of new keys are hashed */
	bool known_command;         /* ssh has a KnownHostsCommand to run */

	/* Comma lists, in the order in which ssh prefers them. */
	const char *exchanges, *host_keys, *ciphers, *macs;
	const char *login_types; /* PubkeyAcceptedAlgorithms */

	/* IdentityFile; none: the usual ~/.ssh/id_* */
	const char *identities[POLICY_IDENTITIES_MAX];
	size_t identity_count;
	bool identities_only; /* IdentitiesOnly: no other keys of the agent are tried */
};

/* The list of host key algorithms that ssh has when no HostKeyAlgorithms is set. */
extern const char policy_usual_host_keys[];

/*
 * Set @policy to what ssh does without any configuration.
 *
 * @home: the folder that contains .ssh
 * Source: ssh_config(5) of OpenSSH 9.2.
 */
void ssh_policy_usual(struct ssh_policy *policy, const char *home);

/* Make @file (copied) the only file of known hosts. */
void ssh_policy_known_hosts(struct ssh_policy *policy, const char *file);

void ssh_policy_done(struct ssh_policy *policy);

#endif
