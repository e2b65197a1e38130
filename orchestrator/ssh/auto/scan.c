#include "orchestrator/ssh/auto/scan.h"

#include "common/buf.h"
#include "common/file.h"
#include "orchestrator/ssh/auto/config.h"
#include "orchestrator/ssh/home.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1u << 20)
#define VALUE_BYTES 8192
#define INCLUDES_DEEP 8

/* A line of ssh_config, without the space around its name and value. */
struct line {
	const char *name, *value;
	size_t name_len, value_len;
};

static struct line
split(const char *text, size_t len)
{
	const char *end = text + len;
	struct line line;

	while (text < end && strchr(" \t\r\f", *text)) {
		text++;
	}
	line.name = text;
	while (text < end && !strchr(" \t=\r\f", *text)) {
		text++;
	}
	line.name_len = (size_t)(text - line.name);
	while (text < end && strchr(" \t=", *text)) {
		text++;
	}
	while (end > text && strchr(" \t\r\f", end[-1])) {
		end--;
	}
	line.value = text;
	line.value_len = (size_t)(end - text);
	return line;
}

static bool
is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

static bool
line_varies(const struct line *line, bool (*include)(void *ctx, const char *patterns), void *ctx)
{
	char value[VALUE_BYTES];

	if (line->name_len == 0 ? line->value_len == 0 : line->name[0] == '#') {
		return false;
	}
	if (line->value_len >= sizeof(value)) {
		return true;
	}
	snprintf(value, sizeof(value), "%.*s", (int)line->value_len, line->value);
	if (is(line->name, line->name_len, "Include")) {
		return !include || include(ctx, value);
	}
	if (is(line->name, line->name_len, "Host")) {
		return strcmp(value, "*") != 0;
	}
	if (is(line->name, line->name_len, "Match")) {
		return strcasecmp(value, "all") != 0;
	}
	return !ssh_config_is_common(line->name, line->name_len) || strpbrk(value, "%$");
}

bool
scan_text_varies(const char *text, bool (*include)(void *ctx, const char *patterns), void *ctx)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		struct line line = split(text, len);

		if (line_varies(&line, include, ctx)) {
			return true;
		}
		text += len + (text[len] == '\n');
	}
	return false;
}

struct scan {
	const char *folder; /* relative names in an Include are in this folder */
	int depth;
};

static bool scan_file(struct scan *scan, const char *path);

static bool
scan_pattern(struct scan *scan, const char *pattern, size_t len)
{
	bool tilde = pattern[0] == '~' && pattern[1] == '/';
	const char *base = pattern[0] == '/' ? "" : tilde ? ssh_home() : scan->folder;
	char path[1024];
	bool varies = false;
	glob_t found;
	int status;

	if (pattern[0] == '~' && !tilde) {
		return true;
	}
	if (tilde) {
		pattern += 2;
		len -= 2;
	}
	if (snprintf(path, sizeof(path), "%s/%.*s", base, (int)len, pattern) >= (int)sizeof(path)) {
		return true;
	}
	status = glob(path, 0, NULL, &found);
	if (status) {
		return status != GLOB_NOMATCH;
	}
	for (size_t i = 0; i < found.gl_pathc && !varies; i++) {
		varies = scan_file(scan, found.gl_pathv[i]);
	}
	globfree(&found);
	return varies;
}

static bool
scan_include(void *ctx, const char *patterns)
{
	bool varies = strpbrk(patterns, "\"'\\%$") != NULL;

	while (*patterns && !varies) {
		size_t len = strcspn(patterns, " \t");

		varies = len > 0 && scan_pattern(ctx, patterns, len);
		patterns += len + (patterns[len] != '\0');
	}
	return varies;
}

static bool
scan_file(struct scan *scan, const char *path)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	struct error err;
	bool varies = true;

	if (scan->depth < INCLUDES_DEEP) {
		scan->depth++;
		varies = file_read(path, &text, &err) || strlen(buf_str(&text)) != text.len ||
		    scan_text_varies(buf_str(&text), scan_include, scan);
		scan->depth--;
	}
	buf_free(&text);
	return varies;
}

static const char system_wide[] = "/etc/ssh/ssh_config";

static const char *
own_config(void)
{
	static char path[600];

	snprintf(path, sizeof(path), "%.500s/.ssh/config", ssh_home());
	return path;
}

bool
scan_finds_any(void)
{
	return access(own_config(), F_OK) == 0 || access(system_wide, F_OK) == 0;
}

bool
scan_varies(void)
{
	char folder[600];
	struct scan own = { .folder = folder }, all = { .folder = "/etc/ssh" };

	snprintf(folder, sizeof(folder), "%.500s/.ssh", ssh_home());
	return (access(own_config(), F_OK) == 0 && scan_file(&own, own_config())) ||
	    (access(system_wide, F_OK) == 0 && scan_file(&all, system_wide));
}
