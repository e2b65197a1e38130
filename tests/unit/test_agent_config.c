#include "agent/uplink/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PIN "sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define TOKEN "00112233445566778899aabbccddeeff"
#define GOOD                                                                                       \
	"# made by timetier\n"                                                                     \
	"host time1.example.net\n"                                                                 \
	"collector https://192.0.2.254:8123\n"                                                     \
	"collector  https://[2001:db8::fe]:8123 \r\n"                                              \
	"collector https://collector.example:443\n"                                                \
	"\n"                                                                                       \
	"pin " PIN "\n"                                                                            \
	"token " TOKEN "\n"                                                                        \
	"interval 16s\n"                                                                           \
	"proof_window 60s\n"                                                                       \
	"daemon ntpsec"

static void
a_file_as_it_is_rendered_is_read(void **state UNUSED)
{
	struct agent_config config;
	struct error err = { "" };

	if (agent_config_parse("agent.conf", GOOD, strlen(GOOD), &config, &err) < 0) {
		fail_msg("%s", err.text);
	}
	assert_string_equal(config.host, "time1.example.net");
	assert_int_equal(config.collector_count, 3);
	assert_string_equal(config.collectors[0].host, "192.0.2.254");
	assert_string_equal(config.collectors[0].port, "8123");
	assert_string_equal(config.collectors[1].host, "2001:db8::fe");
	assert_string_equal(config.collectors[2].host, "collector.example");
	for (size_t i = 0; i < AGENT_PIN_BYTES; i++) {
		assert_int_equal(config.pin[i], i);
	}
	assert_string_equal(config.token, TOKEN);
	assert_true(config.interval_ns == 16 * NS_PER_S);
	assert_string_equal(config.daemon, "ntpsec");
	assert_true(config.proof_window_ns == 60 * NS_PER_S);
}

static void
interval_and_daemon_may_be_left_out(void **state UNUSED)
{
	const char *text = "host a\ncollector https://192.0.2.1:1\npin " PIN "\ntoken " TOKEN "\n";
	struct agent_config config;

	assert_int_equal(agent_config_parse("f", text, strlen(text), &config, NULL), 0);
	assert_true(config.interval_ns == 64 * NS_PER_S);
	assert_string_equal(config.daemon, "auto");
	assert_int_equal(config.measure_count, 0);
}

static void
the_servers_that_may_be_asked_are_as_many_as_there_is_room(void **state UNUSED)
{
	static const char good[] =
	    "host a\ncollector https://192.0.2.1:1\npin " PIN "\ntoken " TOKEN "\n";
	struct agent_config config;
	struct error err = { "" };
	char text[2048];
	size_t len = 0;

	for (int i = 1; i <= AGENT_MEASURES_MAX + 1; i++) {
		len = len > 0 ? len : (size_t)snprintf(text, sizeof(text), "%s", good);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "measure 192.0.2.%d\n", i);
		if (i == AGENT_MEASURES_MAX) {
			assert_int_equal(agent_config_parse("f", text, len, &config, NULL), 0);
			assert_int_equal(config.measure_count, AGENT_MEASURES_MAX);
			assert_string_equal(config.measures[1], "192.0.2.2");
		}
	}
	assert_int_equal(agent_config_parse("f", text, len, &config, &err), -1);
	assert_non_null(strstr(err.text, "f:21: more than 16 servers to measure"));
}

static void
each_wrong_line_is_named_and_nothing_is_written(void **state UNUSED)
{
	static const char *const rows[][2] = {
		{ "hots a\n", "f:1: no key \"hots\" is known; did you mean \"host\"?" },
		{ "\nhost a\nhost b\n", "f:3: \"host\" stands here twice" },
		{ "host\n", "f:1: \"host\" has no value" },
		{ "collector http://192.0.2.1:1\n", "does not begin with https://" },
		{ "collector https://192.0.2.1\n", "is not https://ADDRESS:PORT" },
		{ "collector https://192.0.2.1:0\n", "is not https://ADDRESS:PORT" },
		{ "collector https://192.0.2.1:65536\n", "is not https://ADDRESS:PORT" },
		{ "collector https://:1\n", "is not https://ADDRESS:PORT" },
		{ "collector https://[::1:1\n", "is not https://ADDRESS:PORT" },
		{ "collector https://192.0.2.1:1/x\n", "is not https://ADDRESS:PORT" },
		{ "pin sha256//AAEC\n", "the pin is not sha256// and 44 base64 characters" },
		{ "pin sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka*xwdHh8=\n", "not base64" },
		{ "token 123\n", "the token is not 32 to 256 hex digits" },
		{ "token 00112233445566778899aabbccddeefg\n", "the token is not" },
		{ "measure\n", "\"measure\" has no value" },
		{ "interval 16\n", "\"16\" is not an interval" },
		{ "interval 0s\n", "is not an interval" },
		{ "interval 99999999999999999999s\n", "is not an interval" },
		{ "daemon windows\n", "no daemon \"windows\" is known" },
		{ "host a\n", "f: \"collector\" is missing" },
		{ "", "f: \"host\" is missing" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct agent_config config = { .collector_count = 77 };
		struct error err = { "" };

		assert_int_equal(
		    agent_config_parse("f", rows[i][0], strlen(rows[i][0]), &config, &err), -1);
		if (!strstr(err.text, rows[i][1])) {
			fail_msg("\"%s\" does not say \"%s\"", err.text, rows[i][1]);
		}
		assert_int_equal(config.collector_count, 77);
	}
}

static void
a_line_that_is_too_long_or_no_text_is_refused(void **state UNUSED)
{
	struct agent_config config;
	char text[2000];

	memset(text, 'a', sizeof(text));
	assert_int_equal(agent_config_parse("f", text, sizeof(text), &config, NULL), -1);
	assert_int_equal(agent_config_parse("f", "host \0b\n", 8, &config, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_as_it_is_rendered_is_read),
		cmocka_unit_test(interval_and_daemon_may_be_left_out),
		cmocka_unit_test(the_servers_that_may_be_asked_are_as_many_as_there_is_room),
		cmocka_unit_test(each_wrong_line_is_named_and_nothing_is_written),
		cmocka_unit_test(a_line_that_is_too_long_or_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
