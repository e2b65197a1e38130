/* Reads lists of addresses, networks, names or URLs; a single value is a list of one. */
#include "common/shown.h"
#include "orchestrator/topology/load/loader.h"
#include "orchestrator/topology/load/remedies.h"

#include <ctype.h>
#include <string.h>

#define RULE "bad-value"
#define ITEMS_MAX 100000

bool
takes_list(enum value_type type)
{
	return type == VALUE_ADDRESSES || type == VALUE_NETWORKS || type == VALUE_MONITORS ||
	    type == VALUE_NAMES || type == VALUE_RANGES || type == VALUE_URLS ||
	    type == VALUE_LINES;
}

static size_t
item_bytes(enum value_type type)
{
	switch (type) {
	case VALUE_ADDRESSES:
		return sizeof(struct address);
	case VALUE_NETWORKS:
		return sizeof(struct network_entry);
	case VALUE_MONITORS:
		return sizeof(struct monitor);
	case VALUE_NAMES:
	case VALUE_RANGES:
		return sizeof(struct name_ref);
	case VALUE_URLS:
		return sizeof(const char *);
	case VALUE_LINES:
		return sizeof(struct extra_line);
	case VALUE_TEXT:
	case VALUE_NAME:
	case VALUE_NUMBER:
	case VALUE_BOOL:
	case VALUE_DURATION:
	case VALUE_DATE:
	case VALUE_COUNTRY:
	case VALUE_SHARE:
	case VALUE_CHOICE:
	case VALUE_DAEMON:
	case VALUE_FILE:
	case VALUE_SECRET:
	case VALUE_MAP:
	case VALUE_SSH:
	case VALUE_PART:
	case VALUE_LIST:
		break;
	}
	return 1;
}

static void
add_address(struct loader *loader, const struct key_row *row, const struct event *event)
{
	struct address address = { 0 };

	if (address_parse(loader, row->name, event, &address)) {
		buf_add(&loader->items, &address, sizeof(address));
	}
}

static void
add_network(struct loader *loader, const struct event *event)
{
	struct network_entry entry = { .pos = event->pos };
	struct error err;

	if (odd_text(event->text, true)[0]) {
		problem(loader, RULE, event->pos, "\"%s\" is not an address or network%s",
		    shown(loader, event->text), odd_text(event->text, true));
	} else if (network_parse(event->text, &entry.network, &err) < 0) {
		problem(loader, RULE, event->pos, "%s", err.text);
	} else {
		buf_add(&loader->items, &entry, sizeof(entry));
	}
}

static void
add_monitor(struct loader *loader, const struct key_row *row, const struct event *event)
{
	struct monitor monitor = { .pos = event->pos };

	if (!ip_parse(event->text, &monitor.ip)) {
		problem(loader, RULE, event->pos, "`%s` names \"%s\", not an IP address%s",
		    row->name, shown(loader, event->text), odd_text(event->text, true));
	} else {
		buf_add(&loader->items, &monitor, sizeof(monitor));
	}
}

static void
add_name(struct loader *loader, const struct key_row *row, const struct event *event)
{
	struct name_ref ref = { NULL, event->pos };

	if (row->type == VALUE_NAMES && !is_host_name(event->text)) {
		problem(loader, RULE, event->pos, "`%s` names \"%s\", which is not a name%s",
		    row->name, shown(loader, event->text), odd_text(event->text, true));
		return;
	}
	ref.name = arena_strndup(&loader->arena, event->text, event->len);
	buf_add(&loader->items, &ref, sizeof(ref));
}

