/*
 * A question for the time that bears the source address of another host: does it get through?  The
 * answer goes to that other host, which waits for it.  Both ends are hosts of one site.
 * Source: RFC 2827 (BCP 38).
 */
#ifndef MEASURE_SPOOF_H
#define MEASURE_SPOOF_H

#include "common/address.h"

#include <jansson.h>

struct spoof {
	struct ip as;   /* the address that the packets bear, and where the answer is waited for */
	unsigned port;  /* there */
	struct ip to;   /* a server that answers @as */
	uint64_t nonce; /* of the questions: 48 bits, random */
};

#define SPOOF_PACKETS 5 /* one each SPOOF_SPACING_NS: a server that limits rates answers all */
#define SPOOF_SPACING_NS (3 * NS_PER_S)
#define SPOOF_WAIT_NS (16 * NS_PER_S)

enum spoof_result {
	SPOOF_NOTHING,   /* nothing came */
	SPOOF_CAME,      /* the answer to a question that this host did not ask */
	SPOOF_NO_ANSWER, /* the server does not answer this host when it asks itself */
};

/*
 * Send @count questions, at most SPOOF_PACKETS; needs root.  Returns when all are sent.
 *
 * @may_ask: as for doors_try(); asked of both addresses
 */
int spoof_send(const struct spoof *spoof, int count,
    bool (*may_ask)(const void *ctx, const struct ip *to), const void *ctx,
    struct error *err) MUST_CHECK;

/*
 * Ask the server once, as oneself, and then wait for the answers at @spoof->as.
 *
 * Returns an enum spoof_result, or -1 with @err set: this host does not have that address.
 */
int spoof_hear(const struct spoof *spoof, bool (*may_ask)(const void *ctx, const struct ip *to),
    const void *ctx, struct error *err) MUST_CHECK;

/* For the host at the other end, and back. */
json_t *spoof_json(const struct spoof *spoof);
int spoof_of_json(const json_t *json, struct spoof *spoof, struct error *err) MUST_CHECK;

#endif
