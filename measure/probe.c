/*
 * The time of arrival is read right after the datagram.  The kernel's own time stamp
 * (SO_TIMESTAMPNS) would be some tens of microseconds better on a busy host, but it is of the
 * machine's CLOCK_REALTIME.  A program may have been given another clock, by a preloaded library as
 * in tests/fleet: it could not tell whose clock the stamp is of, and would take a wrong offset for
 * a right one.  Waiting in the socket's queue lengthens the delay, and half the delay is in the
 * root distance: so the root distance covers the error.
 */
#include "measure/probe.h"

#include "common/address.h"
#include "common/shown.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define BOGUS_MAX 256 /* a question is given up after so many datagrams that are no answer */

static void next_question(struct probe *probe);

static void
say(struct probe *probe, const char *why)
{
	if (probe->target->sample_count == 0) {
		shown_copy(probe->target->why, sizeof(probe->target->why), why);
	}
}

/* Note that a handle was closed; returns whether it was the last one, which ends the probe. */
static bool
closed_last(struct probe *probe)
{
	probe->open--;
	if (probe->open > 0) {
		return false;
	}
	probe->running = false;
	probe->done(probe);
	return true;
}

static void
on_timer_closed(uv_handle_t *handle)
{
	closed_last(handle->data);
}

static void
finish(struct probe *probe)
{
	probe->stopping = true;
	uv_close((uv_handle_t *)&probe->timer, on_timer_closed);
}

static void
on_socket_closed(uv_handle_t *handle)
{
	struct probe *probe = handle->data;

	if (!closed_last(probe) && !probe->stopping) {
		next_question(probe);
	}
}

/* The question is over, answered or not. */
static void
end_question(struct probe *probe)
{
	probe->asking = false;
	uv_timer_stop(&probe->timer);
	uv_close((uv_handle_t *)&probe->socket, on_socket_closed);
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char datagram[2048]; /* one loop, and what is read is used at once */

	*buf = uv_buf_init(datagram, sizeof(datagram));
}

/* The answer was right but for its authentication: say so, and do not believe it. */
static void
say_unauthenticated(struct probe *probe, size_t len)
{
	char why[96];

	snprintf(why, sizeof(why), "it answers %s key %u",
	    len == NTP_HEADER_BYTES ? "without" : "with another MAC than that of",
	    (unsigned)probe->key.id);
	say(probe, why);
}

static void
read_answer(struct probe *probe, const uint8_t *bytes, size_t len)
{
	struct measure_target *target = probe->target;
	struct clock_reading now = clock_read();
	struct ntp_sample sample;
	struct ntp_refusal refusal;
	enum ntp_answer answer;

	answer = ntp_answer_read(bytes, len, &probe->asked, &now, &sample, &refusal);
	if (answer != NTP_ANSWER_BOGUS && probe->has_key && !mac_check(&probe->key, bytes, len)) {
		say_unauthenticated(probe, len);
		answer = NTP_ANSWER_BOGUS;
	}
	switch (answer) {
	case NTP_ANSWER_BOGUS:
		probe->bogus++;
		target->bogus++;
		if (probe->bogus == BOGUS_MAX) {
			say(probe, "it floods: none of 256 datagrams was the answer");
			end_question(probe);
		}
		return;
	case NTP_ANSWER_GOOD:
		target->why[0] = '\0';
		target->samples[target->sample_count++] = sample;
		break;
	case NTP_ANSWER_UNFIT:
		say(probe, refusal.why.text);
		break;
	case NTP_ANSWER_KISS:
		memcpy(target->kiss, refusal.kiss, sizeof(target->kiss));
		snprintf(refusal.why.text, sizeof(refusal.why.text),
		    "it refuses to answer this host (%s)", refusal.kiss);
		say(probe, refusal.why.text);
		break;
	}
	target->answered++;
	end_question(probe);
}

