/* Answers of chronyd's protocol are written as chronyc prints them: a row is an answer and its
 * line. */
#include "daemons/chrony/monitoring.h"
#include "daemons/chrony/wire.h"

#include "common/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SEQUENCE 0xfffffffe

/* Make an answer of @hex, which is what stands behind its head; spaces are left out. */
static void
answer(struct daemon_answer *answer, unsigned command, unsigned kind, uint32_t sequence,
    const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 2 * CHRONY_DATA;

	memset(answer, 0, sizeof(*answer));
	answer->bytes[0] = 6;
	answer->bytes[1] = 2;
	answer->bytes[5] = (uint8_t)command;
	answer->bytes[7] = (uint8_t)kind;
	for (int i = 0; i < 4; i++) {
		answer->bytes[16 + i] = (uint8_t)(sequence >> (24 - 8 * i));
	}
	for (; *hex; hex++) {
		if (*hex != ' ') {
			unsigned value = (unsigned)(strchr(digits, *hex) - digits);

			answer->bytes[at / 2] |= (uint8_t)(at % 2 ? value : value << 4);
			at++;
		}
	}
	answer->len = kind == 2 ? 32 : kind == 3 ? 76 : CHRONY_BYTES;
}

#define IPV4 "c0000201 000000000000000000000000 0001 0000 "
#define IPV6 "20010db8000000000000000000000009 0002 0000 "
#define CLOCK "50505300 000000000000000000000000 0001 0000 "
#define NOWHERE "00000007 000000000000000000000000 0003 0000 "
#define HALF "02800000 "  /* 0.5 */
#define MINUS "05800000 " /* -1: both are signed */

static const struct {
	const char *hex, *line;
} sources[] = {
	{ IPV4 "0006 0002 0000 0000 0000 00ff 00000011" HALF MINUS HALF,
	    "^,*,192.0.2.1,2,6,377,17,-1.000000000,0.500000000,0.500000000\n" },
	{ IPV6 "fffe 0000 0001 0001 0000 0000 ffffffff 00000000 00000000 00000000",
	    "=,?,2001:db8::9,0,-2,0,4294967295,0.000000000,0.000000000,0.000000000\n" },
	{ CLOCK "0004 0000 0005 0002 0000 0007 00000001 00000000 00000000 00000000",
	    "#,-,PPS,0,4,7,1,0.000000000,0.000000000,0.000000000\n" },
	{ NOWHERE "0006 0000 0001 0000 0000 0000 ffffffff 00000000 00000000 00000000", "" },
	{ IPV4 "0006 0002 0009 0000 0000 00ff 00000011 00000000 00000000 00000000",
	    "^, ,192.0.2.1,2,6,377,17,0.000000000,0.000000000,0.000000000\n" },
};

#define TRACKING                                                                                   \
	"c0000201 " IPV4                                                                           \
	"0003 0000 00000000 6a000000 0000002a " HALF MINUS HALF MINUS HALF HALF HALF HALF HALF
#define TRACKING_LINE                                                                              \
	"C0000201,192.0.2.1,3,1778384896.000000042,0.500000000,-1.000000000,0.500000000,-1.000,"   \
	"0.500,0.500,0.500000000,0.500000000,0.5,Normal\n"

static void
answers_are_lines_as_chronyc_prints_them(void **state UNUSED)
{
	static struct daemon_answer answers[DAEMON_QUESTIONS_MAX];
	struct buf text = { .limit_bytes = 4096 }, wanted = { .limit_bytes = 4096 };

	answer(&answers[0], 33, 5, SEQUENCE, TRACKING);
	assert_int_equal(chrony_monitoring.count(answers), 2);
	answer(&answers[1], 14, 2, SEQUENCE + 1, "00000005");
	assert_int_equal(chrony_monitoring.count(answers), 2 + COUNT(sources));
	buf_text(&wanted, TRACKING_LINE);
	for (size_t i = 0; i < COUNT(sources); i++) {
		answer(&answers[2 + i], 15, 3, SEQUENCE + 2 + (uint32_t)i, sources[i].hex);
		buf_text(&wanted, sources[i].line);
	}
	for (size_t i = 0; i < 2 + COUNT(sources); i++) {
		const struct daemon_answer *at = &answers[i];

		assert_true(
		    chrony_monitoring.is_answer(i, at->bytes, at->len, SEQUENCE + (uint32_t)i));
		assert_false(
		    chrony_monitoring.is_answer(i, at->bytes, at->len, SEQUENCE + (uint32_t)i + 1));
		assert_false(
		    chrony_monitoring.is_answer(i, at->bytes, at->len - 1, SEQUENCE + (uint32_t)i));
	}
	chrony_monitoring.write(answers, &text);
	assert_string_equal(buf_str(&text), buf_str(&wanted));
	buf_free(&text);
	buf_free(&wanted);
}

static void
a_refusal_is_no_answer(void **state UNUSED)
{
	struct daemon_answer refused;

	answer(&refused, 33, 5, 1, TRACKING);
	refused.bytes[9] = 2; /* not authorised */
	assert_false(chrony_monitoring.is_answer(0, refused.bytes, refused.len, 1));
	answer(&refused, 33, 1, 1, TRACKING);
	assert_false(chrony_monitoring.is_answer(0, refused.bytes, refused.len, 1));
}

static void
a_question_is_as_long_as_the_longest_answer(void **state UNUSED)
{
	uint8_t bytes[DAEMON_DATAGRAM_BYTES];

	assert_int_equal(chrony_monitoring.question(4, 0x01020304, bytes), CHRONY_BYTES);
	assert_int_equal(bytes[0], 6);
	assert_int_equal(bytes[1], 1);
	assert_int_equal(bytes[5], 15);
	assert_memory_equal(bytes + 8, "\1\2\3\4", 4);
	assert_memory_equal(bytes + 20, "\0\0\0\2", 4);
}

static void
there_are_never_more_questions_than_room(void **state UNUSED)
{
	static struct daemon_answer answers[DAEMON_QUESTIONS_MAX];

	answer(&answers[1], 14, 2, 0, "ffffffff");
	assert_int_equal(chrony_monitoring.count(answers), DAEMON_QUESTIONS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_lines_as_chronyc_prints_them),
		cmocka_unit_test(a_refusal_is_no_answer),
		cmocka_unit_test(a_question_is_as_long_as_the_longest_answer),
		cmocka_unit_test(there_are_never_more_questions_than_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
