#include "orchestrator/topology/asked.h"

static const struct address *
address_of(const struct host *host, enum ip_family family)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		if (host->addresses.list[i].ip.family == family) {
			return &host->addresses.list[i];
		}
	}
	return NULL;
}

const struct address *
address_between(const struct host *asker, const struct host *server)
{
	const struct host *first = server < asker ? server : asker;

	for (size_t i = 0; i < first->addresses.count; i++) {
		enum ip_family family = first->addresses.list[i].ip.family;
		const struct address *found = address_of(server, family);

		if (found && address_of(asker, family)) {
			return found;
		}
	}
	return server->addresses.list;
}

const struct address *
source_address(const struct host *asker, const struct source *source)
{
	if (source->upstream) {
		return source->upstream->addresses.list;
	}
	return address_between(asker, source->server);
}
