/*
 * The symmetric keys that hosts share, as keys.yaml has them.  Each daemon spells keys in its own
 * way; secrets are in the text of keys.yaml alone, and in no remark.
 */
#include "orchestrator/import/import.h"

#include "daemons/status_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_BYTES 512
#define PLAIN_MAX 20 /* ntpd reads a longer secret as hexadecimal digits */

static const struct {
	const char *word, *type;
} types[] = { { "AES128CMAC", "AES128CMAC" }, { "AES128", "AES128CMAC" },
	{ "AES-128", "AES128CMAC" }, { "AES", "AES128CMAC" }, { "SHA1", "SHA1" }, { "SHA", "SHA1" },
	{ "SHA256", "SHA256" }, { "MD5", "MD5" }, { "M", "MD5" } };

struct key {
	unsigned id;
	const char *type; /* NULL: one that keys.yaml does not know */
	char hex[2 * SECRET_BYTES + 1];
};

/* A key that hosts share. */
struct shared {
	struct key key;
	bool *hosts;
	struct shared *next;
};

static const char *
type_of(const char *word)
{
	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcasecmp(types[i].word, word) == 0) {
			return types[i].type;
		}
	}
	return NULL;
}

static void
to_hex(const char *text, char hex[2 * SECRET_BYTES + 1])
{
	hex[0] = '\0';
	for (size_t i = 0; text[i] && i < SECRET_BYTES; i++) {
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
	}
}

static bool
copy_hex(const char *text, char hex[2 * SECRET_BYTES + 1])
{
	size_t len = strlen(text);

	if (len == 0 || len % 2 || len > 2 * SECRET_BYTES ||
	    text[strspn(text, "0123456789abcdefABCDEF")]) {
		return false;
	}
	for (size_t i = 0; i <= len; i++) {
		hex[i] = (char)tolower((unsigned char)text[i]);
	}
	return true;
}

static bool
read_secret(bool chrony, const char *text, char hex[2 * SECRET_BYTES + 1])
{
	if (chrony && strncmp(text, "HEX:", 4) == 0) {
		return copy_hex(text + 4, hex);
	}
	if (chrony && strncmp(text, "ASCII:", 6) == 0) {
		text += 6;
	} else if (!chrony && strlen(text) > PLAIN_MAX) {
		return copy_hex(text, hex);
	}
	to_hex(text, hex);
	return text[0] != '\0';
}

/* The file that the host's configuration names, or NULL. */
static const struct file_entry *
key_file(const struct import_host *host)
{
	const struct file_entry *file = NULL;

	for (size_t i = 0; i < host->config.lines.count; i++) {
		const struct config_line *line = &host->config.lines.list[i];

		if (line->count > 1 &&
		    (config_is(host->driver->includes, line->words[0], "keyfile") ||
			config_is(host->driver->includes, line->words[0], "keys"))) {
			file = file_set_find(&host->files, line->words[1]);
		}
	}
	return file;
}

/* Find key @id of @host.  Returns false: its files do not have it. */
static bool
find_key(const struct import_host *host, unsigned id, struct key *key)
{
	const struct file_entry *file = host->driver ? key_file(host) : NULL;
	const char *at = file ? file->content : NULL, *end = file ? at + file->len : NULL;
	bool chrony = host->driver && host->driver->includes == DAEMON_INCLUDES_CHRONY;
	char line[2048], *words[4];
	bool found = false;

	while (file && next_line(&at, end, line, sizeof(line))) {
		size_t count;

		line[strcspn(line, "#")] = '\0';
		count = split_words(line, words, COUNT(words));
		if (count < 2 || !isdigit((unsigned char)words[0][0]) ||
		    strtoul(words[0], NULL, 10) != id) {
			continue;
		}
		*key = (struct key){ .id = id };
		key->type = count > 2 ? type_of(words[1]) : chrony ? "MD5" : NULL;
		found = read_secret(chrony, words[count > 2 ? 2 : 1], key->hex);
		break;
	}
	explicit_bzero(line, sizeof(line));
	return found;
}

static bool
is_same(const struct key *a, const struct key *b)
{
	return a->type && b->type && strcmp(a->type, b->type) == 0 && strcmp(a->hex, b->hex) == 0;
}

/* Note that two hosts share @key.  Returns false: its number is another key's already. */
static bool
share(struct import *import, struct shared **list, const struct key *key, const size_t ends[2])
{
	struct shared *shared = *list;

	while (shared && shared->key.id != key->id) {
		shared = shared->next;
	}
	if (shared && !is_same(&shared->key, key)) {
		return false;
	}
	if (!shared) {
		shared = arena_alloc(&import->arena, sizeof(*shared));
		shared->key = *key;
		shared->hosts = arena_alloc(&import->arena, import->host_count);
		shared->next = *list;
		*list = shared;
	}
	shared->hosts[ends[0]] = shared->hosts[ends[1]] = true;
	return true;
}

static void
take_source(struct import *import, struct shared **list, size_t at, size_t k)
{
	struct import_host *host = &import->hosts[at];
	const struct config_source *source = &host->config.sources[k];
	size_t asked = host->asks[k];
	struct key own, other;

	if (source->key == 0 || asked == at) {
		return;
	}
	if (asked == IMPORT_NONE) {
		import_remark(import, host,
		    "%s:%u: key %u with %s, which is outside the site: keys.yaml has keys between "
		    "hosts of the site alone",
		    source->file, source->number, source->key, source->name);
	} else if (!find_key(host, source->key, &own)) {
		import_remark(import, host,
		    "%s:%u: its file of keys, as it was collected, has no key %u: put it into "
		    "keys.yaml",
		    source->file, source->number, source->key);
	} else if (!own.type) {
		import_remark(import, host,
		    "%s:%u: key %u has a type that keys.yaml does not know: make a new one",
		    source->file, source->number, source->key);
	} else if (find_key(&import->hosts[asked], source->key, &other) && !is_same(&own, &other)) {
		import_remark(import, host,
		    "%s:%u: %s has another key %u: it never counts what that server answers",
		    source->file, source->number, import->hosts[asked].name, source->key);
	} else if (!share(import, list, &own, (const size_t[]){ at, asked })) {
		import_remark(import, host,
		    "%s:%u: key %u is another one here than between other hosts: give it a number "
		    "of its own in keys.yaml",
		    source->file, source->number, source->key);
	}
	explicit_bzero(&own, sizeof(own));
	explicit_bzero(&other, sizeof(other));
}

static void
write_key(struct import *import, const struct shared *shared)
{
	const char *comma = "";

	buf_printf(&import->keys, "  - {id: %u, type: %s, secret: \"%s\", between: [",
	    shared->key.id, shared->key.type, shared->key.hex);
	for (size_t i = 0; i < import->host_count; i++) {
		if (shared->hosts[i]) {
			buf_printf(&import->keys, "%s%s", comma, import->hosts[i].name);
			comma = ", ";
		}
	}
	buf_text(&import->keys, "]}\n");
}

void
import_make_keys(struct import *import)
{
	struct shared *list = NULL;

	for (size_t i = 0; i < import->host_count; i++) {
		for (size_t k = 0; k < import->hosts[i].config.source_count; k++) {
			take_source(import, &list, i, k);
		}
	}
	if (list) {
		buf_text(&import->keys, "keys:\n");
	}
	for (; list; list = list->next) {
		write_key(import, list);
		explicit_bzero(list->key.hex, sizeof(list->key.hex));
	}
}
