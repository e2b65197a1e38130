/* Which host a source is: by its name, its addresses, and what the hosts' own files call it. */
#include "orchestrator/import/import.h"

#include "daemons/status_text.h"
#include "orchestrator/topology/topology.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 64 /* of one host */
#define WORDS_MAX 32

/* A name, or an address, and the host that has it. */
struct alias {
	const char *name;
	size_t host; /* IMPORT_NONE: several have it */
};

struct import_names {
	struct import *import;
	struct alias *list;
	size_t count, max;
	struct name_index index;
};

static const char *
spelled(struct arena *arena, const char *text)
{
	char address[IP_TEXT_BYTES], *copy;
	struct ip ip;
	size_t len;

	if (ip_parse(text, &ip)) {
		return arena_strdup(arena, ip_text(&ip, address));
	}
	copy = arena_strdup(arena, text);
	for (char *at = copy; *at; at++) {
		*at = (char)tolower((unsigned char)*at);
	}
	len = strlen(copy);
	if (len > 0 && copy[len - 1] == '.') {
		copy[len - 1] = '\0';
	}
	return copy;
}

/* A name that two hosts claim is nobody's. */
static void
alias_add(struct import_names *aliases, const char *text, size_t host)
{
	size_t known;

	if (aliases->count == aliases->max || text[0] == '\0') {
		return;
	}
	aliases->list[aliases->count] =
	    (struct alias){ spelled(&aliases->import->arena, text), host };
	known = index_add(&aliases->index, aliases->list, sizeof(*aliases->list), aliases->count);
	if (known == INDEX_NONE) {
		aliases->count++;
	} else if (aliases->list[known].host != host) {
		aliases->list[known].host = IMPORT_NONE;
	}
}

static size_t
alias_find(const struct import_names *aliases, const char *text)
{
	size_t at = index_find(&aliases->index, aliases->list, sizeof(*aliases->list),
	    spelled(&aliases->import->arena, text));

	return at == INDEX_NONE ? IMPORT_NONE : aliases->list[at].host;
}

static bool
is_of_this_host(const char *address)
{
	struct ip ip;
	struct network network;

	if (!ip_parse(address, &ip)) {
		return false;
	}
	network = (struct network){ ip, ip.family == IP_V4 ? 32 : 128 };
	return config_is_loopback(&network);
}

static void
add_name(struct arena *arena, struct import_host *host, const char *text)
{
	bool address;
	struct ip ip;

	text = spelled(arena, text);
	address = ip_parse(text, &ip);
	if (!topology_takes_address(text)) {
		return;
	}
	if (strcmp(text, "localhost") == 0 || strncmp(text, "localhost.", 10) == 0) {
		return;
	}
	for (size_t i = 0; i < host->name_count; i++) {
		if (strcmp(host->names[i], text) == 0) {
			return;
		}
	}
	for (size_t i = 0; i < host->address_count; i++) {
		if (strcmp(host->addresses[i], text) == 0) {
			return;
		}
	}
	if (address && host->address_count < NAMES_MAX) {
		host->addresses[host->address_count++] = text;
	} else if (!address && host->name_count < NAMES_MAX) {
		host->names[host->name_count++] = text;
	}
}

/* The host that one of @words is a name of, or IMPORT_NONE. */
static size_t
called(const struct import_names *aliases, char *const *words, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		size_t host = alias_find(aliases, words[i]);

		if (host != IMPORT_NONE) {
			return host;
		}
	}
	return IMPORT_NONE;
}

/* Lines of /etc/hosts: "192.0.2.1 time1.example.net time1"; one of the loopback is about @of. */
static void
read_hosts_file(const struct import_names *aliases, size_t of)
{
	struct import *import = aliases->import;
	const struct file_entry *file = file_set_find(&import->hosts[of].files, "/etc/hosts");
	const char *at = file ? file->content : NULL, *end = file ? at + file->len : NULL;
	char line[1024], *words[WORDS_MAX];

	while (file && next_line(&at, end, line, sizeof(line))) {
		size_t count, host;
		bool own;

		line[strcspn(line, "#")] = '\0';
		count = split_words(line, words, WORDS_MAX);
		host = called(aliases, words, count);
		own = count > 0 && is_of_this_host(words[0]);
		if (host == IMPORT_NONE || (own && host != of)) {
			continue;
		}
		for (size_t i = own ? 1 : 0; i < count; i++) {
			add_name(&import->arena, &import->hosts[host], words[i]);
		}
	}
}

