/*
 * Plain names are found in a sorted index.  Names with wildcards, and hashed names
 * ("|1|salt|hash"), each of which has its own salt, are tried one by one.
 */
#include "orchestrator/ssh/known_table.h"

#include "common/arena.h"
#include "common/digest.h"
#include "orchestrator/ssh/known_match.h"
#include "orchestrator/ssh/wire.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name {
	const char *text;
	size_t entry;
};

struct known_hosts {
	struct arena arena;
	const struct known_source **sources;
	size_t source_count, source_capacity;
	struct known_entry *entries;
	size_t count, capacity;
	struct name *names; /* plain names; sorted before each search */
	size_t name_count, name_capacity;
	bool sorted;
	size_t *patterns; /* entries that must be tried one by one */
	size_t pattern_count, pattern_capacity;
};

static void *
grow(void *list, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity) {
		return list;
	}
	*capacity = *capacity ? 2 * *capacity : 64;
	list = reallocarray(list, *capacity, size);
	if (!list) {
		abort();
	}
	return list;
}

struct known_hosts *
known_hosts_new(void)
{
	struct known_hosts *known = calloc(1, sizeof(*known));

	if (!known) {
		abort();
	}
	return known;
}

void
known_hosts_free(struct known_hosts *known)
{
	if (!known) {
		return;
	}
	arena_free(&known->arena);
	free(known->sources);
	free(known->entries);
	free(known->names);
	free(known->patterns);
	free(known);
}

/* Take the next word of @line; false: there is none. */
static bool
next_word(char **line, char **word)
{
	char *at = *line + strspn(*line, " \t");

	if (*at == '\0') {
		return false;
	}
	*word = at;
	at += strcspn(at, " \t");
	if (*at) {
		*at++ = '\0';
	}
	*line = at;
	return true;
}

static void
add_name(struct known_hosts *known, const char *text)
{
	known->names =
	    grow(known->names, &known->name_capacity, known->name_count, sizeof(*known->names));
	known->names[known->name_count++] = (struct name){ text, known->count };
	known->sorted = false;
}

/* Index the entry at known->count by its names, or add it to those that are tried one by one. */
static void
add_names(struct known_hosts *known, const char *patterns)
{
	char *names = arena_strdup(&known->arena, patterns), *name;

	if (patterns[0] == '|' || strpbrk(patterns, "*?!")) {
		known->patterns = grow(known->patterns, &known->pattern_capacity,
		    known->pattern_count, sizeof(*known->patterns));
		known->patterns[known->pattern_count++] = known->count;
		return;
	}
	for (name = names; *name; name++) {
		*name = (char)tolower((unsigned char)*name);
	}
	while ((name = strsep(&names, ","))) {
		if (*name) {
			add_name(known, name);
		}
	}
}

const char *
known_table_type(struct known_hosts *known, const void *blob, size_t len)
{
	struct wire wire = { blob, len }, type;

	if (!wire_string(&wire, &type) || type.len == 0 || type.len > 64 ||
	    memchr(type.bytes, '\0', type.len)) {
		return NULL;
	}
	return arena_strndup(&known->arena, (const char *)type.bytes, type.len);
}

