/* POL, continued: what is asked of a server that is itself a member of pool.ntp.org. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"

#define MEMBER_SOURCES_MIN 4
#define MEMBER_SOURCES_MAX 7

static void
check_member_sources(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct name_list names = { 0 };

		if (tier->isolated || lint->tiers[i].doubtful ||
		    (tier->sources.count >= MEMBER_SOURCES_MIN &&
			tier->sources.count <= MEMBER_SOURCES_MAX)) {
			continue;
		}
		for (size_t s = 0; s < tier->server_count; s++) {
			if (tier->servers[s]->pool) {
				name_list_add(&names, tier->servers[s]->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->pos,
			    "tier \"%s\" serves the public pool (%s) with %zu sources: the pool "
			    "asks "
			    "for %d to %d",
			    tier->name, name_list_text(&names), tier->sources.count,
			    MEMBER_SOURCES_MIN, MEMBER_SOURCES_MAX);
		}
	}
}

/* The pool keeps addresses, not names: a server whose address changes is asked at the old one. */
/* Whether nobody outside reaches the address: RFC 1918, RFC 4193, RFC 6598. */
static bool
is_private(const struct ip *ip)
{
	static const char *const networks[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
		"100.64.0.0/10", "fc00::/7" };
	struct network network;

	for (size_t i = 0; i < COUNT(networks); i++) {
		if (network_parse(networks[i], &network, NULL) == 0 &&
		    network_contains(&network, ip)) {
			return true;
		}
	}
	return false;
}

static void
check_member_address(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->server_count; i++) {
		const struct host *host = &lint->topology->hosts[i];
		bool fixed = false, outside = false;

		for (size_t a = 0; a < host->addresses.count; a++) {
			const struct ip *ip = &host->addresses.list[a].ip;

			fixed |= ip->family != IP_NONE;
			outside |= !is_private(ip);
		}
		if (host->pool && !fixed) {
			lint_report(lint, host->name, host->pos,
			    "%s serves the public pool and is declared by name: the pool hands out "
			    "one static address of it for years",
			    host->name);
		} else if (host->pool && !outside) {
			lint_report(lint, host->name, host->pos,
			    "%s serves the public pool and has private addresses alone: write the "
			    "one that the pool hands out, too",
			    host->name);
		}
	}
}

static bool
is_over(const struct lint *lint, const struct verify *verify)
{
	return verify->until_ns > 0 && lint->now_ns >= verify->until_ns;
}

static bool
is_port(const struct verify *verify)
{
	return verify->way == VERIFY_WORD || verify->way == VERIFY_REDIRECT;
}

static void
check_verify_port(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->verify_count; i++) {
		const struct verify *verify = &lint->topology->verifies[i];
		const struct host *host = verify->host;

		if (host && is_port(verify) && !is_over(lint, verify)) {
			lint_note(lint, host->name, verify->pos,
			    "%s opens TCP port %u to everybody and %s there: nothing else may "
			    "listen at that port, and a firewall must let it in",
			    host->name, verify->port,
			    verify->way == VERIFY_WORD ? "says a word" : "redirects");
		}
	}
}

static void
check_verify_twice(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->verify_count; i++) {
		const struct verify *verify = &topology->verifies[i];

		for (size_t k = 0; k < i && verify->host && is_port(verify); k++) {
			const struct verify *first = &topology->verifies[k];

			if (first->host == verify->host && is_port(first) &&
			    !is_over(lint, first) && !is_over(lint, verify)) {
				lint_report(lint, verify->host->name, verify->pos,
				    "%s has a word or a redirect already (line %u): only that one "
				    "is rendered",
				    verify->host->name, first->pos.line);
				break;
			}
		}
	}
}

/* Status and versions are matters of ntpd's `restrict`: what has no mode 6 has neither. */
static void
check_verify_unsupported(struct lint *lint)
{
	check_verify_twice(lint);
	for (size_t i = 0; i < lint->topology->verify_count; i++) {
		const struct verify *verify = &lint->topology->verifies[i];
		const struct host *host = verify->host;
		const struct daemon_driver *driver = host ? daemon_find(host->daemon) : NULL;

		if (!driver || driver->query == DAEMON_QUERY_MODE6) {
			continue;
		}
		if (verify->way == VERIFY_STATUS || verify->way == VERIFY_VERSION) {
			lint_report(lint, host->name, verify->pos,
			    "%s runs %s, which %s: this way proves nothing there", host->name,
			    host->daemon,
			    verify->way == VERIFY_STATUS
				? "tells nobody its status over the network"
				: "answers every version of NTP");
		}
	}
}

