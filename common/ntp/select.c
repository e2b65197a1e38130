#include "common/ntp/select.h"

#include <math.h>
#include <stdlib.h>

#define OFFSET_MAX_NS INT64_C(4000000000000000000) /* 126 years: no NTP packet says more */
#define DISTANCE_MAX_NS INT64_C(500000000000000000)
#define PRECISION_NS 100            /* of a clock: a smaller spread counts as this */
#define CHRONY_STRATUM_NS NS_PER_MS /* stratumweight */
#define CHRONY_RESELECT_NS (100 * NS_PER_US)
#define CHRONY_COMBINE 3 /* combinelimit */

const struct select_rules select_rfc5905 = {
	.truth = SELECT_MIDPOINT,
	.distance_max_ns = NS_PER_S,
	.distance_min_ns = NS_PER_MS * 5 / 2, /* half of MINDISP */
	.min_survivors = 1,
	.cluster_to = 3,
};
const struct select_rules select_ntpd = {
	.truth = SELECT_OVERLAP,
	.distance_max_ns = NS_PER_MS * 1500,
	.distance_min_ns = NS_PER_MS,
	.min_survivors = 1,
	.cluster_to = 3,
};
const struct select_rules select_chrony = {
	.truth = SELECT_DEEPEST,
	.distance_max_ns = 3 * NS_PER_S,
	.distance_min_ns = 1,
	.min_survivors = 1,
	.cluster_to = 0,
};

/* A fit source. */
struct candidate {
	struct select_source *source;
	size_t index;
	int64_t distance_ns, low_ns, high_ns;
	double spread; /* selection jitter: RMS of the other offsets minus this one, ns */
};

struct vote {
	const struct select_rules *rules;
	struct select_result *result;
	struct candidate list[SELECT_SOURCES_MAX];
	size_t count;
	int64_t trust_low_ns, trust_high_ns; /* chrony: where the truthy sources agree */
	bool trusted;                        /* chrony: there are truthy sources */
};

/* An end of an interval, or its middle. */
struct edge {
	int64_t at_ns;
	enum { EDGE_LOW, EDGE_MIDDLE, EDGE_HIGH } type; /* the order of edges at one place */
	bool truthy;
};

static int
compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_edges(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;
	int order = compare(a->at_ns, b->at_ns);

	return order ? order : (int)a->type - (int)b->type;
}

/* Compare by values; the order of the sources decides only between equal ones. */
static int
compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = compare(a->source->stratum, b->source->stratum);

	order = order ? order : compare(a->distance_ns, b->distance_ns);
	order = order ? order : compare(a->source->offset_ns, b->source->offset_ns);
	order = order ? order : compare(a->source->jitter_ns, b->source->jitter_ns);
	return order ? order : compare((int64_t)a->index, (int64_t)b->index);
}

static bool
is_fit(const struct select_rules *rules, const struct select_source *source)
{
	return source->fit && source->offset_ns >= -OFFSET_MAX_NS &&
	    source->offset_ns <= OFFSET_MAX_NS && source->distance_ns >= 0 &&
	    source->distance_ns <= DISTANCE_MAX_NS && source->distance_ns <= rules->distance_max_ns;
}

static void
collect(struct vote *vote, struct select_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct select_source *source = &sources[i];
		struct candidate *candidate = &vote->list[vote->count];
		int64_t distance_ns = source->distance_ns;

		source->state = SELECT_UNFIT;
		if (!is_fit(vote->rules, source) || vote->count == SELECT_SOURCES_MAX) {
			continue;
		}
		if (distance_ns < vote->rules->distance_min_ns) {
			distance_ns = vote->rules->distance_min_ns;
		}
		source->state = SELECT_FALSETICKER;
		*candidate = (struct candidate){ .source = source,
			.index = i,
			.distance_ns = distance_ns,
			.low_ns = source->offset_ns - distance_ns,
			.high_ns = source->offset_ns + distance_ns };
		vote->count++;
	}
	qsort(vote->list, vote->count, sizeof(vote->list[0]), compare_candidates);
}

