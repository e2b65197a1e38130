/* Reads files of known hosts and adds lines to them. */
#include "common/digest.h"
#include "common/file.h"
#include "orchestrator/ssh/known_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u << 20)
#define BLOB_MAX 8192
#define SALT_BYTES SHA1_BYTES /* as many as ssh takes */

int
known_hosts_load(struct known_hosts *known, const char *path, bool required, struct error *err)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	int status = -1;

	if (known_table_source(known, path, false)) {
		return 0;
	}
	if (!required && access(path, F_OK) != 0 && errno == ENOENT) {
		known_table_add_source(known, path, false);
		return 0;
	}
	if (file_read(path, &text, err) == 0) {
		known_hosts_parse(known, path, buf_str(&text), text.len);
		status = 0;
	}
	buf_free(&text);
	return status;
}

int
known_hosts_load_revoked(struct known_hosts *known, const char *path, struct error *err)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	int status = -1;

	if (known_table_source(known, path, true)) {
		return 0;
	}
	if (file_read(path, &text, err) == 0) {
		status = known_hosts_parse_revoked(known, path, buf_str(&text), text.len, err);
	}
	buf_free(&text);
	return status;
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
	if (write(fd, buf_str(&line), line.len) != (ssize_t)line.len || fsync(fd)) {
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
known_hosts_prepare(const char *path, struct error *err)
{
	return make_folder_of(path, err) ? -1 : append(path, "", err);
}

/* Add the name of @host, as ssh writes it, to @line. */
static int
put_name(struct buf *line, const struct known_host *host, bool hashed, struct error *err)
{
	uint8_t salt[SALT_BYTES], digest[SHA1_BYTES];
	char name[KNOWN_NAME_BYTES], digits[SHA1_BYTES * 2];

	if (host->name[strcspn(host->name, "@?*#[]|'\"\\, \t")] != '\0') {
		return error_set(err, "\"%s\" cannot be a name in known_hosts", host->name);
	}
	known_table_name(name, host->name, host->port);
	if (!hashed) {
		buf_text(line, name);
		return 0;
	}
	if (getentropy(salt, sizeof(salt))) {
		return error_errno(err, errno, "getentropy");
	}
	hmac_sha1(salt, sizeof(salt), name, strlen(name), digest);
	base64_encode(salt, sizeof(salt), digits);
	buf_printf(line, "|1|%s", digits);
	base64_encode(digest, sizeof(digest), digits);
	buf_printf(line, "|%s", digits);
	return 0;
}

int
known_hosts_add(struct known_hosts *known, const char *path, const struct known_host *host,
    const struct known_key *key, bool hashed, struct error *err)
{
	char digits[BLOB_MAX / 3 * 4 + 8];
	const char *type = known_table_type(known, key->blob, key->len);
	struct buf line = { 0 };
	int status = -1;

	if (!type || key->len > BLOB_MAX) {
		return error_set(err, "the host's key is malformed");
	}
	base64_encode(key->blob, key->len, digits);
	if (put_name(&line, host, hashed, err) == 0) {
		buf_printf(&line, " %s %s\n", type, digits);
		if (make_folder_of(path, err) == 0 && append(path, buf_str(&line), err) == 0) {
			known_hosts_parse(known, path, buf_str(&line), line.len);
			status = 0;
		}
	}
	buf_free(&line);
	return status;
}
