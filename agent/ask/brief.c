#include "agent/ask/brief.h"

#include <string.h>

#define ANSWER_MS 500 /* a daemon on this host answers within 1 ms */
#define TRIES 3

static void
on_closed(uv_handle_t *handle)
{
	struct brief *brief = handle->data;

	brief->open--;
	if (brief->open == 0) {
		brief->running = false;
		brief->done(brief);
	}
}

static void
finish(struct brief *brief, const char *failure)
{
	brief->failure = failure;
	for (size_t i = 0; i < COUNT(brief->sockets); i++) {
		if (!uv_is_closing((uv_handle_t *)&brief->sockets[i])) {
			uv_close((uv_handle_t *)&brief->sockets[i], on_closed);
		}
	}
	if (!uv_is_closing((uv_handle_t *)&brief->timer)) {
		uv_close((uv_handle_t *)&brief->timer, on_closed);
	}
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char datagram[1024]; /* one loop, and on_answer() reads it at once */

	*buf = uv_buf_init(datagram, sizeof(datagram));
}

static void
on_answer(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct brief *brief = socket->data;

	/* the socket is connected: it hears the daemon's port alone */
	if (got > 0 && from && !uv_is_closing((uv_handle_t *)socket) &&
	    brief->datagram->answer(
		(const uint8_t *)buf->base, (size_t)got, brief->sequence, &brief->status)) {
		finish(brief, NULL);
	}
}

static void
ask(struct brief *brief)
{
	uint8_t bytes[DAEMON_DATAGRAM_BYTES];
	uv_buf_t buf =
	    uv_buf_init((char *)bytes, (unsigned)brief->datagram->question(brief->sequence, bytes));

	brief->tries++;
	for (size_t i = 0; i < COUNT(brief->sockets); i++) {
		uv_udp_try_send(
		    &brief->sockets[i], &buf, 1, NULL); /* what is lost is asked again */
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct brief *brief = timer->data;

	if (brief->tries == TRIES) {
		finish(
		    brief, "no answer from 127.0.0.1 or ::1: does it run, and may they query it?");
	} else {
		ask(brief);
	}
}

void
brief_run(struct brief *brief, uv_loop_t *loop, const struct daemon_datagram *datagram,
    uint16_t port, brief_done done)
{
	struct sockaddr_storage addresses[COUNT(brief->sockets)];

	brief->datagram = datagram;
	brief->done = done;
	brief->port = port;
	brief->failure = NULL;
	brief->tries = 0;
	brief->running = true;
	brief->open = COUNT(brief->sockets) + 1;
	uv_random(NULL, NULL, &brief->sequence, sizeof(brief->sequence), 0, NULL);
	uv_ip4_addr("127.0.0.1", port, (struct sockaddr_in *)&addresses[0]);
	uv_ip6_addr("::1", port, (struct sockaddr_in6 *)&addresses[1]);
	uv_timer_init(loop, &brief->timer);
	brief->timer.data = brief;
	for (size_t i = 0; i < COUNT(brief->sockets); i++) {
		uv_udp_init(loop, &brief->sockets[i]);
		brief->sockets[i].data = brief;
		/* a host without IPv6 has no ::1: then that socket hears nothing */
		if (uv_udp_connect(&brief->sockets[i], (struct sockaddr *)&addresses[i]) == 0) {
			uv_udp_recv_start(&brief->sockets[i], on_alloc, on_answer);
		}
	}
	uv_timer_start(&brief->timer, on_timer, ANSWER_MS, ANSWER_MS);
	ask(brief);
}
