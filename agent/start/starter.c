#include "agent/start/starter.h"

#include "agent/scripts/jobs.h"
#include "agent/scripts/judge.h"
#include "agent/scripts/units.h"
#include "common/file.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX 8

struct search {
	const char *root;
	const struct unit *unit;
	struct arena *arena;
	const char *names[NAMES_MAX + 1]; /* of its units and its binary, NULL-ended */
	struct found_list *setters;
	struct follow follow;
	const char *found;
};

static const char *
stem(struct arena *arena, const char *path)
{
	const char *name = file_name(path);
	const char *end = strstr(name, ".service");

	return arena_strndup(arena, name, end ? (size_t)(end - name) : strlen(name));
}

static void
collect_names(struct search *search, const struct daemon_driver *driver)
{
	size_t count = 0;

	search->names[count++] = stem(search->arena, driver->unit);
	search->names[count++] = stem(search->arena, driver->binary);
	if (search->unit->name) {
		search->names[count++] = stem(search->arena, search->unit->name);
	}
	for (size_t i = 0; driver->other_units && driver->other_units[i] && count < NAMES_MAX;
	     i++) {
		search->names[count++] = stem(search->arena, driver->other_units[i]);
	}
}

/* Look at Restart=: whether it starts the daemon again after an exit with a failure. */
static void
look_at_unit(struct search *search)
{
	const struct unit_setting *restart = unit_last(search->unit, "Service", "Restart");
	const struct unit_setting *watchdog = unit_last(search->unit, "Service", "WatchdogSec");

	if (!restart) {
		return;
	}
	if (strcmp(restart->value, "always") == 0 || strcmp(restart->value, "on-failure") == 0 ||
	    (watchdog && strcmp(watchdog->value, "0") != 0 &&
		(strcmp(restart->value, "on-watchdog") == 0 ||
		    strcmp(restart->value, "on-abnormal") == 0))) {
		search->found = restart->line;
	}
}

/* Note the place of the first command that starts the daemon. */
static void
look_at_text(void *owner, const struct script *script, const struct command *command)
{
	struct search *search = owner;

	if (!search->found && command_starts(command, search->names)) {
		search->found = arena_printf(search->arena, "%s:%u", script->path, command->line);
	}
}

/* The same for a job, which may set the clock, too. */
static void
look_at_job(void *owner, const struct script *script, const struct command *command)
{
	struct search *search = owner;

	found_take(search->setters, script, command);
	look_at_text(owner, script, command);
}

static void
begin_follow(struct search *search, script_visit visit)
{
	search->follow = (struct follow){
		.root = search->root, .arena = search->arena, .visit = visit, .owner = search
	};
}

/* Look at the units that OnFailure= names: they may start the daemon. */
static void
look_at_failure_units(struct search *search)
{
	static const struct script nobody = { .path = NULL };
	const struct unit_setting *at = NULL;

	begin_follow(search, look_at_text);
	while (!search->found && (at = unit_next(search->unit, "Unit", "OnFailure", at))) {
		struct arguments *words = arena_alloc(search->arena, sizeof(*words));

		arguments_split(search->arena, at->value, words);
		for (size_t i = 0; i < words->count; i++) {
			units_visit_start(&search->follow, words->list[i], &nobody);
		}
		if (search->found) {
			search->found = at->line;
		}
	}
}

/* Look in .upholds folders: systemd starts the unit again as long as its upholder runs. */
static void
look_at_upholders(struct search *search)
{
	static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system" };

	for (size_t i = 0; i < COUNT(folders) && !search->found && search->unit->name; i++) {
		const char *const *names;
		size_t count =
		    tree_names(search->root, folders[i], ".upholds", search->arena, &names);

		for (size_t n = 0; n < count; n++) {
			const char *path = arena_printf(
			    search->arena, "%s/%s/%s", folders[i], names[n], search->unit->name);

			if (tree_is_there(search->root, path)) {
				search->found = path;
			}
		}
	}
}

/* Look at the commands that monit and supervisord run. */
static void
look_at_watchdogs(struct search *search)
{
	static const char *const files[] = { "/etc/monitrc", "/etc/monit/monitrc",
		"/etc/supervisord.conf", "/etc/supervisor/supervisord.conf" };
	static const char *const folders[] = { "/etc/monit/conf.d", "/etc/monit/conf-enabled",
		"/etc/monit.d", "/etc/supervisor/conf.d", "/etc/supervisord.d" };

	begin_follow(search, look_at_text);
	for (size_t i = 0; i < COUNT(files) && !search->found; i++) {
		jobs_watchdog(&search->follow, files[i]);
	}
	for (size_t i = 0; i < COUNT(folders) && !search->found; i++) {
		const char *const *names;
		size_t count = tree_names(search->root, folders[i], "", search->arena, &names);

		for (size_t n = 0; n < count && !search->found; n++) {
			jobs_watchdog(&search->follow,
			    arena_printf(search->arena, "%s/%s", folders[i], names[n]));
		}
	}
}

const char *
starter_find(const char *root, const struct daemon_driver *driver, const struct unit *unit,
    struct arena *arena, struct found_list *setters)
{
	struct search *search = arena_alloc(arena, sizeof(*search));

	*search = (struct search){ .root = root, .unit = unit, .arena = arena, .setters = setters };
	collect_names(search, driver);
	look_at_unit(search);
	look_at_failure_units(search);
	look_at_upholders(search);
	begin_follow(search, look_at_job);
	jobs_cron(&search->follow);
	jobs_timers(&search->follow);
	if (!search->found) {
		look_at_watchdogs(search);
	}
	return search->found;
}
