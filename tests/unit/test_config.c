/* Which configuration the next start reads, where its options say so. */
#include "agent/start/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_root.h"

#include <cmocka.h>

static struct arena arena;

static const char *
config(const char *daemon, const char *options)
{
	struct unit unit = { .name = "x.service" };
	struct config_hints hints = { options, NULL, &unit };
	const char *unsure = NULL, *path;

	path = config_find(fake_root, daemon_find(daemon), &hints, &arena, &unsure);
	return unsure ? unsure : path;
}

static void
ntpd_rs_reads_the_file_that_its_options_name(void **state UNUSED)
{
	static const char *const options[] = { "-c /etc/own.toml", "-l warn -c/etc/own.toml",
		"--log-level=warn --config=/etc/own.toml", "--config /etc/own.toml" };

	for (size_t i = 0; i < COUNT(options); i++) {
		assert_string_equal(config("ntpd-rs", options[i]), "/etc/own.toml");
	}
	assert_string_equal(config("ntpd-rs", ""), "/etc/ntpd-rs/ntp.toml");
	assert_string_equal(config("ntpd-rs", "-l /etc/own.toml"), "/etc/ntpd-rs/ntp.toml");
	assert_string_equal(
	    config("systemd-timesyncd", "-c /etc/own.toml"), "/etc/systemd/timesyncd.conf");
}

static int
clean(void **state)
{
	arena_free(&arena);
	return fake_root_remove(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    ntpd_rs_reads_the_file_that_its_options_name, fake_root_make, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
