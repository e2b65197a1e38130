/* Asks one address a few times what time it is, from a fresh port each time. */
#ifndef MEASURE_PROBE_H
#define MEASURE_PROBE_H

#include "common/ntp/mac.h"
#include "measure/target.h"

#include <uv.h>

struct probe;
typedef void (*probe_done)(struct probe *probe);

/* Zero-initialise it and fill in the members down to owner. */
struct probe {
	struct measure_target *target; /* counts, samples and words go there */
	struct sockaddr_storage address;
	unsigned samples;
	uint64_t spacing_ms, timeout_ms;
	struct mac_key key;
	bool has_key;
	probe_done done;
	void *owner; /* for done's use */

	bool running, stopping;
	unsigned open; /* handles that are not closed yet */
	bool asking;   /* the socket is open */
	uv_loop_t *loop;
	uv_timer_t timer;
	uv_udp_t socket;
	struct ntp_asked asked;
	unsigned questions;
	uint64_t asked_ms; /* uv_now() at the latest question */
	unsigned bogus;    /* datagrams that did not answer this question */
};

/* Ask for the first time @after_ms from now; @done is called when its last handle is closed. */
void probe_start(struct probe *probe, uv_loop_t *loop, uint64_t after_ms);

/* Give up; @done is called soon, never before this returns. */
void probe_stop(struct probe *probe);

#endif
