/* NTS: sources that are to be authenticated by NTS, and would not be. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/nts.h"

static const struct upstream *
first_with_nts(const struct source_list *sources, size_t *count)
{
	const struct upstream *first = NULL;

	*count = 0;
	for (size_t i = 0; i < sources->count; i++) {
		const struct upstream *upstream = sources->list[i].upstream;

		if (upstream && upstream->nts) {
			first = first ? first : upstream;
			++*count;
		}
	}
	return first;
}

/* A tier or a client group. */
struct asking {
	const char *what, *name;
	struct pos pos;
	const struct source_list *sources;
	struct host *const *hosts;
	size_t host_count;
};

/* Hosts that ask without NTS, or may do so. */
struct without {
	struct name_list sure, maybe;
	const char *daemon; /* of the first that is sure */
};

static void
sort_hosts(const struct asking *asking, struct without *without)
{
	for (size_t i = 0; i < asking->host_count; i++) {
		const struct host *host = asking->hosts[i];

		if (host_lacks(host, DAEMON_NTS)) {
			if (without->sure.count == 0) {
				without->daemon = daemon_find(host->daemon)->title;
			}
			name_list_add(&without->sure, host->name);
		} else if (host_may_lack(host, DAEMON_NTS)) {
			name_list_add(&without->maybe, host->name);
		}
	}
}

static void
check_asking(struct lint *lint, const struct asking *asking)
{
	struct without without = { .daemon = NULL };
	size_t count;
	const struct upstream *first = first_with_nts(asking->sources, &count);

	if (!first) {
		return;
	}
	sort_hosts(asking, &without);
	if (without.sure.count > 0) {
		lint_report(lint, asking->name, asking->pos,
		    "%s \"%s\" takes time from %zu source%s with `nts: true` (%s%s), and %s has no "
		    "NTS: not authenticated on %s",
		    asking->what, asking->name, count, count == 1 ? "" : "s", first->name,
		    count > 1 ? ", ..." : "", without.daemon, name_list_text(&without.sure));
	}
	if (without.maybe.count > 0) {
		lint_note(lint, asking->name, asking->pos,
		    "%s \"%s\" takes time with NTS: where `daemon: auto` finds ntp 4.2.8, which "
		    "has none, it is not authenticated (%s)",
		    asking->what, asking->name, name_list_text(&without.maybe));
	}
}

/* Whether @host asks one of @servers, which have NTS, and is to know it by nothing at all. */
static const struct host *
first_unproved(struct lint *lint, const struct source_list *sources, const struct host *host)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct host *server = sources->list[i].server;

		if (server && host_nts(server) && !host_asks_by_nts(host, server) &&
		    !topology_key(lint->topology, host, server)) {
			return server;
		}
	}
	return NULL;
}

/* Hosts that ask servers of the site that have NTS, without NTS and without a key. */
static void
check_asking_servers(struct lint *lint, const struct asking *asking)
{
	struct without without = { .daemon = NULL };
	const struct host *first = NULL;

	for (size_t i = 0; i < asking->host_count; i++) {
		const struct host *host = asking->hosts[i];
		const struct host *server = host_lacks(host, DAEMON_NTS) && !host_unmanaged(host)
		    ? first_unproved(lint, asking->sources, host)
		    : NULL;

		if (server) {
			first = first ? first : server;
			without.daemon =
			    without.daemon ? without.daemon : daemon_find(host->daemon)->title;
			name_list_add(&without.sure, host->name);
		}
	}
	if (first) {
		lint_report(lint, asking->name, asking->pos,
		    "%s \"%s\" takes time from servers of this site with `nts` (%s), and %s has no "
		    "NTS: without a key, nothing proves the time of %s",
		    asking->what, asking->name, first->name, without.daemon,
		    name_list_text(&without.sure));
	}
}

static void
check_both(struct lint *lint, const struct asking *asking)
{
	check_asking(lint, asking);
	check_asking_servers(lint, asking);
}

static void
check_nts_unsupported(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];

		check_both(lint,
		    &(struct asking){ "tier", tier->name, tier->pos, &tier->sources, tier->servers,
			tier->server_count });
	}
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];

		check_both(lint,
		    &(struct asking){ "client group", group->name,
			group->from_pos.line > 0 ? group->from_pos : group->pos, &group->sources,
			group->hosts, group->host_count });
	}
}

