/*
 * A change on a host whose services OpenRC starts: apply.sh and undo.sh with the words of
 * openrc.sh, on a folder that stands for the host.  Its rc-service writes down what it is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/resource.h"
#include "orchestrator/rollout/plan/plan.h"
#include "tests/fake_host.h"
#include "tests/fake_plan.h"
#include "tests/fake_sshd.h"

#define CONF "/etc/chrony/chrony.conf"
#define CHANGE "/var/lib/timetier/change"
#define SLEEPER "/etc/init.d/timetier-guard"
#define WORDS                                                                                      \
	"put 0644 root root 4 " CONF "\nnew\nact systemctl restart chronyd\n"                      \
	"revive systemctl restart chronyd\nunit chronyd\nfresh\ngo\n"

static struct fake_host host;

static const char rc_service[] =
    "#!/bin/sh\n"
    "top=${0%/bin/*}\n"
    "echo \"$*\" >>\"$top/said\"\n"
    "case \"$*\" in\n"
    "'timetier-guard start') [ ! -e \"$top/unguarded\" ] || { echo no supervisor; exit 1; } ;;\n"
    "'chronyd --nodeps stop') [ ! -e \"$top/killed\" ] || { echo 'ERROR: failed to stop'; exit 1; "
    "} ;;\n"
    "'chronyd zap') rm -f \"$top/killed\" ;;\n"
    "'chronyd start')\n"
    "	[ ! -e \"$top/killed\" ] || { echo 'WARNING: already started'; exit 0; }\n"
    "	[ ! -e \"$top/proc/7\" ] || { echo 'ERROR: chronyd is already running'; exit 1; }\n"
    "	[ ! -e /proc/self/fd/7 ] && [ ! -e /proc/self/fd/9 ] || echo locks >>\"$top/kept\"\n"
    "	grep -q '^SigIgn:.*[1357]$' /proc/self/status && echo HUP >>\"$top/kept\"\n"
    "	cp \"$top" CONF "\" \"$top/ran\"\n"
    "	echo ' chronyd[1]: starts' >>\"$top/var/log/messages\"\n"
    "	grep -q broken \"$top/ran\" && { echo 'ERROR: chronyd failed to start'; exit 1; } ;;\n"
    "'chronyd status') [ ! -e \"$top/died\" ] || exit 32 ;;\n"
    "esac\n"
    "exit 0\n";

static const char compose[] =
    "cd %s && { echo \"top='$PWD'\"; for name in init undo; do "
    "sed \"s/'/'\\\\\\\\''/g; 1s/^/$name='/; \\$s/$/'/\" $name; done; cat apply; } >script && "
    "mv script apply && rm init undo && printf 'holder a test\\nrun 7.ab\\nwait 600\\nguard 60\\n' "
    ">head && mkdir -p etc/init.d etc/runlevels/default var/log && echo ' chronyd[1]: old' "
    ">var/log/messages";

static void
begin(void)
{
	static const char *const names[][2] = {
		{ "/apply", "apply.sh" },
		{ "/init", "openrc.sh" },
		{ "/undo", "undo.sh" },
	};

	fake_host_make(&host);
	for (size_t i = 0; i < COUNT(names); i++) {
		fake_host_write(&host, names[i][0],
		    resource_find(remote_resources, remote_resource_count, names[i][1])->bytes);
	}
	fake_sshd_shell(compose, host.top);
	fake_host_program(&host, "/bin/rc-service", rc_service);
	fake_host_program(
	    &host, "/bin/rc-update", "#!/bin/sh\necho rc-update \"$*\" >>${0%/bin/*}/said\n");
	fake_host_program(&host, "/bin/systemctl", "#!/bin/sh\n: >${0%/bin/*}/systemd\n");
}

static void
finish(void)
{
	assert_false(fake_host_has(&host, "/systemd"));
	assert_string_equal(fake_host_read(&host, "/kept"), "");
	assert_null(fake_host_leftover(&host));
	assert_false(fake_host_has(&host, SLEEPER));
	fake_host_remove(&host);
}

static const char *
apply(const char *words)
{
	fake_host_write(&host, "/tail", words);
	fake_sshd_shell(
	    "cd %s && cat head tail >words && setsid -w sh apply <words >answers 2>&1", host.top);
	return fake_host_read(&host, "/answers");
}

static void
assert_said(const char *answers, const char *want)
{
	if (!strstr(answers, want)) {
		fail_msg("wanted \"%s\" in:\n%s", want, answers);
	}
}

static void
assert_asked(const char *want)
{
	assert_string_equal(fake_host_read(&host, "/said"), want);
	fake_host_drop(&host, "/said");
}

static void
a_change_is_guarded_before_it_begins_and_the_guard_goes_after_it(void **state UNUSED)
{
	begin();
	assert_said(apply(WORDS "begin\nkeep\n"), "0 done\n\n");
	assert_asked(
	    "timetier-guard start\ntimetier-guard status\nchronyd --nodeps stop\nchronyd start\n"
	    "chronyd status\ntimetier-guard stop\n");
	assert_string_equal(fake_host_read(&host, "/ran"), "new\n");
	/* of the log only what came since the restart */
	assert_said(fake_host_read(&host, "/answers"), " log\n chronyd[1]: starts\n");
	assert_said(fake_host_read(&host, "/answers"), " active\nactive\n");
	finish();
}

