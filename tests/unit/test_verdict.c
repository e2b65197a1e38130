/*
 * What each switch does at a restart, as simulated with the real binaries and, where it says so,
 * as measured in the lab.
 */
#include "daemons/daemon.h"
#include "daemons/policy.h"
#include "verdict/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define YEARS (-378691200.0) /* s: 12 years, of November 2012 */
#define SOURCES_MAX 6

enum drift {
	DRIFT,
	NO_DRIFT,
};

static const struct vector {
	const char *id, *daemon, *options, *config;
	enum drift drift;
	double thetas_s[SOURCES_MAX];
	unsigned sources;
	enum verdict_kind kind;
	double amount_s; /* 0: whatever it says */
	bool degraded;
} vectors[] = {
	/* one source */
	{ "r1", "ntp", "", "", DRIFT, { 0.05 }, 1, VERDICT_SLEW, 0.05, false },
	{ "r1", "ntpsec", "", "", DRIFT, { 0.05 }, 1, VERDICT_SLEW, 0.05, false },
	{ "e8", "ntp", "-g", "", DRIFT, { 0.1 }, 1, VERDICT_SLEW, 0.1, false },
	{ "e8", "ntpsec", "-g", "", DRIFT, { 0.1 }, 1, VERDICT_SLEW, 0.1, false },
	{ "r2", "ntp", "", "", DRIFT, { 0.2 }, 1, VERDICT_STEP, 0.2, false },
	{ "r2", "ntpsec", "", "", DRIFT, { 0.2 }, 1, VERDICT_STEP, 0.2, false },
	{ "r4", "ntp", "", "", DRIFT, { 900 }, 1, VERDICT_STEP, 900, false },
	{ "r4", "ntpsec", "", "", DRIFT, { 900 }, 1, VERDICT_STEP, 900, false },
	{ "r5", "ntp", "", "", DRIFT, { 1500 }, 1, VERDICT_EXIT, 1500, true },
	{ "r5", "ntpsec", "", "", DRIFT, { 1500 }, 1, VERDICT_EXIT, 1500, true },
	{ "r6", "ntp", "-g", "", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500, false },
	{ "r6", "ntpsec", "-g", "", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500, false },
	{ "r8", "ntp", "-G", "", DRIFT, { 0.05 }, 1, VERDICT_STEP, 0.05, false },
	{ "r8", "ntpsec", "-G", "", DRIFT, { 0.05 }, 1, VERDICT_STEP, 0.05, false },
	{ "r10", "ntp", "-q -g", "", DRIFT, { 5 }, 1, VERDICT_STEP, 5, true },
	{ "r11", "ntpsec", "-qg", "", DRIFT, { 0.05 }, 1, VERDICT_SLEW, 0.05, true },
	{ "r12", "ntp", "-x", "", DRIFT, { 700 }, 1, VERDICT_STEP, 700, false },
	{ "r9", "ntpsec", "-x", "", DRIFT, { 0.3 }, 1, VERDICT_SLEW, 0.3, false },
	{ "g7", "ntp", "-gx", "", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500, false },
	{ "h3", "ntp", "-x", "tinker step 0.128\n", DRIFT, { 0.3 }, 1, VERDICT_STEP, 0.3, false },
	{ "r13", "ntp", "", "tinker step 0\n", DRIFT, { 5 }, 1, VERDICT_SLEW, 5, false },
	{ "r14", "ntp", "", "tinker panic 0\n", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500, false },
	{ "r15", "ntpsec", "", "tinker panic 0 step 0\n", DRIFT, { 1500 }, 1, VERDICT_SLEW, 1500,
	    false },
	{ "e10", "ntp", "", "tinker stepback 0\n", DRIFT, { -5 }, 1, VERDICT_SLEW, -5, false },
	{ "e11", "ntp", "", "tinker stepback 0\n", DRIFT, { 5 }, 1, VERDICT_STEP, 5, false },
	{ "g1", "ntp", "", "tinker step 0 panic 1\ntos minsane 3\n", DRIFT, { 0.6, 0.6, 0.6 }, 3,
	    VERDICT_SLEW, 0.6, false },
	{ "g2", "ntp", "", "tinker step 0 panic 1\ntos minsane 3\n", DRIFT, { 5, 5, 5 }, 3,
	    VERDICT_EXIT, 5, true },
	{ "g3", "ntpsec", "", "tinker step 0.5 panic 1\n", DRIFT, { 0.3 }, 1, VERDICT_SLEW, 0.3,
	    false },
	{ "g4", "ntpsec", "", "tinker step 0.5 panic 1\n", DRIFT, { 0.7 }, 1, VERDICT_STEP, 0.7,
	    false },
	{ "f1", "ntp", "", "tos basedate 2024-01-01\n", DRIFT, { 0 }, 1, VERDICT_STEP, 0, false },
	{ "c1", "chrony", "", "makestep 1 3\n", DRIFT, { 0.5 }, 1, VERDICT_SLEW, 0.5, false },
	{ "c2", "chrony", "", "makestep 1 3\n", DRIFT, { 5 }, 1, VERDICT_STEP, 5, false },
	{ "c5", "chrony", "", "makestep 1 3\n", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500, false },
	{ "c9", "chrony", "", "makestep 1 3\n", DRIFT, { YEARS }, 1, VERDICT_STEP, YEARS, false },
	{ "c3", "chrony", "-R", "makestep 1 3\n", DRIFT, { 5 }, 1, VERDICT_SLEW, 5, false },
	{ "c11", "chrony", "-R", "makestep 1 -1\n", DRIFT, { 5 }, 1, VERDICT_STEP, 5, false },
	{ "c12", "chrony", "", "initstepslew 1 10.0.0.1\n", DRIFT, { 5 }, 1, VERDICT_STEP, 5,
	    false },
	{ "c13", "chrony", "-R", "initstepslew 1 10.0.0.1\n", DRIFT, { 5 }, 1, VERDICT_SLEW, 5,
	    false },
	{ "c4", "chrony", "", "", DRIFT, { 5 }, 1, VERDICT_SLEW, 5, false },
	{ "c19", "chrony", "", "", DRIFT, { 1500 }, 1, VERDICT_SLEW, 1500, false },
	{ "c20", "chrony", "", "", DRIFT, { YEARS }, 1, VERDICT_SLEW, YEARS, false },
	{ "c6", "chrony", "", "makestep 1 3\nmaxchange 1000 0 0\n", DRIFT, { 1500 }, 1,
	    VERDICT_EXIT, 1500, true },
	{ "u5", "chrony", "", "makestep 1 3\nmaxchange 1000 0 0\n", DRIFT, { YEARS }, 1,
	    VERDICT_EXIT, YEARS, true },
	{ "c7", "chrony", "", "makestep 1 3\nmaxchange 1000 1 2\n", DRIFT, { 1500 }, 1,
	    VERDICT_STEP, 1500, false },
	{ "c8", "chrony", "", "maxchange 1 0 -1\n", DRIFT, { 5 }, 1, VERDICT_EXIT, 5, true },
	{ "g9", "chrony", "", "maxchange 1000 0 -1\nmakestep 1 3\n", DRIFT, { 1500 }, 1,
	    VERDICT_EXIT, 1500, true },
	{ "c14", "chrony", "-q", "", DRIFT, { 5 }, 1, VERDICT_STEP, 5, true },
	{ "c15", "chrony", "-q", "", DRIFT, { 0.3 }, 1, VERDICT_STEP, 0.3, true },
	{ "c17", "chrony", "", "maxslewrate 500\n", DRIFT, { 0.3 }, 1, VERDICT_SLEW, 0.3, false },
	{ "c18", "chrony", "", "maxslewrate 500\n", DRIFT, { 5 }, 1, VERDICT_SLEW, 5, false },
	/* several: who is wrong, and who answers first */
	{ "u1", "chrony", "", "makestep 1 3\n", DRIFT, { 0, YEARS, YEARS }, 3, VERDICT_STEP, YEARS,
	    false },
	{ "u1", "ntp", "-g", "", DRIFT, { 0, YEARS, YEARS }, 3, VERDICT_STEP, YEARS, false },
	{ "u1", "ntpsec", "-g", "", DRIFT, { 0, YEARS, YEARS }, 3, VERDICT_STEP, YEARS, false },
	/* chrony refuses, and would not were one of the others late: one lost answer is enough */
	{ "u2", "chrony", "", "makestep 1 3\n", DRIFT, { 0, 0, YEARS, YEARS }, 4, VERDICT_STEP,
	    YEARS, true },
	{ "u2", "ntp", "-g", "", DRIFT, { 0, 0, YEARS, YEARS }, 4, VERDICT_STEP, YEARS, true },
	{ "u2 minsources", "chrony", "", "makestep 1 3\nminsources 3\n", DRIFT,
	    { 0, 0, YEARS, YEARS }, 4, VERDICT_SAFE, 0, true },
	{ "u3", "ntp", "-g", "", DRIFT, { YEARS, 0, 0, 0 }, 4, VERDICT_STEP, YEARS, false },
	{ "u3", "ntpsec", "-g", "", DRIFT, { YEARS, 0, 0, 0 }, 4, VERDICT_STEP, YEARS, false },
	{ "u3.chrony", "chrony", "", "makestep 1 3\n", DRIFT, { YEARS, 0, 0, 0 }, 4, VERDICT_SAFE,
	    0, false },
	{ "u7", "chrony", "", "makestep 1 3\nminsources 3\n", DRIFT, { 0, YEARS, YEARS }, 3,
	    VERDICT_SAFE, 0, true },
	{ "v8", "ntp", "", "", DRIFT, { -50, 0, 0, 0 }, 4, VERDICT_STEP, -50, false },
	{ "v3", "ntp", "-g", "tos minsane 3\n", DRIFT, { -50, 0, 0, 0 }, 4, VERDICT_SAFE, 0,
	    false },
	{ "v4", "ntpsec", "-g", "tos minsane 3\n", DRIFT, { YEARS, 0, 0, 0 }, 4, VERDICT_SAFE, 0,
	    false },
	{ "e3", "ntp", "", "tos minsane 2\n", DRIFT, { -50, 0, 0, 0 }, 4, VERDICT_SAFE, 0, false },
	{ "minsane 2, 2 wrong", "ntpsec", "", "tos minsane 2\n", DRIFT, { -50, -50, 0, 0, 0 }, 5,
	    VERDICT_STEP, -50, false },
	{ "minsane 3, 2 wrong", "ntpsec", "", "tos minsane 3\n", DRIFT, { -50, -50, 0, 0, 0 }, 5,
	    VERDICT_SAFE, 0, false },
	{ "g5", "ntpsec", "-gq", "tos minsane 3\n", DRIFT, { 4000, 5000, 5000, 5000 }, 4,
	    VERDICT_STEP, 5000, true },
	{ "g6", "ntp", "-gq", "tos minsane 3\n", DRIFT, { YEARS, YEARS, 0, 0 }, 4, VERDICT_SAFE, 0,
	    true },
	{ "h1", "chrony", "",
	    "makestep 1 3\nserver 10.0.0.1 iburst\nserver 10.0.0.2\nserver 10.0.0.3\n"
	    "server 10.0.0.4\n",
	    DRIFT, { -50, 0, 0, 0 }, 4, VERDICT_STEP, -50, false },
	{ "h2", "chrony", "",
	    "makestep 1 3\nminsources 3\nserver 10.0.0.1 iburst\nserver 10.0.0.2\n"
	    "server 10.0.0.3\nserver 10.0.0.4\n",
	    DRIFT, { -50, 0, 0, 0 }, 4, VERDICT_SAFE, 0, false },
	{ "good burst", "ntp", "",
	    "server 10.0.0.1 iburst\nserver 10.0.0.2\nserver 10.0.0.3\nserver 10.0.0.4\n", DRIFT,
	    { 0, -50, 0, 0 }, 4, VERDICT_SAFE, 0, false },
	{ "prefer", "ntpsec", "",
	    "tos minsane 3\nserver 10.0.0.1 iburst prefer\nserver 10.0.0.2 iburst\n"
	    "server 10.0.0.3 iburst\n",
	    DRIFT, { 0.1295, 0.128, 0.128 }, 3, VERDICT_STEP, 0.1295, false },
	{ "true", "ntp", "",
	    "tos minsane 3\nserver 10.0.0.1 iburst true\nserver 10.0.0.2 iburst\n"
	    "server 10.0.0.3 iburst\nserver 10.0.0.4 iburst\n",
	    DRIFT, { -50, 0, 0, 0 }, 4, VERDICT_STEP, -50, false },
	{ "noselect", "ntp", "", "server 10.0.0.1 iburst noselect\nserver 10.0.0.2 iburst\n", DRIFT,
	    { -50, 0 }, 2, VERDICT_SAFE, 0, false },
	/* in the lab, ntp 4.2.8p15: sources that are new agree over a second and more */
	{ "new sources", "ntp", "", "tos minsane 3\n", DRIFT, { 0.8, 0, 0, 0 }, 4, VERDICT_STEP,
	    0.4, false },
	{ "new sources", "ntp", "", "tos minsane 2\n", DRIFT, { 0.4, 0, 0, 0 }, 4, VERDICT_STEP,
	    0.2, false },
	{ "new sources", "ntpsec", "", "tos minsane 3\n", DRIFT, { 0.8, 0, 0, 0 }, 4, VERDICT_SAFE,
	    0, false },
	/* findings 7 and 8, and what we render */
	{ "e7", "ntp", "", "", NO_DRIFT, { 0.2 }, 1, VERDICT_STEP, 0.2, false },
	{ "no drift file", "ntpsec", "", "", NO_DRIFT, { 0 }, 1, VERDICT_SLEW, 0, false },
	{ "12 years, -g", "ntpsec", "-g -N", "", DRIFT, { YEARS }, 1, VERDICT_STEP, YEARS, false },
	{ "ours", "ntpsec", "-N", "tinker step 0.5 panic 0.5\ntos minsane 3\n", DRIFT,
	    { YEARS, YEARS, YEARS }, 3, VERDICT_EXIT, YEARS, true },
	{ "ours", "ntp", "-N", "tinker step 0.5 panic 0.5\ntos minsane 3\n", DRIFT,
	    { 0.4, 0.4, 0.4 }, 3, VERDICT_SLEW, 0.4, false },
	{ "ours", "chrony", "-F 1 -r", "minsources 3\nmaxchange 0.5 0 -1\n", DRIFT,
	    { YEARS, YEARS, YEARS }, 3, VERDICT_EXIT, YEARS, true },
	/* how lines and options are read */
	{ "long", "ntp", "--panicgate", "", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500, false },
	{ "abbreviated", "ntp", "--panic", "", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500, false },
	{ "environment", "ntp", "NTPD_PANICGATE=1 -N", "", DRIFT, { 1500 }, 1, VERDICT_STEP, 1500,
	    false },
	{ "environment", "ntp", "NTPD_FORCE_STEP_ONCE=", "", DRIFT, { 0.05 }, 1, VERDICT_STEP, 0.05,
	    false },
	{ "last wins", "ntp", "", "tinker step 0\ntinker step 1 # 0\n", DRIFT, { 5 }, 1,
	    VERDICT_STEP, 5, false },
	{ "capitals are an error", "ntp", "", "TINKER step 0\ntinker STEP 0\n", DRIFT, { 5 }, 1,
	    VERDICT_STEP, 5, false },
	{ "disabled", "ntp", "-g", "disable monitor ntp\n", DRIFT, { 1500 }, 1, VERDICT_SAFE, 0,
	    true },
	{ "-x", "chrony", "-x -F 1", "makestep 1 3\n", DRIFT, { 5 }, 1, VERDICT_SAFE, 0, false },
	/* in the lab, chrony 4.3 */
	{ "-x, maxchange", "chrony", "-x", "maxchange 1 0 2\n", DRIFT, { 5 }, 1, VERDICT_EXIT, 5,
	    true },
	{ "case", "chrony", "", "  MakeStep 1 3\n", DRIFT, { 5 }, 1, VERDICT_STEP, 5, false },
	{ "comment", "chrony", "", "! makestep 1 3\n", DRIFT, { 5 }, 1, VERDICT_SLEW, 5, false },
	{ "arguments", "chrony", "-F 1 server 10.0.0.1 iburst makestep 1 3", "maxchange 1 0 0\n",
	    DRIFT, { 5 }, 1, VERDICT_STEP, 5, false },
	{ "arguments", "chrony", "-F 1 \"server 10.0.0.1 iburst\" \"makestep 1 3\"", "", DRIFT,
	    { 5 }, 1, VERDICT_STEP, 5, false },
	{ "-s", "chrony", "-s", "", DRIFT, { 0 }, 1, VERDICT_UNKNOWN, 0, false },
	{ "broken", "chrony", "", "makestep one 3\n", DRIFT, { 0 }, 1, VERDICT_UNKNOWN, 0, false },
	{ "broken", "ntp", "", "tinker step\n", DRIFT, { 0 }, 1, VERDICT_UNKNOWN, 0, false },
	{ "broken", "ntp", "", "tos minsane 3.5\n", DRIFT, { 0 }, 1, VERDICT_UNKNOWN, 0, false },
	{ "broken", "chrony", "-F 1 makestep", "", DRIFT, { 0 }, 1, VERDICT_UNKNOWN, 0, false },
};

