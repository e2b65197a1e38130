/*
 * Splits words and expands variables as systemd and a shell do, as far as a daemon's start needs
 * it.  This file does no I/O: the caller hands in the texts.
 * Source: systemd.exec(5), systemd.service(5); POSIX 2.2, 2.3, 2.6.
 */
#ifndef AGENT_HOST_ARGUMENTS_H
#define AGENT_HOST_ARGUMENTS_H

#include "common/arena.h"
#include "common/buf.h"

#define WORDS_MAX 128
#define VARIABLES_MAX 128

/* The texts belong to an arena. */
struct arguments {
	const char *list[WORDS_MAX];
	size_t count; /* words beyond WORDS_MAX are left out */
};

struct variable {
	const char *name;
	const char *value; /* NULL: it has a value that cannot be told */
	const char *line;  /* "/etc/default/ntpsec:1: NTPD_OPTS="-g -N"" */
	bool exported;     /* the programs that are started inherit it */
};

/* Zero-initialise it; the texts belong to @arena. */
struct variables {
	struct variable list[VARIABLES_MAX];
	size_t count;
	const char *unsure; /* the first line beyond assignments, with its place; NULL: none */
};

void arguments_add(struct arguments *words, const char *word);

/*
 * Append the words from @from on to @text, one space apart.  Empty words and words with spaces are
 * put in quotes.
 */
void arguments_join(const struct arguments *words, size_t from, struct buf *text);

/*
 * Split @text as systemd does: at spaces outside quotes.  Quotes are removed, C escapes are
 * decoded.
 */
void arguments_split(struct arena *arena, const char *text, struct arguments *words);

/*
 * Expand the variables in a unit's command line: $NAME as a word of its own becomes as many words
 * as its value has, ${NAME} is replaced within its word, $$ becomes a dollar, %% a percent sign.
 *
 * @used: filled with the variables that were expanded, so that one can be blamed; NULL: not wanted
 */
void arguments_expand(struct arena *arena, const struct arguments *words,
    const struct variables *variables, struct arguments *expanded, struct variables *used);

/* NULL when it is not set. */
const struct variable *variables_find(const struct variables *variables, const char *name);

/*
 * Set a variable by "NAME=VALUE" of an Environment= line; a later assignment wins.
 *
 * @line: where the assignment stands; the variable keeps it for an operator to see
 */
void variables_assign(
    struct arena *arena, struct variables *variables, const char *assignment, const char *line);

/* Remove the variable NAME; for "NAME=VALUE" only if it has this value. */
void variables_unset(struct variables *variables, const char *assignment);

enum variables_style {
	VARIABLES_SYSTEMD, /* EnvironmentFile= */
	VARIABLES_SHELL,   /* a file that a shell reads with "." */
};

/* Read the text of @file; a later assignment wins. */
void variables_read(struct arena *arena, enum variables_style style, const char *file,
    const char *text, struct variables *variables);

#endif
