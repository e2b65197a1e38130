/* Puppet's hiera data: a hierarchy of files, some of which are one host's own. */
#include "orchestrator/import/roles.h"
#include "orchestrator/import/variables.h"
#include "orchestrator/import/yaml_value.h"

#include "common/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEVELS_MAX 64

/* A path of the hierarchy. */
struct level {
	char before[PATH_MAX]; /* of a host's own: what stands before its name; else all of it */
	const char *behind;    /* what stands behind; NULL: all hosts have this one */
	json_t *shared;        /* of one that all hosts have */
};

struct hiera {
	struct import *import;
	const char *folder;
	struct level levels[LEVELS_MAX];
	size_t level_count;
	const char *unknown[LEVELS_MAX]; /* paths that depend on facts */
	size_t unknown_count;
	bool merges; /* some file has lookup_options */
};

/* The ways to name the host itself in a path. */
static bool
is_host_itself(const char *text, size_t len)
{
	static const char *const names[] = { "trusted.certname", "facts.clientcert", "clientcert",
		"facts.networking.fqdn", "networking.fqdn", "facts.fqdn", "fqdn" };

	if (len > 2 && strncmp(text, "::", 2) == 0) {
		text += 2;
		len -= 2;
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strlen(names[i]) == len && strncmp(names[i], text, len) == 0) {
			return true;
		}
	}
	return false;
}

static void
add_unknown(struct hiera *hiera, const char *path)
{
	if (hiera->unknown_count < LEVELS_MAX) {
		hiera->unknown[hiera->unknown_count++] = arena_strdup(&hiera->import->arena, path);
	}
}

/* A path below @datadir, with or without the host in its last part. */
static int
add_path(struct hiera *hiera, const char *datadir, const char *path, struct error *err)
{
	struct level *level = &hiera->levels[hiera->level_count];
	char whole[PATH_MAX];
	char *begin, *end;

	if (snprintf(whole, sizeof(whole), "%s/%s/%s", hiera->folder, datadir, path) >=
		(int)sizeof(whole) ||
	    hiera->level_count == LEVELS_MAX) {
		return error_set(err, "%.200s/hiera.yaml: more than %d paths, or too long a one",
		    hiera->folder, LEVELS_MAX);
	}
	begin = strstr(whole, "%{");
	end = begin ? strchr(begin, '}') : NULL;
	if (begin &&
	    (!end || strstr(end, "%{") || strchr(end, '/') || strchr(begin, '/') ||
		!is_host_itself(begin + 2, (size_t)(end - begin) - 2))) {
		add_unknown(hiera, path);
		return 0;
	}
	*level = (struct level){ .behind = NULL };
	if (end) {
		*begin = '\0';
		level->behind = arena_strdup(&hiera->import->arena, end + 1);
	}
	memcpy(level->before, whole, strlen(whole) + 1);
	hiera->level_count++;
	return 0;
}

static const char *
text_or(json_t *value, const char *other)
{
	return json_is_string(value) ? json_string_value(value) : other;
}

static int
add_level(struct hiera *hiera, const char *datadir, json_t *item, struct error *err)
{
	const char *name = text_or(json_object_get(item, "name"), "a level");
	json_t *path = json_object_get(item, "path"), *paths = json_object_get(item, "paths");
	json_t *each;
	int status = 0;
	size_t i;

	datadir = text_or(json_object_get(item, "datadir"), datadir);
	if (json_is_string(path)) {
		return add_path(hiera, datadir, json_string_value(path), err);
	}
	json_array_foreach(paths, i, each)
	{
		if (status == 0 && json_is_string(each)) {
			status = add_path(hiera, datadir, json_string_value(each), err);
		}
	}
	if (!paths) {
		add_unknown(hiera, name);
	}
	return status;
}

static int
read_hierarchy(struct hiera *hiera, struct error *err)
{
	char path[PATH_MAX];
	json_t *top, *list, *item;
	const char *datadir;
	int status = 0;
	size_t i;

	snprintf(path, sizeof(path), "%s/hiera.yaml", hiera->folder);
	if (yaml_value_read(path, &top, err) < 0) {
		return -1;
	}
	if (json_integer_value(json_object_get(top, "version")) != 5) {
		status = error_set(err, "%.200s: only version 5 of hiera is read", path);
	}
	datadir = text_or(json_object_get(json_object_get(top, "defaults"), "datadir"), "data");
	list = json_object_get(top, "hierarchy");
	json_array_foreach(list, i, item)
	{
		if (status == 0) {
			status = add_level(hiera, datadir, item, err);
		}
	}
	if (!list && status == 0) {
		/* Puppet's default */
		status = add_path(hiera, datadir, "common.yaml", err);
	}
	json_decref(top);
	return status;
}

/* The map in the file @path; NULL: there is no such file. */
static int
read_data(struct hiera *hiera, const char *path, json_t **map, struct error *err)
{
	*map = NULL;
	if (access(path, F_OK) != 0) {
		return 0;
	}
	if (yaml_value_read(path, map, err) < 0) {
		*map = NULL;
		return -1;
	}
	if (!json_is_object(*map)) {
		json_decref(*map);
		*map = NULL;
		return error_set(err, "%.200s is no map", path);
	}
	hiera->merges |= json_object_get(*map, "lookup_options") != NULL;
	return 0;
}

