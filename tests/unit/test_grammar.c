/* Which lines the daemons accept, and which of their words count, as the daemons themselves said.
 */
#include "common/buf.h"
#include "common/file.h"
#include "daemons/chrony/grammar.h"
#include "daemons/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const unsigned versions[] = { 40000, 40300, 40601, 40900 };

static bool
accepts(const struct chrony_checked *checked, unsigned version)
{
	return checked->line <= CHRONY_ACCEPTED && version >= checked->since &&
	    (checked->until == 0 || version < checked->until);
}

static void
chronyd_accepts_the_same_lines_as_the_table(void **state UNUSED)
{
	struct buf text = { .limit_bytes = 65536 };
	unsigned wrong = 0, lines = 0;
	char *rest, *line;

	assert_int_equal(file_read("tests/data/chrony-lines.txt", &text, NULL), 0);
	rest = text.data;
	while ((line = strsep(&rest, "\n"))) {
		struct chrony_checked checked;

		if (!line[0] || line[0] == '#') {
			continue;
		}
		lines++;
		checked = chrony_check_line(line + COUNT(versions) + 1);
		for (size_t i = 0; checked.line != CHRONY_UNSURE && i < COUNT(versions); i++) {
			if (accepts(&checked, versions[i]) != (line[i] == '+')) {
				print_error("%u: %s\n", versions[i], line);
				wrong++;
			}
		}
	}
	buf_free(&text);
	assert_int_equal(wrong, 0);
	assert_true(lines > 400);
}

