/* The table of daemons: each row whole, and the words that everybody uses. */
#include "daemons/daemon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
every_driver_is_found_by_its_name(void **state UNUSED)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		assert_ptr_equal(daemon_find(daemon_drivers[i]->name), daemon_drivers[i]);
	}
	assert_null(daemon_find("auto"));
	assert_null(daemon_find(""));
}

static void
every_driver_has_its_data(void **state UNUSED)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *driver = daemon_drivers[i];

		assert_non_null(driver->title);
		assert_non_null(driver->package);
		assert_non_null(strstr(driver->unit, ".service"));
		assert_int_equal(driver->binary[0], '/');
		assert_true(driver->binary_has || driver->binary_beside);
		assert_true(!driver->drift_path || driver->drift_path[0] == '/');
		assert_true(driver->drift_path || !(driver->features & DAEMON_SERVES));
		assert_non_null(driver->read_policy);
		assert_non_null(driver->bad_line);
		assert_true(driver->query == DAEMON_QUERY_MODE6 || driver->query_argv);
	}
}

static const struct daemon_file *
file_at(const struct daemon_driver *driver, const char *path)
{
	for (const struct daemon_file *file = driver->files; file->template_name; file++) {
		if (strcmp(file->path, path) == 0) {
			return file;
		}
	}
	return NULL;
}

static void
a_drivers_configuration_and_keys_are_among_its_files(void **state UNUSED)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *driver = daemon_drivers[i];
		const struct daemon_file *keys;

		assert_non_null(file_at(driver, driver->config_path));
		assert_int_equal(driver->keys_path != NULL, (driver->features & DAEMON_KEYS) != 0);
		if (!driver->keys_path) {
			continue;
		}
		keys = file_at(driver, driver->keys_path);
		assert_non_null(keys);
		assert_true(keys->secret);
		assert_int_equal(keys->mode & 037, 0); /* KEY003 */
		assert_string_not_equal(keys->group, "root");
	}
}

static void
only_a_daemon_that_can_reload_has_a_file_that_asks_for_it(void **state UNUSED)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *driver = daemon_drivers[i];

		for (const struct daemon_file *file = driver->files; file->template_name; file++) {
			assert_true(file->action != FILE_ACTION_RELOAD_SOURCES ||
			    (driver->features & DAEMON_RELOAD_SOURCES));
			assert_true(
			    file->action != FILE_ACTION_REKEY || (driver->features & DAEMON_REKEY));
		}
	}
}

static void
a_line_that_the_daemon_did_not_take_is_known_by_its_words(void **state UNUSED)
{
	/* ntpd 4.2.8p15 and NTPsec 1.2.2, chronyd 4.3 -p, as they were logged */
	static const char *const ntpd[] = {
		"syntax error in /etc/ntp.conf line 3, column 0",
		"line 7: ignoring line 7, address/host '192.0.2.0/24' unusable.",
		"CONFIG: restrict nopeer ignored",
		"CONFIG: peer deprecated, treated as server",
		"restrict: KOD does nothing without LIMITED.",
		"INIT: saw 2 parsing errors",
		"ERR: key 7 not found for server 192.0.2.1",
	};
	static const char *const good[] = {
		"ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1): Starting",
		"Listen normally on 2 lo 127.0.0.1:123",
		"kernel reports TIME_ERROR: 0x41: Clock Unsynchronized",
	};
	const struct daemon_driver *chrony = daemon_find("chrony");

	for (size_t i = 0; i < COUNT(ntpd); i++) {
		assert_true(daemon_find("ntp")->bad_line(ntpd[i]));
		assert_true(daemon_find("ntpsec")->bad_line(ntpd[i]));
	}
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_false(daemon_find("ntp")->bad_line(good[i]));
	}
	assert_true(chrony->bad_line("Fatal error : Invalid directive at line 2 in file x"));
	assert_false(chrony->bad_line("chronyd version 4.3 starting (+CMDMON +NTP)"));
}

static void
the_error_bound_is_the_sum_of_what_may_be_wrong(void **state UNUSED)
{
	struct daemon_status status = {
		.offset_ns = -3 * NS_PER_MS,
		.root_delay_ns = 4 * NS_PER_MS,
		.root_dispersion_ns = NS_PER_MS,
	};

	assert_int_equal(daemon_error_bound_ns(&status), 6 * NS_PER_MS);
	status.offset_ns = 3 * NS_PER_MS;
	assert_int_equal(daemon_error_bound_ns(&status), 6 * NS_PER_MS);
}

static void
every_state_has_a_word(void **state UNUSED)
{
	assert_string_equal(source_state_name(SOURCE_UNKNOWN), "unknown");
	assert_string_equal(source_state_name(SOURCE_FALSETICKER), "falseticker");
	assert_string_equal(source_state_name(SOURCE_SELECTED), "selected");
	assert_string_equal(source_auth_name(AUTH_BAD), "bad");
	assert_string_equal(leap_name(LEAP_NONE), "none");
	assert_string_equal(leap_name(LEAP_UNSYNC), "unsynchronised");
}

static void
the_certificate_of_a_server_with_nts_is_found(void **state UNUSED)
{
	static const struct {
		const char *daemon, *config, *path;
	} rows[] = {
		{ "chrony", "allow\n NTSServerCert  /etc/c.pem\nntsserverkey /k\n", "/etc/c.pem" },
		{ "chrony", "ntsservercert /a\nntsservercert /b", "/b" },
		{ "chrony", "# ntsservercert /a\nntsservercerts /a\nntsservercert", "" },
		{ "chrony", "ntsservercert a.pem\n", "" },
		{ "chrony", "nts cert /a\n", "" },
		{ "ntpsec", "nts enable\nnts\tcert \"/etc/c.pem\" # ours\nnts key /k\n",
		    "/etc/c.pem" },
		{ "ntpsec", "ntscert /a\n", "" },
		{ "ntp", "nts cert /a\n", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char path[32] = "?";

		if (daemon_certificate(daemon_find(rows[i].daemon), rows[i].config, path,
			sizeof(path)) != (rows[i].path[0] != '\0') ||
		    strcmp(path, rows[i].path) != 0) {
			fail_msg("%s: \"%s\"", rows[i].config, path);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_certificate_of_a_server_with_nts_is_found),
		cmocka_unit_test(every_driver_is_found_by_its_name),
		cmocka_unit_test(every_driver_has_its_data),
		cmocka_unit_test(a_drivers_configuration_and_keys_are_among_its_files),
		cmocka_unit_test(only_a_daemon_that_can_reload_has_a_file_that_asks_for_it),
		cmocka_unit_test(a_line_that_the_daemon_did_not_take_is_known_by_its_words),
		cmocka_unit_test(the_error_bound_is_the_sum_of_what_may_be_wrong),
		cmocka_unit_test(every_state_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
