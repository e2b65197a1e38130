/* The matrix of what each switch does at a restart, as simulated with the real binaries. */
#include "daemons/daemon.h"
#include "daemons/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define DRIFT "driftfile /var/lib/drift\n"
#define YEARS (-378691200.0) /* s: 12 years, of November 2012 */

/* TIMESAFETY 1.2: sources that agree, a drift file, the true error in seconds. */
static const struct vector {
	const char *id, *daemon, *options, *config;
	double offset_s;
	enum verdict_kind kind;
} vectors[] = {
	{ "r1", "ntp", "", DRIFT, 0.05, VERDICT_SLEW },
	{ "e8", "ntp", "-g", DRIFT, 0.1, VERDICT_SLEW },
	{ "r2", "ntp", "", DRIFT, 0.2, VERDICT_STEP },
	{ "r4", "ntpsec", "", DRIFT, 900, VERDICT_STEP },
	{ "r5", "ntpsec", "", DRIFT, 1500, VERDICT_EXIT },
	{ "r6", "ntp", "-g", DRIFT, 1500, VERDICT_STEP },
	{ "r6 long", "ntp", "--panicgate", DRIFT, 1500, VERDICT_STEP },
	{ "r8", "ntp", "-G", DRIFT, 0.05, VERDICT_STEP },
	{ "r12", "ntp", "-x", DRIFT, 700, VERDICT_STEP },
	{ "r9", "ntpsec", "-x", DRIFT, 0.3, VERDICT_SLEW },
	{ "g7", "ntp", "-gx", DRIFT, 1500, VERDICT_STEP },
	{ "h3", "ntp", "-x", DRIFT "tinker step 0.128\n", 0.3, VERDICT_STEP },
	{ "r13", "ntp", "", DRIFT "tinker step 0\n", 5, VERDICT_SLEW },
	{ "r14", "ntp", "", DRIFT "tinker panic 0\n", 1500, VERDICT_STEP },
	{ "r15", "ntpsec", "", DRIFT "tinker panic 0 step 0\n", 1500, VERDICT_SLEW },
	{ "e10", "ntp", "", DRIFT "tinker stepback 0\n", -5, VERDICT_SLEW },
	{ "e11", "ntp", "", DRIFT "tinker stepback 0\n", 5, VERDICT_STEP },
	{ "g1", "ntp", "", DRIFT "tinker step 0 panic 1\ntos minsane 3\n", 0.6, VERDICT_SLEW },
	{ "g2", "ntp", "", DRIFT "tinker step 0 panic 1\ntos minsane 3\n", 5, VERDICT_EXIT },
	{ "g3", "ntpsec", "", DRIFT "tinker step 0.5 panic 1\n", 0.3, VERDICT_SLEW },
	{ "g4", "ntpsec", "", DRIFT "tinker step 0.5 panic 1\n", 0.7, VERDICT_STEP },
	{ "last wins", "ntp", "", DRIFT "tinker step 0\ntinker step 1 # 0\n", 5, VERDICT_STEP },
	{ "12 years, -g", "ntpsec", "-g -N", DRIFT, YEARS, VERDICT_STEP },
	{ "ours", "ntpsec", "-N", DRIFT "tinker step 0.5 panic 0.5\ntos minsane 3\n", YEARS,
	    VERDICT_EXIT },
	{ "ours", "ntp", "-N", DRIFT "tinker step 0.5 panic 0.5\ntos minsane 3\n", 0.4,
	    VERDICT_SLEW },
	{ "disabled", "ntp", "-g", DRIFT "disable monitor ntp\n", 1500, VERDICT_SAFE },
	{ "c1", "chrony", "-F 1", DRIFT "makestep 1 3\n", 0.5, VERDICT_SLEW },
	{ "c2", "chrony", "-F 1", DRIFT "makestep 1 3\n", 5, VERDICT_STEP },
	{ "c5", "chrony", "-F 1", DRIFT "makestep 1 3\n", 1500, VERDICT_STEP },
	{ "c9", "chrony", "-F 1", DRIFT "makestep 1 3\n", YEARS, VERDICT_STEP },
	{ "c3", "chrony", "-F 1 -R", DRIFT "makestep 1 3\n", 5, VERDICT_SLEW },
	{ "c11", "chrony", "-F 1 -R", DRIFT "makestep 1 -1\n", 5, VERDICT_STEP },
	{ "c12", "chrony", "", DRIFT "initstepslew 1 10.0.0.1\n", 5, VERDICT_STEP },
	{ "c13", "chrony", "-R", DRIFT "initstepslew 1 10.0.0.1\n", 5, VERDICT_SLEW },
	{ "c4", "chrony", "", DRIFT, 5, VERDICT_SLEW },
	{ "c20", "chrony", "", DRIFT, YEARS, VERDICT_SLEW },
	{ "c6", "chrony", "", DRIFT "makestep 1 3\nmaxchange 1000 0 0\n", 1500, VERDICT_EXIT },
	{ "c7", "chrony", "", DRIFT "makestep 1 3\nmaxchange 1000 1 2\n", 1500, VERDICT_STEP },
	{ "c8", "chrony", "", DRIFT "maxchange 1 0 -1\n", 5, VERDICT_EXIT },
	{ "c8 within", "chrony", "", DRIFT "maxchange 1 0 -1\n", 0.5, VERDICT_SLEW },
	{ "c14", "chrony", "-q", DRIFT, 5, VERDICT_STEP },
	{ "c15", "chrony", "-q", DRIFT, 0.3, VERDICT_STEP },
	{ "c17", "chrony", "", DRIFT "maxslewrate 500\n", 0.3, VERDICT_SLEW },
	{ "-s", "chrony", "-s", DRIFT, 0, VERDICT_STEP },
	{ "-x", "chrony", "-x -F 1", DRIFT "makestep 1 3\n", 5, VERDICT_SAFE },
	{ "case", "chrony", "", DRIFT "  MakeStep 1 3\n", 5, VERDICT_STEP },
	{ "comment", "chrony", "", DRIFT "! makestep 1 3\n", 5, VERDICT_SLEW },
	{ "ours", "chrony", "-F 1 -r", DRIFT "minsources 3\nmaxchange 0.5 0 -1\n", YEARS,
	    VERDICT_EXIT },
	{ "broken", "chrony", "", DRIFT "makestep one 3\n", 0, VERDICT_UNKNOWN },
	{ "broken", "ntp", "", DRIFT "tinker step\n", 0, VERDICT_UNKNOWN },
	{ "directives", "chrony", "-F 1 makestep", DRIFT, 0, VERDICT_UNKNOWN },
	{ "no drift file", "ntpsec", "", "", 0, VERDICT_SLEW },
};

