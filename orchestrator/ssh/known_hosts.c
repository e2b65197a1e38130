/*
 * Plain names are found in a sorted index.  Names with wildcards, and hashed names
 * ("|1|salt|hash"), each of which has its own salt, are tried one by one.
 */
#include "orchestrator/ssh/known_hosts.h"

#include "common/arena.h"
#include "common/digest.h"
#include "common/file.h"
#include "orchestrator/ssh/known_match.h"
#include "orchestrator/ssh/wire.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u << 20)
#define NAME_BYTES 300
#define LINE_BYTES 16384
#define BLOB_MAX 8192

struct entry {
	const char *file;
	unsigned line;
	bool revoked;
	const char *patterns; /* as written: "a,b*,!c", or one hashed name */
	const char *type;     /* "ssh-ed25519" */
	const uint8_t *blob;
	size_t blob_len;
};

struct name {
	const char *text;
	size_t entry;
};

struct known_hosts {
	struct arena arena;
	struct entry *entries;
	size_t count, capacity;
	struct name *names; /* plain names; sorted before each search */
	size_t name_count, name_capacity;
	bool sorted;
	size_t *patterns; /* entries that must be tried one by one */
	size_t pattern_count, pattern_capacity;
	bool has_authority;
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

/* The key type at the start of @blob, or NULL. */
static const char *
blob_type(struct arena *arena, const void *blob, size_t len)
{
	struct wire wire = { blob, len }, type;

	if (!wire_string(&wire, &type) || type.len == 0 || type.len > 64 ||
	    memchr(type.bytes, '\0', type.len)) {
		return NULL;
	}
	return arena_strndup(arena, (const char *)type.bytes, type.len);
}

static void
parse_line(struct known_hosts *known, const char *file, unsigned number, char *line)
{
	struct entry entry = { .file = file, .line = number };
	char *patterns, *type, *digits;
	uint8_t blob[LINE_BYTES];
	long len;

	if (!next_word(&line, &patterns) || patterns[0] == '#') {
		return;
	}
	if (patterns[0] == '@') {
		known->has_authority |= strcmp(patterns, "@cert-authority") == 0;
		if (strcmp(patterns, "@revoked") != 0 || !next_word(&line, &patterns)) {
			return; /* libssh2 1.10 cannot check certificates of hosts */
		}
		entry.revoked = true;
	}
	if (!next_word(&line, &type) || !next_word(&line, &digits)) {
		return;
	}
	len = base64_decode(digits, strlen(digits), blob);
	if (len <= 0) {
		return;
	}
	entry.type = blob_type(&known->arena, blob, (size_t)len);
	if (!entry.type || strcmp(entry.type, type) != 0) {
		return;
	}
	entry.blob = memcpy(arena_alloc(&known->arena, (size_t)len), blob, (size_t)len);
	entry.blob_len = (size_t)len;
	entry.patterns = arena_strdup(&known->arena, patterns);
	known->entries =
	    grow(known->entries, &known->capacity, known->count, sizeof(*known->entries));
	known->entries[known->count] = entry;
	add_names(known, entry.patterns);
	known->count++;
}

void
known_hosts_parse(struct known_hosts *known, const char *file, const char *text, size_t len)
{
	const char *name = arena_strdup(&known->arena, file);
	char line[LINE_BYTES];
	unsigned number = 0;

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line_len = end ? (size_t)(end - text) : len;
		size_t taken = line_len + (end ? 1 : 0);

		number++;
		if (line_len < sizeof(line)) {
			memcpy(line, text, line_len);
			line[line_len] = '\0';
			line[strcspn(line, "\r")] = '\0';
			parse_line(known, name, number, line);
		}
		text += taken;
		len -= taken;
	}
}

int
known_hosts_load(struct known_hosts *known, const char *path, bool required, struct error *err)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };

	if (!required && access(path, F_OK) != 0 && errno == ENOENT) {
		return 0;
	}
	if (file_read(path, &text, err)) {
		buf_free(&text);
		return -1;
	}
	known_hosts_parse(known, path, buf_str(&text), text.len);
	buf_free(&text);
	return 0;
}

