/* Reads a daemon's arguments as getopt() does: letters in one word, values, long names. */
#ifndef DAEMONS_OPTIONS_H
#define DAEMONS_OPTIONS_H

#include "common/buf.h"

struct long_option {
	const char *name;
	char letter;
};

/* What options a daemon has. */
struct option_rules {
	const char *with_value; /* letters of options that take a value: "-c FILE", "-cFILE" */
	const struct long_option *longs; /* "panicgate" and its letter, ended by a row without name;
					    an abbreviation stands for all that begin with it;
					    NULL: there are none */
	const char *variables; /* "NTPD": the argument NTPD_PANICGATE= is a variable of the
				  environment, with the effect of --panicgate; NULL: none */
};

/* A daemon's arguments.  Zero-initialise it; options_free() ends it. */
struct options {
	bool has[128];     /* which options are given, by their letter */
	struct buf others; /* arguments that are neither options nor their values, one per line */
	struct buf values; /* of the options that have one; options_value() finds them */
	size_t value_at[128];
};

/*
 * Read a daemon's arguments.
 *
 * @text: the arguments, with spaces between; one that contains spaces has double quotes
 */
void options_read(struct options *options, const char *text, const struct option_rules *rules);

/* The last value that was given to the option @letter; NULL: none. */
const char *options_value(const struct options *options, char letter);

void options_free(struct options *options);

extern const struct option_rules chrony_options, ntp_options, ntpsec_options, openntpd_options,
    ntpd_rs_options;

#endif
