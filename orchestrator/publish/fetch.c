#include "orchestrator/publish/fetch.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int
fetch_parse_url(const char *url, struct fetch_target *target, struct error *err)
{
	static const char scheme[] = "http://";
	const char *host = url + strlen(scheme), *end, *colon;
	size_t len;

	if (strncmp(url, scheme, strlen(scheme)) != 0) {
		return error_set(err, "\"%s\" is not http://ADDRESS:PORT", url);
	}
	end = host + strcspn(host, "/");
	colon = *host == '[' ? strchr(host, ']') : host;
	colon = colon ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
	len = (size_t)((colon ? colon : end) - host);
	if (len >= 2 && *host == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(target->host) ||
	    (colon && (size_t)(end - colon) > sizeof(target->port))) {
		return error_set(err, "\"%s\" is not http://ADDRESS:PORT", url);
	}
	snprintf(target->host, sizeof(target->host), "%.*s", (int)len, host);
	snprintf(target->port, sizeof(target->port), "%.*s", colon ? (int)(end - colon) - 1 : 2,
	    colon ? colon + 1 : "80");
	return 0;
}

static int
connect_to(const struct fetch_target *target, int *fd, struct error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	struct timeval limit = { .tv_sec = FETCH_TIMEOUT_S };
	int status = getaddrinfo(target->host, target->port, &hints, &found), number = 0;

	if (status != 0) {
		return error_set(
		    err, "%s port %s: %s", target->host, target->port, gai_strerror(status));
	}
	*fd = -1;
	for (const struct addrinfo *one = found; one && *fd < 0; one = one->ai_next) {
		*fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
		if (*fd < 0) {
			number = errno;
			continue;
		}
		setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		if (connect(*fd, one->ai_addr, one->ai_addrlen) < 0) {
			number = errno;
			close(*fd);
			*fd = -1;
		}
	}
	freeaddrinfo(found);
	if (*fd < 0) {
		return error_errno(
		    err, number, "no collector at %s port %s", target->host, target->port);
	}
	return 0;
}

int
fetch_judge(const struct http_response *answer, enum http_progress progress, struct error *err)
{
	if (answer->status == 0) {
		return error_set(err, "the answer is not HTTP");
	}
	if (answer->status == 421) {
		return error_set(err,
		    "it does not show the page under this name: give the name to timetier serve "
		    "by --page-name, or use the collector's address");
	}
	if (answer->status != 200) {
		return error_set(err, "it answered with HTTP status %d", answer->status);
	}
	if (progress == HTTP_BROKEN) {
		return error_set(
		    err, "the answer is not HTTP, or has more than %d bytes", FETCH_BYTES_MAX);
	}
	return http_response_is_whole(answer) ? 0 : error_set(err, "the answer was cut short");
}

void
fetch_request(const struct fetch_target *target, const char *path, struct buf *request)
{
	buf_printf(
	    request, "GET %s HTTP/1.0\r\nHost: %s:%s\r\n\r\n", path, target->host, target->port);
}

static int
exchange(int fd, const struct fetch_target *target, const char *path, struct http_response *answer,
    struct error *err)
{
	enum http_progress progress = HTTP_MORE;
	struct buf request = { 0 };
	char chunk[16384];
	ssize_t got = -1;

	fetch_request(target, path, &request);
	if (send(fd, request.data, request.len, MSG_NOSIGNAL) == (ssize_t)request.len) {
		while (progress == HTTP_MORE && (got = recv(fd, chunk, sizeof(chunk), 0)) > 0) {
			progress = http_response_feed(answer, chunk, (size_t)got);
		}
	}
	buf_free(&request);
	if (got < 0) {
		return error_errno(err, errno, "no answer");
	}
	return fetch_judge(answer, progress, err);
}

int
fetch(const char *url, const char *path, struct buf *body, struct error *err)
{
	struct buf got = { 0 };
	struct http_response answer = { .body_max = FETCH_BYTES_MAX, .body = &got };
	struct fetch_target target;
	int fd = -1, status;

	if (fetch_parse_url(url, &target, err) < 0 || connect_to(&target, &fd, err) < 0) {
		return -1;
	}
	status = exchange(fd, &target, path, &answer, err);
	close(fd);
	http_response_free(&answer);
	if (status == 0) {
		buf_add(body, got.data, got.len);
	} else {
		error_wrap(err, "%s", url);
	}
	buf_free(&got);
	return status;
}
