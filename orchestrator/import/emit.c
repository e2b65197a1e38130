/* Writes site.yaml. */
#include "orchestrator/import/import.h"

#include "orchestrator/catalogue/catalogue.h"

#include <string.h>

#define COLUMNS 110

/* A list in brackets, which begins behind @column characters; long ones take several lines. */
struct list {
	struct buf *out;
	size_t column, indent;
	bool begun;
};

static void
list_add(struct list *list, const char *word)
{
	size_t len = strlen(word);

	buf_text(list->out, list->begun ? "," : "[");
	if (list->begun && list->column + len + 3 > COLUMNS) {
		buf_printf(list->out, "\n%*s", (int)list->indent, "");
		list->column = list->indent;
	} else if (list->begun) {
		buf_text(list->out, " ");
		list->column += 2;
	}
	buf_text(list->out, word);
	list->column += len;
	list->begun = true;
}

/* What begins with a colon, or looks like a number or a word of YAML, stands in quotes. */
static const char *
quoted(struct import *import, const char *text)
{
	return arena_printf(&import->arena, "\"%s\"", text);
}

static void
put_poll(struct buf *out, const char *key, int poll)
{
	if (poll != POLL_UNTOLD) {
		buf_printf(out, ", %s: %d", key, poll < 3 ? 3 : poll > 17 ? 17 : poll);
	}
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static void
put_upstream(struct import *import, const struct import_upstream *upstream, struct buf *out)
{
	const struct config_source *source = upstream->source;
	const char *operator_name = catalogue_operator(
	    ends_with(source->name, ".pool.ntp.org") ? "pool.ntp.org" : source->name);
	int minpoll = source->minpoll, maxpoll = source->maxpoll;
	struct ip ip;

	/* a daemon takes one that is on the wrong side of the other's default along */
	if (minpoll != POLL_UNTOLD && maxpoll == POLL_UNTOLD && minpoll > 10) {
		maxpoll = minpoll;
	}
	if (maxpoll != POLL_UNTOLD && (minpoll == POLL_UNTOLD ? maxpoll < 6 : maxpoll < minpoll)) {
		minpoll = maxpoll;
	}
	buf_printf(out, "  - {name: %s, address: %s", quoted(import, upstream->name),
	    quoted(import, source->name));
	if (operator_name) {
		buf_printf(out, ", operator: \"%s\"", operator_name);
	}
	buf_text(out, source->nts ? ", nts: true" : "");
	if (source->maxsources > 0 && !ip_parse(source->name, &ip)) {
		buf_printf(out, ", maxsources: %u", source->maxsources);
	}
	put_poll(out, "minpoll", minpoll);
	put_poll(out, "maxpoll", maxpoll);
	buf_text(out, upstream->plain ? ", iburst: false" : "");
	buf_text(out, source->burst ? ", burst: true" : "");
	buf_text(out, "}\n");
}

static void
put_remarks(const struct import_host *host, const char *indent, struct buf *out)
{
	for (size_t i = 0; i < host->remark_count; i++) {
		buf_printf(out, "%s# %s: %s\n", indent, host->name, host->remarks[i]);
	}
}

static bool
is_known_daemon(const char *name)
{
	return daemon_find(name) != NULL;
}

/* `extra`, as part of the map of a host. */
static void
put_extras(const struct import_host *host, struct buf *out)
{
	if (host->extra_count == 0) {
		return;
	}
	buf_printf(out, ",\n         extra: {%s: [", host->driver->name);
	for (size_t i = 0; i < host->extra_count; i++) {
		buf_printf(out, "%s\"%s\"", i > 0 ? ",\n           " : "", host->extras[i]);
	}
	buf_text(out, "]}");
}

/* How all hosts are reached, when they are reached alike; NULL: as their lines say. */
static const char *
common_ssh(const struct import *import)
{
	const char *first = import->host_count > 0 ? import->hosts[0].ssh : NULL;

	for (size_t i = 1; first && i < import->host_count; i++) {
		const char *ssh = import->hosts[i].ssh;

		if (!ssh || strcmp(ssh, first) != 0) {
			return NULL;
		}
	}
	return first;
}

static void
put_ssh(const struct import *import, const struct import_host *host, struct buf *out)
{
	if (host->ssh && !common_ssh(import)) {
		buf_printf(out, ", ssh: %s", host->ssh);
	}
}

/* The addresses of a server; without any, how others or it itself call it. */
static void
put_server(struct import *import, size_t at, struct buf *out)
{
	const struct import_host *host = &import->hosts[at];
	struct list list = { .out = out, .column = 40, .indent = 20 };

	put_remarks(host, "      ", out);
	buf_printf(out, "      - {name: %s, address: ", quoted(import, host->name));
	for (size_t i = 0; i < host->address_count; i++) {
		list_add(&list, quoted(import, host->addresses[i]));
	}
	if (!list.begun) {
		list_add(&list, quoted(import, host->reached ? host->reached : host->name));
	}
	buf_text(out, "]");
	if ((host->driver->features & DAEMON_SERVES) && is_known_daemon(host->driver->name)) {
		buf_printf(out, ", daemon: %s", host->driver->name);
	}
	if (!is_known_daemon(host->driver->name)) {
		buf_text(out, ", manage: false");
	}
	put_ssh(import, host, out);
	if (host->clocks[0]) {
		buf_printf(out, ",\n         refclocks: [%s]", host->clocks);
	}
	put_extras(host, out);
	buf_text(out, "}\n");
}

static void
put_asked(struct import *import, const struct import_set *set, bool as_from, struct buf *out)
{
	struct list list = { .out = out, .column = 15, .indent = 12 };

	for (size_t i = 0; i < import->upstream_count; i++) {
		if (set->upstreams[i]) {
			buf_text(out, list.begun ? "" : as_from ? "    from: " : "    upstreams: ");
			list_add(&list, quoted(import, import->upstreams[i].name));
		}
	}
	if (list.begun && !as_from) {
		buf_text(out, "]\n");
		list.begun = false;
	}
	for (size_t i = 0; i < import->tier_count; i++) {
		if (set->from[i]) {
			buf_text(out, list.begun ? "" : "    from: ");
			list_add(&list, import->tiers[i].name);
		}
	}
	buf_text(out, list.begun ? "]\n" : "");
}

static bool
any(const bool *row, size_t count)
{
	return memchr(row, true, count) != NULL;
}

static bool
all_have_clocks(const struct import *import, size_t tier)
{
	for (size_t i = 0; i < import->host_count; i++) {
		const struct import_host *host = &import->hosts[i];

		if (host->server && host->set == tier && !host->clocks[0]) {
			return false;
		}
	}
	return true;
}

static void
put_tier(struct import *import, size_t at, struct buf *out)
{
	const struct import_set *tier = &import->tiers[at];

	buf_printf(out, "  - name: %s\n", tier->name);
	put_asked(import, tier, false, out);
	if (!any(tier->upstreams, import->upstream_count) && !any(tier->from, import->tier_count) &&
	    !all_have_clocks(import, at)) {
		buf_text(
		    out, "    # It has no source that could be declared.\n    isolated: true\n");
	}
	if (tier->hosts > 1 || strcmp(tier->peering, "none") != 0) {
		buf_printf(out, "    peering: %s\n", tier->peering);
	}
	buf_text(out, "    servers:\n");
	for (size_t i = 0; i < import->host_count; i++) {
		if (import->hosts[i].server && import->hosts[i].set == at) {
			put_server(import, i, out);
		}
	}
}

/* A client: its name where that says all of it. */
static void
put_client(struct import *import, const struct import_host *host, struct buf *out)
{
	bool map = host->reached || host->extra_count > 0 || (host->ssh && !common_ssh(import));

	put_remarks(host, "      ", out);
	buf_printf(out, map ? "      - {name: %s" : "      - %s", quoted(import, host->name));
	if (host->reached) {
		buf_printf(out, ", address: %s", quoted(import, host->reached));
	}
	put_ssh(import, host, out);
	put_extras(host, out);
	buf_text(out, map ? "}\n" : "\n");
}

static void
put_group(struct import *import, size_t at, struct buf *out)
{
	const struct import_set *group = &import->groups[at];

	buf_printf(out, "  - name: %s\n", group->name);
	put_asked(import, group, true, out);
	if (is_known_daemon(group->daemon)) {
		buf_printf(out, "    daemon: %s\n", group->daemon);
	} else {
		buf_printf(out, "    manage: false # they run %s\n", group->daemon);
	}
	buf_text(out, "    hosts:\n");
	for (size_t i = 0; i < import->host_count; i++) {
		const struct import_host *host = &import->hosts[i];

		if (!host->server && host->set == at) {
			put_client(import, host, out);
		}
	}
}

static void
put_networks(const char *key, const struct import_network *list, size_t count, struct buf *out)
{
	char text[IP_TEXT_BYTES];

	if (count > 0) {
		buf_printf(out, "\n%s:\n", key);
	}
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "  - \"%s\" # %s\n",
		    strcmp(key, "monitors") == 0 ? ip_text(&list[i].network.ip, text)
						 : network_text(&list[i].network, text),
		    list[i].because);
	}
}

