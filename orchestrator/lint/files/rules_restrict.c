/*
 * ACL: what the lines `restrict` of ntp.conf let strangers do.  Long, because the rows of these
 * rules stand beside the one table that they are judged by.
 */
#include "daemons/ntpd/grammar.h"
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 512

/* The flags of `restrict` that rules look at. */
enum flag {
	IGNORE = 1 << 0,
	NOSERVE = 1 << 1,
	NOQUERY = 1 << 2,
	NOMODIFY = 1 << 3,
	KOD = 1 << 4,
	LIMITED = 1 << 5,
	VERSION = 1 << 6,
	MSSNTP = 1 << 7,
	NTPPORT = 1 << 8,
	NOPEER = 1 << 9,
	NOTRAP = 1 << 10,
};

static const struct {
	const char *name;
	unsigned flag;
} flag_names[] = {
	{ "ignore", IGNORE },
	{ "noserve", NOSERVE },
	{ "noquery", NOQUERY },
	{ "nomodify", NOMODIFY },
	{ "kod", KOD },
	{ "limited", LIMITED },
	{ "version", VERSION },
	{ "mssntp", MSSNTP },
	{ "ntpport", NTPPORT },
	{ "nopeer", NOPEER },
	{ "notrap", NOTRAP },
};

/* All lines for one network: their flags add up. */
struct entry {
	struct network network;
	unsigned flags;
	const struct config_line *line; /* the first; NULL: NTPsec's own */
};

struct table {
	struct entry list[ENTRIES_MAX];
	size_t count;
	bool has_default[2];    /* IPv4, IPv6 */
	bool limited, complete; /* complete: no line was left out */
	bool source_peers;      /* `restrict source` lets servers of a pool in */
};

static void
table_add(struct table *table, const struct network *network, unsigned flags,
    const struct config_line *line)
{
	for (size_t i = 0; i < table->count; i++) {
		struct entry *entry = &table->list[i];

		if (entry->network.prefix == network->prefix &&
		    ip_equal(&entry->network.ip, &network->ip)) {
			entry->flags |= flags;
			entry->line = entry->line ? entry->line : line;
			return;
		}
	}
	if (table->count < ENTRIES_MAX) {
		table->list[table->count++] = (struct entry){ *network, flags, line };
	} else {
		table->complete = false;
	}
}

static void
table_add_default(
    struct table *table, enum ip_family only, unsigned flags, const struct config_line *line)
{
	static const enum ip_family families[] = { IP_V4, IP_V6 };

	for (size_t i = 0; i < COUNT(families); i++) {
		struct network all = { .ip.family = families[i] };

		if (only == IP_NONE || only == families[i]) {
			table_add(table, &all, flags, line);
			table->has_default[i] |= line != NULL;
		}
	}
}

/* What holds for @ip; of several networks the narrowest counts. */
static unsigned
table_flags(const struct table *table, const char *text)
{
	const struct entry *best = NULL;
	struct ip ip;

	ip_parse(text, &ip);
	for (size_t i = 0; i < table->count; i++) {
		const struct entry *entry = &table->list[i];

		if (network_contains(&entry->network, &ip) &&
		    (!best || entry->network.prefix > best->network.prefix)) {
			best = entry;
		}
	}
	return best ? best->flags : 0;
}

/* Read "192.0.2.0", with the mask behind it, or with a prefix. */
static bool
read_network(const char *text, const char *mask, struct network *network)
{
	struct error err;
	struct ip bits;

	if (network_parse(text, network, &err) < 0) {
		/* ntpd clears the bits that do not belong to the network; ask for the address */
		if (!ip_parse(text, &network->ip)) {
			return false;
		}
		network->prefix = network->ip.family == IP_V4 ? 32 : 128;
	}
	if (mask && ip_parse(mask, &bits)) {
		network->prefix = 0;
		while (network->prefix < (bits.family == IP_V4 ? 32U : 128U) &&
		    bits.bytes[network->prefix / 8] >> (7 - network->prefix % 8) & 1) {
			network->prefix++;
		}
	}
	for (unsigned bit = network->prefix; bit < 128; bit++) {
		network->ip.bytes[bit / 8] &= (uint8_t) ~(0x80U >> (bit % 8));
	}
	return true;
}

static unsigned
read_flags(const struct judged *judged, const struct config_line *line, size_t at)
{
	unsigned flags = 0;

	for (; at < line->count; at++) {
		for (size_t i = 0; i < COUNT(flag_names); i++) {
			flags |= judged_is(judged, line->words[at], flag_names[i].name)
			    ? flag_names[i].flag
			    : 0;
		}
	}
	return flags;
}

