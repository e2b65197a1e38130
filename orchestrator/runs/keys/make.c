#include "orchestrator/runs/keys/make.h"

#include "common/file.h"
#include "orchestrator/runs/keys/keys_file.h"
#include "orchestrator/topology/growth.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMAND "keys new"

static int
random_bytes(void *bytes, size_t len)
{
	return getrandom(bytes, len, 0) == (ssize_t)len ? 0 : -1;
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

/* The site, without the keys that are to be made. */
static int
load_keyless(const struct common_options *options, struct topology *site)
{
	struct diags diags = { 0 };
	int status = topology_load_keyless(site, site_file(options), &diags);

	diags_print(&diags, stderr, use_colour(STDERR_FILENO));
	diags_free(&diags);
	return status;
}

/* The first file of keys.  One that is there is never written over: its keys are in use. */
static int
write_first(const struct topology *site, const char *path, const struct key_change *change)
{
	struct buf text = { 0 };
	struct error err;
	int status;

	buf_printf(&text,
	    "# Symmetric keys of %s: one for each pair of servers of which one asks the other.\n"
	    "# They are secrets: whoever reads them can pose as your servers.\n",
	    site->site ? site->site : "this site");
	buf_add(&text, change->text.data, change->text.len);
	status = file_create(path, text.data, text.len, 0600, &err);
	if (status) {
		keys_complain(COMMAND, "%s", err.text);
	}
	keys_wipe(&text);
	return status;
}

static void
tell_made(const struct topology *site, const char *path, const struct key_change *change)
{
	printf("%s: %zu new key%s\n%s", path, change->count, change->count == 1 ? "" : "s",
	    buf_str(&change->words));
	if (!site->keys_file) {
		printf("%s does not name it yet: add the line `keys: keys.yaml`\n", site->file);
	}
}

static int
make_first(const struct common_options *options, const struct topology *site, const char *path)
{
	struct key_change change = { 0 };
	struct error err;
	int status = EXIT_USAGE;

	if (keys_grow(site, random_bytes, &change, &err)) {
		keys_complain(COMMAND, "%s", err.text);
	} else if (change.count == 0) {
		keys_complain(COMMAND,
		    "no server of %s asks another one of the site: no keys are needed", site->file);
	} else if (write_first(site, path, &change) == 0) {
		status = EXIT_OK;
		if (!options->quiet) {
			tell_made(site, path, &change);
		}
	}
	key_change_done(&change);
	return status;
}

static size_t
count_unneeded(const struct topology *site)
{
	struct key_change change = { 0 };
	size_t count;

	keys_shrink(site, &change);
	count = change.count;
	key_change_done(&change);
	return count;
}

/* Add what is missing to keys that are there, and say what is there too much. */
static int
add_missing(const struct common_options *options)
{
	struct keys_file file = { .command = COMMAND };
	struct key_change change = { 0 };
	size_t unneeded;
	struct error err;
	int status = EXIT_USAGE;

	if (keys_file_load(&file, options) || keys_file_lock(&file) ||
	    keys_file_load(&file, options)) {
		goto out;
	}
	if (keys_grow(&file.site, random_bytes, &change, &err)) {
		keys_complain(COMMAND, "%s", err.text);
	} else if (change.count == 0 || keys_file_write(&file, &change.text) == 0) {
		status = EXIT_OK;
	}
	if (status != EXIT_OK || options->quiet) {
		goto out;
	}
	if (change.count == 0) {
		printf("%s: every pair of servers has its key: nothing is missing\n",
		    file.site.keys_file);
	} else {
		tell_made(&file.site, file.site.keys_file, &change);
	}
	unneeded = count_unneeded(&file.site);
	if (unneeded > 0) {
		printf("%zu other key%s needed no more: `timetier rules unneeded-key`\n", unneeded,
		    unneeded == 1 ? " is" : "s are");
	}
out:
	key_change_done(&change);
	keys_file_done(&file);
	return status;
}

int
keys_make(const struct common_options *options)
{
	char path[PATH_MAX];
	struct topology site;
	struct stat found;
	int status = EXIT_USAGE;

	if (load_keyless(options, &site)) {
		goto out;
	}
	keys_path(&site, path, sizeof(path));
	if (lstat(path, &found) != 0) {
		status = make_first(options, &site, path);
	} else if (site.keys_file) {
		status = add_missing(options);
	} else {
		keys_complain(COMMAND,
		    "%s is there, and %s does not name it: add the line `keys: keys.yaml`", path,
		    site.file);
	}
out:
	topology_free(&site);
	return status;
}
