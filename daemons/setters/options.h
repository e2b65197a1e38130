/*
 * Reads the options of a command as getopt_long() does: letters in one word, an argument in the
 * same word or the next, long names cut short.  No I/O.
 */
#ifndef DAEMONS_SETTERS_OPTIONS_H
#define DAEMONS_SETTERS_OPTIONS_H

#include "common/base.h"

#define OPERANDS_MAX 32

/* What a program's options are.  Letters: "ab:c?", b takes an argument, c may have one attached. */
struct option_rules {
	const char *letters;
	const char *longs; /* "set= utc iso-8601?": separated by a space, as the letters */
	bool stops;        /* the first operand ends the options: what follows is a command */
};

struct option {
	char letter;      /* '\0': a long option */
	const char *name; /* of a long option, as the rules spell it up to its = or ? */
	size_t name_len;
	const char *value; /* NULL: none */
	bool known;        /* false: the rules do not have it, so that its argument is not known */
};

/* Zero-initialise it but for words, count and rules. */
struct options {
	const char *const *words; /* words[0] is the program */
	size_t count;
	const struct option_rules *rules;
	size_t at; /* afterwards, if the rules stop: the first operand */
	const char *cluster;
	bool ended;
	const char *operands[OPERANDS_MAX];
	size_t operand_count;
};

/* Read the next option; false: no more, and all operands are in the list unless the rules stop. */
bool options_next(struct options *options, struct option *option);

/* Whether @option is -@letter or --@name; '\0' and NULL match none. */
bool option_is(const struct option *option, char letter, const char *name);

#endif
