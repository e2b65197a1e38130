#include "orchestrator/import/folder.h"

#include "common/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 2048 /* of one host */
#define FILE_BYTES_MAX (256 << 10)
#define DEPTH_MAX 8

/* One host whose files are read. */
struct walk {
	struct arena *arena;
	const char *root;
	struct file_entry *list;
	size_t count;
	struct error *err;
};

static void
keep(struct walk *walk, const char *path, const char *bytes, size_t len)
{
	walk->list[walk->count++] = (struct file_entry){
		.path = arena_strdup(walk->arena, path),
		.content = arena_strndup(walk->arena, bytes, len),
		.len = len,
	};
}

/* A file that is too large to be a configuration is left out; one that cannot be read is told. */
static int
keep_file(struct walk *walk, const char *whole, const char *path, off_t size)
{
	struct buf bytes = { .limit_bytes = FILE_BYTES_MAX };
	int status = 0;

	if (size > FILE_BYTES_MAX) {
		return 0;
	}
	if (file_read_plain(whole, O_NOFOLLOW, &bytes, walk->err) < 0) {
		status = -1;
	} else {
		keep(walk, path, buf_str(&bytes), bytes.len);
	}
	buf_free(&bytes);
	return status;
}

/* What is in the folder @path of the host; in the order of names, so that each run is the same. */
static int
walk_folder(struct walk *walk, const char *path, unsigned depth)
{
	char folder[PATH_MAX];
	struct dirent **entries;
	int count, status = 0;

	snprintf(folder, sizeof(folder), "%s%s", walk->root, path);
	count = scandir(folder, &entries, NULL, alphasort);
	if (count < 0) {
		return error_errno(walk->err, errno, "%s", folder);
	}
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char whole[PATH_MAX];
		struct stat info;
		const char *at;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || status < 0 ||
		    walk->count == FILES_MAX ||
		    snprintf(whole, sizeof(whole), "%s/%s", folder, name) >= (int)sizeof(whole) ||
		    lstat(whole, &info) < 0) {
			continue;
		}
		at = whole + strlen(walk->root);
		if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX) {
			status = walk_folder(walk, at, depth + 1);
		} else if (S_ISREG(info.st_mode)) {
			status = keep_file(walk, whole, at, info.st_size);
		} else if (S_ISLNK(info.st_mode) &&
		    (strstr(at, ".wants/") || strstr(at, "/runlevels/"))) {
			keep(walk, at, "", 0); /* that it is there says what starts at boot */
		}
	}
	for (int i = 0; i < count; i++) {
		free(entries[i]);
	}
	free(entries);
	return status;
}

static bool
is_folder(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The parts of a host's files that matter; /addresses is a list that whoever collected may add. */
static int
read_host(struct arena *arena, const char *root, struct import_host *host, struct error *err)
{
	static const char *const parts[] = { "/etc", "/run/chrony-dhcp", "/run/systemd/netif",
		"/run/systemd/timesyncd.conf.d", "/usr/lib/systemd", "/usr/local/etc", "/var/etc",
		"/var/run/chrony-dhcp" };
	struct walk walk = { .arena = arena, .root = root, .err = err };
	char path[PATH_MAX];
	struct stat info;
	int status = 0;

	walk.list = calloc(FILES_MAX + 1, sizeof(*walk.list)); /* of which few hosts need all */
	if (!walk.list) {
		abort();
	}
	for (size_t i = 0; i < COUNT(parts); i++) {
		snprintf(path, sizeof(path), "%s%s", root, parts[i]);
		if (status == 0 && is_folder(path)) {
			status = walk_folder(&walk, parts[i], 0);
		}
	}
	snprintf(path, sizeof(path), "%s/addresses", root);
	if (status == 0 && walk.count < FILES_MAX && lstat(path, &info) == 0 &&
	    S_ISREG(info.st_mode)) {
		status = keep_file(&walk, path, "/addresses", info.st_size);
	}
	host->files.list = arena_alloc(arena, (walk.count + 1) * sizeof(*walk.list));
	memcpy(host->files.list, walk.list, walk.count * sizeof(*walk.list));
	host->files.count = walk.count;
	free(walk.list);
	return status;
}

static bool
has_etc(const char *root)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/etc", root) < (int)sizeof(path) && is_folder(path);
}

/* The first word of its /etc/hostname, else the folder's own name. */
static const char *
name_of_lone(struct arena *arena, const struct file_set *files, const char *folder)
{
	const struct file_entry *file = file_set_find(files, "/etc/hostname");
	const char *at = file ? file->content + strspn(file->content, " \t\r\n") : "";
	size_t len = strcspn(at, " \t\r\n#");
	char real[PATH_MAX];

	if (len > 0) {
		return arena_strndup(arena, at, len);
	}
	return arena_strdup(arena, file_name(realpath(folder, real) ? real : folder));
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int
import_folder(struct arena *arena, const char *folder, struct import_host **hosts, size_t *count,
    struct error *err)
{
	struct dirent **entries;
	int entry_count, status = 0;

	*count = 0;
	if (folder[0] && has_etc(folder)) {
		*hosts = arena_alloc(arena, sizeof(**hosts));
		if (read_host(arena, folder, *hosts, err) < 0) {
			return -1;
		}
		(*hosts)->name = name_of_lone(arena, &(*hosts)->files, folder);
		*count = 1;
		return 0;
	}
	entry_count = scandir(folder, &entries, NULL, by_name);
	if (entry_count < 0) {
		return error_errno(err, errno,
		    "\"%.200s\" is no folder of collected files (see `timetier import --help`)",
		    folder);
	}
	*hosts = arena_alloc(arena, ((size_t)entry_count + 1) * sizeof(**hosts));
	for (int i = 0; i < entry_count; i++) {
		const char *name = entries[i]->d_name;
		char root[PATH_MAX];

		if (status == 0 && name[0] != '.' && *count <= IMPORT_HOSTS_MAX &&
		    snprintf(root, sizeof(root), "%s/%s", folder, name) < (int)sizeof(root) &&
		    has_etc(root)) {
			(*hosts)[*count].name = arena_strdup(arena, name);
			status = read_host(arena, root, &(*hosts)[(*count)++], err);
		}
		free(entries[i]);
	}
	free(entries);
	if (status == 0 && *count == 0) {
		return error_set(
		    err, "%.200s has no folder HOST/etc (see `timetier import --help`)", folder);
	}
	return status;
}
