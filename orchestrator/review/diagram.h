/* The site as a picture: sources above, tiers below them, those who take time at the bottom. */
#ifndef ORCHESTRATOR_REVIEW_DIAGRAM_H
#define ORCHESTRATOR_REVIEW_DIAGRAM_H

#include "common/buf.h"

struct topology;

/* Add SVG to @out; its colours are those of review.css.  All names in it are escaped. */
void diagram_add(const struct topology *topology, struct buf *out);

/* The same in a sentence, for who cannot see it. */
void diagram_words(const struct topology *topology, struct buf *out);

#endif
