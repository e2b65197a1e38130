#include "agent/uplink/connection.h"

#include "agent/uplink/http.h"
#include "common/http_response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 5000 /* TCP and TLS */
#define ANSWER_MS 10000
#define KEEP_ALIVE_S 60

enum state {
	STATE_CONNECTING,
	STATE_IDLE,
	STATE_WAITING, /* for the answer to a request */
	STATE_ENDED,
};

struct connection {
	enum state state;
	uv_loop_t *loop;
	const struct collector_address *address;
	void *owner;
	connection_done done; /* of the request that waits to be sent or answered */
	struct tls *tls;
	struct buf request; /* until it is sent */
	struct buf plain, out;
	struct http_response answer;
	struct error err;
	uv_tcp_t socket;
	uv_timer_t timer;
	uv_connect_t connecting;
	uv_getaddrinfo_t resolving;
	bool is_resolving, closing;
	unsigned open; /* handles that are not closed yet */
};

struct write {
	uv_write_t request;
	char bytes[];
};

static void
free_connection(struct connection *connection)
{
	if (connection->open > 0 || connection->is_resolving) {
		return;
	}
	tls_free(connection->tls);
	buf_free(&connection->request);
	buf_free(&connection->plain);
	buf_free(&connection->out);
	http_response_free(&connection->answer);
	free(connection);
}

static void
on_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;

	connection->open--;
	if (connection->closing) {
		free_connection(connection);
	}
}

static void
close_handles(struct connection *connection)
{
	if (!uv_is_closing((uv_handle_t *)&connection->socket)) {
		uv_close((uv_handle_t *)&connection->socket, on_closed);
	}
	if (!uv_is_closing((uv_handle_t *)&connection->timer)) {
		uv_close((uv_handle_t *)&connection->timer, on_closed);
	}
}

/* End the request, and with @error the connection, too. */
static void
finish(struct connection *connection, int status, const char *error)
{
	connection_done done = connection->done;
	char text[sizeof(connection->err.text)] = "";

	if (error) {
		snprintf(text, sizeof(text), "%s", error);
		connection->state = STATE_ENDED;
		close_handles(connection);
	}
	connection->done = NULL;
	if (done) {
		done(connection->owner, status, error ? text : NULL);
	}
}

static void
on_written(uv_write_t *request, int status UNUSED)
{
	free(request->data); /* on_read() sees what went wrong */
}

/* Send the bytes that TLS has written to out. */
static void
flush(struct connection *connection)
{
	struct write *write;
	uv_buf_t buf;

	if (connection->out.len == 0) {
		return;
	}
	write = malloc(sizeof(*write) + connection->out.len);
	if (!write) {
		abort();
	}
	memcpy(write->bytes, connection->out.data, connection->out.len);
	buf = uv_buf_init(write->bytes, (unsigned)connection->out.len);
	write->request.data = write;
	buf_reset(&connection->out);
	if (uv_write(&write->request, (uv_stream_t *)&connection->socket, &buf, 1, on_written) <
	    0) {
		free(write);
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct connection *connection = timer->data;

	if (connection->err.text[0]) {
		finish(connection, 0, connection->err.text);
	} else if (connection->state == STATE_WAITING) {
		finish(connection, 0, "no answer within 10 s");
	} else {
		finish(connection, 0, "no connection within 5 s");
	}
}

static void
send_request(struct connection *connection)
{
	if (tls_send(connection->tls, connection->request.data, connection->request.len,
		&connection->out, &connection->err) < 0) {
		finish(connection, 0, connection->err.text);
		return;
	}
	buf_reset(&connection->request);
	buf_reset(&connection->answer.head);
	connection->answer =
	    (struct http_response){ .body_max = HTTP_BODY_BYTES, .head = connection->answer.head };
	connection->state = STATE_WAITING;
	uv_timer_start(&connection->timer, on_timer, ANSWER_MS, 0);
	flush(connection);
}

/* The connection is ready: send the request that waits. */
static void
on_ready(struct connection *connection)
{
	connection->state = STATE_IDLE;
	uv_timer_stop(&connection->timer);
	if (connection->request.len > 0) {
		send_request(connection);
	}
}

static void
take_answer(struct connection *connection)
{
	struct http_response *answer = &connection->answer;
	enum http_progress progress;

	if (connection->state != STATE_WAITING) {
		finish(connection, 0, "it speaks without being asked");
		return;
	}
	progress = http_response_feed(answer, connection->plain.data, connection->plain.len);
	buf_reset(&connection->plain);
	if (progress == HTTP_BROKEN) {
		finish(connection, 0, "its answer is not HTTP");
	} else if (progress == HTTP_DONE) {
		uv_timer_stop(&connection->timer);
		connection->state = answer->close ? STATE_ENDED : STATE_IDLE;
		if (answer->close) {
			close_handles(connection);
		}
		finish(connection, answer->status, NULL);
	}
}

static void
take_bytes(struct connection *connection, const void *bytes, size_t len)
{
	enum tls_progress progress = tls_feed(
	    connection->tls, bytes, len, &connection->plain, &connection->out, &connection->err);

	flush(connection);
	if (connection->plain.overflowed) {
		finish(connection, 0, "its answer is too long");
	} else if (progress == TLS_FAILED) {
		finish(connection, 0, connection->err.text);
	} else if (progress == TLS_READY && connection->state == STATE_CONNECTING) {
		on_ready(connection);
	} else if (connection->plain.len > 0) {
		take_answer(connection);
	}
	if (progress == TLS_CLOSED && connection->state != STATE_ENDED) {
		finish(connection, 0, "it closed the connection");
	}
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char chunk[16384]; /* one loop, and what is read is used at once */

	*buf = uv_buf_init(chunk, sizeof(chunk));
}

static void
on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct connection *connection = stream->data;

	if (connection->state == STATE_ENDED) {
		return;
	}
	if (got < 0) {
		finish(connection, 0,
		    got == UV_EOF ? "it closed the connection" : uv_strerror((int)got));
	} else if (got > 0) {
		take_bytes(connection, buf->base, (size_t)got);
	}
}

