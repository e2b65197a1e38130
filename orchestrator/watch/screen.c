#include "orchestrator/watch/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS 0x2026
#define BRAILLE 0x2800

void
screen_init(struct screen *screen, int rows, int columns, bool ascii)
{
	size_t count = (size_t)rows * (size_t)columns;

	*screen = (struct screen){ .rows = rows, .columns = columns, .ascii = ascii };
	screen->cells = calloc(count + 1, sizeof(*screen->cells));
	if (!screen->cells) {
		abort();
	}
	for (size_t i = 0; i < count; i++) {
		screen->cells[i] = (struct cell){ ' ', LOOK_PLAIN };
	}
}

void
screen_free(struct screen *screen)
{
	free(screen->cells);
	screen->cells = NULL;
}

/* The nearest that a terminal without UTF-8 shows. */
static uint32_t
ascii_of(uint32_t rune)
{
	static const struct {
		uint32_t rune;
		char nearest;
	} rows[] = {
		{ ELLIPSIS, '~' },
		{ 0x25cf, 'o' },
		{ 0x25b2, '!' },
		{ 0x25a0, '#' },
		{ 0x25cb, '.' },
		{ 0x2500, '-' },
		{ 0x2502, '|' },
		{ 0x2514, '`' },
		{ 0x251c, '|' },
		{ 0x2524, '|' },
		{ 0x2508, '-' },
		{ 0x2019, '\'' },
		{ 0x201c, '"' },
		{ 0x201d, '"' },
		{ 0x2190, '<' },
		{ 0x00b7, '-' },
		{ BRAILLE, ' ' },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].rune == rune) {
			return (uint32_t)rows[i].nearest;
		}
	}
	return rune < 0x7f ? rune : rune > BRAILLE && rune <= BRAILLE + 0xff ? '*' : '?';
}

/*
 * Whether @rune takes exactly one column.  Of the others, those that are wide or join the letter
 * before them, some could be told only by the terminal's own tables.
 */
static bool
is_narrow(uint32_t rune)
{
	return (rune >= ' ' && rune < 0x7f) || (rune >= 0xa0 && rune < 0x300) ||
	    (rune >= 0x370 && rune < 0x483) || (rune >= 0x48a && rune < 0x530) ||
	    (rune >= 0x2010 && rune < 0x2028) || (rune >= 0x2190 && rune < 0x2300) ||
	    (rune >= 0x2500 && rune < 0x25fd) || (rune >= BRAILLE && rune <= BRAILLE + 0xff);
}

void
screen_rune(struct screen *screen, int row, int column, unsigned look, uint32_t rune)
{
	if (row < 0 || column < 0 || row >= screen->rows || column >= screen->columns) {
		return;
	}
	if (!is_narrow(rune)) {
		rune = '?';
	}
	screen->cells[row * screen->columns + column] =
	    (struct cell){ screen->ascii ? ascii_of(rune) : rune, (uint8_t)look };
}

/* The next character of @text, which moves behind it. */
static uint32_t
next_rune(const char **text)
{
	const unsigned char *bytes = (const unsigned char *)*text;
	unsigned more = bytes[0] >= 0xf0 ? 3 : bytes[0] >= 0xe0 ? 2 : bytes[0] >= 0xc0 ? 1 : 0;
	uint32_t rune = more > 0 ? bytes[0] & (0x3fu >> more) : bytes[0];
	size_t used = 1;

	while (more-- > 0 && (bytes[used] & 0xc0) == 0x80) {
		rune = rune << 6 | (bytes[used++] & 0x3f);
	}
	*text += used;
	return rune;
}

int
screen_put(struct screen *screen, int row, int column, int width, unsigned look, const char *text)
{
	int used = 0;

	while (*text && used < width) {
		uint32_t rune = next_rune(&text);

		screen_rune(
		    screen, row, column + used, look, used == width - 1 && *text ? ELLIPSIS : rune);
		used++;
	}
	return used;
}

int
screen_printf(
    struct screen *screen, int row, int column, int width, unsigned look, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return screen_put(screen, row, column, width, look, text);
}

uint32_t
screen_shape(enum health_state state)
{
	static const uint32_t shapes[STATE_COUNT] = {
		[STATE_GOOD] = 0x25cf,
		[STATE_WARN] = 0x25b2,
		[STATE_BAD] = 0x25a0,
		[STATE_STALE] = 0x25cb,
		[STATE_UNKNOWN] = '?',
	};

	return shapes[state];
}

void
screen_look(struct screen *screen, int row, int column, int width, unsigned look)
{
	for (int i = column; i < column + width; i++) {
		if (row >= 0 && row < screen->rows && i >= 0 && i < screen->columns) {
			screen->cells[row * screen->columns + i].look = (uint8_t)look;
		}
	}
}

static void
add_rune(struct buf *out, uint32_t rune)
{
	char bytes[4];
	size_t len = 1;

	if (rune < 0x80) {
		bytes[0] = (char)rune;
	} else if (rune < 0x800) {
		bytes[0] = (char)(0xc0 | rune >> 6);
		len = 2;
	} else {
		bytes[0] = (char)(0xe0 | rune >> 12);
		bytes[1] = (char)(0x80 | (rune >> 6 & 0x3f));
		len = 3;
	}
	if (len > 1) {
		bytes[len - 1] = (char)(0x80 | (rune & 0x3f));
	}
	buf_add(out, bytes, len);
}

void
screen_text(const struct screen *screen, struct buf *out)
{
	for (int row = 0; row < screen->rows; row++) {
		const struct cell *cells = &screen->cells[row * screen->columns];
		int last = screen->columns;

		while (last > 0 && cells[last - 1].rune == ' ') {
			last--;
		}
		for (int i = 0; i < last; i++) {
			add_rune(out, cells[i].rune);
		}
		buf_text(out, "\n");
	}
}
