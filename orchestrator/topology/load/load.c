/* Reads site.yaml and the files that it names; one run reports every problem with its place. */
#include "common/file.h"
#include "common/nearest.h"
#include "common/shown.h"
#include "orchestrator/topology/load/loader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)256 << 20) /* enough for a million hosts */
#define SHOWN_BYTES 60

void
vec_reserve(struct vec *vec, size_t more)
{
	if (vec->capacity - vec->count < more) {
		size_t doubled = vec->capacity ? 2 * vec->capacity : 16;

		vec->capacity = vec->count + more > doubled ? vec->count + more : doubled;
		vec->data = reallocarray(vec->data, vec->capacity, vec->stride);
		if (!vec->data) {
			abort();
		}
	}
}

void *
vec_push(struct vec *vec, const void *item)
{
	vec_reserve(vec, 1);
	memcpy(vec->data + vec->count * vec->stride, item, vec->stride);
	return vec->data + vec->count++ * vec->stride;
}

void *
vec_at(const struct vec *vec, size_t at)
{
	return vec->data + at * vec->stride;
}

void
vec_free(struct vec *vec)
{
	free(vec->data);
	vec->data = NULL;
	vec->count = vec->capacity = 0;
}

static bool
same_finding(const struct diag *diag, struct pos pos, const char *rule, const char *text)
{
	return diag->pos.line == pos.line && diag->pos.column == pos.column &&
	    diag->pos.file == pos.file && strcmp(diag->rule, rule) == 0 &&
	    strcmp(diag->text, text) == 0;
}

void
problem(struct loader *loader, const char *rule, struct pos pos, const char *fmt, ...)
{
	struct diags *diags = loader->diags;
	bool known = false;
	struct buf shown_text = { .limit_bytes = 0 };
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0) {
		abort();
	}
	va_end(ap);
	shown_add(&shown_text, text, strlen(text), SHOWN_WORDS); /* as the list has it */
	free(text);
	text = shown_text.data;
	for (size_t i = 0; loader->replayed && i < diags->count && !known; i++) {
		known = same_finding(&diags->list[i], pos, rule, text);
	}
	if (!known) {
		diags_add(diags, SEVERITY_ERROR, rule, pos, "%s", text);
	}
	free(text);
}

const char *
shown(struct loader *loader, const char *text)
{
	size_t len = strlen(text);

	if (len <= SHOWN_BYTES) {
		return text;
	}
	len = SHOWN_BYTES;
	while (len > 0 && (text[len] & 0xc0) == 0x80) {
		len--;
	}
	return arena_printf(&loader->arena, "%.*s...", (int)len, text);
}

const char *
meant(struct loader *loader, const struct nearest *nearest)
{
	return nearest->best ? arena_printf(&loader->arena, "; did you mean `%s`?", nearest->best)
			     : "";
}

const char *
beside(struct loader *loader, const char *file, const char *path)
{
	struct arena *arena = &loader->topology->arena;
	const char *slash = strrchr(file, '/');
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) == 0 && home) {
		return arena_printf(arena, "%s/%s", home, path + 2);
	}
	if (path[0] == '/' || !slash) {
		return arena_strdup(arena, path);
	}
	return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, path);
}

static void
read_text(struct loader *loader, const char *file, const char *text, size_t len, enum place place)
{
	loader->events = events_new(file, text, len, loader->diags);
	read_file(loader, place, loader->topology);
	loader->replayed = false;
}

/* Read the file of keys.  A file that group or others may access is refused unread. */
static void
read_keys(struct loader *loader)
{
	struct topology *topology = loader->topology;
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	struct error err;
	struct stat status;

	if (stat(topology->keys_file, &status) < 0) {
		problem(loader, "unreadable-file", topology->keys_pos, "cannot open %s: %s%s",
		    topology->keys_file, strerror(errno),
		    errno == ENOENT ? " (`timetier keys new` writes it)" : "");
		return;
	}
	if (status.st_mode & 077) {
		problem(loader, "key-file-open", topology->keys_pos,
		    "%s holds secrets and its mode is %03o: chmod 600 %s", topology->keys_file,
		    (unsigned)status.st_mode & 0777, topology->keys_file);
		return;
	}
	if (file_read(topology->keys_file, &text, &err) < 0) {
		problem(loader, "unreadable-file", topology->keys_pos, "%s", err.text);
	} else {
		read_text(loader, topology->keys_file, buf_str(&text), text.len, PLACE_KEYS_FILE);
		events_free(loader->events);
	}
	if (text.data) {
		explicit_bzero(text.data, text.len);
	}
	buf_free(&text);
}

