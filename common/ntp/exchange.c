#include "common/ntp/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NTP_UNIX_S UINT64_C(2208988800) /* 1900 to 1970 */
#define PHI_PPM 15                      /* how fast a clock may drift.  RFC 5905, figure 6 */
#define MAX_DISTANCE_NS (16 * NS_PER_S) /* MAXDISP */
#define MAX_PRECISION_LOG2 3            /* no clock ticks only once in 16 s */
#define SET_NS NS_PER_MS                /* the clocks disagree by more: one was set */

/* The NTP timestamp of @real_ns, modulo 2^64: right in every era.  Source: RFC 5905 section 6. */
static ntp_time
ntp_of(int64_t real_ns)
{
	int64_t seconds = real_ns / NS_PER_S;
	int64_t rest_ns = real_ns % NS_PER_S;

	if (rest_ns < 0) {
		rest_ns += NS_PER_S;
		seconds--;
	}
	return ((uint64_t)seconds + NTP_UNIX_S) << 32 | ((uint64_t)rest_ns << 32) / NS_PER_S;
}

/* @a - @b: right in every era if they are less than 68 years apart. */
static int64_t
difference_ns(ntp_time a, ntp_time b)
{
	int64_t difference = (int64_t)(a - b);
	int64_t seconds = difference >> 32;
	int64_t rest = difference & UINT32_MAX;

	return seconds * NS_PER_S + (rest * NS_PER_S >> 32);
}

static int64_t
short_ns(uint32_t value)
{
	return (int64_t)value * NS_PER_S >> 16;
}

static int64_t
log2_ns(int exponent)
{
	return (int64_t)ceil(ldexp((double)NS_PER_S, exponent));
}

void
ntp_question(uint64_t nonce, uint8_t *bytes)
{
	struct ntp_packet question = { .version = 4, .mode = 3, .transmit = nonce };

	ntp_packet_encode(&question, bytes);
}

static int64_t
max_width_ns(const struct clock_reading *a, const struct clock_reading *b)
{
	int64_t width_ns = a->width_ns > b->width_ns ? a->width_ns : b->width_ns;

	return width_ns < 1 ? 1 : width_ns;
}

/* Whether the local clock was set between the readings, or they are in the wrong order. */
static bool
was_set(const struct clock_reading *sent, const struct clock_reading *received)
{
	int64_t real_ns = received->real_ns - sent->real_ns;
	int64_t boot_ns = received->boot_ns - sent->boot_ns;

	return real_ns < 0 || boot_ns < 0 ||
	    llabs(real_ns - boot_ns) > SET_NS + max_width_ns(sent, received);
}

/* Read the kiss code from the refid of a packet of stratum 0.  False: it holds none. */
static bool
kiss_code(uint32_t refid, char code[5])
{
	for (size_t i = 0; i < 4; i++) {
		char c = (char)(refid >> (24 - 8 * i) & 0xff);

		if ((c < 'A' || c > 'Z') && (c < '0' || c > '9')) {
			return false;
		}
		code[i] = c;
	}
	code[4] = '\0';
	return true;
}

/*
 * A packet of stratum 0 is a kiss-o'-death, or comes from a server that has no time yet: ntpd then
 * sends the code INIT or STEP, chronyd sends none.
 */
static enum ntp_answer
read_kiss(const struct ntp_packet *packet, char kiss[5], struct error *why)
{
	char code[5];

	if (!kiss_code(packet->refid, code)) {
		error_set(why, "its clock is not synchronised");
		return NTP_ANSWER_UNFIT;
	}
	if (strcmp(code, "INIT") == 0 || strcmp(code, "STEP") == 0) {
		error_set(why, "its clock is not synchronised (%s)", code);
		return NTP_ANSWER_UNFIT;
	}
	memcpy(kiss, code, sizeof(code));
	return NTP_ANSWER_KISS;
}

