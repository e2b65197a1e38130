/*
 * Makes bytes from outside fit to be shown: what would control a terminal, is invisible, changes
 * the direction of a text or is not UTF-8 becomes an escape that can be read, as "\x1b", "\n" or
 * "\u202e".  Nothing is left out.  Letters of every language stay as they are, and so does "\":
 * what was made fit once is not changed again.
 *
 * Three places use it, and whatever is told goes through one of them: common/streams.c for all
 * that is printed, common/error.c for the words of a failure, orchestrator/rollout/facts/records.c
 * for what hosts say.  JSON and databases are written by shown_json() and shown_copy().
 */
#ifndef COMMON_SHOWN_H
#define COMMON_SHOWN_H

#include "common/arena.h"
#include "common/buf.h"

/* What stays as it is, too. */
enum shown_keep {
	SHOWN_WORDS = 0, /* nothing: the text is part of a line */
	SHOWN_NEWLINES = 1,
	SHOWN_TABS = 2,
};

/*
 * Add the first character of @bytes to @out, as it is shown.
 *
 * @keep: bits of enum shown_keep
 * Returns how many bytes it has; 0: @bytes, fewer than 4, end in the middle of a character.
 */
size_t shown_next(struct buf *out, const char *bytes, size_t len, unsigned keep);

/* Add all of @bytes to @out. */
void shown_add(struct buf *out, const char *bytes, size_t len, unsigned keep);

/* Whether shown_add() would leave @bytes as they are. */
bool shown_is_fit(const char *bytes, size_t len, unsigned keep);

/* A copy in @arena of the first @len bytes of @text, as part of a line. */
char *shown_words(struct arena *arena, const char *text, size_t len);

/* Copy as much of @text as fits to @out of @size bytes, as part of a line: whole characters and
 * whole escapes only. */
void shown_copy(char *out, size_t size, const char *text);

#endif
