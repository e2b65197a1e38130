/* NTS within the site: which servers prove themselves by it, under which name.  No I/O. */
#ifndef ORCHESTRATOR_TOPOLOGY_NTS_H
#define ORCHESTRATOR_TOPOLOGY_NTS_H

#include "orchestrator/topology/topology.h"

/*
 * How a server proves itself by NTS (RFC 8915) to the hosts of the site that ask it.  All are paths
 * on hosts: the certificate and its private key on the server, the authority where it is asked.
 */
struct nts_settings {
	const char *certificate, *key;
	const char *ca; /* NULL: an authority that the asking system trusts */
	struct pos pos; /* of the certificate's path */
	struct pos key_pos, ca_pos;
};

/* `nts` of @server, or of its tier; NULL: nothing is said. */
const struct nts_settings *host_nts_declared(const struct host *server);

/*
 * The same where the daemon of @server can: one that is named in site.yaml, serves, and has NTS.
 * Of `auto` nobody knows before it is looked at, and whoever asked by NTS in vain would hear
 * nothing: NULL.
 */
const struct nts_settings *host_nts(const struct host *server);

/*
 * Whether @asker, which asks @server, does so by NTS: host_nts(), and the daemon of @asker can, as
 * far as site.yaml says.  Peers of `peering: symmetric` do not: no daemon has NTS for them.
 */
bool host_asks_by_nts(const struct host *asker, const struct host *server);

/* The first of its addresses that is a DNS name, for which its certificate must be; or NULL. */
const char *host_nts_name(const struct host *server);

/*
 * Whether host_never_steps(), and all sources of @host have NTS, and no key: at boot they are asked
 * without, because certificates have dates, and so nothing proves what they say.
 */
bool host_proves_by_nts(const struct topology *topology, const struct host *host);

#endif
