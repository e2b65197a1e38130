/*
 * A folder that stands for a host with chrony.  It has chrony's files, a systemctl that remembers
 * which configuration "runs", and an agent that says that all is well.  On request it has a
 * tripwire in the commands that change files.
 */
#ifndef TESTS_FAKE_HOST_H
#define TESTS_FAKE_HOST_H

#include "common/base.h"
#include "tests/fake_folder.h"

struct fake_host {
	char top[FAKE_FOLDER_BYTES];
};

/* Make a host with the old files in place, and the daemon running with them. */
void fake_host_make(struct fake_host *host);
void fake_host_remove(struct fake_host *host);

/* Write a file below the folder, or a program. */
void fake_host_write(const struct fake_host *host, const char *path, const char *text);
void fake_host_program(const struct fake_host *host, const char *path, const char *text);

/* Run the shell text @part, which finds the folder as $top, before a program of the host. */
void fake_host_first(const struct fake_host *host, const char *program, const char *part);

/* Whether waits of minutes end after a second: those for a word, and the watchdog's. */
void fake_host_hurry(const struct fake_host *host, bool hurry);

/* Whether something is at @path, even a link that leads nowhere. */
bool fake_host_has(const struct fake_host *host, const char *path);

/* Remove @path, if it is a file. */
void fake_host_drop(const struct fake_host *host, const char *path);

/* The path of something that a change should not have left behind; NULL: there is nothing. */
const char *fake_host_leftover(const struct fake_host *host);

/* What a file below the folder holds; "" when it is not there.  In a static buffer. */
const char *fake_host_read(const struct fake_host *host, const char *path);

/*
 * From now on the agent fails at every second question, beginning with the second; /asked counts
 * them.
 */
void fake_host_fail_every_second(const struct fake_host *host);

/*
 * Count the commands that change files, and let number @at fail, or crash the whole host; 0: none
 * fails.  Returns how many such commands there were since the last call.
 */
unsigned fake_host_trip(const struct fake_host *host, unsigned at, bool crash);

/* Do what the boot after a crash does about a change, then start the daemon. */
void fake_host_boot(const struct fake_host *host);

/*
 * If a guard is armed, run what systemd runs when the guard's time is up, and wait for its end.
 * Returns whether it went well.
 */
bool fake_host_guard(const struct fake_host *host);

#endif
