#include "orchestrator/runs/keys/make.h"

#include "common/buf.h"
#include "common/digest.h"
#include "common/log.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/topology/topology.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES 16   /* AES-128-CMAC: RFC 8573 section 3 */
#define KEYS_MAX 65535 /* a key's number has 16 bits in every daemon */

static int
random_hex(char *out, size_t bytes)
{
	uint8_t raw[KEY_BYTES];

	if (getrandom(raw, bytes, 0) != (ssize_t)bytes) {
		return -1;
	}
	hex_text(raw, bytes, out);
	explicit_bzero(raw, sizeof(raw));
	return 0;
}

/* The keys of one tier's pairs to @text; @id counts on. */
static int
write_tier(const struct tier *tier, struct buf *text, size_t *id, struct error *err)
{
	char secret[2 * KEY_BYTES + 1];

	for (size_t a = 0; a < tier->server_count; a++) {
		for (size_t b = a + 1; b < tier->server_count; b++) {
			if (*id == KEYS_MAX) {
				return error_set(err, "more than %d pairs of servers", KEYS_MAX);
			}
			if (random_hex(secret, KEY_BYTES) < 0) {
				return error_errno(err, errno, "no random numbers");
			}
			buf_printf(text,
			    "  - {id: %zu, type: AES128CMAC, secret: \"%s\", between: [\"%s\", "
			    "\"%s\"]}\n",
			    ++*id, secret, tier->servers[a]->name, tier->servers[b]->name);
		}
	}
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

static int
write_pairs(const struct topology *site, struct buf *text, size_t *count, struct error *err)
{
	buf_printf(text,
	    "# Symmetric keys of %s: one for each pair of servers that watch each other.\n"
	    "# Nobody else may read this file, and it goes into no repository.\nkeys:\n",
	    site->site);
	for (size_t i = 0; i < site->tier_count; i++) {
		if (site->tiers[i].peering != PEERING_NONE &&
		    write_tier(&site->tiers[i], text, count, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno != EINTR) {
			return -1;
		}
		bytes += put > 0 ? put : 0;
		len -= put > 0 ? (size_t)put : 0;
	}
	return 0;
}

/* Never over a file that is there: its keys are in use. */
static int
write_new(const char *path, const struct buf *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST) {
		return error_set(err, "%s is there already: its keys are in use, and stay", path);
	}
	if (fd < 0) {
		return error_errno(err, errno, "cannot write %s", path);
	}
	if (fchmod(fd, 0600) < 0 || write_all(fd, text->data, text->len) < 0 || fsync(fd) < 0) {
		error_errno(err, errno, "cannot write %s", path);
		close(fd);
		unlink(path);
		return -1;
	}
	close(fd);
	return 0;
}

/* Where the site says, else keys.yaml beside it. */
static void
keys_path(const struct topology *site, char *path, size_t size)
{
	const char *slash = strrchr(site->file, '/');

	if (site->keys_file) {
		snprintf(path, size, "%s", site->keys_file);
	} else {
		snprintf(path, size, "%.*skeys.yaml", slash ? (int)(slash - site->file) + 1 : 0,
		    site->file);
	}
}

static int
make_keys(const struct topology *site, bool quiet)
{
	struct buf text = { 0 };
	char path[4096];
	size_t count = 0;
	struct error err;
	int status = EXIT_USAGE;

	keys_path(site, path, sizeof(path));
	if (write_pairs(site, &text, &count, &err) < 0) {
		log_error("keys new: %s", err.text);
	} else if (count == 0) {
		log_error("keys new: no two servers of %s watch each other; no keys are needed",
		    site->file);
	} else if (write_new(path, &text, &err) < 0) {
		log_error("keys new: %s", err.text);
	} else {
		status = EXIT_OK;
		if (!quiet) {
			printf("%s: %zu keys\n", path, count);
		}
		if (!site->keys_file && !quiet) {
			printf("%s does not name it yet: add the line `keys: keys.yaml`\n",
			    site->file);
		}
	}
	if (text.data) {
		explicit_bzero(text.data, text.len);
	}
	buf_free(&text);
	return status;
}

int
keys_make(const char *path, bool quiet)
{
	struct topology site;
	struct diags diags = { 0 };
	int status = EXIT_USAGE;

	if (topology_load_keyless(&site, path, &diags) == 0) {
		status = make_keys(&site, quiet);
	}
	diags_print(&diags, stderr, use_colour(STDERR_FILENO));
	diags_free(&diags);
	topology_free(&site);
	return status;
}
