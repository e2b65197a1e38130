#include "common/file.h"
#include "daemons/chrony/status.h"
#include "daemons/ntpd/status.h"
#include "tests/fake_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct source_status *
source_at(const struct daemon_status *status, const char *address)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (strcmp(status->sources[i].address, address) == 0) {
			return &status->sources[i];
		}
	}
	fail_msg("no source %s", address);
	return NULL;
}

/* What the three daemons say of the same six sources. */
static void
check_sources(const struct daemon_status *status)
{
	const struct source_status *wrong = source_at(status, "192.0.2.14");
	const struct source_status *silent = source_at(status, "192.0.2.15");

	assert_int_equal(status->source_count, 6);
	assert_int_equal(status->leap, LEAP_NONE);
	assert_int_equal(status->stratum, 2);
	assert_int_equal(source_at(status, status->selected)->state, SOURCE_SELECTED);
	assert_int_equal(wrong->state, SOURCE_FALSETICKER);
	assert_in_range(wrong->offset_ns, 1999 * NS_PER_MS, 2001 * NS_PER_MS);
	assert_int_equal(wrong->stratum, 1);
	assert_int_equal(wrong->poll_log2, 4);
	assert_in_range(wrong->age_ns, 0, 20 * NS_PER_S);
	assert_in_range(wrong->error_ns, 1000, 10 * NS_PER_MS);
	assert_int_equal(silent->state, SOURCE_SILENT);
	assert_int_equal(silent->reach, 0);
	assert_int_equal(silent->age_ns, -1);
	assert_true(llabs(status->offset_ns) < NS_PER_MS);
	assert_in_range(daemon_error_bound_ns(status), 1000, 20 * NS_PER_MS);
}

static void
parse_wire(const char *path, struct daemon_status *status)
{
	static struct wire wire;
	struct buf text = { .limit_bytes = 65536 };
	struct error err = { "" };

	wire_read(path, &wire);
	wire_text(&wire, &text);
	if (ntp_parse_status(buf_str(&text), text.len, status, &err) < 0) {
		fail_msg("%s", err.text);
	}
	buf_free(&text);
}

static void
ntp_4_2_8_is_read(void **state UNUSED)
{
	struct daemon_status status;

	parse_wire("tests/wire/ntp-4.2.8p15.hex", &status);
	check_sources(&status);
	assert_string_equal(status.version, "4.2.8p15");
	assert_string_equal(status.selected, "192.0.2.13");
	assert_int_equal(source_at(&status, "192.0.2.13")->reach, 0x1f);
	assert_int_equal(source_at(&status, "192.0.2.13")->auth, AUTH_NONE);
	assert_int_equal(source_at(&status, "192.0.2.13")->offset_ns, 17000);
	assert_int_equal(source_at(&status, "192.0.2.13")->delay_ns, 71000);
	assert_int_equal(source_at(&status, "2001:db8::11")->state, SOURCE_COMBINED);
	assert_int_equal(status.offset_ns, 3741);
	assert_int_equal(status.root_delay_ns, 71000);
	assert_int_equal(status.root_dispersion_ns, 1120000);
	assert_int_equal(status.update_age_ns / NS_PER_MS, 8763);
	assert_int_equal(status.update_interval_ns, 16 * NS_PER_S);
}

static void
ntpsec_is_read_in_spite_of_its_broken_arrays(void **state UNUSED)
{
	struct daemon_status status;

	parse_wire("tests/wire/ntpsec-1.2.2.hex", &status);
	check_sources(&status);
	assert_string_equal(status.version, "1.2.2");
	assert_string_equal(status.selected, "192.0.2.12");
	assert_int_equal(source_at(&status, "192.0.2.12")->auth, AUTH_NONE);
	assert_int_equal(source_at(&status, "192.0.2.12")->offset_ns, 11096);
}

/* One association of an ntpd, with @variables and @word as its peer status word. */
static struct source_status
read_association(const char *variables, uint16_t word)
{
	struct buf text = { .limit_bytes = 4096 };
	struct daemon_status status;

	mode6_status_add(&text, 0, 0x0615, (const uint8_t *)"leap=0, stratum=2", 17);
	mode6_status_add(&text, 5, word, (const uint8_t *)variables, strlen(variables));
	assert_int_equal(ntp_parse_status(buf_str(&text), text.len, &status, NULL), 0);
	assert_int_equal(status.source_count, 1);
	buf_free(&text);
	return status.sources[0];
}

static void
authentication_is_told_by_key_flash_and_status_word(void **state UNUSED)
{
	assert_int_equal(
	    read_association("srcadr=10.0.0.1, reach=0xff, keyid=7, flash=0x0", 0xf63a).auth,
	    AUTH_KEY);
	assert_int_equal(
	    read_association("srcadr=10.0.0.1, reach=0x0, keyid=7, flash=0x1410", 0xc01a).auth,
	    AUTH_BAD);
	assert_int_equal(
	    read_association("srcadr=10.0.0.1, reach=0x0, keyid=7, flash=0x1600", 0xc01a).auth,
	    AUTH_UNKNOWN);
	assert_int_equal(
	    read_association("srcadr=10.0.0.1, reach=0xff, keyid=0, ntscookies=8", 0xf63a).auth,
	    AUTH_NTS);
	assert_int_equal(
	    read_association("srcadr=10.0.0.1, reach=0xff, keyid=0, ntscookies=-1", 0xb63a).auth,
	    AUTH_NONE);
}

static void
an_offset_that_ntpd_has_not_followed_yet_is_the_offset(void **state UNUSED)
{
	const char *text = "system 0615\nleap=0, stratum=2, offset=0.01\n"
			   "assoc 5 961a\nsrcadr=10.0.0.1, reach=0xff, offset=-3000.5, delay=1\n";
	struct daemon_status status;

	assert_int_equal(ntp_parse_status(text, strlen(text), &status, NULL), 0);
	assert_int_equal(status.offset_ns, INT64_C(-3000500000));
}

