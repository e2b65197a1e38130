/* The answer of an HTTP/1.x server, read as its bytes come.  This file does no I/O. */
#ifndef COMMON_HTTP_RESPONSE_H
#define COMMON_HTTP_RESPONSE_H

#include "common/buf.h"

#define HTTP_HEAD_BYTES 8192

enum http_progress {
	HTTP_MORE,
	HTTP_DONE,
	HTTP_BROKEN, /* not HTTP, or larger than the caller wants */
};

/* The caller sets the first two members, and the rest to zero; http_response_free() ends it. */
struct http_response {
	uint64_t body_max; /* bytes: a longer body is refused */
	struct buf *body;  /* the body is added to it; NULL: the body is thrown away */
	struct buf head;
	bool has_head;
	int status;      /* 204, 401, ... */
	bool has_length; /* else the body ends with the connection */
	uint64_t left;   /* bytes of the body that are still to come */
	bool close;      /* the connection is of no use after this answer */
};

/*
 * Take @len bytes as they came.
 *
 * Returns HTTP_DONE once the whole body has come, as far as its length was told.  A body without a
 * length is no part of the answer when it is thrown away, and else HTTP_MORE goes on until the
 * connection ends.
 */
enum http_progress http_response_feed(struct http_response *answer, const char *bytes, size_t len);

/* Whether the answer is whole now that the connection has ended. */
bool http_response_is_whole(const struct http_response *answer);

void http_response_free(struct http_response *answer);

#endif