/* Whether the datagram comes from the address and the port that were asked. */
static bool
is_asked(const struct probe *probe, const struct sockaddr *from)
{
	const struct sockaddr *asked = (const struct sockaddr *)&probe->address;

	if (from->sa_family != asked->sa_family) {
		return false;
	}
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *a = (const struct sockaddr_in *)asked;
		const struct sockaddr_in *b = (const struct sockaddr_in *)from;

		return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
	}
	return ((const struct sockaddr_in6 *)asked)->sin6_port ==
	    ((const struct sockaddr_in6 *)from)->sin6_port &&
	    memcmp(&((const struct sockaddr_in6 *)asked)->sin6_addr,
		&((const struct sockaddr_in6 *)from)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

/*
 * Somebody else sent a datagram.  What it says is believed by nobody; but who knows the nonce was
 * reached by the question, and so it is told who that is.  Others do not count: they could end a
 * question that they have not seen.
 */
static void
note_stranger(struct probe *probe, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct ntp_packet packet;
	struct ip ip;

	if (ntp_packet_decode(bytes, len, &packet, NULL) == 0 &&
	    packet.origin == probe->asked.nonce && ip_of_sockaddr(from, &ip)) {
		ip_text(&ip, probe->target->stranger);
	}
}

static void
on_datagram(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct probe *probe = socket->data;
	char why[128];

	if (!probe->asking || (got == 0 && !from)) {
		return;
	}
	if (got < 0) { /* an ICMP error */
		snprintf(why, sizeof(why), "%s",
		    got == UV_ECONNREFUSED ? "no NTP server listens there" : uv_strerror((int)got));
		say(probe, why);
		end_question(probe);
		return;
	}
	if (from && !is_asked(probe, from)) {
		note_stranger(probe, (const uint8_t *)buf->base, (size_t)got, from);
		return;
	}
	read_answer(probe, (const uint8_t *)buf->base, (size_t)got);
}

/*
 * A socket with a fresh port.  It is not connected: an answer from another address than that which
 * was asked would not be seen then.  So ICMP errors must be asked for.
 */
static int
open_socket(struct probe *probe)
{
	struct sockaddr_storage any = { .ss_family = probe->address.ss_family };
	bool v4 = any.ss_family == AF_INET;
	int on = 1, fd, status;

	status = uv_udp_bind(&probe->socket, (const struct sockaddr *)&any, 0);
	if (status == 0) {
		status = uv_fileno((const uv_handle_t *)&probe->socket, &fd);
	}
	if (status == 0 &&
	    setsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &on,
		sizeof(on)) < 0) {
		status = uv_translate_sys_error(errno);
	}
	return status;
}

/* Ask, from a fresh port, which binding finds, and with a nonce: nobody can foresee them. */
static int
ask(struct probe *probe)
{
	uint8_t bytes[NTP_HEADER_BYTES + MAC_BYTES_MAX];
	size_t len = NTP_HEADER_BYTES;
	uv_buf_t buf;
	int status;

	while (getrandom(&probe->asked.nonce, sizeof(probe->asked.nonce), 0) < 0) {
	}
	ntp_question(probe->asked.nonce, bytes);
	if (probe->has_key) {
		size_t mac = mac_write(&probe->key, bytes, len, bytes + len);

		if (mac == 0) {
			say(probe, "its key cannot be used on this host");
			return -1;
		}
		len += mac;
	}
	status = open_socket(probe);
	if (status == 0) {
		status = uv_udp_recv_start(&probe->socket, on_alloc, on_datagram);
	}
	if (status == 0) {
		buf = uv_buf_init((char *)bytes, (unsigned)len);
		probe->asked.sent = clock_read();
		status = uv_udp_try_send(
		    &probe->socket, &buf, 1, (const struct sockaddr *)&probe->address);
	}
	if (status < 0) {
		say(probe, uv_strerror(status));
		return -1;
	}
	probe->target->sent++;
	return 0;
}

/* Nobody answered in time: say what came instead, if anything did. */
static void
say_silence(struct probe *probe)
{
	const struct measure_target *target = probe->target;
	char why[sizeof(target->why)];

	if (target->why[0]) {
		return;
	}
	if (target->stranger[0]) {
		snprintf(
		    why, sizeof(why), "another address answers in its place: %s", target->stranger);
	} else if (target->bogus > 0) {
		snprintf(why, sizeof(why),
		    "no answer; what it sends is none to the question (%u datagram%s)",
		    target->bogus, target->bogus == 1 ? "" : "s");
	} else {
		snprintf(
		    why, sizeof(why), "no answer within %g s", (double)probe->timeout_ms / 1e3);
	}
	say(probe, why);
}

static void
on_deadline(uv_timer_t *timer)
{
	struct probe *probe = timer->data;

	say_silence(probe);
	end_question(probe);
}

static void
on_time(uv_timer_t *timer)
{
	struct probe *probe = timer->data;

	uv_udp_init(probe->loop, &probe->socket);
	probe->socket.data = probe;
	probe->open++;
	probe->asking = true;
	probe->bogus = 0;
	probe->questions++;
	uv_update_time(probe->loop);
	probe->asked_ms = uv_now(probe->loop);
	if (ask(probe) < 0) {
		end_question(probe);
	} else {
		uv_timer_start(&probe->timer, on_deadline, probe->timeout_ms, 0);
	}
}

static void
next_question(struct probe *probe)
{
	uint64_t waited_ms;

	if (probe->questions == probe->samples || probe->target->kiss[0]) {
		finish(probe);
		return;
	}
	uv_update_time(probe->loop);
	waited_ms = uv_now(probe->loop) - probe->asked_ms;
	uv_timer_start(&probe->timer, on_time,
	    waited_ms < probe->spacing_ms ? probe->spacing_ms - waited_ms : 0, 0);
}

void
probe_start(struct probe *probe, uv_loop_t *loop, uint64_t after_ms)
{
	probe->running = true;
	probe->loop = loop;
	probe->open = 1;
	uv_timer_init(loop, &probe->timer);
	probe->timer.data = probe;
	uv_timer_start(&probe->timer, on_time, after_ms, 0);
}

void
probe_stop(struct probe *probe)
{
	if (!probe->running || probe->stopping) {
		return;
	}
	if (probe->target->why[0] == '\0') {
		say(probe, "no answer within the time limit");
	}
	finish(probe);
	if (probe->asking) {
		end_question(probe);
	}
}
