/* All tests of code in one program: a row each, which the Makefile writes from the files that are
 * there. */
#ifndef TESTS_ALL_H
#define TESTS_ALL_H

#include <stddef.h>
#include <stdint.h>

struct test {
	const char *name;                                /* of its file */
	int (*unit)(void);                               /* main() of a tests/unit/test_*.c */
	int (*target)(const uint8_t *data, size_t size); /* of a tests/fuzz/fuzz_*.c */
};

extern const struct test tests[]; /* up to one without a name */

#endif