/* The vector's configuration: with a server for each offset, unless it names its own. */
static const char *
config_of(const struct vector *vector, char *out, size_t size)
{
	size_t at = (size_t)snprintf(out, size, "%s%s", vector->config,
	    vector->drift == DRIFT ? "driftfile /var/lib/drift\n" : "");

	for (unsigned i = 0; !strstr(vector->config, "server ") && i < vector->sources; i++) {
		at += (size_t)snprintf(out + at, size - at, "server 10.0.0.%u iburst\n", i + 1);
	}
	return out;
}

static void
case_of(const struct vector *vector, struct restart_case *input)
{
	struct daemon_status status = { .stratum = 2, .source_count = vector->sources };
	struct restart_policy policy;
	char config[1024];

	for (unsigned i = 0; i < vector->sources; i++) {
		struct source_status *source = &status.sources[i];

		*source = (struct source_status){ .state = SOURCE_COMBINED,
			.stratum = 1,
			.offset_ns = (int64_t)(vector->thetas_s[i] * 1e9),
			.error_ns = NS_PER_MS };
		snprintf(source->address, sizeof(source->address), "10.0.0.%u", i + 1);
	}
	daemon_find(vector->daemon)
	    ->read_policy(config_of(vector, config, sizeof(config)), vector->options, &policy);
	restart_case_of_status(&policy, &status, input);
	input->now_ns = INT64_C(1500000000) * NS_PER_S;
}

