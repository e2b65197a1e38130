#include "orchestrator/ssh/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct dial {
	uv_getaddrinfo_t resolver;
	uv_timer_t timer;
	uv_poll_t poll;
	uv_loop_t *loop;
	char *host;
	unsigned port;
	uint64_t timeout_ms;
	uint64_t end_ms; /* by the loop's clock: no address is tried after this */
	dial_done done;  /* NULL: the dial was given up or is over */
	void *ctx;
	struct addrinfo *addresses, *next; /* next: the one to try after this one */
	int fd;
	bool polling;     /* poll is a live handle */
	bool resolving;   /* a thread works on resolver */
	bool timing;      /* timer is a live handle */
	struct error err; /* why each address so far failed */
};

static void
free_when_idle(struct dial *dial)
{
	if (!dial->polling && !dial->resolving && !dial->timing) {
		if (dial->addresses) {
			uv_freeaddrinfo(dial->addresses);
		}
		free(dial->host);
		free(dial);
	}
}

static void
timer_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	dial->timing = false;
	free_when_idle(dial);
}

static void
poll_closed_last(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	dial->polling = false;
	free_when_idle(dial);
}

/* Close everything; the memory is freed when the loop has closed the handles. */
static void
give_up(struct dial *dial)
{
	dial->done = NULL;
	if (dial->polling && !uv_is_closing((uv_handle_t *)&dial->poll)) {
		uv_close((uv_handle_t *)&dial->poll, poll_closed_last);
	}
	if (dial->fd >= 0) {
		close(dial->fd);
		dial->fd = -1;
	}
	if (dial->resolving) {
		uv_cancel((uv_req_t *)&dial->resolver);
	}
	if (dial->timing && !uv_is_closing((uv_handle_t *)&dial->timer)) {
		uv_close((uv_handle_t *)&dial->timer, timer_closed);
	}
}

void
dial_cancel(struct dial *dial)
{
	if (dial) {
		give_up(dial);
	}
}

static void
finish(struct dial *dial, int fd, enum link_step step)
{
	dial_done done = dial->done;
	void *ctx = dial->ctx;
	struct error err = dial->err;

	give_up(dial);
	if (done) {
		done(ctx, fd, step, &err);
	} else if (fd >= 0) {
		close(fd);
	}
}

/* Add to dial->err why the present address failed. */
static void
note_failure(struct dial *dial, int errnum)
{
	char name[NI_MAXHOST] = "?", before[sizeof(dial->err.text)];

	for (struct addrinfo *at = dial->addresses; at; at = at->ai_next) {
		if (at->ai_next == dial->next) {
			getnameinfo(at->ai_addr, at->ai_addrlen, name, sizeof(name), NULL, 0,
			    NI_NUMERICHOST);
			break;
		}
	}
	memcpy(before, dial->err.text, sizeof(before));
	error_set(&dial->err, "%.300s%s%s port %u: %s", before, before[0] ? "; " : "", name,
	    dial->port, strerror(errnum));
}

static void try_next(struct dial *dial);

static void
poll_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;

	dial->polling = false;
	if (!dial->done) {
		free_when_idle(dial);
		return;
	}
	try_next(dial);
}

static void
attempt_failed(struct dial *dial, int errnum)
{
	note_failure(dial, errnum);
	uv_timer_stop(&dial->timer);
	uv_poll_stop(&dial->poll);
	close(dial->fd);
	dial->fd = -1;
	uv_close((uv_handle_t *)&dial->poll, poll_closed);
}

static void
on_writable(uv_poll_t *poll, int status, int events UNUSED)
{
	struct dial *dial = poll->data;
	int errnum = 0, fd = dial->fd;
	socklen_t len = sizeof(errnum);

	/* libuv reports EBADF for every refused connection; the socket has the true error */
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len)) {
		errnum = errno;
	}
	if (errnum == 0 && status < 0) {
		errnum = -status;
	}
	if (errnum) {
		attempt_failed(dial, errnum);
		return;
	}
	uv_poll_stop(poll);
	dial->fd = -1;
	finish(dial, fd, LINK_CONNECT);
}

