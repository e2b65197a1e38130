/* Writes file sets to a folder. */
#include "orchestrator/render/folder.h"

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t
local_mode(const struct file_entry *entry)
{
	return entry->secret ? 0600 : 0644;
}

static bool
is_right(const char *path, const struct file_entry *entry)
{
	struct buf buf = { .limit_bytes = entry->len };
	struct stat info;
	bool right;

	if (stat(path, &info) < 0 || (size_t)info.st_size != entry->len ||
	    (info.st_mode & 07777) != local_mode(entry)) {
		return false;
	}
	right = file_read(path, &buf, NULL) == 0 && buf.len == entry->len &&
	    memcmp(buf_str(&buf), entry->content, entry->len) == 0;
	buf_free(&buf);
	return right;
}

static int
open_new(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

static int
open_beside(const char *beside, mode_t mode)
{
	unlink(beside); /* left by a run that did not end */
	return open_new(beside, mode);
}

/* Create @path and its folders and open it; -1 with errno EEXIST when @path exists. */
static int
open_first(const char *path, mode_t mode, struct error *err)
{
	char folder[PATH_MAX];
	int fd = open_new(path, mode);

	if (fd >= 0 || errno != ENOENT) {
		return fd;
	}
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (file_make_folder(folder, 0755, err) < 0) {
		errno = ENOENT;
		return -1;
	}
	return open_new(path, mode);
}

/*
 * Not by file_replace(), which would cost thousands of fsyncs for files that can be made again at
 * any time.  An existing file is replaced by rename.  A new file is written in place: the next run
 * sees when it is not right.
 */
static int
replace(const char *path, const struct file_entry *entry, struct error *err)
{
	char beside[PATH_MAX + 8];
	const char *target = path;
	ssize_t put;
	int fd;

	err->text[0] = '\0';
	fd = open_first(path, local_mode(entry), err);
	if (fd < 0 && errno == EEXIST) {
		snprintf(beside, sizeof(beside), "%s.new", path);
		target = beside;
		fd = open_beside(beside, local_mode(entry));
	}
	if (fd < 0) {
		return err->text[0] ? -1 : error_errno(err, errno, "cannot write %s", target);
	}
	put = write(fd, entry->content, entry->len);
	if (put != (ssize_t)entry->len || fchmod(fd, local_mode(entry)) < 0 ||
	    (target == beside && rename(beside, path) < 0)) {
		error_errno(err, put >= 0 && put < (ssize_t)entry->len ? ENOSPC : errno,
		    "cannot write %s", path);
		close(fd);
		unlink(target);
		return -1;
	}
	close(fd);
	return 0;
}

int
folder_write(const char *dir, const char *host, const struct file_set *set, size_t *written,
    struct error *err)
{
	char path[PATH_MAX];

	if (host[0] == '.' || host[0] == '\0' || strchr(host, '/')) {
		return error_set(err, "host \"%.100s\": not a name for a folder", host);
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct file_entry *entry = &set->list[i];

		if (snprintf(path, sizeof(path), "%s/%s%s", dir, host, entry->path) >=
		    (int)sizeof(path)) {
			return error_set(err, "%.60s...: the path is too long", dir);
		}
		if (!is_right(path, entry)) {
			if (replace(path, entry, err) < 0) {
				return -1;
			}
			(*written)++;
		}
	}
	return 0;
}
