/*
 * Builds of a daemon differ in the path that they read, and a host may have a file at another
 * one: from another distribution, from a recipe that was written for it.  The program itself tells
 * best, then what system the host runs, then the name of the unit.
 */
#include "agent/start/config.h"

#include "agent/host/arguments.h"
#include "agent/host/binary.h"
#include "agent/host/tree.h"
#include "common/file.h"
#include "daemons/options.h"

#include <string.h>

#define OS_RELEASE_BYTES 16384

/* Returns the configuration that the options name: the last `-c FILE`, `-gcFILE`, ...; NULL: none.
 */
static const char *
named_config(struct arena *arena, const char *text, const struct daemon_driver *driver)
{
	struct options options = { .has = { false } };
	const char *value = NULL;

	if (driver->config_option && driver->options) {
		options_read(&options, text, driver->options);
		value = options_value(&options, driver->config_option);
		value = value ? arena_strdup(arena, value) : NULL;
	}
	options_free(&options);
	return value;
}

static bool
is_of_unit(const struct daemon_home *home, const struct unit *unit)
{
	return home->unit && unit->path && strcmp(file_name(unit->path), home->unit) == 0;
}

static const struct daemon_home *
by_unit(const struct daemon_home *homes, const struct unit *unit)
{
	for (; homes->config_path; homes++) {
		if (is_of_unit(homes, unit)) {
			return homes;
		}
	}
	return NULL;
}

/* The one path that the program has in itself; @none: it has another one. */
static const struct daemon_home *
by_program(const char *root, const struct daemon_home *homes, const char *program, bool *none)
{
	const struct daemon_home *found = NULL;
	size_t count = 0;

	for (; homes->config_path; homes++) {
		switch (binary_holds(root, program, homes->config_path)) {
		case BINARY_HOLDS:
			found = homes;
			count++;
			break;
		case BINARY_LACKS:
			break;
		case BINARY_UNREAD:
			return NULL;
		}
	}
	*none = count == 0;
	return count == 1 ? found : NULL;
}

static bool
is_of_system(const struct daemon_home *home, const char *word)
{
	for (const char *const *system = home->systems; *system; system++) {
		if (strcmp(*system, word) == 0) {
			return true;
		}
	}
	return false;
}

/* The home for the first of the words in @text that has one; @text is taken apart. */
static const struct daemon_home *
by_words(const struct daemon_home *homes, char *text)
{
	char *word;

	while ((word = strsep(&text, " "))) {
		for (const struct daemon_home *home = homes; home->config_path; home++) {
			if (is_of_system(home, word)) {
				return home;
			}
		}
	}
	return NULL;
}

/* Find a home for ID=, then for the words of ID_LIKE=, which are sorted by nearness. */
static const struct daemon_home *
by_system(const char *root, const struct daemon_home *homes, struct arena *arena)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	static const char *const names[] = { "ID", "ID_LIKE" };
	struct variables *variables = arena_alloc(arena, sizeof(*variables));
	struct buf text = { .limit_bytes = OS_RELEASE_BYTES };

	for (size_t i = 0; i < COUNT(paths); i++) {
		if (tree_read(root, paths[i], &text, NULL) == TREE_READ) {
			variables_read(arena, VARIABLES_SHELL, paths[i], buf_str(&text), variables);
			break;
		}
	}
	buf_free(&text);
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct variable *variable = variables_find(variables, names[i]);
		const struct daemon_home *home = variable && variable->value
		    ? by_words(homes, arena_strdup(arena, variable->value))
		    : NULL;

		if (home) {
			return home;
		}
	}
	return NULL;
}

/* Ask all that may tell which path is read; NULL: nothing tells. */
static const struct daemon_home *
find_home(const char *root, const struct daemon_driver *driver, const struct config_hints *hints,
    struct arena *arena, const char **unsure)
{
	const char *program = hints->program ? hints->program : driver->binary;
	bool none = false;
	const struct daemon_home *home = by_program(root, driver->homes, program, &none);

	if (none) {
		*unsure = arena_printf(arena,
		    "which file %s reads: none of the usual paths is built into it", program);
		return NULL;
	}
	home = home ? home : by_system(root, driver->homes, arena);
	return home ? home : by_unit(driver->homes, hints->unit);
}

const char *
config_find(const char *root, const struct daemon_driver *driver, const struct config_hints *hints,
    struct arena *arena, const char **unsure)
{
	const char *path = named_config(arena, hints->options, driver);
	const struct daemon_home *home, *there = NULL, *of_unit;
	const char *other = NULL;

	if (path || !driver->homes) {
		return path ? path : driver->config_path;
	}
	for (home = driver->homes; home->config_path; home++) {
		if (tree_is_there(root, home->config_path)) {
			other = there ? home->config_path : NULL;
			there = there ? there : home;
		}
	}
	of_unit = by_unit(driver->homes, hints->unit);
	if (there && !other && (!of_unit || of_unit == there)) {
		return there->config_path;
	}
	home = find_home(root, driver, hints, arena, unsure);
	if (!home && other && !*unsure) {
		*unsure = arena_printf(arena, "which of %s and %s %s reads: remove one",
		    there->config_path, other, driver->title);
	}
	if (home) {
		return home->config_path;
	}
	return there ? there->config_path : driver->config_path;
}
