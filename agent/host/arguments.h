/*
 * Words and variables as systemd and a shell split and expand them, as far as a daemon's start
 * needs it.  Pure.  Source: systemd.exec(5), systemd.service(5); POSIX 2.2, 2.3, 2.6.
 */
#ifndef AGENT_HOST_ARGUMENTS_H
#define AGENT_HOST_ARGUMENTS_H

#include "common/arena.h"
#include "common/buf.h"

#define WORDS_MAX 128
#define VARIABLES_MAX 128

/* Texts are an arena's. */
struct arguments {
	const char *list[WORDS_MAX];
	size_t count; /* further ones are left out */
};

struct variable {
	const char *name;
	const char *value; /* NULL: it has one that cannot be told */
	const char *line;  /* "/etc/default/ntpsec:1: NTPD_OPTS="-g -N"" */
	bool exported;     /* the programs that are started get it */
};

/* Zero-initialise it; texts are @arena's. */
struct variables {
	struct variable list[VARIABLES_MAX];
	size_t count;
	const char *unsure; /* the first line that is more than an assignment, with its place */
};

void arguments_add(struct arguments *words, const char *word);

/* The words from @from on in one string, parted by a space each; with spaces within in quotes. */
void arguments_join(const struct arguments *words, size_t from, struct buf *text);

/* Split at spaces; quotes are respected and removed, C escapes read: systemd's way. */
void arguments_split(struct arena *arena, const char *text, struct arguments *words);

/*
 * A command line of a unit with its variables in place: $NAME as a word of its own becomes as
 * many words as its value has, ${NAME} is part of its word, $$ a dollar.
 *
 * @used: filled with the variables that had a part in it, for whoever blames them; NULL: no need
 */
void arguments_expand(struct arena *arena, const struct arguments *words,
    const struct variables *variables, struct arguments *expanded, struct variables *used);

/* NULL when it is not set. */
const struct variable *variables_find(const struct variables *variables, const char *name);

/* "NAME=VALUE" of an Environment= line; a later one wins.  @line: for blame. */
void variables_assign(
    struct arena *arena, struct variables *variables, const char *assignment, const char *line);

enum variables_style {
	VARIABLES_SYSTEMD, /* EnvironmentFile= */
	VARIABLES_SHELL,   /* a file that a shell reads with "." */
};

/* Read the text of @file; a later assignment wins. */
void variables_read(struct arena *arena, enum variables_style style, const char *file,
    const char *text, struct variables *variables);

#endif
