/* How much traffic a time service makes, and what it costs.  Pure. */
#ifndef ORCHESTRATOR_REVIEW_COST_H
#define ORCHESTRATOR_REVIEW_COST_H

#include "common/base.h"

/*
 * Bytes of one NTP packet without authentication over IPv4 in an Ethernet frame, without the check
 * sequence: 14 + 20 + 8 + 48.
 * Source: RFC 5905 section 7.3; captures of switches count frames like this.
 */
#define COST_FRAME_BYTES 90

#define COST_DAYS 30
#define COST_GB 1e9 /* bytes: as networks are billed */

/* The longest and the shortest intervals of clients, log2 s. */
#define COST_POLL_SETTLED 10
#define COST_POLL_UNSETTLED 6

/* `iburst` after a start: so many questions, so far apart.  Source: ntp_proto.c, ntp_core.c. */
#define COST_BURST_PACKETS 8
#define COST_BURST_GAP_S 2

/* Who asks whom. */
struct cost_input {
	uint64_t clients;
	double servers_each; /* servers that each client asks, on average */
};

/* Of questions alone: there are as many answers, of the same size. */
struct cost_flow {
	double packets_s;
	double bit_s;
};

struct cost {
	struct cost_flow settled;   /* every client polls at its longest interval */
	struct cost_flow unsettled; /* at its shortest: in the hour after a start */
	struct cost_flow start;     /* all start at once: the first COST_BURST_PACKETS questions */
	unsigned start_s;           /* so long */
	double gb_month;            /* of answers, when all are settled, in COST_DAYS days */
	double gb_month_most;       /* when none ever settles */
};

void cost_of(const struct cost_input *input, struct cost *cost);

/* bit/s of @bytes in @seconds; 0 when @seconds is not positive. */
double cost_bit_s(double bytes, double seconds);

/* What the outgoing half of @bit_s, which has both directions, costs in COST_DAYS days. */
double cost_month(double bit_s, double price_gb);

#endif