/* The types of keys that ssh knows; it skips the lines of others. */
static bool
is_key_type(const char *type)
{
	static const char *const types[] = { "ssh-ed25519", "ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", "ssh-dss",
		"sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com" };

	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(type, types[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Read "TYPE BASE64" at @line into @entry; false: it is no key. */
static bool
parse_key(struct known_hosts *known, char *line, struct known_entry *entry)
{
	char *type, *digits;
	uint8_t *blob;
	long len;

	if (!next_word(&line, &type) || !next_word(&line, &digits) || !is_key_type(type)) {
		return false;
	}
	blob = arena_alloc(&known->arena, strlen(digits) + 1);
	len = base64_decode(digits, strlen(digits), blob);
	if (len <= 0) {
		return false;
	}
	entry->type = known_table_type(known, blob, (size_t)len);
	entry->blob = blob;
	entry->blob_len = (size_t)len;
	return entry->type && strcmp(entry->type, type) == 0;
}

static void
add_entry(struct known_hosts *known, const struct known_entry *entry)
{
	known->entries =
	    grow(known->entries, &known->capacity, known->count, sizeof(*known->entries));
	known->entries[known->count] = *entry;
	add_names(known, entry->patterns);
	known->count++;
}

static bool
parse_line(struct known_hosts *known, struct known_entry *entry, char *line)
{
	char *patterns;

	if (!next_word(&line, &patterns) || patterns[0] == '#') {
		return true;
	}
	if (patterns[0] == '@') {
		entry->mark =
		    strcmp(patterns, "@revoked") == 0 ? KNOWN_MARK_REVOKED : KNOWN_MARK_AUTHORITY;
		if ((entry->mark == KNOWN_MARK_AUTHORITY &&
			strcmp(patterns, "@cert-authority") != 0) ||
		    !next_word(&line, &patterns)) {
			return false;
		}
	}
	if (!parse_key(known, line, entry)) {
		return false;
	}
	entry->patterns = arena_strdup(&known->arena, patterns);
	add_entry(known, entry);
	return true;
}

/* A line of a file of revoked keys: of its words ssh reads only the first two. */
static bool
parse_revoked(struct known_hosts *known, struct known_entry *entry, char *line)
{
	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#') {
		return true;
	}
	if (!parse_key(known, line, entry)) {
		return false;
	}
	entry->mark = KNOWN_MARK_REVOKED;
	entry->patterns = "*";
	add_entry(known, entry);
	return true;
}

const struct known_source *
known_table_source(const struct known_hosts *known, const char *path, bool revokes)
{
	for (size_t i = 0; i < known->source_count; i++) {
		if (known->sources[i]->revokes == revokes &&
		    strcmp(known->sources[i]->path, path) == 0) {
			return known->sources[i];
		}
	}
	return NULL;
}

const struct known_source *
known_table_add_source(struct known_hosts *known, const char *path, bool revokes)
{
	const struct known_source *found = known_table_source(known, path, revokes);
	struct known_source *made;

	if (found) {
		return found;
	}
	made = arena_alloc(&known->arena, sizeof(*made));
	*made = (struct known_source){ arena_strdup(&known->arena, path), revokes };
	known->sources = grow(
	    known->sources, &known->source_capacity, known->source_count, sizeof(*known->sources));
	known->sources[known->source_count++] = made;
	return made;
}

/* Parse each line of @text; returns the number of the first line that is none, 0: all are. */
static unsigned
parse(struct known_hosts *known, const struct known_source *source, const char *text, size_t len)
{
	char *all = malloc(len + 1), *at = all;
	unsigned bad = 0, number = 0;

	if (!all) {
		abort();
	}
	memcpy(all, text, len);
	all[len] = '\0';
	while (at < all + len) {
		char *end = memchr(at, '\n', (size_t)(all + len - at));
		char *next = end ? end + 1 : all + len;
		struct known_entry entry = { .source = source, .line = ++number };

		at[strcspn(at, "\r\n")] = '\0';
		if (!(source->revokes ? parse_revoked : parse_line)(known, &entry, at) && !bad) {
			bad = number;
		}
		at = next;
	}
	free(all);
	return bad;
}

void
known_hosts_parse(struct known_hosts *known, const char *file, const char *text, size_t len)
{
	parse(known, known_table_add_source(known, file, false), text, len);
}

int
known_hosts_parse_revoked(
    struct known_hosts *known, const char *file, const char *text, size_t len, struct error *err)
{
	unsigned bad;

	if (len >= 6 && memcmp(text, "SSHKRL", 6) == 0) {
		return error_set(err, "%s is a list that only ssh can read (KRL)", file);
	}
	bad = parse(known, known_table_add_source(known, file, true), text, len);
	return bad ? error_set(err, "%s:%u is not a public key", file, bad) : 0;
}

static int
compare_names(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

void
known_table_name(char *name, const char *host, unsigned port)
{
	if (port == 0 || port == 22) {
		snprintf(name, KNOWN_NAME_BYTES, "%s", host);
	} else {
		snprintf(name, KNOWN_NAME_BYTES, "[%s]:%u", host, port);
	}
	for (; *name; name++) {
		*name = (char)tolower((unsigned char)*name);
	}
}

static void
sort_names(const struct known_hosts *known)
{
	/* sorting the index does not change what the table knows: const for callers */
	struct known_hosts *own = *(struct known_hosts *const *)(const void *)&known;

	if (!own->sorted) {
		if (own->name_count > 0) {
			qsort(own->names, own->name_count, sizeof(*own->names), compare_names);
		}
		own->sorted = true;
	}
}

/* The place of the entry's file among those of @host; -1: it does not count for @host. */
static int
rank(const struct known_entry *entry, const struct known_host *host)
{
	const struct policy_files *const lists[] = { host->user, host->global };
	int place = 0;

	if (entry->source->revokes) {
		return host->revoked && strcmp(host->revoked, entry->source->path) == 0 ? 0 : -1;
	}
	for (size_t k = 0; k < COUNT(lists); k++) {
		for (size_t i = 0; lists[k] && i < lists[k]->count; i++, place++) {
			if (strcmp(lists[k]->list[i], entry->source->path) == 0) {
				return place;
			}
		}
	}
	return -1;
}

/* Add @entry to @found, behind those that ssh reads before it. */
static void
add_match(struct known_found *found, const struct known_host *host, const struct known_entry *entry)
{
	int place = rank(entry, host);
	size_t at = found->count;

	if (place < 0) {
		return;
	}
	found->list = grow(found->list, &found->capacity, found->count, sizeof(*found->list));
	for (; at > 0; at--) {
		const struct known_entry *before = found->list[at - 1];
		int its = rank(before, host);

		if (its < place || (its == place && before->line < entry->line)) {
			break;
		}
		found->list[at] = before;
	}
	found->list[at] = entry;
	found->count++;
}

struct known_found
known_table_find(const struct known_hosts *known, const struct known_host *host, unsigned port)
{
	struct known_found found = { NULL, 0, 0 };
	size_t low = 0, high = known->name_count;
	char name[KNOWN_NAME_BYTES];

	known_table_name(name, host->name, port);
	sort_names(known);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(known->names[middle].text, name) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (; low < known->name_count && strcmp(known->names[low].text, name) == 0; low++) {
		add_match(&found, host, &known->entries[known->names[low].entry]);
	}
	for (size_t i = 0; i < known->pattern_count; i++) {
		const struct known_entry *entry = &known->entries[known->patterns[i]];

		if (entry->patterns[0] == '|' ? known_hash_matches(entry->patterns, name)
					      : known_patterns_match(entry->patterns, name)) {
			add_match(&found, host, entry);
		}
	}
	return found;
}
