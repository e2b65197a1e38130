/* ACL: whom the servers do not answer.  In all daemons the narrowest network of an address counts.
 */
#include "common/clock.h"
#include "orchestrator/lint/rule.h"

#include <stdio.h>
#include <string.h>

/* What an address that is denied belongs to. */
struct victim {
	const struct network *network; /* of `deny` */
	struct pos pos;                /* of that network */
	const char *on;                /* of the finding: a host, or the first such host */
	char first[300];               /* "time1 (192.0.2.1)" */
	size_t more;                   /* how many addresses besides */
};

/* One for each network of `deny`. */
struct victims {
	struct victim *list;
	size_t count;
};

static struct victims
victims_begin(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	struct victims victims = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < topology->deny_count; i++) {
		count += topology->denies[i].net_count;
	}
	victims.list = arena_alloc(&lint->scratch, count * sizeof(*victims.list) + 1);
	for (size_t i = 0; i < topology->deny_count; i++) {
		for (size_t n = 0; n < topology->denies[i].net_count; n++) {
			const struct network_entry *entry = &topology->denies[i].nets[n];

			victims.list[victims.count++] =
			    (struct victim){ .network = &entry->network, .pos = entry->pos };
		}
	}
	return victims;
}

static void
victims_add(struct lint *lint, struct victims *victims, const char *on, const char *what,
    const struct ip *ip)
{
	const struct network *network =
	    ip->family == IP_NONE ? NULL : topology_denied(lint->topology, ip, NULL);
	char text[IP_TEXT_BYTES];

	for (size_t i = 0; network && i < victims->count; i++) {
		struct victim *victim = &victims->list[i];

		if (victim->network != network) {
			continue;
		}
		if (victim->first[0]) {
			victim->more++;
			return;
		}
		victim->on = on;
		snprintf(victim->first, sizeof(victim->first), "%s (%s)", what, ip_text(ip, text));
	}
}

/* "198.51.100.0/24", or of a network of one its address. */
static const char *
denied_text(const struct network *network, char out[IP_TEXT_BYTES])
{
	unsigned bits = network->ip.family == IP_V4 ? 32 : 128;

	return network->prefix == bits ? ip_text(&network->ip, out) : network_text(network, out);
}

static void
report_victim(struct lint *lint, const struct victim *victim)
{
	char text[IP_TEXT_BYTES], more[64] = "";

	if (!victim->first[0]) {
		return;
	}
	if (victim->more > 0) {
		snprintf(more, sizeof(more), " and %zu more address%s of the site", victim->more,
		    victim->more > 1 ? "es" : "");
	}
	lint_report(lint, victim->on, victim->pos,
	    "`deny` has %s, which keeps out %s%s: the servers would give them no time",
	    denied_text(victim->network, text), victim->first, more);
}

/* The address in "https://192.0.2.254:8123" or "https://[2001:db8::1]:8123"; else IP_NONE. */
static struct ip
ip_of_url(const char *url)
{
	const char *host = url + strlen("https://");
	bool bracket = *host == '[';
	size_t len = bracket ? strcspn(++host, "]") : strcspn(host, ":");
	char text[IP_TEXT_BYTES] = "";
	struct ip ip = { 0 };

	if (len < sizeof(text)) {
		memcpy(text, host, len);
		ip_parse(text, &ip);
	}
	return ip;
}

/* Monitors and collectors have no name by which `accept` could mean them. */
static void
check_denied_host(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	struct victims victims = victims_begin(lint);

	for (size_t i = 0; victims.count > 0 && i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];

		for (size_t a = 0; a < host->addresses.count; a++) {
			victims_add(
			    lint, &victims, host->name, host->name, &host->addresses.list[a].ip);
		}
	}
	for (size_t i = 0; victims.count > 0 && i < topology->monitor_count; i++) {
		victims_add(lint, &victims, "", "a monitor", &topology->monitors[i].ip);
	}
	for (size_t i = 0; victims.count > 0 && i < topology->collector_count; i++) {
		struct ip ip = ip_of_url(topology->collectors[i]);

		victims_add(lint, &victims, "", "a collector", &ip);
	}
	for (size_t i = 0; i < victims.count; i++) {
		report_victim(lint, &victims.list[i]);
	}
}

/* Whether any server would answer some address of @network if `deny` did not have it. */
static bool
is_answered(const struct topology *topology, const struct network *network)
{
	for (size_t i = 0; i < topology->server_count; i++) {
		if (topology->hosts[i].pool) {
			return true;
		}
	}
	for (size_t i = 0; i < topology->serve_count; i++) {
		const struct network *served = &topology->serve[i].network;

		if (network_contains(served, &network->ip) ||
		    network_contains(network, &served->ip)) {
			return true;
		}
	}
	return false;
}

