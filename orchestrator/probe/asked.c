#include "orchestrator/probe/asked.h"

#include "common/clock.h"
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MAGIC "timetier-asked 1"
#define BOOT_ID_BYTES 40

/* What this boot is called; "" where the kernel does not say. */
static void
boot_id(char id[BOOT_ID_BYTES])
{
	struct buf text = { .limit_bytes = BOOT_ID_BYTES - 1 };
	struct error err;

	id[0] = '\0';
	if (file_read("/proc/sys/kernel/random/boot_id", &text, &err) == 0) {
		snprintf(id, BOOT_ID_BYTES, "%s", buf_str(&text));
		id[strcspn(id, "\n")] = '\0';
	}
	buf_free(&text);
}

/*
 * How long ago the file was written.  Within one boot no clock that somebody sets can tell wrong;
 * over a boot, a clock that says that it was in the future makes all questions new.
 */
static int64_t
age_ns(const char *header, size_t *header_len)
{
	char id[BOOT_ID_BYTES], now_id[BOOT_ID_BYTES];
	long long boot_ms, real_ms;
	int len = 0;
	int64_t age_ms;

	boot_id(now_id);
	if (sscanf(header, MAGIC " %39s %18lld %18lld%n", id, &boot_ms, &real_ms, &len) != 3 ||
	    header[len] != '\n') {
		return -1;
	}
	*header_len = (size_t)len + 1;
	age_ms = now_id[0] && strcmp(id, now_id) == 0 ? clock_boot_ns() / NS_PER_MS - boot_ms
						      : clock_real_ns() / NS_PER_MS - real_ms;
	return age_ms < 0 ? 0 : age_ms > INT64_C(1000000000) ? INT64_MAX / 4 : age_ms * NS_PER_MS;
}

static int
read_ration(struct asked *asked, struct error *err)
{
	struct buf text = { .limit_bytes = RATION_TEXT_BYTES_MAX };
	size_t header = 0;
	int64_t gone_ns;
	int status = -1;

	if (access(asked->path, F_OK) < 0 && errno == ENOENT) {
		return 0;
	}
	if (file_read_plain(asked->path, O_NOFOLLOW, &text, err) == 0) {
		gone_ns = age_ns(buf_str(&text), &header);
		status = gone_ns < 0 ? error_set(err, "%.200s is no file of timetier", asked->path)
		    : gone_ns >= RATION_HOUR_NS
		    ? 0
		    : ration_read(&asked->ration, buf_str(&text) + header, text.len - header,
			  clock_boot_ns() - gone_ns, err);
	}
	buf_free(&text);
	return status;
}

static int
open_lock(struct asked *asked, const char *folder, const char *from, struct error *err)
{
	char path[PATH_MAX];

	if (strchr(from, '/') ||
	    snprintf(path, sizeof(path), "%s/asked", folder) >= (int)sizeof(path) ||
	    snprintf(asked->path, sizeof(asked->path), "%.3900s/from-%.100s", path, from) < 0) {
		return error_set(err, "%.200s: no file can have this name", from);
	}
	if (file_make_folder(path, 0700, err) < 0 ||
	    snprintf(path, sizeof(path), "%.4000s.lock", asked->path) < 0) {
		return -1;
	}
	asked->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return asked->lock < 0 ? error_errno(err, errno, "%.200s", path) : 0;
}

int
asked_open(struct asked *asked, const char *folder, const char *from, bool wait, struct error *err)
{
	int got;

	if (open_lock(asked, folder, from, err) < 0) {
		return -1;
	}
	do {
		got = flock(asked->lock, LOCK_EX | (wait ? 0 : LOCK_NB));
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		got = errno == EWOULDBLOCK ? 1 : error_errno(err, errno, "%.200s", asked->path);
		close(asked->lock);
		return got;
	}
	asked->open = true;
	if (read_ration(asked, err) < 0) { /* it is not known who was asked: write it anew */
		ration_free(&asked->ration);
	}
	if (asked_save(asked, err) < 0) {
		asked_close(asked);
		return -1;
	}
	return 0;
}

/* Not synced: what a crash of the host takes away is a minute old when it is up again. */
int
asked_save(struct asked *asked, struct error *err)
{
	struct buf text = { .limit_bytes = RATION_TEXT_BYTES_MAX };
	char id[BOOT_ID_BYTES], path[PATH_MAX];
	int64_t now_ns = clock_boot_ns();
	int fd;
	bool written = false;

	if (!asked->open) {
		return 0;
	}
	boot_id(id);
	buf_printf(&text, MAGIC " %s %lld %lld\n", id[0] ? id : "-",
	    (long long)(now_ns / NS_PER_MS), (long long)(clock_real_ns() / NS_PER_MS));
	ration_write(&asked->ration, now_ns, &text);
	snprintf(path, sizeof(path), "%.4000s.new", asked->path);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		written = write(fd, text.data, text.len) == (ssize_t)text.len;
		written = close(fd) == 0 && written;
	}
	buf_free(&text);
	return written && rename(path, asked->path) == 0
	    ? 0
	    : error_errno(err, errno, "%.200s", asked->path);
}

void
asked_close(struct asked *asked)
{
	if (asked->open) {
		close(asked->lock);
	}
	ration_free(&asked->ration);
	asked->open = false;
}
