/* SRC: sources that one network, one country, one set of routes or a long way would take together.
 */
#include "orchestrator/catalogue/catalogue.h"
#include "orchestrator/lint/rule.h"

#include <string.h>
#include <strings.h>

#define POOR_STRATUM 6 /* five servers in a row lie between it and a reference clock */

/* The address of @source that is asked, when it is written as a number of the public Internet. */
static const struct ip *
public_address(const struct source *source)
{
	const struct address_list *addresses =
	    source->upstream ? &source->upstream->addresses : NULL;

	return addresses && addresses->count > 0 && ip_is_public(&addresses->list[0].ip)
	    ? &addresses->list[0].ip
	    : NULL;
}

/* The network of a provider around @ip: of IPv4 a /16, of IPv6 a /32. */
static struct network
provider_of(const struct ip *ip)
{
	struct network network = { *ip, ip->family == IP_V4 ? 16 : 32 };

	for (size_t i = network.prefix / 8; i < sizeof(network.ip.bytes); i++) {
		network.ip.bytes[i] = 0;
	}
	return network;
}

/* Whether all sources of @list are in @network, which is that of the first. */
static bool
share_network(const struct source_list *list, struct network *network)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct ip *ip = public_address(&list->list[i]);

		if (!ip) {
			return false; /* a name, or a server of this site: nothing is known */
		}
		if (i == 0) {
			*network = provider_of(ip);
		} else if (!network_contains(network, ip)) {
			return false;
		}
	}
	return list->count >= 2;
}

/* Whether all sources of @list are in @country. */
static bool
share_country(const struct source_list *list, const char **country)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct upstream *upstream = list->list[i].upstream;
		const char *here = upstream ? upstream_country(upstream) : NULL;

		if (!here || (*country && strcasecmp(here, *country) != 0)) {
			return false;
		}
		*country = here;
	}
	return list->count >= 2;
}

static void
check_one_network(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		const char *country = NULL;
		struct network network;
		char text[IP_TEXT_BYTES];

		if (!lint->tiers[i].doubtful && share_network(&tier->sources, &network)) {
			lint_report(lint, tier->name, tier->pos,
			    "all %zu sources of tier \"%s\" are in %s: one router takes all of "
			    "them away",
			    tier->sources.count, tier->name, network_text(&network, text));
		} else if (!lint->tiers[i].doubtful && share_country(&tier->sources, &country)) {
			lint_note(lint, tier->name, tier->pos,
			    "all %zu sources of tier \"%s\" are in %s: near ones are good, and "
			    "what cuts that country off cuts off all of them",
			    tier->sources.count, tier->name, country);
		}
	}
}

static void
check_poor_source(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];

		if (upstream->stratum >= POOR_STRATUM) {
			lint_report(lint, upstream->name, upstream->pos,
			    "\"%s\" is expected at stratum %u: %u servers in a row lie between it "
			    "and a reference clock, and each adds its error",
			    upstream->name, upstream->stratum, upstream->stratum - 1);
		}
	}
}

static void
check_anycast_alone(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct name_list names = { 0 };

		for (size_t s = 0; s < tier->sources.count; s++) {
			const struct upstream *upstream = tier->sources.list[s].upstream;
			const struct service *service =
			    upstream ? upstream_service(upstream) : NULL;

			if (service && service->servers == SERVICE_ANYCAST) {
				name_list_add(&names, upstream->name);
			}
		}
		if (names.count > 0 && 2 * names.count >= tier->sources.count &&
		    !lint->tiers[i].doubtful) {
			lint_report(lint, tier->name, tier->pos,
			    "%zu of the %zu sources of tier \"%s\" are anycast (%s): a change of "
			    "routes puts other machines in their place",
			    names.count, tier->sources.count, tier->name, name_list_text(&names));
		}
	}
}

const struct lint_rule rules_network[] = {
	{ .id = "one-network",
	    .number = "SRC006",
	    .severity = SEVERITY_WARNING,
	    .summary = "the sources of a tier are not all in one network",
	    .source = "RFC 8633 section 3.2: sources should be diverse",
	    .remedy = "add upstreams that another provider connects",
	    .why = "Sources in one network are behind one router, one provider and often one "
		   "building: they go together, and whoever can alter one answer on the way "
		   "can alter all. Judged are addresses that are written as numbers (one /16 "
		   "of IPv4 or /32 of IPv6), and the countries of the upstreams, which are "
		   "worth a note. What autonomous system they are in is not judged: there is "
		   "no routing table here.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB}          # each "
		       "of its own network\n"
		       "  - {name: netnod, address: sth1.ntp.se, operator: Netnod}\n"
		       "  - {name: inrim, address: ntp1.inrim.it, operator: INRIM}",
	    .check = check_one_network },
	{ .id = "anycast-alone",
	    .number = "SRC014",
	    .severity = SEVERITY_WARNING,
	    .summary = "most sources of a tier are one machine each, and not anycast",
	    .source = "RFC 8633 section 7",
	    .remedy = "add sources with an address of their own",
	    .why = "An anycast address leads to whichever of many machines is nearest today. "
		   "When routes change, another machine answers, with another delay and "
		   "perhaps another error, under the same address; a daemon sees one source "
		   "that jumps. One such source among others is outvoted. Where they are half "
		   "of the sources, a change of routes moves the tier.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB}          # each "
		       "of these is one machine\n"
		       "  - {name: netnod, address: sth1.ntp.se, operator: Netnod}\n"
		       "  - {name: inrim, address: ntp1.inrim.it, operator: INRIM}\n"
		       "  - {name: cloud, address: time.cloudflare.com, operator: Cloudflare}",
	    .check = check_anycast_alone },
	{ .id = "poor-source",
	    .number = "SRC012",
	    .where = JUDGED_CHECK | JUDGED_PROBE,
	    .severity = SEVERITY_WARNING,
	    .summary = "a source is near a reference clock: at stratum 5 or better",
	    .source = "RFC 5905 section 11: the root distance decides who is followed",
	    .remedy = "replace it by a server of stratum 1 to 3",
	    .why = "A server at stratum six has its time from five others in a row, each of "
		   "which added its own error; the root distance, which decides who is "
		   "followed, grows with each. There are stratum 1 and 2 servers for everybody "
		   "who asks politely.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB, stratum: 1}",
	    .check = check_poor_source },
	{ .id = NULL },
};