static void
check_served_again(
    struct lint *lint, const struct network_entry *denied, const struct network_entry *served)
{
	const struct network *in = &served->network, *out = &denied->network;
	char in_text[IP_TEXT_BYTES], out_text[IP_TEXT_BYTES];

	if (in->prefix < out->prefix || !network_contains(out, &in->ip)) {
		return;
	}
	denied_text(in, in_text);
	denied_text(out, out_text);
	if (in->prefix == out->prefix) {
		lint_report(lint, "", denied->pos,
		    "`deny` and `serve` (line %u) both have %s: it gets no answer",
		    served->pos.line, out_text);
	} else {
		lint_report(lint, "", denied->pos,
		    "`deny` has %s, but %s in it is answered: `serve` has it (line %u), and the "
		    "narrower network counts",
		    out_text, in_text, served->pos.line);
	}
}

static void
check_deny_undone(struct lint *lint)
{
	const struct topology *topology = lint->topology;

	for (size_t i = 0; i < topology->deny_count; i++) {
		const struct deny *deny = &topology->denies[i];
		const struct network_entry *idle = NULL;
		char text[IP_TEXT_BYTES];

		for (size_t n = 0; n < deny->net_count; n++) {
			for (size_t s = 0; s < topology->serve_count; s++) {
				check_served_again(lint, &deny->nets[n], &topology->serve[s]);
			}
			if (!idle && !is_answered(topology, &deny->nets[n].network)) {
				idle = &deny->nets[n];
			}
		}
		if (idle) {
			lint_note(lint, "", idle->pos,
			    "`deny` has %s, which gets no answer anyway: it is in no network of "
			    "`serve`, and no server is of the public pool",
			    denied_text(&idle->network, text));
		}
	}
}

static void
check_past_deny(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->deny_count; i++) {
		const struct deny *deny = &lint->topology->denies[i];
		char text[IP_TEXT_BYTES], day[CLOCK_DAY_BYTES];

		if (deny->until_ns == 0 || lint->now_ns < deny->until_ns || deny->net_count == 0) {
			continue;
		}
		clock_day(deny->until_ns - NS_PER_S, day);
		lint_report(lint, "", deny->pos,
		    "%s was to be denied until %s, which is past; the servers go on until the "
		    "entry is taken out",
		    denied_text(&deny->nets[0].network, text), day);
	}
}

const struct lint_rule rules_deny[] = {
	{ .id = "denied-host",
	    .number = "ACL021",
	    .severity = SEVERITY_ERROR,
	    .summary = "no host, monitor or collector of the site is denied",
	    .source = "site.yaml(5), deny",
	    .remedy = "deny narrower networks, without the site's own addresses",
	    .why = "A server that its siblings do not answer cannot compare its clock with theirs, "
		   "and a client that nobody answers runs free without a word in its log. Whoever "
		   "blocks a noisy network in a hurry easily takes its neighbours along.",
	    .instead = "deny:\n"
		       "  - {net: 198.51.100.64/26, because: \"asks 40 times a second\"}",
	    .check = check_denied_host },
	{ .id = "deny-undone",
	    .number = "ACL022",
	    .severity = SEVERITY_WARNING,
	    .summary = "`serve` lets nothing in again that `deny` keeps out",
	    .source = "chrony.conf(5), allow and deny; ntp.conf(5), restrict: the narrowest "
		      "network counts (asked of chrony 4.3, NTPsec 1.2.2 and ntp 4.2.8p15)",
	    .remedy = "take the narrower network out of `serve`, or accept that it is answered",
	    .why = "An address belongs to the narrowest network that names it, whichever line "
		   "stands first. So a `deny` of a whole network stops nobody who is in a narrower "
		   "network of `serve`, and who reads the file sees only that it is denied.",
	    .instead = "serve: [192.0.2.0/24]\n"
		       "deny:\n"
		       "  - {net: 192.0.2.64/26, because: \"asks 40 times a second\"}",
	    .needs_all = true,
	    .check = check_deny_undone },
	{ .id = "past-deny",
	    .number = "ACL023",
	    .severity = SEVERITY_WARNING,
	    .summary = "a network that is denied until a day is looked at again on that day",
	    .source =
		"site.yaml(5), deny: what is rendered follows from the file, not from the day",
	    .remedy = "take the entry out and apply, or write a later day",
	    .why =
		"Addresses change hands. A block that nobody remembers hits whoever has the "
		"address next, who gets no time and no reason; so each entry may have a day, and "
		"is never lifted without somebody who sees it.",
	    .instead = "deny:\n"
		       "  - {net: 198.51.100.64/26, because: \"asks 40 times a second\", until: "
		       "2199-12-31}",
	    .check = check_past_deny },
	{ .id = NULL },
};