/* Check what needs no local clock.  Returns 0 if @packet is sound, else -1 with @why set. */
static int
check_packet(const struct ntp_packet *packet, struct error *why)
{
	int64_t distance_ns = short_ns(packet->root_delay) / 2 + short_ns(packet->root_disp);

	if (packet->leap == 3) {
		return error_set(why, "its clock is not synchronised");
	}
	if (packet->stratum > 15) {
		return error_set(why, "its stratum is %u", packet->stratum);
	}
	if (packet->transmit == 0 || packet->receive == 0) {
		return error_set(why, "its answer has no time stamps");
	}
	if (difference_ns(packet->transmit, packet->receive) < 0) {
		return error_set(why,
		    "it says that its answer left before the question came: its clock was set");
	}
	if (distance_ns >= MAX_DISTANCE_NS) {
		return error_set(why, "its root distance is %.1f s: its time cannot be used",
		    (double)distance_ns / (double)NS_PER_S);
	}
	if (packet->precision_log2 > MAX_PRECISION_LOG2) {
		return error_set(
		    why, "its precision of 2^%d s cannot be true", packet->precision_log2);
	}
	return 0;
}

/*
 * Source: RFC 5905 section 8.  The offset is T2 - T1 minus half the delay, not the mean of T2 - T1
 * and T3 - T4: near 68 years, only one of these two may wrap around and change its sign.
 */
static int
fill_sample(const struct ntp_packet *packet, const struct clock_reading *sent,
    const struct clock_reading *received, struct ntp_sample *sample, struct error *why)
{
	int64_t elapsed_ns = received->real_ns - sent->real_ns;
	int64_t inside_ns = difference_ns(packet->transmit, packet->receive);
	int64_t delay_ns = elapsed_ns - inside_ns;
	int64_t tick_ns = max_width_ns(sent, received);

	/* meanwhile the clock may be slewed by a tenth of its rate */
	if (-delay_ns > SET_NS + elapsed_ns / 10) {
		return error_set(why,
		    "it says that it held the question for longer than the whole exchange took");
	}
	*sample = (struct ntp_sample){
		.offset_ns = difference_ns(packet->receive, ntp_of(sent->real_ns)) - delay_ns / 2,
		.delay_ns = delay_ns > tick_ns ? delay_ns : tick_ns,
		.dispersion_ns = log2_ns(packet->precision_log2) + tick_ns +
		    elapsed_ns / 1000000 * PHI_PPM + elapsed_ns % 1000000 * PHI_PPM / 1000000,
		.boot_ns = received->boot_ns,
		.root_delay_ns = short_ns(packet->root_delay),
		.root_dispersion_ns = short_ns(packet->root_disp),
		.stratum = packet->stratum,
		.leap = packet->leap == 1 ? NTP_LEAP_INSERT
		    : packet->leap == 2   ? NTP_LEAP_DELETE
					  : NTP_LEAP_NONE,
		.refid = packet->refid,
		.reference = packet->reference,
	};
	return 0;
}

enum ntp_answer
ntp_answer_read(const uint8_t *bytes, size_t len, const struct ntp_asked *asked,
    const struct clock_reading *received, struct ntp_sample *sample, struct ntp_refusal *refusal)
{
	struct ntp_packet packet;

	if (ntp_packet_decode(bytes, len, &packet, NULL) < 0 || packet.mode != 4 ||
	    packet.origin != asked->nonce || was_set(&asked->sent, received)) {
		return NTP_ANSWER_BOGUS;
	}
	if (packet.stratum == 0) {
		return read_kiss(&packet, refusal->kiss, &refusal->why);
	}
	if (check_packet(&packet, &refusal->why) < 0 ||
	    fill_sample(&packet, &asked->sent, received, sample, &refusal->why) < 0) {
		return NTP_ANSWER_UNFIT;
	}
	return NTP_ANSWER_GOOD;
}

const struct ntp_sample *
ntp_best_sample(const struct ntp_sample *samples, size_t count, int64_t *jitter_ns)
{
	const struct ntp_sample *best = samples;
	double sum = 0;

	*jitter_ns = 0;
	if (count == 0) {
		return NULL;
	}
	for (size_t i = 1; i < count; i++) {
		if (samples[i].delay_ns < best->delay_ns) {
			best = &samples[i];
		}
	}
	for (size_t i = 0; i < count; i++) {
		double off = (double)(samples[i].offset_ns - best->offset_ns);

		sum += off * off;
	}
	if (count > 1) {
		*jitter_ns = (int64_t)sqrt(sum / (double)(count - 1));
	}
	return best;
}

int64_t
ntp_root_distance_ns(const struct ntp_sample *sample, int64_t jitter_ns, int64_t age_ns)
{
	return (sample->delay_ns + sample->root_delay_ns) / 2 + sample->dispersion_ns +
	    sample->root_dispersion_ns + age_ns / 1000000 * PHI_PPM + jitter_ns;
}
