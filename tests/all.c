/*
 * all NAME: runs the test of that name, in a process of its own.
 * all NAME FILE...: feeds each file once to the fuzz target of that name, in place of libFuzzer, so
 * that a build by any compiler can replay the corpus.
 *
 * All tests are one program, because linking each test took longer than running it.
 */
#include "tests/all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
replay(const struct test *test, char *const *files)
{
	unsigned count = 0;

	for (; files[count]; count++) {
		static uint8_t data[1 << 16];
		FILE *in = fopen(files[count], "re");
		size_t size;

		if (!in) {
			perror(files[count]);
			return EXIT_FAILURE;
		}
		size = fread(data, 1, sizeof(data), in);
		fclose(in);
		test->target(data, size);
	}
	printf("%u inputs\n", count);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	for (const struct test *test = tests; argc > 1 && test->name; test++) {
		if (strcmp(test->name, argv[1]) == 0) {
			return test->unit ? test->unit() : replay(test, argv + 2);
		}
	}
	for (const struct test *test = tests; test->name; test++) {
		fprintf(stderr, "%s\n", test->name);
	}
	fprintf(stderr, "usage: %s NAME [FILE...], NAME one of these\n", argv[0]);
	return 2;
}