static void
what_fails_is_put_back(void **state UNUSED)
{
	begin();
	assert_said(apply("put 0644 root root 7 " CONF "\nbroken\n"
			  "act systemctl restart chronyd\nrevive systemctl restart chronyd\nunit "
			  "chronyd\ngo\nbegin\n"),
	    " back\nsystemctl restart chronyd: ERROR: chronyd failed to start\n");
	assert_string_equal(fake_host_read(&host, "/ran"), "old\n");
	finish();
}

/* The pidfile's process has ended, its helper has not: a start would take that for the service. */
static void
a_restart_waits_for_all_old_processes(void **state UNUSED)
{
	begin();
	fake_sshd_shell("cd %s && mkdir -p proc/7/ns proc/8/ns && ln -s /proc/self/ns/pid "
			"proc/7/ns/pid && ln -s /proc/self/ns/net proc/8/ns/pid && "
			"echo chronyd | tee proc/7/comm >proc/8/comm",
	    host.top);
	fake_host_program(&host, "/bin/sleep", "#!/bin/sh\nrm -rf ${0%/bin/*}/proc/7\n");
	assert_said(apply(WORDS "begin\nkeep\n"), "0 done\n\n");
	assert_string_equal(fake_host_read(&host, "/ran"), "new\n");
	finish();
	/* one that never ends is named by the start, and put back is what can be */
	begin();
	fake_sshd_shell("cd %s && mkdir -p proc/7/ns && ln -s /proc/self/ns/pid proc/7/ns/pid && "
			"echo chronyd >proc/7/comm",
	    host.top);
	fake_host_program(&host, "/bin/sleep", "#!/bin/sh\n");
	assert_said(apply(WORDS "begin\n"), "chronyd is already running\n");
	assert_string_equal(fake_host_read(&host, CONF), "old\n");
	fake_host_remove(&host);
}

/* Its init script counts it as started, and cannot stop it: it was found dead after a change was
 * put back. */
static void
a_killed_daemon_is_started_again(void **state UNUSED)
{
	begin();
	fake_host_write(&host, "/killed", "");
	assert_said(apply(WORDS "begin\nkeep\n"), "0 done\n\n");
	assert_asked("timetier-guard start\ntimetier-guard status\nchronyd --nodeps stop\nchronyd "
		     "zap\nchronyd start\nchronyd status\ntimetier-guard stop\n");
	assert_string_equal(fake_host_read(&host, "/ran"), "new\n");
	finish();
}

static void
without_its_guard_nothing_is_changed(void **state UNUSED)
{
	begin();
	fake_host_write(&host, "/unguarded", "");
	assert_said(apply(WORDS "begin\n"), " failed\nno supervisor\n");
	assert_string_equal(fake_host_read(&host, CONF), "old\n");
	assert_false(fake_host_has(&host, "/ran"));
	finish();
}

/* Kill the script when it is at "health", so that only guard and boot are left. */
static void
kill_at_health(void)
{
	fake_host_write(&host, "/tail", WORDS "begin\n");
	fake_sshd_shell("cd %s && mkfifo open && exec 3<>open && cat head tail >&3 && "
			"{ setsid sh apply <open 3>&- >answers 2>&1 & } && "
			"until grep -qs 'ask health' answers; do /bin/sleep 0.05; done && "
			"read -r pid start <run/timetier.lock/process && kill -9 -$pid; wait",
	    host.top);
	if (strcmp(fake_host_read(&host, CONF), "new\n") != 0) {
		fail_msg("it was not killed at health: %s", fake_host_read(&host, "/answers"));
	}
	assert_true(fake_host_has(&host, SLEEPER));
	assert_true(fake_host_has(&host, CHANGE "/armed"));
}

