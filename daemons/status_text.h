/* Lines, words and numbers of texts that daemons print or read, and that may be broken. */
#ifndef DAEMONS_STATUS_TEXT_H
#define DAEMONS_STATUS_TEXT_H

#include "common/base.h"

/*
 * Copy the next line of @text (up to @end) to @line of @size bytes, without its line end; longer
 * lines are cut.  @text moves behind it.  False: there is none.
 */
bool next_line(const char **text, const char *end, char *line, size_t size);

/* Read a number that is all of @text; false, and @value untouched, when it is not or not finite. */
bool text_to_double(const char *text, double *value);

/* The same for a whole number in @base (16 takes "0x", 0 as in C), cut to @min and @max. */
bool text_to_int(const char *text, int base, int min, int max, int *value);

/* Whether it is not empty and has nothing but printable ASCII, as names and addresses have. */
bool text_is_plain(const char *text);

/* Cut @line into words at its spaces, in place, at most @max; returns how many. */
size_t split_words(char *line, char **words, size_t max);

#endif
