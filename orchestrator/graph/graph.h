/*
 * The site as a graph: who feeds whom with time, and what is left of it when parts go.  The graph
 * is of what site.yaml declares; no host and no network is asked.
 *
 * A server has its time from outside ("is fed") while as many of its sources as its quorum can be
 * used: an upstream that is there, a hardware clock of its own, or a server of this site that is
 * there and is itself fed.
 */
#ifndef ORCHESTRATOR_GRAPH_GRAPH_H
#define ORCHESTRATOR_GRAPH_GRAPH_H

#include "orchestrator/topology/topology.h"

/* Kinds of parts: each is something that fails as one. */
enum graph_kind {
	GRAPH_UPSTREAM, /* one source outside the site */
	GRAPH_OPERATOR, /* all upstreams of one operator */
	GRAPH_LINK,     /* `link` of servers: they lose their upstreams, and still serve */
	GRAPH_SERVER,   /* one server of the site */
	GRAPH_CLOCK,    /* the hardware clocks of one server: they have one antenna, or one cable */
	GRAPH_NETWORK,  /* all upstreams and servers whose first address is in one /24 or /48 */
	GRAPH_COUNTRY,  /* all upstreams that stand in one country */
	GRAPH_REFERENCE, /* all upstreams that are, or follow, one server, or one radio signal */
};

/*
 * What an upstream said of itself when it was probed; members are NULL where that is not known.
 * The address is the one that was asked; of whom it has its time: an address, or "GPS".
 */
struct graph_seen {
	const char *address, *reference;
};

struct graph_part {
	enum graph_kind kind;
	const char *name;
	size_t upstream_count,
	    server_count;      /* what goes with it; of a link or clock: who is cut off */
	const size_t *members; /* indexes of upstreams, then of hosts, in the topology */
};

/* What a loss does to a tier; the worst comes last. */
enum graph_effect {
	GRAPH_KEPT,
	GRAPH_PARTLY, /* some servers that are there are not fed any more */
	GRAPH_BELOW,  /* none is fed: they serve on, on their own clocks */
	GRAPH_FEW,    /* so few servers are there that clients find no majority of them */
	GRAPH_GONE,   /* no server is there */
};

/* One loss, of one part or of two at once. */
struct graph_loss {
	const struct graph_part *parts[2]; /* the second is NULL when one part is enough */
	enum graph_effect effect;
	unsigned left;    /* sources that the best server of the tier can still use */
	unsigned servers; /* servers of the tier that are there */
	bool above;       /* GRAPH_BELOW because a tier above is not fed */
};

/* What becomes of a tier when all upstreams of one operator are wrong in the same way. */
enum graph_day {
	GRAPH_RIGHT,     /* the others outvote them, whoever answers first */
	GRAPH_IF_FIRST,  /* the others outvote them; but they are a quorum, and may answer first */
	GRAPH_STALEMATE, /* neither side has a majority */
	GRAPH_WRONG,     /* the wrong ones outvote the others */
};

/* What the graph says of one tier. */
struct graph_tier {
	const struct tier *tier;
	unsigned depth;     /* 1: has upstreams alone; else one more than the deepest tier above */
	unsigned stratum;   /* of its servers, when all above are as declared; 0: not known */
	unsigned sources;   /* of each of its servers, siblings not counted */
	unsigned clocks;    /* of these, hardware clocks of the server itself */
	unsigned upstreams; /* of these, outside the site */
	unsigned operators; /* of these upstreams */
	unsigned quorum;
	unsigned needed; /* servers that clients need for a majority: more than half of them */
	unsigned spare;  /* so many of its sources may be silent: sources - quorum, or 0 */
	unsigned liars;  /* so many of them may be wrong at once, while it runs */
	unsigned liars_at_start; /* and so many when they answer first after a restart */

	/*
	 * Losses with an effect of GRAPH_BELOW or worse: [0] of one part, [1] of two of which
	 * neither is enough alone.  Those that take most with them come first.  A country or a
	 * reference goes alone: two of them on one day is nothing that a site can prepare for.
	 */
	struct {
		struct graph_loss *list; /* at most GRAPH_LOSSES_KEPT of them */
		size_t kept, count;
	} losses[2];
	enum graph_effect now; /* when nothing is lost: a tier may be below its quorum as it is */

	/* 19 November 2012: the operator with the most of its upstreams is wrong by 12 years. */
	const char *wrong_operator; /* NULL: the tier has no upstreams of its own */
	unsigned wrong;             /* how many of its sources that are */
	enum graph_day day; /* of a tier below others: as bad as that of the worst tier above */
};

#define GRAPH_LOSSES_KEPT 32

struct graph {
	const struct topology *topology;
	struct arena arena;
	const struct graph_part *parts; /* those that matter, each once: see graph_make() */
	size_t part_count;
	size_t examined[2]; /* so many of them were lost, alone and in pairs: the first ones */
	struct graph_model *model;
	struct graph_tier *tiers; /* as topology->tiers */
	size_t tier_count;
};

/*
 * Fill @graph from a sound @topology, which must outlive it, as @seen must.  Parts that take the
 * same with them are one part, under the plainest of their names.  The work is bounded: of a very
 * large site only the parts that take most with them are lost in turn, see graph->examined[].
 *
 * @seen: of each upstream, as topology->upstreams; NULL: nobody probed them
 *
 * The caller frees @graph with graph_free().
 */
void graph_make(
    struct graph *graph, const struct topology *topology, const struct graph_seen *seen);

void graph_free(struct graph *graph);

/*
 * Lose @count parts of @graph (any, or none), and tell what is left of each tier.
 *
 * @left: filled, as topology->tiers; parts[] are the first two of @parts
 */
void graph_lose(const struct graph *graph, const struct graph_part *const *parts, size_t count,
    struct graph_loss *left);

/* How many of @sources may be wrong in the same way, when @quorum of them must agree. */
unsigned graph_liars(unsigned sources, unsigned quorum);

/* What a tier does when @wrong of its @sources are wrong in the same way. */
enum graph_day graph_day_of(unsigned sources, unsigned quorum, unsigned wrong);

#endif
