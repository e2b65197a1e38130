/*
 * A folder that stands for a host with chrony: its files, a systemctl that remembers which
 * configuration "runs", an agent that says that all is well; and, once it is asked for, a tripwire
 * under the commands that change files.
 */
#ifndef TESTS_FAKE_HOST_H
#define TESTS_FAKE_HOST_H

#include "common/base.h"
#include "tests/fake_folder.h"

struct fake_host {
	char top[FAKE_FOLDER_BYTES];
};

/* With the old files in place, and the daemon running on them. */
void fake_host_make(struct fake_host *host);
void fake_host_remove(struct fake_host *host);

/* Write a file below the folder, or a program. */
void fake_host_write(const struct fake_host *host, const char *path, const char *text);
void fake_host_program(const struct fake_host *host, const char *path, const char *text);

/* Put a part of a shell's, which finds the folder as $top, in front of a program of the host's. */
void fake_host_first(const struct fake_host *host, const char *program, const char *part);

/* Waits of minutes are over in a second: for a word, and of the watchdog; or no more. */
void fake_host_hurry(const struct fake_host *host, bool hurry);

/* Whether there is something of that name, be it a link that leads nowhere; take it away, if it is
 * a file. */
bool fake_host_has(const struct fake_host *host, const char *path);
void fake_host_drop(const struct fake_host *host, const char *path);

/* Something that a change should not have left behind, as its path; NULL: nothing. */
const char *fake_host_leftover(const struct fake_host *host);

/* What a file below the folder holds; "" when it is not there.  In a static buffer. */
const char *fake_host_read(const struct fake_host *host, const char *path);

/*
 * From now on the agent fails at every second question, beginning with the second; /asked counts
 * them.
 */
void fake_host_fail_every_second(const struct fake_host *host);

/*
 * Let the n-th command that changes files fail, or take the whole host down; 0: none.  Returns
 * how many such commands there were since the last call.
 */
unsigned fake_host_trip(const struct fake_host *host, unsigned at, bool crash);

/* What the boot after a crash does, as far as a change is concerned; then the daemon starts. */
void fake_host_boot(const struct fake_host *host);

/*
 * What systemd does when the time of the guard is up, if a guard is armed; returns when that has
 * ended, whether it went well.
 */
bool fake_host_guard(const struct fake_host *host);

#endif
