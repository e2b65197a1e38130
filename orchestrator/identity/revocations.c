#include "orchestrator/identity/revocations.h"

#include "common/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME "revoked"
#define FILE_BYTES_MAX (4u << 20) /* of some hundred thousand hosts */
#define COUNT_MAX 1000000

static int
path_in(const char *folder, char *path, struct error *err)
{
	if (snprintf(path, PATH_MAX, "%s/" NAME, folder) >= PATH_MAX) {
		return error_set(err, "%.60s...: the path is too long", folder);
	}
	return 0;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Whether @counts is what this program writes: numbers by names of hosts. */
static bool
is_sound(json_t *counts)
{
	const char *name;
	json_t *count;

	json_object_foreach(counts, name, count)
	{
		if (!json_is_integer(count) || json_integer_value(count) < 0 ||
		    json_integer_value(count) > COUNT_MAX) {
			return false;
		}
	}
	return json_is_object(counts);
}

static int
load(const char *path, json_t **counts, struct error *err)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	int status = file_read(path, &text, err);

	if (status == 0) {
		*counts = json_loadb(buf_str(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
		if (!is_sound(*counts)) {
			json_decref(*counts);
			status = error_set(err,
			    "%s says not how many tokens of each host are revoked: bring it back "
			    "from a backup",
			    path);
		}
	}
	buf_free(&text);
	return status;
}

int
revocations_read(const char *folder, struct revocations *revocations, struct error *err)
{
	struct stat seen = { 0 };
	char path[PATH_MAX];
	json_t *counts = NULL;

	if (path_in(folder, path, err) < 0) {
		return -1;
	}
	if (stat(path, &seen) < 0 && errno != ENOENT) {
		return error_errno(err, errno, "cannot see %s", path);
	}
	if (revocations->counts && is_same(&seen, &revocations->seen)) {
		return 0;
	}
	if (seen.st_ino == 0) {
		counts = json_object();
	} else if (load(path, &counts, err) < 0) {
		return -1;
	}
	if (!counts) {
		abort();
	}
	json_decref(revocations->counts);
	*revocations = (struct revocations){ .counts = counts, .seen = seen };
	return 1;
}

int
revocations_add(
    const char *folder, struct revocations *revocations, const char *host, struct error *err)
{
	unsigned count = revocations_of(revocations, host) + 1;
	char path[PATH_MAX], *text;
	int status;

	if (path_in(folder, path, err) < 0) {
		return -1;
	}
	if (json_object_set_new(revocations->counts, host, json_integer(count)) < 0) {
		abort();
	}
	text = json_dumps(revocations->counts, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (!text) {
		abort();
	}
	status = file_replace(path, text, strlen(text), 0600, err);
	free(text);
	return status;
}

unsigned
revocations_of(const struct revocations *revocations, const char *host)
{
	return (unsigned)json_integer_value(json_object_get(revocations->counts, host));
}

void
revocations_done(struct revocations *revocations)
{
	json_decref(revocations->counts);
	*revocations = (struct revocations){ 0 };
}
