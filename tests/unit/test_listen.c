#include "orchestrator/collect/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
endpoints_are_read_and_written(void **state UNUSED)
{
	static const char *const right[] = { "127.0.0.1:8123", "[::1]:0", "0.0.0.0:65535" };
	struct endpoint endpoint;
	struct error err;
	char text[ENDPOINT_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(right); i++) {
		assert_int_equal(endpoint_parse(right[i], &endpoint, &err), 0);
		assert_string_equal(endpoint_text(&endpoint, text), right[i]);
	}
}

static void
what_is_no_endpoint_is_refused_with_its_words(void **state UNUSED)
{
	static const char *const wrong[] = { "", "8123", ":8123", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1x", "localhost:1",
		"[::1:1" };
	struct endpoint endpoint = { .port = 77 };
	struct error err;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(endpoint_parse(wrong[i], &endpoint, &err), -1);
		assert_int_equal(endpoint.port, 77);
		assert_int_equal(err.text[0], '"');
	}
}

static void
a_port_of_the_kernels_choice_is_told(void **state UNUSED)
{
	struct endpoint first, second;
	struct error err;
	int fd, again;

	assert_int_equal(endpoint_parse("127.0.0.1:0", &first, &err), 0);
	assert_int_equal(listen_at(&first, "--listen", &fd, &err), 0);
	assert_int_not_equal(first.port, 0);
	second = first;
	assert_int_equal(listen_at(&second, "--listen", &again, &err), -1);
	assert_non_null(strstr(err.text, "is taken"));
	assert_non_null(strstr(err.text, "--listen"));
	close(fd);
}

static void
a_strange_address_is_named(void **state UNUSED)
{
	struct endpoint endpoint;
	struct error err;
	int fd;

	assert_int_equal(endpoint_parse("192.0.2.77:8123", &endpoint, &err), 0);
	assert_int_equal(listen_at(&endpoint, "--page", &fd, &err), -1);
	assert_string_equal(
	    err.text, "192.0.2.77:8123 is no address of this machine: choose one with --page");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_are_read_and_written),
		cmocka_unit_test(what_is_no_endpoint_is_refused_with_its_words),
		cmocka_unit_test(a_port_of_the_kernels_choice_is_told),
		cmocka_unit_test(a_strange_address_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
