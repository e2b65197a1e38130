/* Writes names as few ranges, as "web[001-120].example.net": the inverse of names_expand(). */
#ifndef ORCHESTRATOR_TOPOLOGY_FOLD_H
#define ORCHESTRATOR_TOPOLOGY_FOLD_H

#include "common/buf.h"

/*
 * Add @names to @out.  Neighbours become one range when they differ in one number only and that
 * number grows.  names_expand() of the result gives the same names in the same order.
 *
 * @most: the greatest number of ranges; the names after them are only counted, as "and 12 more"
 */
void names_fold(struct buf *out, const char *const *names, size_t count, size_t most);

#endif
