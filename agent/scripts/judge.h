/* Tells what a command of a script does to the clock or to the daemon.  No I/O. */
#ifndef AGENT_SCRIPTS_JUDGE_H
#define AGENT_SCRIPTS_JUDGE_H

#include "agent/scripts/shell.h"
#include "daemons/setters/setters.h"

/*
 * Whether the command sets the clock.  SETTER_MAY also where a setter stands behind a program that
 * may run it: `retry 3 ntpdate pool`.
 *
 * @says: set on SETTER_MAY and SETTER_SETS: "ntpdate", "hwclock --hctosys"
 */
enum setter_answer command_sets_clock(const struct command *command, const char **says);

/*
 * Whether the command starts or restarts a daemon.
 *
 * @names: of its units and its binary, without folders and ".service"; NULL-ended
 */
bool command_starts(const struct command *command, const char *const *names);

#endif
