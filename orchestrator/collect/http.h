/*
 * HTTP servers: with TLS in threads of their own, or plain on the loop.  Bodies are bounded, and a
 * client that is refused still gets an answer.
 */
#ifndef ORCHESTRATOR_COLLECT_HTTP_H
#define ORCHESTRATOR_COLLECT_HTTP_H

#include "common/buf.h"
#include "common/error.h"

#include <uv.h>

struct http_server;

struct http_request {
	const char *method, *path; /* unescaped, without query */
	struct buf body;           /* when accept() wants it */
	bool too_large;            /* the body is too large, and was not kept */
	int decision;              /* for the handler: accept() may set it for answer() */
	void *connection;
};

#define HTTP_FIELDS_MAX 16

struct http_field {
	const char *name, *value; /* static */
};

struct http_answer {
	unsigned code;
	const char *type; /* NULL: none */
	const char *body;
	size_t len;
	char *owned; /* NULL, or @body, which the server frees */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t field_count;
	bool tagged; /* send an ETag; a client that has the body gets 304 */
	bool stream; /* of a plain server: no body, but every event of http_tell() */
};

struct http_handler {
	size_t body_limit_bytes;
	/* The header has come.  Returns whether the body is wanted. */
	bool (*accept)(void *context, struct http_request *request);
	/* The request has come, or is too large: fill @answer, which is zeroed. */
	void (*answer)(void *context, struct http_request *request, struct http_answer *answer);
	void *context;
};

/* The value of a field in the request's header, or NULL; borrowed. */
const char *http_header(const struct http_request *request, const char *name);

/* The value of an argument in the request's query, or NULL; borrowed. */
const char *http_argument(const struct http_request *request, const char *name);

/*
 * The request has shown the token of @host: from now on its connection is a known host's, which
 * strangers cannot push out (orchestrator/collect/visitors.h).  May be called from accept().
 */
void http_prove(struct http_server *server, const struct http_request *request, const char *host);

void http_add_field(struct http_answer *answer, const char *name, const char *value);

/*
 * Start to answer HTTPS, by TLS 1.2 or 1.3; the handler is called in the server's threads.
 *
 * @fd: a listening socket, owned by the server from then on
 */
int http_start_tls(int fd, const char *key_pem, const char *certificate_pem,
    const struct http_handler *handler, struct http_server **server, struct error *err) MUST_CHECK;

/* Start to answer plain HTTP on the loop. */
int http_start_plain(int fd, uv_loop_t *loop, const struct http_handler *handler,
    struct http_server **server, struct error *err) MUST_CHECK;

/*
 * Tell @event to everybody whose answer is a stream, and as the first one to everybody whose will
 * be.
 *
 * @server: a plain one
 * @event:  of at most 255 bytes, as text/event-stream has it, with its empty line; NULL: there is
 *          none, and only those who went are forgotten, which has to be done now and then
 */
void http_tell(struct http_server *server, const char *event);

/* End @server, which may be NULL.  When this returns, no thread is left and no handler is called
 * any more.  A plain server is freed when the loop has closed its handles. */
void http_stop(struct http_server *server);

#endif