static void
on_connected(uv_connect_t *request, int status)
{
	struct connection *connection = request->data;

	if (connection->state == STATE_ENDED) {
		return;
	}
	if (status < 0) {
		finish(connection, 0, uv_strerror(status));
		return;
	}
	uv_tcp_nodelay(&connection->socket, 1);
	uv_tcp_keepalive(&connection->socket, 1, KEEP_ALIVE_S);
	uv_read_start((uv_stream_t *)&connection->socket, on_alloc, on_read);
	take_bytes(connection, NULL, 0);
}

static void
connect_to(struct connection *connection, const struct sockaddr *address)
{
	int status;

	connection->connecting.data = connection;
	status =
	    uv_tcp_connect(&connection->connecting, &connection->socket, address, on_connected);
	if (status < 0) {
		snprintf(
		    connection->err.text, sizeof(connection->err.text), "%s", uv_strerror(status));
		/* reported from the loop, as every other error */
		uv_timer_start(&connection->timer, on_timer, 0, 0);
	}
}

static void
on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct connection *connection = request->data;

	connection->is_resolving = false;
	if (connection->closing) {
		free_connection(connection);
	} else if (connection->state == STATE_ENDED) {
		/* the name took too long to resolve */
	} else if (status < 0) {
		finish(connection, 0, uv_strerror(status));
	} else {
		connect_to(connection, list->ai_addr);
	}
	uv_freeaddrinfo(list);
}

static void
start(struct connection *connection)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const struct collector_address *address = connection->address;
	struct sockaddr_storage numeric;
	int port = (int)strtol(address->port, NULL, 10);

	if (uv_ip4_addr(address->host, port, (struct sockaddr_in *)&numeric) == 0 ||
	    uv_ip6_addr(address->host, port, (struct sockaddr_in6 *)&numeric) == 0) {
		connect_to(connection, (const struct sockaddr *)&numeric);
		return;
	}
	connection->resolving.data = connection;
	connection->is_resolving = uv_getaddrinfo(connection->loop, &connection->resolving,
				       on_resolved, address->host, address->port, &hints) == 0;
}

struct connection *
connection_open(uv_loop_t *loop, struct tls_context *context,
    const struct collector_address *address, void *owner)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		abort();
	}
	connection->loop = loop;
	connection->address = address;
	connection->owner = owner;
	connection->plain.limit_bytes = HTTP_HEAD_BYTES + HTTP_BODY_BYTES;
	connection->tls = tls_new(context, address->host);
	uv_tcp_init(loop, &connection->socket);
	uv_timer_init(loop, &connection->timer);
	connection->socket.data = connection->timer.data = connection;
	connection->open = 2;
	uv_timer_start(&connection->timer, on_timer, CONNECT_MS, 0);
	start(connection);
	return connection;
}

void
connection_post(
    struct connection *connection, const char *request, size_t len, connection_done done)
{
	connection->done = done;
	buf_reset(&connection->request);
	buf_add(&connection->request, request, len);
	if (connection->state == STATE_IDLE) {
		send_request(connection);
	}
}

bool
connection_is_open(const struct connection *connection)
{
	return connection->state == STATE_IDLE;
}

void
connection_close(struct connection *connection)
{
	if (!connection) {
		return;
	}
	connection->state = STATE_ENDED;
	connection->done = NULL;
	connection->closing = true;
	close_handles(connection);
	if (connection->is_resolving) {
		uv_cancel((uv_req_t *)&connection->resolving);
	}
	free_connection(connection);
}