static void
what_every_version_refuses_ends_the_daemon(void **state UNUSED)
{
	static const struct {
		const char *config, *version;
		bool refused, known;
	} rows[] = {
		{ "server 192.0.2.1 iburst # rack 4\n", "4.3", true, false },
		{ "server 192.0.2.1 iburst minpol 4\n", "4.3", true, false },
		{ "clockleapsecmode slew\n", "4.0", true, false },
		{ "opencommands tracking\n", "4.3", true, false },
		{ "opencommands tracking\n", "4.7", false, true },
		{ "makestep 1 3 4\n", "4.6.1", true, false },
		{ "driftfile /a /b\n", "4.5", true, false },
		{ "allow 192.0.2.0/33x\n", "4.3", true, false },
		{ "rtcsync yes\n", "4.3", true, false },
		{ "log tracking Selection\n", "4.3", true, false },
		{ "log tracking selection\n", "4.2", true, false },
		{ "log tracking selection\n", "4.3", false, true },
		{ "server 192.0.2.1 version 9\n", "4.6.1", false, true },
		{ "server 192.0.2.1 version 9\n", "4.8", true, false },
		{ "refclock SHM 0 refid GPSD1\n", "4.3", true, false },
		{ "makestep 0.1 3.0\n", "4.3", false, true },
		{ "server 192.0.2.1 iburst\n", "", false, true },
		/* what some version may accept, and some may not, is not known */
		{ "opencommands tracking\n", "", false, false },
		{ "clockleapsecmode slew\n", "5.1", false, false },
		{ "makestep one 3\n", "", false, false },
		{ "allow client.example.net\n", "4.3", false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;

		chrony_read_policy(rows[i].config, "", &policy);
		restart_policy_settle(&policy, rows[i].version);
		if (policy.refused != rows[i].refused || policy.known != rows[i].known) {
			fail_msg("%s with %s: refused %d, known %d", rows[i].config,
			    rows[i].version, policy.refused, policy.known);
		}
		if (policy.refused) {
			assert_string_equal(
			    policy.blames[BLAME_REFUSED].place, "/etc/chrony/chrony.conf:1");
		}
	}
}

static void
numbers_are_what_sscanf_takes_of_them(void **state UNUSED)
{
	struct restart_policy policy;

	chrony_read_policy("makestep 0.1 3.0\nmaxdistance 1.5s\n", "", &policy);
	assert_true(policy.known && policy.step_forward_ns == 100 * NS_PER_MS);
	assert_int_equal(policy.step_updates, 3);
	assert_true(policy.distance_max_ns == 1500 * NS_PER_MS);
}

/* In a folder of sources chronyd skips the line that would otherwise end it. */
static void
a_bad_line_in_a_folder_of_sources_is_skipped(void **state UNUSED)
{
	struct restart_policy policy;

	chrony_read_policy("#sources 1 /etc/chrony/sources.d/a.sources\nserver 192.0.2.1 key x\n"
			   "server 192.0.2.2 iburst\n#line 2 /etc/chrony/chrony.conf\n",
	    "", &policy);
	assert_true(policy.known && !policy.refused);
	assert_int_equal(policy.line_count, 1);
	assert_string_equal(policy.lines[0].name, "192.0.2.2");
	assert_string_equal(policy.lines[0].place, "/etc/chrony/sources.d/a.sources:2");
}

static void
the_daemons_own_word_counts_more_than_the_table(void **state UNUSED)
{
	struct restart_policy policy;

	chrony_read_policy("server 192.0.2.1\nallow client.example.net\nnewword 3\n", "", &policy);
	restart_policy_checked(&policy, "", NULL);
	restart_policy_settle(&policy, "4.3");
	assert_true(policy.known && !policy.refused);
	chrony_read_policy("server 192.0.2.1\n", "", &policy);
	restart_policy_checked(&policy, "/etc/chrony/chrony.conf:1", "Could not parse server");
	restart_policy_settle(&policy, ""); /* one that does not run: it was asked all the same */
	assert_true(policy.refused && !policy.known);
	assert_string_equal(policy.blames[BLAME_REFUSED].text, "Could not parse server");
}

/* Asked of chronyd 4.3: `chronyd -p` accepts each of these, and its start ends all the same. */
static void
what_ends_chronyd_behind_its_own_check_is_refused(void **state UNUSED)
{
	static const struct {
		const char *lines, *options;
		bool ends;
	} rows[] = {
		{ "allow 192.0.2.0/33\n", "", true },
		{ "deny 2001:db8::/129\n", "", true },
		{ "cmdallow all 10/40\n", "", true },
		{ "allow 192.0.2.0/32\nallow 2001:db8::/128\nallow 10/8\n", "", false },
		{ "sched_priority 100\n", "", true },
		{ "sched_priority 99\n", "", false },
		{ "rtcsync\nrtcfile /var/lib/chrony/rtc\n", "", true },
		{ "rtcfile /var/lib/chrony/rtc\n", "", false },
		{ "noclientlog\nratelimit\n", "", true },
		{ "cmdratelimit interval 1\nnoclientlog\n", "", true },
		{ "noclientlog\n", "", false },
		{ "mailonchange root@localhost 0.5\n", "-F 1", true },
		{ "mailonchange root@localhost 0.5\n", "-F 0", false },
		{ "ntsservercert /etc/a\n", "", true },
		{ "ntsservercert /etc/a\nntsserverkey /etc/b\n", "", false },
		{ "rtcsync\n", "-F 3", true },
		{ "refclock NMEA 0\n", "", true },
		{ "refclock SHM 0\n", "", false },
		{ "rtcsync\n", "-F -2", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_policy policy;

		chrony_read_policy(rows[i].lines, rows[i].options, &policy);
		restart_policy_checked(&policy, "", NULL);
		restart_policy_settle(&policy, "");
		if (policy.refused != rows[i].ends) {
			fail_msg(
			    "%s%s: refused %d", rows[i].lines, rows[i].options, policy.refused);
		}
	}
}

static void
what_chronyd_needs_of_the_host_is_told(void **state UNUSED)
{
	struct restart_policy policy;

	chrony_read_policy("refclock PPS /dev/pps0:clear\nrefclock SOCK /run/x/y.sock\n"
			   "hwtimestamp eth9\nhwtimestamp *\nrefclock SHM 0\nuser ntp\n",
	    "", &policy);
	assert_int_equal(policy.need_count, 4);
	assert_string_equal(policy.needs[0].path, "/dev/pps0");
	assert_string_equal(policy.needs[1].path, "/run/x");
	assert_string_equal(policy.needs[2].path, "/sys/class/net/eth9");
	assert_string_equal(policy.needs[3].user, "ntp");
	assert_string_equal(policy.needs[3].text, "user ntp");
}

#define LOST 0x10000 /* the line is no source */

static void
ntpd_reads_a_line_up_to_the_word_that_it_does_not_know(void **state UNUSED)
{
	static const struct {
		const char *line;
		unsigned of_ntp, of_ntpsec;
	} rows[] = {
		{ "server 192.0.2.1 perfer iburst", 0, 0 },
		{ "server 192.0.2.1 iburst perfer true", RESTART_IBURST, RESTART_IBURST },
		{ "server 192.0.2.1 minpoll=4 iburst", LOST, LOST },
		{ "server 192.0.2.1 minpoll 4, maxpoll 6 iburst", 0, 0 },
		{ "server 192.0.2.1 iburst minpoll 4.0", LOST, LOST },
		{ "server 192.0.2.1 minpoll 0x5 iburst", RESTART_IBURST, RESTART_IBURST },
		{ "server 192.0.2.1 iburst version 255", LOST, LOST },
		{ "server 192.0.2.1 iburst#comment", RESTART_IBURST, RESTART_IBURST },
		{ "server 192.0.2.1 \"iburst\" prefer", 0, 0 },
		{ "server 192.0.2.1 nts iburst", 0, RESTART_AUTH | RESTART_IBURST },
		{ "server 192.0.2.1 xleave iburst", RESTART_IBURST, 0 },
		{ "server 192.0.2.1 autokey iburst", RESTART_AUTH | RESTART_IBURST, 0 },
		{ "server 192.0.2.1 preempt true", RESTART_TRUE, 0 },
		{ "server 192.0.2.1 ttl 5 noselect", RESTART_NOSELECT, 0 },
		{ "server 192.0.2.1 mode 300 prefer", LOST, RESTART_PREFER },
		{ "server 192.0.2.1 bias 0.1 prefer", 0, RESTART_PREFER },
		{ "server 192.0.2.1 ident x iburst", RESTART_IBURST, 0 },
		{ "server -4 192.0.2.1 iburst", RESTART_IBURST, RESTART_IBURST },
		{ "Server 192.0.2.1", LOST, LOST },
		{ "server", LOST, LOST },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int k = 0; k < 2; k++) {
			struct restart_policy policy;
			unsigned want = k ? rows[i].of_ntpsec : rows[i].of_ntp, got;

			(k ? ntpsec_read_policy : ntp_read_policy)(rows[i].line, "", &policy);
			got = policy.line_count ? policy.lines[0].flags : LOST;
			if (!policy.known || got != want) {
				fail_msg("%d, %s: %#x, not %#x", k, rows[i].line, got, want);
			}
		}
	}
}

static void
settings_behind_an_unknown_word_do_not_count(void **state UNUSED)
{
	struct restart_policy policy;

	ntp_read_policy("tinker stepthreshold 0.5 panic 0\n", "", &policy);
	assert_true(policy.known && policy.panic_ns == 1000 * NS_PER_S);
	ntp_read_policy("tinker step 0.5 foo 1 panic 0\n", "", &policy);
	assert_true(policy.step_forward_ns == NS_PER_S / 2 && policy.panic_ns > 0);
	ntp_read_policy("tos beacon 3 cohort 1 minsane 3\n", "", &policy);
	assert_int_equal(policy.quorum, 3);
	ntpsec_read_policy("tos beacon 3 minsane 3\n", "", &policy);
	assert_true(policy.known);
	assert_int_equal(policy.quorum, 1);
	ntpsec_read_policy("tos minsane 2 basedate 2024-01-01 minclock 9\n", "", &policy);
	assert_true(policy.known && policy.cluster_to == 0 && policy.basedate_ns == 0);
	assert_int_equal(policy.quorum, 2);
	ntpsec_read_policy("disable auth ntp\n", "", &policy);
	assert_false(policy.passive);
	ntp_read_policy("disable auth ntp\n", "", &policy);
	assert_true(policy.passive);
}

static void
hardware_clocks_have_the_names_that_the_daemon_shows(void **state UNUSED)
{
	struct restart_policy policy;

	ntpsec_read_policy("refclock shm unit 2 refid GPS prefer\nrefclock NMEA baud 9600\n"
			   "refclock local\n",
	    "", &policy);
	assert_int_equal(policy.line_count, 2);
	assert_string_equal(policy.lines[0].name, "127.127.28.2");
	assert_int_equal(policy.lines[0].flags, RESTART_REFCLOCK | RESTART_PREFER);
	assert_string_equal(policy.lines[1].name, "127.127.20.0");
	assert_true(policy.own_clock && policy.known);
	ntpsec_read_policy("refclock sundial\n", "", &policy);
	assert_true(policy.refused); /* it ends at a driver that it does not have */
	ntpsec_read_policy("refclock gpsd unit 0\n", "", &policy);
	assert_false(policy.refused);
	assert_false(policy.known); /* not every build has it */
	chrony_read_policy("refclock SOCK /run/a\nrefclock PPS /dev/pps0 refid KPPS\n"
			   "refclock SHM 0 noselect\n",
	    "", &policy);
	assert_string_equal(policy.lines[0].name, "SOC0");
	assert_string_equal(policy.lines[1].name, "KPPS");
	assert_string_equal(policy.lines[2].name, "SHM2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chronyd_accepts_the_same_lines_as_the_table),
		cmocka_unit_test(what_every_version_refuses_ends_the_daemon),
		cmocka_unit_test(numbers_are_what_sscanf_takes_of_them),
		cmocka_unit_test(a_bad_line_in_a_folder_of_sources_is_skipped),
		cmocka_unit_test(the_daemons_own_word_counts_more_than_the_table),
		cmocka_unit_test(what_ends_chronyd_behind_its_own_check_is_refused),
		cmocka_unit_test(what_chronyd_needs_of_the_host_is_told),
		cmocka_unit_test(ntpd_reads_a_line_up_to_the_word_that_it_does_not_know),
		cmocka_unit_test(settings_behind_an_unknown_word_do_not_count),
		cmocka_unit_test(hardware_clocks_have_the_names_that_the_daemon_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
