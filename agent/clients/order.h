/* What `timetier-agent clients` is told on its stdin: how long to look, and who is who.  No I/O. */
#ifndef AGENT_CLIENTS_ORDER_H
#define AGENT_CLIENTS_ORDER_H

#include "common/address.h"

#define ORDER_BYTES_MAX (64 << 20) /* a line for each host of a large site */
#define ORDER_SECONDS_MAX 90 /* an errand is ended after ERRAND_S_MAX, two readings included */

/* A sorted array of single addresses, or of networks none of which is in another. */
struct network_set {
	struct network *list;
	size_t count, capacity;
};

bool network_set_has(const struct network_set *set, const struct ip *ip);

/* Zero-initialise it; order_free() ends it. */
struct order {
	unsigned seconds;             /* between the two readings */
	struct network_set served;    /* who may ask */
	struct network_set partners;  /* sources and siblings of this server */
	struct network_set misplaced; /* hosts of the site that have to ask other servers */
	struct network_set watched;   /* to be told of in any case */
};

/*
 * Lines of a word and its value, "serve 192.0.2.0/24", up to "end"; the words are `seconds`,
 * `serve`, `partner`, `misplaced` and `watch`.  Returns 0, or -1 with @err set.
 */
int order_parse(struct order *order, const char *text, size_t len, struct error *err) MUST_CHECK;

void order_free(struct order *order);

#endif
