/* What is rendered for each platform: files that name each other where they stand there. */
#include "daemons/platforms/platform.h"
#include "orchestrator/render/render.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/diag.h"

/* The content of the file of @role in @set, or NULL. */
static const char *
content_of(
    const struct file_set *set, const struct daemon_driver *driver, enum daemon_file_role role)
{
	const struct daemon_file *file = driver->files;

	while (file->template_name && file->role != role) {
		file++;
	}
	return file->template_name ? file_set_find(set, file->path)->content : NULL;
}

/* Each file names the others where they stand on the platform, and no unit of systemd is without
 * it. */
static void
check_place(const struct daemon_driver *driver, const struct file_set *set)
{
	const char *config = content_of(set, driver, DAEMON_FILE_CONFIG);
	const char *options = content_of(set, driver, DAEMON_FILE_OPTIONS);
	const char *dropin = content_of(set, driver, DAEMON_FILE_DROPIN);
	char line[160];

	assert_non_null(strstr(config, driver->keys_path));
	assert_non_null(strstr(config, driver->drift_path));
	if (content_of(set, driver, DAEMON_FILE_SOURCES)) {
		assert_non_null(strstr(config, "\nsourcedir /"));
	}
	snprintf(line, sizeof(line), "\n%s=\"", driver->options_variable);
	assert_true(!options || strstr(options, line));
	snprintf(line, sizeof(line), "EnvironmentFile=-%s\n", driver->options_path);
	assert_true(!dropin || !strstr(dropin, "ExecStart=\n") || strstr(dropin, line));
	assert_true(daemon_has_unit(driver) == (dropin != NULL));
	if (!driver->leap_path) {
		assert_non_null(strstr(config, "\nleapsectz right/UTC\n"));
	} else {
		snprintf(line, sizeof(line), "\n%s %s\n",
		    driver->includes == DAEMON_INCLUDES_CHRONY ? "leapseclist" : "leapfile",
		    driver->leap_path);
		assert_non_null(strstr(config, line));
	}
	for (size_t i = 0; i < set->count; i++) {
		if (!daemon_has_unit(driver) && strstr(set->list[i].path, "/systemd/")) {
			fail_msg(
			    "%s of %s has %s", driver->name, driver->family, set->list[i].path);
		}
	}
}

static void
check_platform(struct render *render, const struct host *host, const struct platform *platform)
{
	const struct daemon_driver *const *driver = platform_drivers(platform);

	for (; *driver; driver++) {
		struct arena arena = { .blocks = NULL };
		struct error err = { "" };
		struct file_set set;

		if (!((*driver)->features & DAEMON_SERVES)) {
			continue; /* one for clients alone is no server's, and has no keys */
		}
		if (render_host(render, host, *driver, &arena, &set, &err)) {
			fail_msg("%s: %s", platform->id, err.text);
		}
		check_place(*driver, &set);
		arena_free(&arena);
	}
}

static void
files_name_each_other_where_they_stand_on_each_platform(void **state UNUSED)
{
	struct topology topology;
	struct diags diags = { 0 };
	struct error err = { "" };
	struct render *render;

	assert_int_equal(
	    topology_load(&topology, "tests/golden/chrony/guarded/site.yaml", &diags), 0);
	render = render_new(&topology, NULL, &err);
	assert_non_null(render);
	for (const struct platform *platform = platforms; platform->id; platform++) {
		check_platform(render, &topology.hosts[0], platform);
	}
	render_free(render);
	topology_free(&topology);
	diags_free(&diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_name_each_other_where_they_stand_on_each_platform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
