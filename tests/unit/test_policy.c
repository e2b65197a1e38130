/* What configurations and options say, as the daemons read them. */
#include "common/buf.h"
#include "common/file.h"
#include "daemons/daemon.h"
#include "daemons/policy.h"
#include "verdict/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DRIFT "driftfile /var/lib/drift\n"

typedef void reader(const char *config, const char *options, struct restart_policy *policy);

/* The policy of a file of tests/data/stock. */
static struct restart_policy
stock(reader *read, const char *name, const char *options)
{
	struct buf text = { .limit_bytes = 65536 };
	struct restart_policy policy;
	struct error err;
	char path[128];

	snprintf(path, sizeof(path), "tests/data/stock/%s", name);
	if (file_read(path, &text, &err) < 0) {
		fail_msg("%s", err.text);
	}
	read(buf_str(&text), options, &policy);
	buf_free(&text);
	return policy;
}

static void
the_distributions_own_files_may_step(void **state UNUSED)
{
	struct restart_policy policy = stock(chrony_read_policy, "debian12-chrony.conf", "-F 1");

	assert_true(policy.known && policy.drift_file && restart_can_step(&policy, 0));
	assert_true(policy.step_forward_ns == NS_PER_S && policy.step_back_ns == NS_PER_S);
	assert_int_equal(policy.quorum, 1);
	assert_int_equal(policy.step_updates, 3);
	assert_string_equal(policy.blames[BLAME_STEP].place, "/etc/chrony/chrony.conf:42");
	assert_string_equal(policy.blames[BLAME_STEP].text, "makestep 1 3");
	assert_int_equal(policy.line_count, 1);
	assert_int_equal(policy.lines[0].flags, RESTART_POOL | RESTART_IBURST);
	assert_int_equal(policy.lines[0].addresses, 4);

	policy = stock(ntpsec_read_policy, "debian12-ntpsec.conf",
	    "-p /run/ntpd.pid -c /etc/ntpsec/ntp.conf -g -N -u ntpsec:ntpsec");
	assert_true(policy.known && policy.panic_pass && policy.drift_file);
	assert_true(policy.step_forward_ns == 128 * NS_PER_MS);
	assert_int_equal(policy.quorum, 3);
	assert_int_equal(policy.cluster_to, 4);
	assert_int_equal(policy.line_count, 4);
	assert_true(policy.start_dispersion_ns == 0);

	policy = stock(ntp_read_policy, "debian11-ntp.conf", "-p /var/run/ntpd.pid -g -u 105:106");
	assert_true(policy.known && policy.panic_pass && !policy.step_any);
	assert_int_equal(policy.quorum, 1);
	assert_true(policy.start_dispersion_ns > 0);
}

static void
files_of_other_distributions_are_read_too(void **state UNUSED)
{
	struct restart_policy policy = stock(chrony_read_policy, "rhel9-chrony.conf", "-F 2");

	assert_true(policy.known && policy.drift_file && policy.step_updates == 3);
	assert_string_equal(policy.lines[0].name, "2.rhel.pool.ntp.org");
	policy = stock(chrony_read_policy, "ubuntu2404-chrony.conf", "-F 1");
	assert_true(policy.known && policy.line_count == 4);
	assert_int_equal(policy.lines[1].addresses, 1);
	assert_int_equal(policy.lines[3].addresses, 2);
	policy = stock(timesyncd_read_policy, "debian12-timesyncd.conf", "");
	assert_true(policy.known && policy.step_forward_ns == 400 * NS_PER_MS);
	policy =
	    stock(openntpd_read_policy, "debian12-openntpd.conf", "-f /etc/openntpd/ntpd.conf");
	assert_true(policy.known && !restart_can_step(&policy, 0) && policy.line_count == 4);
	policy = stock(openntpd_read_policy, "debian12-openntpd.conf", "-s");
	assert_true(restart_can_step(&policy, 0));
	policy = stock(ntpd_rs_read_policy, "ntpd-rs.toml", "");
	assert_true(policy.known && policy.step_forward_ns == 10 * NS_PER_MS);
	assert_int_equal(policy.quorum, 3);
	assert_true(policy.panic_ns == 0 && policy.panic_back_ns == 1800 * NS_PER_S);
	assert_int_equal(policy.lines[0].flags, RESTART_POOL);
}

