#include "agent/rivals/cloud.h"

#include "agent/rivals/list.h"

#include <string.h>
#include <strings.h>

#define FILE_BYTES 262144
#define INSTANCE "/var/lib/cloud/instance/"

/* Returns what follows the key's colon, if @line begins with the key, in quotes or not; NULL: no.
 */
static const char *
behind_key(const char *line, const char *key)
{
	char quote = line[0] == '"' || line[0] == '\'' ? line[0] : '\0';
	size_t len = strlen(key);

	line += quote != '\0';
	if (strncmp(line, key, len) != 0 || (quote && line[len] != quote)) {
		return NULL;
	}
	line += len + (quote != '\0');
	line += strspn(line, " \t");
	return line[0] == ':' ? line + 1 : NULL;
}

static bool
is_false(const char *value)
{
	static const char *const words[] = { "false", "no", "off", "0" };
	size_t len;

	value += strspn(value, " \t\"'");
	len = strcspn(value, " \t\r\n\"',}#");
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strlen(words[i]) == len && strncasecmp(value, words[i], len) == 0) {
			return true;
		}
	}
	return false;
}

/* Take `enabled: VALUE` of `{enabled: VALUE, servers: [a]}`, on its first level. */
static void
take_flow(struct cloud *cloud, const char *text)
{
	unsigned depth = 0;

	for (; *text; text++) {
		const char *value;

		depth += *text == '{' || *text == '[';
		depth -= (*text == '}' || *text == ']') && depth > 0;
		if (depth != 1 || !strchr("{, \t\n", *text)) {
			continue;
		}
		value = behind_key(text + 1, "enabled");
		if (value) {
			cloud->disabled = is_false(value);
		}
	}
}

/* Take `enabled: VALUE` among the indented lines from @text on. */
static void
take_block(struct cloud *cloud, const char *text)
{
	size_t indent = 0;

	while (*text) {
		size_t deep = strspn(text, " ");
		const char *line = text + deep;
		const char *value;

		if (line[0] != '\n' && line[0] != '\r' && line[0] != '#') {
			if (deep == 0) {
				return;
			}
			indent = indent ? indent : deep;
			value = deep == indent ? behind_key(line, "enabled") : NULL;
			if (value) {
				cloud->disabled = is_false(value);
			}
		}
		text = line + strcspn(line, "\n");
		text += *text == '\n';
	}
}

static void
take_key(struct cloud *cloud, const char *path, const char *value)
{
	const char *text = value + strspn(value, " \t");

	cloud->path = path;
	if (*text == '{') {
		const char *end = text;

		/* to the next line that is not indented and does not close it */
		do {
			end += strcspn(end, "\n");
			end += *end == '\n';
		} while (*end == ' ' || *end == '}' || *end == '\n');
		take_flow(cloud, arena_strndup(cloud->arena, text, (size_t)(end - text)));
	} else {
		text += strcspn(text, "\n");
		take_block(cloud, text + (*text == '\n'));
	}
}

/* Find the key in a document that is one {...}, as JSON is. */
static void
take_document(struct cloud *cloud, const char *path, const char *text)
{
	for (const char *at = text; *at; at++) {
		const char *value = strchr("{, \t\n", *at) ? behind_key(at + 1, "ntp") : NULL;

		if (value) {
			cloud->path = path;
			take_flow(cloud, value);
		}
	}
}

void
cloud_read(struct cloud *cloud, const char *path, const char *text)
{
	const char *line = text;

	text += strspn(text, " \t\r\n");
	if (*text == '{') {
		take_document(cloud, path, text);
		return;
	}
	while (*line) {
		const char *value = behind_key(line, "ntp");

		if (value && (!*value || strchr(" \t\r\n", *value))) {
			take_key(cloud, path, value);
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
}

/* Whether a user's data are a configuration: "#cloud-config", with or without a template's line. */
static bool
is_config(const char *text)
{
	static const char mark[] = "#cloud-config", template[] = "## template:";

	if (strncmp(text, template, strlen(template)) == 0) {
		text += strcspn(text, "\n");
		text += strspn(text, "\n");
	}
	return strncmp(text, mark, strlen(mark)) == 0 || strstr(text, "text/cloud-config");
}

static void
take_file(struct cloud *cloud, const char *root, const char *path, bool data)
{
	static const char order_mark[] = "\xef\xbb\xbf";
	struct buf text = { .limit_bytes = FILE_BYTES };
	const char *start;

	if (tree_read_start(root, path, "", FILE_BYTES, &text)) {
		start = buf_str(&text);
		start += strncmp(start, order_mark, 3) == 0 ? 3 : 0;
		if (!data || is_config(start)) {
			cloud_read(cloud, path, start);
		}
	}
	buf_free(&text);
}

/* Whether nothing starts it: it is switched off or was removed, and its files were left. */
static bool
is_off(const char *root)
{
	struct buf line = { .limit_bytes = 4096 };
	char *rest, *word;
	bool off = tree_is_there(root, "/etc/cloud/cloud-init.disabled");

	if (tree_read_start(root, "/proc/cmdline", "", 4095, &line)) {
		rest = line.data;
		while (rest && (word = strsep(&rest, " \n"))) {
			off |= strcmp(word, "cloud-init=disabled") == 0;
		}
	}
	buf_free(&line);
	return off ||
	    (tree_is_folder(root, "/usr/bin") && !tree_is_there(root, "/usr/bin/cloud-init") &&
		!tree_is_there(root, "/usr/local/bin/cloud-init"));
}

void
rivals_find_cloud(struct rivals_list *list)
{
	static const char *const data[] = { INSTANCE "vendor-data.txt", INSTANCE "vendor-data2.txt",
		INSTANCE "user-data.txt" };
	struct cloud cloud = { .arena = &list->arena };
	const char *const *names;
	size_t count;

	if (!tree_is_there(list->root, "/etc/cloud/cloud.cfg") || is_off(list->root)) {
		return;
	}
	take_file(&cloud, list->root, "/etc/cloud/cloud.cfg", false);
	count = tree_names(list->root, "/etc/cloud/cloud.cfg.d", ".cfg", &list->arena, &names);
	for (size_t i = 0; i < count; i++) {
		take_file(&cloud, list->root,
		    arena_printf(&list->arena, "/etc/cloud/cloud.cfg.d/%s", names[i]), false);
	}
	for (size_t i = 0; i < COUNT(data); i++) {
		take_file(&cloud, list->root, data[i], true);
	}
	if (cloud.path && !cloud.disabled) {
		rivals_add(list,
		    "cloud-init, which writes the daemon's configuration: ntp: in %s (take it out)",
		    cloud.path);
	}
}
