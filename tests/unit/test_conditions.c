/* Whether systemd begins a start, as systemd 252 itself answers. */
#include "agent/start/conditions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_root.h"

#include <cmocka.h>

static struct arena arena;
static struct conditions conditions;

static void
judge(const char *settings, bool active)
{
	struct unit unit;

	fake_root_put("/etc/systemd/system/a.service",
	    arena_printf(&arena, "[Unit]\n%s\n[Service]\nExecStart=/bin/a\n", settings));
	unit_read(fake_root, "a.service", &arena, &unit);
	conditions_judge(fake_root, &unit, active, &arena, &conditions);
}

static int
make(void **state)
{
	int status = fake_root_make(state);

	fake_root_put("/etc/full", "x");
	fake_root_put("/etc/empty", "");
	fake_root_put("/etc/folder/x", "");
	fake_root_put("/etc/hidden/.x", "");
	fake_root_put_program("/etc/program", "#!/bin/sh\n");
	fake_root_link("full", "/etc/link");
	fake_root_link("none", "/etc/dangling");
	return status;
}

static void
a_start_whose_conditions_hold_is_begun(void **state UNUSED)
{
	static const char *const lines[] = { "", "ConditionPathExists=/etc/full",
		"ConditionPathExists=!/etc/none", "ConditionPathExists=! /etc/none",
		"ConditionPathExists=!/etc/dangling", "ConditionPathExistsGlob=/etc/fu*",
		"ConditionPathIsDirectory=/etc/folder", "ConditionPathIsSymbolicLink=/etc/link",
		"ConditionFileNotEmpty=/etc/full", "ConditionFileNotEmpty=!/etc/empty",
		"ConditionFileIsExecutable=/etc/program", "ConditionDirectoryNotEmpty=/etc/folder",
		"ConditionDirectoryNotEmpty=!/etc/none", "ConditionVirtualization=!container",
		"ConditionCapability=CAP_SYS_TIME", "AssertPathExists=/etc/full",
		"ConditionPathExists=|/etc/none\nConditionPathExists=|/etc/full",
		"ConditionPathExists=|!/etc/none",
		"ConditionPathExists=/etc/none\nConditionFileNotEmpty=",
		"ConditionPathExists=/etc/none\nAssertPathExists=\nConditionPathExists=" };

	for (size_t i = 0; i < COUNT(lines); i++) {
		judge(lines[i], false);
		if (conditions.fails || conditions.doubt) {
			fail_msg("%s: \"%s\"", lines[i],
			    conditions.fails ? conditions.fails : conditions.doubt);
		}
	}
}

static void
a_start_without_them_is_left_out(void **state UNUSED)
{
	static const struct {
		const char *lines;
		unsigned line;
	} rows[] = {
		{ "ConditionPathExists=/etc/none", 2 },
		{ "ConditionPathExists=!/etc/full", 2 },
		{ "ConditionPathExists=/etc/dangling", 2 },
		{ "ConditionPathExistsGlob=/etc/no*", 2 },
		{ "ConditionPathIsDirectory=/etc/full", 2 },
		{ "ConditionPathIsSymbolicLink=/etc/full", 2 },
		{ "ConditionFileNotEmpty=/etc/empty", 2 },
		{ "ConditionFileIsExecutable=/etc/full", 2 },
		{ "ConditionDirectoryNotEmpty=/etc/hidden", 2 },
		{ "ConditionVirtualization=container", 2 },
		{ "AssertPathExists=/etc/none", 2 },
		{ "ConditionPathExists=/etc/full\nAssertFileNotEmpty=/etc/empty", 3 },
		{ "ConditionPathExists=|/etc/none\nConditionPathExists=|!/etc/full", 3 },
		{ "ConditionPathExists=|/etc/full\nConditionPathExists=/etc/none", 3 },
		{ "ConditionPathExists=/etc/full\nConditionPathExists=/etc/none", 3 },
		{ "ConditionPathExists=\nConditionPathExists=/etc/none", 3 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char place[64];

		snprintf(place, sizeof(place), "/etc/systemd/system/a.service:%u: ", rows[i].line);
		judge(rows[i].lines, true);
		if (!conditions.fails || !strstr(conditions.fails, place)) {
			fail_msg("%s: \"%s\"", rows[i].lines,
			    conditions.fails ? conditions.fails : "begun");
		}
	}
}

static void
what_only_systemd_can_judge_did_hold_for_a_unit_that_runs(void **state UNUSED)
{
	static const char *const lines[] = { "ConditionKernelCommandLine=time",
		"ConditionVirtualization=!vm", "ConditionPathExists=/etc/%H", "ConditionHost=a*",
		"ConditionPathExists=|/etc/none\nConditionHost=|a*" };

	for (size_t i = 0; i < COUNT(lines); i++) {
		judge(lines[i], true);
		assert_null(conditions.fails);
		assert_null(conditions.doubt);
		judge(lines[i], false);
		assert_null(conditions.fails);
		assert_non_null(conditions.doubt);
	}
	judge("ConditionHost=a*\nConditionHost=", false);
	assert_null(conditions.doubt);
}

static int
clean(void **state)
{
	arena_free(&arena);
	return fake_root_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_start_whose_conditions_hold_is_begun),
		TEST(a_start_without_them_is_left_out),
		TEST(what_only_systemd_can_judge_did_hold_for_a_unit_that_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
