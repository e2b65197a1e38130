/*
 * The daemon's own command behind programs that only change how it runs: `nice -n -5 ntpd -g`,
 * `sh -c "exec chronyd $DAEMON_OPTS"`.  This file does no I/O.
 */
#ifndef AGENT_START_LAUNCH_H
#define AGENT_START_LAUNCH_H

#include "agent/host/arguments.h"

/*
 * Replace @words by the command that starts @program.
 *
 * @variables: the environment that systemd gives; a shell puts it in, and `env NAME=VALUE` adds to
 *             it
 * @program:   the daemon's binary without its folder
 *
 * Returns whether that is what @words do; else they are untouched.
 */
bool launch_unwrap(
    struct arena *arena, struct variables *variables, const char *program, struct arguments *words);

#endif
