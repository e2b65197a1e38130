#include "agent/uplink/http.h"

#include "common/version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
http_post(const struct agent_config *config, const struct collector_address *collector,
    const char *body, size_t len, struct buf *out)
{
	bool ipv6 = strchr(collector->host, ':') != NULL;

	buf_printf(out,
	    "POST /api/v1/report HTTP/1.1\r\n"
	    "Host: %s%s%s:%s\r\n"
	    "User-Agent: timetier-agent/" TIMETIER_VERSION "\r\n"
	    "Authorization: Bearer %s\r\n"
	    "Timetier-Host: %s\r\n"
	    "Content-Type: application/json\r\n"
	    "Content-Length: %zu\r\n"
	    "\r\n",
	    ipv6 ? "[" : "", collector->host, ipv6 ? "]" : "", collector->port, config->token,
	    config->host, len);
	buf_add(out, body, len);
}

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
read_header(struct http_response *response, const char *line)
{
	const char *value;
	char *end;

	value = value_of(line, "content-length");
	if (value) {
		response->body = strtoull(value, &end, 10);
		if (value[0] < '0' || value[0] > '9' || *end || response->body > HTTP_BODY_BYTES) {
			return false;
		}
	}
	value = value_of(line, "connection");
	if (value && strcasecmp(value, "close") == 0) {
		response->close = true;
	}
	if (value_of(line, "transfer-encoding")) {
		response->close = true; /* its end is not looked for */
	}
	return true;
}

/* The head is whole: from "HTTP/1.1 204 No Content" to the empty line. */
static bool
read_head(struct http_response *response, char *head)
{
	char *rest = head, *line = strsep(&rest, "\n");
	int minor;

	if (sscanf(line, "HTTP/1.%1d %3d", &minor, &response->status) != 2 ||
	    response->status < 200 || response->status > 599) {
		return false;
	}
	response->close = minor == 0;
	while (rest && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (line[0] && !read_header(response, line)) {
			return false;
		}
	}
	if (response->status == 204 || response->status == 304) {
		response->body = 0;
	}
	return true;
}

enum http_progress
http_feed(struct http_response *response, const char *bytes, size_t len)
{
	size_t rest = len;
	char *end;

	if (!response->has_head) {
		buf_add(&response->head, bytes, len);
		if (response->head.overflowed || memchr(bytes, '\0', len)) {
			return HTTP_BROKEN;
		}
		end = strstr(buf_str(&response->head), "\r\n\r\n");
		if (!end) {
			return HTTP_MORE;
		}
		end[2] = '\0';
		rest = response->head.len - (size_t)(end + 4 - response->head.data);
		if (!read_head(response, response->head.data)) {
			return HTTP_BROKEN;
		}
		response->has_head = true;
	}
	if (rest > response->body) {
		response->close = true; /* more than was announced: never look at it */
		rest = (size_t)response->body;
	}
	response->body -= rest;
	return response->body == 0 ? HTTP_DONE : HTTP_MORE;
}

void
http_response_free(struct http_response *response)
{
	buf_free(&response->head);
}