/* Write the edges of all candidates in ascending order; returns how many. */
static size_t
sort_edges(const struct vote *vote, struct edge *edges)
{
	size_t count = 0;

	for (size_t i = 0; i < vote->count; i++) {
		const struct candidate *candidate = &vote->list[i];
		bool truthy = candidate->source->truthy;

		edges[count++] = (struct edge){ candidate->low_ns, EDGE_LOW, truthy };
		edges[count++] = (struct edge){ candidate->source->offset_ns, EDGE_MIDDLE, truthy };
		edges[count++] = (struct edge){ candidate->high_ns, EDGE_HIGH, truthy };
	}
	qsort(edges, count, sizeof(edges[0]), compare_edges);
	return count;
}

/* Where a scan first was inside so many intervals at once, and how many middles it had passed. */
struct reach {
	int64_t at_ns;
	size_t middles;
	bool reached;
};

/* One scan finds every depth (number of intervals at one place): k first comes after k - 1. */
static void
scan(const struct edge *edges, size_t count, bool down, struct reach *reaches)
{
	size_t depth = 0, middles = 0;

	for (size_t i = 0; i < count; i++) {
		const struct edge *edge = &edges[down ? count - 1 - i : i];

		if (edge->type == EDGE_MIDDLE) {
			middles++;
		} else if (edge->type == (down ? EDGE_HIGH : EDGE_LOW)) {
			depth++;
			if (!reaches[depth].reached) {
				reaches[depth] = (struct reach){ edge->at_ns, middles, true };
			}
		} else {
			depth--;
		}
	}
}

/*
 * Find the intersection of most intervals: Marzullo's algorithm.  RFC 5905 appendix A.5.5.1 adds
 * Mills' rule that no more middles may lie outside than there are falsetickers; ntp 4.2.8 has
 * dropped that rule.
 */
static bool
intersect(const struct vote *vote, struct select_result *result)
{
	struct edge edges[3 * SELECT_SOURCES_MAX];
	struct reach up[SELECT_SOURCES_MAX + 1] = { 0 }, down[SELECT_SOURCES_MAX + 1] = { 0 };
	size_t count = sort_edges(vote, edges);

	scan(edges, count, false, up);
	scan(edges, count, true, down);
	for (size_t allow = 0; 2 * allow < vote->count; allow++) {
		const struct reach *low = &up[vote->count - allow];
		const struct reach *high = &down[vote->count - allow];

		if (!low->reached || low->at_ns >= high->at_ns ||
		    (vote->rules->truth == SELECT_MIDPOINT &&
			low->middles + high->middles > allow)) {
			continue;
		}
		result->low_ns = low->at_ns;
		result->high_ns = high->at_ns;
		return true;
	}
	return false;
}

/*
 * Find where most intervals meet.  If there are truthy sources, they come first and only their
 * majority counts.  Source: SRC_SelectSource() in chrony 4.3 sources.c.
 */
static bool
find_deepest(struct vote *vote, struct select_result *result)
{
	struct edge edges[3 * SELECT_SOURCES_MAX];
	size_t count = sort_edges(vote, edges);
	size_t depth = 0, trust = 0, best = 0, best_trust = 0, voters = vote->count, trusted = 0;

	for (size_t i = 0; i < count; i++) {
		const struct edge *edge = &edges[i];

		if (edge->type == EDGE_LOW) {
			depth++;
			trust += edge->truthy;
			trusted += edge->truthy;
			if (trust > best_trust) {
				best_trust = trust;
				best = 0;
				vote->trust_low_ns = edge->at_ns;
			}
			if (trust == best_trust && depth > best) {
				best = depth;
				result->low_ns = edge->at_ns;
			}
		} else if (edge->type == EDGE_HIGH) {
			if (trust == best_trust) {
				result->high_ns = depth == best ? edge->at_ns : result->high_ns;
				vote->trust_high_ns = edge->at_ns;
			}
			trust -= edge->truthy;
			depth--;
		}
	}
	vote->trusted = best_trust > 0;
	if (vote->trusted) {
		best = best_trust;
		voters = trusted;
	}
	return best > voters / 2;
}