/* Whether the line is for one who verifies, for a while, that the server means to be in the pool.
 */
static bool
is_verifier(const struct judged *judged, const struct network *network)
{
	for (size_t i = 0; i < judged->topology->verify_count; i++) {
		const struct verify *verify = &judged->topology->verifies[i];

		if (verify->host == judged->host && verify->by.count > 0 &&
		    ip_equal(&verify->by.list[0].ip, &network->ip)) {
			return true;
		}
	}
	return false;
}

/* Rules about one line, whatever the others say. */
static void
judge_line(struct judged *judged, const struct config_line *line, unsigned flags, bool verifies)
{
	if ((flags & KOD) && !(flags & LIMITED)) {
		judged_report(judged, "kod-alone", line,
		    "`%s`: `kod` without `limited` does nothing, and both ntpds say so",
		    line->text);
	}
	if (flags & NTPPORT) {
		judged_report(judged, "ntpport", line,
		    "`%s`: it holds for packets from port 123 alone, and most clients ask from "
		    "another "
		    "one",
		    line->text);
	}
	if ((flags & (VERSION | MSSNTP)) && !verifies) {
		judged_report(judged, "version-or-mssntp", line,
		    flags & MSSNTP ? "`%s`: `mssntp` makes the whole daemon wait for Samba at each "
				     "such question"
				   : "`%s`: `version` turns away clients of NTP version 3, as many "
				     "appliances are",
		    line->text);
	}
	if (judged->ntpsec && (flags & (NOPEER | NOTRAP))) {
		judged_report(judged, "ignored-flag", line, "`%s`: NTPsec ignores `%s` and says so",
		    line->text, flags & NOPEER ? "nopeer" : "notrap");
	}
}

static void
take_line(struct judged *judged, struct table *table, const struct config_line *line)
{
	enum ip_family family = IP_NONE;
	struct network network = { .prefix = 0 };
	const char *who, *mask = NULL;
	size_t at = 1;
	unsigned flags;
	bool named; /* it is for a name, whose addresses are not known here */

	if (at < line->count && line->words[at][0] == '-') {
		family = line->words[at][1] == '6' ? IP_V6 : IP_V4;
		at++;
	}
	if (at >= line->count) {
		return;
	}
	who = line->words[at++];
	if (at + 1 < line->count && strcmp(line->words[at], "mask") == 0) {
		mask = line->words[at + 1];
		at += 2;
	}
	flags = read_flags(judged, line, at);
	named = !read_network(who, mask, &network);
	judge_line(judged, line, flags, !named && is_verifier(judged, &network));
	table->limited |= (flags & LIMITED) != 0;
	if (flags & NTPPORT) {
		return; /* it holds beside others, for packets from one port */
	}
	if (strcmp(who, "default") == 0) {
		table_add_default(table, family, flags, line);
	} else if (strcmp(who, "source") == 0) {
		table->source_peers = !(flags & (NOPEER | IGNORE));
	} else if (!(judged->ntp && strchr(who, '/'))) {
		if (named) {
			table->complete = false;
		} else {
			/* "0.0.0.0 mask 0.0.0.0" is the default entry, too */
			table->has_default[network.ip.family == IP_V6] |= network.prefix == 0;
			table_add(table, &network, flags, line);
		}
	}
}

static bool
is_loopback(const struct network *network)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return network->ip.family == IP_V4
	    ? network->ip.bytes[0] == 127 && network->prefix >= 8
	    : network->prefix == 128 && memcmp(network->ip.bytes, v6, sizeof(v6)) == 0;
}

static bool
is_monitor(const struct judged *judged, const struct network *network)
{
	for (size_t i = 0; i < judged->topology->monitor_count; i++) {
		if (ip_equal(&judged->topology->monitors[i].ip, &network->ip) &&
		    network->prefix == (network->ip.family == IP_V4 ? 32U : 128U)) {
			return true;
		}
	}
	return false;
}

/* Whether the line is for one server of the site or one of the host's own sources. */
static bool
is_source(const struct judged *judged, const struct network *network)
{
	char text[IP_TEXT_BYTES];

	if (network->prefix != (network->ip.family == IP_V4 ? 32U : 128U)) {
		return false;
	}
	ip_text(&network->ip, text);
	for (size_t i = 0; i < judged->policy.line_count; i++) {
		if (strcmp(judged->policy.lines[i].name, text) == 0) {
			return true;
		}
	}
	return judged_host(judged, text) != NULL;
}

