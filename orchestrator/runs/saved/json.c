/* The file of a saved plan. */
#include "common/json_fields.h"
#include "common/shown.h"
#include "orchestrator/runs/saved/saved.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "timetier_plan" /* first member: what it is, and its version */
#define FORMAT_VERSION 1

/* A member that is a text; those that are not required are "" when they are not there. */
struct text_field {
	const char *name;
	size_t offset;
};

static const struct text_field head_texts[] = {
	{ "by", offsetof(struct saved, by) },
	{ "version", offsetof(struct saved, version) },
	{ "site", offsetof(struct saved, site) },
	{ "site_file", offsetof(struct saved, site_file) },
	{ "site_sha256", offsetof(struct saved, site_sha256) },
	{ "agent", offsetof(struct saved, agent) },
	{ "templates", offsetof(struct saved, templates) },
	{ "state", offsetof(struct saved, state) },
	{ "agent_sha256", offsetof(struct saved, agent_sha256) },
};

static const struct text_field host_texts[] = {
	{ "name", offsetof(struct saved_host, name) },
	{ "daemon", offsetof(struct saved_host, daemon) },
	{ "action", offsetof(struct saved_host, action) },
	{ "verdict", offsetof(struct saved_host, verdict) },
	{ "agent", offsetof(struct saved_host, agent) },
};

static const struct text_field file_texts[] = {
	{ "path", offsetof(struct saved_file, path) },
	{ "present", offsetof(struct saved_file, present) },
	{ "wanted", offsetof(struct saved_file, wanted) },
};

/* Those that are not texts. */
static const struct field head_fields[] = {
	{ "made", FIELD_INSTANT, true, FIELD_AT(saved, made_real_ns), INSTANT_MIN, INSTANT_MAX,
	    NULL, 0 },
	{ "no_agent", FIELD_BOOL, true, FIELD_AT(saved, no_agent), 0, 0, NULL, 0 },
	{ "disable_rivals", FIELD_BOOL, true, FIELD_AT(saved, disable_rivals), 0, 0, NULL, 0 },
	{ .name = NULL },
};

static const struct field host_fields[] = {
	{ "wave", FIELD_UINT, true, FIELD_AT(saved_host, wave), 0, 1000000, NULL, 0 },
	{ .name = NULL },
};

/* --- out --- */

static void
put_texts(json_t *object, const struct text_field *fields, size_t count, const void *from)
{
	for (size_t i = 0; i < count; i++) {
		const char *text =
		    *(const char *const *)(const void *)((const char *)from + fields[i].offset);

		json_object_set_new(object, fields[i].name, fields_text(text));
	}
}

static json_t *
host_json(const struct saved_host *host)
{
	json_t *object = json_object(), *does = json_array(), *files = json_array();

	put_texts(object, host_texts, COUNT(host_texts), host);
	json_object_set_new(object, "wave", json_integer(host->wave));
	for (size_t i = 0; i < host->does_count; i++) {
		json_array_append_new(does, fields_text(host->does[i]));
	}
	for (size_t i = 0; i < host->file_count; i++) {
		json_t *file = json_object();

		put_texts(file, file_texts, COUNT(file_texts), &host->files[i]);
		json_array_append_new(files, file);
	}
	json_object_set_new(object, "does", does);
	json_object_set_new(object, "files", files);
	return object;
}

void
saved_encode(const struct saved *saved, struct buf *out)
{
	json_t *object = json_object(), *hosts = json_array();
	char *text;

	json_object_set_new(object, FORMAT, json_integer(FORMAT_VERSION));
	json_object_update_new(object, fields_encode(head_fields, saved));
	put_texts(object, head_texts, COUNT(head_texts), saved);
	for (size_t i = 0; i < saved->host_count; i++) {
		json_array_append_new(hosts, host_json(&saved->hosts[i]));
	}
	json_object_set_new(object, "hosts", hosts);
	text = json_dumps(object, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	if (!text) {
		abort();
	}
	buf_text(out, text);
	buf_text(out, "\n");
	free(text);
	json_decref(object);
}

/* --- in: a file that somebody else may have written, whose texts are shown --- */

static int
take_texts(const json_t *object, const struct text_field *fields, size_t count, void *to,
    struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *member = json_object_get(object, fields[i].name);
		const char **text = (const char **)(void *)((char *)to + fields[i].offset);

		if (!json_is_string(member)) {
			return error_set(err, "\"%s\" is missing, or is no text", fields[i].name);
		}
		*text = shown_words(arena, json_string_value(member), json_string_length(member));
	}
	return 0;
}

static int
take_doings(const json_t *list, struct saved_host *host, struct arena *arena, struct error *err)
{
	size_t count = json_array_size(list);

	host->does = arena_alloc(arena, (count + 1) * sizeof(*host->does));
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text) {
			return error_set(err, "\"does\" is not a list of texts");
		}
		host->does[host->does_count++] = shown_words(arena, text, strlen(text));
	}
	return 0;
}

static int
take_host(const json_t *object, struct saved_host *host, struct arena *arena, struct error *err)
{
	const json_t *files = json_object_get(object, "files");
	size_t count = json_array_size(files);

	if (fields_decode(host_fields, object, "host", host, err) ||
	    take_texts(object, host_texts, COUNT(host_texts), host, arena, err) ||
	    take_doings(json_object_get(object, "does"), host, arena, err)) {
		return -1;
	}
	host->files = arena_alloc(arena, (count + 1) * sizeof(*host->files));
	for (size_t i = 0; i < count; i++) {
		if (take_texts(json_array_get(files, i), file_texts, COUNT(file_texts),
			&host->files[i], arena, err)) {
			return -1;
		}
		host->file_count++;
	}
	return 0;
}

static int
take_all(const json_t *object, struct saved *saved, struct arena *arena, struct error *err)
{
	const json_t *hosts = json_object_get(object, "hosts");
	size_t count = json_array_size(hosts);

	if (json_integer_value(json_object_get(object, FORMAT)) != FORMAT_VERSION) {
		return error_set(err, "it is no plan that this timetier saved");
	}
	if (fields_decode(head_fields, object, "plan", saved, err) ||
	    take_texts(object, head_texts, COUNT(head_texts), saved, arena, err)) {
		return -1;
	}
	if (!json_is_array(hosts)) {
		return error_set(err, "\"hosts\" is missing, or is no list");
	}
	saved->hosts = arena_alloc(arena, (count + 1) * sizeof(*saved->hosts));
	for (size_t i = 0; i < count; i++) {
		if (take_host(json_array_get(hosts, i), &saved->hosts[i], arena, err)) {
			return -1;
		}
		saved->host_count++;
	}
	return 0;
}

int
saved_decode(
    const char *bytes, size_t len, struct arena *arena, struct saved *saved, struct error *err)
{
	struct saved read = { .host_count = 0 };
	json_error_t why;
	json_t *object = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why);
	int status;

	if (!object) {
		return error_set(err, "line %d: %s", why.line, why.text);
	}
	status = take_all(object, &read, arena, err);
	json_decref(object);
	if (status == 0) {
		*saved = read;
	}
	return status;
}

bool
saved_looks_so(const char *bytes, size_t len)
{
	static const char begin[] = "{\n \"" FORMAT "\":";

	return len >= sizeof(begin) - 1 && memcmp(bytes, begin, sizeof(begin) - 1) == 0;
}
