/* What stands where on a screen: a grid of characters, each one column wide.  No I/O. */
#ifndef ORCHESTRATOR_WATCH_SCREEN_H
#define ORCHESTRATOR_WATCH_SCREEN_H

#include "common/buf.h"
#include "verdict/health.h"

/* How a cell looks.  Those of a state are its number. */
enum look {
	LOOK_PLAIN = STATE_COUNT,
	LOOK_BOLD,
	LOOK_DIM,
	LOOK_HEAD,
	LOOK_COUNT,         /* their number */
	LOOK_CHOSEN = 0x40, /* added to another: the line that is chosen */
};

struct cell {
	uint32_t rune;
	uint8_t look;
};

struct screen {
	int rows, columns;
	struct cell *cells; /* rows * columns */
	bool ascii;         /* the terminal shows no other characters */
};

/* A part of a screen; what does not fit is not drawn. */
struct area {
	int row, column, rows, columns;
};

/* Blank; screen_free() ends it. */
void screen_init(struct screen *screen, int rows, int columns, bool ascii);
void screen_free(struct screen *screen);

/*
 * Write @text, which is UTF-8, into at most @width columns; where it is longer, its last column is
 * an ellipsis.  What takes no column or two is written as "?".  Returns the columns written.
 */
int screen_put(
    struct screen *screen, int row, int column, int width, unsigned look, const char *text);
int screen_printf(struct screen *screen, int row, int column, int width, unsigned look,
    const char *fmt, ...) PRINTF(6, 7);

/* One character. */
void screen_rune(struct screen *screen, int row, int column, unsigned look, uint32_t rune);

/* The shape that stands beside the word of a state, for who cannot tell colours. */
uint32_t screen_shape(enum health_state state);

/* Give @width columns another look, and leave their characters. */
void screen_look(struct screen *screen, int row, int column, int width, unsigned look);

/* Add the screen as text, a line for each row, without blanks at its end. */
void screen_text(const struct screen *screen, struct buf *out);

#endif
