#include "orchestrator/rollout/plan/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct tier core = { .name = "core" };
static struct tier branch = { .name = "branch" };
static struct host hosts[16];
static struct source above;

/* "s:chrony" a server of core, "b:ntp" of branch, "c:chrony" a client. */
static size_t
members_of(const char *const *words, struct order_member *members)
{
	size_t count = 0;

	above = (struct source){ .server = &hosts[0] };
	branch.sources = (struct source_list){ &above, 1 };
	for (; words[count]; count++) {
		char kind = words[count][0];

		hosts[count] = (struct host){ .name = words[count],
			.role = kind == 'c' ? HOST_CLIENT : HOST_SERVER,
			.tier = kind == 's' ? &core
			    : kind == 'b'   ? &branch
					    : NULL };
		members[count] =
		    (struct order_member){ .host = &hosts[count], .kind = words[count] + 2 };
	}
	hosts[0].tier = &core;
	return count;
}

static void
assert_order(const char *const *words, unsigned batch, bool percent, const char *want)
{
	struct rollout_settings rollout = { .batch = batch, .batch_percent = percent };
	struct order_member members[16];
	size_t count = members_of(words, members);
	char seen[256] = "";

	order_waves(&rollout, members, count);
	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(seen);

		snprintf(seen + used, sizeof(seen) - used, "%s%u", i ? " " : "", members[i].wave);
	}
	assert_string_equal(seen, want);
}

static void
servers_come_one_by_one_with_the_first_of_each_kind_before_the_others(void **state UNUSED)
{
	const char *const words[] = { "s:chrony", "s:chrony", "s:ntp", "s:ntpsec", NULL };

	assert_order(words, 1, false, "1 4 2 3");
}

static void
a_tier_comes_after_the_one_it_takes_time_from(void **state UNUSED)
{
	const char *const words[] = { "s:chrony", "b:ntp", "s:chrony", "b:chrony", NULL };

	assert_order(words, 1, false, "1 3 2 4");
}

static void
clients_come_last_with_one_of_each_kind_together_first(void **state UNUSED)
{
	const char *const words[] = { "s:chrony", "c:chrony", "c:ntp", "c:chrony", "c:ntp",
		"c:chrony", NULL };

	assert_order(words, 2, false, "1 2 2 3 3 4");
}

static void
a_batch_in_percent_is_of_all_clients_and_at_least_one(void **state UNUSED)
{
	const char *const words[] = { "c:a", "c:a", "c:a", "c:a", "c:a", "c:a", "c:a", NULL };

	assert_order(words, 40, true, "1 2 2 2 3 3 3");
	assert_order(words, 1, true, "1 2 3 4 5 6 7");
	assert_order(words, 100, true, "1 2 2 2 2 2 2");
}

static void
nobody_takes_no_waves(void **state UNUSED)
{
	struct rollout_settings rollout = { .batch = 1 };

	assert_int_equal(order_waves(&rollout, NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    servers_come_one_by_one_with_the_first_of_each_kind_before_the_others),
		cmocka_unit_test(a_tier_comes_after_the_one_it_takes_time_from),
		cmocka_unit_test(clients_come_last_with_one_of_each_kind_together_first),
		cmocka_unit_test(a_batch_in_percent_is_of_all_clients_and_at_least_one),
		cmocka_unit_test(nobody_takes_no_waves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
