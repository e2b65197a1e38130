/*
 * Asks a list of NTP servers what time it is, all at once: names are resolved off the loop, each
 * address is asked a few times from a fresh port, never faster than a server tolerates.
 */
#ifndef AGENT_MEASURE_H
#define AGENT_MEASURE_H

#include "common/ntp_exchange.h"

#include <uv.h>

#define MEASURE_TARGETS_MAX 32 /* addresses in all */
#define MEASURE_SAMPLES_MAX 8

struct measure_target {
	char name[256];   /* as configured: a name or an address */
	char address[64]; /* numeric; "" when the name does not resolve */
	size_t source;    /* index of what was asked for: a name may have several addresses */
	unsigned sent, answered;
	char kiss[5];  /* "RATE", "DENY", "RSTR": it does not want to be asked; "" */
	char why[128]; /* when it gave no good sample */
	struct ntp_sample samples[MEASURE_SAMPLES_MAX];
	size_t sample_count;
};

struct measure_request {
	const char *names[MEASURE_TARGETS_MAX];
	unsigned addresses[MEASURE_TARGETS_MAX]; /* of each name, at most: 1 for `server`, 4 for
						    `pool` */
	size_t count;
	unsigned samples;   /* of each address: 1 to MEASURE_SAMPLES_MAX; 3 for a verdict */
	int64_t spacing_ns; /* between questions to one address: at least 2 s */
	int64_t timeout_ns; /* of one question */
	uint16_t port;      /* 123 where servers are real */
};

struct measure;
typedef void (*measure_done)(struct measure *measure);

/* Zero-initialise it. */
struct measure {
	struct measure_target targets[MEASURE_TARGETS_MAX]; /* the answer */
	size_t target_count;
	measure_done done;
	void *owner; /* for done's use */
	bool running;
	struct measure_work *work; /* of measure.c */
};

/* Ask, and call @done when all answered or were given up; never before this returns. */
void measure_run(struct measure *measure, uv_loop_t *loop, const struct measure_request *request,
    measure_done done);

#endif
