#include "agent/start.h"

#include "common/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CONFIG_BYTES 262144
#define OPTIONS_BYTES 4096
#define UNIT_BYTES 65536
#define DEPTH_MAX 4

void
start_free(struct start *start)
{
	buf_free(&start->options);
	buf_free(&start->config);
}

static int add_config(
    const char *root, const char *path, int depth, struct buf *text, struct error *err);

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool
ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

/* Every file of a folder with that ending, by name; a folder that is not there has none. */
static int
add_folder(const char *root, const char *folder, const char *suffix, int depth, struct buf *text,
    struct error *err)
{
	char path[PATH_MAX];
	struct dirent **entries;
	int count, status = 0;

	snprintf(path, sizeof(path), "%s%s", root, folder);
	count = scandir(path, &entries, NULL, by_name);
	for (int i = 0; i < count; i++) {
		if (status == 0 && ends_with(entries[i]->d_name, suffix)) {
			snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
			status = add_config(root, path, depth, text, err);
		}
		free(entries[i]);
	}
	if (count >= 0) {
		free(entries);
	}
	return status;
}

/* Whether @line is "@word ARGUMENT"; copies the argument. */
static bool
argument_of(const char *line, const char *word, char *argument, size_t size)
{
	size_t len = strlen(word);

	line += strspn(line, " \t");
	if (strncasecmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\t')) {
		return false;
	}
	line += len;
	line += strspn(line, " \t\"");
	len = strcspn(line, " \t\"\r");
	if (len == 0 || len >= size) {
		return false;
	}
	memcpy(argument, line, len);
	argument[len] = '\0';
	return true;
}

/* chrony: include, confdir, sourcedir; ntpd: includefile.  Source: their manuals. */
static int
add_line(const char *root, const char *line, int depth, struct buf *text, struct error *err)
{
	char argument[PATH_MAX / 2];

	if (argument_of(line, "include", argument, sizeof(argument)) ||
	    argument_of(line, "includefile", argument, sizeof(argument))) {
		return add_config(root, argument, depth + 1, text, err);
	}
	if (argument_of(line, "confdir", argument, sizeof(argument))) {
		return add_folder(root, argument, ".conf", depth + 1, text, err);
	}
	if (argument_of(line, "sourcedir", argument, sizeof(argument))) {
		return add_folder(root, argument, ".sources", depth + 1, text, err);
	}
	buf_text(text, line);
	buf_text(text, "\n");
	return 0;
}

static int
add_config(const char *root, const char *path, int depth, struct buf *text, struct error *err)
{
	struct buf file = { .limit_bytes = CONFIG_BYTES };
	char full[PATH_MAX], *line, *rest;
	int status = 0;

	if (depth > DEPTH_MAX) {
		return error_set(err, "%s: included too deep", path);
	}
	snprintf(full, sizeof(full), "%s%s", root, path);
	if (file_read(full, &file, err) < 0) {
		buf_free(&file);
		return -1;
	}
	rest = file.data;
	while (status == 0 && rest && (line = strsep(&rest, "\n"))) {
		status = add_line(root, line, depth, text, err);
	}
	if (status == 0 && text->overflowed) {
		status = error_set(err, "%s: the configuration is too long", path);
	}
	buf_free(&file);
	return status;
}

int
start_read_config(const char *root, const char *path, struct buf *text, struct error *err)
{
	char folder[PATH_MAX];
	size_t len = strlen(path);

	if (add_config(root, path, 0, text, err) < 0) {
		return -1;
	}
	/* NTPsec reads ntp.d/ beside ntp.conf, too */
	if (ends_with(path, "/ntpsec/ntp.conf")) {
		snprintf(folder, sizeof(folder), "%.*s.d", (int)(len - strlen(".conf")), path);
		return add_folder(root, folder, ".conf", 1, text, err);
	}
	return 0;
}

/* VARIABLE="value" of a shell file, the last one, without its quotes. */
static bool
shell_variable(const char *text, const char *name, struct buf *value)
{
	bool found = false;
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *from;

		line += *line == '\n';
		if (strncmp(line, name, len) != 0 || line[len] != '=') {
			continue;
		}
		from = line + len + 1;
		from += *from == '"' || *from == '\'';
		buf_reset(value);
		buf_add(value, from, strcspn(from, "\"'\n"));
		found = true;
	}
	return found;
}

