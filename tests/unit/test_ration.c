/* Whatever is wanted, and whenever: no address is asked more often than a public server tolerates.
 */
#include "measure/ration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define LOG_MAX 100000

static int64_t asked[LOG_MAX]; /* each question that was granted */
static size_t asked_count;

/* Take what is granted of @wanted, and put the questions. */
static unsigned
ask(struct ration *ration, unsigned hour, unsigned wanted, int64_t now_ns)
{
	unsigned granted = ration_left(ration, "192.0.2.1", hour, wanted, now_ns);

	assert_true(granted <= wanted);
	if (granted > 0) {
		ration_book(ration, "192.0.2.1", granted, now_ns);
	}
	for (unsigned i = 0; i < granted && asked_count < LOG_MAX; i++) {
		asked[asked_count++] = now_ns + (int64_t)i * RATION_SPACING_NS;
	}
	return granted;
}

/* The rules themselves, counted over everything that was asked. */
static void
assert_within_ration(unsigned hour)
{
	size_t hour_from = 0, burst = 0;

	for (size_t i = 0; i < asked_count; i++) {
		int64_t gap_ns = i > 0 ? asked[i] - asked[i - 1] : INT64_MAX;

		assert_true(gap_ns >= 2 * S);
		burst = gap_ns < 64 * S ? burst + 1 : 1;
		assert_true(burst <= 4);
		while (asked[i] - asked[hour_from] >= 3600 * S) {
			hour_from++;
		}
		assert_true(i - hour_from + 1 <= hour);
	}
}

/* What is written is read by another run, some time later. */
static void
hand_over(struct ration *ration, int64_t now_ns)
{
	struct buf text = { .limit_bytes = RATION_TEXT_BYTES_MAX };
	struct error err;

	ration_write(ration, now_ns, &text);
	ration_free(ration);
	assert_int_equal(ration_read(ration, buf_str(&text), text.len, now_ns, &err), 0);
	buf_free(&text);
}

static void
nobody_is_asked_too_often_whatever_is_wanted(void **state UNUSED)
{
	static const unsigned hours[] = { RATION_HOUR, RATION_HOUR_STRICT, 3 };

	for (size_t i = 0; i < COUNT(hours); i++) {
		struct ration ration = { .list = NULL };
		int64_t now_ns = 1000 * S;

		srand48(16 + (long)i);
		asked_count = 0;
		for (int run = 0; run < 20000; run++) {
			ask(&ration, hours[i], 1 + (unsigned)(drand48() * 9), now_ns);
			/* often at once, sometimes after minutes */
			now_ns += (int64_t)(drand48() * (drand48() < 0.1 ? 200 : 4) * 1e9);
			if (drand48() < 0.1) {
				hand_over(&ration, now_ns);
			}
		}
		assert_true(asked_count > (size_t)(now_ns / (3600 * S)) * hours[i] / 2);
		assert_within_ration(hours[i]);
		ration_free(&ration);
	}
}

static void
a_burst_is_granted_and_the_next_one_waits(void **state UNUSED)
{
	struct ration ration = { .list = NULL };

	assert_int_equal(ration_wait_ns(&ration, "192.0.2.1", 60, 4, 0), 0);
	assert_int_equal(ask(&ration, 60, 9, 0), 4); /* at 0, 2, 4 and 6 s */
	assert_int_equal(ask(&ration, 60, 1, 8 * S), 0);
	assert_int_equal(ration_wait_ns(&ration, "192.0.2.1", 60, 4, 8 * S), 62 * S);
	assert_int_equal(ration_left(&ration, "192.0.2.2", 60, 4, 8 * S), 4);
	assert_int_equal(ask(&ration, 60, 3, 70 * S), 3); /* at 70, 72, 74 */
	assert_int_equal(ask(&ration, 60, 3, 75 * S), 0);
	assert_int_equal(ask(&ration, 60, 3, 80 * S), 1);
	ration_free(&ration);
}