static void
check_verify_past(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->verify_count; i++) {
		const struct verify *verify = &lint->topology->verifies[i];

		if (verify->host && is_over(lint, verify)) {
			lint_report(lint, verify->host->name, verify->until_pos,
			    "the time in which %s proves its membership is over: nothing of it is "
			    "rendered any more",
			    verify->host->name);
		}
	}
}

#define JOIN "ntppool.org, \"How do I join pool.ntp.org?\""

const struct lint_rule rules_member[] = {
	{ .id = "member-sources",
	    .number = "POL006",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server of the public pool has four to seven sources, chosen by hand",
	    .source = JOIN,
	    .remedy = "choose `upstreams` by hand until there are four to seven",
	    .why = "Strangers by the thousand follow a member of the pool. With three sources, "
		   "one wrong source and one outage leave it without a majority; with more "
		   "than seven, it loads servers of others for nothing.",
	    .instead = "upstreams:\n"
		       "  - {name: ptb, address: ptbtime1.ptb.de, operator: PTB, stratum: 1}\n"
		       "  - {name: netnod, address: sth1.ntp.se, operator: Netnod, stratum: 1}\n"
		       "  - {name: inrim, address: ntp1.inrim.it, operator: INRIM, stratum: 1}\n"
		       "  - {name: timenl, address: ntp1.time.nl, operator: SIDN, stratum: 1}\n"
		       "tiers:\n"
		       "  - {name: public, upstreams: all, servers: [{name: time1, address: "
		       "192.0.2.1, pool: true}]}",
	    .check = check_member_sources },
	{ .id = "member-address",
	    .number = "POL007",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server of the public pool has a static address",
	    .source = JOIN,
	    .remedy = "write its address, as `address: 192.0.2.1`",
	    .why = "The pool hands out addresses, and clients keep them for months, some for "
		   "years. Whoever gets the address after you gets their questions.",
	    .instead = "tiers:\n"
		       "  - {name: public, upstreams: all, servers: [{name: time1, address: "
		       "192.0.2.1, pool: true}]}",
	    .check = check_member_address },
	{ .id = "verify-port",
	    .number = "POL008",
	    .severity = SEVERITY_WARNING,
	    .summary = "what proves membership at a TCP port has that port for itself",
	    .source = "site.yaml(5), verify; systemd.socket(5)",
	    .remedy = "keep the port free and open in the firewall until the day of `until`, or "
		      "take another `way`",
	    .why = "A word on a TCP port and a redirect are not a time daemon's to give: systemd "
		   "holds the port (timetier-verify.socket) and starts a small program for each "
		   "call, which runs as nobody and sees no network. A web server at the same port "
		   "would make the rollout fail, and a firewall the proof.",
	    .instead =
		"verify:\n"
		"  - {server: time1, way: association, by: verify.pool.example, until: 2027-01-31}",
	    .check = check_verify_port },
	{ .id = "verify-unsupported",
	    .number = "POL009",
	    .severity = SEVERITY_ERROR,
	    .summary = "membership is proved in a way that the server has, and one at a TCP port",
	    .source = "chrony.conf(5); ntp.conf(5), restrict",
	    .remedy = "with chrony: `way: association` or `way: switch`",
	    .why = "Each way of proving asks something of the daemon: status and version are "
		   "of mode 6, which chronyd does not speak. The file would be written without "
		   "it, and the pool would find no proof.",
	    .instead =
		"verify:\n"
		"  - {server: time1, way: association, by: verify.pool.example, until: 2027-01-31}",
	    .check = check_verify_unsupported },
	{ .id = "verify-past",
	    .number = "POL010",
	    .severity = SEVERITY_WARNING,
	    .summary = "an entry of `verify` goes when its time is over",
	    .source = "site.yaml(5), verify",
	    .remedy = "take the entry out, or write a later `until`",
	    .why = "What opens a server for a proof is a hole for that time alone. Its lines "
		   "are gone from the files since that day; the entry is left, and says what "
		   "is no longer true.",
	    .instead =
		"verify:\n"
		"  - {server: time1, way: association, by: verify.pool.example, until: 2199-01-31}",
	    .check = check_verify_past },
	{ .id = "verify-fails",
	    .number = "POL011",
	    .where = JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "a proof of membership is seen by who verifies, by nobody else, and no "
		       "longer than `until`",
	    .source = "site.yaml(5), verify",
	    .remedy = "roll the site's files out (`timetier apply`), and look again from the "
		      "address of `by`",
	    .why = "Who verifies asks once, and takes silence for a no: the server stays out of "
		   "the pool. What others get, too, is no proof, and what is left after it is a "
		   "hole that nobody watches.",
	    .instead = "verify:\n"
		       "  - {server: time1, way: status, by: 203.0.113.9, until: 2199-01-31}" },
	{ .id = NULL },
};
