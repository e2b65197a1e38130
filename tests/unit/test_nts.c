/* The records of NTS key establishment, as chronyd sends them, and as nobody should. */
#include "orchestrator/probe/nts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Protocol NTPv4, AES-SIV-CMAC-256, a cookie of 4 bytes, the end. */
static const uint8_t usual[] = { 0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0, 5, 0, 4, 1, 2, 3, 4,
	0x80, 0, 0, 0 };

static void
the_question_is_that_of_the_standard(void **state UNUSED)
{
	static const uint8_t want[NTS_REQUEST_BYTES] = { 0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15,
		0x80, 0, 0, 0 };
	uint8_t bytes[NTS_REQUEST_BYTES];

	nts_request(bytes);
	assert_memory_equal(bytes, want, sizeof(want));
}

static void
an_answer_is_read_when_it_is_whole(void **state UNUSED)
{
	struct nts_answer answer = { .cookies = 77 };
	struct error err;

	for (size_t len = 0; len < sizeof(usual); len++) {
		assert_int_equal(nts_answer_read(usual, len, &answer, &err), 0);
		assert_int_equal(answer.cookies, 77);
	}
	assert_int_equal(nts_answer_read(usual, sizeof(usual), &answer, &err), 1);
	assert_int_equal(answer.cookies, 1);
	assert_int_equal(answer.port, 0);
	assert_string_equal(answer.server, "");
}

static void
another_server_and_port_are_told(void **state UNUSED)
{
	static const uint8_t bytes[] = { 0x80, 6, 0, 3, 'n', 't', 'p', 0x80, 7, 0, 2, 1, 2, 0, 99,
		0, 1, 9 };
	uint8_t whole[sizeof(bytes) + sizeof(usual)];
	struct nts_answer answer;
	struct error err;

	memcpy(whole, bytes, sizeof(bytes));
	memcpy(whole + sizeof(bytes), usual, sizeof(usual));
	assert_int_equal(nts_answer_read(whole, sizeof(whole), &answer, &err), 1);
	assert_string_equal(answer.server, "ntp");
	assert_int_equal(answer.port, 258);
}

static void
what_is_wrong_is_said(void **state UNUSED)
{
	static const struct {
		uint8_t bytes[24];
		size_t len;
		const char *err;
	} rows[] = {
		{ { 0x80, 2, 0, 2, 0, 1 }, 6, "it refuses: it calls the question wrong" },
		{ { 0x80, 2, 0, 2, 1, 0 }, 6, "it refuses with code 256" },
		{ { 0x80, 1, 0, 2, 0x80, 1 }, 6, "it has no NTPv4" },
		{ { 0x80, 1, 0, 0 }, 4, "it has no NTPv4" },
		{ { 0x80, 4, 0, 0 }, 4, "it has not AES-SIV-CMAC-256, which all must have" },
		{ { 0x80, 0, 0, 1, 9 }, 5, "its last record has a body" },
		{ { 0x80, 0, 0, 0 }, 4, "its answer has no protocol" },
		{ { 0x80, 1, 0, 2, 0, 0, 0x80, 0, 0, 0 }, 10, "its answer has no algorithm" },
		{ { 0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0, 0 }, 16,
		    "its answer has no cookie" },
		{ { 0x80, 99, 0, 0 }, 4, "its answer has a critical record of type 99" },
		{ { 0, 6, 0, 2, 'a', ' ' }, 6, "the name of its NTP server is none" },
		{ { 0, 6, 0, 0 }, 4, "the name of its NTP server is none" },
		{ { 0, 7, 0, 2, 0, 0 }, 6, "its port of NTP is none" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct nts_answer answer = { .cookies = 77 };
		struct error err;

		assert_int_equal(nts_answer_read(rows[i].bytes, rows[i].len, &answer, &err), -1);
		assert_string_equal(err.text, rows[i].err);
		assert_int_equal(answer.cookies, 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_question_is_that_of_the_standard),
		cmocka_unit_test(an_answer_is_read_when_it_is_whole),
		cmocka_unit_test(another_server_and_port_are_told),
		cmocka_unit_test(what_is_wrong_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
