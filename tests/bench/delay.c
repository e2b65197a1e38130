/*
 * delay ADDRESS PORT TARGET TARGET-PORT ROUND-TRIP-MS: a TCP proxy that holds back what it
 * passes on for half a round trip in each direction.  The connection itself is made at once: who
 * counts round trips adds one for it.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include "common/base.h"

struct pair {
	uv_tcp_t near, far;
	int open; /* handles that are */
	bool ended;
};

/* Bytes on their way; no bytes: the end of the stream. */
struct chunk {
	uv_timer_t timer;
	uv_write_t write;
	uv_shutdown_t end;
	struct pair *pair;
	uv_stream_t *to;
	char *bytes;
	size_t len;
};

static uv_loop_t loop;
static uv_tcp_t listener;
static struct sockaddr_in target;
static uint64_t one_way_ms;

static void
handle_closed(uv_handle_t *handle)
{
	struct pair *pair = handle->data;

	if (--pair->open == 0) {
		free(pair);
	}
}

static void
end_pair(struct pair *pair)
{
	if (!pair->ended) {
		pair->ended = true;
		uv_close((uv_handle_t *)&pair->near, handle_closed);
		uv_close((uv_handle_t *)&pair->far, handle_closed);
	}
}

static void
chunk_closed(uv_handle_t *handle)
{
	struct chunk *chunk = handle->data;

	if (--chunk->pair->open == 0) {
		free(chunk->pair);
	}
	free(chunk->bytes);
	free(chunk);
}

static void
on_written(uv_write_t *write, int status)
{
	struct chunk *chunk = write->data;

	if (status < 0) {
		end_pair(chunk->pair);
	}
	uv_close((uv_handle_t *)&chunk->timer, chunk_closed);
}

static void
on_time(uv_timer_t *timer)
{
	struct chunk *chunk = timer->data;
	uv_buf_t buf = uv_buf_init(chunk->bytes, (unsigned)chunk->len);

	if (chunk->len > 0 && !chunk->pair->ended &&
	    uv_write(&chunk->write, chunk->to, &buf, 1, on_written) == 0) {
		return;
	}
	end_pair(chunk->pair);
	uv_close((uv_handle_t *)timer, chunk_closed);
}

static void
pass_on(uv_stream_t *from, char *bytes, size_t len)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk));

	if (!chunk) {
		abort();
	}
	chunk->pair = from->data;
	chunk->pair->open++;
	chunk->to = (uv_stream_t *)(from == (uv_stream_t *)&chunk->pair->near ? &chunk->pair->far
									      : &chunk->pair->near);
	chunk->bytes = bytes;
	chunk->len = len;
	chunk->timer.data = chunk->write.data = chunk;
	uv_timer_init(&loop, &chunk->timer);
	uv_timer_start(&chunk->timer, on_time, one_way_ms, 0);
}

static void
make_room(uv_handle_t *handle UNUSED, size_t suggested, uv_buf_t *buf)
{
	buf->base = malloc(suggested); /* on_read frees it, or the chunk that it becomes */
	buf->len = buf->base ? suggested : 0;
}

static void
on_read(uv_stream_t *from, ssize_t got, const uv_buf_t *buf)
{
	if (got > 0) {
		pass_on(from, buf->base, (size_t)got);
		return;
	}
	free(buf->base);
	if (got < 0) {
		uv_read_stop(from);
		pass_on(from, NULL, 0);
	}
}

static void
on_connected(uv_connect_t *connect, int status)
{
	struct pair *pair = connect->data;

	free(connect);
	if (status < 0) {
		end_pair(pair);
		return;
	}
	uv_read_start((uv_stream_t *)&pair->near, make_room, on_read);
	uv_read_start((uv_stream_t *)&pair->far, make_room, on_read);
}

static void
on_connection(uv_stream_t *server, int status UNUSED)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	uv_connect_t *connect = calloc(1, sizeof(*connect));

	if (!pair || !connect) {
		abort();
	}
	pair->open = 2;
	pair->near.data = pair->far.data = connect->data = pair;
	uv_tcp_init(&loop, &pair->near);
	uv_tcp_init(&loop, &pair->far);
	uv_accept(server, (uv_stream_t *)&pair->near);
	uv_tcp_nodelay(&pair->near, 1);
	uv_tcp_connect(connect, &pair->far, (const struct sockaddr *)&target, on_connected);
	uv_tcp_nodelay(&pair->far, 1);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in name;

	if (argc != 6 || uv_ip4_addr(argv[1], (int)strtol(argv[2], NULL, 10), &name) ||
	    uv_ip4_addr(argv[3], (int)strtol(argv[4], NULL, 10), &target)) {
		fprintf(stderr, "usage: delay ADDRESS PORT TARGET TARGET-PORT ROUND-TRIP-MS\n");
		return 2;
	}
	one_way_ms = strtoull(argv[5], NULL, 10) / 2;
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&loop);
	uv_tcp_init(&loop, &listener);
	if (uv_tcp_bind(&listener, (const struct sockaddr *)&name, 0) ||
	    uv_listen((uv_stream_t *)&listener, 64, on_connection)) {
		fprintf(stderr, "delay: %s:%s cannot be listened on\n", argv[1], argv[2]);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	return uv_run(&loop, UV_RUN_DEFAULT);
}
