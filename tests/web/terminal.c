/*
 * terminal COLUMNSxROWS COMMAND [ARG...]: run a command at a terminal of its own, an xterm in
 * memory, and do to it what the lines of standard input say.  Each line that cannot be done in time
 * ends with exit status 1, after the screen was printed.
 *
 *   wait TEXT    until the screen shows it
 *   gone TEXT    until it does not
 *   type KEYS    \e, \r and \xHH are bytes
 *   size COLUMNSxROWS
 *   kill NUMBER  send this signal
 *   show         print the screen
 *   say WORDS    print them
 *   colours yes  there are some, or "no"
 *   end STATUS   wait for the end; by a key or a signal, the terminal must be as it was before
 */
#include "common/base.h"

#include <ctype.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#define ROWS_MAX 120
#define COLUMNS_MAX 400
#define PARAMETERS 8
#define CELL_BYTES 8

static struct {
	char cells[ROWS_MAX][COLUMNS_MAX][CELL_BYTES]; /* UTF-8; "": blank */
	int rows, columns, row, column, top, bottom;
	bool other_screen, cursor_hidden, coloured;
	char sequence[128]; /* that has begun */
	size_t len;
	char last[CELL_BYTES];
} at;

static int master;
static pid_t child;
static struct termios before;

static void
fail(const char *what)
{
	fprintf(stderr, "terminal: %s\n", what);
	exit(EXIT_FAILURE);
}

static void
blank(int row, int from, int to)
{
	for (int i = from; i < to && i < COLUMNS_MAX; i++) {
		at.cells[row][i][0] = '\0';
	}
}

/* The rows from @row to the lowest of the region go down by @count; negative: up. */
static void
scroll(int row, int count)
{
	int step = count > 0 ? 1 : -1;

	for (; count != 0; count -= step) {
		for (int i = count > 0 ? at.bottom : row; count > 0 ? i > row : i < at.bottom;
		     i -= step) {
			memcpy(at.cells[i], at.cells[i - step], sizeof(at.cells[i]));
		}
		blank(count > 0 ? row : at.bottom, 0, COLUMNS_MAX);
	}
}

static int
clamp(int value, int most)
{
	return value < 0 ? 0 : value > most ? most : value;
}

static void
put(const char *bytes)
{
	if (at.column >= at.columns) {
		at.column = 0;
		if (at.row == at.bottom) {
			scroll(at.top, -1);
		} else {
			at.row++;
		}
	}
	snprintf(at.cells[at.row][at.column++], CELL_BYTES, "%s", bytes);
	snprintf(at.last, sizeof(at.last), "%s", bytes);
}

static void
shift_cells(int count)
{
	char(*row)[CELL_BYTES] = at.cells[at.row];

	for (; count > 0; count--) { /* in */
		memmove(row[at.column + 1], row[at.column],
		    sizeof(row[0]) * (size_t)(at.columns - at.column - 1));
		row[at.column][0] = '\0';
	}
	for (; count < 0; count++) { /* out */
		memmove(row[at.column], row[at.column + 1],
		    sizeof(row[0]) * (size_t)(at.columns - at.column - 1));
		row[at.columns - 1][0] = '\0';
	}
}

static void
erase(char what, int which)
{
	if (what == 'J') {
		for (int i = which == 0 ? at.row + 1 : 0; i < (which == 1 ? at.row : at.rows);
		     i++) {
			blank(i, 0, at.columns);
		}
	}
	blank(at.row, which == 0 ? at.column : 0, which == 1 ? at.column + 1 : at.columns);
}

static void
set_mode(const char *sequence, bool on)
{
	if (strstr(sequence, "?1049")) {
		at.other_screen = on;
	}
	if (strstr(sequence, "?25") || strstr(sequence, ";25")) {
		at.cursor_hidden = !on;
	}
}

static void
move_cursor(char final, int count, int second)
{
	switch (final) {
	case 'A':
		at.row = clamp(at.row - count, at.rows - 1);
		break;
	case 'B':
		at.row = clamp(at.row + count, at.rows - 1);
		break;
	case 'C':
		at.column = clamp(at.column + count, at.columns - 1);
		break;
	case 'D':
		at.column = clamp(at.column - count, at.columns - 1);
		break;
	case 'G':
		at.column = clamp(count - 1, at.columns - 1);
		break;
	case 'd':
		at.row = clamp(count - 1, at.rows - 1);
		break;
	case 'r':
		at.top = clamp(count - 1, at.rows - 1);
		at.bottom = second > 0 ? clamp(second - 1, at.rows - 1) : at.rows - 1;
		at.row = at.column = 0;
		break;
	default: /* H, f */
		at.row = clamp(count - 1, at.rows - 1);
		at.column = clamp(second - 1, at.columns - 1);
		break;
	}
}

