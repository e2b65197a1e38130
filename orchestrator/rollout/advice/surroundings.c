#include "orchestrator/rollout/advice/surroundings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMED_MAX 4

/* Names in a sentence: "a, b, c, d and 3 more". */
struct names {
	char text[256];
	size_t count;
};

static void
names_add(struct names *names, const char *name)
{
	size_t len = strlen(names->text);

	if (names->count < NAMED_MAX) {
		snprintf(names->text + len, sizeof(names->text) - len, "%s%.50s",
		    names->count > 0 ? ", " : "", name);
	}
	names->count++;
}

static const char *
names_end(struct names *names)
{
	size_t len = strlen(names->text);

	if (names->count > NAMED_MAX) {
		snprintf(names->text + len, sizeof(names->text) - len, " and %zu more",
		    names->count - NAMED_MAX);
	}
	return names->text;
}

static bool
is_enabled(const struct facts *facts, const char *name)
{
	const struct fact_unit *unit = facts_unit(facts, name);

	return unit && unit->enabled;
}

/* ---- units that want the right time */

/* Whether the host gets the unit that holds time-sync.target until the clock was judged. */
static bool
gets_first_set(const struct advising *advising)
{
	const struct file_set *files = advising->input->plan->files;
	const struct file_entry *unit = files ? file_set_find(files, FIRST_SET_UNIT_FILE) : NULL;

	return (unit && !unit->absent) || is_enabled(advising->facts, FIRST_SET_UNIT);
}

void
advise_waits(struct advising *advising)
{
	const struct fact_unit *target = facts_unit(advising->facts, FACT_SYNC_TARGET);
	struct names names = { .count = 0 };
	char *copy, *word;

	for (size_t i = 0; fact_sync_waits[i]; i++) {
		if (is_enabled(advising->facts, fact_sync_waits[i])) {
			return;
		}
	}
	if (!target || !target->before || gets_first_set(advising)) {
		return;
	}
	copy = arena_strdup(advising->arena, target->before);
	while ((word = strsep(&copy, " "))) {
		size_t len = strlen(word);

		/* a timer with a calendar is ordered so by systemd itself */
		if (len > 8 && strcmp(word + len - 8, ".service") == 0 &&
		    strncmp(word, "systemd-", 8) != 0) {
			names_add(&names, word);
		}
	}
	if (names.count > 0) {
		advise(advising, "no-wait",
		    "%s start%s after " FACT_SYNC_TARGET ", which is reached as soon as the daemon "
		    "runs: `systemctl enable %s`",
		    names_end(&names), names.count == 1 ? "s" : "",
		    strcmp(advising->driver->name, "chrony") == 0       ? "chrony-wait.service"
			: strcmp(advising->driver->name, "ntpsec") == 0 ? "ntpsec-wait.service"
									: "systemd-time-wait-sync"
									  ".service");
	}
}

/* ---- names */

/* Whether every source of the host is known by a name alone. */
static bool
asks_by_names(const struct host *host)
{
	const struct source_list *sources = host->tier ? &host->tier->sources
	    : host->group                              ? &host->group->sources
						       : NULL;

	for (size_t i = 0; sources && i < sources->count; i++) {
		const struct source *source = &sources->list[i];
		const struct address_list *addresses =
		    source->upstream ? &source->upstream->addresses : &source->server->addresses;

		for (size_t k = 0; k < addresses->count; k++) {
			if (addresses->list[k].ip.family != IP_NONE) {
				return false;
			}
		}
	}
	return sources && sources->count > 0;
}

/* A program that answers names on the host itself, and checks signatures unless told otherwise. */
static const char *const validators[] = { "unbound.service", "named.service", "bind9.service" };

/* The host of the site at the address, or NULL. */
static const struct host *
host_at(const struct topology *topology, const struct ip *ip)
{
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct address_list *addresses = &topology->hosts[i].addresses;

		for (size_t k = 0; k < addresses->count; k++) {
			if (ip_equal(&addresses->list[k].ip, ip)) {
				return &topology->hosts[i];
			}
		}
	}
	return NULL;
}

static bool
is_loopback(const struct ip *ip)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return ip->family == IP_V4 ? ip->bytes[0] == 127 : memcmp(ip->bytes, v6, sizeof(v6)) == 0;
}

/* Why the name server at @text needs the time that this host asks names for; NULL: it does not. */
static const char *
server_needs_time(struct advising *advising, const char *text)
{
	const struct host *other;
	struct ip ip;

	if (!ip_parse(text, &ip)) {
		return NULL;
	}
	for (size_t i = 0; is_loopback(&ip) && i < COUNT(validators); i++) {
		const struct fact_unit *unit = facts_unit(advising->facts, validators[i]);

		if (unit && unit->active) {
			return arena_printf(advising->arena,
			    "%s on the host, which checks signatures by the clock", validators[i]);
		}
	}
	other = is_loopback(&ip) ? NULL : host_at(advising->input->topology, &ip);
	return other && other->role == HOST_CLIENT
	    ? arena_printf(
		  advising->arena, "%s, which has its own time from this site", other->name)
	    : NULL;
}

static bool
is_on(const char *value)
{
	static const char *const off[] = { "", "no", "false", "off", "0", "n", "f",
		"allow-downgrade", "opportunistic" };

	for (size_t i = 0; i < COUNT(off); i++) {
		if (strcasecmp(value, off[i]) == 0) {
			return false;
		}
	}
	return true;
}

