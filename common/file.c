#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Read all of the file to the end of @buf, and close it. */
static int
read_and_close(int fd, const char *path, struct buf *buf, struct error *err)
{
	char chunk[16384];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0 && !buf->overflowed) {
		buf_add(buf, chunk, (size_t)got);
	}
	if (got < 0) {
		error_errno(err, errno, "cannot read %s", path);
	}
	close(fd);
	if (got < 0) {
		return -1;
	}
	if (buf->overflowed) {
		return error_set(err, "%s is larger than %zu bytes", path, buf->limit_bytes);
	}
	return 0;
}

int
file_read(const char *path, struct buf *buf, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return error_errno(err, errno, "cannot open %s", path);
	}
	return read_and_close(fd, path, buf, err);
}

/* A link to /dev/null stands for an empty file: systemd's way to mask one, which other programs
 * follow. */
static bool
is_plain(const struct stat *file)
{
	return S_ISREG(file->st_mode) || (S_ISCHR(file->st_mode) && file->st_rdev == makedev(1, 3));
}

int
file_open_plain(const char *path, int flags, struct error *err)
{
	int place = open(path, O_PATH | O_CLOEXEC | flags), fd = -1, why;
	char again[64];
	struct stat file;

	if (place < 0 || fstat(place, &file) < 0) {
		why = errno;
	} else if (!is_plain(&file)) {
		why = EINVAL;
	} else {
		/* the file that was looked at, whatever is at @path by now */
		snprintf(again, sizeof(again), "/proc/self/fd/%d", place);
		fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		why = errno;
	}
	if (place >= 0) {
		close(place);
	}
	if (fd < 0 && why == EINVAL) {
		error_set(err, "%s is no plain file", path);
	} else if (fd < 0) {
		error_errno(err, why, "cannot open %s", path);
	}
	errno = why;
	return fd;
}

int
file_read_plain(const char *path, int flags, struct buf *buf, struct error *err)
{
	int fd = file_open_plain(path, flags, err);

	return fd < 0 ? -1 : read_and_close(fd, path, buf, err);
}

static int
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno != EINTR) {
			return -1;
		}
		if (put > 0) {
			bytes += put;
			len -= (size_t)put;
		}
	}
	return 0;
}

/* Make the rename itself survive a power cut. */
static int
sync_folder_of(const char *path)
{
	char copy[PATH_MAX];
	int fd, status;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return -1;
	}
	status = fsync(fd);
	close(fd);
	return status;
}

/* Write to a device or a pipe, as /dev/null and /dev/stdout are, which a rename would do away with.
 */
static int
write_into(const char *path, const void *bytes, size_t len, struct error *err)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	int status;

	if (fd < 0) {
		return error_errno(err, errno, "cannot write %s", path);
	}
	status = fcntl(fd, F_SETFL, 0) < 0 || write_all(fd, bytes, len) < 0
	    ? error_errno(err, errno, "cannot write %s", path)
	    : 0;
	close(fd);
	return status;
}

int
file_replace(const char *path, const void *bytes, size_t len, mode_t mode, struct error *err)
{
	char beside[PATH_MAX];
	struct stat info;
	int fd;

	if (stat(path, &info) == 0 && (S_ISCHR(info.st_mode) || S_ISFIFO(info.st_mode))) {
		return write_into(path, bytes, len, err);
	}
	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= (int)sizeof(beside)) {
		return error_set(err, "%.60s...: the path is too long", path);
	}
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0) {
		return error_errno(err, errno, "cannot write beside %s", path);
	}
	if (write_all(fd, bytes, len) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0) {
		error_errno(err, errno, "cannot write %s", beside);
		close(fd);
		unlink(beside);
		return -1;
	}
	close(fd);
	if (rename(beside, path) < 0) {
		error_errno(err, errno, "cannot replace %s", path);
		unlink(beside);
		return -1;
	}
	if (sync_folder_of(path) < 0) {
		return error_errno(err, errno, "cannot sync the folder of %s", path);
	}
	return 0;
}

int
file_create(const char *path, const void *bytes, size_t len, mode_t mode, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST) {
		return error_set(err, "%s is there already, and stays", path);
	}
	if (fd < 0) {
		return error_errno(err, errno, "cannot write %s", path);
	}
	if (write_all(fd, bytes, len) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0) {
		error_errno(err, errno, "cannot write %s", path);
		close(fd);
		unlink(path);
		return -1;
	}
	close(fd);
	return 0;
}

int
file_make_folder(const char *path, mode_t mode, struct error *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path), made;

	if (len == 0 || len >= sizeof(part)) {
		return error_set(err, "%.60s...: the path is too long", path);
	}
	/* go up to a folder that exists or can be made, then make the missing ones downwards */
	memcpy(part, path, len + 1);
	while (mkdir(part, mode) < 0) {
		char *slash = strrchr(part, '/');

		if (errno == EEXIST) {
			break;
		}
		if (errno != ENOENT || !slash || slash == part) {
			return error_errno(err, errno, "cannot make folder %s", part);
		}
		*slash = '\0';
	}
	for (made = strlen(part); made < len; made = strlen(part)) {
		part[made] = '/';
		if (mkdir(part, mode) < 0 && errno != EEXIST) {
			return error_errno(err, errno, "cannot make folder %s", part);
		}
	}
	return 0;
}

const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
