/* CLI: what the daemons that are clients alone cannot do. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/asked.h"

#include <string.h>

/* Whether the daemon of @host is known and has @feature. */
static bool
has(const struct host *host, unsigned feature)
{
	const struct daemon_driver *driver = daemon_find(host->daemon);

	return driver && (driver->features & feature);
}

static bool
obeys_any(const struct host *host)
{
	return !host_unmanaged(host) && host_lacks(host, DAEMON_VOTES);
}

static bool
steps_anyway(const struct host *host)
{
	return !host_unmanaged(host) && host_never_steps(host) && has(host, DAEMON_STEPS_ANYWAY);
}

static bool
steps_at_will(const struct host *host)
{
	return !host_unmanaged(host) && !host_never_steps(host) && has(host, DAEMON_STEPS_AT_WILL);
}

static bool
cannot_ask(const struct host *host)
{
	const struct source_list *sources = host_sources(host);

	for (size_t i = 0; i < sources->count; i++) {
		const struct address *address = source_address(host, &sources->list[i]);

		if (address && address->ip.family == IP_V6) {
			return !host_unmanaged(host) && has(host, DAEMON_NAMES_IPV6);
		}
	}
	return false;
}

/* The hosts of @group that run @driver, and are as @is says. */
static struct name_list
hosts_of(const struct client_group *group, const struct daemon_driver *driver,
    bool (*is)(const struct host *host))
{
	struct name_list names = { .count = 0 };

	for (size_t i = 0; i < group->host_count; i++) {
		const struct host *host = group->hosts[i];

		if (strcmp(host->daemon, driver->name) == 0 && is(host)) {
			name_list_add(&names, host->name);
		}
	}
	return names;
}

/* Report once for each daemon of each group whose hosts are as @is says; @end follows its name. */
static void
tell_groups(struct lint *lint, bool (*is)(const struct host *host), const char *end)
{
	for (size_t i = 0; i < lint->topology->group_count; i++) {
		const struct client_group *group = &lint->topology->groups[i];

		for (size_t d = 0; daemon_drivers[d]; d++) {
			struct name_list names = hosts_of(group, daemon_drivers[d], is);

			if (names.count > 0) {
				lint_report(lint, group->name, group->pos,
				    "client group \"%s\": %s %s (%s)", group->name,
				    daemon_drivers[d]->title, end, name_list_text(&names));
			}
		}
	}
}

static void
check_obeys_any(struct lint *lint)
{
	tell_groups(lint, obeys_any,
	    "has no quorum: it obeys when one server answers, and sets the clock by it");
}

static void
check_steps_anyway(struct lint *lint)
{
	tell_groups(lint, steps_anyway,
	    "steps the clock whatever `restart` says: no line keeps it from that");
}

static void
check_steps_at_will(struct lint *lint)
{
	tell_groups(lint, steps_at_will,
	    "may step the clock at any time, not only at its start, when it is far off");
}

static void
check_ipv6_named(struct lint *lint)
{
	tell_groups(lint, cannot_ask,
	    "takes the IPv6 address of a source for a name that nobody has, and never asks there");
}

const struct lint_rule rules_client[] = {
	{ .id = "obeys-any",
	    .number = "CLI001",
	    .severity = SEVERITY_NOTE,
	    .summary = "a client obeys when several of its servers agree",
	    .source = "RFC 8633 section 3.2",
	    .remedy = "chrony, ntpsec, ntp or ntpd-rs for `daemon` where the time matters",
	    .why = "A daemon without a quorum cannot tell a server that is wrong from one that is "
		   "right: it follows the first that answers, or the middle of those that do, and "
		   "one may be all. On a desktop that is fair; on a host whose logs or tickets "
		   "must be right it is not.",
	    .instead =
		"clients:\n"
		"  - {name: web, from: core, daemon: chrony, hosts: \"web[1-3].example.net\"}",
	    .check = check_obeys_any },
	{ .id = "steps-anyway",
	    .number = "CLI002",
	    .severity = SEVERITY_ERROR,
	    .summary = "`restart` is asked of daemons that can be kept from stepping",
	    .source = "systemd 252, timesyncd-manager.c, NTP_MAX_ADJUST: beyond 0.4 s it steps",
	    .remedy = "another `daemon` for the group, or take `restart` away",
	    .why = "`restart` promises that no start of the daemon steps the clock. "
		   "systemd-timesyncd steps whatever is more than 400 ms off, at its start and "
		   "later, and has no setting for it: the promise would not be kept, and nobody "
		   "would look there.",
	    .instead = "clients:\n"
		       "  - {name: db, from: core, daemon: chrony, restart: {limit: 500ms}, hosts: "
		       "\"db[1-3].example.net\"}",
	    .check = check_steps_anyway },
	{ .id = "steps-at-will",
	    .number = "CLI003",
	    .severity = SEVERITY_NOTE,
	    .summary = "a client's clock is stepped at its start at most",
	    .source = "RFC 8633 section 3.2",
	    .remedy =
		"`restart: {limit: ...}` for the group where its daemon can do that (ntpd-rs), "
		"or another `daemon`",
	    .why = "A step moves the clock under programs that run: timers fire early or late, "
		   "databases see time go back. These daemons step at any time when they find the "
		   "clock far off, which also happens when their servers are wrong.",
	    .instead =
		"clients:\n"
		"  - {name: web, from: core, daemon: ntpd-rs, restart: {limit: 500ms}, hosts: "
		"\"web[1-3].example.net\"}",
	    .check = check_steps_at_will },
	{ .id = "address-unasked",
	    .number = "CLI004",
	    .severity = SEVERITY_ERROR,
	    .summary = "ntpd-rs asks IPv6 servers by name",
	    .source = "ntpd-rs 1.4.0 of Debian 13: \"Name or service not known\" for 2001:db8::1",
	    .remedy = "an IPv4 address that both have, a name as `address` of an upstream, or "
		      "another `daemon`",
	    .why = "ntpd-rs 1.4 puts brackets around an IPv6 address and looks that up as a name. "
		   "Its own check of the file says that all is well, and the daemon runs; but it "
		   "hears nobody, and the clock goes where it likes.",
	    .instead =
		"clients:\n"
		"  - {name: six, from: core, daemon: chrony, hosts: [{name: web6.example.net, "
		"address: \"2001:db8::11\"}]}",
	    .check = check_ipv6_named },
	{ .id = NULL },
};
