/* Which names of a daemon's configuration lead elsewhere now. */
#include "verdict/stale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemons/daemon.h"

/* A line of the configuration, and what its name leads to: "a b c". */
static struct name_answer
answer(const char *name, bool pool, const char *addresses)
{
	struct name_answer made = { .pool = pool };
	char text[512], *rest = text, *one;

	snprintf(made.name, sizeof(made.name), "%s", name);
	snprintf(text, sizeof(text), "%s", addresses);
	while ((one = strsep(&rest, " "))) {
		if (*one) {
			assert_true(ip_parse(one, &made.addresses[made.count++]));
		}
	}
	made.known = made.count > 0;
	made.gone = made.count == 0;
	return made;
}

/* What the daemon asks: "+address" answers, "-address" does not. */
static struct daemon_status
uses(const char *sources)
{
	struct daemon_status status = { .stratum = 2 };
	char text[512], *rest = text, *one;

	snprintf(text, sizeof(text), "%s", sources);
	while ((one = strsep(&rest, " "))) {
		struct source_status *source = &status.sources[status.source_count++];

		source->reach = *one == '+' ? 0377 : 0;
		snprintf(source->address, sizeof(source->address), "%s", one + 1);
	}
	return status;
}

static size_t
judge(
    const struct name_answer *answers, size_t count, const char *sources, struct stale_name *stale)
{
	struct daemon_status status = uses(sources);

	return stale_judge(answers, count, &status, stale);
}

static void
a_name_that_leads_where_the_daemon_asks_is_not_stale(void **state UNUSED)
{
	struct name_answer answers[] = { answer("time.example", false, "192.0.2.1 2001:db8::1"),
		answer("192.0.2.9", false, "192.0.2.9") };
	struct stale_name stale[STALE_NAMES_MAX];

	assert_int_equal(judge(answers, 2, "+192.0.2.1 +192.0.2.9", stale), 0);
	assert_int_equal(judge(answers, 2, "+2001:db8::1 -192.0.2.9", stale), 0);
}

static void
a_name_that_moved_is_stale_though_the_old_address_answers(void **state UNUSED)
{
	struct name_answer answers[] = { answer("time.example", false, "192.0.2.2"),
		answer("192.0.2.9", false, "192.0.2.9") };
	struct stale_name stale[STALE_NAMES_MAX];

	assert_int_equal(judge(answers, 2, "+192.0.2.1 +192.0.2.9", stale), 1);
	assert_string_equal(stale[0].name, "time.example");
	assert_string_equal(stale[0].was, "192.0.2.1");
	assert_string_equal(stale[0].now, "192.0.2.2");
}

static void
a_name_of_two_families_that_moved_is_stale(void **state UNUSED)
{
	struct name_answer answers[] = { answer("time.example", false, "192.0.2.2 2001:db8::2") };
	struct stale_name stale[STALE_NAMES_MAX];

	assert_int_equal(judge(answers, 1, "+192.0.2.1", stale), 1);
	assert_string_equal(stale[0].now, "192.0.2.2 2001:db8::2");
}

static void
a_pool_that_turns_is_not_stale_while_its_servers_answer(void **state UNUSED)
{
	struct name_answer pool[] = { answer("pool.example", true, "192.0.2.5 192.0.2.6") };
	struct name_answer turning[] = { answer("turn.example", false, "192.0.2.5 192.0.2.6") };
	struct stale_name stale[STALE_NAMES_MAX];

	assert_int_equal(judge(pool, 1, "+192.0.2.1 +192.0.2.2", stale), 0);
	assert_int_equal(judge(pool, 1, "+192.0.2.1 -192.0.2.2", stale), 0);
	assert_int_equal(judge(turning, 1, "+192.0.2.1", stale), 0);
	assert_int_equal(judge(pool, 1, "-192.0.2.1 -192.0.2.2", stale), 1);
	assert_string_equal(stale[0].was, "192.0.2.1 192.0.2.2");
	assert_int_equal(judge(turning, 1, "-192.0.2.1", stale), 1);
}

static void
a_name_that_is_gone_is_told_and_one_that_was_not_looked_up_is_not(void **state UNUSED)
{
	struct name_answer gone[] = { answer("time.example", false, "") };
	struct stale_name stale[STALE_NAMES_MAX];

	assert_int_equal(judge(gone, 1, "+192.0.2.1", stale), 1);
	assert_string_equal(stale[0].now, "");
	gone[0].gone = false;
	assert_int_equal(judge(gone, 1, "+192.0.2.1", stale), 0);
}

static void
a_name_that_the_daemon_never_resolved_is_not_stale(void **state UNUSED)
{
	struct name_answer answers[] = { answer("time.example", false, "192.0.2.2"),
		answer("other.example", false, "192.0.2.9") };
	struct stale_name stale[STALE_NAMES_MAX];

	assert_int_equal(judge(answers, 2, "+192.0.2.9", stale), 0);
	assert_int_equal(judge(answers, 2, "+192.0.2.9 +ID#0000000001", stale), 0);
}

static void
what_is_written_is_read_and_what_is_too_much_is_refused(void **state UNUSED)
{
	struct stale_name in[STALE_NAMES_MAX] = { { "a.example", "192.0.2.1", "192.0.2.2" },
		{ "b.example", "192.0.2.3", "" } };
	struct stale_name out[STALE_NAMES_MAX];
	json_t *json = stale_encode(in, 2), *many = json_array();
	struct error err;
	size_t count;

	assert_int_equal(stale_decode(json, out, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_string_equal(out[0].was, "192.0.2.1");
	assert_string_equal(out[1].name, "b.example");
	assert_string_equal(out[1].now, "");
	assert_int_equal(stale_decode(NULL, out, &count, &err), 0);
	assert_int_equal(count, 0);
	for (int i = 0; i <= STALE_NAMES_MAX; i++) {
		json_array_append(many, json_array_get(json, 0));
	}
	assert_int_equal(stale_decode(many, out, &count, &err), -1);
	json_decref(many);
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_leads_where_the_daemon_asks_is_not_stale),
		cmocka_unit_test(a_name_that_moved_is_stale_though_the_old_address_answers),
		cmocka_unit_test(a_name_of_two_families_that_moved_is_stale),
		cmocka_unit_test(a_pool_that_turns_is_not_stale_while_its_servers_answer),
		cmocka_unit_test(a_name_that_is_gone_is_told_and_one_that_was_not_looked_up_is_not),
		cmocka_unit_test(a_name_that_the_daemon_never_resolved_is_not_stale),
		cmocka_unit_test(what_is_written_is_read_and_what_is_too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
