/*
 * Says whether chronyd accepts a line of chrony.conf: it ends at its start at the first line that
 * it does not.  No I/O.
 */
#ifndef DAEMONS_CHRONY_GRAMMAR_H
#define DAEMONS_CHRONY_GRAMMAR_H

#include "common/base.h"

/* Versions as numbers that can be compared: 4.6.1 is 40601.  The table knows 4.0 to 4.9. */
#define CHRONY_VERSION_OLDEST 40000
#define CHRONY_VERSION_NEWEST 40900
/* a word that no version knows that the table knows */
#define CHRONY_VERSION_UNKNOWN 50000

enum chrony_line {
	CHRONY_EMPTY,    /* blank, or a comment */
	CHRONY_ACCEPTED, /* by versions from since up to until */
	CHRONY_REFUSED,  /* by every version */
	CHRONY_UNSURE,   /* that depends on more than the line: a name is looked up */
};

struct chrony_checked {
	enum chrony_line line;
	unsigned since; /* the first version that accepts it; 0: all do */
	unsigned until; /* the first version that refuses it again; 0: none does */
};

struct chrony_checked chrony_check_line(const char *line);

#endif