static void
on_timeout(uv_timer_t *timer)
{
	struct dial *dial = timer->data;

	if (dial->resolving) {
		error_set(&dial->err, "%s: the name was not resolved in %u s", dial->host,
		    (unsigned)(dial->timeout_ms / 1000));
		finish(dial, -1, LINK_RESOLVE);
	} else if (dial->polling && dial->fd >= 0) {
		attempt_failed(dial, ETIMEDOUT);
	}
}

/*
 * Send small packets at once.  Notice in half a minute when the other end is gone without closing:
 * by the user timeout while we send, by keep-alive while we wait.
 */
static void
tune(int fd)
{
	int on = 1, idle = 10, interval = 5, probes = 3, unacked_ms = 30000;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked_ms, sizeof(unacked_ms));
}

static void
try_next(struct dial *dial)
{
	while (dial->next && (dial->next == dial->addresses || uv_now(dial->loop) < dial->end_ms)) {
		const struct addrinfo *at = dial->next;

		dial->next = at->ai_next;
		dial->fd =
		    socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
		if (dial->fd < 0) {
			note_failure(dial, errno);
			continue;
		}
		tune(dial->fd);
		if (connect(dial->fd, at->ai_addr, at->ai_addrlen) && errno != EINPROGRESS) {
			note_failure(dial, errno);
			close(dial->fd);
			dial->fd = -1;
			continue;
		}
		uv_poll_init(dial->loop, &dial->poll, dial->fd);
		dial->poll.data = dial;
		dial->polling = true;
		uv_poll_start(&dial->poll, UV_WRITABLE, on_writable);
		uv_timer_start(&dial->timer, on_timeout, dial->timeout_ms, 0);
		return;
	}
	finish(dial, -1, LINK_CONNECT);
}

static void
on_resolved(uv_getaddrinfo_t *resolver, int status, struct addrinfo *addresses)
{
	struct dial *dial = resolver->data;

	dial->resolving = false;
	dial->addresses = addresses;
	if (!dial->done) {
		free_when_idle(dial);
		return;
	}
	uv_timer_stop(&dial->timer);
	if (status < 0) {
		error_set(&dial->err, "%s: %s", dial->host, uv_strerror(status));
		finish(dial, -1, LINK_RESOLVE);
		return;
	}
	dial->next = addresses;
	try_next(dial);
}

static void
on_refused(uv_timer_t *timer)
{
	finish(timer->data, -1, LINK_RESOLVE);
}

static void
on_numeric(uv_timer_t *timer)
{
	try_next(timer->data);
}

/*
 * Dial @dial->host when it is an IP address: no thread has to resolve it.  A timer begins, so that
 * @done is not called before dial_start() returns.
 */
static bool
dial_numeric(struct dial *dial, const char *service)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };

	if (getaddrinfo(dial->host, service, &hints, &dial->addresses)) {
		dial->addresses = NULL;
		return false;
	}
	dial->next = dial->addresses;
	uv_timer_start(&dial->timer, on_numeric, 0, 0);
	return true;
}

struct dial *
dial_start(
    uv_loop_t *loop, const char *host, unsigned port, int64_t timeout_ns, dial_done done, void *ctx)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct dial *dial = calloc(1, sizeof(*dial));
	char service[8];
	int status;

	if (!dial || !(dial->host = strdup(host))) {
		abort();
	}
	dial->loop = loop;
	dial->port = port;
	dial->timeout_ms = (uint64_t)(timeout_ns / NS_PER_MS);
	dial->end_ms = uv_now(loop) + DIAL_TIMEOUTS * dial->timeout_ms;
	dial->done = done;
	dial->ctx = ctx;
	dial->fd = -1;
	dial->resolver.data = dial->timer.data = dial;
	uv_timer_init(loop, &dial->timer);
	dial->timing = true;
	snprintf(service, sizeof(service), "%u", port);
	if (dial_numeric(dial, service)) {
		return dial;
	}
	status = uv_getaddrinfo(loop, &dial->resolver, on_resolved, host, service, &hints);
	if (status < 0) { /* not a possible name: too long, or not IDNA */
		error_set(&dial->err, "%s: %s", host, uv_strerror(status));
		uv_timer_start(&dial->timer, on_refused, 0, 0);
		return dial;
	}
	dial->resolving = true;
	uv_timer_start(&dial->timer, on_timeout, dial->timeout_ms, 0);
	return dial;
}
