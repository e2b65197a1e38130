/*
 * HTTP servers: by TLS in threads of their own, or plain on the loop.  Bodies are bounded, and
 * whoever is refused still gets the answer.
 */
#ifndef ORCHESTRATOR_COLLECT_HTTP_H
#define ORCHESTRATOR_COLLECT_HTTP_H

#include "common/buf.h"
#include "common/error.h"

#include <uv.h>

struct http_server;

struct http_request {
	const char *method, *path; /* unescaped, without query */
	struct buf body;           /* while it is wanted */
	bool too_large;            /* the body is, and was not kept */
	int decision;              /* the handler's own, from accept to answer */
	void *connection;
};

#define HTTP_FIELDS_MAX 16

struct http_field {
	const char *name, *value; /* static */
};

struct http_answer {
	unsigned code;
	const char *type; /* NULL: none */
	char *body;
	size_t len;
	bool owned; /* @body is freed by the server */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t field_count;
	bool tagged; /* with an ETag; who has the body already gets 304 */
};

struct http_handler {
	size_t body_limit_bytes;
	/* The header is there: whether the body is wanted. */
	bool (*accept)(void *context, struct http_request *request);
	/* Everything is there: fill @answer, which is zeroed. */
	void (*answer)(void *context, struct http_request *request, struct http_answer *answer);
	void *context;
};

/* A field of the request's header, or NULL; borrowed. */
const char *http_header(const struct http_request *request, const char *name);

/* An argument of the request's query, or NULL; borrowed. */
const char *http_argument(const struct http_request *request, const char *name);

void http_add_field(struct http_answer *answer, const char *name, const char *value);

/*
 * Start to answer by TLS 1.2 and 1.3; the handler is called in the server's threads.
 *
 * @fd: a listening socket, owned by the server from then on
 */
int http_start_tls(int fd, const char *key_pem, const char *certificate_pem,
    const struct http_handler *handler, struct http_server **server, struct error *err) MUST_CHECK;

/* Start to answer plain HTTP on the loop. */
int http_start_plain(int fd, uv_loop_t *loop, const struct http_handler *handler,
    struct http_server **server, struct error *err) MUST_CHECK;

/* No thread is left, and no handler is called, when it returns.  Takes NULL.  A plain server is
 * freed when the loop has closed its handles. */
void http_stop(struct http_server *server);

#endif