static void
read_words(struct import *import, struct import_host *host, const char *path)
{
	const struct file_entry *file = file_set_find(&host->files, path);
	const char *at = file ? file->content : NULL, *end = file ? at + file->len : NULL;
	char line[1024], *words[WORDS_MAX];

	while (file && next_line(&at, end, line, sizeof(line))) {
		size_t count;

		line[strcspn(line, "#")] = '\0';
		count = split_words(line, words, WORDS_MAX);
		for (size_t i = 0; i < count; i++) {
			if (!is_of_this_host(words[i])) {
				add_name(&import->arena, host, words[i]);
			}
		}
	}
}

static void
collect(struct import *import)
{
	struct arena *arena = &import->arena;
	struct ip ip;

	for (size_t i = 0; i < import->host_count; i++) {
		struct import_host *host = &import->hosts[i];

		host->names = arena_alloc(arena, NAMES_MAX * sizeof(*host->names));
		host->addresses = arena_alloc(arena, NAMES_MAX * sizeof(*host->addresses));
		if (ip_parse(host->name, &ip)) {
			add_name(arena, host, host->name);
		}
		if (host->reached) {
			add_name(arena, host, host->reached);
		}
		read_words(import, host, "/etc/hostname");
		read_words(import, host, "/addresses");
	}
}

/* The whole names first; the first label of one stands for it unless two have it. */
static void
index_aliases(struct import_names *aliases)
{
	struct import *import = aliases->import;

	aliases->count = 0;
	aliases->max = import->host_count * 2 * (NAMES_MAX + 1);
	aliases->list = arena_alloc(&import->arena, aliases->max * sizeof(*aliases->list));
	index_init(&aliases->index, &import->arena, aliases->max);
	for (size_t i = 0; i < import->host_count; i++) {
		const struct import_host *host = &import->hosts[i];

		alias_add(aliases, host->name, i);
		for (size_t k = 0; k < host->name_count; k++) {
			alias_add(aliases, host->names[k], i);
		}
		for (size_t k = 0; k < host->address_count; k++) {
			alias_add(aliases, host->addresses[k], i);
		}
	}
	for (size_t i = 0; i < import->host_count; i++) {
		const struct import_host *host = &import->hosts[i];
		struct ip ip;

		if (!ip_parse(host->name, &ip)) {
			alias_add(aliases,
			    arena_strndup(&import->arena, host->name, strcspn(host->name, ".")), i);
		}
	}
}

size_t
import_find(const struct import *import, const char *name)
{
	return alias_find(import->by_name, name);
}

/* A host that the operator called by an address has the name that it has itself, if nobody else has
 * it. */
static void
name_host(const struct import_names *aliases, size_t at)
{
	struct import_host *host = &aliases->import->hosts[at];
	struct ip ip;

	if (ip_parse(host->name, &ip) && host->name_count > 0 &&
	    alias_find(aliases, host->names[0]) == at) {
		host->reached = host->name;
		host->name = host->names[0];
	}
}

void
import_find_asked(struct import *import)
{
	struct import_names *aliases = arena_alloc(&import->arena, sizeof(*aliases));

	aliases->import = import;
	import->by_name = aliases;
	collect(import);
	index_aliases(aliases);
	for (size_t i = 0; i < import->host_count; i++) {
		read_hosts_file(aliases, i);
	}
	index_aliases(aliases);
	for (size_t i = 0; i < import->host_count; i++) {
		name_host(aliases, i);
	}
	for (size_t i = 0; i < import->host_count; i++) {
		struct import_host *host = &import->hosts[i];

		host->asks = arena_alloc(
		    &import->arena, (host->config.source_count + 1) * sizeof(*host->asks));
		for (size_t k = 0; k < host->config.source_count; k++) {
			const struct config_source *source = &host->config.sources[k];
			size_t asked = source->flags & (RESTART_REFCLOCK | RESTART_INIT)
			    ? IMPORT_NONE
			    : alias_find(aliases, source->name);

			host->asks[k] = asked;
			if (asked != IMPORT_NONE && asked != i) {
				import->hosts[asked].asked = true;
			}
		}
	}
}
