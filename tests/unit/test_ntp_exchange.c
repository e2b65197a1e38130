#include "common/ntp/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NONCE UINT64_C(0x8123456789abcdef)
#define S NS_PER_S
#define MS NS_PER_MS
#define Y2026 (INT64_C(1795000000) * S)
#define Y1987 (INT64_C(540000000) * S)
#define Y2040 (INT64_C(2210000000) * S)

/* An exchange: question at @at by the local clock, answer @took later; the test bends it. */
struct exchange {
	struct ntp_packet answer;
	struct ntp_asked asked;
	struct clock_reading received;
	struct ntp_sample sample;
	struct ntp_refusal refusal;
	size_t len;
};

static ntp_time
stamp(int64_t real_ns)
{
	int64_t since_1900_ns = real_ns + 2208988800 * S;

	return (uint64_t)(since_1900_ns / S) << 32 | ((uint64_t)(since_1900_ns % S) << 32) / S;
}

/* A server whose clock is @offset_ns ahead, 10 ms away and back, 1 ms in it. */
static struct exchange
make(int64_t local_ns, int64_t offset_ns)
{
	struct exchange x = {
		.answer = { .version = 4,
		    .mode = 4,
		    .stratum = 2,
		    .precision_log2 = -20,
		    .root_delay = 0x10000 / 50,
		    .root_disp = 0x10000 / 100,
		    .refid = 0xc0000201,
		    .origin = NONCE,
		    .receive = stamp(local_ns + offset_ns + 10 * MS),
		    .transmit = stamp(local_ns + offset_ns + 11 * MS) },
		.asked = { NONCE, { .real_ns = local_ns, .boot_ns = 7 * S, .width_ns = 100 } },
		.received = { .real_ns = local_ns + 21 * MS,
		    .boot_ns = 7 * S + 21 * MS,
		    .width_ns = 80 },
		.sample = { .stratum = 77 },
		.len = NTP_HEADER_BYTES,
	};

	return x;
}

static enum ntp_answer
judge(struct exchange *x)
{
	uint8_t bytes[NTP_HEADER_BYTES + 20] = { 0 };

	ntp_packet_encode(&x->answer, bytes);
	return ntp_answer_read(bytes, x->len, &x->asked, &x->received, &x->sample, &x->refusal);
}

static void
assert_near(int64_t value, int64_t expected, int64_t within)
{
	if (llabs(value - expected) > within) {
		fail_msg("%lld is not %lld", (long long)value, (long long)expected);
	}
}

static void
a_question_tells_nothing_but_its_nonce(void **state UNUSED)
{
	uint8_t bytes[NTP_HEADER_BYTES], expected[NTP_HEADER_BYTES] = { 0x23 };

	ntp_question(0x0102030405060708, bytes);
	for (size_t i = 0; i < 8; i++) {
		expected[40 + i] = (uint8_t)(i + 1);
	}
	assert_memory_equal(bytes, expected, sizeof(bytes));
}

static void
offset_and_delay_are_those_of_rfc_5905(void **state UNUSED)
{
	struct exchange x = make(Y2026, 250 * MS);

	x.answer.leap = 1;
	assert_int_equal(judge(&x), NTP_ANSWER_GOOD);
	assert_near(x.sample.offset_ns, 250 * MS + MS / 2 - MS / 2, 2);
	assert_near(x.sample.delay_ns, 20 * MS, 2);
	/* 2^-20 s, 100 ns, 15 ppm of 21 ms */
	assert_near(x.sample.dispersion_ns, 954 + 100 + 315, 2);
	assert_near(x.sample.root_delay_ns, 20 * MS, 20000);
	assert_near(x.sample.root_dispersion_ns, 10 * MS, 20000);
	assert_int_equal(x.sample.boot_ns, 7 * S + 21 * MS);
	assert_int_equal(x.sample.stratum, 2);
	assert_int_equal(x.sample.leap, NTP_LEAP_INSERT);
	assert_int_equal(x.sample.refid, 0xc0000201);
}