static void
every_row_of_the_matrix_comes_out_as_it_did_with_the_real_daemons(void **state UNUSED)
{
	int wrong = 0;

	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *vector = &vectors[i];
		struct restart_case input;
		struct verdict verdict;
		double off_s;

		case_of(vector, &input);
		restart_judge(&input, &verdict);
		off_s = (double)verdict.amount_ns / 1e9 - vector->amount_s;
		if (verdict.kind == vector->kind && verdict.degraded == vector->degraded &&
		    (vector->amount_s == 0 || (off_s < 0.02 && off_s > -0.02))) {
			continue;
		}
		wrong++;
		print_error("%s, %s %s: %s by %.3f s%s, not %s by %.3f s%s\n", vector->id,
		    vector->daemon, vector->options, verdict_name(verdict.kind),
		    (double)verdict.amount_ns / 1e9, verdict.degraded ? ", degraded" : "",
		    verdict_name(vector->kind), vector->amount_s,
		    vector->degraded ? ", degraded" : "");
		for (size_t k = 0; k < verdict.reason_count; k++) {
			print_error("  %s\n", verdict.reasons[k]);
		}
	}
	assert_int_equal(wrong, 0);
}

/* What is said of a vector's start, for the operator. */
static void
says(const char *id, const char *daemon, const char *words)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct restart_case input;
		struct verdict verdict;
		bool said = false;

		if (strcmp(vectors[i].id, id) != 0 || strcmp(vectors[i].daemon, daemon) != 0) {
			continue;
		}
		case_of(&vectors[i], &input);
		restart_judge(&input, &verdict);
		for (size_t k = 0; k < verdict.reason_count; k++) {
			said |= strstr(verdict.reasons[k], words) != NULL;
		}
		if (!said) {
			fail_msg(
			    "%s, %s: \"%s\", not \"%s\"", id, daemon, verdict.reasons[0], words);
		}
		return;
	}
	fail_msg("no vector %s of %s", id, daemon);
}

