/* The table of platforms: each row whole, told by its os-release, and each daemon at its place. */
#include "daemons/platforms/platform.h"

#include "common/buf.h"
#include "common/file.h"
#include "daemons/policy.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *
told(const char *os_release, enum platform_init init)
{
	struct platform_words words;
	const struct platform *platform;

	platform_words_read(os_release, &words);
	platform = platform_of(&words, init);
	return platform ? platform->id : "none";
}

static void
a_platform_is_told_by_its_os_release_and_by_what_starts_its_services(void **state UNUSED)
{
	static const struct {
		const char *os_release;
		enum platform_init init;
		const char *id;
	} rows[] = {
		{ "ID=debian\nVERSION_ID=\"12\"\n", INIT_SYSTEMD, "debian-12" },
		{ "NAME=x\nVERSION_ID='11'\nID=\"debian\"\n", INIT_SYSTEMD, "debian-11" },
		{ "ID=debian\n", INIT_SYSTEMD, "debian-13" }, /* sid names no release */
		{ "ID=debian\nVERSION_ID=14\n", INIT_SYSTEMD, "debian-13" },
		{ "ID=debian\nVERSION_ID=10\n", INIT_SYSTEMD, "none" },
		{ "ID=debian\nVERSION_ID=12\n", INIT_RC_D, "none" },
		{ "ID=debian\nVERSION_ID=12\n", INIT_UNKNOWN, "debian-12" },
		{ "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n", INIT_SYSTEMD,
		    "ubuntu-24.04" },
		{ "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"23.10\"\n", INIT_SYSTEMD,
		    "ubuntu-22.04" },
		{ "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"20.04\"\n", INIT_SYSTEMD, "none" },
		{ "ID=raspbian\nID_LIKE=debian\nVERSION_ID=\"11\"\nVERSION_CODENAME=bullseye\n",
		    INIT_SYSTEMD, "debian-11" },
		{ "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_ID=\"21.3\"\n"
		  "VERSION_CODENAME=virginia\nUBUNTU_CODENAME=jammy\n",
		    INIT_SYSTEMD, "ubuntu-22.04" },
		{ "ID=rocky\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.3\"\n", INIT_SYSTEMD,
		    "rhel-9" },
		{ "ID=\"ol\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"8.10\"\n", INIT_SYSTEMD, "rhel-8" },
		{ "ID=almalinux\nVERSION_ID=\"10.0\"\n", INIT_SYSTEMD, "rhel-10" },
		{ "ID=\"centos\"\nVERSION_ID=\"6.10\"\nID_LIKE=\"rhel fedora\"\n", INIT_SYSTEMD,
		    "none" },
		{ "ID=fedora\nVERSION_ID=41\n", INIT_SYSTEMD, "fedora" },
		{ "ID=\"sles\"\nVERSION_ID=\"15.6\"\nID_LIKE=\"suse\"\n", INIT_SYSTEMD, "sles-15" },
		{ "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\nVERSION_ID=20250101\n",
		    INIT_SYSTEMD, "opensuse-tumbleweed" },
		{ "ID=manjaro\nID_LIKE=arch\n", INIT_SYSTEMD, "arch" },
		{ "ID=alpine\nVERSION_ID=3.20.1\n", INIT_OPENRC, "alpine" },
		{ "ID=freebsd\nVERSION_ID=14.1\n", INIT_RC_D, "freebsd" },
		{ "ID=slackware\n", INIT_SYSTEMD, "none" },
		{ "", INIT_SYSTEMD, "none" },
		{ "ID=", INIT_SYSTEMD, "none" },
		{ "ID=\"debian\nVERSION_ID=12", INIT_SYSTEMD, "debian-12" },
		{ "ID=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nID=x\n",
		    INIT_SYSTEMD, "none" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *id = told(rows[i].os_release, rows[i].init);

		if (strcmp(id, rows[i].id) != 0) {
			fail_msg("%s: %s, not %s", rows[i].os_release, id, rows[i].id);
		}
	}
}

static void
every_row_is_told_by_the_os_release_of_such_a_system(void **state UNUSED)
{
	for (const struct platform *row = platforms; row->id; row++) {
		struct buf text = { .limit_bytes = 4096 };
		char path[128];

		snprintf(path, sizeof(path), "tests/data/platforms/%s/os-release", row->id);
		if (file_read(path, &text, NULL) != 0) {
			fail_msg("%s is not there", path);
		}
		assert_string_equal(told(buf_str(&text), row->init), row->id);
		assert_string_equal(told(buf_str(&text), INIT_UNKNOWN), row->id);
		buf_free(&text);
	}
}

/* Read tests/data/platforms/stock/FAMILY.DAEMON.KIND; returns whether it is there. */
static bool
read_stock(const struct daemon_driver *driver, const char *kind, struct buf *text)
{
	char path[128];

	snprintf(path, sizeof(path), "tests/data/platforms/stock/%s.%s.%s", driver->family,
	    driver->name, kind);
	return file_read(path, text, NULL) == 0;
}

static void
check_stock(const struct daemon_driver *driver, bool rolled_out)
{
	struct buf config = { .limit_bytes = 8192 }, options = { .limit_bytes = 8192 };
	struct restart_policy policy = { .known = false };
	char line[64];

	if (!read_stock(driver, "conf", &config)) {
		fail_msg("%s of %s has no stock configuration", driver->name, driver->family);
	}
	if (!read_stock(driver, "options", &options)) {
		assert_false((rolled_out && driver->options_path) || driver->stock_options);
	} else {
		snprintf(line, sizeof(line), "\n%s=", driver->options_variable);
		assert_true(strstr(buf_str(&options), line) ||
		    strncmp(buf_str(&options), line + 1, strlen(line + 1)) == 0);
		assert_true(
		    !driver->stock_options || strstr(buf_str(&options), driver->stock_options));
		assert_true(
		    !driver->options_besides || strstr(buf_str(&options), driver->options_besides));
	}
	driver->read_policy(buf_str(&config), "", &policy);
	if (!policy.known) {
		fail_msg("%s of %s: %s: %s", driver->name, driver->family,
		    policy.blames[BLAME_UNKNOWN].place, policy.blames[BLAME_UNKNOWN].text);
	}
	if (policy.drift_path[0]) {
		assert_string_equal(policy.drift_path, driver->drift_path);
	}
	if (strstr(buf_str(&config), "\nkeyfile ") || strstr(buf_str(&config), "\nkeys ")) {
		assert_non_null(strstr(buf_str(&config), driver->keys_path));
	}
	buf_free(&config);
	buf_free(&options);
}

static void
what_a_package_brings_is_understood_and_stands_where_its_place_says(void **state UNUSED)
{
	for (const struct platform *row = platforms; row->id; row++) {
		const struct daemon_driver *const *driver = platform_drivers(row);

		for (; *driver; driver++) {
			check_stock(*driver, row->level == PLATFORM_ROLLED_OUT);
		}
	}
}

static void
every_row_has_its_data_and_a_name_of_its_own(void **state UNUSED)
{
	for (const struct platform *row = platforms; row->id; row++) {
		assert_ptr_equal(platform_find(row->id), row);
		assert_non_null(row->title);
		assert_non_null(row->ids[0]);
		assert_non_null(row->install);
		assert_non_null(platform_known(row)[0]);
	}
	assert_null(platform_find("debian"));
	assert_null(platform_find(""));
}

/* Every file of a driver has a path, below one of the folders that a rollout may write to. */
static void
check_files(const struct daemon_driver *driver)
{
	for (const struct daemon_file *file = driver->files; file->template_name; file++) {
		assert_true(strncmp(file->path, "/etc/", 5) == 0);
		assert_string_equal(file->owner, "root");
		assert_non_null(file->group);
	}
}

static void
every_daemon_that_is_configured_somewhere_has_its_data_there(void **state UNUSED)
{
	for (const struct platform *row = platforms; row->id; row++) {
		const struct daemon_driver *const *driver = platform_drivers(row);

		for (; *driver; driver++) {
			assert_non_null((*driver)->title);
			assert_non_null((*driver)->kind);
			assert_non_null((*driver)->package);
			assert_non_null((*driver)->config_path);
			assert_int_equal(
			    strchr((*driver)->unit, '.') != NULL, row->init == INIT_SYSTEMD);
			assert_int_equal((*driver)->binary[0], '/');
			assert_ptr_equal(platform_driver(row, (*driver)->name), *driver);
			assert_true(platform_has(row, *driver));
			if (row->level == PLATFORM_ROLLED_OUT) {
				assert_non_null((*driver)->first_start);
				assert_string_not_equal((*driver)->group, "root");
			}
			if (row->level == PLATFORM_ROLLED_OUT &&
			    (*driver)->features & DAEMON_SERVES) {
				assert_non_null((*driver)->drift_path);
				assert_non_null((*driver)->keys_path);
				assert_non_null((*driver)->options_variable);
			}
			check_files(*driver);
		}
	}
}

static void
without_a_host_a_daemon_stands_as_on_debian_12(void **state UNUSED)
{
	const struct platform *debian = platform_find("debian-12");

	for (size_t i = 0; daemon_drivers[i]; i++) {
		assert_ptr_equal(platform_drivers(debian)[i], daemon_drivers[i]);
		assert_ptr_equal(platform_known(debian)[i], daemon_drivers[i]);
		assert_ptr_equal(platform_known(NULL)[i], daemon_drivers[i]);
	}
}

/* Its tzdata has no right/UTC, and chronyd 4.6 reads the list. */
static void
chronyd_of_debian_13_has_a_list_of_leap_seconds(void **state UNUSED)
{
	assert_null(platform_driver(platform_find("debian-12"), "chrony")->leap_path);
	assert_string_equal(platform_driver(platform_find("debian-13"), "chrony")->leap_path,
	    "/usr/share/zoneinfo/leap-seconds.list");
	assert_string_equal(
	    platform_driver(platform_find("debian-13"), "chrony")->family, "debian");
}

static void
a_daemon_is_the_same_wherever_it_stands(void **state UNUSED)
{
	const struct daemon_driver *chrony = daemon_find("chrony"), *place;
	size_t count = 0;

	for (; (place = platform_place(chrony->kind, count)); count++) {
		assert_ptr_equal(place->kind, chrony->kind);
		assert_string_equal(place->name, "chrony");
		assert_string_equal(place->check_argv[0], place->binary);
		assert_string_equal(place->check_argv[3], "{file}");
	}
	assert_true(count > 4);
	assert_null(platform_place(chrony, 0)); /* it is no kind, it stands somewhere */
}

/* Whether a line of @rules lets @daemon reach @path in @mode, one letter. */
static bool
is_allowed(const char *rules, const char *daemon, char mode, const char *path)
{
	for (const char *line = rules; line; line = strchr(line, '\n')) {
		char of[32], modes[4], glob[64];

		line += *line == '\n';
		if (sscanf(line, "%31s %3s %63s", of, modes, glob) == 3 &&
		    strcmp(of, daemon) == 0 && strchr(modes, mode) &&
		    fnmatch(glob, path, strstr(glob, "**") ? 0 : FNM_PATHNAME) == 0) {
			return true;
		}
	}
	return false;
}

static void
must_be_allowed(const char *rules, const char *daemon, char mode, const char *path)
{
	if (path && !is_allowed(rules, daemon, mode, path)) {
		fail_msg("%s may not reach %s (%c)", daemon, path, mode);
	}
}

static void
what_is_rendered_for_debian_is_what_apparmor_lets_the_daemons_reach(void **state UNUSED)
{
	struct buf rules = { .limit_bytes = 1 << 16 };

	assert_int_equal(file_read("tests/data/platforms/apparmor.txt", &rules, NULL), 0);
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *driver = daemon_drivers[i];
		const struct daemon_file *file = driver->files;

		/* systemd reads the options and the drop-in */
		for (; file->template_name; file++) {
			if (file->role == DAEMON_FILE_CONFIG || file->role == DAEMON_FILE_SOURCES ||
			    file->role == DAEMON_FILE_KEYS) {
				must_be_allowed(buf_str(&rules), driver->name, 'r', file->path);
			}
		}
		must_be_allowed(buf_str(&rules), driver->name, 'r', driver->leap_path);
		must_be_allowed(buf_str(&rules), driver->name, 'w', driver->drift_path);
		must_be_allowed(buf_str(&rules), driver->name, 'w', driver->pid_path);
	}
	assert_false(is_allowed(buf_str(&rules), "ntp", 'r', "/etc/ntpsec/ntp.conf"));
	assert_false(is_allowed(buf_str(&rules), "chrony", 'w', "/etc/chrony/chrony.conf"));
	buf_free(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_platform_is_told_by_its_os_release_and_by_what_starts_its_services),
		cmocka_unit_test(every_row_is_told_by_the_os_release_of_such_a_system),
		cmocka_unit_test(
		    what_a_package_brings_is_understood_and_stands_where_its_place_says),
		cmocka_unit_test(every_row_has_its_data_and_a_name_of_its_own),
		cmocka_unit_test(every_daemon_that_is_configured_somewhere_has_its_data_there),
		cmocka_unit_test(without_a_host_a_daemon_stands_as_on_debian_12),
		cmocka_unit_test(chronyd_of_debian_13_has_a_list_of_leap_seconds),
		cmocka_unit_test(a_daemon_is_the_same_wherever_it_stands),
		cmocka_unit_test(
		    what_is_rendered_for_debian_is_what_apparmor_lets_the_daemons_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
