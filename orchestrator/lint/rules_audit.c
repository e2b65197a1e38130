/*
 * What strangers get from the site's hosts: judged by `timetier audit` (orchestrator/audit/), which
 * reports by the ids of these rows.  The border alone can be judged from site.yaml, too.
 */
#include "orchestrator/graph/names.h"
#include "orchestrator/lint/rule.h"

/* A server of the public pool; NULL: there is none. */
static const struct host *
public_server(const struct topology *topology)
{
	for (size_t i = 0; i < topology->server_count; i++) {
		if (topology->hosts[i].pool) {
			return &topology->hosts[i];
		}
	}
	return NULL;
}

static void
check_spoofing_open(struct lint *lint)
{
	const struct topology *topology = lint->topology;
	const struct host *server = public_server(topology);
	char text[IP_TEXT_BYTES];

	if (topology->border.filtered) {
		return;
	}
	if (server) {
		lint_report(lint, server->name, server->pos,
		    "server \"%s\" answers the whole internet, and nothing says that packets with "
		    "a foreign source address cannot leave the site",
		    server->name);
		return;
	}
	for (size_t i = 0; i < topology->serve_count; i++) {
		const struct network_entry *entry = &topology->serve[i];

		if (network_is_public(&entry->network)) {
			lint_report(lint, "serve", entry->pos,
			    "the servers answer %s, addresses of the internet, and nothing says "
			    "that packets with a foreign source address cannot leave the site",
			    network_text(&entry->network, text));
			return;
		}
	}
}

