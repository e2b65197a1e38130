/* Whom chronyd answers: what `chronyc accheck` of chrony 4.3 says of each of these rows. */
#include "orchestrator/config/answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
the_lines_of_chrony_let_in_whom_chronyd_lets_in(void **state UNUSED)
{
	static const struct {
		const char *config, *address;
		bool allowed;
	} rows[] = {
		{ "allow 10.0.0.0/8\ndeny all\n", "10.1.1.1", false },
		{ "deny all\nallow 10.0.0.0/8\n", "10.1.1.1", true },
		{ "deny all\nallow 10.0.0.0/8\n", "11.0.0.1", false },
		{ "allow 1.2.3.4\ndeny 1.2.3\nallow 1.2\n", "1.2.3.4", true },
		{ "allow 1.2.3.4\ndeny 1.2.3\nallow 1.2\n", "1.2.3.5", false },
		{ "allow 1.2.3.4\ndeny 1.2.3\nallow 1.2\n", "1.2.4.1", true },
		{ "allow 1.2.3.4\ndeny 1.2.3\nallow 1.2\n", "1.3.0.1", false },
		{ "allow 1.2.3.4\ndeny 1.2.3\nallow all 1.2\n", "1.2.3.4", true },
		{ "allow 1.2.3.4\ndeny 1.2.3\nallow all 1.2\n", "1.2.3.5", true },
		{ "allow\ndeny 10.0.0.0/8\n", "10.1.1.1", false },
		{ "allow\ndeny 10.0.0.0/8\n", "11.0.0.1", true },
		{ "deny 10.0.0.0/8\nallow\n", "10.1.1.1", false },
		{ "deny 10.0.0.0/8\nallow\n", "11.0.0.1", true },
		{ "deny 10.0.0.0/8\nallow all\n", "10.1.1.1", true },
	};
	const struct daemon_driver *chrony = daemon_find("chrony");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena arena = { 0 };
		struct config_lines lines;
		struct config_answers answers;
		struct ip ip;

		config_cut(&arena, rows[i].config, chrony->includes, chrony->config_path, &lines);
		config_answers_read(&arena, chrony, &lines, &answers);
		assert_true(ip_parse(rows[i].address, &ip));
		if (((config_answers_to(&answers, &ip) & ANSWER_TIME) != 0) != rows[i].allowed) {
			fail_msg("%s: %s", rows[i].config, rows[i].address);
		}
		arena_free(&arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lines_of_chrony_let_in_whom_chronyd_lets_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