static void
read_policy(const struct vector *vector, struct restart_policy *policy)
{
	daemon_find(vector->daemon)->read_policy(vector->config, vector->options, policy);
}

static void
every_row_of_the_matrix_comes_out_as_simulated(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *vector = &vectors[i];
		struct daemon_status status = { .stratum = 2, .source_count = 3 };
		struct restart_policy policy;
		struct verdict verdict;
		struct restart_case input;

		for (size_t k = 0; k < 3; k++) {
			status.sources[k] = (struct source_status){ .address = "10.0.0.1",
				.state = SOURCE_SELECTED,
				.offset_ns = (int64_t)(vector->offset_s * 1e9),
				.error_ns = NS_PER_MS };
		}
		read_policy(vector, &policy);
		restart_case_of_status(&policy, &status, &input);
		restart_judge(&input, &verdict);
		if (verdict.kind != vector->kind) {
			fail_msg("%s, %s %s: %s, not %s", vector->id, vector->daemon,
			    vector->options, verdict_name(verdict.kind),
			    verdict_name(vector->kind));
		}
		if (verdict.kind == VERDICT_STEP && vector->offset_s != 0 && !policy.preset) {
			assert_true(verdict.amount_ns == status.sources[0].offset_ns);
		}
	}
}

static void
debians_own_files_may_step(void **state UNUSED)
{
	static const char chrony[] = "confdir /etc/chrony/conf.d\n"
				     "pool 2.debian.pool.ntp.org iburst\n"
				     "sourcedir /run/chrony-dhcp\n"
				     "keyfile /etc/chrony/chrony.keys\n"
				     "driftfile /var/lib/chrony/chrony.drift\n"
				     "maxupdateskew 100.0\nrtcsync\n"
				     "makestep 1 3\nleapsectz right/UTC\n";
	static const char ntpsec[] = "driftfile /var/lib/ntpsec/ntp.drift\n"
				     "tos maxclock 11\n"
				     "# comment tos minsane 5\n"
				     "tos minclock 4 minsane 3\n"
				     "pool 0.debian.pool.ntp.org iburst\n"
				     "restrict default kod nomodify nopeer noquery limited\n";
	struct restart_policy policy;

	daemon_find("chrony")->read_policy(chrony, "-F 1", &policy);
	assert_true(policy.known && policy.drift_file);
	assert_true(policy.step_forward_ns == NS_PER_S && policy.step_back_ns == NS_PER_S);
	assert_int_equal(policy.quorum, 1);
	daemon_find("ntpsec")->read_policy(
	    ntpsec, "-p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -g -N -u ntpsec:ntpsec", &policy);
	assert_true(policy.known && policy.panic_pass && policy.drift_file);
	assert_true(policy.step_forward_ns == 128 * NS_PER_MS);
	assert_int_equal(policy.quorum, 3);
	daemon_find("ntp")->read_policy(ntpsec, "-p /var/run/ntpd.pid -g -u 105:106", &policy);
	assert_true(policy.panic_pass && !policy.step_any);
}

static void
values_of_options_are_no_options(void **state UNUSED)
{
	struct restart_policy policy;

	daemon_find("ntp")->read_policy(DRIFT, "-c -g -p-x --configfile -G -u ntp", &policy);
	assert_false(policy.panic_pass);
	assert_false(policy.step_any);
	assert_true(policy.step_forward_ns == 128 * NS_PER_MS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_matrix_comes_out_as_simulated),
		cmocka_unit_test(debians_own_files_may_step),
		cmocka_unit_test(values_of_options_are_no_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
