#include "agent/answer.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/log.h"
#include "common/shown.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONFIG_BYTES_MAX 4096
#define REQUEST_BYTES_MAX 4096 /* of a caller; whoever says more is not listened to */
#define CALL_NS (5 * NS_PER_S)

enum { DONE = 0, FAILED = 2 };

/* The value of a line "NAME VALUE"; NULL: this line has another name. */
static const char *
value_of(const char *line, size_t len, const char *name, size_t *value_len)
{
	size_t name_len = strlen(name);

	if (len <= name_len || memcmp(line, name, name_len) != 0 || line[name_len] != ' ') {
		return NULL;
	}
	*value_len = len - name_len - 1;
	return line + name_len + 1;
}

static int
take_line(const char *line, size_t len, struct answer *answer, struct error *err)
{
	size_t value_len;
	const char *value;
	char *end;

	if (len == 0 || line[0] == '#') {
		return 0;
	}
	if ((value = value_of(line, len, "way", &value_len))) {
		answer->redirect = value_len == 8 && memcmp(value, "redirect", 8) == 0;
		return 0;
	}
	if ((value = value_of(line, len, "until", &value_len)) && value_len < 20) {
		answer->until_s = strtoll(value, &end, 10); /* a newline ends it, or the text */
		return end == value + value_len ? 0 : error_set(err, "`until` is no number");
	}
	if ((value = value_of(line, len, "text", &value_len)) && value_len < sizeof(answer->text) &&
	    shown_is_fit(value, value_len, SHOWN_WORDS)) {
		memcpy(answer->text, value, value_len);
		answer->text[value_len] = '\0';
		return 0;
	}
	return error_set(err, "a line is no `way`, `until` or `text` of %d printable characters",
	    ANSWER_TEXT_BYTES - 1);
}

int
answer_parse(const char *text, size_t len, struct answer *answer, struct error *err)
{
	struct answer read = { .until_s = 0 };
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		if (!newline) {
			return error_set(err, "it is cut short");
		}
		if (take_line(text, (size_t)(newline - text), &read, err) < 0) {
			return -1;
		}
		text = newline + 1;
	}
	if (!read.text[0] || read.until_s <= 0) {
		return error_set(err, "it has no `text` or no `until`");
	}
	*answer = read;
	return 0;
}

/*
 * Read what the caller says, and drop it: up to the empty line that ends a request, or, when
 * @to_end, until the caller hangs up.  Else the kernel would break the connection with what was
 * said still unread, and our answer could be lost.
 */
static void
drop_words(int fd, bool to_end, int64_t end_ns)
{
	char bytes[512], last[4] = "";
	size_t total = 0;

	while (total < REQUEST_BYTES_MAX) {
		struct pollfd polled = { .fd = fd, .events = POLLIN };
		int64_t left_ns = end_ns - clock_boot_ns();
		ssize_t got;

		if (left_ns <= 0 || poll(&polled, 1, (int)(left_ns / NS_PER_MS) + 1) <= 0) {
			return;
		}
		got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got <= 0) {
			return;
		}
		total += (size_t)got;
		for (ssize_t i = 0; i < got; i++) {
			memmove(last, last + 1, 3);
			last[3] = bytes[i];
			if (!to_end &&
			    (memcmp(last, "\r\n\r\n", 4) == 0 ||
				memcmp(last + 2, "\n\n", 2) == 0)) {
				return;
			}
		}
	}
}

void
answer_call(int fd, const struct answer *answer, int64_t now_s)
{
	int64_t end_ns = clock_boot_ns() + CALL_NS;
	char text[ANSWER_TEXT_BYTES + 128];

	if (now_s >= answer->until_s) {
		return;
	}
	if (answer->redirect) {
		drop_words(fd, false, end_ns);
		snprintf(text, sizeof(text),
		    "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n"
		    "Connection: close\r\n\r\n",
		    answer->text);
	} else {
		snprintf(text, sizeof(text), "%s\r\n", answer->text);
	}
	if (send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) > 0 &&
	    shutdown(fd, SHUT_WR) == 0) {
		drop_words(fd, true, end_ns);
	}
}

int
answer_run(const char *config)
{
	struct buf text = { .limit_bytes = CONFIG_BYTES_MAX };
	struct answer answer;
	struct error err;
	int status = file_read_plain(config, 0, &text, &err);

	if (status == 0 && answer_parse(buf_str(&text), text.len, &answer, &err) < 0) {
		status = error_wrap(&err, "%s", config);
	}
	if (status == 0) {
		answer_call(STDIN_FILENO, &answer, clock_real_ns() / NS_PER_S);
	} else {
		log_error("answer: %s; `timetier apply` writes this file", err.text);
	}
	buf_free(&text);
	return status < 0 ? FAILED : DONE;
}
