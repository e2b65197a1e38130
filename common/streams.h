/*
 * Standard input, output and error: some may be closed at the start, and output may get lost.
 * Whatever is printed goes through here, and nothing that came from outside controls the terminal:
 * output and error write by common/shown.h, except for newlines and the codes below.
 */
#ifndef COMMON_STREAMS_H
#define COMMON_STREAMS_H

#include "common/error.h"

/* What a program may do to its terminal. */
enum stream_code {
	STREAM_PLAIN, /* end every colour */
	STREAM_BOLD,
	STREAM_RED,
	STREAM_GREEN,
	STREAM_YELLOW,
	STREAM_CYAN,
	STREAM_GREY,
	STREAM_UP,    /* to the line above */
	STREAM_CLEAR, /* from the start of this line to the end of the terminal */
	STREAM_CODES, /* their number */
};

/*
 * Call this first.  It opens /dev/null for each of the three that is closed: else the next file
 * or connection would get its number, and output would go there.  What is printed to such a
 * stream is lost, and streams_end() reports that.
 */
void streams_open(void);

/*
 * The text that stands for @code in what is printed to standard output or error.  It contains a
 * secret of this process: the same code in a text from outside is shown as text.
 */
const char *stream_code(enum stream_code code);

/*
 * Call this last.  It flushes standard output.  A reader that has closed the pipe, as `head` does,
 * is no error.
 *
 * Returns 0, or -1 with @err set: some of standard output was lost.
 */
int streams_end(struct error *err) MUST_CHECK;

#endif