static void
the_sleeper_puts_back_when_its_time_has_come_and_ends_itself(void **state UNUSED)
{
	begin();
	kill_at_health();
	assert_said(fake_host_read(&host, SLEEPER), "supervisor=supervise-daemon\n");
	/* its time is up at once; the end of its supervisor is what it waits for */
	fake_host_program(&host, "/bin/sleep", "#!/bin/sh\nexit 0\n");
	fake_sshd_shell("cd %s && sed -i 's/-lt [0-9]*/-lt 1/; s/^exec sleep 600/wait/' "
			"var/lib/timetier/change/sleep && PATH=$PWD/bin:$PATH sh "
			"var/lib/timetier/change/sleep >guard.log 2>&1",
	    host.top);
	assert_string_equal(fake_host_read(&host, CONF), "old\n");
	assert_string_equal(fake_host_read(&host, "/ran"), "old\n");
	assert_said(fake_host_read(&host, "/var/lib/timetier/last"),
	    "outcome back\nby guard\nrun 7.ab\nholder a test\n");
	assert_said(fake_host_read(&host, "/said"), "chronyd start\ntimetier-guard stop\n");
	finish();
}

static void
the_boot_after_a_crash_puts_back_and_starts_nothing(void **state UNUSED)
{
	static const char *const levels[] = { "boot", "default" };
	char link[64];

	begin();
	kill_at_health();
	fake_host_drop(&host, "/said");
	for (size_t i = 0; i < COUNT(levels); i++) {
		snprintf(link, sizeof(link), "/etc/runlevels/%s/timetier-undo", levels[i]);
		assert_true(fake_host_has(&host, link));
	}
	fake_sshd_shell(
	    "cd %s && rm -rf run && mkdir run && [ -x etc/init.d/timetier-undo ] && "
	    ". $PWD/etc/runlevels/boot/timetier-undo && PATH=$PWD/bin:$PATH start >boot.log",
	    host.top);
	assert_string_equal(fake_host_read(&host, CONF), "old\n");
	assert_said(fake_host_read(&host, "/var/lib/timetier/last"), "outcome back\nby boot\n");
	assert_asked("timetier-guard stop\nrc-update --update\n");
	finish();
}

static void
the_words_for_units_are_those_of_openrc(void **state UNUSED)
{
	begin();
	assert_said(apply("act systemctl disable --now ntpd.service\nact systemctl daemon-reload\n"
			  "act systemctl enable chronyd\nact systemctl start chronyd\n"
			  "act systemctl is-active --quiet chronyd\ngo\nbegin\nkeep\n"),
	    "0 done\n");
	assert_asked("ntpd stop\nrc-update --all del ntpd\nrc-update --update\nrc-update add "
		     "chronyd default\n"
		     "chronyd status\nchronyd start\nchronyd status\n");
	/* one that has died counts as started, until its state is taken away */
	fake_host_write(&host, "/died", "");
	assert_said(apply("act systemctl start chronyd\ngo\nbegin\nkeep\n"), "0 done\n");
	assert_asked("chronyd status\nchronyd zap\nchronyd start\n");
	assert_said(apply("act systemctl is-active --quiet chronyd\ngo\nbegin\n"), " back\n");
	assert_said(apply("act systemctl mask chronyd\ngo\nbegin\n"),
	    "OpenRC has no word for systemctl mask");
	finish();
}

static void
a_service_whose_file_went_is_stopped_by_its_supervisor(void **state UNUSED)
{
	static const char words[] = "drop /etc/init.d/agent\nact systemctl stop agent.service\n"
				    "back systemctl start agent.service\ngo\nbegin\n";

	begin();
	fake_host_program(&host, "/bin/supervise-daemon",
	    "#!/bin/sh\necho \"$RC_SVCNAME: ${*%%/*}\" >>${0%/bin/*}/said\n");
	fake_sshd_shell("cd %s && mkdir -p run/openrc/started run/openrc/options/agent && "
			"ln -s x run/openrc/started/agent && echo >etc/init.d/agent && "
			"echo 1 >run/agent.pid",
	    host.top);
	assert_said(apply(words), " ask health\n");
	/* nobody said that it is kept: the file is back, and OpenRC has the word again */
	assert_asked("timetier-guard start\ntimetier-guard status\nagent: agent --stop --pidfile \n"
		     "agent status\nagent start\ntimetier-guard stop\n");
	assert_true(fake_host_has(&host, "/etc/init.d/agent"));
	assert_false(fake_host_has(&host, "/run/openrc/started/agent"));
	assert_false(fake_host_has(&host, "/run/openrc/options/agent"));
	finish();
}

/* supervise-daemon waits before it starts a process again; OpenRC calls the service started. */
static void
a_supervised_service_without_its_process_does_not_run(void **state UNUSED)
{
	static const char words[] = "act systemctl is-active --quiet agent\ngo\nbegin\nkeep\n";

	begin();
	fake_sshd_shell("cd %s && mkdir -p run/openrc/options/agent", host.top);
	fake_host_write(&host, "/run/openrc/options/agent/child_pid", "1");
	assert_said(apply(words), "0 done\n");
	fake_host_write(&host, "/run/openrc/options/agent/child_pid", "999999999");
	assert_said(apply(words), " back\nsystemctl is-active --quiet agent: failed\n");
	finish();
}

