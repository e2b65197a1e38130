/* Reads how the daemon is started: its options, from where they are taken, and its unit. */
#include "common/buf.h"
#include "daemons/options.h"
#include "daemons/policy_text.h"
#include "daemons/status_text.h"
#include "orchestrator/lint/files/judged.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* Copy @value without the quotes around it. */
static const char *
unquoted(struct arena *arena, const char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0]) {
		return arena_strndup(arena, value + 1, len - 2);
	}
	return arena_strndup(arena, value, len);
}

/* Take the options that the file of options gives the daemon. */
static void
read_options_file(struct judged *judged, struct buf *options)
{
	const struct daemon_driver *driver = judged->input->driver;
	const struct file_entry *file =
	    driver->options_path ? file_set_find(judged->input->files, driver->options_path) : NULL;
	struct arena *arena = &judged->run->arena;
	struct policy_text text;
	const char *value = "";

	if (!file || file->absent) {
		return;
	}
	judged->options_place = (struct judged_place){ .file = file->path };
	policy_text_begin(
	    &text, arena_strndup(arena, file->content, file->len), driver->options_path);
	while (policy_text_next(&text)) {
		size_t name = strcspn(text.line, "=");

		if (!text.line[name] || text.line[0] == '#') {
			continue;
		}
		if (name == strlen(driver->options_variable) &&
		    strncmp(text.line, driver->options_variable, name) == 0) {
			value = unquoted(arena, text.line + name + 1);
			judged->options_place.line = text.number - 1;
		} else if (driver->options_prefix &&
		    strncmp(text.line, driver->options_prefix, strlen(driver->options_prefix)) ==
			0 &&
		    text.line[strlen(driver->options_prefix)] == '_') {
			buf_printf(options, " %.*s= ", (int)name, text.line);
			judged->options_place.line = text.number - 1;
		}
	}
	buf_printf(options, " %s", value);
}

/* What the unit says of a start, from its files or as systemd tells it. */
struct unit_start {
	const char *command; /* NULL: the one of the package */
	struct judged_place place;
};

/* Take a line of the unit: what it starts the daemon with, and whether it starts it again. */
static void
read_unit_line(struct judged *judged, const struct policy_text *text, const char *path,
    struct unit_start *start)
{
	const char *line = text->line + strspn(text->line, " \t");
	struct judged_place place = { path, text->number - 1 };

	if (strncmp(line, "Restart=", 8) == 0) {
		judged->restart = arena_strdup(&judged->run->arena, line + 8);
		judged->restart_place = place;
	}
	if (strncmp(line, "ExecStart=", 10) == 0 && line[10]) {
		start->command = arena_strdup(&judged->run->arena, line + 10);
		start->place = place;
	}
}

/* Read the drop-ins of the unit, in the order of their names: the last ExecStart is what starts. */
static void
read_unit(struct judged *judged, struct unit_start *start)
{
	const struct file_set *files = judged->input->files;
	const struct file_entry *last = NULL, *next;
	const char *pattern = arena_printf(
	    &judged->run->arena, "/*/systemd/system/%s.d/*.conf", judged->input->driver->unit);

	do {
		struct policy_text text;

		next = NULL;
		for (size_t i = 0; i < files->count; i++) {
			const struct file_entry *file = &files->list[i];

			if (!file->absent && fnmatch(pattern, file->path, FNM_PATHNAME) == 0 &&
			    (!last || strcmp(file->path, last->path) > 0) &&
			    (!next || strcmp(file->path, next->path) < 0)) {
				next = file;
			}
		}
		if (next) {
			policy_text_begin(&text,
			    arena_strndup(&judged->run->arena, next->content, next->len),
			    next->path);
			while (policy_text_next(&text)) {
				read_unit_line(judged, &text, next->path, start);
			}
		}
		last = next;
	} while (next);
}

/* Add the arguments of the command; returns whether it takes those of the file of options. */
static bool
add_arguments(const struct judged *judged, const char *command, struct buf *options)
{
	char copy[POLICY_LINE_BYTES], *words[POLICY_WORDS_MAX];
	bool takes = false;
	size_t count;

	snprintf(copy, sizeof(copy), "%s", command);
	count = split_words(copy, words, POLICY_WORDS_MAX);
	for (size_t i = 1; i < count; i++) {
		if (words[i][0] == '$') {
			takes |= strstr(words[i], judged->input->driver->options_variable) != NULL;
		} else {
			buf_printf(options, " %s", words[i]);
		}
	}
	return takes;
}

/* Debian's wrapper around ntpd takes the file of options, and what DHCP has left; others have none.
 */
static bool
is_wrapper(const char *command)
{
	return strstr(command, "ntp-systemd-wrapper") != NULL;
}

static void
read_start(struct judged *judged)
{
	const struct files_case *input = judged->input;
	struct judged_place unit = { input->driver->unit, 0 };
	struct unit_start start = { .command = NULL };
	struct buf options = { .limit_bytes = 64 << 10 };
	bool takes = true;

	if (input->start) {
		start = (struct unit_start){ input->start, unit };
		judged->restart = input->restart;
		judged->restart_place = unit;
	} else {
		read_unit(judged, &start);
	}
	judged->own_start = start.command && !is_wrapper(start.command);
	judged->wrapped = !judged->own_start && input->driver->family == daemon_drivers[0]->family;
	if (judged->own_start) {
		takes = add_arguments(judged, start.command, &options);
		judged->arguments = arena_strdup(&judged->run->arena, buf_str(&options));
		judged->start_place = judged->options_place = start.place;
	}
	if (takes) {
		read_options_file(judged, &options);
	}
	judged->options = arena_strdup(&judged->run->arena, buf_str(&options));
	buf_free(&options);
}

/* Whether the daemon is started with another configuration than the one that is judged. */
static bool
reads_another(const struct judged *judged)
{
	const struct daemon_driver *driver = judged->input->driver;
	struct options options = { .has = { false } };
	const char *path;
	bool other;

	if (!driver->config_option || !driver->options) {
		return false;
	}
	options_read(&options, judged->options, driver->options);
	path = options_value(&options, driver->config_option);
	other = path && strcmp(path, driver->config_path) != 0;
	options_free(&options);
	return other;
}

bool
judged_start(struct judged *judged)
{
	read_start(judged);
	return !reads_another(judged);
}