static void
offsets_of_decades_are_right_in_every_era(void **state UNUSED)
{
	static const struct {
		int64_t local_ns, offset_ns;
	} cases[] = {
		{ Y1987, Y2026 - Y1987 },
		{ Y2026, Y1987 - Y2026 },
		{ Y2026, -378691200 * S }, /* USNO, November 2012 */
		{ Y2026, Y2040 - Y2026 },  /* across February 2036 */
		{ Y2040, Y2026 - Y2040 },
		{ Y2040, -S },
		{ INT64_C(2085978495) * S + 999 * MS, 3 * S }, /* the last second of era 0 */
		{ Y2026, INT64_C(2147483600) * S },            /* 68 years */
		{ Y2026, INT64_C(-2147483600) * S },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct exchange x = make(cases[i].local_ns, cases[i].offset_ns);

		assert_int_equal(judge(&x), NTP_ANSWER_GOOD);
		assert_near(x.sample.offset_ns, cases[i].offset_ns, 2);
		assert_near(x.sample.delay_ns, 20 * MS, 2);
	}
}

static void
a_clock_before_1970_is_no_trouble(void **state UNUSED)
{
	struct exchange x = make(Y1987, 0);

	x.asked.sent.real_ns = -5 * S - 1;
	x.received.real_ns = -5 * S - 1 + 21 * MS;
	assert_int_equal(judge(&x), NTP_ANSWER_GOOD);
	assert_near(x.sample.offset_ns, Y1987 + 5 * S + 1, 2);
}

static void
what_does_not_answer_the_question_is_bogus(void **state UNUSED)
{
	struct exchange cases[8];

	for (size_t i = 0; i < COUNT(cases); i++) {
		cases[i] = make(Y2026, 0);
	}
	cases[0].len = NTP_HEADER_BYTES - 1;
	cases[1].len = 0;
	cases[2].answer.origin ^= 1;
	cases[3].answer.mode = 3;
	cases[4].answer.mode = 5;
	cases[5].answer.version = 5;
	cases[6].answer.version = 0;
	cases[7].answer.origin = 0;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(judge(&cases[i]), NTP_ANSWER_BOGUS);
		assert_int_equal(cases[i].sample.stratum, 77);
	}
}

static void
a_clock_that_was_set_meanwhile_makes_the_answer_bogus(void **state UNUSED)
{
	static const int64_t sets_ns[] = { 2 * MS, -2 * MS, 1000 * S, -1000 * S };

	for (size_t i = 0; i < COUNT(sets_ns); i++) {
		struct exchange x = make(Y2026, 0);

		x.received.real_ns += sets_ns[i];
		assert_int_equal(judge(&x), NTP_ANSWER_BOGUS);
	}
	for (int64_t slewed_ns = -MS / 2; slewed_ns <= MS / 2; slewed_ns += MS / 4) {
		struct exchange x = make(Y2026, 0);

		x.received.real_ns += slewed_ns;
		assert_int_equal(judge(&x), NTP_ANSWER_GOOD);
	}
}

static void
what_cannot_be_true_is_unfit_and_says_why(void **state UNUSED)
{
	struct exchange cases[9];
	static const char *const why[] = {
		"its clock is not synchronised",
		"its stratum is 16",
		"its answer has no time stamps",
		"its answer has no time stamps",
		"it says that its answer left before the question came: its clock was set",
		"its root distance is 16.0 s: its time cannot be used",
		"its root distance is 16.0 s: its time cannot be used",
		"its precision of 2^4 s cannot be true",
		"it says that it held the question for longer than the whole exchange took",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		cases[i] = make(Y2026, 0);
	}
	cases[0].answer.leap = 3;
	cases[1].answer.stratum = 16;
	cases[2].answer.transmit = 0;
	cases[3].answer.receive = 0;
	cases[4].answer.transmit = cases[4].answer.receive - 1;
	cases[5].answer.root_delay = 32 << 16;
	cases[6].answer.root_disp = 16 << 16;
	cases[7].answer.precision_log2 = 4;
	cases[8].answer.transmit += (uint64_t)1 << 31;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(judge(&cases[i]), NTP_ANSWER_UNFIT);
		assert_string_equal(cases[i].refusal.why.text, why[i]);
		assert_int_equal(cases[i].sample.stratum, 77);
	}
}

static void
a_delay_is_never_less_than_a_clock_can_tell(void **state UNUSED)
{
	struct exchange x = make(Y2026, 0);

	x.answer.transmit = stamp(Y2026 + 31 * MS + MS / 10);
	assert_int_equal(judge(&x), NTP_ANSWER_GOOD);
	assert_int_equal(x.sample.delay_ns, 100);
}

