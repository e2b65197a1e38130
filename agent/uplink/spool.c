#include "agent/uplink/spool.h"

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 4096
#define MODE 0600

/* The first line end at or behind @from; @spool->size when there is none. */
static size_t
find_end(const struct spool *spool, size_t from)
{
	char chunk[CHUNK_BYTES];

	while (from < spool->size) {
		ssize_t got = pread(spool->fd, chunk, sizeof(chunk), (off_t)from);
		const char *at;

		if (got <= 0) {
			return spool->size;
		}
		at = memchr(chunk, '\n', (size_t)got);
		if (at) {
			return from + (size_t)(at - chunk);
		}
		from += (size_t)got;
	}
	return spool->size;
}

/* Cut off what stands behind the last line end. */
static void
cut_unfinished(struct spool *spool)
{
	size_t size = spool->size;
	char last;

	while (size > 0 && pread(spool->fd, &last, 1, (off_t)size - 1) == 1 && last != '\n') {
		size--;
	}
	if (size != spool->size && ftruncate(spool->fd, (off_t)size) == 0) {
		spool->size = size;
	}
}

static int
open_file(struct spool *spool, struct error *err)
{
	struct stat file;

	spool->fd = open(spool->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (spool->fd < 0 || fstat(spool->fd, &file) < 0 || !S_ISREG(file.st_mode)) {
		error_errno(
		    err, spool->fd < 0 ? errno : EINVAL, "cannot keep reports in %s", spool->path);
		if (spool->fd >= 0) {
			close(spool->fd);
		}
		spool->fd = -1;
		return -1;
	}
	spool->size = (size_t)file.st_size;
	return 0;
}

static uint64_t
count_lines(const struct spool *spool, size_t from, size_t to)
{
	uint64_t count = 0;

	while (from < to) {
		from = find_end(spool, from) + 1;
		count++;
	}
	return count;
}

/* Make the file begin with the line at @from. */
static int
drop_before(struct spool *spool, size_t from, struct error *err)
{
	struct buf rest = { .limit_bytes = 0 };
	char chunk[CHUNK_BYTES];
	int status;

	for (size_t at = from; at < spool->size;) {
		ssize_t got = pread(spool->fd, chunk, sizeof(chunk), (off_t)at);

		if (got <= 0) {
			break;
		}
		buf_add(&rest, chunk, (size_t)got);
		at += (size_t)got;
	}
	status = file_replace(spool->path, buf_str(&rest), rest.len, MODE, err);
	buf_free(&rest);
	if (status < 0) {
		return -1;
	}
	close(spool->fd);
	spool->head = spool->next = 0;
	return open_file(spool, err);
}

/* Make room for @len more bytes: the oldest quarter goes at once, so that this is rare. */
static int
make_room(struct spool *spool, size_t len, struct error *err)
{
	size_t keep = spool->limit_bytes / 4 * 3;
	size_t from;

	if (spool->size + len <= spool->limit_bytes) {
		return 0;
	}
	keep = keep > len ? keep - len : 0;
	from = spool->size > keep ? spool->size - keep : 0;
	if (from < spool->head) {
		from = spool->head;
	} else if (from > spool->head) {
		from = find_end(spool, from - 1) + 1; /* at the beginning of a line */
		spool->dropped += count_lines(spool, spool->head, from);
	}
	return drop_before(spool, from < spool->size ? from : spool->size, err);
}

int
spool_open(struct spool *spool, const char *path, size_t limit_bytes, struct error *err)
{
	*spool = (struct spool){ .fd = -1, .limit_bytes = limit_bytes };
	if ((size_t)snprintf(spool->path, sizeof(spool->path), "%s", path) >= sizeof(spool->path)) {
		return error_set(err, "%.60s...: the path is too long", path);
	}
	if (open_file(spool, err) < 0) {
		return -1;
	}
	cut_unfinished(spool);
	return make_room(spool, 0, err);
}

int
spool_add(struct spool *spool, const char *line, struct error *err)
{
	size_t len = strlen(line);
	char *bytes;
	ssize_t put;

	if (spool->fd < 0 || len + 1 > spool->limit_bytes / 2) {
		return error_set(err, "a report of %zu bytes is dropped: no room for it", len);
	}
	if (make_room(spool, len + 1, err) < 0) {
		return -1;
	}
	bytes = malloc(len + 1);
	if (!bytes) {
		abort();
	}
	memcpy(bytes, line, len);
	bytes[len] = '\n';
	put = pwrite(spool->fd, bytes, len + 1, (off_t)spool->size);
	free(bytes);
	if (put != (ssize_t)len + 1) {
		error_errno(err, put < 0 ? errno : ENOSPC, "cannot write %s", spool->path);
		if (put > 0 && ftruncate(spool->fd, (off_t)spool->size) < 0) {
			spool->size += (size_t)put; /* cut off at the next start */
		}
		return -1;
	}
	spool->size += len + 1;
	return 0;
}

bool
spool_next(struct spool *spool, struct buf *line)
{
	size_t end, len;
	char *bytes;

	buf_reset(line);
	if (spool->fd < 0 || spool->head >= spool->size) {
		return false;
	}
	end = find_end(spool, spool->head);
	len = end - spool->head;
	spool->next = end + 1;
	bytes = malloc(len + 1);
	if (!bytes) {
		abort();
	}
	if (pread(spool->fd, bytes, len, (off_t)spool->head) == (ssize_t)len) {
		buf_add(line, bytes, len);
	}
	free(bytes);
	return true;
}

void
spool_drop(struct spool *spool)
{
	if (spool->next > spool->head) {
		spool->head = spool->next;
	}
	spool->next = 0;
	if (spool->fd >= 0 && spool->head >= spool->size) {
		if (ftruncate(spool->fd, 0) == 0) {
			spool->head = spool->size = 0;
		}
	}
}

size_t
spool_waiting(const struct spool *spool)
{
	return spool->size > spool->head ? spool->size - spool->head : 0;
}

void
spool_close(struct spool *spool)
{
	if (spool->fd < 0) {
		return;
	}
	if (spool->head > 0 && drop_before(spool, spool->head, NULL) < 0) {
		return; /* sent again: the collector knows delivered reports by seq */
	}
	close(spool->fd);
	spool->fd = -1;
}
