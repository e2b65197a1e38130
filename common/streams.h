/* Standard input, output and error: some may be closed at the start, and output may get lost. */
#ifndef COMMON_STREAMS_H
#define COMMON_STREAMS_H

#include "common/error.h"

/*
 * Call this first.  It opens /dev/null for each of the three that is closed: else the next file
 * or connection would get its number, and output would go there.  What is printed to such a
 * stream is lost, and streams_end() reports that.
 */
void streams_open(void);

/*
 * Call this last.  It flushes standard output.  A reader that has closed the pipe, as `head` does,
 * is no error.
 *
 * Returns 0, or -1 with @err set: some of standard output was lost.
 */
int streams_end(struct error *err) MUST_CHECK;

#endif
