/*
 * The one that notes is known to this file, and not handed to each function that reads: whatever
 * is read by a look must be noted, also by a function that will be written later.
 */
#include "agent/host/reads.h"

#include "common/hash.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define TABLE_LEAST 256

#define FILE_ALONE UINT32_MAX

struct read_path {
	uint64_t mark;   /* of what was there */
	uint64_t names;  /* of a folder: the sum of its names */
	uint32_t at;     /* its text, in paths */
	uint32_t suffix; /* likewise, of the names that were looked for; FILE_ALONE: none were */
};

static struct reads *noting;

static const struct read_path *
list_of(const struct reads *reads)
{
	return (const struct read_path *)(const void *)reads->list.data;
}

static size_t
count_of(const struct reads *reads)
{
	return reads->list.len / sizeof(struct read_path);
}

static uint64_t
add_file(uint64_t mark, const struct stat *file)
{
	const uint64_t facts[] = { file->st_dev, file->st_ino, file->st_mode, file->st_uid,
		file->st_gid, (uint64_t)file->st_size, (uint64_t)file->st_mtim.tv_sec,
		(uint64_t)file->st_mtim.tv_nsec, (uint64_t)file->st_ctim.tv_sec,
		(uint64_t)file->st_ctim.tv_nsec };

	return hash_add(mark, facts, sizeof(facts));
}

/* Returns a number that is another one as soon as there is something else at @path. */
static uint64_t
mark_of(const char *path)
{
	uint64_t mark = HASH_START;
	struct stat file;

	if (lstat(path, &file) < 0) {
		return (uint64_t)errno;
	}
	mark = add_file(mark, &file);
	if (S_ISLNK(file.st_mode)) {
		mark = stat(path, &file) < 0 ? hash_add(mark, &errno, sizeof(errno))
					     : add_file(mark, &file);
	}
	return mark;
}

static bool
ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len >= suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

/* Returns the sum of the names in a folder that end with @suffix, in whichever order they come. */
static uint64_t
names_of(const char *path, const char *suffix)
{
	const struct dirent *entry;
	DIR *folder = opendir(path);
	uint64_t sum = HASH_START;

	if (!folder) {
		return (uint64_t)errno;
	}
	while ((entry = readdir(folder))) {
		if (ends_with(entry->d_name, suffix)) {
			sum += hash_add(
			    HASH_START + entry->d_type, entry->d_name, strlen(entry->d_name));
		}
	}
	closedir(folder);
	return sum;
}

static bool
is_that(
    const struct reads *reads, const struct read_path *read, const char *path, const char *suffix)
{
	const char *texts = reads->paths.data;

	return strcmp(texts + read->at, path) == 0 &&
	    (suffix ? read->suffix != FILE_ALONE && strcmp(texts + read->suffix, suffix) == 0
		    : read->suffix == FILE_ALONE);
}

/* Returns the place of the path in the table, which may be empty.  @suffix: NULL: a file alone */
static uint32_t *
place_of(const struct reads *reads, const char *path, const char *suffix)
{
	uint32_t *table = (uint32_t *)(void *)reads->table.data;
	size_t size = reads->table.len / sizeof(*table);
	size_t i = hash_add(HASH_START, path, strlen(path)) % size;

	while (table[i] != 0 && !is_that(reads, &list_of(reads)[table[i] - 1], path, suffix)) {
		i = (i + 1) % size;
	}
	return &table[i];
}

static const char *
suffix_of(const struct reads *reads, const struct read_path *read)
{
	return read->suffix == FILE_ALONE ? NULL : reads->paths.data + read->suffix;
}

/* Have room for one more: a table that is half empty. */
static void
make_room(struct reads *reads)
{
	static const uint32_t none[TABLE_LEAST] = { 0 };
	size_t size = reads->table.len / sizeof(uint32_t);

	if (2 * (count_of(reads) + 1) <= size) {
		return;
	}
	size = size > 0 ? 2 * size : TABLE_LEAST;
	buf_reset(&reads->table);
	for (size_t i = 0; i < size; i += TABLE_LEAST) {
		buf_add(&reads->table, none, sizeof(none));
	}
	for (uint32_t i = 0; i < count_of(reads); i++) {
		const struct read_path *read = &list_of(reads)[i];

		*place_of(reads, reads->paths.data + read->at, suffix_of(reads, read)) = i + 1;
	}
}

void
reads_begin(struct reads *reads)
{
	reads->paths.limit_bytes = READS_BYTES_MAX;
	reads->list.limit_bytes = READS_MAX * sizeof(struct read_path);
	reads->table.limit_bytes = 0;
	buf_reset(&reads->paths);
	buf_reset(&reads->list);
	buf_reset(&reads->table);
	reads->sum_before = reads->sum;
	reads->over = false;
	noting = reads;
}

static uint32_t
keep_text(struct reads *reads, const char *text)
{
	size_t at = reads->paths.len;

	buf_add(&reads->paths, text, strlen(text) + 1);
	return (uint32_t)at;
}

static void
note(struct reads *reads, const char *path, const char *suffix)
{
	struct read_path added = { .suffix = FILE_ALONE };
	uint32_t *place;

	make_room(reads);
	place = place_of(reads, path, suffix);
	if (*place != 0) {
		return;
	}
	added.mark = mark_of(path);
	added.at = keep_text(reads, path);
	if (suffix) {
		added.names = names_of(path, suffix);
		added.suffix = keep_text(reads, suffix);
	}
	buf_add(&reads->list, &added, sizeof(added));
	reads->over = reads->paths.overflowed || reads->list.overflowed;
	if (!reads->over) {
		*place = (uint32_t)count_of(reads);
	}
}

void
reads_note(const char *path)
{
	if (noting && !noting->over) {
		note(noting, path, NULL);
	}
}

void
reads_note_names(const char *path, const char *suffix)
{
	if (noting && !noting->over) {
		note(noting, path, suffix);
	}
}

void
reads_end(struct reads *reads)
{
	noting = NULL;
	reads->sum = HASH_START;
	for (size_t i = 0; i < count_of(reads); i++) {
		const struct read_path *read = &list_of(reads)[i];
		const char *path = reads->paths.data + read->at;

		reads->sum = hash_add(reads->sum, path, strlen(path) + 1);
		reads->sum = hash_add(reads->sum,
		    read->suffix == FILE_ALONE ? &read->mark : &read->names, sizeof(uint64_t));
	}
	buf_free(&reads->table); /* the next look makes it anew */
}

/* Whether there is something else; a folder may have changed without the names that matter. */
static bool
is_other(const struct reads *reads, struct read_path *read)
{
	const char *path = reads->paths.data + read->at;
	uint64_t mark = mark_of(path);

	if (mark == read->mark) {
		return false;
	}
	if (read->suffix == FILE_ALONE || names_of(path, suffix_of(reads, read)) != read->names) {
		return true;
	}
	read->mark = mark;
	return false;
}

bool
reads_changed(struct reads *reads)
{
	struct read_path *list = (struct read_path *)(void *)reads->list.data;

	if (reads->over || reads->sum == 0 || reads->sum != reads->sum_before) {
		return true;
	}
	for (size_t i = 0; i < count_of(reads); i++) {
		if (is_other(reads, &list[i])) {
			return true;
		}
	}
	return false;
}

void
reads_forget(struct reads *reads)
{
	reads->sum = 0;
}

void
reads_free(struct reads *reads)
{
	buf_free(&reads->paths);
	buf_free(&reads->list);
	buf_free(&reads->table);
}
