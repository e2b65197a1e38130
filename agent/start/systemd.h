/* Where systemd-timesyncd's configuration is, by the version of systemd that the host has. */
#ifndef AGENT_START_SYSTEMD_H
#define AGENT_START_SYSTEMD_H

#include "common/arena.h"

/* The folders of configuration and drop-ins; a file of an earlier one hides its namesakes. */
#define SYSTEMD_FOLDERS                                                                            \
	"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd"

/*
 * Returns the path of the main file; the text belongs to @arena.
 *
 * @path:    the one below /etc, which systemd up to 253 reads alone, and 256 and later before all
 *           others
 * @failure: set where it cannot be told whether this systemd reads the file that is there
 */
const char *systemd_config(
    const char *root, const char *path, struct arena *arena, const char **failure);

/*
 * Whether @line is a comment "#FallbackNTP=..." that names other servers than those that are built
 * into the host's systemd-timesyncd.  False where the program cannot be read.
 */
bool systemd_lies_of_built_in(const char *root, const char *line);

#endif