static void
judge_entry(struct judged *judged, const struct entry *entry)
{
	unsigned flags = entry->flags;
	char network[IP_TEXT_BYTES];
	const char *who = network;
	bool monitor = is_monitor(judged, &entry->network) || is_verifier(judged, &entry->network);

	if (!entry->line || (flags & IGNORE) || is_loopback(&entry->network)) {
		return;
	}
	network_text(&entry->network, network);
	if (entry->network.prefix == (entry->network.ip.family == IP_V4 ? 32U : 128U)) {
		ip_text(&entry->network.ip, network);
	} else if (entry->network.prefix == 0) {
		who = entry->network.ip.family == IP_V4 ? "everybody over IPv4"
							: "everybody over IPv6";
	}
	if (!(flags & NOQUERY) && !monitor && !is_source(judged, &entry->network)) {
		judged_report(judged, "open-status", entry->line,
		    "`%s`: %s may ask for the status of the daemon: `noquery` is missing",
		    entry->line->text, who);
	}
	if (!(flags & (NOQUERY | NOMODIFY)) && entry->network.prefix > 0) {
		judged_report(judged, "monitor-may-modify", entry->line,
		    "`%s`: %s may change the daemon's configuration with a key: `nomodify` is "
		    "missing",
		    entry->line->text, who);
	}
	if (judged->server && !monitor && !(flags & (NOSERVE | LIMITED)) &&
	    !is_source(judged, &entry->network)) {
		judged_report(judged, "no-rate-limit", entry->line,
		    "`%s`: %s gets an answer to every question, however many: `limited kod` is "
		    "missing",
		    entry->line->text, who);
	}
}

/* A family that no `restrict default` is for has what the daemon does by itself. */
static void
judge_defaults(struct judged *judged, const struct table *table)
{
	static const char *const names[] = { "IPv4", "IPv6" };

	if (judged->ntp && !table->has_default[0] && !table->has_default[1]) {
		judged_report(judged, "open-status", NULL,
		    "there is no `restrict default`: everybody may ask for the status of the "
		    "daemon");
		return;
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct entry *other = NULL;

		for (size_t k = 0; k < table->count; k++) {
			other = table->list[k].network.prefix == 0 && table->list[k].line
			    ? &table->list[k]
			    : other;
		}
		if (table->has_default[i] || !table->has_default[1 - i] ||
		    (judged->ntpsec && other && !(other->flags & IGNORE))) {
			continue;
		}
		judged_report(judged, "one-family-closed", other ? other->line : NULL,
		    "`%s` is for %s alone: over %s everybody %s", other ? other->line->text : "",
		    names[1 - i], names[i],
		    judged->ntp ? "may ask for time and for the status of the daemon"
				: "gets time");
	}
}

/* Only ntp 4.2.8 follows `nopeer`; the addresses of a pool are nobody's before it is asked. */
static void
judge_pools(struct judged *judged, const struct table *table)
{
	for (size_t i = 0; judged->ntp && !table->source_peers && i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (!judged_is(judged, line->words[0], "pool")) {
			continue;
		}
		for (size_t k = 0; k < table->count; k++) {
			const struct entry *entry = &table->list[k];

			if (entry->network.prefix == 0 && (entry->flags & (NOPEER | IGNORE))) {
				judged_report(judged, "pool-nopeer", line,
				    "`%s`: `%s` keeps its servers out, and no `restrict source` "
				    "lets "
				    "them in",
				    line->text, entry->line->text);
				return;
			}
		}
	}
}

