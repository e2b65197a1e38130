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
a_refusal_counts_for_its_host_and_the_next_is_tried_alone(void **state UNUSED)
{
	struct host hosts[4];
	struct sudo *sudo = with_hosts(hosts, 4);

	sudo_answer(sudo, "of all but one", NULL);
	sudo_refused(sudo, &hosts[0].turn, "web1");
	assert_int_equal(came(hosts, 4), 2);
	assert_int_equal(hosts[1].came, 1);
	sudo_accepted(sudo, &hosts[1].turn);
	assert_int_equal(came(hosts, 4), 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(hosts[i].refused, 0);
	}
	sudo_free(sudo);
}

static void
no_host_gets_again_what_it_has_refused(void **state UNUSED)
{
	struct host hosts[3];
	struct sudo *sudo = with_hosts(hosts, 3);

	sudo_answer(sudo, "wrong here", NULL);
	sudo_refused(sudo, &hosts[0].turn, "web1");
	sudo_wait(sudo, &hosts[0].turn, "web1");
	assert_int_equal(hosts[0].came, 1);
	assert_int_equal(hosts[0].refused, 1);
	assert_non_null(strstr(hosts[0].why, "sudo of web1 has refused the password"));
	sudo_accepted(sudo, &hosts[1].turn);
	sudo_wait(sudo, &hosts[0].turn, "web1");
	assert_int_equal(hosts[0].came, 1);
	assert_int_equal(hosts[0].refused, 2);
	sudo_free(sudo);
}

static void
after_three_refusals_and_no_acceptance_nobody_else_gets_it(void **state UNUSED)
{
	struct host hosts[5];
	struct sudo *sudo = with_hosts(hosts, 5);

	sudo_answer(sudo, "wrong", NULL);
	sudo_refused(sudo, &hosts[0].turn, "web1");
	sudo_refused(sudo, &hosts[1].turn, "web2");
	assert_int_equal(came(hosts, 5), 3);
	sudo_refused(sudo, &hosts[2].turn, "web3");
	assert_int_equal(came(hosts, 5), 3);
	for (int i = 3; i < 5; i++) {
		assert_int_equal(hosts[i].refused, 1);
		assert_non_null(strstr(hosts[i].why, "(web1, web2, web3)"));
	}
	sudo_wait(sudo, &hosts[3].turn, "web4");
	assert_int_equal(hosts[3].refused, 2);
	sudo_free(sudo);
}

static void
once_it_is_accepted_refusals_end_nothing(void **state UNUSED)
{
	struct host hosts[6];
	struct sudo *sudo = with_hosts(hosts, 5);

	sudo_answer(sudo, "right", NULL);
	sudo_accepted(sudo, &hosts[0].turn);
	for (int i = 1; i < 5; i++) {
		static const char *const names[] = { "web2", "web3", "web4", "web5" };

		sudo_refused(sudo, &hosts[i].turn, names[i - 1]);
	}
	hosts[5] = (struct host){ .turn = { .ctx = &hosts[5], .come = come } };
	sudo_wait(sudo, &hosts[5].turn, "web6");
	assert_int_equal(hosts[5].came, 1);
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
		cmocka_unit_test(a_refusal_counts_for_its_host_and_the_next_is_tried_alone),
		cmocka_unit_test(no_host_gets_again_what_it_has_refused),
		cmocka_unit_test(after_three_refusals_and_no_acceptance_nobody_else_gets_it),
		cmocka_unit_test(once_it_is_accepted_refusals_end_nothing),
		cmocka_unit_test(a_host_that_is_lost_while_it_tries_makes_room_for_the_next),
		cmocka_unit_test(without_one_all_are_told_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
