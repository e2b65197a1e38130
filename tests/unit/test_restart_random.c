/* What holds for every verdict, in random cases.  SEED=N repeats a run. */
#include "verdict/first.h"
#include "verdict/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define CASES 4000

static uint64_t seed, number;

static unsigned
pick(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

static bool
chance(unsigned percent)
{
	return pick(100) < percent;
}

static int64_t
any_ns(void)
{
	static const int64_t sizes[] = { 0, NS_PER_MS, 20 * NS_PER_MS, 130 * NS_PER_MS,
		600 * NS_PER_MS, 5 * NS_PER_S, 1500 * NS_PER_S, INT64_C(378691200) * NS_PER_S };
	int64_t size_ns = sizes[pick(COUNT(sizes))];

	size_ns += size_ns / 100 * pick(20);
	return chance(50) ? size_ns : -size_ns;
}

static int64_t
any_limit(void)
{
	static const int64_t limits[] = { 0, 0, 128 * NS_PER_MS, NS_PER_S / 2, NS_PER_S,
		1000 * NS_PER_S };

	return limits[pick(COUNT(limits))];
}

static void
any_case(struct restart_case *input)
{
	static const int64_t distances[] = { 1, NS_PER_MS, 60 * NS_PER_MS, NS_PER_S, 2 * NS_PER_S };
	int64_t common_ns = any_ns();

	number++;
	memset(input, 0, sizeof(*input));
	input->policy = (struct restart_policy){ .known = !chance(3),
		.rules = (enum restart_rules)pick(RESTART_RULES_NTPD_RS + 1),
		.passive = chance(3),
		.one_shot = chance(3),
		.step_forward_ns = any_limit(),
		.step_back_ns = any_limit(),
		.step_any = chance(3),
		.step_updates = (int)pick(5) - 1,
		.panic_ns = any_limit(),
		.panic_pass = chance(20),
		.hold_ns = chance(20) ? any_limit() : 0,
		.preset = chance(3),
		.quorum = 1 + pick(4),
		.start_dispersion_ns = chance(30) ? 937 * NS_PER_MS : 0,
		.own_clock = chance(10),
		.slew_ppm = 500,
		.drift_file = chance(80) };
	input->rtc_offset_ns = INT64_MAX;
	input->starter = chance(10) ? "Restart=always" : NULL;
	input->source_count = pick(chance(5) ? RESTART_SOURCES_MAX + 1 : 8);
	for (size_t i = 0; i < input->source_count; i++) {
		struct restart_source *source = &input->sources[i];

		*source = (struct restart_source){ .flags = chance(70) ? RESTART_IBURST : 0,
			.fit = chance(90),
			.lossy = chance(10),
			.stratum = 1 + pick(3),
			.minpoll = 3 + (int)pick(2),
			.offset_ns = chance(60) ? common_ns + pick(2000000) : any_ns(),
			.distance_ns = distances[pick(COUNT(distances))],
			.error_ns = chance(50) ? 0 : NS_PER_MS };
		source->flags |= chance(3) ? RESTART_PREFER : 0;
		source->flags |= chance(3) ? RESTART_TRUE : 0;
		source->flags |= chance(3) ? RESTART_NOSELECT : 0;
		snprintf(source->address, sizeof(source->address), "10.0.0.%zu", i + 1);
	}
}

static int
badness(const struct verdict *verdict)
{
	return verdict->kind == VERDICT_UNKNOWN ? VERDICT_STEP : (int)verdict->kind;
}

static void
the_order_of_the_sources_changes_nothing(void **state UNUSED)
{
	for (int n = 0; n < CASES; n++) {
		struct restart_case input, other;
		struct verdict one, two;

		any_case(&input);
		other = input;
		for (size_t i = other.source_count; i > 1; i--) {
			size_t with = pick((unsigned)i);
			struct restart_source kept = other.sources[i - 1];

			other.sources[i - 1] = other.sources[with];
			other.sources[with] = kept;
		}
		restart_judge(&input, &one);
		restart_judge(&other, &two);
		if (one.kind != two.kind || one.amount_ns != two.amount_ns ||
		    one.degraded != two.degraded || one.reason_count != two.reason_count) {
			fail_msg("case %llu: %s by %lld, then %s by %lld",
			    (unsigned long long)number, verdict_name(one.kind),
			    (long long)one.amount_ns, verdict_name(two.kind),
			    (long long)two.amount_ns);
		}
		for (size_t i = 0; i < one.reason_count; i++) {
			assert_string_equal(one.reasons[i], two.reasons[i]);
			assert_true(one.reasons[i][0]);
		}
	}
}

static void
a_licence_to_step_never_makes_it_better(void **state UNUSED)
{
	for (int n = 0; n < CASES; n++) {
		struct restart_case input;
		struct verdict without, with;
		int64_t limit_ns = NS_PER_MS + any_limit();

		any_case(&input);
		restart_judge(&input, &without);
		switch (pick(4)) {
		case 0:
			input.policy.step_any = true;
			break;
		case 1:
			input.policy.preset = true;
			break;
		case 2:
			input.policy.step_updates = -1;
			break;
		default:
			if (input.policy.step_forward_ns == 0 ||
			    input.policy.step_forward_ns > limit_ns) {
				input.policy.step_forward_ns = limit_ns;
			}
			break;
		}
		restart_judge(&input, &with);
		if (badness(&with) < badness(&without)) {
			for (size_t i = 0; i < without.reason_count; i++) {
				print_error("%s\n", without.reasons[i]);
			}
			for (size_t i = 0; i < with.reason_count; i++) {
				print_error("with: %s\n", with.reasons[i]);
			}
			fail_msg("case %llu: %s, and with a licence %s", (unsigned long long)number,
			    verdict_name(without.kind), verdict_name(with.kind));
		}
	}
}

static void
a_smaller_limit_never_makes_a_step_of_what_was_safe(void **state UNUSED)
{
	for (int n = 0; n < CASES; n++) {
		struct restart_case input;
		struct verdict wide, tight;

		any_case(&input);
		restart_judge(&input, &wide);
		if (chance(50)) {
			input.policy.hold_ns = input.policy.hold_ns / 2 + NS_PER_MS;
		} else {
			input.policy.panic_ns = input.policy.panic_ns / 2 + NS_PER_MS;
		}
		restart_judge(&input, &tight);
		if (wide.kind <= VERDICT_SLEW && badness(&tight) >= VERDICT_STEP &&
		    !input.starter) {
			fail_msg("case %llu: %s, and with a tighter limit %s",
			    (unsigned long long)number, verdict_name(wide.kind),
			    verdict_name(tight.kind));
		}
	}
}

static void
a_quorum_of_more_never_lets_more_come_first(void **state UNUSED)
{
	for (int n = 0; n < CASES; n++) {
		struct restart_case input;
		struct verdict few, more;

		any_case(&input);
		input.policy.start_dispersion_ns = 0;
		for (size_t i = 0; i < input.source_count; i++) {
			input.sources[i].flags = RESTART_IBURST;
			input.sources[i].error_ns = input.sources[i].distance_ns;
		}
		restart_judge(&input, &few);
		input.policy.quorum += 1 + pick(3);
		restart_judge(&input, &more);
		if (few.kind <= VERDICT_SLEW && more.kind >= VERDICT_STEP) {
			fail_msg("case %llu: %s, and with a larger quorum %s",
			    (unsigned long long)number, verdict_name(few.kind),
			    verdict_name(more.kind));
		}
	}
}

static void
what_all_sources_amount_to_is_always_among_what_may_come_first(void **state UNUSED)
{
	for (int n = 0; n < CASES; n++) {
		struct first_offsets first;
		struct restart_case input;

		any_case(&input);
		restart_first(&input, &first);
		assert_true(first.count < FIRST_OFFSETS_MAX);
		assert_true(first.survivors <= first.fit);
		if (first.synced) {
			assert_int_equal(first.list[0].how, FIRST_SETTLED);
			assert_true(first.list[0].agreeing > 0);
		}
	}
}

static int
begin(void **state UNUSED)
{
	const char *given = getenv("SEED");

	seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("SEED=%llu\n", (unsigned long long)seed);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_the_sources_changes_nothing),
		cmocka_unit_test(a_licence_to_step_never_makes_it_better),
		cmocka_unit_test(a_smaller_limit_never_makes_a_step_of_what_was_safe),
		cmocka_unit_test(a_quorum_of_more_never_lets_more_come_first),
		cmocka_unit_test(what_all_sources_amount_to_is_always_among_what_may_come_first),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
