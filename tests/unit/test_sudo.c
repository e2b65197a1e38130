/* To whom the password of sudo is given, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/rollout/host/sudo.h"

struct host {
	struct sudo_turn turn;
	unsigned came, refused;
	char why[512];
};

static unsigned asked;

static void
ask(void *ctx UNUSED, struct sudo *sudo UNUSED, const char *host UNUSED)
{
	asked++;
}

static void
come(void *ctx, const struct error *err)
{
	struct host *host = ctx;

	if (err) {
		host->refused++;
		memcpy(host->why, err->text, sizeof(host->why));
	} else {
		host->came++;
	}
}

static struct sudo *
with_hosts(struct host *hosts, size_t count)
{
	struct sudo *sudo = sudo_new(ask, NULL);

	asked = 0;
	memset(hosts, 0, count * sizeof(*hosts));
	for (size_t i = 0; i < count; i++) {
		hosts[i].turn = (struct sudo_turn){ .ctx = &hosts[i], .come = come };
		sudo_wait(sudo, &hosts[i].turn, "web");
	}
	return sudo;
}

static unsigned
came(const struct host *hosts, size_t count)
{
	unsigned sum = 0;

	for (size_t i = 0; i < count; i++) {
		sum += hosts[i].came;
	}
	return sum;
}

static void
it_is_asked_for_once_and_tried_on_one_host_before_the_others(void **state UNUSED)
{
	struct host hosts[5];
	struct sudo *sudo = with_hosts(hosts, 5);
	size_t len;

	assert_int_equal(asked, 1);
	assert_int_equal(came(hosts, 5), 0);
	sudo_answer(sudo, "pass word", NULL);
	assert_int_equal(came(hosts, 5), 1);
	assert_int_equal(hosts[0].came, 1);
	assert_string_equal(sudo_line(sudo, &len), "pass word\n");
	assert_int_equal(len, 10);
	sudo_accepted(sudo, &hosts[0].turn);
	assert_int_equal(came(hosts, 5), 5);
	assert_int_equal(asked, 1);
	sudo_free(sudo);
}

static void
once_it_is_refused_nobody_else_gets_it(void **state UNUSED)
{
	struct host hosts[4];
	struct sudo *sudo = with_hosts(hosts, 4);

	sudo_answer(sudo, "wrong", NULL);
	sudo_refused(sudo, &hosts[0].turn, "web7");
	assert_int_equal(came(hosts, 4), 1);
	for (int i = 1; i < 4; i++) {
		assert_int_equal(hosts[i].refused, 1);
		assert_non_null(strstr(hosts[i].why, "sudo of web7 has refused the password"));
	}
	sudo_wait(sudo, &hosts[1].turn, "web1");
	assert_int_equal(hosts[1].refused, 2);
	sudo_free(sudo);
}

static void
one_host_may_have_another_password_and_the_second_ends_it(void **state UNUSED)
{
	struct host hosts[5];
	struct sudo *sudo = with_hosts(hosts, 4);

	sudo_answer(sudo, "right", NULL);
	sudo_accepted(sudo, &hosts[0].turn);
	sudo_refused(sudo, &hosts[1].turn, "web2");
	hosts[4] = (struct host){ .turn = { .ctx = &hosts[4], .come = come } };
	sudo_wait(sudo, &hosts[4].turn, "web5");
	assert_int_equal(hosts[4].came, 1);
	sudo_refused(sudo, &hosts[2].turn, "web3");
	sudo_wait(sudo, &hosts[4].turn, "web5");
	assert_int_equal(hosts[4].came, 1);
	assert_int_equal(hosts[4].refused, 1);
	sudo_free(sudo);
}

static void
a_host_that_is_lost_while_it_tries_makes_room_for_the_next(void **state UNUSED)
{
	struct host hosts[3];
	struct sudo *sudo = with_hosts(hosts, 3);

	sudo_leave(sudo, &hosts[1].turn);
	sudo_answer(sudo, "it", NULL);
	sudo_leave(sudo, &hosts[0].turn);
	assert_int_equal(hosts[1].came, 0);
	assert_int_equal(hosts[2].came, 1);
	sudo_leave(sudo, &hosts[2].turn);
	sudo_wait(sudo, &hosts[0].turn, "web1");
	assert_int_equal(hosts[0].came, 2);
	sudo_free(sudo);
}

static void
without_one_all_are_told_why(void **state UNUSED)
{
	struct host hosts[2];
	struct sudo *sudo = with_hosts(hosts, 2);
	struct error err;

	error_set(&err, "no terminal");
	sudo_answer(sudo, NULL, &err);
	assert_string_equal(hosts[0].why, "no terminal");
	assert_string_equal(hosts[1].why, "no terminal");
	sudo_free(sudo);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_asked_for_once_and_tried_on_one_host_before_the_others),
		cmocka_unit_test(once_it_is_refused_nobody_else_gets_it),
		cmocka_unit_test(one_host_may_have_another_password_and_the_second_ends_it),
		cmocka_unit_test(a_host_that_is_lost_while_it_tries_makes_room_for_the_next),
		cmocka_unit_test(without_one_all_are_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
