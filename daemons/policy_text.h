/* What the readers of policies share: lines with their places, start options, what to blame. */
#ifndef DAEMONS_POLICY_TEXT_H
#define DAEMONS_POLICY_TEXT_H

#include "common/buf.h"
#include "daemons/policy.h"

#define POLICY_LINE_BYTES 2048
#define POLICY_WORDS_MAX 64

/*
 * A configuration text, line by line.  A line `#line N FILE`, a comment for every daemon, says
 * that line N of FILE comes next.
 */
struct policy_text {
	const char *at, *end;
	char file[RESTART_PLACE_BYTES - 12];
	unsigned number; /* of the next line in its file */
	char line[POLICY_LINE_BYTES];
	char place[RESTART_PLACE_BYTES];
	bool cut;   /* the line of the text is longer than line holds */
	bool moved; /* a `#line` stands before this line: another file, or another part of it */
};

/* Begin to read @config.  @path: the file that it is from, until a `#line` names another. */
void policy_text_begin(struct policy_text *text, const char *config, const char *path);

/* Move to the next line and its place.  Returns false at the end of the text. */
bool policy_text_next(struct policy_text *text);

/* Write "FILE:N"; of a path that is too long its end, which tells more than its beginning. */
void policy_place(char place[RESTART_PLACE_BYTES], const char *file, unsigned line);

/* From now on, blame @words at @place for @what.  @place is "" for a start option. */
void policy_blame(
    struct restart_policy *policy, enum restart_blamed what, const char *place, const char *words);

/* Make the policy not known because of @words at @place; the first such reason stays. */
void policy_doubt(struct restart_policy *policy, const char *place, const char *words);

/* Add a source; more than RESTART_LINES_MAX sources make the policy not known. */
void policy_add_line(struct restart_policy *policy, const struct restart_line *line);

struct long_option {
	const char *name;
	char letter;
};

/* A daemon's arguments.  Zero-initialise it; options_free() ends it. */
struct options {
	bool has[128];     /* which options are given, by their letter */
	struct buf others; /* arguments that are neither options nor their values, one per line */
};

/*
 * Read a daemon's arguments.
 *
 * @text:       the arguments, with spaces between; one that contains spaces has double quotes
 * @with_value: letters of options that take a value: "-c FILE", "-cFILE"
 * @longs:      each long option, "panicgate", and its letter, ended by a row without name; an
 *              abbreviation stands for all options that begin with it; NULL: there are none
 */
void options_read(struct options *options, const char *text, const char *with_value,
    const struct long_option *longs);
void options_free(struct options *options);

#endif
