/* The table of all tests of code, one program; the Makefile writes a row for each test file. */
#ifndef TESTS_ALL_H
#define TESTS_ALL_H

#include <stddef.h>
#include <stdint.h>

struct test {
	const char *name;                                /* of its file, without the ending */
	int (*unit)(void);                               /* main() of a tests/unit/test_*.c */
	int (*target)(const uint8_t *data, size_t size); /* of a tests/fuzz/fuzz_*.c */
};

extern const struct test tests[]; /* the last row has no name */

#endif