/* ESC [ ... letter */
static void
control(void)
{
	char final = at.sequence[at.len - 1];
	const char *rest = at.sequence + 2;
	int numbers[2] = { 0, 0 }, count;

	sscanf(rest, "%d;%d", &numbers[0], &numbers[1]);
	if (*rest == ';') {
		sscanf(rest, ";%d", &numbers[1]);
	}
	count = numbers[0] > 0 ? numbers[0] : 1;
	if (strchr("ABCDGdHfr", final)) {
		move_cursor(final, count, numbers[1]);
	} else if (final == 'J' || final == 'K') {
		erase(final, numbers[0]);
	} else if (final == 'X') {
		blank(at.row, at.column, at.column + count);
	} else if (final == '@' || final == 'P') {
		shift_cells(final == '@' ? count : -count);
	} else if (final == 'L' || final == 'M') {
		scroll(at.row, final == 'L' ? count : -count);
	} else if (final == 'S' || final == 'T') {
		scroll(at.top, final == 'T' ? count : -count);
	} else if (final == 'Z') {
		at.column = at.column > 0 ? (at.column - 1) / 8 * 8 : 0;
	} else if (final == 'h' || final == 'l') {
		set_mode(at.sequence, final == 'h');
	} else if (final == 'b') {
		for (char last[CELL_BYTES]; count > 0; count--) {
			memcpy(last, at.last, sizeof(last));
			put(last);
		}
	} else if (final == 'm') {
		at.coloured |= numbers[0] >= 30 || numbers[1] >= 30;
	} else if (!strchr("tcn", final)) {
		fprintf(stderr, "terminal: ESC%s is not known\n", at.sequence + 1);
		exit(EXIT_FAILURE);
	}
}

/* One byte of what has begun; returns whether it ends there. */
static bool
goes_on(char byte)
{
	at.sequence[at.len++] = byte;
	at.sequence[at.len] = '\0';
	if (at.len + 1 == sizeof(at.sequence)) {
		fail("a sequence without an end");
	}
	if (at.sequence[0] != '\033') { /* UTF-8 */
		unsigned char first = (unsigned char)at.sequence[0];
		size_t whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

		if (at.len < whole) {
			return true;
		}
		put(at.sequence);
		return false;
	}
	if (at.len == 2) {
		if (byte == 'M') {
			scroll(at.top, 1);
		}
		return strchr("[()]", byte) != NULL;
	}
	if (at.sequence[1] == '[' && isalpha((unsigned char)byte) == 0 && byte != '@') {
		return true;
	}
	if (at.sequence[1] == '[') {
		control();
	} else if (at.sequence[1] == ']') {
		return byte != '\a';
	}
	return false;
}

static void
take(char byte)
{
	if (at.len > 0) {
		at.len = goes_on(byte) ? at.len : 0;
	} else if (byte == '\033' || (unsigned char)byte >= 0xc0) {
		at.sequence[at.len++] = byte;
	} else if (byte == '\r') {
		at.column = 0;
	} else if (byte == '\n' && at.row == at.bottom) {
		scroll(at.top, -1);
	} else if (byte == '\n') {
		at.row = clamp(at.row + 1, at.rows - 1);
	} else if (byte == '\b') {
		at.column = clamp(at.column - 1, at.columns - 1);
	} else if (byte == '\t') {
		at.column = clamp((at.column / 8 + 1) * 8, at.columns - 1);
	} else if ((unsigned char)byte >= ' ') {
		put((char[]){ byte, '\0' });
	}
}

static void
row_text(int row, char *out)
{
	int last = at.columns;

	while (last > 0 && (!at.cells[row][last - 1][0] || at.cells[row][last - 1][0] == ' ')) {
		last--;
	}
	*out = '\0';
	for (int i = 0; i < last; i++) {
		out = stpcpy(out, at.cells[row][i][0] ? at.cells[row][i] : " ");
	}
}

static bool
shows(const char *text)
{
	static char row[COLUMNS_MAX * CELL_BYTES];

	for (int i = 0; i < at.rows; i++) {
		row_text(i, row);
		if (strstr(row, text)) {
			return true;
		}
	}
	return false;
}

static void
show(void)
{
	static char row[COLUMNS_MAX * CELL_BYTES];

	for (int i = 0; i < at.rows; i++) {
		row_text(i, row);
		puts(row);
	}
	fflush(stdout);
}

/* Read what comes within a second; false: the command has ended. */
static bool
listen_once(void)
{
	struct pollfd poller = { .fd = master, .events = POLLIN };
	char bytes[4096];
	ssize_t got;

	if (poll(&poller, 1, 1000) <= 0) {
		return true;
	}
	got = read(master, bytes, sizeof(bytes));
	for (ssize_t i = 0; i < got; i++) {
		take(bytes[i]);
	}
	return got > 0;
}