static void
values_of_options_are_no_options(void **state UNUSED)
{
	struct restart_policy policy;

	ntp_read_policy(DRIFT, "-c -g -p-x --configfile -G -u ntp", &policy);
	assert_true(policy.known);
	assert_false(policy.panic_pass);
	assert_false(policy.step_any);
	assert_true(policy.step_forward_ns == 128 * NS_PER_MS);
}

static void
places_follow_the_lines_that_say_where_they_are(void **state UNUSED)
{
	struct restart_policy policy;

	ntpsec_read_policy("# one\n#line 7 /etc/ntpsec/ntp.d/site.conf\ntos  minsane\t3 # three\n\n"
			   "server 192.0.2.1 iburst key 7\n#line 2 /etc/ntpsec/ntp.conf\n"
			   "tinker step 0\n",
	    "", &policy);
	assert_string_equal(policy.blames[BLAME_QUORUM].place, "/etc/ntpsec/ntp.d/site.conf:7");
	assert_string_equal(policy.blames[BLAME_QUORUM].text, "tos minsane 3");
	assert_string_equal(policy.lines[0].place, "/etc/ntpsec/ntp.d/site.conf:9");
	assert_int_equal(policy.lines[0].flags, RESTART_IBURST | RESTART_AUTH);
	assert_string_equal(policy.blames[BLAME_STEP].place, "/etc/ntpsec/ntp.conf:2");
}

static void
sources_of_chrony_that_are_authenticated_stand_above_the_others(void **state UNUSED)
{
	static const char config[] = "server a iburst nts\nserver b iburst\n";
	struct restart_policy policy;

	chrony_read_policy(config, "", &policy);
	assert_true(policy.lines[0].flags & RESTART_TRUE);
	assert_true(policy.lines[0].flags & RESTART_REQUIRE);
	assert_false(policy.lines[1].flags & RESTART_TRUE);
	/* who is only measured raises nobody above the others */
	chrony_read_policy("server a\nserver b\nserver sibling key 3 noselect\n", "", &policy);
	assert_false(policy.lines[2].flags & (RESTART_REQUIRE | RESTART_TRUE));
	chrony_read_policy("authselectmode require\nserver a key 3\nserver b\n", "", &policy);
	assert_int_equal(policy.lines[0].flags, RESTART_AUTH);
	assert_int_equal(policy.lines[1].flags, RESTART_NOSELECT);
}

static void
what_cannot_be_read_is_not_known(void **state UNUSED)
{
	static const struct {
		reader *read;
		const char *config, *options;
	} broken[] = {
		{ chrony_read_policy, "makestep one 3\n", "" },
		{ chrony_read_policy, "makestep 1\n", "" },
		/* chronyd takes these numbers: what it does with them is not to be guessed */
		{ chrony_read_policy, "makestep -1 3\n", "" },
		{ chrony_read_policy, "makestep nan 3\n", "" },
		{ chrony_read_policy, "maxchange -1 1 -1\n", "" },
		{ chrony_read_policy, "maxchange inf 1 -1\n", "" },
		{ chrony_read_policy, "initstepslew -1 192.0.2.1\n", "" },
		{ chrony_read_policy, "maxslewrate -1\n", "" },
		{ chrony_read_policy, "maxdistance -1\n", "" },
		{ chrony_read_policy, "include /etc/more.conf\n", "" },
		{ chrony_read_policy, "maxchange 1 0\n", "" },
		{ ntp_read_policy, "tinker step\n", "" },
		{ ntp_read_policy, "tos minsane x\n", "" },
		{ ntp_read_policy, "", "192.0.2.1" },
		{ ntpsec_read_policy, "includefile /etc/more\n", "" },
		{ timesyncd_read_policy, "[Time]\nRootDistanceMaxSec=far\n", "" },
		{ timesyncd_read_policy, "[Time]\nNTP=a\\.b\n", "" },
		{ openntpd_read_policy, "server\n", "" },
		{ ntpd_rs_read_policy, "[synchronization]\nminimum-agreeing-sources = many\n", "" },
		{ ntpd_rs_read_policy, "synchronization = { minimum-agreeing-sources = 1, }\n",
		    "" },
		{ ntpd_rs_read_policy, "[[source]]\nmode = \"server\"\n", "" },
		{ ntpd_rs_read_policy, "", "--version" },
	};

	for (size_t i = 0; i < COUNT(broken); i++) {
		struct restart_policy policy;

		broken[i].read(broken[i].config, broken[i].options, &policy);
		if (policy.known) {
			fail_msg("\"%s\" was understood", broken[i].config);
		}
		assert_true(policy.blames[BLAME_UNKNOWN].text[0]);
	}
}