static void
who_wants_silence_gets_it(void **state UNUSED)
{
	struct ration ration = { .list = NULL };

	ask(&ration, 60, 1, 0);
	ration_kissed(&ration, "192.0.2.1", "RATE", S);
	ration_kissed(&ration, "192.0.2.2", "DENY", S);
	hand_over(&ration, 10 * S);
	assert_string_equal(ration_find(&ration, "192.0.2.1")->kiss, "RATE");
	assert_int_equal(ration_left(&ration, "192.0.2.1", 60, 1, 240 * S), 0);
	assert_int_equal(ration_left(&ration, "192.0.2.1", 60, 1, 242 * S), 1);
	assert_int_equal(ration_left(&ration, "192.0.2.2", 60, 1, 3600 * S), 0);
	assert_int_equal(ration_left(&ration, "192.0.2.2", 60, 1, 3602 * S), 1);
	ration_free(&ration);
}

static void
what_is_written_is_of_the_last_hour(void **state UNUSED)
{
	struct ration ration = { .list = NULL };
	struct buf text = { .limit_bytes = 0 };

	ration_book(&ration, "192.0.2.1", 2, 0);
	ration_book(&ration, "192.0.2.2", 1, S);
	ration_book(&ration, "2001:db8::1", 1, 3000 * S);
	ration_write(&ration, 3601 * S, &text);
	assert_string_equal(buf_str(&text), "192.0.2.1 0 - 3599000\n2001:db8::1 0 - 601000\n");
	buf_free(&text);
	ration_free(&ration);
}

static void
a_name_of_many_addresses_is_asked_no_more_than_one(void **state UNUSED)
{
	struct ration ration = { .list = NULL };

	assert_int_equal(ration_grant(&ration, "pool.example", "192.0.2.1", 60, 3, 0), 3);
	assert_int_equal(ration_grant(&ration, "pool.example", "192.0.2.2", 60, 3, 10 * S), 1);
	assert_int_equal(ration_grant(&ration, "pool.example", "192.0.2.3", 60, 3, 20 * S), 0);
	assert_int_equal(ration_grant(&ration, "192.0.2.2", "192.0.2.2", 60, 3, 20 * S), 3);
	assert_int_equal(ration_grant(&ration, "192.0.2.2", "192.0.2.2", 60, 3, 30 * S), 0);
	ration_free(&ration);
}

static void
what_is_no_such_text_is_refused(void **state UNUSED)
{
	static const char *const texts[] = { "a", "a\n", "a 0\n", "a 0 -", " 0 -\n", "a x -\n",
		"a -1 -\n", "a 0 LONGER\n", "a 0 - 1 x\n", "a 0 - 1 2\n", "a 0 - 99999999\n",
		"a 0 -\na 0 -\n", "a 0 -\n\n", "a 99999999999999 -\n" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct ration ration = { .list = NULL };
		struct error err;

		if (ration_read(&ration, texts[i], strlen(texts[i]), 0, &err) == 0) {
			fail_msg("taken: %s", texts[i]);
		}
		assert_int_equal(ration.count, 0);
		assert_null(ration.list);
	}
}

static void
the_longest_forgotten_gives_way(void **state UNUSED)
{
	struct ration ration = { .list = NULL };

	for (int i = 0; i < RATION_ENTRIES_MAX + 10; i++) {
		char key[32];

		snprintf(key, sizeof(key), "k%d", i);
		ration_book(&ration, key, 1, i * NS_PER_MS);
	}
	assert_int_equal(ration.count, RATION_ENTRIES_MAX);
	assert_null(ration_find(&ration, "k9"));
	assert_non_null(ration_find(&ration, "k10"));
	ration_free(&ration);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_asked_too_often_whatever_is_wanted),
		cmocka_unit_test(a_burst_is_granted_and_the_next_one_waits),
		cmocka_unit_test(who_wants_silence_gets_it),
		cmocka_unit_test(what_is_written_is_of_the_last_hour),
		cmocka_unit_test(a_name_of_many_addresses_is_asked_no_more_than_one),
		cmocka_unit_test(what_is_no_such_text_is_refused),
		cmocka_unit_test(the_longest_forgotten_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