static void
wait_for(const char *text, bool wanted)
{
	while (shows(text) != wanted) {
		if (!listen_once()) {
			show();
			fprintf(stderr, "terminal: the command ended before \"%s\"\n", text);
			exit(EXIT_FAILURE);
		}
	}
}

static void
type(const char *keys)
{
	for (unsigned code; *keys; keys++) {
		char byte = *keys;

		if (byte == '\\' && keys[1]) {
			keys++;
			byte = *keys == 'e' ? '\033' : *keys == 'r' ? '\r' : *keys;
			if (*keys == 'x' && sscanf(keys + 1, "%2x", &code) == 1) {
				byte = (char)code;
				keys += 2;
			}
		}
		if (write(master, &byte, 1) != 1) {
			fail("nobody reads what is typed");
		}
	}
}

static void
resize(const char *size)
{
	struct winsize winsize = { .ws_row = 0 };

	if (sscanf(size, "%dx%d", &at.columns, &at.rows) != 2 || at.rows > ROWS_MAX ||
	    at.columns > COLUMNS_MAX || at.rows < 1 || at.columns < 1) {
		fail("a size is COLUMNSxROWS");
	}
	at.top = 0;
	at.bottom = at.rows - 1;
	winsize.ws_row = (unsigned short)at.rows;
	winsize.ws_col = (unsigned short)at.columns;
	if (child > 0) {
		ioctl(master, TIOCSWINSZ, &winsize);
	}
}

static void
wait_for_end(int wanted)
{
	struct termios after;
	int status;

	while (listen_once()) {
	}
	if (waitpid(child, &status, 0) != child) {
		fail("it cannot be waited for");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != wanted) {
		show();
		fprintf(stderr, "terminal: status %#x\n", (unsigned)status);
		exit(EXIT_FAILURE);
	}
	if (at.other_screen || at.cursor_hidden) {
		fail("the screen is not as it was");
	}
	if (tcgetattr(master, &after) < 0 || after.c_lflag != before.c_lflag ||
	    after.c_iflag != before.c_iflag || after.c_oflag != before.c_oflag) {
		fail("the terminal is not as it was");
	}
}

static void
late(int number UNUSED)
{
	show();
	fprintf(stderr, "terminal: not in time\n");
	kill(child, SIGKILL);
	_exit(EXIT_FAILURE);
}

static int
number_of(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

/* Returns false at the end of the script. */
static bool
do_line(char *line)
{
	const char *rest;

	line[strcspn(line, "\n")] = '\0';
	rest = line + strcspn(line, " ");
	rest += *rest == ' ';
	if (strncmp(line, "wait ", 5) == 0) {
		wait_for(rest, true);
	} else if (strncmp(line, "gone ", 5) == 0) {
		wait_for(rest, false);
	} else if (strncmp(line, "type ", 5) == 0) {
		type(rest);
	} else if (strncmp(line, "size ", 5) == 0) {
		resize(rest);
	} else if (strncmp(line, "kill ", 5) == 0) {
		kill(child, number_of(rest));
	} else if (strncmp(line, "say ", 4) == 0) {
		puts(rest);
		fflush(stdout);
	} else if (strncmp(line, "colours ", 8) == 0) {
		if (at.coloured != (strcmp(rest, "yes") == 0)) {
			fail("the colours are not as wanted");
		}
	} else if (strcmp(line, "show") == 0) {
		show();
	} else if (strncmp(line, "end ", 4) == 0) {
		wait_for_end(number_of(rest));
		return false;
	} else {
		fail(line);
	}
	return true;
}

int
main(int argc, char **argv)
{
	const char *slowness = getenv("TEST_SLOWNESS");
	unsigned limit_s = 20 * (unsigned)(slowness ? number_of(slowness) : 100) / 100 + 1;
	char line[1024];
	struct winsize size = { .ws_row = 0 };
	int slave;

	if (argc < 3) {
		fail("terminal COLUMNSxROWS COMMAND [ARG...]");
	}
	resize(argv[1]);
	size.ws_row = (unsigned short)at.rows;
	size.ws_col = (unsigned short)at.columns;
	if (openpty(&master, &slave, NULL, NULL, &size) < 0 || tcgetattr(master, &before) < 0) {
		fail("no terminal");
	}
	child = fork();
	if (child == 0) {
		close(master);
		login_tty(slave);
		setenv("TERM", "xterm-256color", 0);
		execv(argv[2], argv + 2);
		_exit(127);
	}
	close(slave);
	signal(SIGALRM, late);
	alarm(limit_s);
	while (fgets(line, sizeof(line), stdin) && do_line(line)) {
		alarm(limit_s);
	}
	return 0;
}