/* What facts.sh tells of the units. */
static const char *
facts(void)
{
	fake_sshd_shell("cd %s && { echo \"top='$PWD'\"; cat facts; } >look && printf "
			"'units chronyd.service ntpd chronyd ntpd.service gone.timer\\nend\\n' "
			"| sh look >answers 2>&1",
	    host.top);
	return fake_host_read(&host, "/answers");
}

static void
services_are_told_in_the_words_of_systemd(void **state UNUSED)
{
	static const char *const there[] = { "supervise-daemon", "useradd", "flock", "timeout" };
	const char *answers;
	char path[32];

	begin();
	fake_host_write(&host, "/facts",
	    resource_find(remote_resources, remote_resource_count, "facts.sh")->bytes);
	for (size_t i = 0; i < COUNT(there); i++) {
		snprintf(path, sizeof(path), "/bin/%s", there[i]);
		fake_host_program(
		    &host, path, "#!/bin/sh\n[ $1 != 20 ] || { shift; exec \"$@\"; }\n");
	}
	fake_sshd_shell(
	    "cd %s && rm -rf run/systemd && mkdir -p run/openrc/started etc/conf.d && "
	    "for at in chronyd ntpd; do echo >etc/init.d/$at; chmod 755 etc/init.d/$at; "
	    "done && ln -s x run/openrc/started/chronyd && "
	    "ln -s x etc/runlevels/default/chronyd && "
	    "echo 'supervisor=\"supervise-daemon\"' >etc/conf.d/ntpd",
	    host.top);
	answers = facts();
	assert_said(answers, " openrc\nyes\n");
	for (const char *end = ""; end; end = *end ? NULL : ".service") {
		char chronyd[160], ntpd[160];

		snprintf(chronyd, sizeof(chronyd),
		    "Id=chronyd%s\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n"
		    "Restart=no\n\n",
		    end);
		snprintf(ntpd, sizeof(ntpd),
		    "Id=ntpd%s\nLoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n"
		    "Restart=always\n",
		    end);
		assert_said(answers, chronyd);
		assert_said(answers, ntpd);
	}
	assert_null(strstr(answers, "gone"));
	fake_host_write(&host, "/died", "");
	assert_said(facts(), "Id=chronyd\nLoadState=loaded\nActiveState=inactive\n");
	/* busybox's flock knows neither this option nor -w */
	fake_host_program(&host, "/bin/flock", "#!/bin/sh\nexit 1\n");
	assert_said(facts(), " openrc\nlacks flock\n");
	finish();
}

static void
what_cannot_be_guarded_is_refused_by_name(void **state UNUSED)
{
	static const struct {
		bool openrc;
		const char *lacks, *path, *words; /* NULL: it is planned */
	} rows[] = {
		{ false, "", CONF, "the host runs neither systemd nor OpenRC: nobody there " },
		{ true, "flock useradd", CONF, "the host lacks flock useradd, without which " },
		{ true, "", "/etc/systemd/system/timetier-first-set.service",
		    "/etc/systemd/system/timetier-first-set.service is a file of systemd, and the "
		    "host runs OpenRC" },
		{ true, "", CONF, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan_bed bed;
		int status;

		plan_bed_begin(&bed);
		bed.facts.systemd = false;
		bed.facts.openrc = rows[i].openrc;
		bed.facts.lacks = rows[i].lacks;
		plan_bed_add(&bed, rows[i].path, "a\n", "b\n", FILE_ACTION_RESTART);
		status = plan_bed_plan(&bed);
		assert_int_equal(status, rows[i].words ? -1 : 0);
		if (rows[i].words && strstr(bed.err.text, rows[i].words) != bed.err.text) {
			fail_msg("%s", bed.err.text);
		}
		arena_free(&bed.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_is_guarded_before_it_begins_and_the_guard_goes_after_it),
		cmocka_unit_test(what_fails_is_put_back),
		cmocka_unit_test(a_restart_waits_for_all_old_processes),
		cmocka_unit_test(a_killed_daemon_is_started_again),
		cmocka_unit_test(without_its_guard_nothing_is_changed),
		cmocka_unit_test(the_sleeper_puts_back_when_its_time_has_come_and_ends_itself),
		cmocka_unit_test(the_boot_after_a_crash_puts_back_and_starts_nothing),
		cmocka_unit_test(the_words_for_units_are_those_of_openrc),
		cmocka_unit_test(a_service_whose_file_went_is_stopped_by_its_supervisor),
		cmocka_unit_test(a_supervised_service_without_its_process_does_not_run),
		cmocka_unit_test(services_are_told_in_the_words_of_systemd),
		cmocka_unit_test(what_cannot_be_guarded_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
