/* What the graph says, in sentences that a manager understands; each ends with a full stop. */
#ifndef ORCHESTRATOR_GRAPH_WORDS_H
#define ORCHESTRATOR_GRAPH_WORDS_H

#include "common/buf.h"
#include "orchestrator/graph/graph.h"

/* "5 servers, each with 6 sources outside the site, of 5 operators; 3 of them must agree." */
void words_tier(const struct graph_tier *tier, struct buf *out);

/* How many of its sources may be wrong. */
void words_liars(const struct graph_tier *tier, struct buf *out);

/* How many of its sources may be silent. */
void words_spare(const struct graph_tier *tier, struct buf *out);

/*
 * Which losses of one part (@parts is 1), or of two at once (2), take the time of the tier or most
 * of its servers.
 */
void words_losses(
    const struct graph *graph, const struct graph_tier *tier, unsigned parts, struct buf *out);

/* What 19 November 2012 would have done to the tier. */
void words_day(const struct graph_tier *tier, struct buf *out);

/* What it means to have lost the time from outside: once, for all tiers. */
extern const char words_below[];

/* "operator PTB (2 sources)" */
void words_part(const struct graph_part *part, struct buf *out);

/* The word of a kind of part, an effect or a day in JSON, as "operator", "below", "right". */
const char *graph_kind_word(enum graph_kind kind);
const char *graph_effect_word(enum graph_effect effect);
const char *graph_day_word(enum graph_day day);

#endif
