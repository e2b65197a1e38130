#include "orchestrator/runs/keys/keys_file.h"

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define KEYS_BYTES_MAX (256u << 20)

int
keys_complain(const char *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "timetier %s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -1;
}

void
keys_wipe(struct buf *buf)
{
	if (buf->data) {
		explicit_bzero(buf->data, buf->len);
	}
	buf_free(buf);
}

int
keys_file_load(struct keys_file *file, const struct common_options *options)
{
	struct error err;

	topology_free(&file->site);
	memset(&file->site, 0, sizeof(file->site));
	if (!site_load(options, &file->site)) {
		return -1;
	}
	if (!file->site.keys_file) {
		return keys_complain(file->command,
		    "%s names no file of keys: `timetier keys new` makes one", site_file(options));
	}
	keys_wipe(&file->text);
	file->text = (struct buf){ .limit_bytes = KEYS_BYTES_MAX };
	if (file_read(file->site.keys_file, &file->text, &err)) {
		return keys_complain(file->command, "%s", err.text);
	}
	return 0;
}

/* The folder, because the file itself is replaced. */
int
keys_file_lock(struct keys_file *file)
{
	char folder[PATH_MAX] = ".";
	const char *path = file->site.keys_file, *slash = strrchr(path, '/');
	int fd;

	if (slash) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1, path);
	}
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return keys_complain(file->command, "cannot open %s: %s", folder, strerror(errno));
	}
	file->lock = fd + 1;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		return keys_complain(
		    file->command, "the keys of %s are being changed by somebody else", path);
	}
	return 0;
}

/* What the operator wrote above the keys. */
static void
copy_head(const struct buf *from, struct buf *to)
{
	const char *at = from->data ? from->data : "";

	while (*at == '#' || *at == '\n') {
		size_t len = strcspn(at, "\n");

		len += at[len] == '\n';
		buf_add(to, at, len);
		at += len;
	}
}

/* What was judged is what stands there still. */
static int
check_unchanged(const struct keys_file *file)
{
	struct buf now = { .limit_bytes = KEYS_BYTES_MAX };
	struct error err;
	int status = -1;

	if (file_read(file->site.keys_file, &now, &err)) {
		keys_complain(file->command, "%s", err.text);
	} else if (now.len != file->text.len || memcmp(now.data, file->text.data, now.len) != 0) {
		keys_complain(file->command,
		    "%s was changed by somebody else meanwhile; it was left as it is",
		    file->site.keys_file);
	} else {
		status = 0;
	}
	keys_wipe(&now);
	return status;
}

int
keys_file_write(const struct keys_file *file, const struct buf *lines)
{
	struct buf text = { 0 };
	struct error err;
	int status = check_unchanged(file);

	if (status == 0) {
		copy_head(&file->text, &text);
		buf_add(&text, lines->data, lines->len);
		status = file_replace(file->site.keys_file, text.data, text.len, 0600, &err);
		if (status) {
			keys_complain(file->command, "%s", err.text);
		}
	}
	keys_wipe(&text);
	return status;
}

void
keys_file_done(struct keys_file *file)
{
	keys_wipe(&file->text);
	topology_free(&file->site);
	if (file->lock > 0) {
		close(file->lock - 1);
	}
}
