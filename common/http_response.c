#include "common/http_response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The value of header @name in @line, or NULL. */
static const char *
value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':') {
		return NULL;
	}
	line += len + 1;
	return line + strspn(line, " \t");
}

static bool
read_header(struct http_response *answer, const char *line)
{
	const char *value;
	char *end;

	value = value_of(line, "content-length");
	if (value) {
		answer->has_length = true;
		answer->left = strtoull(value, &end, 10);
		if (value[0] < '0' || value[0] > '9' || *end || answer->left > answer->body_max) {
			return false;
		}
	}
	value = value_of(line, "connection");
	if (value && strcasecmp(value, "close") == 0) {
		answer->close = true;
	}
	if (value_of(line, "transfer-encoding")) {
		answer->close = true;
		return !answer
			    ->body; /* chunks are not read: nobody who asks by HTTP/1.0 gets any */
	}
	return true;
}

/* The head is whole: from "HTTP/1.1 204 No Content" to the empty line. */
static bool
read_head(struct http_response *answer, char *head)
{
	char *rest = head, *line = strsep(&rest, "\n");
	int minor;

	if (sscanf(line, "HTTP/1.%1d %3d", &minor, &answer->status) != 2 || answer->status < 200 ||
	    answer->status > 599) {
		return false;
	}
	answer->close = minor == 0;
	while (rest && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (line[0] && !read_header(answer, line)) {
			return false;
		}
	}
	if (answer->status == 204 || answer->status == 304) {
		answer->has_length = true;
		answer->left = 0;
	}
	answer->has_head = true;
	return true;
}

/* Add to the head what belongs to it; how many of the @len bytes that were, or -1. */
static ssize_t
take_head(struct http_response *answer, const char *bytes, size_t len)
{
	size_t before = answer->head.len, room = HTTP_HEAD_BYTES - before;
	size_t taken = len < room ? len : room;
	char *end;

	buf_add(&answer->head, bytes, taken);
	end = strstr(buf_str(&answer->head), "\r\n\r\n");
	if (end) {
		end[2] = '\0';
		taken = (size_t)(end + 4 - answer->head.data) - before;
	}
	if (memchr(bytes, '\0', taken) || (!end && answer->head.len == HTTP_HEAD_BYTES)) {
		return -1;
	}
	return !end || read_head(answer, answer->head.data) ? (ssize_t)taken : -1;
}

/* A body whose length was not told: it is kept until the connection ends, or not looked at. */
static enum http_progress
take_open_body(struct http_response *answer, const char *bytes, size_t len)
{
	answer->close = answer->close || answer->body || len > 0;
	if (!answer->body) {
		return HTTP_DONE;
	}
	if (len > answer->body_max - answer->body->len) {
		return HTTP_BROKEN;
	}
	buf_add(answer->body, bytes, len);
	return HTTP_MORE;
}

enum http_progress
http_response_feed(struct http_response *answer, const char *bytes, size_t len)
{
	if (!answer->has_head) {
		ssize_t taken = take_head(answer, bytes, len);

		if (taken < 0) {
			return HTTP_BROKEN;
		}
		if (!answer->has_head) {
			return HTTP_MORE;
		}
		bytes += taken;
		len -= (size_t)taken;
	}
	if (!answer->has_length) {
		return take_open_body(answer, bytes, len);
	}
	if (len > answer->left) {
		answer->close = true; /* more than was announced: nobody looks at it */
		len = (size_t)answer->left;
	}
	if (answer->body) {
		buf_add(answer->body, bytes, len);
	}
	answer->left -= len;
	return answer->left == 0 ? HTTP_DONE : HTTP_MORE;
}

bool
http_response_is_whole(const struct http_response *answer)
{
	return answer->has_head && (!answer->has_length || answer->left == 0);
}

void
http_response_free(struct http_response *answer)
{
	buf_free(&answer->head);
}
