/* What could be asked instead of an upstream that is not good: from the catalogue.  No I/O. */
#ifndef ORCHESTRATOR_PROBE_REPLACE_H
#define ORCHESTRATOR_PROBE_REPLACE_H

#include "orchestrator/probe/worth.h"

/* Set view->service of each of @views, and what follows from it: whether it smears. */
void probe_recognise(struct probe_view *views, size_t count);

/*
 * Set view->instead of each of @views that was judged to be of no use: the nearest open service of
 * an operator whom the site does not ask yet, and another one for each.  Near is where the upstream
 * is, or where most of the others are; where nobody knows that, nothing is offered, and neither
 * when nobody was heard at all.  One with NTS gets one with NTS.
 */
void probe_replace(struct probe_view *views, size_t count);

/* "time.example.org (Example, DE, stratum 1, NTS); terms: URL"; @out has PROBE_WORDS_BYTES. */
const char *probe_instead_words(const struct probe_view *view, char *out);

#endif