/* A name may have any address but those that only the host itself has. */
static void
a_name_is_heard_where_some_address_is_let_pass(void **state UNUSED)
{
	static const struct {
		const char *pass;
		bool deaf;
	} rows[] = {
		{ "", true },
		{ "restrict 127.0.0.1\nrestrict ::1\n", true },
		{ "restrict 127.0.0.0/8\n", true },
		{ "restrict 198.51.100.0/24 nomodify\n", false },
		{ "restrict 198.51.100.7 nomodify\n", false },
		{ "restrict 198.51.100.0/24 noserve\n", true },
		{ "restrict 2001:db8::/32\n", false },
		{ "restrict ::/64\n", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;
		char config[160];

		snprintf(config, sizeof(config),
		    "server a.example.net\nrestrict default ignore\n%s", rows[i].pass);
		ntpsec_read_policy(config, "", &policy);
		assert_true(policy.known);
		if (!(policy.lines[0].flags & RESTART_DEAF) == rows[i].deaf) {
			fail_msg("%s", config);
		}
	}
}

/* One that was left out could be the one that lets a source pass. */
static void
more_lines_of_access_than_can_be_judged_are_a_doubt(void **state UNUSED)
{
	struct restart_policy policy;
	struct buf config = { .limit_bytes = 0 };

	for (size_t i = 0; i <= RESTART_FENCES_MAX; i++) {
		ntp_read_policy(buf_str(&config), "", &policy);
		assert_true(policy.known);
		assert_int_equal(policy.fence_count, i);
		buf_printf(&config, "restrict 192.0.2.%zu ignore\n", i);
	}
	ntp_read_policy(buf_str(&config), "", &policy);
	assert_false(policy.known);
	assert_non_null(strstr(policy.blames[BLAME_UNKNOWN].text, "more lines of access"));
	buf_free(&config);
}

static void
timesyncd_asks_the_fallback_only_where_nobody_else_is_named(void **state UNUSED)
{
	struct restart_policy policy;

	timesyncd_read_policy("[Time]\nNTP=192.0.2.1 192.0.2.2\nFallbackNTP=192.0.2.9\n"
			      "#line 1 /etc/systemd/timesyncd.conf.d/x.conf\n[Time]\n"
			      "NTP=192.0.2.3\n",
	    "", &policy);
	assert_int_equal(policy.line_count, 3);
	assert_string_equal(policy.lines[2].place, "/etc/systemd/timesyncd.conf.d/x.conf:2");
	timesyncd_read_policy("[Time]\nNTP=192.0.2.1\nNTP=\nFallbackNTP=192.0.2.9\n"
			      "RootDistanceMaxSec=1min 500ms\n",
	    "", &policy);
	assert_int_equal(policy.line_count, 1);
	assert_string_equal(policy.lines[0].name, "192.0.2.9");
	assert_true(policy.distance_max_ns == INT64_C(60500) * NS_PER_MS);
}

static void
openntpd_steps_forward_where_it_trusts_somebody(void **state UNUSED)
{
	struct restart_policy policy;

	openntpd_read_policy(
	    "server 192.0.2.1 trusted\nconstraints from \"https://x\"\n", "", &policy);
	assert_true(policy.step_forward_ns == 60 * NS_PER_S && policy.step_back_ns == 0);
	assert_true(policy.blames[BLAME_STEP].place[0]);
}

static void
toml_is_read_as_far_as_the_keys_need_it(void **state UNUSED)
{
	struct restart_policy policy;

	ntpd_rs_read_policy("[[source]] # one\nmode = 'server'\naddress = \"[2001:db8::1]:123\"\n"
			    "[[source]]\naddress = \"a.example:4460\"\nmode = \"nts\"\n"
			    "[synchronization.algorithm]\nstep-threshold = 1_0.5\n"
			    "[synchronization]\nstartup-step-panic-threshold = 10\n"
			    "minimum-agreeing-sources = 2 # two\n",
	    "", &policy);
	assert_true(policy.known);
	assert_string_equal(policy.lines[0].name, "2001:db8::1");
	assert_string_equal(policy.lines[1].name, "a.example");
	assert_int_equal(policy.lines[1].flags, RESTART_AUTH);
	assert_true(policy.step_forward_ns == 10500 * NS_PER_MS);
	assert_true(policy.panic_ns == 10 * NS_PER_S && policy.panic_back_ns == 10 * NS_PER_S);
	assert_int_equal(policy.quorum, 2);
}

static void
each_kind_of_preset_can_step_at_a_start(void **state UNUSED)
{
	static const struct {
		reader *read;
		const char *config, *options;
		int64_t now_ns;
		bool steps;
	} rows[] = {
		{ chrony_read_policy, "initstepslew 1 a\n", "", 0, true },
		{ chrony_read_policy, "initstepslew 1 a\n", "-R", 0, false },
		{ chrony_read_policy, "initstepslew 1 a\n", "-x", 0, false },
		{ chrony_read_policy, "rtcfile /r\n", "-s", 0, true },
		{ chrony_read_policy, "server a\n", "", 0, false },
		{ ntp_read_policy, "tinker step 0\ntos basedate 2024-01-01\n", "", 0, true },
		{ ntp_read_policy, "tinker step 0\ntos basedate 2024-01-01\n", "",
		    INT64_C(1795325613) * NS_PER_S, false },
		{ ntp_read_policy, "tinker step 0\ntos basedate 2024-01-01\ndisable ntp\n", "", 0,
		    true },
		{ ntp_read_policy, "tinker step 0\n", "", 0, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;

		rows[i].read(rows[i].config, rows[i].options, &policy);
		assert_true(policy.known);
		if (restart_can_step(&policy, rows[i].now_ns) != rows[i].steps) {
			fail_msg("\"%s\", \"%s\"", rows[i].config, rows[i].options);
		}
		policy.preset_unit = true;
		assert_true(restart_can_step(&policy, rows[i].now_ns));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_distributions_own_files_may_step),
		cmocka_unit_test(files_of_other_distributions_are_read_too),
		cmocka_unit_test(values_of_options_are_no_options),
		cmocka_unit_test(places_follow_the_lines_that_say_where_they_are),
		cmocka_unit_test(sources_of_chrony_that_are_authenticated_stand_above_the_others),
		cmocka_unit_test(what_cannot_be_read_is_not_known),
		cmocka_unit_test(a_name_is_heard_where_some_address_is_let_pass),
		cmocka_unit_test(more_lines_of_access_than_can_be_judged_are_a_doubt),
		cmocka_unit_test(timesyncd_asks_the_fallback_only_where_nobody_else_is_named),
		cmocka_unit_test(each_kind_of_preset_can_step_at_a_start),
		cmocka_unit_test(openntpd_steps_forward_where_it_trusts_somebody),
		cmocka_unit_test(toml_is_read_as_far_as_the_keys_need_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
