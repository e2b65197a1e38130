/* Standard input, output and error, as whoever started the program left them. */
#ifndef COMMON_STREAMS_H
#define COMMON_STREAMS_H

#include "common/error.h"

/*
 * First of all: where one of the three is closed, take its number, so that no file or connection
 * gets it and is printed into.  What is printed there is lost, and streams_end() says so.
 */
void streams_open(void);

/*
 * Last of all: bring out what was printed.  A reader that has gone, as `head` does, is nobody's
 * fault.
 *
 * Returns 0, or -1 with @err set: some of standard output was lost.
 */
int streams_end(struct error *err) MUST_CHECK;

#endif
