/* timetier platforms: the systems that hosts may run, and how far timetier supports each. */
#include "daemons/platforms/platform.h"
#include "orchestrator/cli/command.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define NAMES_BYTES 128 /* of the daemons of a platform */

struct options {
	struct common_options common;
};

/* What a level means, for `platforms ID`. */
static const char *const level_words[] = {
	[PLATFORM_ROLLED_OUT] =
	    "plan and apply; a guard on the host puts back what is not confirmed",
	[PLATFORM_RENDERED] = "`timetier render --platform` writes the files, a hand copies them",
	[PLATFORM_WATCHED] = "the agent reports, and judges restarts; nothing is configured",
};

/* The files of a daemon, as `--json` and people name them. */
static const struct {
	const char *name;
	size_t offset; /* of the path in struct daemon_driver */
} file_rows[] = {
	{ "configuration", offsetof(struct daemon_driver, config_path) },
	{ "keys", offsetof(struct daemon_driver, keys_path) },
	{ "options", offsetof(struct daemon_driver, options_path) },
	{ "drift", offsetof(struct daemon_driver, drift_path) },
};

static const char *
path_of(const struct daemon_driver *driver, size_t row)
{
	const char *at = (const char *)driver + file_rows[row].offset;

	return *(const char *const *)(const void *)at;
}

static json_t *
driver_json(const struct platform *platform, const struct daemon_driver *driver)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:b}", "daemon", driver->name, "package",
	    driver->package, "unit", driver->unit, "program", driver->binary, "configured",
	    platform_driver(platform, driver->name) != NULL);

	for (size_t i = 0; i < COUNT(file_rows); i++) {
		if (path_of(driver, i)) {
			json_object_set_new(
			    object, file_rows[i].name, json_string(path_of(driver, i)));
		}
	}
	return object;
}

static json_t *
platform_json(const struct platform *platform)
{
	const struct daemon_driver *const *driver = platform_known(platform);
	json_t *daemons = json_array();

	for (; *driver; driver++) {
		if (platform_has(platform, *driver)) {
			json_array_append_new(daemons, driver_json(platform, *driver));
		}
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "platform", platform->id,
	    "system", platform->title, "init", platform_init_name(platform->init), "support",
	    platform_level_name(platform->level), "confined",
	    platform_confinement_name(platform->confinement), "tested", platform->tested, "install",
	    platform->install, "daemons", daemons);
}

/* Names of the daemons that timetier configures there, or else of those that it watches. */
static void
print_names(const struct platform *platform, char *out, size_t size)
{
	const struct daemon_driver *const *driver = platform_drivers(platform);
	size_t len = 0;

	out[0] = '\0';
	for (; *driver && len < size; driver++) {
		len += (size_t)snprintf(
		    out + len, size - len, "%s%s", len > 0 ? ", " : "", (*driver)->name);
	}
}

static void
print_table(void)
{
	static const char *const heads[] = { "PLATFORM", "INIT", "SUPPORT", "DAEMONS", "TESTED" };

	char names[NAMES_BYTES];
	size_t width = strlen(heads[3]);

	for (const struct platform *platform = platforms; platform->id; platform++) {
		print_names(platform, names, sizeof(names));
		width = strlen(names) > width ? strlen(names) : width;
	}
	printf("%-20s %-8s %-13s %-*s %s\n", heads[0], heads[1], heads[2], (int)width, heads[3],
	    heads[4]);
	for (const struct platform *platform = platforms; platform->id; platform++) {
		print_names(platform, names, sizeof(names));
		printf("%-20s %-8s %-13s %-*s %s\n", platform->id,
		    platform_init_name(platform->init), platform_level_name(platform->level),
		    (int)width, names[0] ? names : "-", platform->tested);
	}
}

static void
print_driver(const struct platform *platform, const struct daemon_driver *driver)
{
	printf("\n%s: package %s, %s%s\n", driver->title, driver->package, driver->unit,
	    platform_driver(platform, driver->name) ? "" : ", watched only");
	for (size_t i = 0; i < COUNT(file_rows); i++) {
		if (path_of(driver, i)) {
			printf("  %-14s %s\n", file_rows[i].name, path_of(driver, i));
		}
	}
}

static void
print_one(const struct platform *platform)
{
	const struct daemon_driver *const *driver = platform_known(platform);

	printf("%s: %s, %s\n", platform->id, platform->title, platform_init_name(platform->init));
	printf("  %-14s %s: %s\n", "support", platform_level_name(platform->level),
	    level_words[platform->level]);
	printf("  %-14s %s\n", "tested", platform->tested);
	printf("  %-14s %s\n", "confined", platform_confinement_name(platform->confinement));
	printf("  %-14s %s PACKAGE\n", "packages", platform->install);
	for (; *driver; driver++) {
		if (platform_has(platform, *driver)) {
			print_driver(platform, *driver);
		}
	}
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct options *options = argument;
	const struct platform *one = argc > 0 ? platform_find(argv[0]) : NULL;
	json_t *list;

	if (argc > 0 && !one) {
		fprintf(stderr,
		    "timetier platforms: no platform is called \"%.60s\"; `timetier platforms` "
		    "lists them\n",
		    argv[0]);
		return EXIT_USAGE;
	}
	if (options->common.json && one) {
		command_print_json(platform_json(one));
	} else if (options->common.json) {
		list = json_array();
		for (const struct platform *platform = platforms; platform->id; platform++) {
			json_array_append_new(list, platform_json(platform));
		}
		command_print_json(list);
	} else if (one) {
		print_one(one);
	} else {
		print_table();
	}
	return EXIT_OK;
}

static const struct option_row rows[] = {
	JSON_ROW(struct options),
	{ .name = NULL },
};

const struct command command_platforms = {
	.name = "platforms",
	.args = "[PLATFORM]",
	.summary = "the systems that hosts may run, and how far each is supported",
	.help =
	    "With a PLATFORM, where its packages have each daemon. A host's platform is told by "
	    "its os-release and by what starts its services.\n\n"
	    "exit status: 0 done, 2 there is no such platform",
	.options = rows,
	.options_size = sizeof(struct options),
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