static int
compare_names(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

/* Set @name to "host" or "[host]:port", in lower case, as ssh does when it looks up names. */
static void
make_name(char *name, const char *host, unsigned port)
{
	if (port == 0 || port == 22) {
		snprintf(name, NAME_BYTES, "%s", host);
	} else {
		snprintf(name, NAME_BYTES, "[%s]:%u", host, port);
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

/* Call @visit for each entry that names @name, until it returns false. */
static void
each_entry(const struct known_hosts *known, const char *name,
    bool (*visit)(const struct entry *entry, void *ctx), void *ctx)
{
	size_t low = 0, high = known->name_count;

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
		if (!visit(&known->entries[known->names[low].entry], ctx)) {
			return;
		}
	}
	for (size_t i = 0; i < known->pattern_count; i++) {
		const struct entry *entry = &known->entries[known->patterns[i]];
		bool found = entry->patterns[0] == '|'
		    ? known_hash_matches(entry->patterns, name)
		    : known_patterns_match(entry->patterns, name);

		if (found && !visit(entry, ctx)) {
			return;
		}
	}
}

struct check {
	const void *blob;
	size_t len;
	enum known known;
	struct known_line line;
};

static bool
check_entry(const struct entry *entry, void *ctx)
{
	struct check *check = ctx;
	bool same =
	    entry->blob_len == check->len && memcmp(entry->blob, check->blob, check->len) == 0;

	if (same && entry->revoked) {
		check->known = KNOWN_REVOKED;
		check->line = (struct known_line){ entry->file, entry->line };
		return false;
	}
	if (entry->revoked) {
		return true;
	}
	if (same) {
		check->known = KNOWN_MATCH; /* go on: a later line may revoke the key */
	} else if (check->known == KNOWN_UNKNOWN) {
		check->known = KNOWN_CHANGED;
		check->line = (struct known_line){ entry->file, entry->line };
	}
	return true;
}

enum known
known_hosts_check(
    const struct known_hosts *known, const struct known_key *key, struct known_line *line)
{
	struct check check = { key->blob, key->len, KNOWN_UNKNOWN, { NULL, 0 } };
	char name[NAME_BYTES];

	make_name(name, key->host, key->port);
	each_entry(known, name, check_entry, &check);
	if (check.known == KNOWN_CHANGED || check.known == KNOWN_REVOKED) {
		*line = check.line;
	}
	return check.known;
}

struct types {
	char *text;
	size_t size;
};

static bool
has_type(const char *list, const char *type)
{
	size_t len = strlen(type);

	for (const char *at = list; (at = strstr(at, type)); at += len) {
		if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0')) {
			return true;
		}
	}
	return false;
}

static bool
add_type(const struct entry *entry, void *ctx)
{
	struct types *types = ctx;
	size_t used = strlen(types->text);

	if (!entry->revoked && !has_type(types->text, entry->type) &&
	    used + strlen(entry->type) + 2 <= types->size) {
		snprintf(
		    types->text + used, types->size - used, "%s%s", used ? "," : "", entry->type);
	}
	return true;
}

void
known_hosts_types(
    const struct known_hosts *known, const char *host, unsigned port, char *types, size_t size)
{
	struct types list = { types, size };
	char name[NAME_BYTES];

	types[0] = '\0';
	make_name(name, host, port);
	each_entry(known, name, add_type, &list);
}

/* Make the folder of @path with mode 0700, when it is missing. */
static int
make_folder_of(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];

	if (!slash || slash == path) {
		return 0;
	}
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	return file_make_folder(folder, 0700, err);
}

static int
append(const char *path, const char *text, struct error *err)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600), status = -1;
	struct buf line = { 0 };
	char last = '\n';
	off_t end;

	if (fd < 0) {
		return error_errno(err, errno, "%s", path);
	}
	end = lseek(fd, 0, SEEK_END);
	if (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n') {
		buf_text(&line, "\n"); /* the last line has no newline */
	}
	buf_text(&line, text);
	if (write(fd, line.data, line.len) != (ssize_t)line.len || fsync(fd)) {
		error_errno(err, errno, "%s", path);
		goto out;
	}
	status = 0;
out:
	buf_free(&line);
	close(fd);
	return status;
}

int
known_hosts_add(
    struct known_hosts *known, const char *path, const struct known_key *key, struct error *err)
{
	char name[NAME_BYTES], digits[BLOB_MAX / 3 * 4 + 8];
	const char *type = blob_type(&known->arena, key->blob, key->len);
	struct buf line = { .limit_bytes = LINE_BYTES - 1 };
	int status = -1;

	if (!type || key->len > BLOB_MAX) {
		return error_set(err, "the host's key is malformed");
	}
	make_name(name, key->host, key->port);
	base64_encode(key->blob, key->len, digits);
	buf_printf(&line, "%s %s %s\n", name, type, digits);
	if (make_folder_of(path, err) == 0 && append(path, buf_str(&line), err) == 0) {
		known_hosts_parse(known, path, buf_str(&line), line.len);
		status = 0;
	}
	buf_free(&line);
	return status;
}

bool
known_hosts_has_authority(const struct known_hosts *known)
{
	return known->has_authority;
}
