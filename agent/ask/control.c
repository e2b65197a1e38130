#include "agent/ask/control.h"

#include "daemons/ntpd/status.h"

#include <string.h>

#define ANSWER_MS 500 /* a daemon on this host answers within 1 ms */
#define RETRIES 2
#define TEXT_BYTES 262144

static const char *const addresses[] = { "127.0.0.1", "::1" };

static void start_address(struct control *control);

static void
on_closed(uv_handle_t *handle)
{
	struct control *control = handle->data;

	control->open--;
	if (control->open == 0) {
		control->running = false;
		control->done(control);
	}
}

static void
finish(struct control *control, const char *failure)
{
	control->failure = failure;
	if (!uv_is_closing((uv_handle_t *)&control->socket)) {
		uv_close((uv_handle_t *)&control->socket, on_closed);
	}
	if (!uv_is_closing((uv_handle_t *)&control->timer)) {
		uv_close((uv_handle_t *)&control->timer, on_closed);
	}
}

/*
 * Returns the next question: first for the list of associations, then for the variables of the
 * system, then for those of each association.
 */
static enum mode6_opcode
question(const struct control *control, uint16_t *association)
{
	*association = control->answers < 2 ? 0 : control->associations[control->answers - 2].id;
	return control->answers == 0 ? MODE6_READ_STATUS : MODE6_READ_VARIABLES;
}

static void
ask(struct control *control)
{
	uint8_t bytes[MODE6_HEADER_BYTES];
	enum mode6_opcode opcode;
	uint16_t association;
	uv_buf_t buf = uv_buf_init((char *)bytes, sizeof(bytes));

	opcode = question(control, &association);
	control->sequence++;
	mode6_expect(&control->answer, opcode, control->sequence, association);
	mode6_request(bytes, opcode, control->sequence, association);
	uv_udp_try_send(&control->socket, &buf, 1, NULL); /* what is lost is asked again */
	uv_timer_again(&control->timer);
}

static void
on_socket_closed(uv_handle_t *handle)
{
	struct control *control = handle->data;

	control->open--;
	start_address(control);
}

static void
next_address(struct control *control)
{
	control->address++;
	if (control->address == COUNT(addresses)) {
		finish(control,
		    "no answer from 127.0.0.1 or ::1: does it run, and may they query it?");
		return;
	}
	uv_timer_stop(&control->timer);
	uv_close((uv_handle_t *)&control->socket, on_socket_closed);
}

static void
on_timer(uv_timer_t *timer)
{
	struct control *control = timer->data;

	if (control->retries < RETRIES) {
		control->retries++;
		ask(control);
	} else if (control->answers == 0) {
		next_address(control);
	} else {
		finish(control, "it stopped answering between two questions");
	}
}

static void
answered(struct control *control)
{
	const struct mode6_answer *answer = &control->answer;

	if (control->answers == 0) {
		control->association_count =
		    mode6_associations(answer, control->associations, CONTROL_ASSOCIATIONS_MAX);
	} else {
		mode6_status_add(
		    &control->text, answer->association, answer->status, answer->data, answer->len);
	}
	control->answers++;
	control->retries = 0;
	if (control->answers == control->association_count + 2) {
		finish(control, NULL);
	} else {
		ask(control);
	}
}

static void
refused(struct control *control)
{
	if (control->answers < 2) {
		finish(control, mode6_error_text(control->answer.error));
		return;
	}
	/* the association went away since the list was read */
	memmove(&control->associations[control->answers - 2],
	    &control->associations[control->answers - 1],
	    (control->association_count - (control->answers - 1)) *
		sizeof(control->associations[0]));
	control->association_count--;
	control->retries = 0;
	if (control->answers == control->association_count + 2) {
		finish(control, NULL);
	} else {
		ask(control);
	}
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char datagram[2048]; /* one loop, and what is read is used at once */

	*buf = uv_buf_init(datagram, sizeof(datagram));
}

static void
on_datagram(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from UNUSED,
    unsigned flags UNUSED)
{
	struct control *control = socket->data;

	if (uv_is_closing((uv_handle_t *)socket)) {
		return;
	}
	if (got < 0) {
		if (control->answers == 0) {
			next_address(control); /* nobody listens there */
		} else {
			finish(control, "it stopped answering between two questions");
		}
		return;
	}
	switch (mode6_feed(&control->answer, (const uint8_t *)buf->base, (size_t)got)) {
	case MODE6_DONE:
		answered(control);
		break;
	case MODE6_REFUSED:
		refused(control);
		break;
	case MODE6_IGNORED:
	case MODE6_MORE:
		break;
	}
}

/* The socket is connected, so that only the daemon's own answers come in. */
static int
connect_socket(struct control *control)
{
	struct sockaddr_storage to;
	struct sockaddr *address = (struct sockaddr *)&to;

	if (strchr(addresses[control->address], ':')) {
		uv_ip6_addr(addresses[control->address], control->port, (struct sockaddr_in6 *)&to);
	} else {
		uv_ip4_addr(addresses[control->address], control->port, (struct sockaddr_in *)&to);
	}
	if (uv_udp_connect(&control->socket, address) < 0) {
		return -1;
	}
	return uv_udp_recv_start(&control->socket, on_alloc, on_datagram) < 0 ? -1 : 0;
}

static void
start_address(struct control *control)
{
	uv_udp_init(control->loop, &control->socket);
	control->socket.data = control;
	control->open++;
	control->retries = 0;
	if (connect_socket(control) < 0) {
		next_address(control);
		return;
	}
	uv_timer_start(&control->timer, on_timer, ANSWER_MS, ANSWER_MS);
	ask(control);
}

void
control_run(struct control *control, uv_loop_t *loop, uint16_t port, control_done done)
{
	control->text.limit_bytes = TEXT_BYTES;
	buf_reset(&control->text);
	control->failure = NULL;
	control->done = done;
	control->running = true;
	control->loop = loop;
	control->port = port;
	control->address = control->answers = control->association_count = 0;
	uv_timer_init(loop, &control->timer);
	control->timer.data = control;
	control->open = 1;
	start_address(control);
}

void
control_free_text(struct control *control)
{
	buf_free(&control->text);
}
