/* What the readers of policies share: lines and their places, start options, who is to blame. */
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
	bool cut; /* the line is longer than that */
};

/* @path: where the text is from, as long as it does not say so itself. */
void policy_text_begin(struct policy_text *text, const char *config, const char *path);

/* The next line and its place; false: there is none. */
bool policy_text_next(struct policy_text *text);

/* What is to blame from here on: the words of @text's line, or of a start option (NULL). */
void policy_blame(
    struct restart_policy *policy, enum restart_blamed what, const char *place, const char *words);

/* The policy is not known, for what stands at @place. */
void policy_doubt(struct restart_policy *policy, const char *place, const char *words);

/* One more source; one too many makes the policy not known. */
void policy_add_line(struct restart_policy *policy, const struct restart_line *line);

struct long_option {
	const char *name;
	char letter;
};

/* A daemon's arguments.  Zero-initialise it; options_free(). */
struct options {
	bool has[128];     /* its one-letter options */
	struct buf others; /* words that are neither options nor their values, a line each */
};

/*
 * Read a daemon's arguments.
 *
 * @text:       parted by spaces; one with spaces within stands in double quotes
 * @with_value: letters that take a value: "-c FILE", "-cFILE"
 * @longs:      "--panicgate" and the letter it stands for, ended by a row without name; an
 *              abbreviation stands for all that it may mean; NULL: none
 */
void options_read(struct options *options, const char *text, const char *with_value,
    const struct long_option *longs);
void options_free(struct options *options);

#endif
