/* Which of the sources that the agent measured itself count for the next start of the daemon. */
#include "agent/look/judgement.h"
#include "common/address.h"
#include "daemons/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* This host is 192.0.2.1 and 2001:db8::1; others have no way to it. */
static bool
own_address(const struct ip *ip, struct ip *own)
{
	struct ip lost;

	ip_parse("198.51.100.1", &lost);
	return !ip_equal(ip, &lost) &&
	    ip_parse(ip->family == IP_V4 ? "192.0.2.1" : "2001:db8::1", own);
}

/* Judge a source at @address that says it follows @refid at @stratum.  Returns its flags. */
static unsigned
judge(const char *address, unsigned stratum, uint32_t refid, char *blame, size_t size)
{
	static struct start start;
	static struct restart_policy policy;
	static struct measure measured;
	static struct report report;
	static struct restart_case input;
	struct judgement judgement = { .start = &start,
		.policy = &policy,
		.measured = &measured,
		.own_address = own_address,
		.boot_ns = 100 * NS_PER_S };
	char config[128];

	memset(&measured, 0, sizeof(measured));
	memset(&report, 0, sizeof(report));
	snprintf(config, sizeof(config), "server %s key 1\n", address);
	chrony_read_policy(config, "", &policy);
	measured.target_count = 1;
	measured.targets[0] = (struct measure_target){ .same_as = -1,
		.sent = 3,
		.answered = 3,
		.sample_count = 1,
		.samples = { { .delay_ns = NS_PER_MS,
		    .boot_ns = 99 * NS_PER_S,
		    .stratum = (uint8_t)stratum,
		    .refid = refid } } };
	snprintf(measured.targets[0].address, sizeof(measured.targets[0].address), "%s", address);
	judgement_pass(&judgement, &report, &input);
	assert_int_equal(input.source_count, 1);
	snprintf(blame, size, "%s", input.policy.blames[BLAME_DEAF].text);
	return input.sources[0].flags;
}

static void
a_source_that_follows_this_host_is_none_for_its_next_start(void **state UNUSED)
{
	static const struct {
		const char *address;
		unsigned stratum;
		uint32_t refid;
		bool is_source;
	} cases[] = {
		{ "192.0.2.2", 3, 0xc0000201, false },
		{ "192.0.2.2", 3, 0xc0000203, true },
		/* at stratum 1 it is the name of a hardware clock */
		{ "192.0.2.2", 1, 0xc0000201, true },
		{ "192.0.2.2", 3, 0, true },
		/* over IPv6, MD5 of the address names it */
		{ "2001:db8::2", 3, 0x39ab9b37, false },
		{ "2001:db8::2", 3, 0xc0000201, true },
		{ "198.51.100.1", 3, 0xc0000201, true },
	};
	char blame[160];

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned flags =
		    judge(cases[i].address, cases[i].stratum, cases[i].refid, blame, sizeof(blame));

		if (((flags & RESTART_DEAF) == 0) != cases[i].is_source) {
			fail_msg("case %zu: flags %#x, \"%s\"", i, flags, blame);
		}
	}
	judge("192.0.2.2", 3, 0xc0000201, blame, sizeof(blame));
	assert_string_equal(blame, "the loop through 192.0.2.2");
}

static void
an_end_in_the_midst_of_a_slew_by_the_kernel_waits(void **state UNUSED)
{
	static const struct {
		double ppm;
		int64_t offset_ns;
		bool waits;
	} cases[] = {
		{ 310, 20 * NS_PER_MS, true }, { -310, -20 * NS_PER_MS, true },
		{ 310, -20 * NS_PER_MS, false }, /* a crystal that is off, and a fast clock */
		{ 310, NS_PER_MS / 10, false },  /* a crystal that is off, and a right clock */
		{ 20, 20 * NS_PER_MS, false },   /* no slew has begun */
		{ 0, 20 * NS_PER_MS, false },    /* of a daemon that slews otherwise */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct restart_case input = { .policy = { .known = true,
						  .rules = RESTART_RULES_NTPD_RS,
						  .quorum = 1,
						  .drift_file = true },
			.source_count = 3,
			.rtc_offset_ns = INT64_MAX,
			.kernel_ppm = cases[i].ppm };
		const char *words =
		    "stopped now, its clock goes on at that rate; try again in 108 s";
		struct verdict verdict;

		for (size_t j = 0; j < input.source_count; j++) {
			input.sources[j] = (struct restart_source){ .fit = true,
				.offset_ns = cases[i].offset_ns,
				.distance_ns = NS_PER_MS };
		}
		restart_judge(&input, &verdict);
		if ((verdict.kind == VERDICT_UNKNOWN) != cases[i].waits) {
			fail_msg("case %zu: %s", i, verdict_name(verdict.kind));
		}
		if (cases[i].waits) {
			assert_non_null(strstr(verdict.reasons[0], words));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_that_follows_this_host_is_none_for_its_next_start),
		cmocka_unit_test(an_end_in_the_midst_of_a_slew_by_the_kernel_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
