/*
 * The only file that knows libmicrohttpd, beside streams.c.
 *
 * Plain HTTP runs in epoll mode: the loop watches the one descriptor of the library.  TLS runs in
 * poll mode in the library's own threads: in epoll mode, version 0.9.75 uses a whole core for every
 * client that is silent during its handshake.
 */
#include "orchestrator/collect/http.h"

#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "orchestrator/collect/streams.h"
#include "orchestrator/collect/visitors.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TLS_THREADS 2
#define TLS_CONNECTIONS_MAX 4096
#define TLS_CONNECTION_BYTES 8192 /* for headers; we keep the bodies ourselves */
#define TLS_STRANGER_S 10         /* so long may a connection last that shows no token */
#define TLS_STRANGERS_OF_ADDRESS 256
#define TLS_OF_HOST 4
#define TLS_TIMEOUT_S                                                                              \
	150 /* longer than two report intervals: the connections of hosts stay open                \
	     */
#define TLS_PRIORITIES                                                                             \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:-CIPHER-ALL:"             \
	"+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305" /* forward secrecy, no CBC; RFC 9325 4.2 */
#define PLAIN_CONNECTIONS_MAX 256
#define PLAIN_OF_ADDRESS 192
#define PLAIN_CONNECTION_BYTES 32768
#define PLAIN_TIMEOUT_S 60
#define SLACK 64            /* connections that were sent away and are not closed yet */
#define DRAIN_BYTES 1048576 /* at most so much of any body is read */
#define ETAG_BYTES 24

struct http_server {
	struct MHD_Daemon *daemon;
	struct http_handler handler;
	struct visitors *visitors;
	struct streams *streams; /* of a plain server; NULL with TLS */
	uv_poll_t poll;          /* likewise */
	uv_timer_t timer;
	int handles; /* of the loop, not closed yet; 0 with TLS */
};

/* One request while it comes in. */
struct making {
	struct http_request request;
	bool wanted;
	uint64_t seen_bytes; /* of the body, kept or not */
};

