/* The graph as indexes, so that a loss is quickly tried: which tier is fed by whom. */
#ifndef ORCHESTRATOR_GRAPH_MODEL_H
#define ORCHESTRATOR_GRAPH_MODEL_H

#include "orchestrator/graph/graph.h"

/* Whom a tier takes time from. */
struct feed {
	size_t *upstreams;
	size_t upstream_count;
	size_t *servers; /* indexes of hosts */
	size_t server_count;
	size_t list;     /* tiers with the same upstreams have the same number */
	unsigned quorum; /* how many must agree */
};

struct graph_model {
	size_t *order;      /* indexes of tiers: each after those that it takes time from */
	struct feed *feeds; /* per tier */
	size_t *lists;      /* per list of upstreams: a tier that has it */
	size_t list_count;
	size_t work;      /* how many steps it takes to try one loss */
	unsigned *clocks; /* per server: the votes of its hardware clocks */

	/* What is lost at the moment, and what follows from it. */
	bool *upstream_lost;
	bool *host_lost, *host_cut; /* gone; without its upstreams */
	bool *clock_lost;           /* per host: its hardware clocks are gone */
	bool *fed;                  /* per host */
	unsigned *alive;            /* per list of upstreams: how many are there */
};

/* The model of a sound @topology, from @arena; nothing is lost in it. */
struct graph_model *model_make(struct arena *arena, const struct topology *topology);

/* Mark the members of @part as lost, or as there again. */
void model_mark(struct graph_model *model, const struct graph_part *part, bool lost);

/* What is left of each tier, with what is marked; parts[] of @left are not touched. */
void model_try(struct graph_model *model, const struct topology *topology, struct graph_loss *left);

#endif