static void
reasons_name_the_line_to_blame(void **state UNUSED)
{
	says("c2", "chrony", "/etc/chrony/chrony.conf:1: makestep 1 3: 1 source: offset 5.00 s");
	says("r6", "ntp", "start option -g: its first correction may be larger than 1000 s");
	says("g2", "ntp", "/etc/ntp.conf:1: tinker step 0 panic 1: 3 sources that agree");
	says("c8", "chrony", "stays unsynchronised, clock untouched");
	says("v8", "ntp", "1 of 4 sources suffice");
	says("v8", "ntp", "answers first");
	says("h1", "chrony", "makestep 1 3");
	says("u7", "chrony", "minsources 3: 2 of the 3 sources it needs agree");
	says("r12", "ntp", "start option -x");
	says("h3", "ntp", "/etc/ntp.conf:1: tinker step 0.128");
	says("e7", "ntp", "more steps follow");
	says("u3.chrony", "chrony",
	    "/etc/chrony/chrony.conf:1: makestep 1 3: an offset beyond 1.00 s would be stepped");
	says("v4", "ntpsec", "start option -g: the first step after a start may be of any size");
	says("good burst", "ntp", "1 of 4 sources are enough for such a step: no `tos minsane`");
	says("broken", "chrony", "/etc/chrony/chrony.conf:1: makestep one 3");
	says("true", "ntp", "10.0.0.1 is trusted by its line");
	says("prefer", "ntpsec", "10.0.0.1 is preferred");
	says("r10", "ntp", "start option -q: it sets the clock once and ends");
	says("12 years, -g", "ntpsec", "-g");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_matrix_comes_out_as_it_did_with_the_real_daemons),
		cmocka_unit_test(reasons_name_the_line_to_blame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
