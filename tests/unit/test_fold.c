#include "orchestrator/topology/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/topology/topology.h"

#define NAMES_MAX 64

/* The names of @text, which commas separate, folded. */
static const char *
folded(const char *text, size_t most)
{
	static char out[4096];
	const char *names[NAMES_MAX];
	char copy[2048], *rest = copy;
	struct buf buf = { .limit_bytes = 0 };
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	while (rest && count < NAMES_MAX) {
		names[count++] = strsep(&rest, ",");
	}
	names_fold(&buf, names, count, most);
	snprintf(out, sizeof(out), "%s", buf_str(&buf));
	buf_free(&buf);
	return out;
}

static void
neighbours_become_a_range(void **state UNUSED)
{
	assert_string_equal(folded("web1", 9), "web1");
	assert_string_equal(folded("web1,web2,web3", 9), "web[1-3]");
	assert_string_equal(folded("web9,web10,web11", 9), "web[9-11]");
	assert_string_equal(folded("web009.a,web010.a", 9), "web[009,010].a");
	assert_string_equal(folded("w1,w2,w3,w7,w9", 9), "w[1-3,7,9]");
	assert_string_equal(folded("192.0.2.11,192.0.2.12,192.0.2.13", 9), "192.0.2.[11-13]");
	assert_string_equal(folded("r1n1,r1n2,r2n1", 9), "r1n[1,2],r2n1");
}

static void
what_is_no_range_is_a_list(void **state UNUSED)
{
	assert_string_equal(folded("time1,ntp1", 9), "time1,ntp1");
	assert_string_equal(folded("web2,web1", 9), "web2,web1");
	assert_string_equal(folded("web09,web9", 9), "web09,web9");
	assert_string_equal(folded("web1,web1a", 9), "web1,web1a");
	assert_string_equal(folded("a,b,c,d", 2), "a,b and 2 more");
	assert_string_equal(folded("n12345678901,n12345678902", 9), "n12345678901,n12345678902");
}

/* Any list of names: what it is folded to expands to the same. */
static void
folding_and_expanding_are_inverse(void **state UNUSED)
{
	unsigned seed = 7;

	for (int round = 0; round < 2000; round++) {
		char texts[20][32];
		const char *names[20], **again;
		struct buf buf = { .limit_bytes = 0 };
		struct arena arena = { 0 };
		struct error err;
		size_t count = 1 + (size_t)(rand_r(&seed) % 20), found;
		int number = rand_r(&seed) % 12;

		for (size_t i = 0; i < count; i++) {
			int shape = rand_r(&seed) % 6 ? 1 : rand_r(&seed) % 5;

			number += rand_r(&seed) % 4 ? 1 : rand_r(&seed) % 5;
			switch (shape) {
			case 0:
				snprintf(texts[i], sizeof(texts[i]), "w%d", number);
				break;
			case 1:
				snprintf(texts[i], sizeof(texts[i]), "w%03d", number);
				break;
			case 2:
				snprintf(texts[i], sizeof(texts[i]), "r%dx", number);
				break;
			case 3:
				snprintf(texts[i], sizeof(texts[i]), "10.0.%d.1", number);
				break;
			default:
				snprintf(texts[i], sizeof(texts[i]), "n%d-2", number);
				break;
			}
			names[i] = texts[i];
		}
		names_fold(&buf, names, count, SIZE_MAX);
		assert_int_equal(
		    names_expand(&arena, buf_str(&buf), 1000, &again, &found, &err), 0);
		assert_int_equal(found, count);
		for (size_t i = 0; i < count; i++) {
			assert_string_equal(again[i], names[i]);
		}
		buf_free(&buf);
		arena_free(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_become_a_range),
		cmocka_unit_test(what_is_no_range_is_a_list),
		cmocka_unit_test(folding_and_expanding_are_inverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