/* "192.0.2.254:8123", "[2001:db8::1]:8123", "host.example.net:8123" */
static bool
is_host_and_port(const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
	unsigned long port = 0;
	char host[256];
	struct ip ip;

	if (!colon || digits == 0 || digits > 5 || colon[1 + digits] || colon == text ||
	    (size_t)(colon - text) >= sizeof(host)) {
		return false;
	}
	for (const char *at = colon + 1; *at; at++) {
		port = 10 * port + (unsigned long)(*at - '0');
	}
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (port < 1 || port > 65535) {
		return false;
	}
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		return ip_parse(host + 1, &ip) && ip.family == IP_V6;
	}
	return is_dns_name(host) || (ip_parse(host, &ip) && ip.family == IP_V4);
}

static void
add_url(struct loader *loader, const struct key_row *row, const struct event *event)
{
	size_t len = event->len;
	const char *url;

	len -= len > 0 && event->text[len - 1] == '/';
	url = arena_strndup(&loader->topology->arena, event->text, len);
	if (strncmp(url, "http://", 7) == 0) {
		problem(loader, RULE, event->pos,
		    "`%s` names \"%s\": reports go over https, not http", row->name,
		    shown(loader, event->text));
	} else if (strncmp(url, "https://", 8) != 0 || !is_host_and_port(url + 8)) {
		problem(loader, RULE, event->pos,
		    "`%s` names \"%s\", not https://ADDRESS:PORT, as https://192.0.2.254:8123",
		    row->name, shown(loader, event->text));
	} else {
		buf_add(&loader->items, &url, sizeof(url));
	}
}

/* A longer line is cut by an ntpd, and ends chronyd. */
#define LINE_BYTES_MAX 500

/* A line as it is written to a file: what is not shown as it is has no place there. */
static void
add_line(struct loader *loader, const struct key_row *row, const struct event *event)
{
	struct extra_line line = { .pos = event->pos };
	size_t blank = strspn(event->text, " "), len = event->len;

	while (len > blank && strchr(" \n", event->text[len - 1])) {
		len--;
	}
	if (len == blank || strchr("#!;%", event->text[blank])) {
		problem(loader, RULE, event->pos, "`%s` has a line that says nothing", row->name);
	} else if (len - blank > LINE_BYTES_MAX ||
	    !shown_is_fit(event->text + blank, len - blank, SHOWN_WORDS)) {
		problem(loader, RULE, event->pos,
		    "a line of `%s` is longer than %d bytes, or is not one line of printable "
		    "characters",
		    row->name, LINE_BYTES_MAX);
	} else {
		line.text =
		    arena_strndup(&loader->topology->arena, event->text + blank, len - blank);
		buf_add(&loader->items, &line, sizeof(line));
	}
}

size_t
begin_items(const struct loader *loader)
{
	return loader->items.len;
}

void
add_item(struct loader *loader, const struct key_row *row, const struct event *event)
{
	if (event->len == 0) {
		problem(loader, RULE, event->pos, "an item of `%s` is empty", row->name);
	} else if (loader->items.len / item_bytes(row->type) == ITEMS_MAX) {
		problem(
		    loader, RULE, event->pos, "`%s` has more than %d items", row->name, ITEMS_MAX);
	} else if (row->type == VALUE_ADDRESSES) {
		add_address(loader, row, event);
	} else if (row->type == VALUE_NETWORKS) {
		add_network(loader, event);
	} else if (row->type == VALUE_MONITORS) {
		add_monitor(loader, row, event);
	} else if (row->type == VALUE_URLS) {
		add_url(loader, row, event);
	} else if (row->type == VALUE_LINES) {
		add_line(loader, row, event);
	} else {
		add_name(loader, row, event);
	}
}

void
end_items(struct loader *loader, const struct key_row *row, void *object, size_t begin)
{
	struct any_list {
		void *list;
		size_t count;
	} list;
	size_t bytes = loader->items.len - begin;

	list.count = bytes / item_bytes(row->type);
	list.list = arena_alloc(&loader->topology->arena, bytes + 1);
	if (bytes > 0) {
		memcpy(list.list, loader->items.data + begin, bytes);
	}
	loader->items.len = begin;
	memcpy((char *)object + row->offset, &list, sizeof(list));
}