/* Hosts that are in no tier and no group: they ask nobody. */
static void
put_left(const struct import *import, struct buf *out)
{
	bool begun = false;

	for (size_t i = 0; i < import->host_count; i++) {
		const struct import_host *host = &import->hosts[i];

		if (host->set != IMPORT_NONE || host->server) {
			continue;
		}
		buf_text(out, begun ? "" : "\n# Left out:\n");
		begun = true;
		buf_printf(out, "# %s: %s\n", host->name,
		    host->driver ? "its daemon asks nobody"
				 : "no configuration of a time daemon was found");
		put_remarks(host, "", out);
	}
}

static void
put_head(const struct import *import, const char *site, const char *keys_file, struct buf *out)
{
	buf_printf(out,
	    "# What %zu host%s amount%s to, by `timetier import`.  `timetier check` judges the "
	    "design,\n# `timetier plan` shows what an apply would change.\n",
	    import->host_count, import->host_count == 1 ? "" : "s",
	    import->host_count == 1 ? "s" : "");
	if (import->made_tier) {
		buf_text(out,
		    "# No host here serves another one, and a site has a tier: hosts that ask "
		    "outside stand for it.\n");
	}
	buf_printf(out, "site: \"%s\"\n", site);
	if (keys_file) {
		buf_printf(out, "keys: \"%s\"\n", keys_file);
	}
	if (common_ssh(import)) {
		buf_printf(out, "ssh: %s\n", common_ssh(import));
	}
}

void
import_emit(struct import *import, const char *site, const char *keys_file, struct buf *out)
{
	put_head(import, site, keys_file, out);
	buf_text(out, import->upstream_count > 0 ? "\nupstreams:\n" : "");
	for (size_t i = 0; i < import->upstream_count; i++) {
		put_upstream(import, &import->upstreams[i], out);
	}
	buf_text(out, "\ntiers:\n");
	for (size_t i = 0; i < import->tier_count; i++) {
		put_tier(import, i, out);
	}
	buf_text(out, import->group_count > 0 ? "\nclients:\n" : "");
	for (size_t i = 0; i < import->group_count; i++) {
		put_group(import, i, out);
	}
	put_networks("serve", import->serve, import->serve_count, out);
	if (import->deny_count > 0) {
		buf_text(out, "\ndeny:\n");
	}
	for (size_t i = 0; i < import->deny_count; i++) {
		char text[IP_TEXT_BYTES];

		buf_printf(out, "  - {net: \"%s\", because: \"%s\"}\n",
		    network_text(&import->deny[i].network, text), import->deny[i].because);
	}
	put_networks("monitors", import->monitors, import->monitor_count, out);
	put_left(import, out);
}
