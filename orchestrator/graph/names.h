/* Which server an address means, and who runs it: spellings, and what the catalogue knows. */
#ifndef ORCHESTRATOR_GRAPH_NAMES_H
#define ORCHESTRATOR_GRAPH_NAMES_H

#include "orchestrator/topology/topology.h"

struct service;

#define ADDRESS_KEY_BYTES 256

/*
 * Write a key of the server that @address means: equal for all spellings of a name (letters of
 * any case, a final dot) and of an address, and for the published names and addresses of one
 * server of a public service.
 */
void address_key(const struct address *address, char key[ADDRESS_KEY_BYTES]);

/* As address_key(), but knows no public services: the one spelling of @address itself. */
void address_spell(const struct address *address, char key[ADDRESS_KEY_BYTES]);

/* "2.debian.pool.ntp.org" gives "debian.pool.ntp.org", whose servers it has; else NULL. */
const char *pool_zone(const char *key);

/* Whether @upstream is a name of pool.ntp.org, as "2.debian.pool.ntp.org": volunteers answer. */
bool upstream_is_pool(const struct upstream *upstream);

/* Whether @upstream smears leap seconds: as site.yaml declares, else if its address is known to. */
bool upstream_smears(const struct upstream *upstream);

/* What is published about @upstream, by the address that is asked; NULL: nothing. */
const struct service *upstream_service(const struct upstream *upstream);

/* Where it stands ("DE"): as site.yaml says, else as published; NULL: not known, or in many. */
const char *upstream_country(const struct upstream *upstream);

/*
 * Whether @ip is an address of the Internet: not a private one, not one of a link, not one that is
 * reserved or for documents.
 */
bool ip_is_public(const struct ip *ip);

/* Whether @network has such addresses, and is not inside of a network that has none. */
bool network_is_public(const struct network *network);

/*
 * Who runs @upstream: as site.yaml says, else as the catalogue knows, else its domain or network
 * (of the pool: its name, because each name of the pool has servers of other people).
 * Compare without case.
 *
 * @arena: for a text that has to be made; the result may also point into @upstream
 */
const char *operator_of(struct arena *arena, const struct upstream *upstream);

/* The network around @ip, as "192.5.41.0/24" or "2001:db8:1::/48", from @arena. */
const char *network_around(struct arena *arena, const struct ip *ip);

#endif
