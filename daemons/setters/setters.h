/*
 * What sets a host's clock: the commands that do, the daemons and their units, the hooks of
 * packages.  Agent, facts and plan know them from here, and from nowhere else.  No I/O.
 */
#ifndef DAEMONS_SETTERS_SETTERS_H
#define DAEMONS_SETTERS_SETTERS_H

#include "common/base.h"

enum setter_answer {
	SETTER_NONE,  /* the program is none that sets clocks */
	SETTER_LOOKS, /* it could, and with these arguments it only looks or prints */
	SETTER_MAY,   /* nobody can tell, as with `date $1` */
	SETTER_SETS,
};

/*
 * Tell what a command does to the clock.
 *
 * @words: the program, with or without folders, and its arguments
 * @says:  set on SETTER_MAY and SETTER_SETS: "ntpdate", "date --set"
 */
enum setter_answer setter_of(const char *const *words, size_t count, const char **says);

/*
 * Returns what sets the clock in a line of a program that is no shell script, as Python's
 * `call(["ntpdate", host])`; NULL: no such name is in it.
 */
const char *setter_named(const char *line);

/* A program that disciplines or sets the clock, and the units that start it. */
struct setter_program {
	const char *process;      /* as the kernel shows it */
	const char *const *units; /* NULL-ended */
};

/* Ends with a row without units. */
extern const struct setter_program setter_programs[];

/*
 * Returns the units, NULL-ended, that start the program of that name: of a program above, or of a
 * hypervisor's helper in a guest.  NULL: nothing here knows such a program.
 *
 * @process: as the kernel shows it; of a name with more than 15 characters the first 15 suffice
 */
const char *const *setter_units(const char *process);

/* The accounts that time daemons run as once they gave up root's rights; NULL-ended. */
extern const char *const setter_accounts[];

/* Hooks of packages whose only duty is to set the clock when a network comes up; NULL-ended. */
extern const char *const setter_hooks[];

/* Whether @name is a unit of a program above. */
bool setter_has_unit(const char *name);

/*
 * Whether a rollout may disable the unit: a timer, or a unit of a program above.  The name may come
 * from the network; a name that is allowed is one plain word.
 */
bool setter_unit_switches_off(const char *name);

/* The same for a script below /etc that loses its execute bit. */
bool setter_hook_switches_off(const char *path);

#endif
