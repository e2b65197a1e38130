#include "orchestrator/watch/asker.h"

#include "orchestrator/publish/fetch.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 65536

struct question {
	uv_tcp_t tcp;
	uv_timer_t limit;
	uv_connect_t connect;
	struct addrinfo *found;      /* the addresses of the collector, */
	const struct addrinfo *next; /* and which is tried when this one does not answer */
	uv_write_t write;
	unsigned open; /* handles that are not closed yet */
	bool ended;
	struct buf request, body;
	struct http_response answer;
	enum http_progress progress;
	char chunk[CHUNK_BYTES];
	asked_fn *fn;
	void *context;
	char *url;
};

static void
closed(uv_handle_t *handle)
{
	struct question *question = handle->data;

	if (--question->open > 0) {
		return;
	}
	freeaddrinfo(question->found);
	http_response_free(&question->answer);
	buf_free(&question->request);
	buf_free(&question->body);
	free(question->url);
	free(question);
}

void
question_drop(struct question *question)
{
	if (question && !question->ended) {
		question->ended = true;
		if (!uv_is_closing((uv_handle_t *)&question->tcp)) {
			uv_close((uv_handle_t *)&question->tcp, closed);
		}
		uv_close((uv_handle_t *)&question->limit, closed);
	}
}

/* @err: NULL when all came */
static void
end(struct question *question, struct error *err)
{
	if (question->ended) {
		return;
	}
	if (err) {
		error_wrap(err, "%s", question->url);
	}
	question->fn(question->context, err ? NULL : &question->body, err);
	question_drop(question);
}

static void
fail(struct question *question, int status)
{
	struct error err;

	(void)error_set(&err, "no answer: %s", uv_strerror(status));
	end(question, &err);
}

static void
give_room(uv_handle_t *handle, size_t wanted UNUSED, uv_buf_t *room)
{
	struct question *question = handle->data;

	*room = uv_buf_init(question->chunk, sizeof(question->chunk));
}

static void
take(uv_stream_t *stream, ssize_t got, const uv_buf_t *room)
{
	struct question *question = stream->data;
	struct error err;

	if (got == 0) {
		return;
	}
	if (got > 0) {
		question->progress = http_response_feed(&question->answer, room->base, (size_t)got);
		if (question->progress == HTTP_MORE) {
			return;
		}
	} else if (got != UV_EOF) {
		fail(question, (int)got);
		return;
	}
	end(question, fetch_judge(&question->answer, question->progress, &err) < 0 ? &err : NULL);
}

static void
written(uv_write_t *write, int status)
{
	struct question *question = write->data;

	if (status < 0 && status != UV_ECANCELED) {
		fail(question, status);
	}
}

static void connected(uv_connect_t *connect, int status);

/* Try the next address, with a socket of its own. */
static void
try_next(uv_handle_t *handle)
{
	struct question *question = handle->data;
	const struct addrinfo *address = question->next;
	int status;

	if (question->ended) {
		closed(handle);
		return;
	}
	question->next = address->ai_next;
	uv_tcp_init(question->limit.loop, &question->tcp);
	status = uv_tcp_connect(&question->connect, &question->tcp, address->ai_addr, connected);
	if (status < 0) {
		fail(question, status);
	}
}

static void
connected(uv_connect_t *connect, int status)
{
	struct question *question = connect->data;
	uv_buf_t bytes = uv_buf_init(question->request.data, (unsigned)question->request.len);

	if (question->ended) {
		return;
	}
	if (status < 0 && question->next) {
		uv_close((uv_handle_t *)&question->tcp, try_next);
		return;
	}
	if (status == 0) {
		question->write.data = question;
		status =
		    uv_write(&question->write, (uv_stream_t *)&question->tcp, &bytes, 1, written);
	}
	if (status == 0) {
		status = uv_read_start((uv_stream_t *)&question->tcp, give_room, take);
	}
	if (status < 0) {
		fail(question, status);
	}
}

static void
late(uv_timer_t *timer)
{
	struct error err;

	(void)error_set(&err, "no answer within %d s", FETCH_TIMEOUT_S);
	end(timer->data, &err);
}

static int
look_up(const struct fetch_target *target, struct addrinfo **found, struct error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	int status = getaddrinfo(target->host, target->port, &hints, found);

	return status == 0
	    ? 0
	    : error_set(err, "%s port %s: %s", target->host, target->port, gai_strerror(status));
}

struct question *
question_ask(uv_loop_t *loop, const char *url, const char *path, asked_fn *fn, void *context,
    struct error *err)
{
	struct question *question;
	struct fetch_target target;
	struct addrinfo *found;

	if (fetch_parse_url(url, &target, err) < 0 || look_up(&target, &found, err) < 0) {
		return NULL;
	}
	question = calloc(1, sizeof(*question));
	if (!question) {
		abort();
	}
	question->fn = fn;
	question->context = context;
	question->url = strdup(url);
	question->answer =
	    (struct http_response){ .body_max = FETCH_BYTES_MAX, .body = &question->body };
	fetch_request(&target, path, &question->request);
	uv_tcp_init(loop, &question->tcp);
	uv_timer_init(loop, &question->limit);
	question->open = 2;
	question->tcp.data = question->limit.data = question->connect.data = question;
	uv_timer_start(&question->limit, late, FETCH_TIMEOUT_S * 1000, 0);
	question->found = found;
	question->next = found->ai_next;
	if (uv_tcp_connect(&question->connect, &question->tcp, found->ai_addr, connected) < 0) {
		question_drop(question);
		(void)error_set(err, "no collector at %s port %s", target.host, target.port);
		return NULL;
	}
	return question;
}
