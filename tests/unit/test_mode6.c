#include "common/ntp/mode6.h"
#include "tests/fake_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A fragment of @text's bytes from @offset on, as an answer to (2, 7, 3). */
static size_t
fragment(uint8_t *bytes, const char *text, size_t offset, size_t count, bool more)
{
	mode6_request(bytes, MODE6_READ_VARIABLES, 7, 3);
	bytes[1] |= more ? 0xa0 : 0x80;
	bytes[9] = (uint8_t)offset;
	bytes[11] = (uint8_t)count;
	memcpy(bytes + MODE6_HEADER_BYTES, text + offset, count);
	return MODE6_HEADER_BYTES + count;
}

static enum mode6_progress
feed(struct mode6_answer *answer, const char *text, size_t offset, size_t count, bool more)
{
	uint8_t bytes[64];

	return mode6_feed(answer, bytes, fragment(bytes, text, offset, count, more));
}

static void
a_request_is_as_ntpq_sends_it(void **state UNUSED)
{
	static const uint8_t expected[] = { 0x16, 2, 0x12, 0x34, 0, 0, 0xab, 0xcd, 0, 0, 0, 0 };
	uint8_t bytes[MODE6_HEADER_BYTES];

	mode6_request(bytes, MODE6_READ_VARIABLES, 0x1234, 0xabcd);
	assert_memory_equal(bytes, expected, sizeof(expected));
}

static void
real_answers_come_together_in_either_order(void **state UNUSED)
{
	static const char *const files[] = { "tests/wire/ntpsec-1.2.2.hex",
		"tests/wire/ntp-4.2.8p15.hex" };
	static struct mode6_answer forward, backward;
	static struct wire wire;

	for (size_t f = 0; f < COUNT(files); f++) {
		wire_read(files[f], &wire);
		assert_int_equal(wire.count, 9);
		for (size_t i = 0; i < 8; i++) {
			assert_int_equal(wire_feed(&wire.answers[i], false, &forward), MODE6_DONE);
			assert_int_equal(wire_feed(&wire.answers[i], true, &backward), MODE6_DONE);
			assert_int_equal(forward.len, backward.len);
			assert_memory_equal(forward.data, backward.data, forward.len);
		}
		assert_int_equal(wire_feed(&wire.answers[8], false, &forward), MODE6_REFUSED);
		assert_string_equal(mode6_error_text(forward.error), "unknown association");
	}
}

static void
the_associations_of_a_real_daemon_are_listed(void **state UNUSED)
{
	static struct mode6_answer answer;
	static struct wire wire;
	struct mode6_association list[8];

	wire_read("tests/wire/ntp-4.2.8p15.hex", &wire);
	wire_feed(&wire.answers[0], false, &answer);
	assert_int_equal(mode6_associations(&answer, list, 8), 6);
	assert_int_equal(list[3].id, 25268);
	assert_int_equal(list[3].status, 0x961a);
	assert_int_equal(mode6_associations(&answer, list, 2), 2);
}

static void
repeated_and_overlapping_fragments_do_no_harm(void **state UNUSED)
{
	static struct mode6_answer answer;
	const char *text = "stratum=2, leap=0";

	mode6_expect(&answer, MODE6_READ_VARIABLES, 7, 3);
	assert_int_equal(feed(&answer, text, 8, 4, true), MODE6_MORE);
	assert_int_equal(feed(&answer, text, 8, 4, true), MODE6_MORE);
	assert_int_equal(feed(&answer, text, 10, 7, false), MODE6_MORE);
	assert_int_equal(feed(&answer, "XXXXXXXXXXXXXXXXXX", 6, 4, true), MODE6_MORE);
	assert_int_equal(feed(&answer, text, 0, 8, true), MODE6_DONE);
	assert_int_equal(answer.len, 17);
	assert_memory_equal(answer.data, "strat", 5);
	assert_memory_equal(answer.data + 8, text + 8, 9);
}

static void
lies_about_the_end_are_ignored(void **state UNUSED)
{
	static struct mode6_answer answer;
	const char *text = "stratum=2, leap=0";

	mode6_expect(&answer, MODE6_READ_VARIABLES, 7, 3);
	assert_int_equal(feed(&answer, text, 12, 4, true), MODE6_MORE);
	assert_int_equal(feed(&answer, text, 0, 12, false), MODE6_IGNORED);
	assert_int_equal(feed(&answer, text, 16, 1, false), MODE6_MORE);
	assert_int_equal(feed(&answer, text, 16, 1, true), MODE6_MORE);
	assert_int_equal(feed(&answer, text, 10, 4, false), MODE6_IGNORED);
	assert_int_equal(feed(&answer, "xxxxxxxxxxxxxxxxxxxxxxxx", 14, 8, true), MODE6_IGNORED);
	assert_int_equal(feed(&answer, text, 0, 12, true), MODE6_DONE);
	assert_memory_equal(answer.data, text, 17);
}

static void
a_count_beyond_the_datagram_or_the_answer_is_ignored(void **state UNUSED)
{
	static struct mode6_answer answer;
	uint8_t bytes[64];
	size_t len;

	mode6_expect(&answer, MODE6_READ_VARIABLES, 7, 3);
	len = fragment(bytes, "leap=0", 0, 6, false);
	bytes[11] = 7;
	assert_int_equal(mode6_feed(&answer, bytes, len), MODE6_IGNORED);
	bytes[11] = 6;
	bytes[8] = 0xff;
	assert_int_equal(mode6_feed(&answer, bytes, len), MODE6_IGNORED);
	bytes[8] = 0;
	assert_int_equal(mode6_feed(&answer, bytes, 11), MODE6_IGNORED);
	bytes[3] = 8;
	assert_int_equal(mode6_feed(&answer, bytes, len), MODE6_IGNORED);
	bytes[3] = 7;
	assert_int_equal(mode6_feed(&answer, bytes, len), MODE6_DONE);
}

static void
variables_are_read_with_quotes_line_ends_and_without_values(void **state UNUSED)
{
	const char *text =
	    "version=\"ntpd 4.2.8p15, (1)\",\r\nleap=0, flag,\r\nfilt= 1.0 2.0 \r\n,x=\"open";
	const char *end = text + strlen(text);
	static const char *const expected[][2] = {
		{ "version", "ntpd 4.2.8p15, (1)" },
		{ "leap", "0" },
		{ "flag", "" },
		{ "filt", "1.0 2.0" },
		{ "x", "open" },
	};
	struct mode6_variable variable;

	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_true(mode6_next_variable(&text, end, &variable));
		assert_string_equal(variable.name, expected[i][0]);
		assert_string_equal(variable.value, expected[i][1]);
	}
	assert_false(mode6_next_variable(&text, end, &variable));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_as_ntpq_sends_it),
		cmocka_unit_test(real_answers_come_together_in_either_order),
		cmocka_unit_test(the_associations_of_a_real_daemon_are_listed),
		cmocka_unit_test(repeated_and_overlapping_fragments_do_no_harm),
		cmocka_unit_test(lies_about_the_end_are_ignored),
		cmocka_unit_test(a_count_beyond_the_datagram_or_the_answer_is_ignored),
		cmocka_unit_test(variables_are_read_with_quotes_line_ends_and_without_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