static bool
is_true_midpoint(const struct vote *vote, const struct candidate *candidate)
{
	return candidate->source->truthy ||
	    (vote->result->majority && candidate->source->offset_ns >= vote->result->low_ns &&
		candidate->source->offset_ns <= vote->result->high_ns);
}

static bool
is_true_overlap(const struct vote *vote, const struct candidate *candidate)
{
	return candidate->source->truthy ||
	    (vote->result->majority && candidate->high_ns >= vote->result->low_ns &&
		candidate->low_ns <= vote->result->high_ns);
}

static bool
is_true_deepest(const struct vote *vote, const struct candidate *candidate)
{
	int64_t low_ns = candidate->low_ns, high_ns = candidate->high_ns;

	if (!vote->result->majority ||
	    !((low_ns <= vote->result->low_ns && high_ns >= vote->result->high_ns) ||
		(low_ns >= vote->result->low_ns && high_ns <= vote->result->high_ns))) {
		return false;
	}
	return !vote->trusted || candidate->source->truthy ||
	    (low_ns >= vote->trust_low_ns && high_ns <= vote->trust_high_ns);
}

static void
drop_falsetickers(struct vote *vote)
{
	static bool (*const is_true[])(const struct vote *, const struct candidate *) = {
		[SELECT_MIDPOINT] = is_true_midpoint,
		[SELECT_OVERLAP] = is_true_overlap,
		[SELECT_DEEPEST] = is_true_deepest,
	};
	size_t kept = 0;

	for (size_t i = 0; i < vote->count; i++) {
		if (is_true[vote->rules->truth](vote, &vote->list[i])) {
			vote->list[i].source->state = SELECT_SURVIVOR;
			vote->list[kept++] = vote->list[i];
		}
	}
	vote->count = kept;
}

/* Fill each candidate's spread.  Returns the index of the worst; there must be at least one. */
static size_t
find_worst(struct vote *vote)
{
	size_t worst = 0;
	double most = -1;

	for (size_t i = 0; i < vote->count; i++) {
		struct candidate *candidate = &vote->list[i];
		double sum = 0, metric;

		for (size_t j = 0; j < vote->count; j++) {
			double off = (double)(vote->list[j].source->offset_ns -
			    candidate->source->offset_ns);

			sum += off * off;
		}
		candidate->spread = vote->count > 1 ? sqrt(sum / (double)(vote->count - 1)) : 0;
		metric = candidate->spread * (double)candidate->distance_ns;
		if (metric > most) {
			most = metric;
			worst = i;
		}
	}
	return worst;
}

static double
least_jitter(const struct vote *vote)
{
	double least = INFINITY;

	for (size_t i = 0; i < vote->count; i++) {
		least = fmin(least, (double)vote->list[i].source->jitter_ns);
	}
	return least;
}

/*
 * Drop the candidate furthest from the others, as long as that makes the rest agree better.
 * Source: RFC 5905 section 11.2.2; clock_select() of ntpd.
 */
static void
cluster(struct vote *vote)
{
	while (vote->count > 0) {
		size_t worst = find_worst(vote);
		struct select_source *source = vote->list[worst].source;

		if (vote->rules->cluster_to == 0 || vote->count <= vote->rules->cluster_to ||
		    fmax(vote->list[worst].spread, PRECISION_NS) <= least_jitter(vote) ||
		    source->prefer || source->truthy) {
			return;
		}
		source->state = SELECT_OUTLIER;
		vote->count--;
		for (size_t i = worst; i < vote->count; i++) {
			vote->list[i] = vote->list[i + 1];
		}
	}
}

/* How good a system peer @candidate is; lower is better. */
static double
peer_metric(const struct vote *vote, const struct candidate *candidate)
{
	double stratum = candidate->source->stratum, distance = (double)candidate->distance_ns;

	switch (vote->rules->truth) {
	case SELECT_MIDPOINT:
		return stratum * (double)vote->rules->distance_max_ns + distance;
	case SELECT_OVERLAP: /* ntpd computes in s^2, we in ns^2 */
		return candidate->spread * distance +
		    stratum * (double)vote->rules->distance_min_ns * (double)NS_PER_S;
	case SELECT_DEEPEST:
		return stratum * CHRONY_STRATUM_NS + distance;
	}
	return 0;
}

