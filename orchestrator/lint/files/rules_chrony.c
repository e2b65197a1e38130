/* CHR: what chronyd's lines open, and what it does not understand. */
#include "daemons/chrony/grammar.h"
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_BYTES 128
#define CLIENT_LOG_DEFAULT 524288

/*
 * Read what stands behind `allow`: nothing, `all`, "192.0.2.0/24", "192.0.2" and "0/0" (of
 * chronyd's own spelling).  Returns whether everybody of the family is meant; family IP_NONE: of
 * both.
 */
static bool
is_everybody(const struct config_line *line, enum ip_family *family)
{
	const char *word = line->count > 1 ? line->words[line->count - 1] : "all";
	const char *slash = strchr(word, '/');
	char *end;

	*family = IP_NONE;
	if (strcasecmp(word, "all") == 0) {
		return true;
	}
	*family = strchr(word, ':') ? IP_V6 : IP_V4;
	return slash && slash > word && strtol(slash + 1, &end, 10) == 0 && end > slash + 1 &&
	    !*end;
}

/* chronyd ignores the bits of an address that are not of the network: "127.0.0.1/8" is one. */
static bool
is_loopback(const char *text)
{
	static const uint8_t v6[16] = { [15] = 1 };
	char address[IP_TEXT_BYTES];
	const char *slash = strchr(text, '/');
	unsigned long prefix = slash ? strtoul(slash + 1, NULL, 10) : 128;
	struct ip ip;

	snprintf(address, sizeof(address), "%.*s", (int)strcspn(text, "/"), text);
	if (!ip_parse(address, &ip)) {
		return strcasecmp(text, "localhost") == 0;
	}
	return ip.family == IP_V4 ? ip.bytes[0] == 127 && prefix >= 8
				  : prefix == 128 && memcmp(ip.bytes, v6, sizeof(v6)) == 0;
}

/* Whether `serve` has everybody, too. */
static bool
serves_everybody(const struct judged *judged)
{
	for (size_t i = 0; i < judged->topology->serve_count; i++) {
		if (judged->topology->serve[i].network.prefix == 0) {
			return true;
		}
	}
	return judged->host->pool;
}

static void
judge_allow(struct judged *judged, const struct config_line *line)
{
	enum ip_family family;

	if (!judged->server) {
		judged_report(judged, "client-serves", line,
		    "`%s`: %s is a client, and opens its NTP port for others", line->text,
		    judged->host->name);
	} else if (is_everybody(line, &family) && !serves_everybody(judged)) {
		judged_report(judged, "open-serve", line,
		    "`%s`: everybody%s gets time, and `serve` does not say so", line->text,
		    family == IP_V4       ? " over IPv4"
			: family == IP_V6 ? " over IPv6"
					  : "");
	}
}

static void
judge_commands(struct judged *judged, const struct config_line *line)
{
	const char *word = line->count > 1 ? line->words[line->count - 1] : "all";

	if (judged_is(judged, line->words[0], "cmdallow") && !is_loopback(word)) {
		judged_report(judged, "command-port", line,
		    "`%s`: chronyd answers `chronyc` from other hosts", line->text);
	}
	if (judged_is(judged, line->words[0], "bindcmdaddress") && word[0] != '/' &&
	    !is_loopback(word)) {
		judged_report(judged, "command-port", line,
		    "`%s`: the command port is open on the network", line->text);
	}
}

/* The declared clients that may ask the host. */
static size_t
count_clients(const struct judged *judged)
{
	size_t count = 0;

	for (size_t i = 0; i < judged->topology->group_count; i++) {
		const struct client_group *group = &judged->topology->groups[i];

		for (size_t k = 0; k < group->sources.count; k++) {
			if (group->sources.list[k].server == judged->host) {
				count += group->host_count;
				break;
			}
		}
	}
	return count;
}

static void
judge_limits(struct judged *judged)
{
	const struct config_line *none = judged_find(judged, "noclientlog");
	const struct config_line *limit = judged_find(judged, "clientloglimit");
	unsigned long bytes =
	    limit && limit->count > 1 ? strtoul(limit->words[1], NULL, 10) : CLIENT_LOG_DEFAULT;
	size_t clients = count_clients(judged);

	if (!judged_find(judged, "ratelimit")) {
		judged_report(judged, "chrony-no-limit", NULL,
		    "there is no `ratelimit`: one client in a loop gets every answer that it asks "
		    "for");
	}
	if (none) {
		judged_report(judged, "no-client-log", none,
		    "`%s`: chronyd remembers nobody, so `ratelimit` limits nobody, and `chronyc "
		    "clients` is empty",
		    none->text);
	} else if (bytes / CLIENT_BYTES < clients) {
		judged_report(judged, "no-client-log", limit,
		    "room for %lu clients, and %zu are declared: whoever is forgotten is not "
		    "limited",
		    bytes / CLIENT_BYTES, clients);
	}
}

static void
judge_grammar(struct judged *judged, const struct config_line *line)
{
	struct chrony_checked checked = chrony_check_line(line->text);

	if (checked.line == CHRONY_REFUSED || checked.since >= CHRONY_VERSION_UNKNOWN) {
		judged_report(judged, "not-chrony", line, "`%s`: chronyd %s", line->text,
		    line->of_sources ? "does not accept this line, and is without that source"
				     : "does not accept this line, and ends at its start");
	}
}

void
judge_chrony(struct judged *judged)
{
	if (judged->ntp || judged->ntpsec) {
		return;
	}
	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (judged_is(judged, line->words[0], "allow")) {
			judge_allow(judged, line);
		}
		if (judged_is(judged, line->words[0], "broadcast")) {
			judged_report(judged, "broadcast", line,
			    "`%s`: nobody can tell these packets from forged ones", line->text);
		}
		judge_commands(judged, line);
		judge_grammar(judged, line);
	}
	if (judged->server) {
		judge_limits(judged);
	}
}

const struct lint_rule rules_files_chrony[] = {
	{ .id = "chrony-no-limit",
	    .number = "CHR004",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server limits how often one client is answered",
	    .source = "chrony.conf(5), ratelimit",
	    .remedy = "`ratelimit interval 1 burst 16 leak 2` in your own template",
	    .why = "In 2003 routers of one maker asked a university 250,000 times a "
		   "second; since then a fault in one device is enough to fill the network "
		   "of a server that answers everything." },
	{ .id = "no-client-log",
	    .number = "CHR005",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "chronyd remembers as many clients as it has",
	    .source = "chrony.conf(5), clientloglimit",
	    .remedy = "`clientloglimit 16777216` in your own template",
	    .why = "The rate limit works on what chronyd remembers: 128 bytes a client, "
		   "4096 clients unless it is told otherwise. With more, each is forgotten "
		   "before it asks again, and nobody is limited." },
	{ .id = "not-chrony",
	    .number = "CHR007",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "chronyd accepts every line of its configuration",
	    .source = "chrony 4.0 to 4.9",
	    .remedy = "correct the line in your own template; `chronyd -p -f FILE` tells the "
		      "same",
	    .why = "chronyd ends at the first line that it does not accept: after the "
		   "restart the host has no time daemon at all." },
	{ .id = NULL },
};
