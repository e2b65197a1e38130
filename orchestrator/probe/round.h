/* Which upstreams are asked together, with what, and where their answers go.  No I/O. */
#ifndef ORCHESTRATOR_PROBE_ROUND_H
#define ORCHESTRATOR_PROBE_ROUND_H

#include "measure/answers.h"
#include "orchestrator/probe/worth.h"

/* How all of them are asked. */
struct probe_how {
	unsigned samples;   /* of each: 1 to RATION_BURST */
	unsigned port;      /* of NTP: 123, except in tests */
	unsigned nts_port;  /* NTS_PORT, except in tests */
	bool nts;           /* shake hands with those that have NTS */
	int64_t timeout_ns; /* PROBE_TIMEOUT_NS, except in tests */
};

#define PROBE_TIMEOUT_NS (4 * NS_PER_S) /* an answer that comes later is none */

/*
 * Make a view for each address of @upstreams, an array of @count; of all upstreams of the site when
 * @count is 0.
 *
 * @views: from @arena
 * Returns their number.
 */
size_t probe_views(const struct topology *topology, const struct upstream *const *upstreams,
    size_t count, struct arena *arena, struct probe_view **views);

/* How often the server of @view may be asked in an hour. */
unsigned probe_hour(const struct probe_view *view);

/* Views that are asked at the same time. */
struct round {
	struct questions questions;
	struct probe_view *views[MEASURE_TARGETS_MAX]; /* for each name of the questions */
};

/*
 * Fill @round, which is zeroed, with the next of @views from index @from on.  Nobody else is ever
 * asked: the names of the questions are addresses of upstreams, as site.yaml has them.
 *
 * Returns the index of the first view that is left for another round.
 */
size_t round_make(struct round *round, const struct probe_how *how, struct probe_view *views,
    size_t count, size_t from);

/*
 * Put what @measure found into the views.  What they had of earlier rounds counts, too, where there
 * is an answer now.
 */
void round_take(struct round *round, const struct measure *measure);

/* Note in @ration which servers asked for silence. */
void round_kisses(const struct round *round, struct ration *ration, int64_t boot_ns);

#endif