const struct lint_rule rules_audit[] = {
	{ .id = "open-status",
	    .number = "ACL001",
	    .where = JUDGED_FILES | JUDGED_PLAN | JUDGED_AUDIT,
	    .severity = SEVERITY_ERROR,
	    .summary = "a server tells its status (mode 6) to its monitors alone",
	    .source = "RFC 8633 section 3.4; CVE-2013-5211; US-CERT TA14-013A",
	    .remedy = "roll the site's files out again: their default has `noquery`; name who may "
		      "ask in `monitors`",
	    .why = "One packet of 12 bytes brings some hundreds back, to whatever address it bears "
		   "as its source: the server shoots at others for whoever asks. And the answer "
		   "tells versions, sources and clients to those who look for a way in.",
	    .instead = "monitors: [192.0.2.33]" },
	{ .id = "monlist",
	    .number = "ACL002",
	    .where = JUDGED_FILES | JUDGED_PLAN | JUDGED_AUDIT,
	    .severity = SEVERITY_ERROR,
	    .summary = "no daemon speaks mode 7",
	    .source = "CVE-2013-5211; US-CERT TA14-013A; ntp 4.2.7p26",
	    .remedy = "take an ntpd of 4.2.7p26 or later without `enable mode7`, or chrony; "
		      "`noquery` helps until then",
	    .why = "An old ntpd answers one small question with a list of up to 600 clients, in "
		   "a hundred packets. In February 2014 some 4,500 such servers on 1,300 networks "
		   "were made to send 400 Gbit/s to one victim, by somebody who needed little "
		   "more than one line of his own." },
	{ .id = "one-family-closed",
	    .number = "ACL008",
	    .where = JUDGED_FILES | JUDGED_PLAN | JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "what is closed over IPv4 is closed over IPv6, too, and the other way round",
	    .source = "ntp 4.2.8, accopt.html; RFC 8633 section 3.4",
	    .remedy = "roll the site's files out again: their `restrict default` is for both "
		      "families; look at the firewall's rules of both",
	    .why = "`restrict -4 default` says nothing about IPv6, and neither does an iptables "
		   "rule. Who tests over IPv4 sees a closed server." },
	{ .id = "monitor-may-modify",
	    .number = "ACL015",
	    .where = JUDGED_FILES | JUDGED_PLAN | JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "nobody changes a daemon's configuration over the network",
	    .source = "ntp 4.2.8, accopt.html, nomodify",
	    .remedy = "roll the site's files out again: their monitors have `nomodify`",
	    .why = "Who may write by mode 6 sets sources, keys and restrictions of a running "
		   "ntpd; no file shows it afterwards." },
	{ .id = "open-time",
	    .number = "ACL020",
	    .where = JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server gives time to the networks of `serve` and to nobody else",
	    .source = "RFC 8633 section 3.4; chrony.conf(5), allow",
	    .remedy = "roll the site's files out again, or add the network to `serve`",
	    .why = "A server that strangers use gets more of them every year, for devices keep "
		   "an address for their life; and each of them can be made a target of "
		   "reflected packets.",
	    .instead = "serve: [10.0.0.0/8, \"2001:db8:1::/48\"]" },
	{ .id = "command-port",
	    .number = "CHR002",
	    .where = JUDGED_FILES | JUDGED_PLAN | JUDGED_AUDIT,
	    .severity = SEVERITY_ERROR,
	    .summary = "chronyd takes commands from its own host alone",
	    .source = "chrony.conf(5), cmdallow and bindcmdaddress; CVE-2014-0021",
	    .remedy = "roll the site's files out again: they have no `cmdallow` and bind the "
		      "command port to the loopback",
	    .why = "Whoever is let in reads sources, clients and clock. Until chrony 1.29.1 "
		   "commands also were an amplifier (CVE-2014-0021)." },
	{ .id = "client-serves",
	    .number = "CHR003",
	    .where = JUDGED_FILES | JUDGED_PLAN | JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "a client gives time to nobody",
	    .source = "chrony.conf(5), port; RFC 8633 section 3.4",
	    .remedy = "roll the site's files out again (`port 0`, `restrict default ignore`), or "
		      "make the host a server of a tier",
	    .why = "A client has neither the sources nor the watch of a server. Who finds that "
		   "it answers, uses it." },
	{ .id = "spoofing-open",
	    .number = "NET001",
	    .where = JUDGED_CHECK | JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "packets with a foreign source address do not leave the site",
	    .source = "RFC 2827 (BCP 38); RFC 8633 section 2.1",
	    .remedy = "ask the provider (`timetier audit --spoof` has the words), and write "
		      "`border`",
	    .why = "Every reflected attack begins in a network that lets such packets out. Where "
		   "a site has a server that the internet may ask, its own hosts, once taken "
		   "over, can shoot at anybody by it, and its provider sees only the server.",
	    .instead = "border: {filtered: true, because: \"the provider's word, and a test\", "
		       "checked: 2026-11-30}",
	    .check = check_spoofing_open },
	{ .id = "source-port",
	    .number = "NET003",
	    .where = JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server answers clients whatever port they ask from",
	    .source = "RFC 9109",
	    .remedy = "let the firewall look at the port of the server (123), and not at that of "
		      "the client",
	    .why = "Clients ask from a random port, so that nobody can guess where to send a false "
		   "answer to. A firewall that wants port 123 on both ends shuts out all that do, "
		   "chrony among them." },
	{ .id = "unanswered",
	    .number = "NET006",
	    .where = JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server answers those whom site.yaml lets ask",
	    .source = "site.yaml(5), serve and monitors",
	    .remedy = "look whether the daemon runs there (`timetier status`), whether it has the "
		      "site's files (`timetier drift`), and what a firewall between does",
	    .why = "What looks closed may only be dead: of a server that answers nobody, every "
		   "other question of an audit comes back as it should." },
	{ .id = "odd-answer",
	    .number = "NET007",
	    .where = JUDGED_AUDIT,
	    .severity = SEVERITY_WARNING,
	    .summary = "one question brings one answer, in NTP, from the address that was asked",
	    .source = "RFC 5905 sections 8 and 9.2",
	    .remedy = "look who answers there, and from which of its addresses (`ip route get`)",
	    .why = "Clients drop an answer that comes from another address of the server, so a "
		   "host with several can be of no use to some of them, and seem well." },
	{ .id = NULL },
};
