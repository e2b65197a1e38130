/* What `ansible-inventory --list` prints: each host's variables, as Ansible itself merges them. */
#include "orchestrator/import/variables.h"

#include "common/file.h"
#include "orchestrator/import/roles.h"

#include <stdio.h>
#include <string.h>

#define INVENTORY_BYTES_MAX (256 << 20)

static const char *
text_member(struct import *import, json_t *variables, const char *name)
{
	const char *text = json_string_value(json_object_get(variables, name));

	return text && text[0] && import_is_plain(text) && !strstr(text, "{{")
	    ? arena_strdup(&import->arena, text)
	    : NULL;
}

/* How Ansible reaches it: its address, its login. */
static void
read_connection(struct import *import, struct import_host *host, json_t *variables)
{
	const char *address = text_member(import, variables, "ansible_host");
	const char *user = text_member(import, variables, "ansible_user");
	json_t *port = json_object_get(variables, "ansible_port");
	const char *text = "";

	if (user && strcmp(user, "root") != 0) {
		text = arena_printf(&import->arena, "user: \"%s\", sudo: true", user);
	}
	if (json_is_integer(port) && json_integer_value(port) != 22 &&
	    json_integer_value(port) > 0 && json_integer_value(port) < 65536) {
		text = arena_printf(&import->arena, "%s%sport: %d", text, text[0] ? ", " : "",
		    (int)json_integer_value(port));
	}
	host->ssh = text[0] ? arena_printf(&import->arena, "{%s}", text) : NULL;
	if (address && strcmp(address, host->name) != 0) {
		host->reached = address;
	}
}

int
import_inventory(struct import *import, const char *path, struct import_host **hosts, size_t *count,
    struct error *err)
{
	struct buf text = { .limit_bytes = INVENTORY_BYTES_MAX };
	json_error_t where;
	json_t *list, *each, *variables;
	const char *name;
	size_t meant = 0;

	if (file_read_plain(path, 0, &text, err) < 0) {
		buf_free(&text);
		return -1;
	}
	list = json_loadb(buf_str(&text), text.len, 0, &where);
	buf_free(&text);
	each = json_object_get(json_object_get(list, "_meta"), "hostvars");
	if (!json_is_object(each)) {
		error_set(err,
		    "\"%.200s\" is neither a folder nor what `ansible-inventory --list` prints%s%s",
		    path, list ? ": it has no _meta.hostvars" : ": ", list ? "" : where.text);
		json_decref(list);
		return -1;
	}
	*hosts = arena_alloc(&import->arena, (json_object_size(each) + 1) * sizeof(**hosts));
	*count = 0;
	json_object_foreach(each, name, variables)
	{
		struct import_host *host = &(*hosts)[(*count)++];

		host->name = arena_strdup(&import->arena, name);
		read_connection(import, host, variables);
		meant += import_role(import, host, variables, variables);
	}
	json_decref(list);
	return meant > 0 ? 0 : import_no_role(import, path, err);
}
