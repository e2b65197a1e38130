#include "orchestrator/watch/terminal.h"

#include "orchestrator/watch/state.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <curses.h>

#define ESCAPE_MS 50 /* so long a lone Esc waits for more */

static struct {
	SCREEN *screen;
	FILE *in, *out;
	bool ascii;
} terminal;

/* Copies: standard output itself is a stream that escapes what is written to it. */
static int
open_streams(struct error *err)
{
	int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO);

	terminal.in = in >= 0 ? fdopen(in, "r") : NULL;
	terminal.out = out >= 0 ? fdopen(out, "w") : NULL;
	return terminal.in && terminal.out ? 0 : error_set(err, "no descriptor is left");
}

/* Colours for who wants them: https://no-color.org.  Without, a shape and a word say the same. */
static void
begin_colours(void)
{
	static const struct {
		short pair, colour;
	} rows[] = {
		{ STATE_GOOD + 1, COLOR_GREEN },
		{ STATE_WARN + 1, COLOR_YELLOW },
		{ STATE_BAD + 1, COLOR_RED },
		{ STATE_STALE + 1, COLOR_CYAN },
		{ STATE_UNKNOWN + 1, COLOR_MAGENTA },
	};
	const char *no_colour = getenv("NO_COLOR");

	if ((no_colour && *no_colour) || !has_colors()) {
		return;
	}
	start_color();
	use_default_colors();
	for (size_t i = 0; i < COUNT(rows); i++) {
		init_pair(rows[i].pair, rows[i].colour, -1);
	}
}

int
terminal_begin(struct error *err)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		return error_set(
		    err, "--watch needs a terminal; `timetier status --once` prints the same once");
	}
	if (!term || !*term || strcmp(term, "dumb") == 0) {
		return error_set(err,
		    "a terminal of TERM=%s has no full screen; `timetier status --once` prints the "
		    "same once",
		    term && *term ? term : "nothing");
	}
	setlocale(LC_CTYPE, "");
	terminal.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	if (open_streams(err) < 0) {
		return -1;
	}
	terminal.screen = newterm(NULL, terminal.out, terminal.in);
	if (!terminal.screen) {
		return error_set(err,
		    "TERM=%s is not known here; `timetier status --once` prints the same once",
		    term);
	}
	begin_colours();
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, true);
	nodelay(stdscr, true);
	set_escdelay(ESCAPE_MS);
	return 0;
}

void
terminal_end(void)
{
	if (terminal.screen) {
		endwin();
		delscreen(terminal.screen);
		terminal.screen = NULL;
	}
	if (terminal.in) {
		fclose(terminal.in);
		terminal.in = NULL;
	}
	if (terminal.out) {
		fclose(terminal.out);
		terminal.out = NULL;
	}
}

void
terminal_size(bool changed, int *rows, int *columns)
{
	struct winsize size;

	if (changed && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0) {
		resizeterm(size.ws_row, size.ws_col);
	}
	*rows = LINES;
	*columns = COLS;
}

bool
terminal_is_ascii(void)
{
	return terminal.ascii;
}

static void
attributes_of(uint8_t look, attr_t *attributes, short *pair)
{
	uint8_t plain = look & (uint8_t)~LOOK_CHOSEN;

	*attributes = A_NORMAL;
	*pair = 0;
	if (plain < STATE_COUNT) {
		*pair = (short)(plain + 1);
		*attributes = plain == STATE_BAD ? A_BOLD : A_NORMAL;
	} else if (plain == LOOK_BOLD) {
		*attributes = A_BOLD;
	} else if (plain == LOOK_DIM) {
		*attributes = A_DIM;
	} else if (plain == LOOK_HEAD) {
		*attributes = A_REVERSE;
	}
	if (look & LOOK_CHOSEN) {
		*attributes |= A_REVERSE;
	}
}

void
terminal_show(const struct screen *screen, bool whole)
{
	if (whole) {
		clearok(curscr, true);
	}
	for (int row = 0; row < screen->rows; row++) {
		for (int column = 0; column < screen->columns; column++) {
			const struct cell *cell = &screen->cells[row * screen->columns + column];
			wchar_t text[2] = { (wchar_t)cell->rune, L'\0' };
			attr_t attributes;
			cchar_t shown;
			short pair;

			attributes_of(cell->look, &attributes, &pair);
			setcchar(&shown, text, attributes, pair, NULL);
			mvadd_wch(row, column, &shown);
		}
	}
	refresh();
}

int
terminal_key(void)
{
	static const struct {
		wint_t code;
		int key;
	} rows[] = {
		{ KEY_UP, WATCH_KEY_UP },
		{ KEY_DOWN, WATCH_KEY_DOWN },
		{ KEY_PPAGE, WATCH_KEY_PAGE_UP },
		{ KEY_NPAGE, WATCH_KEY_PAGE_DOWN },
		{ KEY_HOME, WATCH_KEY_HOME },
		{ KEY_END, WATCH_KEY_END },
		{ KEY_ENTER, WATCH_KEY_ENTER },
		{ KEY_BACKSPACE, WATCH_KEY_ERASE },
	};
	wint_t code;
	int kind = get_wch(&code);

	if (kind == ERR) {
		return WATCH_KEY_NONE;
	}
	if (kind == OK) {
		return code == '\r' ? WATCH_KEY_ENTER : code == 0x7f ? WATCH_KEY_ERASE : (int)code;
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].code == code) {
			return rows[i].key;
		}
	}
	return WATCH_KEY_REDRAW; /* of no meaning here, and not the end of what was typed */
}
