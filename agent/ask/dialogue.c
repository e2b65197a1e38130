#include "agent/ask/dialogue.h"

#include <string.h>

#define ANSWER_MS 250 /* a daemon on this host answers within 1 ms */
#define TRIES 3

static void
on_closed(uv_handle_t *handle)
{
	struct dialogue *dialogue = handle->data;

	dialogue->open--;
	if (dialogue->open == 0) {
		dialogue->running = false;
		dialogue->done(dialogue);
	}
}

static void
finish(struct dialogue *dialogue, bool answered)
{
	dialogue->answered = answered;
	for (size_t i = 0; i < COUNT(dialogue->sockets); i++) {
		if (!uv_is_closing((uv_handle_t *)&dialogue->sockets[i])) {
			uv_close((uv_handle_t *)&dialogue->sockets[i], on_closed);
		}
	}
	if (!uv_is_closing((uv_handle_t *)&dialogue->timer)) {
		uv_close((uv_handle_t *)&dialogue->timer, on_closed);
	}
}

/* Send the question from the socket that was answered before, or from both. */
static void
ask(struct dialogue *dialogue, size_t index)
{
	uint8_t bytes[DAEMON_DATAGRAM_BYTES];
	size_t len = dialogue->of->question(index, dialogue->sequence + (uint32_t)index, bytes);
	uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)len);

	for (int i = 0; i < (int)COUNT(dialogue->sockets); i++) {
		if (dialogue->speaker < 0 || dialogue->speaker == i) {
			/* what is lost is asked again */
			uv_udp_try_send(&dialogue->sockets[i], &buf, 1, NULL);
		}
	}
}

/* Ask what the answers have led to; returns whether there was something. */
static bool
ask_more(struct dialogue *dialogue)
{
	size_t count = dialogue->of->count(dialogue->answers), before = dialogue->asked;

	while (dialogue->asked < count) {
		ask(dialogue, dialogue->asked++);
	}
	return dialogue->asked > before;
}

static bool
is_complete(const struct dialogue *dialogue)
{
	for (size_t i = 0; i < dialogue->asked; i++) {
		if (dialogue->answers[i].len == 0) {
			return false;
		}
	}
	return true;
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char datagram[1024]; /* one loop, and on_answer() reads it at once */

	*buf = uv_buf_init(datagram, sizeof(datagram));
}

static void
take(struct dialogue *dialogue, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < dialogue->asked; i++) {
		struct daemon_answer *answer = &dialogue->answers[i];

		if (answer->len == 0 &&
		    dialogue->of->is_answer(i, bytes, len, dialogue->sequence + (uint32_t)i)) {
			answer->len = len < sizeof(answer->bytes) ? len : sizeof(answer->bytes);
			memcpy(answer->bytes, bytes, answer->len);
			return;
		}
	}
}

static void
on_answer(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct dialogue *dialogue = socket->data;

	/* the socket is connected: it hears the daemon's port alone */
	if (got <= 0 || !from || uv_is_closing((uv_handle_t *)socket)) {
		return;
	}
	if (dialogue->speaker < 0) {
		dialogue->speaker = socket == &dialogue->sockets[1];
	}
	take(dialogue, (const uint8_t *)buf->base, (size_t)got);
	if (!ask_more(dialogue) && is_complete(dialogue)) {
		finish(dialogue, true);
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct dialogue *dialogue = timer->data;

	if (++dialogue->tries == TRIES) {
		finish(dialogue, false);
		return;
	}
	for (size_t i = 0; i < dialogue->asked; i++) {
		if (dialogue->answers[i].len == 0) {
			ask(dialogue, i);
		}
	}
}

void
dialogue_run(struct dialogue *dialogue, uv_loop_t *loop, const struct daemon_dialogue *of,
    uint16_t port, dialogue_done done)
{
	struct sockaddr_storage addresses[COUNT(dialogue->sockets)];

	dialogue->of = of;
	dialogue->done = done;
	dialogue->answered = false;
	dialogue->tries = 0;
	dialogue->asked = 0;
	dialogue->speaker = -1;
	dialogue->running = true;
	dialogue->open = COUNT(dialogue->sockets) + 1;
	for (size_t i = 0; i < DAEMON_QUESTIONS_MAX; i++) {
		dialogue->answers[i].len = 0;
	}
	uv_random(NULL, NULL, &dialogue->sequence, sizeof(dialogue->sequence), 0, NULL);
	uv_ip4_addr("127.0.0.1", port, (struct sockaddr_in *)&addresses[0]);
	uv_ip6_addr("::1", port, (struct sockaddr_in6 *)&addresses[1]);
	uv_timer_init(loop, &dialogue->timer);
	dialogue->timer.data = dialogue;
	for (size_t i = 0; i < COUNT(dialogue->sockets); i++) {
		uv_udp_init(loop, &dialogue->sockets[i]);
		dialogue->sockets[i].data = dialogue;
		/* a host without IPv6 has no ::1: then that socket hears nothing */
		if (uv_udp_connect(&dialogue->sockets[i], (struct sockaddr *)&addresses[i]) == 0) {
			uv_udp_recv_start(&dialogue->sockets[i], on_alloc, on_answer);
		}
	}
	uv_timer_start(&dialogue->timer, on_timer, ANSWER_MS, ANSWER_MS);
	ask_more(dialogue);
}
