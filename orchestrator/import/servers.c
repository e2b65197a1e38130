/* Which hosts are servers: those whom another one asks, and those whose files say that they serve.
 */
#include "orchestrator/import/import.h"

#include "orchestrator/topology/topology.h"

#define LONE_TIER 4      /* so many hosts stand for a tier where nobody serves */
#define LONE_HOSTS_MAX 8 /* and all of them up to here */

bool
import_is_followed(const struct config_source *source)
{
	return !(source->flags & (RESTART_REFCLOCK | RESTART_INIT | RESTART_NOSELECT)) &&
	    topology_takes_address(source->name);
}

static bool
can_serve(const struct import_host *host)
{
	return host->driver && (host->driver->features & DAEMON_SERVES);
}

bool
import_is_own_source(const struct import_host *host, const struct network *network)
{
	char text[IP_TEXT_BYTES];

	return network->prefix == (network->ip.family == IP_V4 ? 32U : 128U) &&
	    config_source(&host->config, ip_text(&network->ip, text));
}

/* Whether its files name networks that it serves: ntpd's default that lets all in is no wish. */
static bool
serves_by_wish(const struct import_host *host)
{
	bool restricts = host->driver->includes == DAEMON_INCLUDES_NTP ||
	    host->driver->includes == DAEMON_INCLUDES_NTPSEC;

	for (size_t i = 0; i < host->config.answers.count; i++) {
		const struct config_answer *row = &host->config.answers.list[i];

		if (row->line && (row->gives & ANSWER_TIME) &&
		    (row->network.prefix > 0 || !restricts) && !config_is_loopback(&row->network) &&
		    !import_is_own_source(host, &row->network)) {
			return true;
		}
	}
	return false;
}

/* Whether it could be a tier's server where the files of no host say that it is one. */
static bool
is_lone(const struct import_host *host)
{
	for (size_t i = 0; i < host->config.source_count; i++) {
		const struct config_source *source = &host->config.sources[i];

		if ((source->flags & RESTART_REFCLOCK) ||
		    (import_is_followed(source) && host->asks[i] == IMPORT_NONE)) {
			return true;
		}
	}
	return false;
}

/* A site has a tier: where nobody serves, hosts that ask outside stand for it. */
static void
make_lone_tier(struct import *import)
{
	size_t able = 0, all = 0, most, taken = 0;

	for (size_t i = 0; i < import->host_count; i++) {
		all += is_lone(&import->hosts[i]);
		able += is_lone(&import->hosts[i]) && can_serve(&import->hosts[i]);
	}
	most = (able > 0 ? able : all) > LONE_HOSTS_MAX ? LONE_TIER : LONE_HOSTS_MAX;
	for (size_t i = 0; i < import->host_count && taken < most; i++) {
		struct import_host *host = &import->hosts[i];

		host->server = is_lone(host) && (able == 0 || can_serve(host));
		taken += host->server;
	}
	import->made_tier = true;
}

void
import_find_servers(struct import *import)
{
	bool any = false;

	for (size_t i = 0; i < import->host_count; i++) {
		struct import_host *host = &import->hosts[i];

		host->server =
		    host->driver && (host->asked || (can_serve(host) && serves_by_wish(host)));
		any |= host->server;
	}
	if (!any) {
		make_lone_tier(import);
	}
}