/* The first address is the one that is asked. */
static void
check_nts_address(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->upstream_count; i++) {
		const struct upstream *upstream = &lint->topology->upstreams[i];
		const struct address *address = upstream->addresses.list;

		if (upstream->nts && upstream->addresses.count > 0 &&
		    address->ip.family != IP_NONE) {
			lint_report(lint, upstream->name, address->pos,
			    "upstream \"%s\" has `nts: true` and is asked by its address %s: its "
			    "certificate is most likely for its name, and then it is never heard",
			    upstream->name, address->text);
		}
	}
	for (size_t i = 0; i < lint->topology->server_count; i++) {
		const struct host *host = &lint->topology->hosts[i];

		if (host_nts(host) && !host_nts_name(host)) {
			lint_report(lint, host->name, host->addresses.list[0].pos,
			    "\"%s\" has `nts` and no name among its addresses: it is asked by %s, "
			    "and its certificate is most likely for a name",
			    host->name, host->addresses.list[0].text);
		}
	}
}

/* `nts` where the daemon that serves has none, or may have none. */
static void
check_nts_server(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->server_count; i++) {
		const struct host *host = &lint->topology->hosts[i];
		const struct daemon_driver *driver = daemon_find(host->daemon);
		const char *so = lint->topology->key_count > 0
		    ? "it is asked by its keys, or without a proof"
		    : "it is asked without a proof";

		if (!host_nts_declared(host) || host_nts(host)) {
			continue;
		}
		if (driver) {
			lint_report(lint, host->name, host->daemon_pos,
			    "\"%s\" has `nts`, and %s cannot serve by NTS: %s", host->name,
			    driver->title, so);
		} else {
			lint_report(lint, host->name, host->daemon_pos,
			    "\"%s\" has `nts`, and whether its daemon can serve by NTS is not "
			    "known before it is looked at (`daemon: auto`): %s",
			    host->name, so);
		}
	}
}

const struct lint_rule rules_nts[] = {
	{ .id = "nts-unsupported",
	    .number = "NTS003",
	    .once = "NTS001",
	    .severity = SEVERITY_WARNING,
	    .summary = "who takes time from a source with NTS runs a daemon that has NTS",
	    .source = "RFC 8915; ntp 4.2.8 has no NTS",
	    .remedy = "chrony or ntpsec for `daemon`, or take `nts: true` away",
	    .why = "NTS proves that an answer comes from the server that was asked. A daemon "
		   "without NTS asks the same name without a proof, and whoever is on the path "
		   "may answer. Its file says so, and no log does.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers:\n"
		       "      - {name: time1, address: 192.0.2.1, daemon: chrony}\n"
		       "      - {name: time2, address: 192.0.2.2, daemon: ntpsec}   # not ntp: "
		       "4.2.8 has no NTS",
	    .check = check_nts_unsupported },
	{ .id = "nts-by-address",
	    .number = "NTS002",
	    .severity = SEVERITY_WARNING,
	    .summary = "a source with NTS is asked by the name that its certificate is for",
	    .source = "RFC 8915 section 4; RFC 6125 section 6",
	    .remedy = "write the name that its operator publishes as its first `address`",
	    .why = "The certificate of an NTS server is for its name. Asked by its address it "
		   "fails the check, the source is never heard, and the tier has one vote less "
		   "than its file shows.",
	    .instead = "upstreams:\n"
		       "  - {name: netnod, address: nts.netnod.se, operator: Netnod, nts: true}",
	    .check = check_nts_address },
	{ .id = "nts-server",
	    .number = "NTS004",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server with `nts` names a daemon that can serve by NTS",
	    .source = "chrony.conf(5), ntsservercert; NTPsec, nts enable; ntp 4.2.8 has no NTS",
	    .remedy = "chrony or ntpsec for its `daemon`",
	    .why = "Who asks by NTS hears nothing from a server without it. So the hosts of the "
		   "site ask by NTS only where site.yaml says that both ends can, and by keys or "
		   "without a proof elsewhere: the design promises more than the files hold.",
	    .instead =
		"tiers:\n"
		"  - name: core\n"
		"    upstreams: all\n"
		"    nts: {certificate: /etc/ssl/time/cert.pem, key: /etc/ssl/time/key.pem}\n"
		"    servers:\n"
		"      - name: time1\n"
		"        address: [192.0.2.1, time1.example.net]\n"
		"        daemon: chrony   # not auto",
	    .check = check_nts_server },
	{ .id = "nts-certificate",
	    .number = "NTS005",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "a server's certificate holds, for the name that it is asked by, and its "
		       "daemon can read the key",
	    .source = "RFC 8915 section 4; RFC 6125 section 6; NTPsec 1.2.2, nts_server_init(); "
		      "chrony 4.3, NKS_Initialise()",
	    .remedy = "renew it, by machine and a month before its end; give the key to the "
		      "daemon's group, mode 0640, and restart the daemon",
	    .why = "Whoever asks by NTS hears nothing from a server whose certificate has ended or "
		   "is for another name: all of them at the same hour. A chronyd that cannot "
		   "read its key says so in its log alone and serves on without NTS; an NTPsec "
		   "ends at its start, and gives no time to anybody." },
	{ .id = NULL },
};