static void
read_options(const char *root, const struct daemon_driver *driver, const struct process *process,
    struct start *start)
{
	struct buf file = { .limit_bytes = UNIT_BYTES };
	char path[PATH_MAX];

	if (process && process_options(root, process->pid, &start->options)) {
		return;
	}
	snprintf(path, sizeof(path), "%s%s", root, driver->options_path);
	if (file_read(path, &file, NULL) < 0 ||
	    !shell_variable(buf_str(&file), driver->options_variable, &start->options)) {
		start->known = false;
		snprintf(
		    start->missing, sizeof(start->missing), "start options of %s", driver->binary);
	}
	buf_free(&file);
}

/* The configuration that the options name (-c of ntpd, -f of chronyd), else the driver's. */
static const char *
config_path(const struct daemon_driver *driver, const char *options, char *path, size_t size)
{
	const char *option = driver->query == DAEMON_QUERY_COMMAND ? "-f " : "-c ";
	const char *at = strstr(options, option);
	size_t len;

	if (!at || (at != options && at[-1] != ' ')) {
		return driver->config_path;
	}
	at += strlen(option);
	len = strcspn(at, " ");
	if (len == 0 || len >= size) {
		return driver->config_path;
	}
	memcpy(path, at, len);
	path[len] = '\0';
	return path;
}

/* The value of Restart= in a unit file or drop-in, when it has one. */
static void
take_restart(const char *path, bool *auto_restart)
{
	struct buf file = { .limit_bytes = UNIT_BYTES };
	struct buf value = { .limit_bytes = 256 };

	if (file_read(path, &file, NULL) == 0 &&
	    shell_variable(buf_str(&file), "Restart", &value)) {
		*auto_restart = strcmp(buf_str(&value), "no") != 0 && value.len > 0;
	}
	buf_free(&file);
	buf_free(&value);
}

static bool
read_unit(const char *root, const char *unit)
{
	static const char *const folders[] = { "/usr/lib/systemd/system", "/lib/systemd/system",
		"/run/systemd/system", "/etc/systemd/system" };
	char path[PATH_MAX];
	bool auto_restart = false;

	for (size_t i = 0; i < COUNT(folders); i++) {
		snprintf(path, sizeof(path), "%s%s/%s", root, folders[i], unit);
		take_restart(path, &auto_restart);
	}
	for (size_t i = 0; i < COUNT(folders); i++) {
		char folder[PATH_MAX / 2];
		struct dirent **entries;
		int count;

		snprintf(folder, sizeof(folder), "%s%s/%s.d", root, folders[i], unit);
		count = scandir(folder, &entries, NULL, by_name);
		for (int e = 0; e < count; e++) {
			if (ends_with(entries[e]->d_name, ".conf")) {
				snprintf(path, sizeof(path), "%s/%s", folder, entries[e]->d_name);
				take_restart(path, &auto_restart);
			}
			free(entries[e]);
		}
		if (count >= 0) {
			free(entries);
		}
	}
	return auto_restart;
}

void
start_read(const char *root, const struct daemon_driver *driver, const struct process *process,
    struct start *start)
{
	char path[PATH_MAX];
	struct error err = { "" };

	start->options.limit_bytes = OPTIONS_BYTES;
	start->config.limit_bytes = CONFIG_BYTES;
	buf_reset(&start->options);
	buf_reset(&start->config);
	start->known = true;
	start->missing[0] = '\0';
	read_options(root, driver, process, start);
	if (start_read_config(root,
		config_path(driver, buf_str(&start->options), path, sizeof(path)), &start->config,
		&err) < 0) {
		start->known = false;
		snprintf(start->missing, sizeof(start->missing), "%.190s", err.text);
	}
	start->auto_restart = read_unit(root, driver->unit);
}

void
start_policy(const char *root, const struct daemon_driver *driver, const struct start *start,
    struct restart_policy *policy)
{
	char path[PATH_MAX];
	struct stat file;

	*policy = (struct restart_policy){ .known = false };
	if (!start->known || !driver->read_policy) {
		return;
	}
	driver->read_policy(buf_str(&start->config), buf_str(&start->options), policy);
	/* named, and never written: as good as none.  Where it cannot be seen it counts as there.
	 */
	snprintf(path, sizeof(path), "%s%s", root, driver->drift_path);
	if (stat(path, &file) < 0 && errno == ENOENT) {
		policy->drift_file = false;
	}
}