const char *
http_header(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *
http_argument(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

void
http_add_field(struct http_answer *answer, const char *name, const char *value)
{
	if (answer->field_count < HTTP_FIELDS_MAX) {
		answer->fields[answer->field_count++] = (struct http_field){ name, value };
	}
}

/* Make the ETag of @answer; a client that has this body already gets 304 and no body. */
static void
tag(const struct http_request *request, struct http_answer *answer, char *etag)
{
	uint64_t hash = hash_add(HASH_START, answer->body, answer->len);
	const char *known = http_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH);

	snprintf(etag, ETAG_BYTES, "\"%016llx\"", (unsigned long long)hash);
	if (answer->code == MHD_HTTP_OK && known && strstr(known, etag)) {
		answer->code = MHD_HTTP_NOT_MODIFIED;
		answer->len = 0;
	}
}

static struct MHD_Response *
response_of(const struct http_answer *answer)
{
	/* libmicrohttpd reads a persistent buffer, and its parameter has no const for one */
	struct MHD_Response *response = answer->owned
	    ? MHD_create_response_from_buffer(answer->len, answer->owned, MHD_RESPMEM_MUST_FREE)
	    : MHD_create_response_from_buffer(
		  answer->len, (void *)(uintptr_t)answer->body, MHD_RESPMEM_PERSISTENT);

	if (!response) {
		abort();
	}
	return response;
}

/* A response that goes on, or the answer that there are too many. */
static struct MHD_Response *
stream_of(struct http_server *server, struct http_request *request, struct http_answer *answer)
{
	struct MHD_Response *response = streams_add(server->streams, request->connection);

	if (response) {
		return response;
	}
	answer->code = MHD_HTTP_SERVICE_UNAVAILABLE;
	answer->type = NULL;
	http_add_field(answer, "Retry-After", "10");
	return response_of(answer);
}

static enum MHD_Result
send_answer(struct http_server *server, struct http_request *request, struct http_answer *answer)
{
	char etag[ETAG_BYTES] = "";
	struct MHD_Response *response;
	enum MHD_Result result;

	if (answer->tagged && !answer->stream) {
		tag(request, answer, etag);
	}
	response = answer->stream && server->streams ? stream_of(server, request, answer)
						     : response_of(answer);
	for (size_t i = 0; i < answer->field_count; i++) {
		MHD_add_response_header(response, answer->fields[i].name, answer->fields[i].value);
	}
	if (answer->type) {
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	}
	if (etag[0]) {
		MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag);
	}
	result = MHD_queue_response(request->connection, answer->code, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer(struct http_server *server, struct making *making)
{
	struct http_answer filled = { 0 };

	making->request.too_large = making->request.too_large || making->request.body.overflowed;
	server->handler.answer(server->handler.context, &making->request, &filled);
	return send_answer(server, &making->request, &filled);
}

/* Whether the header announces a body that is too large to be read. */
static bool
is_endless(const struct http_request *request)
{
	const char *text = http_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return text && strtoull(text, NULL, 10) > DRAIN_BYTES;
}

/* The header of a request has come. */
static enum MHD_Result
begin(struct http_server *server, struct making *making)
{
	making->wanted = server->handler.accept(server->handler.context, &making->request);
	if (is_endless(&making->request)) {
		making->request.too_large = true;
		return answer(server, making);
	}
	return MHD_YES;
}

/*
 * A part of the body has come.  An unwanted body is still read, up to DRAIN_BYTES: closing at once
 * would reset the connection, and the client would never see the answer.
 */
static enum MHD_Result
take(struct making *making, const char *data, size_t *len)
{
	making->seen_bytes += *len;
	if (making->wanted && !making->request.body.overflowed) {
		buf_add(&making->request.body, data, *len);
	}
	*len = 0;
	return making->seen_bytes > DRAIN_BYTES ? MHD_NO : MHD_YES;
}

/* The library prescribes the parameters. */
static enum MHD_Result
/* NOLINTNEXTLINE(readability-function-size) */
handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version UNUSED, const char *data, size_t *len, void **state)
{
	struct http_server *server = context;
	struct making *making = *state;
	bool begins = !making;

	if (begins) {
		making = calloc(1, sizeof(*making));
		if (!making) {
			abort();
		}
		*state = making;
		making->request.connection = connection;
		making->request.body.limit_bytes = server->handler.body_limit_bytes;
	}
	making->request.path = url;
	making->request.method = method;
	if (begins) {
		return begin(server, making);
	}
	return *len > 0 ? take(making, data, len) : answer(server, making);
}

static void
finished(void *context UNUSED, struct MHD_Connection *connection UNUSED, void **state,
    enum MHD_RequestTerminationCode code UNUSED)
{
	struct making *making = *state;

	if (making) {
		buf_free(&making->request.body);
		free(making);
		*state = NULL;
	}
}

/* To the debug log only: broken handshakes and scanners are no news to the operator. */
static void log_http(void *context, const char *fmt, va_list ap) PRINTF(2, 0);

static void
log_http(void *context UNUSED, const char *fmt, va_list ap)
{
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http: %s", text);
}

/* How many connections fit: each needs a descriptor.  Takes all that the system allows. */
static unsigned
connections_allowed(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
		return TLS_CONNECTIONS_MAX / 8;
	}
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur > 2 * TLS_CONNECTIONS_MAX ? TLS_CONNECTIONS_MAX
							: (unsigned)limit.rlim_cur / 2;
}

static struct http_server *
new_server(const struct http_handler *handler, const struct visitor_limits *limits)
{
	struct http_server *made = calloc(1, sizeof(*made));

	if (!made) {
		abort();
	}
	made->handler = *handler;
	made->visitors = visitors_new(limits);
	return made;
}

static void
free_server(struct http_server *server)
{
	streams_free(server->streams);
	visitors_free(server->visitors);
	free(server);
}

static struct visitor *
visitor_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
	    ->socket_context;
}

void
http_prove(struct http_server *server, const struct http_request *request, const char *host)
{
	struct MHD_Connection *connection = request->connection;

	visitors_prove(server->visitors, visitor_of(connection), host);
	MHD_set_connection_option(
	    connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)TLS_TIMEOUT_S);
}

/* A connection has come, or ends: its socket is still open then (0.9.75). */
static void
note_connection(void *context, struct MHD_Connection *connection, void **visitor,
    enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = context;
	const union MHD_ConnectionInfo *peer, *socket;
	struct ip ip;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		visitors_go(server->visitors, *visitor);
		return;
	}
	peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	ip_of_sockaddr(peer->client_addr, &ip);
	*visitor = visitors_come(server->visitors, &ip, socket->connect_fd, clock_boot_ns());
}

