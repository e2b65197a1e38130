/*
 * Whom an audit may send a packet to: the site's own hosts, at the addresses that site.yaml
 * declares, and nobody else.  No I/O.
 */
#ifndef ORCHESTRATOR_AUDIT_SCOPE_H
#define ORCHESTRATOR_AUDIT_SCOPE_H

#include "orchestrator/topology/topology.h"

struct audit_scope {
	struct ip *list; /* sorted */
	size_t count, capacity;
};

/*
 * Begin @scope with the addresses of all hosts of @topology.  An address that is an upstream's,
 * too, is left out, and so is what no single host can have: 0.0.0.0, multicast, broadcast.
 */
void audit_scope_begin(struct audit_scope *scope, const struct topology *topology);

/* Add an address to which the declared name of a host leads. */
void audit_scope_add(
    struct audit_scope *scope, const struct topology *topology, const struct ip *ip);

/* Whether a packet may go to @to, or bear it as its source.  For doors_try(). */
bool audit_may_ask(const void *scope, const struct ip *to);

void audit_scope_free(struct audit_scope *scope);

#endif
