#include "common/file.h"
#include "daemons/other_status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef int (*parser)(
    const char *text, size_t len, struct daemon_status *status, struct error *err);

static struct daemon_status status;

static void
parse(parser parse_status, const char *text)
{
	struct error err = { "" };

	if (parse_status(text, strlen(text), &status, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

static void
parse_wire(parser parse_status, const char *before, const char *path)
{
	struct buf text = { .limit_bytes = 65536 };
	struct error err = { "" };

	buf_text(&text, before);
	if (file_read(path, &text, &err) < 0) {
		fail_msg("%s", err.text);
	}
	parse(parse_status, buf_str(&text));
	buf_free(&text);
}

static void
timesyncd_is_read_as_it_stands_on_the_bus(void **state UNUSED)
{
	/* its answer came at 1795340726.448098 */
	parse_wire(
	    timesyncd_parse_status, "now,1795340730.448098\n", "tests/wire/timesyncd-252.json");
	assert_int_equal(status.stratum, 3);
	assert_int_equal(status.leap, LEAP_NONE);
	/* the host's clock is 0.1 s fast */
	assert_int_equal(status.offset_ns, -99994 * NS_PER_US);
	assert_string_equal(status.selected, "192.0.2.201");
	assert_int_equal(status.source_count, 1);
	assert_int_equal(status.sources[0].state, SOURCE_SELECTED);
	assert_int_equal(status.sources[0].delay_ns, 116 * NS_PER_US);
	assert_int_equal(status.sources[0].poll_log2, 5);
	assert_int_equal(status.update_interval_ns, 32 * NS_PER_S);
	assert_int_equal(status.update_age_ns / NS_PER_MS, 4000);
}

static void
timesyncd_without_an_answer_is_not_synchronised(void **state UNUSED)
{
	parse(timesyncd_parse_status,
	    "{\"type\":\"a{sv}\",\"data\":[{\"ServerName\":{\"type\":\"s\",\"data\":\"ntp."
	    "example\"},"
	    "\"ServerAddress\":{\"type\":\"(iay)\",\"data\":[0,[]]},"
	    "\"PollIntervalUSec\":{\"type\":\"t\",\"data\":0},"
	    "\"NTPMessage\":{\"type\":\"(uuuuittayttttbtt)\",\"data\":[0,0,0,0,0,0,0,[0,0,0,0],0,"
	    "18444535084909551616,18444535084909551616,0,false,0,0]}}]}\n");
	assert_int_equal(status.stratum, 16);
	assert_int_equal(status.leap, LEAP_UNSYNC);
	assert_int_equal(status.update_age_ns, -1);
	assert_int_equal(status.sources[0].state, SOURCE_SILENT);
	assert_string_equal(status.sources[0].address, "ntp.example");
	assert_int_equal(
	    timesyncd_parse_status("System has not been booted", 26, &status, NULL), -1);
}

static void
openntpd_is_read_as_ntpctl_prints_it(void **state UNUSED)
{
	parse_wire(openntpd_parse_status, "now,1\n", "tests/wire/openntpd-6.2p3.txt");
	assert_int_equal(status.stratum, 16);
	assert_int_equal(status.leap, LEAP_UNSYNC);
	assert_int_equal(status.source_count, 12);
	assert_string_equal(status.sources[0].address, "192.0.2.203");
	assert_int_equal(status.sources[0].state, SOURCE_COMBINED);
	assert_int_equal(status.sources[0].stratum, 2);
	/* the host's clock is fast */
	assert_true(status.sources[0].offset_ns < -99 * NS_PER_MS);
	parse(openntpd_parse_status,
	    "now,1\n2/3 peers valid, constraint offset 1s, clock offset is -12.500ms, "
	    "clock synced, stratum 3\n\npeer\n   wt tl st  next  poll          offset\n"
	    "192.0.2.1 a.example\n *  1 10  2   12s   32s        -1.500ms     0.034ms     0.027ms\n"
	    "192.0.2.2\n    1  5  -   16s   32s             ---- peer not valid ----\n"
	    "2001:db8::3 b.example\n    1  5  2    1s    5s             ---- peer not valid ----\n"
	    "\nsensor\nnmea0\n    1  1  0\n");
	assert_int_equal(status.stratum, 3);
	assert_int_equal(status.offset_ns, -12500 * NS_PER_US);
	assert_string_equal(status.selected, "192.0.2.1");
	assert_int_equal(status.source_count, 2);
	assert_int_equal(status.sources[0].state, SOURCE_SELECTED);
	assert_int_equal(status.sources[1].state, SOURCE_REJECTED);
	assert_string_equal(status.sources[1].address, "2001:db8::3");
	assert_int_equal(openntpd_parse_status("now,1\n", 6, &status, NULL), -1);
}

static void
ntpd_rs_is_read_as_its_metrics_say(void **state UNUSED)
{
	parse_wire(ntpd_rs_parse_status, "now,1\n", "tests/wire/ntpd-rs-1.4.0.txt");
	assert_string_equal(status.version, "1.4.0");
	assert_int_equal(status.stratum, 3);
	assert_int_equal(status.leap, LEAP_NONE);
	assert_int_equal(status.source_count, 3);
	assert_true(status.selected[0]);
	assert_int_equal(status.sources[0].poll_log2, 4);
	assert_int_equal(status.sources[0].reach, 255);
	parse(ntpd_rs_parse_status,
	    "ntp_system_stratum 16\n"
	    "ntp_source_offset_seconds{name=\"a\",address=\"[2001:db8::1]:123\",id=\"1\"} -0.1\n"
	    "ntp_source_unanswered_polls{name=\"a\",address=\"[2001:db8::1]:123\",id=\"1\"} 8\n");
	assert_string_equal(status.sources[0].address, "2001:db8::1");
	assert_int_equal(status.sources[0].offset_ns, -100 * NS_PER_MS);
	assert_int_equal(status.sources[0].state, SOURCE_SILENT);
	assert_string_equal(status.selected, "");
	assert_int_equal(ntpd_rs_parse_status("# x\n", 4, &status, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timesyncd_is_read_as_it_stands_on_the_bus),
		cmocka_unit_test(timesyncd_without_an_answer_is_not_synchronised),
		cmocka_unit_test(openntpd_is_read_as_ntpctl_prints_it),
		cmocka_unit_test(ntpd_rs_is_read_as_its_metrics_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
