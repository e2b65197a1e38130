#include "agent/uplink/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
an_ipv6_collector_stands_in_brackets(void **state UNUSED)
{
	static struct agent_config config = { .host = "time1", .token = "ab" };
	struct collector_address collector = { .host = "2001:db8::1", .port = "8123" };
	struct buf out = { .limit_bytes = 4096 };

	http_post(&config, &collector, "{}", 2, &out);
	assert_non_null(strstr(buf_str(&out), "\r\nHost: [2001:db8::1]:8123\r\n"));
	assert_non_null(strstr(buf_str(&out), "\r\nContent-Length: 2\r\n\r\n{}"));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv6_collector_stands_in_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
