#include "orchestrator/import/told.h"

#include <jansson.h>
#include <string.h>

#define FILES_MAX 2048

/* The addresses as the file that a folder of collected files has for them. */
static const char *
addresses_text(struct arena *arena, const json_t *list)
{
	const char *text = "";
	const json_t *address;
	size_t i;

	json_array_foreach(list, i, address)
	{
		if (i < 64 && json_is_string(address)) {
			text = arena_printf(arena, "%s%.64s\n", text, json_string_value(address));
		}
	}
	return text;
}

int
import_told(
    struct arena *arena, const char *bytes, size_t len, struct import_host *host, struct error *err)
{
	json_t *object = json_loadb(bytes, len, JSON_DISABLE_EOF_CHECK, NULL);
	json_t *files = json_object_get(object, "files"), *file;
	const char *path, *text;
	struct file_set set = { .count = 0 };
	size_t count = json_object_size(files);

	if (!json_is_object(files) || count > FILES_MAX) {
		json_decref(object);
		return error_set(err, "what its agent tells is no list of files");
	}
	set.list = arena_alloc(arena, (count + 1) * sizeof(*set.list));
	json_object_foreach(files, path, file)
	{
		if (path[0] == '/' && json_is_string(file)) {
			set.list[set.count++] =
			    (struct file_entry){ .path = arena_strdup(arena, path),
				    .content = arena_strndup(
					arena, json_string_value(file), json_string_length(file)),
				    .len = json_string_length(file) };
		}
	}
	text = addresses_text(arena, json_object_get(object, "addresses"));
	set.list[set.count++] =
	    (struct file_entry){ .path = "/addresses", .content = text, .len = strlen(text) };
	host->files = set;
	json_decref(object);
	return 0;
}