void
judge_restrict(struct judged *judged)
{
	struct table *table = arena_alloc(&judged->run->arena, sizeof(*table));
	const unsigned shut = IGNORE | NOQUERY;

	if (!judged->ntp && !judged->ntpsec) {
		return;
	}
	table->complete = true;
	if (judged->ntpsec) { /* what no line takes away */
		table_add_default(table, IP_NONE, NOQUERY | LIMITED, NULL);
	}
	for (size_t i = 0; i < judged->line_count; i++) {
		if (judged_is(judged, judged->lines[i].words[0], "restrict")) {
			take_line(judged, table, &judged->lines[i]);
		}
	}
	for (size_t i = 0; i < table->count; i++) {
		judge_entry(judged, &table->list[i]);
	}
	judge_defaults(judged, table);
	judge_pools(judged, table);
	if ((table_flags(table, "127.0.0.1") & shut) && (table_flags(table, "::1") & shut) &&
	    table->complete) {
		judged_report(judged, "own-host-shut", NULL,
		    "no `restrict` lets 127.0.0.1 or ::1 ask for the status: ntpq and the agent "
		    "get no "
		    "answer on the host itself");
	}
	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (judged->ntp && judged_is(judged, line->words[0], "enable") &&
		    judged_word(judged, line, "mode7")) {
			judged_report(judged, "monlist", line,
			    "`%s`: the daemon answers ntpdc, by which one small question may bring "
			    "many packets to whoever it claims to be from",
			    line->text);
		}
		if (judged_is(judged, line->words[0], "disable") &&
		    judged_word(judged, line, "monitor") && (table->limited || judged->ntpsec)) {
			judged_report(judged, "monitor-off", line,
			    "`%s`: `limited` needs the list of clients, so the daemon does not do "
			    "it",
			    line->text);
		}
	}
}

const struct lint_rule rules_files_restrict[] = {
	{ .id = "pool-nopeer",
	    .number = "ACL007",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "servers of a `pool` are let in",
	    .source = "ntp.conf(5), restrict source",
	    .remedy = "`restrict source nomodify notrap noquery` in your own template",
	    .why = "With `nopeer` on `default`, ntp 4.2.8 makes no association with a "
		   "server of a pool, and says nothing: the daemon runs without sources." },
	{ .id = "kod-alone",
	    .number = "ACL003",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "`kod` stands beside `limited`",
	    .source = "ntp.conf(5), restrict; both ntpds: \"KOD does nothing without "
		      "LIMITED.\"",
	    .remedy = "`kod limited` in your own template",
	    .why = "`kod` says how a client is told that it asks too fast; `limited` says "
		   "that somebody looks. Alone it does nothing, and the file looks as if "
		   "there were a limit." },
	{ .id = "no-rate-limit",
	    .number = "ACL004",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server limits how often one client is answered",
	    .source = "ntpd's rate management documentation",
	    .remedy = "`kod limited` in your own template",
	    .why = "A fault in one device, a loop without a pause, is enough to fill the "
		   "network of a server that answers everything. It happened to the "
		   "University of Wisconsin in 2003 with 250,000 questions a second." },
	{ .id = "ntpport",
	    .number = "ACL010",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "access does not depend on the port from which somebody asks",
	    .source = "RFC 9109; ntp.conf(5), restrict ntpport",
	    .remedy = "take `ntpport` out of your own template",
	    .why = "The line holds for packets from port 123 alone. Clients of today ask "
		   "from a random port, so what the line allows or forbids does not hold "
		   "for them." },
	{ .id = "version-or-mssntp",
	    .number = "ACL011",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "old clients get time, and no question stops the daemon",
	    .source = "ntp.conf(5), restrict version, mssntp",
	    .remedy = "take the word out; `mssntp` only on a domain controller of Samba",
	    .why = "`version` turns away what is not of the current version: Windows of "
		   "some years and many appliances ask in version 3. With `mssntp` the "
		   "daemon waits for Samba at each such question, and nobody is answered "
		   "meanwhile; both ntpds warn of it." },
	{ .id = "ignored-flag",
	    .number = "ACL012",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_NOTE,
	    .summary = "the file says nothing that its daemon ignores",
	    .source = "NTPsec 1.2.2: \"restrict nopeer ignored\"",
	    .remedy = "take the word out of your own template for NTPsec",
	    .why = "Who reads the file believes in a limit that is not there. The line in "
		   "the log also makes the rollout believe that the daemon refused a line." },
	{ .id = "monitor-off",
	    .number = "ACL013",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "`disable monitor` does not stand beside `limited`",
	    .source = "ntp.conf(5), disable monitor; both ntpds say that it cannot be",
	    .remedy = "take one of them out of your own template",
	    .why = "The limit needs the list of clients, so the daemon keeps it and says "
		   "so. Who wanted no list has one." },
	{ .id = "own-host-shut",
	    .number = "ACL014",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "the host itself may ask its daemon for the status",
	    .source = "ntp.conf(5), restrict",
	    .remedy = "`restrict 127.0.0.1 nomodify` and `restrict ::1 nomodify` in your own "
		      "template",
	    .why = "ntpq on the host gets no answer, and the agent cannot tell whether the "
		   "clock is right: the host is grey on the page on the day on which "
		   "somebody wants to know. NTPsec forbids it by itself unless a line "
		   "allows it." },
	{ .id = NULL },
};
