/* OPS, ACL: whether somebody sees what the servers do, and whether they see who asks them. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"

bool
site_is_watched(const struct topology *topology)
{
	return topology->collector_count > 0 || topology->monitor_count > 0;
}

static void
check_unwatched(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	if (topology->tier_count > 0 && !site_is_watched(topology)) {
		lint_report(lint, topology->tiers[0].name, topology->tiers[0].pos,
		    "nobody watches the servers: no agent reports (`collectors`), and no address "
		    "may query their state (`monitors`)");
	}
}

static void
check_unmanaged(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->tier_count; i++) {
		const struct tier *tier = &lint->topology->tiers[i];
		struct name_list names = { 0 };

		for (size_t k = 0; k < tier->server_count; k++) {
			if (host_unmanaged(tier->servers[k])) {
				name_list_add(&names, tier->servers[k]->name);
			}
		}
		if (names.count > 0) {
			lint_report(lint, tier->name, tier->pos,
			    "of tier \"%s\" not all is known: %s %s not managed: whom it follows, "
			    "how "
			    "many of them must agree, what its start does to its clock and whom it "
			    "answers is for whoever sets it up",
			    tier->name, name_list_text(&names), names.count > 1 ? "are" : "is");
		}
	}
}

/*
 * How many clients a server remembers.  The templates give chrony 16 MiB, of which each client
 * takes 128 bytes (clientloglimit), and both ntpds 16 MiB at 96 bytes (mru maxmem).
 */
#define CLIENTS_OF_CHRONY (16U << 20) / 128
#define CLIENTS_OF_NTPD (16U << 20) / 96

static size_t
most_clients(const struct host *host)
{
	return host_may_have(host, DAEMON_SLEWS_FAST) ? CLIENTS_OF_CHRONY : CLIENTS_OF_NTPD;
}

/* Per server, how many hosts of client groups ask it. */
static size_t *
count_clients(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	size_t *counts =
	    arena_alloc(&lint->scratch, (topology->server_count + 1) * sizeof(*counts));

	for (size_t i = 0; i < topology->group_count; i++) {
		const struct client_group *group = &topology->groups[i];

		for (size_t s = 0; s < group->sources.count; s++) {
			const struct host *server = group->sources.list[s].server;

			if (server) {
				counts[server - topology->hosts] += group->host_count;
			}
		}
	}
	return counts;
}

static void
check_small_client_list(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	const size_t *counts = count_clients(lint);

	for (size_t i = 0; i < topology->tier_count; i++) {
		const struct tier *tier = &topology->tiers[i];

		for (size_t s = 0; s < tier->server_count; s++) {
			const struct host *server = tier->servers[s];
			size_t clients = counts[server - topology->hosts];

			if (clients > most_clients(server)) {
				lint_report(lint, tier->name, tier->pos,
				    "%zu hosts ask %s of tier \"%s\", which remembers %zu: who "
				    "asks too fast is then forgotten, and asks on",
				    clients, server->name, tier->name, most_clients(server));
				break;
			}
		}
	}
}

const struct lint_rule rules_watch[] = {
	{ .id = "unwatched",
	    .number = "OPS002",
	    .severity = SEVERITY_NOTE,
	    .summary = "somebody watches the servers: agents report, or a monitor may ask",
	    .source = "RFC 8633 sections 3.5 and 5.3",
	    .remedy = "run `timetier serve` and name it in `collectors`, or let your monitoring in "
		      "by `monitors`",
	    .why = "RFC 8633 asks those who run servers to watch them: a clock that drifts "
		   "makes no noise, and a source that died is missed on the day when the next "
		   "one dies. Here no agent reports (`collectors`), and no address may query "
		   "the servers' state (`monitors`).",
	    .instead = "collectors: [\"https://192.0.2.254:8123\"]   # `timetier serve` there "
		       "shows all hosts on a page\n"
		       "monitors: [192.0.2.9]                      # or the address of the "
		       "monitoring that you have",
	    .needs_all = true,
	    .check = check_unwatched },
	{ .id = "unmanaged-server",
	    .number = "OPS003",
	    .severity = SEVERITY_NOTE,
	    .summary = "what the site says of a server is what that server does",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "set it up as `timetier render HOST -o -` tells, and watch it on the page, "
		      "which shows its time as the collector measures it",
	    .why = "timetier cannot log in to such a server (`manage: false`). All that follows "
		   "from the design counts it as one that does what the site says: takes its "
		   "time from the sources of its tier, and obeys a majority of them. An "
		   "appliance with one source and a default of its own does neither.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers:\n"
		       "      - {name: time1, address: 192.0.2.1}   # one that timetier sets up",
	    .check = check_unmanaged },
	{ .id = "small-client-list",
	    .number = "ACL016",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server can remember all its clients, so that its rate limit knows them",
	    .source = "chrony.conf(5), clientloglimit; ntp.conf(5), mru maxmem",
	    .remedy = "let some client groups ask another tier, or use templates of your own "
		      "with a larger limit (`--templates`)",
	    .why = "A server remembers who asked, to slow down those that ask too fast. The "
		   "list has room for so many addresses; when there are more, the oldest are "
		   "forgotten, and the rate limit as well as `timetier clients` are blind for "
		   "them.",
	    .instead =
		"tiers:\n"
		"  - {name: core, upstreams: all, servers: [{name: time1, address: 192.0.2.1}]}\n"
		"  - {name: north, from: core, servers: [{name: time2, address: 192.0.2.2}]}\n"
		"clients:\n"
		"  - {name: northern, from: north, hosts: \"n[1-9].example.net\"}   # clients "
		"spread over more tiers",
	    .check = check_small_client_list },
	{ .id = NULL },
};