/* The system peer: the preferred candidate that was configured first; if none is, the best. */
static const struct candidate *
find_peer(const struct vote *vote)
{
	const struct candidate *best = &vote->list[0], *prefer = NULL;

	for (size_t i = 0; i < vote->count; i++) {
		const struct candidate *candidate = &vote->list[i];

		if (peer_metric(vote, candidate) < peer_metric(vote, best)) {
			best = candidate;
		}
		if (candidate->source->prefer && (!prefer || candidate->index < prefer->index)) {
			prefer = candidate;
		}
	}
	/* chrony: if any is preferred, only such ones are left by now, and the best one wins */
	return prefer && vote->rules->truth != SELECT_DEEPEST ? prefer : best;
}

/* If any source is preferred, chrony leaves out all others. */
static void
keep_preferred(struct vote *vote)
{
	size_t kept = 0;

	for (size_t i = 0; i < vote->count; i++) {
		kept += vote->list[i].source->prefer;
	}
	if (kept == 0) {
		return;
	}
	kept = 0;
	for (size_t i = 0; i < vote->count; i++) {
		if (vote->list[i].source->prefer) {
			vote->list[kept++] = vote->list[i];
		} else {
			vote->list[i].source->state = SELECT_OUTLIER;
		}
	}
	vote->count = kept;
}

/* The mean offset, weighted by 1 / distance.  Sums differences, which are exact in a double. */
static int64_t
combine(const struct vote *vote, const struct candidate *peer)
{
	double sum = 0, weights = 0;

	for (size_t i = 0; i < vote->count; i++) {
		const struct candidate *candidate = &vote->list[i];
		double weight = 1 / (double)candidate->distance_ns;

		if (vote->rules->truth == SELECT_DEEPEST && candidate != peer &&
		    candidate->distance_ns >
			CHRONY_COMBINE * (peer->distance_ns + CHRONY_RESELECT_NS)) {
			continue;
		}
		weights += weight;
		sum += weight * (double)(candidate->source->offset_ns - peer->source->offset_ns);
	}
	return peer->source->offset_ns + llround(sum / weights);
}

static void
settle(struct vote *vote, struct select_result *result)
{
	const struct candidate *peer;
	int64_t below_ns, above_ns;

	if (vote->rules->truth == SELECT_DEEPEST) {
		keep_preferred(vote);
	}
	peer = find_peer(vote);
	peer->source->state = SELECT_PEER;
	result->synced = true;
	result->peer = peer->index;
	result->offset_ns = peer->source->prefer && vote->rules->truth != SELECT_DEEPEST
	    ? peer->source->offset_ns
	    : combine(vote, peer);
	if (!result->majority) { /* the peer is truthy: it needs no majority */
		result->error_ns = peer->distance_ns;
		return;
	}
	below_ns = result->offset_ns - result->low_ns;
	above_ns = result->high_ns - result->offset_ns;
	result->error_ns = below_ns > above_ns ? below_ns : above_ns;
}

void
ntp_select(const struct select_rules *rules, struct select_source *sources, size_t count,
    struct select_result *result)
{
	struct vote vote = { .rules = rules, .result = result };

	*result = (struct select_result){ 0 };
	collect(&vote, sources, count);
	result->fit = (unsigned)vote.count;
	result->majority =
	    rules->truth == SELECT_DEEPEST ? find_deepest(&vote, result) : intersect(&vote, result);
	if (!result->majority) {
		result->low_ns = result->high_ns = 0;
	}
	drop_falsetickers(&vote);
	/* ntpd counts the survivors after the clustering, the others before it */
	result->survivors = (unsigned)vote.count;
	cluster(&vote);
	if (rules->truth == SELECT_OVERLAP) {
		result->survivors = (unsigned)vote.count;
	}
	if (vote.count > 0 && result->survivors >= rules->min_survivors) {
		settle(&vote, result);
	}
}
