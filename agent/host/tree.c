#include "agent/host/tree.h"

#include "agent/host/reads.h"
#include "common/clock.h"
#include "common/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSWD_BYTES 1048576

static void
join(const char *root, const char *path, char full[PATH_MAX])
{
	if (snprintf(full, PATH_MAX, "%s%s", root, path) >= PATH_MAX) {
		full[0] = '\0'; /* a path that is too long to open is not there */
	}
}

static bool
look(const char *root, const char *path, struct stat *file)
{
	char full[PATH_MAX];

	join(root, path, full);
	reads_note(full);
	return stat(full, file) == 0;
}

enum tree_answer
tree_read(const char *root, const char *path, struct buf *text, struct error *err)
{
	struct error why = { "" };
	char full[PATH_MAX];

	join(root, path, full);
	reads_note(full);
	if (file_read_plain(full, 0, text, &why) == 0) {
		return TREE_READ;
	}
	if (access(full, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		return TREE_ABSENT;
	}
	if (access(full, R_OK) < 0 && errno == EACCES) {
		error_set(err, "%s cannot be read: run timetier-agent as root", path);
	} else {
		error_set(err, "%s", why.text);
	}
	return TREE_UNREADABLE;
}

/* Read up to @max bytes; those that follow the first block only if it begins with @mark. */
static bool
read_start(int fd, const char *mark, size_t max, struct buf *text)
{
	char block[4096];
	size_t taken = 0;
	ssize_t got;

	while (taken < max) {
		size_t want = max - taken < sizeof(block) ? max - taken : sizeof(block);

		got = read(fd, block, want);
		if (got <= 0) {
			break;
		}
		if (taken == 0 &&
		    ((size_t)got < strlen(mark) || memcmp(block, mark, strlen(mark)) != 0)) {
			return false;
		}
		taken += (size_t)got;
		buf_add(text, block, strnlen(block, (size_t)got));
		if ((size_t)got < want || memchr(block, '\0', (size_t)got)) {
			break;
		}
	}
	return taken >= strlen(mark);
}

bool
tree_read_start(const char *root, const char *path, const char *mark, size_t max, struct buf *text)
{
	char full[PATH_MAX];
	bool taken;
	int fd;

	join(root, path, full);
	reads_note(full);
	fd = file_open_plain(full, 0, NULL);
	if (fd < 0) {
		return false;
	}
	taken = read_start(fd, mark, max, text);
	close(fd);
	return taken;
}

static bool
is_wanted(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return name[0] != '.' && len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether the entry may be a link: some file systems do not tell what an entry is. */
static bool
may_be_link(const struct dirent *entry)
{
	return entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
}

static size_t
list_names(const char *root, const char *folder, const char *suffix, bool links,
    struct arena *arena, const char *const **names)
{
	const char *list[TREE_NAMES_MAX], **kept;
	const struct dirent *entry;
	char full[PATH_MAX];
	size_t count = 0;
	DIR *dir;

	*names = NULL;
	join(root, folder, full);
	reads_note_names(full, suffix);
	dir = opendir(full);
	if (!dir) {
		return 0;
	}
	while ((entry = readdir(dir)) && count < TREE_NAMES_MAX) {
		if (is_wanted(entry->d_name, suffix) && (!links || may_be_link(entry))) {
			list[count++] = arena_strdup(arena, entry->d_name);
		}
	}
	closedir(dir);
	kept = arena_alloc(arena, (count + 1) * sizeof(*kept));
	qsort(list, count, sizeof(*list), by_name);
	memcpy(kept, list, count * sizeof(*list));
	*names = kept;
	return count;
}

size_t
tree_names(const char *root, const char *folder, const char *suffix, struct arena *arena,
    const char *const **names)
{
	return list_names(root, folder, suffix, false, arena, names);
}

size_t
tree_links(const char *root, const char *folder, const char *suffix, struct arena *arena,
    const char *const **names)
{
	return list_names(root, folder, suffix, true, arena, names);
}

ssize_t
tree_link(const char *root, const char *path, char *target, size_t size)
{
	char full[PATH_MAX];
	ssize_t len;

	join(root, path, full);
	reads_note(full);
	len = readlink(full, target, size - 1);
	target[len > 0 ? len : 0] = '\0';
	return len;
}

/* The end of all names that match the last part of a pattern. */
static const char *
fixed_end(const char *part)
{
	const char *star = strrchr(part, '*');

	return star && !strpbrk(star, "?[]\\") ? star + 1 : "";
}

/* Note the folders that glob(3) lists: those above each part of the pattern with a wildcard. */
static void
note_globbed(char *pattern)
{
	char *next;

	reads_note(pattern);
	for (char *slash = strchr(pattern, '/'); slash; slash = next) {
		size_t len = 1 + strcspn(slash + 1, "/");
		glob_t above;

		next = slash[len] ? slash + len : NULL;
		if (strcspn(slash, "*?[") >= len) {
			continue;
		}
		*slash = '\0';
		if (glob(*pattern ? pattern : "/", GLOB_NOSORT | GLOB_NOMAGIC, NULL, &above) == 0) {
			for (size_t i = 0; i < above.gl_pathc; i++) {
				reads_note_names(
				    above.gl_pathv[i], next ? "" : fixed_end(slash + 1));
			}
			globfree(&above);
		}
		*slash = '/';
	}
}

bool
tree_glob(const char *root, const char *pattern, int flags, glob_t *found)
{
	char full[PATH_MAX];

	join(root, pattern, full);
	note_globbed(full);
	return glob(full, flags, NULL, found) == 0;
}

bool
tree_is_there(const char *root, const char *path)
{
	struct stat file;

	return look(root, path, &file);
}

bool
tree_is_listed(const char *root, const char *path)
{
	struct stat file;
	char full[PATH_MAX];

	join(root, path, full);
	reads_note(full);
	return lstat(full, &file) == 0;
}

bool
tree_is_hidden(const char *root, const char *path)
{
	struct stat file;

	return !look(root, path, &file) && errno == EACCES;
}

bool
tree_is_folder(const char *root, const char *path)
{
	struct stat file;

	return look(root, path, &file) && S_ISDIR(file.st_mode);
}

bool
tree_is_program(const char *root, const char *path)
{
	struct stat file;

	return look(root, path, &file) && S_ISREG(file.st_mode) && (file.st_mode & 0111);
}

bool
tree_is_masked(const char *root, const char *path)
{
	struct stat file;

	return look(root, path, &file) &&
	    (S_ISCHR(file.st_mode) || (S_ISREG(file.st_mode) && file.st_size == 0));
}

int64_t
tree_changed_ns(const char *root, const char *path)
{
	struct stat file;

	return look(root, path, &file) ? file.st_ctim.tv_sec * NS_PER_S + file.st_ctim.tv_nsec : 0;
}

bool
tree_has_user(const char *root, const char *user)
{
	struct buf text = { .limit_bytes = PASSWD_BYTES };
	size_t len = strlen(user);
	bool found = false;
	char *rest, *line;

	if (tree_read(root, "/etc/passwd", &text, NULL) == TREE_READ) {
		rest = text.data;
		while (!found && rest && (line = strsep(&rest, "\n"))) {
			found = strncmp(line, user, len) == 0 && line[len] == ':';
		}
	}
	buf_free(&text);
	return found;
}
