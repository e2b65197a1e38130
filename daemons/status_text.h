/* Reads lines, words and numbers of texts that daemons print or read; these may be broken. */
#ifndef DAEMONS_STATUS_TEXT_H
#define DAEMONS_STATUS_TEXT_H

#include "common/base.h"

/*
 * Copy the next line of @text (up to @end) to @line of @size bytes, without its line end; longer
 * lines are cut.  @text moves behind the line.  Returns false when there is no line left.
 */
bool next_line(const char **text, const char *end, char *line, size_t size);

/* Read @text, which must be one finite number.  Returns false, @value untouched, if it is not. */
bool text_to_double(const char *text, double *value);

/* The same for a whole number in @base (16 takes "0x", 0 as in C), cut to @min and @max. */
bool text_to_int(const char *text, int base, int min, int max, int *value);

/* Whether @text is one or more printable ASCII characters, no space: as names and addresses are. */
bool text_is_plain(const char *text);

/* A jitter as struct source_status has it: not negative, and cut to the largest that fits. */
unsigned source_jitter_ns(int64_t jitter_ns);

/* Cut @line into words at its spaces, in place, at most @max; returns how many. */
size_t split_words(char *line, char **words, size_t max);

#endif
