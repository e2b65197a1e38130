#include "orchestrator/topology/nts.h"

#include "daemons/daemon.h"

const struct nts_settings *
host_nts_declared(const struct host *server)
{
	return server->nts ? server->nts : server->tier ? server->tier->nts : NULL;
}

const struct nts_settings *
host_nts(const struct host *server)
{
	const unsigned needed = DAEMON_NTS | DAEMON_SERVES;
	const struct daemon_driver *driver = daemon_find(server->daemon);

	return driver && (driver->features & needed) == needed ? host_nts_declared(server) : NULL;
}

bool
host_asks_by_nts(const struct host *asker, const struct host *server)
{
	const struct daemon_driver *driver = daemon_find(asker->daemon);
	bool peers =
	    asker->tier && asker->tier == server->tier && asker->tier->peering == PEERING_SYMMETRIC;

	return host_nts(server) && !peers && (!driver || driver->features & DAEMON_NTS);
}

const char *
host_nts_name(const struct host *server)
{
	for (size_t i = 0; i < server->addresses.count; i++) {
		if (server->addresses.list[i].ip.family == IP_NONE) {
			return server->addresses.list[i].text;
		}
	}
	return NULL;
}

bool
host_proves_by_nts(const struct topology *topology, const struct host *host)
{
	const struct source_list *sources = host_sources(host);

	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->list[i];

		if (source->upstream ? !source->upstream->nts && !source->upstream->noselect
				     : !host_asks_by_nts(host, source->server) ||
			    topology_key(topology, host, source->server) != NULL) {
			return false;
		}
	}
	return source_votes(sources) > 0 && host_never_steps(host);
}