static void
what_is_no_mode_6_text_is_refused_and_nothing_is_written(void **state UNUSED)
{
	static const char *const texts[] = { "", "system 0615\n", "hello\nworld\n",
		"system 0615\nstratum=2\n" };
	struct daemon_status status = { .stratum = 77 };
	struct error err;

	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(ntp_parse_status(texts[i], strlen(texts[i]), &status, &err), -1);
		assert_int_equal(status.stratum, 77);
	}
}

static void
parse_chrony(const char *text, struct daemon_status *status)
{
	struct error err = { "" };

	if (chrony_parse_status(text, strlen(text), status, &err) < 0) {
		fail_msg("%s", err.text);
	}
}

static void
chrony_is_read_with_its_signs_turned(void **state UNUSED)
{
	struct buf text = { .limit_bytes = 65536 };
	struct daemon_status status;

	assert_int_equal(file_read("tests/wire/chrony-4.3.csv", &text, NULL), 0);
	parse_chrony(buf_str(&text), &status);
	check_sources(&status);
	assert_string_equal(status.selected, "2001:db8::11");
	assert_int_equal(status.offset_ns, -698);
	assert_true(status.frequency_ppm == -0.011);
	assert_true(status.skew_ppm == 0.033);
	assert_int_equal(status.last_offset_ns, -268);
	assert_int_equal(status.rms_offset_ns, 1063);
	assert_int_equal(status.root_delay_ns, 30483);
	assert_int_equal(status.root_dispersion_ns, 5183);
	assert_int_equal(status.update_interval_ns, 16200 * NS_PER_MS);
	assert_int_equal(status.update_age_ns, 3 * NS_PER_S);
	assert_int_equal(source_at(&status, "192.0.2.11")->reach, 0377);
	assert_int_equal(source_at(&status, "192.0.2.11")->offset_ns, -454 - 698);
	buf_free(&text);
}

#define TRACKING                                                                                   \
	"C0000201,192.0.2.1,2,1795325613.25,0.5,0.1,0.1,10.000,0.001,0.03,0.002,0.001,16.2,"       \
	"Normal\n"

static void
the_age_of_an_update_is_counted_from_now_when_now_is_told(void **state UNUSED)
{
	struct daemon_status status;

	parse_chrony("now,1795325713.75\n" TRACKING, &status);
	assert_int_equal(status.update_age_ns, 100500 * NS_PER_MS);
	parse_chrony("now,1795325000\n" TRACKING, &status);
	assert_int_equal(status.update_age_ns, 0);
	parse_chrony(TRACKING, &status);
	assert_int_equal(status.update_age_ns, -1);
}

static void
a_slew_in_progress_and_a_clock_that_is_held_are_both_offsets(void **state UNUSED)
{
	struct daemon_status status;

	parse_chrony(TRACKING "^,*,192.0.2.1,1,6,377,3,0.000001,0.000001,0.001\n", &status);
	assert_int_equal(status.offset_ns, 500 * NS_PER_MS);
	assert_int_equal(status.sources[0].offset_ns, 500 * NS_PER_MS - 1000);
	parse_chrony(TRACKING "^,*,192.0.2.1,1,6,377,3,3.5,3.5,0.001\n", &status);
	assert_int_equal(status.offset_ns, -3000 * NS_PER_MS);
}

static void
an_unsynchronised_chronyd_has_stratum_16_and_leap_unsync(void **state UNUSED)
{
	struct daemon_status status;

	parse_chrony("00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,-1.5,0.000,0.000,"
		     "1.000000000,1.000000000,0.0,Not synchronised\n"
		     "^,?,192.0.2.15,0,4,0,4294967295,0.000000000,0.000000000,0.000000000\n",
	    &status);
	assert_int_equal(status.stratum, 16);
	assert_int_equal(status.leap, LEAP_UNSYNC);
	assert_string_equal(status.selected, "");
	assert_int_equal(status.update_age_ns, -1);
	assert_true(status.frequency_ppm == 1.5);
}

static void
what_chronyc_says_instead_of_an_answer_is_the_error(void **state UNUSED)
{
	struct daemon_status status = { .stratum = 77 };
	struct error err;
	const char *text = "506 Cannot talk to daemon\n";

	assert_int_equal(chrony_parse_status(text, strlen(text), &status, &err), -1);
	assert_string_equal(err.text, "chronyc: 506 Cannot talk to daemon");
	text = TRACKING "^,*,192.0.2.1,1,6,377\n";
	assert_int_equal(chrony_parse_status(text, strlen(text), &status, &err), -1);
	assert_int_equal(chrony_parse_status("", 0, &status, &err), -1);
	assert_int_equal(status.stratum, 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ntp_4_2_8_is_read),
		cmocka_unit_test(ntpsec_is_read_in_spite_of_its_broken_arrays),
		cmocka_unit_test(authentication_is_told_by_key_flash_and_status_word),
		cmocka_unit_test(an_offset_that_ntpd_has_not_followed_yet_is_the_offset),
		cmocka_unit_test(what_is_no_mode_6_text_is_refused_and_nothing_is_written),
		cmocka_unit_test(chrony_is_read_with_its_signs_turned),
		cmocka_unit_test(the_age_of_an_update_is_counted_from_now_when_now_is_told),
		cmocka_unit_test(a_slew_in_progress_and_a_clock_that_is_held_are_both_offsets),
		cmocka_unit_test(an_unsynchronised_chronyd_has_stratum_16_and_leap_unsync),
		cmocka_unit_test(what_chronyc_says_instead_of_an_answer_is_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