static enum ntp_answer
kiss(const char *code, struct exchange *x)
{
	*x = make(Y2026, 0);
	x->answer.leap = 3;
	x->answer.stratum = 0;
	x->answer.refid = (uint32_t)(uint8_t)code[0] << 24 | (uint32_t)(uint8_t)code[1] << 16 |
	    (uint32_t)(uint8_t)code[2] << 8 | (uint8_t)code[3];
	return judge(x);
}

static void
a_kiss_of_death_has_its_code(void **state UNUSED)
{
	struct exchange x;

	assert_int_equal(kiss("RATE", &x), NTP_ANSWER_KISS);
	assert_string_equal(x.refusal.kiss, "RATE");
	assert_int_equal(kiss("DENY", &x), NTP_ANSWER_KISS);
	assert_string_equal(x.refusal.kiss, "DENY");
}

static void
a_server_that_has_no_time_yet_is_no_kiss_of_death(void **state UNUSED)
{
	struct exchange x;

	assert_int_equal(kiss("INIT", &x), NTP_ANSWER_UNFIT);
	assert_string_equal(x.refusal.why.text, "its clock is not synchronised (INIT)");
	assert_int_equal(kiss("\0\0\0", &x), NTP_ANSWER_UNFIT);
	assert_int_equal(kiss("\033[2J", &x), NTP_ANSWER_UNFIT);
	assert_string_equal(x.refusal.why.text, "its clock is not synchronised");
	assert_string_equal(x.refusal.kiss, "");
}

static void
a_kiss_from_who_knows_no_nonce_is_bogus(void **state UNUSED)
{
	struct exchange x = make(Y2026, 0);

	x.answer.stratum = 0;
	x.answer.refid = 0x44454e59;
	x.answer.origin++;
	assert_int_equal(judge(&x), NTP_ANSWER_BOGUS);
}

static void
the_best_sample_is_that_of_the_least_delay(void **state UNUSED)
{
	static const struct ntp_sample samples[] = {
		{ .delay_ns = 30, .offset_ns = 100 },
		{ .delay_ns = 10, .offset_ns = 400 },
		{ .delay_ns = 20, .offset_ns = 800 },
		{ .delay_ns = 10, .offset_ns = 400 },
	};
	int64_t jitter_ns;

	assert_ptr_equal(ntp_best_sample(samples, 4, &jitter_ns), &samples[1]);
	assert_ptr_equal(ntp_best_sample(samples, 3, &jitter_ns), &samples[1]);
	assert_int_equal(jitter_ns, 353); /* sqrt((300^2 + 400^2) / 2) */
	assert_ptr_equal(ntp_best_sample(samples, 1, &jitter_ns), &samples[0]);
	assert_int_equal(jitter_ns, 0);
	assert_null(ntp_best_sample(samples, 0, &jitter_ns));
}

static void
a_root_distance_grows_with_age(void **state UNUSED)
{
	static const struct ntp_sample sample = { .delay_ns = 20 * MS,
		.root_delay_ns = 10 * MS,
		.dispersion_ns = MS,
		.root_dispersion_ns = 5 * MS };

	assert_int_equal(ntp_root_distance_ns(&sample, 2 * MS, 0), 23 * MS);
	assert_int_equal(ntp_root_distance_ns(&sample, 2 * MS, 1000 * S), 38 * MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_tells_nothing_but_its_nonce),
		cmocka_unit_test(offset_and_delay_are_those_of_rfc_5905),
		cmocka_unit_test(offsets_of_decades_are_right_in_every_era),
		cmocka_unit_test(a_clock_before_1970_is_no_trouble),
		cmocka_unit_test(what_does_not_answer_the_question_is_bogus),
		cmocka_unit_test(a_clock_that_was_set_meanwhile_makes_the_answer_bogus),
		cmocka_unit_test(what_cannot_be_true_is_unfit_and_says_why),
		cmocka_unit_test(a_delay_is_never_less_than_a_clock_can_tell),
		cmocka_unit_test(a_kiss_of_death_has_its_code),
		cmocka_unit_test(a_server_that_has_no_time_yet_is_no_kiss_of_death),
		cmocka_unit_test(a_kiss_from_who_knows_no_nonce_is_bogus),
		cmocka_unit_test(the_best_sample_is_that_of_the_least_delay),
		cmocka_unit_test(a_root_distance_grows_with_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
