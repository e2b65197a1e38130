/* The terminal as a full screen.  The only files of a room that knows ncurses. */
#ifndef ORCHESTRATOR_WATCH_TERMINAL_H
#define ORCHESTRATOR_WATCH_TERMINAL_H

#include "common/error.h"
#include "orchestrator/watch/screen.h"

/*
 * Take the terminal at standard input and output.
 *
 * Returns 0, or -1 with @err set: there is none, or it can move no cursor.
 */
int terminal_begin(struct error *err) MUST_CHECK;

/* Give it back as it was.  Safe to call without terminal_begin(). */
void terminal_end(void);

/* Its size now, which is asked anew when it may have changed. */
void terminal_size(bool changed, int *rows, int *columns);

/* Whether it shows ASCII alone. */
bool terminal_is_ascii(void);

/* Send what is other than on the last screen; @whole: everything. */
void terminal_show(const struct screen *screen, bool whole);

/* The next key that was typed: a character, or an enum watch_key; WATCH_KEY_NONE: none. */
int terminal_key(void);

#endif
