/* Names as few ranges, the inverse of names_expand(): "web[001-120].example.net".  Pure. */
#ifndef ORCHESTRATOR_TOPOLOGY_FOLD_H
#define ORCHESTRATOR_TOPOLOGY_FOLD_H

#include "common/buf.h"

/*
 * Add @names to @out.  Neighbours that differ in one number alone, which grows, become a range;
 * names_expand() of what is added gives them in the same order.
 *
 * @most: ranges; the names of further ones are counted, as "and 12 more"
 */
void names_fold(struct buf *out, const char *const *names, size_t count, size_t most);

#endif
