#include "common/streams.h"

#include "common/shown.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define CODE_START '\x01'
#define SECRET_BYTES 8
#define MARK_BYTES (1 + 2 * SECRET_BYTES) /* CODE_START and the secret in hex */
#define CODE_BYTES (MARK_BYTES + 1)       /* and a letter; no letter of a word */
#define FIRST_LETTER '!'

static const char *const sequences[STREAM_CODES] = {
	[STREAM_PLAIN] = "\x1b[0m",
	[STREAM_BOLD] = "\x1b[1m",
	[STREAM_RED] = "\x1b[31m",
	[STREAM_GREEN] = "\x1b[32m",
	[STREAM_YELLOW] = "\x1b[33m",
	[STREAM_CYAN] = "\x1b[36m",
	[STREAM_GREY] = "\x1b[90m",
	[STREAM_UP] = "\x1b[A",
	[STREAM_CLEAR] = "\r\x1b[J",
};

/* The codes; empty until streams_open(): without it the streams take the sequences themselves. */
static char codes[STREAM_CODES][CODE_BYTES + 1];

/* A stream that shows: what was written to it and is not the whole of a character or code yet. */
struct shower {
	int fd;
	char held[CODE_BYTES];
	size_t held_len;
};

static struct shower showers[] = { { .fd = STDOUT_FILENO }, { .fd = STDERR_FILENO } };

static void
make_codes(void)
{
	unsigned char secret[SECRET_BYTES];
	char mark[MARK_BYTES + 1] = { CODE_START };

	if (getrandom(secret, sizeof(secret), 0) != sizeof(secret)) {
		abort();
	}
	for (size_t i = 0; i < sizeof(secret); i++) {
		snprintf(mark + 1 + 2 * i, 3, "%02x", secret[i]);
	}
	for (size_t i = 0; i < STREAM_CODES; i++) {
		snprintf(codes[i], sizeof(codes[i]), "%s%c", mark, (int)(FIRST_LETTER + i));
	}
}

const char *
stream_code(enum stream_code code)
{
	return *codes[code] ? codes[code] : sequences[code];
}

/* Add to @out the code at @bytes.  Returns its length; 0: there may be one; -1: there is none. */
static int
show_code(struct buf *out, const char *bytes, size_t len)
{
	size_t letter;

	if (memcmp(bytes, codes[0], len < MARK_BYTES ? len : MARK_BYTES) != 0) {
		return -1;
	}
	if (len < CODE_BYTES) {
		return 0;
	}
	letter = (size_t)(bytes[MARK_BYTES] - FIRST_LETTER);
	if (letter >= STREAM_CODES) {
		return -1;
	}
	buf_text(out, sequences[letter]);
	return CODE_BYTES;
}

/* Add to @out as much of @bytes as is whole; returns how much that is. */
static size_t
show(struct buf *out, const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t from = at;
		int taken = -1;

		while (at < len && ((bytes[at] >= ' ' && bytes[at] < 0x7f) || bytes[at] == '\n')) {
			at++;
		}
		buf_add(out, bytes + from, at - from);
		if (at == len) {
			break;
		}
		if (bytes[at] == CODE_START) {
			taken = show_code(out, bytes + at, len - at);
		}
		if (taken < 0) {
			taken = (int)shown_next(out, bytes + at, len - at, SHOWN_NEWLINES);
		}
		if (taken == 0) {
			break;
		}
		at += (size_t)taken;
	}
	return at;
}

/* Returns 0, or -1 with errno set. */
static int
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, bytes, len);
		struct pollfd ready = { .fd = fd, .events = POLLOUT };

		if (put < 0 && errno == EAGAIN) {
			poll(&ready, 1, -1);
		} else if (put < 0 && errno != EINTR) {
			return -1;
		}
		bytes += put > 0 ? put : 0;
		len -= put > 0 ? (size_t)put : 0;
	}
	return 0;
}

static ssize_t
on_write(void *cookie, const char *bytes, size_t len)
{
	struct shower *shower = cookie;
	struct buf in = { .limit_bytes = 0 }, out = { .limit_bytes = 0 };
	size_t shown;
	int failed, code;

	buf_add(&in, shower->held, shower->held_len);
	buf_add(&in, bytes, len);
	shown = show(&out, in.data, in.len);
	shower->held_len = in.len - shown;
	memcpy(shower->held, in.data + shown, shower->held_len);
	failed = write_all(shower->fd, buf_str(&out), out.len);
	code = errno;
	buf_free(&in);
	buf_free(&out);
	errno = code;
	return failed ? 0 : (ssize_t)len;
}

/* Show what was held: no more comes. */
static int
show_rest(struct shower *shower)
{
	struct buf out = { .limit_bytes = 0 };
	int failed;

	shown_add(&out, shower->held, shower->held_len, SHOWN_NEWLINES);
	shower->held_len = 0;
	failed = write_all(shower->fd, buf_str(&out), out.len);
	buf_free(&out);
	return failed;
}

static FILE *
open_shower(struct shower *shower, int buffering)
{
	FILE *stream = fopencookie(shower, "w", (cookie_io_functions_t){ .write = on_write });

	if (!stream || setvbuf(stream, NULL, buffering, BUFSIZ)) {
		abort();
	}
	return stream;
}

void
streams_open(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* open it for reading only: writing to it fails, and is noticed */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd) {
			abort();
		}
	}
	make_codes();
	stdout = open_shower(&showers[0], isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
	stderr = open_shower(&showers[1], _IONBF);
}

static bool
reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP));
}

int
streams_end(struct error *err)
{
	bool lost = ferror(stdout) != 0;
	int code = fflush(stdout) != 0 || show_rest(&showers[0]) ? errno : 0;

	if ((!lost && code == 0) || reader_is_gone()) {
		return 0;
	}
	clearerr(stdout); /* the error is reported once */
	if (code != 0) {
		return error_errno(err, code, "cannot write to standard output");
	}
	return error_set(err, "some of what was printed was lost: cannot write to standard output");
}