/* Why one line of the resolver's settings means that names need the time. */
static const char *
line_needs_time(struct advising *advising, const char *line)
{
	bool resolved = false;

	for (size_t i = 0; i < advising->facts->unit_count; i++) {
		resolved |=
		    strcmp(advising->facts->units[i].name, "systemd-resolved.service") == 0 &&
		    advising->facts->units[i].active;
	}
	if (strncmp(line, "nameserver", 10) == 0) {
		line += 10;
		return server_needs_time(advising, line + strspn(line, " \t"));
	}
	if (resolved && strncmp(line, "DNSSEC=", 7) == 0 && is_on(line + 7)) {
		return "systemd-resolved, which checks signatures by the clock (DNSSEC=)";
	}
	if (resolved && strncmp(line, "DNSOverTLS=", 11) == 0 && is_on(line + 11)) {
		return "systemd-resolved, which checks certificates by the clock (DNSOverTLS=)";
	}
	return NULL;
}

void
advise_resolver(struct advising *advising)
{
	const char *told = advising->facts->machine.resolver;
	char *copy, *line;

	if (!told || advising->input->host->role != HOST_SERVER ||
	    !asks_by_names(advising->input->host)) {
		return;
	}
	copy = arena_strdup(advising->arena, told);
	while ((line = strsep(&copy, "\n"))) {
		const char *why;

		line[strcspn(line, "%#\r")] = '\0';
		for (size_t len = strlen(line); len > 0 && strchr(" \t", line[len - 1]); len--) {
			line[len - 1] = '\0';
		}
		why = line_needs_time(advising, line);
		if (why) {
			advise(advising, "resolver-needs-time",
			    "all its sources are names, and it looks them up by %s: after a start "
			    "with a wrong clock neither comes first",
			    why);
			return;
		}
	}
}

/* ---- addresses */

/* Whether the files that the host gets say where the daemon listens. */
static bool
binds(const struct advising *advising)
{
	static const char *const words[] = { "bindaddress", "binddevice", "interface", "nic" };
	const struct file_set *files = advising->input->plan->files;
	const struct file_entry *file =
	    files ? file_set_find(files, advising->driver->config_path) : NULL;
	const char *at = file && !file->absent ? file->content : NULL;

	while (at && *at) {
		at += strspn(at, " \t\n");
		for (size_t i = 0; i < COUNT(words); i++) {
			if (strncasecmp(at, words[i], strlen(words[i])) == 0) {
				return true;
			}
		}
		at = strchr(at, '\n');
	}
	return false;
}

void
advise_addresses(struct advising *advising)
{
	const struct host *host = advising->input->host;
	struct names names = { .count = 0 };
	char *copy, *word;

	if (!advising->facts->machine.addresses || host->role != HOST_SERVER || binds(advising)) {
		return;
	}
	for (size_t i = 0; i < host->addresses.count; i++) {
		if (host->addresses.list[i].ip.family == IP_NONE) {
			return; /* nobody knows here what the name leads to */
		}
	}
	copy = arena_strdup(advising->arena, advising->facts->machine.addresses);
	while ((word = strsep(&copy, " \n"))) {
		bool named = false;
		struct ip ip;

		if (!ip_parse(word, &ip) || is_loopback(&ip)) {
			continue;
		}
		for (size_t i = 0; i < host->addresses.count; i++) {
			named |= ip_equal(&host->addresses.list[i].ip, &ip);
		}
		if (!named) {
			names_add(&names, word);
		}
	}
	if (names.count > 0) {
		advise(advising, "listens-everywhere",
		    "its daemon answers at %s, too, which site.yaml does not name",
		    names_end(&names));
	}
}

/* ---- sources */

/* Whether the address is that of another server of the host's tier. */
static bool
is_sibling(const struct host *host, const char *address)
{
	struct ip ip;

	if (!ip_parse(address, &ip)) {
		return false;
	}
	for (size_t i = 0; host->tier && i < host->tier->server_count; i++) {
		const struct address_list *addresses = &host->tier->servers[i]->addresses;

		for (size_t k = 0; k < addresses->count; k++) {
			if (ip_equal(&addresses->list[k].ip, &ip)) {
				return true;
			}
		}
	}
	return false;
}

/* Whether the daemon runs with the sources that site.yaml has: the plan changes nothing of it. */
static bool
runs_as_designed(const struct advising *advising)
{
	const struct host_plan *made = advising->input->made;

	for (size_t i = 0; made && i < made->change_count; i++) {
		if (!made->changes[i].of_agent) {
			return false;
		}
	}
	return made && !made->restart &&
	    strcmp(advising->report->daemon, advising->driver->name) == 0;
}

void
advise_sources(struct advising *advising)
{
	const struct report *report = advising->report;
	const struct host *host = advising->input->host;
	size_t usable = 0, outside = 0;
	struct names names = { .count = 0 };

	if (!report || !report->answered || host->role != HOST_SERVER ||
	    !runs_as_designed(advising)) {
		return;
	}
	for (size_t i = 0; i < report->status.source_count; i++) {
		const struct source_status *source = &report->status.sources[i];
		enum source_state state = source_shown_state(source);

		if (source->noselect || is_sibling(host, source->address)) {
			continue;
		}
		if (state == SOURCE_NEW || state == SOURCE_UNKNOWN) {
			return; /* it has just begun: soon more is known */
		}
		outside++;
		if (state == SOURCE_OUTLIER || state == SOURCE_COMBINED ||
		    state == SOURCE_SELECTED) {
			usable++;
		} else {
			names_add(&names,
			    arena_printf(advising->arena, "%s is %s", source->address,
				source_state_name(state)));
		}
	}
	if (outside > 0 && usable < tier_quorum(host->tier)) {
		advise(advising, "few-outside",
		    "of its %zu sources from outside it can use %zu now, and its quorum is %u: %s",
		    outside, usable, tier_quorum(host->tier), names_end(&names));
	}
}
