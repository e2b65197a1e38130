/*
 * Builds of a daemon differ in the path that they read, and a host may have a file at another
 * one: from another distribution, from a recipe that was written for it.  The program itself tells
 * best, then what system the host runs, then the name of the unit.
 */
#include "agent/start/config.h"

#include "agent/host/arguments.h"
#include "agent/host/binary.h"
#include "agent/host/system.h"
#include "agent/host/tree.h"
#include "common/file.h"
#include "daemons/options.h"

#include <string.h>

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
is_of_unit(const struct daemon_driver *place, const struct unit *unit)
{
	return unit->path && strcmp(file_name(unit->path), place->unit) == 0;
}

/* The path of the only places whose unit has the name of @unit; NULL: it tells nothing. */
static const char *
by_unit(const struct daemon_driver *kind, const struct unit *unit)
{
	const struct daemon_driver *place;
	const char *found = NULL;

	for (size_t i = 0; (place = platform_place(kind, i)); i++) {
		if (is_of_unit(place, unit)) {
			if (found && strcmp(found, place->config_path) != 0) {
				return NULL;
			}
			found = place->config_path;
		}
	}
	return found;
}

/* Whether a place before the @index-th has the same path. */
static bool
is_seen(const struct daemon_driver *kind, size_t index, const char *path)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(platform_place(kind, i)->config_path, path) == 0) {
			return true;
		}
	}
	return false;
}

/* The one path that the program has in itself; @none: it has another one. */
static const char *
by_program(const char *root, const struct daemon_driver *kind, const char *program, bool *none)
{
	const struct daemon_driver *place;
	const char *found = NULL;
	size_t count = 0;

	for (size_t i = 0; (place = platform_place(kind, i)); i++) {
		if (is_seen(kind, i, place->config_path)) {
			continue;
		}
		switch (binary_holds(root, program, place->config_path)) {
		case BINARY_HOLDS:
			found = place->config_path;
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

/* The path of the system that os-release names, whatever starts its services. */
static const char *
by_system(const char *root, const struct daemon_driver *kind)
{
	const struct platform *platform = host_platform(root, INIT_UNKNOWN);
	const struct daemon_driver *place;

	for (size_t i = 0; platform && (place = platform_place(kind, i)); i++) {
		if (platform_has(platform, place)) {
			return place->config_path;
		}
	}
	return NULL;
}

/* Ask all that may tell which path is read; NULL: nothing tells. */
static const char *
find_home(const char *root, const struct daemon_driver *driver, const struct config_hints *hints,
    struct arena *arena, const char **unsure)
{
	const char *program = hints->program ? hints->program : driver->binary;
	bool none = false;
	const char *path = by_program(root, driver->kind, program, &none);

	if (none) {
		*unsure = arena_printf(arena,
		    "which file %s reads: none of the usual paths is built into it", program);
		return NULL;
	}
	path = path ? path : by_system(root, driver->kind);
	return path ? path : by_unit(driver->kind, hints->unit);
}

/* Whether builds of the daemon differ in the path that they read. */
static bool
has_homes(const struct daemon_driver *driver)
{
	const struct daemon_driver *place;

	for (size_t i = 1; (place = platform_place(driver->kind, i)); i++) {
		if (!is_seen(driver->kind, i, place->config_path)) {
			return true;
		}
	}
	return false;
}

const char *
config_find(const char *root, const struct daemon_driver *driver, const struct config_hints *hints,
    struct arena *arena, const char **unsure)
{
	const char *path = named_config(arena, hints->options, driver);
	const char *there = NULL, *other = NULL, *of_unit;
	const struct daemon_driver *place;

	if (path || !has_homes(driver)) {
		return path ? path : driver->config_path;
	}
	for (size_t i = 0; (place = platform_place(driver->kind, i)); i++) {
		if (!is_seen(driver->kind, i, place->config_path) &&
		    tree_is_there(root, place->config_path)) {
			other = there ? place->config_path : NULL;
			there = there ? there : place->config_path;
		}
	}
	of_unit = by_unit(driver->kind, hints->unit);
	if (there && !other && (!of_unit || strcmp(of_unit, there) == 0)) {
		return there;
	}
	path = find_home(root, driver, hints, arena, unsure);
	if (!path && other && !*unsure) {
		*unsure = arena_printf(
		    arena, "which of %s and %s %s reads: remove one", there, other, driver->title);
	}
	if (path) {
		return path;
	}
	return there ? there : driver->config_path;
}