int
http_start_tls(int fd, const char *key_pem, const char *certificate_pem,
    const struct http_handler *handler, struct http_server **server, struct error *err)
{
	unsigned allowed = connections_allowed();
	struct visitor_limits limits = {
		.strangers = allowed / 4,
		.of_address = TLS_STRANGERS_OF_ADDRESS,
		.known = allowed - allowed / 4,
		.of_host = TLS_OF_HOST,
		.stranger_ns = TLS_STRANGER_S * NS_PER_S,
	};
	struct http_server *made = new_server(handler, &limits);

	/* each thread may have all connections: who has to go is decided by the visitors */
	made->daemon = MHD_start_daemon(
	    MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle,
	    made, MHD_OPTION_EXTERNAL_LOGGER, log_http, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
	    MHD_OPTION_HTTPS_MEM_KEY, key_pem, MHD_OPTION_HTTPS_MEM_CERT, certificate_pem,
	    MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES, MHD_OPTION_THREAD_POOL_SIZE,
	    (unsigned)TLS_THREADS, MHD_OPTION_CONNECTION_LIMIT, TLS_THREADS * (allowed + SLACK),
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TLS_STRANGER_S, MHD_OPTION_NOTIFY_CONNECTION,
	    note_connection, made, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)TLS_CONNECTION_BYTES,
	    MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_END);
	if (!made->daemon) {
		free_server(made);
		return error_set(err, "the TLS server does not start (key, threads, descriptors)");
	}
	*server = made;
	return 0;
}

static void arm(struct http_server *server);

static void
run(struct http_server *server)
{
	MHD_run(server->daemon);
	arm(server);
}

static void
timed_out(uv_timer_t *timer)
{
	run(timer->data);
}

static void
readable(uv_poll_t *poll, int status UNUSED, int events UNUSED)
{
	run(poll->data);
}

/* Set the timer to how long the library may sleep; 0 means that it has more to do at once. */
static void
arm(struct http_server *server)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;

	if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES) {
		uv_timer_start(&server->timer, timed_out, wait_ms, 0);
	} else {
		uv_timer_stop(&server->timer);
	}
}

int
http_start_plain(int fd, uv_loop_t *loop, const struct http_handler *handler,
    struct http_server **server, struct error *err)
{
	static const struct visitor_limits limits = {
		.strangers = PLAIN_CONNECTIONS_MAX,
		.of_address = PLAIN_OF_ADDRESS,
	};
	struct http_server *made = new_server(handler, &limits);
	const union MHD_DaemonInfo *info = NULL;

	made->streams = streams_new();
	made->daemon =
	    MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
		NULL, handle, made, MHD_OPTION_EXTERNAL_LOGGER, log_http, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)PLAIN_CONNECTIONS_MAX + SLACK, MHD_OPTION_NOTIFY_CONNECTION,
		note_connection, made, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)PLAIN_TIMEOUT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)PLAIN_CONNECTION_BYTES,
		MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_END);
	if (made->daemon) {
		info = MHD_get_daemon_info(made->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	}
	if (!info || uv_poll_init(loop, &made->poll, info->epoll_fd) != 0) {
		if (made->daemon) {
			MHD_stop_daemon(made->daemon);
		}
		free_server(made);
		return error_set(err, "the HTTP server does not start");
	}
	uv_timer_init(loop, &made->timer);
	made->poll.data = made->timer.data = made;
	made->handles = 2;
	uv_poll_start(&made->poll, UV_READABLE, readable);
	arm(made);
	*server = made;
	return 0;
}

void
http_tell(struct http_server *server, const char *event)
{
	if (event) {
		streams_tell(server->streams, event);
	}
	if (streams_end_gone(server->streams) || event) {
		run(server);
	}
}

static void
closed(uv_handle_t *handle)
{
	struct http_server *server = handle->data;

	if (--server->handles == 0) {
		free_server(server);
	}
}

void
http_stop(struct http_server *server)
{
	if (!server) {
		return;
	}
	if (server->handles == 0) {
		MHD_stop_daemon(server->daemon);
		free_server(server);
		return;
	}
	streams_wake(server->streams);
	/* Close these before the library closes its descriptor, whose number may be used again. */
	uv_close((uv_handle_t *)&server->poll, closed);
	uv_close((uv_handle_t *)&server->timer, closed);
	MHD_stop_daemon(server->daemon);
}
