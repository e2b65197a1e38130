/* The little of HTTP/1.1 that a report needs: one request, the head of one response.  Pure. */
#ifndef AGENT_UPLINK_HTTP_H
#define AGENT_UPLINK_HTTP_H

#include "agent/uplink/config.h"
#include "common/buf.h"

/* Add the request that delivers @body (@len bytes) to @out. */
void http_post(const struct agent_config *config, const struct collector_address *collector,
    const char *body, size_t len, struct buf *out);

enum http_progress {
	HTTP_MORE,
	HTTP_DONE,
	HTTP_BROKEN, /* not HTTP, or larger than anything that a collector answers */
};

/* Begin with { .head = { .limit_bytes = HTTP_HEAD_BYTES } }; http_response_free() ends it. */
struct http_response {
	struct buf head;
	bool has_head;
	int status;    /* 204, 401, ... */
	uint64_t body; /* bytes of the body that are still to come */
	bool close;    /* the connection is of no use afterwards */
};
#define HTTP_HEAD_BYTES 8192
#define HTTP_BODY_BYTES 65536 /* of an answer; it is read and thrown away */

/* Take bytes as they came. */
enum http_progress http_feed(struct http_response *response, const char *bytes, size_t len);

void http_response_free(struct http_response *response);

#endif
