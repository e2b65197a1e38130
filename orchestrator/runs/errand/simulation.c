#include "orchestrator/runs/errand/simulation.h"

#include "common/shown.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Whose package @name is, of a daemon other than @driver's; NULL: of none. */
static const struct daemon_driver *
rival(const struct daemon_driver *driver, const char *name)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const char *package = daemon_drivers[i]->package;

		if (package && strcmp(package, name) == 0 && strcmp(driver->package, name) != 0) {
			return daemon_drivers[i];
		}
	}
	return NULL;
}

static const char *
by_hand(struct arena *arena, const struct daemon_driver *driver)
{
	return arena_printf(arena,
	    "by hand: `systemctl mask %s && apt-get install %s; systemctl unmask %s` there, then "
	    "apply at once: until then no daemon keeps its clock",
	    driver->unit, driver->package, driver->unit);
}

/* What is read of the lines. */
struct simulation {
	struct install *install;
	struct arena *arena;
	const char *gone; /* "ntp, ntpsec" */
	size_t gone_count;
	const char *lacked; /* "ntp 4.2": cannot be had again */
	bool named;         /* the new one excludes what goes by its name */
};

/* Take the words of a line "Inst NAME [OLD] (VERSION ...)". */
static void
take_new(struct simulation *simulation, char *words)
{
	struct install *install = simulation->install;
	struct arena *arena = simulation->arena;
	const char *name = strsep(&words, " ");
	char *version = words ? strchr(words, '(') : NULL;

	if (!version) {
		return;
	}
	version++;
	version[strcspn(version, " )")] = '\0';
	if (strcmp(name, install->driver->package) == 0) {
		install->version = version;
		return;
	}
	if (rival(install->driver, name) && !install->refused) {
		install->refused = arena_printf(arena,
		    "it would bring %s, which is another daemon: declare `daemon: %s`, or install "
		    "%s by hand",
		    name, name, install->driver->package);
	}
	install->others = arena_printf(arena, "%s%s%s%s%s", install->others,
	    *install->others ? ", " : "", name, words[0] == '[' ? " anew as " : " ", version);
}

static void
take_gone(struct simulation *simulation, char *words)
{
	words[strcspn(words, " ")] = '\0';
	simulation->gone = arena_printf(
	    simulation->arena, "%s%s%s", simulation->gone, *simulation->gone ? ", " : "", words);
	simulation->gone_count++;
}

static void
take_former(struct simulation *simulation, char *words)
{
	const char *name = strsep(&words, " ");

	simulation->install->former = rival(simulation->install->driver, name);
	simulation->install->former_version =
	    shown_words(simulation->arena, words ? words : "", words ? strlen(words) : 0);
}

static void
take_lacked(struct simulation *simulation, char *words)
{
	simulation->lacked = shown_words(simulation->arena, words, strlen(words));
}

static void
take_named(struct simulation *simulation, char *words UNUSED)
{
	simulation->named = true;
}

static const struct {
	const char *verb;
	void (*take)(struct simulation *simulation, char *words);
} simulation_rows[] = {
	{ "Inst ", take_new },
	{ "Remv ", take_gone },
	{ "Have ", take_former },
	{ "Beside ", take_former },
	{ "Lacks ", take_lacked },
	{ "Named ", take_named },
};

/* Whether what would go is the package of one daemon, which can be had again: then it may. */
static void
judge_gone(const struct simulation *simulation)
{
	struct install *install = simulation->install;
	struct arena *arena = simulation->arena;
	const char *gone = shown_words(arena, simulation->gone, strlen(simulation->gone));
	bool one = simulation->gone_count == 1 && rival(install->driver, simulation->gone);

	if (install->refused || simulation->gone_count == 0) {
		return;
	}
	if (one && simulation->lacked) {
		install->refused = arena_printf(arena,
		    "it would remove %s, which apt-get cannot bring again: `apt-get update && "
		    "apt-get install --only-upgrade %s` there first",
		    simulation->lacked, gone);
	} else if (!one || simulation->named || !install->former) {
		install->refused = arena_printf(arena,
		    "it would remove %s, and no way back could bring that again; %s", gone,
		    by_hand(arena, install->driver));
	}
}

void
install_judge(const char *said, struct arena *arena, struct install *install)
{
	struct simulation simulation = { .install = install, .arena = arena, .gone = "" };
	char *rest = arena_strdup(arena, said), *line;

	install->version = install->refused = install->former_version = NULL;
	install->former = NULL;
	install->others = "";
	while ((line = strsep(&rest, "\n"))) {
		for (size_t i = 0; i < COUNT(simulation_rows); i++) {
			size_t len = strlen(simulation_rows[i].verb);

			if (strncmp(line, simulation_rows[i].verb, len) == 0) {
				simulation_rows[i].take(&simulation, line + len);
			}
		}
	}
	install->others = shown_words(arena, install->others, strlen(install->others));
	judge_gone(&simulation);
	if (!install->version && !install->former && !install->refused) {
		install->refused = "apt-get does not say which version would come";
	}
}
