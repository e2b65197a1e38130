/* The arithmetic of traffic and cost, held against published figures. */
#include "orchestrator/review/cost.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
is_near(double found, double wanted, double share)
{
	if (fabs(found - wanted) > share * wanted) {
		fail_msg("%.6f is not within %.2f %% of %.6f", found, 100 * share, wanted);
	}
}

/*
 * A capture of 10,893,487 packets at a public server has 1,154,718,900 bytes in 60,099.26 s, and
 * was published as 153.6 kbit/s, and as 2.985 USD in 30 days for the outgoing half at 0.12 USD a
 * GB. The two figures differ by 0.07 % and 0.1 % from what the bytes give: they were rounded on the
 * way.
 */
static void
a_published_capture_costs_what_was_published(void **state UNUSED)
{
	double bit_s = cost_bit_s(1154718900, 60099.26);

	is_near(bit_s, 153600, 0.002);
	is_near(bit_s, 153708.2, 0.00001);
	is_near(cost_month(bit_s, 0.12), 2.985, 0.002);
	is_near(cost_month(bit_s, 0.12), 2.98809, 0.00001);
	is_near(
	    1154718900.0 / 10893487, 106.0, 0.0001); /* a frame, and the record of the capture */
	assert_true(cost_bit_s(1, 0) == 0);
}

/* 10,000 clients of one server: 156 questions a second at 64 s, 9.8 at 1024 s, 5,000 at a start. */
static void
clients_make_as_much_traffic_as_their_intervals_say(void **state UNUSED)
{
	struct cost cost;

	cost_of(&(struct cost_input){ .clients = 10000, .servers_each = 1 }, &cost);
	is_near(cost.unsettled.packets_s, 156.25, 0.0001);
	is_near(cost.settled.packets_s, 9.765625, 0.0001);
	is_near(cost.start.packets_s, 5000, 0.0001);
	assert_int_equal(cost.start_s, 16);
	is_near(cost.unsettled.bit_s, 156.25 * 720, 0.0001);
	is_near(cost.gb_month, 9.765625 * 90 * 2592000 / 1e9, 0.0001);
	is_near(cost.gb_month_most / cost.gb_month, 16, 0.0001);
	cost_of(&(struct cost_input){ .clients = 0, .servers_each = 4 }, &cost);
	assert_true(cost.start.bit_s == 0 && cost.gb_month == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_capture_costs_what_was_published),
		cmocka_unit_test(clients_make_as_much_traffic_as_their_intervals_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
