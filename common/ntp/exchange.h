/* One exchange of an NTP client: writes the question and judges the answer.  No I/O. */
#ifndef COMMON_NTP_EXCHANGE_H
#define COMMON_NTP_EXCHANGE_H

#include "common/clock.h"
#include "common/ntp/packet.h"

/* What one answer says.  Source: RFC 5905 section 8. */
struct ntp_sample {
	int64_t offset_ns;     /* source minus local: positive means the local clock is behind */
	int64_t delay_ns;      /* round trip, at least the precision of the local clock */
	int64_t dispersion_ns; /* epsilon: both precisions, plus PHI times the round trip */
	int64_t boot_ns;       /* CLOCK_BOOTTIME when the answer came */
	int64_t root_delay_ns, root_dispersion_ns;
	uint8_t stratum;
	enum { NTP_LEAP_NONE, NTP_LEAP_INSERT, NTP_LEAP_DELETE } leap;
	uint32_t refid;
	ntp_time reference; /* when its clock was corrected last, by its own word; 0: not told */
};

enum ntp_answer {
	NTP_ANSWER_BOGUS, /* not a valid answer to this question: go on waiting for that */
	NTP_ANSWER_GOOD,  /* the sample is filled */
	NTP_ANSWER_UNFIT, /* the server is not synchronised, or its values cannot be true */
	NTP_ANSWER_KISS,  /* kiss-o'-death: the code says why */
};

/*
 * Write a client's question, NTP_HEADER_BYTES, to @bytes.  Its transmit timestamp is @nonce, which
 * must be random and known to nobody else.  All else but the version and the mode is zero.
 * Source: RFC 9109; RFC 5905 section 14.
 */
void ntp_question(uint64_t nonce, uint8_t *bytes);

/* A question that waits for its answer. */
struct ntp_asked {
	uint64_t nonce;
	struct clock_reading sent;
};

/* Why there is no sample. */
struct ntp_refusal {
	char kiss[5];     /* "RATE" and its like, printable, on NTP_ANSWER_KISS */
	struct error why; /* on NTP_ANSWER_UNFIT */
};

/*
 * Judge a datagram.
 *
 * @bytes:    as it came from the network; the caller has checked the sender, nothing else
 * @received: the clocks when it came.  If they and @asked->sent disagree about how long it took,
 *            the local clock was set in between, and the answer is bogus
 * @sample:   filled on NTP_ANSWER_GOOD, else untouched
 *
 * Timestamps are subtracted modulo 2^64 and the difference is read as signed: right in every era
 * as long as the two clocks are less than 68 years apart.
 */
enum ntp_answer ntp_answer_read(const uint8_t *bytes, size_t len, const struct ntp_asked *asked,
    const struct clock_reading *received, struct ntp_sample *sample, struct ntp_refusal *refusal);

/*
 * The best of @count samples of one source: the first with the least delay.  NULL: there is none.
 *
 * @jitter_ns: RMS of the offsets of the others, each minus that of the best
 */
const struct ntp_sample *ntp_best_sample(
    const struct ntp_sample *samples, size_t count, int64_t *jitter_ns);

/* Root distance @age_ns after the sample.  Source: RFC 5905 section 11.2, appendix A.5.5.2. */
int64_t ntp_root_distance_ns(const struct ntp_sample *sample, int64_t jitter_ns, int64_t age_ns);

#endif
