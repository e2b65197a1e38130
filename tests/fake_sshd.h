/* A host on the loopback: the machine's own sshd, one process a connection, as a test wants it. */
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
 * user's key "id" that it lets in, and "known_hosts" with its own ed25519 key.  The keys are the
 * same for all of a process. The folder is also what sessions have as HOME: the start-up files of
 * who runs the tests are not read.
 *
 * @extra: lines for its sshd_config, "" for none
 */
void fake_sshd_start(struct fake_sshd *sshd, const char *extra);

/* As above, but what answers is `/bin/sh -c @command` with the connection as stdin and stdout. */
void fake_sshd_start_command(struct fake_sshd *sshd, const char *command);

/* The path of a file in its folder, in a static buffer of 4 that take turns. */
const char *fake_sshd_path(const struct fake_sshd *sshd, const char *name);

void fake_sshd_stop(struct fake_sshd *sshd);

/* Run a command by sh; its exit status. */
int fake_sshd_shell(const char *fmt, ...) PRINTF(1, 2);

#endif