static int
read_shared(struct hiera *hiera, struct error *err)
{
	for (size_t i = 0; i < hiera->level_count; i++) {
		struct level *level = &hiera->levels[i];

		if (!level->behind && read_data(hiera, level->before, &level->shared, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* The name of the host whose own file at @level is called @file; NULL: it is none. */
static const char *
host_of(struct hiera *hiera, const struct level *level, const char *file)
{
	const char *prefix = file_name(level->before);
	size_t len = strlen(file), before = strlen(prefix), behind = strlen(level->behind);

	if (len <= before + behind || strncmp(file, prefix, before) != 0 ||
	    strcmp(file + len - behind, level->behind) != 0) {
		return NULL;
	}
	return arena_strndup(&hiera->import->arena, file + before, len - before - behind);
}

static int
by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* All hosts that have a file of their own, each once; @names from the heap. */
static size_t
find_hosts(struct hiera *hiera, const char ***names)
{
	size_t count = 0, kept = 0;

	*names = calloc(LEVELS_MAX * IMPORT_HOSTS_MAX, sizeof(**names));
	if (!*names) {
		abort();
	}
	for (size_t i = 0; i < hiera->level_count; i++) {
		const struct level *level = &hiera->levels[i];
		size_t len = (size_t)(file_name(level->before) - level->before);
		char folder[PATH_MAX];
		struct dirent *entry;
		const char *name;
		DIR *dir;

		snprintf(folder, sizeof(folder), "%.*s", (int)len, level->before);
		dir = level->behind ? opendir(folder) : NULL;
		for (size_t found = 0; dir && found < IMPORT_HOSTS_MAX && (entry = readdir(dir));) {
			name =
			    entry->d_name[0] == '.' ? NULL : host_of(hiera, level, entry->d_name);
			if (name) {
				(*names)[count++] = name;
				found++;
			}
		}
		if (dir) {
			closedir(dir);
		}
	}
	qsort(*names, count, sizeof(**names), by_name);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp((*names)[i], (*names)[i - 1]) != 0) {
			(*names)[kept++] = (*names)[i];
		}
	}
	return kept;
}

/*
 * Collect of each key the first value in the order of the hierarchy, and give @host what a role
 * makes of them: that whose variables stand nearest to the host, for its class is the one that it
 * includes.
 *
 * Returns whether there is a role, or -1.
 */
static int
look_up(struct hiera *hiera, struct import_host *host, struct error *err)
{
	json_t *maps[LEVELS_MAX] = { NULL }, *variables = json_object();
	int status = 0;

	for (size_t i = 0; i < hiera->level_count && status == 0; i++) {
		const struct level *level = &hiera->levels[i];
		char path[2 * PATH_MAX];

		maps[i] = json_incref(level->shared);
		if (level->behind) {
			snprintf(
			    path, sizeof(path), "%s%s%s", level->before, host->name, level->behind);
			status = read_data(hiera, path, &maps[i], err);
		}
		json_object_update_missing(variables, maps[i]);
	}
	for (size_t i = 0; i < hiera->level_count && status == 0; i++) {
		status = maps[i] && import_role(hiera->import, host, variables, maps[i]);
	}
	for (size_t i = 0; i < hiera->level_count; i++) {
		json_decref(maps[i]);
	}
	json_decref(variables);
	return status;
}

static void
tell_unknown(struct hiera *hiera, struct import_host *host)
{
	for (size_t i = 0; i < hiera->unknown_count; i++) {
		import_remark(hiera->import, host,
		    "lost: hiera.yaml: what depends on facts is not read: %s", hiera->unknown[i]);
	}
	if (hiera->merges) {
		import_remark(hiera->import, host,
		    "lost: lookup_options: of each key the first value counts here, merged is "
		    "nothing");
	}
}

static int
read_hosts(struct hiera *hiera, struct import_host **hosts, size_t *count, struct error *err)
{
	const char **names;
	size_t found = find_hosts(hiera, &names), meant = 0;
	int status = 0;

	*hosts = arena_alloc(&hiera->import->arena, (found + 1) * sizeof(**hosts));
	*count = 0;
	for (size_t i = 0; i < found && i <= IMPORT_HOSTS_MAX && status >= 0; i++) {
		struct import_host *host = &(*hosts)[(*count)++];

		host->name = names[i];
		status = look_up(hiera, host, err);
		if (status > 0) {
			tell_unknown(hiera, host);
			meant++;
		}
	}
	free(names);
	if (status >= 0 && found == 0) {
		return error_set(err,
		    "%.200s: no path of its hierarchy names a host's own file that is there, as "
		    "nodes/%%{trusted.certname}.yaml does",
		    hiera->folder);
	}
	return status < 0 ? -1 : meant > 0 ? 0 : import_no_role(hiera->import, hiera->folder, err);
}

int
import_hiera(struct import *import, const char *folder, struct import_host **hosts, size_t *count,
    struct error *err)
{
	struct hiera *hiera = calloc(1, sizeof(*hiera));
	int status;

	if (!hiera) {
		abort();
	}
	hiera->import = import;
	hiera->folder = folder;
	status = read_hierarchy(hiera, err);
	status = status < 0 ? -1 : read_shared(hiera, err);
	status = status < 0 ? -1 : read_hosts(hiera, hosts, count, err);
	for (size_t i = 0; i < hiera->level_count; i++) {
		json_decref(hiera->levels[i].shared);
	}
	free(hiera);
	return status;
}
