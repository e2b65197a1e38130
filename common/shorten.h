/* Makes what a program or a host said fit for a message: one line, and not too long. */
#ifndef COMMON_SHORTEN_H
#define COMMON_SHORTEN_H

#include "common/base.h"

/*
 * Copy @text to @out, of @size bytes (24 at least): its lines are joined by "; ", without blanks at
 * their ends and without empty lines; other control characters become blanks.  If that is too long,
 * its middle is left out: " ... " stands there, and more of the end is kept than of the beginning,
 * because programs say last what went wrong.  No character of UTF-8 is cut.
 */
void shorten(char *out, size_t size, const char *text);

#endif
