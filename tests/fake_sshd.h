/* A host on the loopback: the machine's own sshd, a process for each connection. */
#ifndef TESTS_FAKE_SSHD_H
#define TESTS_FAKE_SSHD_H

#include "common/base.h"
#include "tests/fake_folder.h"

#include <sys/types.h>

struct fake_sshd {
	char folder[FAKE_FOLDER_BYTES]; /* keys and configuration; removed at the end */
	unsigned port;
	pid_t pid;
};

/* Whether this machine has an sshd to test with. */
bool fake_sshd_available(void);

/*
 * Listen on 127.0.0.1.  The folder gets host keys (ssh_host_ed25519_key, ssh_host_rsa_key), the
 * key "id" of a user who may log in, and "known_hosts" with the ed25519 host key.  All servers of
 * a process have the same keys.  Sessions have the folder as HOME, so that they do not read the
 * start-up files of the user who runs the tests.
 *
 * @extra: lines for its sshd_config, "" for none
 */
void fake_sshd_start(struct fake_sshd *sshd, const char *extra);

/* The same, but `/bin/sh -c @command` answers, with the connection as stdin and stdout. */
void fake_sshd_start_command(struct fake_sshd *sshd, const char *command);

/* The path of a file in its folder, in one of 4 static buffers that take turns. */
const char *fake_sshd_path(const struct fake_sshd *sshd, const char *name);

void fake_sshd_stop(struct fake_sshd *sshd);

/* Run a command by sh; returns its exit status. */
int fake_sshd_shell(const char *fmt, ...) PRINTF(1, 2);

#endif
