#include "common/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *
nearest_of(const char *word)
{
	static const char *const words[] = { "upstreams", "tiers", "clients", "name", "names" };
	struct nearest nearest = { .word = word };

	for (size_t i = 0; i < COUNT(words); i++) {
		nearest_offer(&nearest, words[i]);
	}
	return nearest.best ? nearest.best : "none";
}

static void
a_letter_more_less_other_or_swapped_is_still_the_word(void **state UNUSED)
{
	assert_string_equal(nearest_of("upstream"), "upstreams");
	assert_string_equal(nearest_of("teirs"), "tiers");
	assert_string_equal(nearest_of("cleints"), "clients");
	assert_string_equal(nearest_of("TIERS"), "tiers");
	assert_string_equal(nearest_of("nmae"), "name");
}

static void
another_word_is_near_to_none(void **state UNUSED)
{
	char long_word[200];

	memset(long_word, 'x', sizeof(long_word));
	long_word[sizeof(long_word) - 1] = '\0';
	assert_string_equal(nearest_of("budget"), "none");
	assert_string_equal(nearest_of(""), "none");
	assert_string_equal(nearest_of("x"), "none");
	assert_string_equal(nearest_of(long_word), "none");
}

static void
of_two_candidates_the_nearer_is_meant(void **state UNUSED)
{
	assert_string_equal(nearest_of("namess"), "names");
	assert_string_equal(nearest_of("nam"), "name");
}

static void
what_needs_every_kind_of_change_is_counted_right(void **state UNUSED)
{
	struct nearest nearest = { .word = "orphan-startum" };

	nearest_offer(&nearest, "orphanstratums");
	assert_int_equal(nearest.distance, 3);
	nearest_offer(&nearest, "orphan-stratum");
	assert_int_equal(nearest.distance, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_more_less_other_or_swapped_is_still_the_word),
		cmocka_unit_test(another_word_is_near_to_none),
		cmocka_unit_test(of_two_candidates_the_nearer_is_meant),
		cmocka_unit_test(what_needs_every_kind_of_change_is_counted_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