static void
begin(struct loader *loader)
{
	loader->upstreams.stride = sizeof(struct upstream);
	loader->tiers.stride = sizeof(struct tier_draft);
	loader->servers.stride = sizeof(struct host);
	loader->groups.stride = sizeof(struct client_group);
	loader->refs.stride = sizeof(struct group_refs);
	loader->hosts.stride = sizeof(struct host);
	loader->refclocks.stride = sizeof(struct refclock);
	loader->singles.stride = sizeof(struct client_draft);
	loader->accepts.stride = sizeof(struct accept);
	loader->verifies.stride = sizeof(struct verify);
	loader->denies.stride = sizeof(struct deny);
	loader->alerts.stride = sizeof(struct alert_way);
	loader->keys.stride = sizeof(struct key_draft);
	make_prototypes(loader);
}

static void
end(struct loader *loader)
{
	struct vec *vecs[] = { &loader->upstreams, &loader->tiers, &loader->servers,
		&loader->groups, &loader->refs, &loader->hosts, &loader->singles, &loader->accepts,
		&loader->verifies, &loader->denies, &loader->alerts, &loader->keys,
		&loader->refclocks };

	for (size_t i = 0; i < COUNT(vecs); i++) {
		vec_free(vecs[i]);
	}
	buf_free(&loader->items);
	arena_free(&loader->arena);
}

/* Read the text of site.yaml into drafts.  Returns false when reading stopped at an error. */
static bool
read_site(struct loader *loader, const char *file, const char *text, size_t len)
{
	struct topology *topology = loader->topology;
	bool whole;

	*topology = (struct topology){ 0 };
	topology->file = arena_strdup(&topology->arena, file);
	begin(loader);
	read_text(loader, topology->file, text, len, PLACE_SITE);
	whole = !events_failed(loader->events);
	events_free(loader->events);
	return whole;
}

/*
 * Make the topology from the drafts.
 *
 * @whole: the whole file was read; otherwise names are not looked up, as many would be missing
 */
static int
finish_site(struct loader *loader, bool whole, bool with_keys, size_t errors)
{
	if (loader->topology->keys_file && with_keys) {
		read_keys(loader);
	}
	link_topology(loader);
	if (whole) {
		resolve_names(loader);
		resolve_keys(loader);
	}
	end(loader);
	diags_sort(loader->diags);
	return loader->diags->errors > errors ? -1 : 0;
}

static int
load_file(struct topology *topology, const char *file, struct diags *diags, bool with_keys)
{
	struct loader loader = { .topology = topology, .diags = diags };
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	size_t errors = diags->errors;
	struct error err;
	bool whole;

	if (file_read(file, &text, &err) < 0) {
		*topology = (struct topology){ 0 };
		topology->file = arena_strdup(&topology->arena, file);
		diags_add(diags, SEVERITY_ERROR, "unreadable-file",
		    (struct pos){ topology->file, 0, 0 }, "%s%s", err.text,
		    access(file, F_OK) < 0 ? " (`timetier init` writes a first one)" : "");
		buf_free(&text);
		return -1;
	}
	whole = read_site(&loader, file, buf_str(&text), text.len);
	buf_free(&text);
	return finish_site(&loader, whole, with_keys, errors);
}

int
topology_load(struct topology *topology, const char *file, struct diags *diags)
{
	return load_file(topology, file, diags, true);
}

int
topology_load_keyless(struct topology *topology, const char *file, struct diags *diags)
{
	return load_file(topology, file, diags, false);
}

int
topology_load_text(
    struct topology *topology, const char *file, const char *text, size_t len, struct diags *diags)
{
	struct loader loader = { .topology = topology, .diags = diags };
	size_t errors = diags->errors;

	return finish_site(&loader, read_site(&loader, file, text, len), true, errors);
}
