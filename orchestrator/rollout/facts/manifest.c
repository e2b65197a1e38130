#include "orchestrator/rollout/facts/manifest.h"

#include <stdlib.h>
#include <string.h>

#define LINE_WORDS 5

static bool
is_sha256(const char *text)
{
	return strlen(text) == SHA256_HEX_BYTES - 1 &&
	    strspn(text, "0123456789abcdef") == SHA256_HEX_BYTES - 1;
}

static bool
read_line(char *line, struct manifest_entry *entry)
{
	char *words[LINE_WORDS], *end;
	unsigned long mode;

	for (size_t i = 0; i < LINE_WORDS; i++) {
		words[i] = i + 1 < LINE_WORDS ? strsep(&line, " ") : line;
		if (!words[i] || !*words[i]) {
			return false;
		}
	}
	mode = strtoul(words[1], &end, 8);
	if (!is_sha256(words[0]) || *end || mode > 07777 || words[4][0] != '/') {
		return false;
	}
	*entry = (struct manifest_entry){
		.path = words[4], .mode = (unsigned)mode, .owner = words[2], .group = words[3]
	};
	memcpy(entry->sha256, words[0], SHA256_HEX_BYTES);
	return true;
}

int
manifest_read(
    struct arena *arena, const char *text, size_t len, struct manifest *manifest, struct error *err)
{
	char *rest = arena_strndup(arena, text, len), *line;
	struct manifest read = { .count = 0 };
	unsigned number = 0;

	while ((line = strsep(&rest, "\n"))) {
		struct manifest_entry entry;

		number++;
		if (*line == '\0' || *line == '#') {
			continue;
		}
		if (!read_line(line, &entry) || manifest_find(&read, entry.path)) {
			return error_set(
			    err, MANIFEST_PATH ":%u is not as timetier wrote it", number);
		}
		if (read.count == MANIFEST_ENTRIES_MAX) {
			return error_set(
			    err, MANIFEST_PATH " has more than %d lines", MANIFEST_ENTRIES_MAX);
		}
		manifest_enter_hash(&read, &entry);
	}
	*manifest = read;
	return 0;
}

void
manifest_write(const struct manifest *manifest, struct buf *out)
{
	buf_text(out,
	    "# What timetier put on this host; `timetier plan` and `timetier drift` tell by it "
	    "what\n"
	    "# was changed by hand since.  SHA-256, mode, owner, group, path.\n");
	for (size_t i = 0; i < manifest->count; i++) {
		const struct manifest_entry *entry = &manifest->list[i];

		buf_printf(out, "%s %04o %s %s %s\n", entry->sha256, entry->mode, entry->owner,
		    entry->group, entry->path);
	}
}

const struct manifest_entry *
manifest_find(const struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->count; i++) {
		if (strcmp(manifest->list[i].path, path) == 0) {
			return &manifest->list[i];
		}
	}
	return NULL;
}

void
manifest_drop(struct manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->count; i++) {
		if (strcmp(manifest->list[i].path, path) == 0) {
			manifest->count--;
			memmove(&manifest->list[i], &manifest->list[i + 1],
			    (manifest->count - i) * sizeof(manifest->list[0]));
			return;
		}
	}
}

void
manifest_enter_hash(struct manifest *manifest, const struct manifest_entry *entry)
{
	size_t at = 0;

	manifest_drop(manifest, entry->path);
	while (at < manifest->count && strcmp(manifest->list[at].path, entry->path) < 0) {
		at++;
	}
	if (manifest->count < MANIFEST_ENTRIES_MAX) {
		memmove(&manifest->list[at + 1], &manifest->list[at],
		    (manifest->count - at) * sizeof(manifest->list[0]));
		manifest->list[at] = *entry;
		manifest->count++;
	}
}

void
manifest_enter(struct manifest *manifest, const struct file_entry *file)
{
	struct manifest_entry entry = {
		.path = file->path, .mode = file->mode, .owner = file->owner, .group = file->group
	};

	if (file->absent) {
		manifest_drop(manifest, file->path);
		return;
	}
	sha256_hex(file->content, file->len, entry.sha256);
	manifest_enter_hash(manifest, &entry);
}
