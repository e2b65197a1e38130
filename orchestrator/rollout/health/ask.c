#include "orchestrator/rollout/health/ask.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NTP_PORT 123
#define AGAIN_MS 500 /* what is not answered by then is asked once more: datagrams get lost */
#define OVER_MS 1300 /* who has not answered by then is silent */
#define HOST_ADDRESSES_MAX 4
#define DATAGRAM_BYTES 2048

/* One address. */
struct target {
	struct ask *ask;
	unsigned questions; /* a bit for each enum access_question */
	uv_getaddrinfo_t lookup;
	bool looking;
	uv_udp_t socket;
	bool open;
	struct ntp_asked asked;
};

/* Freed when none of its handles and look-ups is at work in the loop any more. */
struct ask {
	struct ask_settings settings;
	struct target targets[ACCESS_SEEN_MAX];
	struct access_seen seen[ACCESS_SEEN_MAX]; /* of the targets */
	size_t count;
	uv_timer_t timer;
	bool again, freed;
	unsigned at_work; /* handles and look-ups */
	uint8_t datagram[DATAGRAM_BYTES];
};

static void
let_go(struct ask *ask)
{
	ask->at_work--;
	if (ask->freed && ask->at_work == 0) {
		free(ask);
	}
}

static struct access_seen *
seen_of(const struct target *target)
{
	return &target->ask->seen[target - target->ask->targets];
}

static void
on_alloc(uv_handle_t *handle, size_t suggested UNUSED, uv_buf_t *buf)
{
	struct target *target = handle->data;

	*buf = uv_buf_init((char *)target->ask->datagram, DATAGRAM_BYTES);
}

/* A receive error comes from ICMP: nobody listens there.  We count it as silence. */
static void
on_datagram(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from UNUSED,
    unsigned flags UNUSED)
{
	struct target *target = socket->data;
	struct clock_reading now;

	if (got > 0 && !target->ask->freed) {
		now = clock_read();
		access_take(
		    seen_of(target), (const uint8_t *)buf->base, (size_t)got, &target->asked, &now);
	}
}

/* Send the questions that have no answer yet. */
static void
send_questions(struct target *target)
{
	struct access_seen *seen = seen_of(target);

	for (int i = 0; target->open && i < ACCESS_QUESTIONS; i++) {
		enum access_question question = (enum access_question)i;
		uint8_t bytes[ACCESS_QUESTION_BYTES];
		uv_buf_t buf;
		size_t len;

		if (!(target->questions & 1U << i) || seen->answers[i] > ACCESS_SILENT) {
			continue;
		}
		if (question == ACCESS_TIME) {
			while (
			    getrandom(&target->asked.nonce, sizeof(target->asked.nonce), 0) < 0) {
			}
		}
		len = access_write(question, target->asked.nonce, bytes);
		buf = uv_buf_init((char *)bytes, (unsigned)len);
		if (question == ACCESS_TIME) {
			target->asked.sent = clock_read();
		}
		seen->answers[i] = ACCESS_SILENT; /* also when the datagram cannot be sent */
		uv_udp_try_send(&target->socket, &buf, 1, NULL);
	}
}

/* Each target has a connected socket: it knows our address towards @to, and hears nobody else. */
static void
begin(struct target *target, const struct ip *to)
{
	struct ask *ask = target->ask;
	struct access_seen *seen = seen_of(target);
	struct sockaddr_storage address;
	int len = (int)sizeof(address);

	seen->to = *to;
	ip_to_sockaddr(to, ask->settings.port ? ask->settings.port : NTP_PORT, &address);
	if (uv_udp_init(ask->settings.loop, &target->socket)) {
		return;
	}
	target->socket.data = target;
	target->open = true;
	ask->at_work++;
	if (uv_udp_connect(&target->socket, (const struct sockaddr *)&address) == 0 &&
	    uv_udp_recv_start(&target->socket, on_alloc, on_datagram) == 0) {
		uv_udp_getsockname(&target->socket, (struct sockaddr *)&address, &len);
		ip_of_sockaddr((const struct sockaddr *)&address, &seen->from);
		send_questions(target);
	}
}

static void
on_looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *list)
{
	struct target *target = lookup->data;
	struct sockaddr_storage address = { 0 };
	struct ip ip;

	target->looking = false;
	if (status == 0 && list && list->ai_addrlen <= sizeof(address) && !target->ask->freed) {
		memcpy(&address, list->ai_addr, list->ai_addrlen);
		if (ip_of_sockaddr((const struct sockaddr *)&address, &ip)) {
			begin(target, &ip);
		}
	}
	uv_freeaddrinfo(list);
	let_go(target->ask);
}

static void
add(struct ask *ask, const struct host *host, const struct address *address, unsigned questions)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct target *target = &ask->targets[ask->count];

	if (ask->count == ACCESS_SEEN_MAX) {
		return;
	}
	ask->seen[ask->count++].host = host;
	target->ask = ask;
	target->questions = questions;
	if (address->ip.family != IP_NONE) {
		begin(target, &address->ip);
		return;
	}
	target->lookup.data = target;
	if (uv_getaddrinfo(ask->settings.loop, &target->lookup, on_looked_up, address->text, NULL,
		&hints) == 0) {
		target->looking = true;
		ask->at_work++;
	}
}

static void
on_timer(uv_timer_t *timer)
{
	struct ask *ask = timer->data;

	if (ask->again) {
		ask->settings.done(ask->settings.ctx);
		return;
	}
	ask->again = true;
	for (size_t i = 0; i < ask->count; i++) {
		send_questions(&ask->targets[i]);
	}
	uv_timer_start(&ask->timer, on_timer, OVER_MS - AGAIN_MS, 0);
}

struct ask *
ask_start(const struct ask_settings *settings)
{
	struct ask *ask = calloc(1, sizeof(*ask));

	if (!ask) {
		abort();
	}
	ask->settings = *settings;
	for (size_t i = 0; i < settings->host->addresses.count && i < HOST_ADDRESSES_MAX; i++) {
		add(ask, settings->host, &settings->host->addresses.list[i],
		    (1U << ACCESS_QUESTIONS) - 1);
	}
	for (size_t i = 0; i < settings->other_count; i++) {
		add(ask, settings->others[i], &settings->others[i]->addresses.list[0],
		    1U << ACCESS_TIME);
	}
	uv_timer_init(settings->loop, &ask->timer);
	ask->timer.data = ask;
	ask->at_work++;
	uv_timer_start(&ask->timer, on_timer, AGAIN_MS, 0);
	return ask;
}

const struct access_seen *
ask_seen(const struct ask *ask, size_t *count)
{
	*count = ask->count;
	return ask->seen;
}

static void
on_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

static void
close_handle(struct ask *ask, uv_handle_t *handle)
{
	handle->data = ask;
	uv_close(handle, on_closed);
}

void
ask_free(struct ask *ask)
{
	if (!ask) {
		return;
	}
	ask->freed = true;
	for (size_t i = 0; i < ask->count; i++) {
		if (ask->targets[i].looking) {
			uv_cancel((uv_req_t *)&ask->targets[i].lookup);
		}
		if (ask->targets[i].open) {
			close_handle(ask, (uv_handle_t *)&ask->targets[i].socket);
		}
	}
	close_handle(ask, (uv_handle_t *)&ask->timer);
}
