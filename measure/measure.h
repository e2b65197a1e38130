/*
 * Asks a list of NTP servers for the time, all at once.  Names are resolved off the loop.  Each
 * address is asked a few times, from a fresh port each time, never faster than a server tolerates.
 * The measurement ends whatever the network and the resolver do.
 */
#ifndef MEASURE_MEASURE_H
#define MEASURE_MEASURE_H

#include "common/ntp/mac.h"
#include "measure/target.h"

#include <uv.h>

#define MEASURE_TARGETS_MAX 32 /* addresses in all */

struct measure_request {
	const char *names[MEASURE_TARGETS_MAX];
	unsigned addresses[MEASURE_TARGETS_MAX]; /* how many of each name are asked, at most: 1 for
						    `server`, 4 for `pool` */
	size_t count;
	unsigned samples;   /* of each address: 1 to MEASURE_SAMPLES_MAX; 3 for a verdict */
	int64_t spacing_ns; /* between questions to one address: less than 2 s counts as 2 s, except
			       for servers on this host */
	int64_t timeout_ns; /* of one question: at most 10 s */
	int64_t limit_ns;   /* of all of it, with the lookups; 0: as long as the samples need */
	uint16_t port;      /* 123, except in tests */
	uint16_t ports[MEASURE_TARGETS_MAX]; /* of each name; 0: port */
	/*
	 * The key that authenticates each name; NULL: none.  An answer without this key's MAC is
	 * ignored, and the wait for the right one goes on.  Copied.
	 */
	const struct mac_key *keys[MEASURE_TARGETS_MAX];
	/*
	 * How many of @wanted questions, 2 s apart, may be put to a numeric @address, of the name
	 * of index @source, from now on; called once for each address, before the first of them.
	 * NULL: all.
	 */
	unsigned (*grant)(void *ctx, size_t source, const char *address, unsigned wanted);
	void *grant_ctx;
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
	struct measure_work *work; /* private to measure.c; freed when it ends */
};

/*
 * Ask, and call @done when all answered or were given up; never before this returns.
 *
 * @measure: must not be running; stays where it is until @done was called
 * @request: borrowed until this returns
 */
void measure_run(struct measure *measure, uv_loop_t *loop, const struct measure_request *request,
    measure_done done);

/*
 * Let many names be looked up at once: else four that lead to a silent resolver keep all others
 * waiting.  Call it before the first loop of the process; each place costs a thread.
 */
void measure_widen(void);

/* Give up what is still open: @done is called soon, never before this returns. */
void measure_stop(struct measure *measure);

#endif
