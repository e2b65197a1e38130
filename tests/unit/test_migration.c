/* A daemon gives way to the one that site.yaml names: what is planned, done, and put back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/rollout/plan/rivals.h"
#include "tests/fake_bed.h"
#include "tests/fake_plan.h"
#include "tests/fake_sshd.h"

#define CONFIG "/etc/chrony/chrony.conf"
#define TIMESYNCD "systemd-timesyncd.service"
#define CHANGE "/var/lib/timetier/change/"

static const char safe_config[] = "driftfile /x\nminsources 1\nmaxchange 0.5 0 -1\n";

/* --- the plan --- */

/* A host that should run chrony and has another daemon, which runs. */
static void
begin_plan(struct plan_bed *bed, const char *unit, bool declared)
{
	plan_bed_begin(bed);
	plan_bed_add(bed, CONFIG, "old\n", safe_config, FILE_ACTION_RESTART);
	bed->facts.units[0].active = bed->facts.units[0].enabled = false;
	bed->facts.units[bed->facts.unit_count++] =
	    (struct fact_unit){ .name = unit, .loaded = true, .active = true, .enabled = true };
	bed->input.declared = declared;
}

static void
a_daemon_that_runs_gives_way_to_the_declared_one(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, "ntpsec.service", true);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_ptr_equal(bed.plan.leaves, daemon_find("ntpsec"));
	assert_int_equal(bed.plan.rival_count, 1);
	assert_true(bed.plan.restart && bed.plan.enable);
	assert_int_equal(bed.plan.reason_count, 1);
	assert_string_equal(bed.plan.reasons[0],
	    "migration: ntpsec -> chrony: ntpsec.service is stopped and disabled, chrony.service "
	    "is configured, enabled and started without a step");
	assert_int_equal(bed.plan.note_count, 1);
	assert_string_equal(bed.plan.notes[0],
	    "the files of NTPsec stay (/etc/ntpsec/ntp.conf, /var/lib/ntpsec/ntp.drift): chrony "
	    "does not read them, and learns the rate of the clock anew");
	arena_free(&bed.arena);
}

static void
a_daemon_that_is_only_watched_gives_way_too(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, TIMESYNCD, true);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_non_null(bed.plan.leaves);
	assert_string_equal(bed.plan.leaves->name, "systemd-timesyncd");
	assert_string_equal(bed.plan.rivals[0].name, TIMESYNCD);
	arena_free(&bed.arena);
}

/* ntp.service is another name of ntpsec.service, and of ntp 4.2.8 the name. */
static void
ntp_4_2_8_gives_way_to_ntpsec(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, "ntp.service", true);
	bed.input.driver = daemon_find("ntpsec");
	bed.facts.units[0].name = "ntpsec.service";
	bed.facts.binaries[bed.facts.binary_count++] =
	    (struct fact_binary){ "/usr/sbin/ntpd", "ntpd 4.2.8p15@1.3728-o" };
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_ptr_equal(bed.plan.leaves, daemon_find("ntp"));
	assert_int_equal(bed.plan.rival_count, 1);
	arena_free(&bed.arena);
}

static void
where_site_yaml_names_none_the_operator_is_asked(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, TIMESYNCD, false);
	assert_int_equal(plan_bed_plan(&bed), -1);
	assert_non_null(strstr(bed.err.text, "--disable-rivals"));
	assert_non_null(strstr(bed.err.text, "`daemon: chrony` in site.yaml makes it a migration"));
	arena_free(&bed.arena);
}

static void
a_daemon_whose_unit_is_masked_is_not_begun(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, TIMESYNCD, true);
	bed.facts.units[0].masked = true;
	assert_int_equal(plan_bed_plan(&bed), -1);
	assert_non_null(strstr(bed.err.text, "chrony.service is masked there"));
	arena_free(&bed.arena);
}

static bool
recommends(const struct plan_bed *bed)
{
	for (size_t i = 0; i < bed->plan.note_count; i++) {
		if (strstr(bed->plan.notes[i], "`daemon: chrony` in site.yaml changes over")) {
			return true;
		}
	}
	return false;
}

/* `auto` takes what runs; what cannot vote, or steps at will, is not what a host should have. */
static void
auto_says_what_would_do_better(void **state UNUSED)
{
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *driver = daemon_drivers[i];

		for (unsigned declared = 0; declared < 2; declared++) {
			struct plan_bed bed;

			plan_bed_begin(&bed);
			plan_bed_add(&bed, CONFIG, "old\n", safe_config, FILE_ACTION_RESTART);
			bed.input.driver = driver;
			bed.input.declared = declared;
			bed.facts.units[0].name = driver->unit;
			assert_int_equal(plan_bed_plan(&bed), 0);
			assert_int_equal(
			    recommends(&bed), !declared && !(driver->features & DAEMON_SERVES));
			arena_free(&bed.arena);
		}
	}
}

static void
of_two_that_run_the_other_is_a_rival(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, TIMESYNCD, true);
	bed.facts.units[0].active = bed.facts.units[0].enabled = true;
	assert_int_equal(plan_bed_plan(&bed), -1);
	assert_null(strstr(bed.err.text, "migration"));
	bed.input.disable_rivals = true;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_null(bed.plan.leaves);
	assert_int_equal(bed.plan.rival_count, 1);
	assert_string_equal(bed.plan.rivals[0].daemon->name, "systemd-timesyncd");
	arena_free(&bed.arena);
}

static void
a_third_daemon_still_needs_the_operators_word(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, TIMESYNCD, true);
	bed.facts.units[bed.facts.unit_count++] = (struct fact_unit){
		.name = "htpdate.service", .loaded = true, .active = true, .enabled = true
	};
	assert_int_equal(plan_bed_plan(&bed), -1);
	assert_non_null(strstr(bed.err.text, "htpdate.service sets the clock, too"));
	bed.input.disable_rivals = true;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.rival_count, 2);
	assert_non_null(bed.plan.leaves);
	arena_free(&bed.arena);
}

static void
a_migration_that_was_left_halfway_is_completed(void **state UNUSED)
{
	struct plan_bed bed;

	begin_plan(&bed, TIMESYNCD, true);
	bed.facts.units[0].active = true; /* and is not enabled */
	bed.facts.units[1].active = false;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_non_null(bed.plan.leaves);
	assert_true(bed.plan.enable);
	arena_free(&bed.arena);
}

/* What the daemon that gives way says of the clock. */
static struct report
said_by(const char *daemon, int64_t offset_ns)
{
	struct report report = { .answered = true,
		.status = { .stratum = 3,
		    .version = "252",
		    .source_count = 1,
		    .sources = { { .address = "192.0.2.1",
			.state = SOURCE_SELECTED,
			.stratum = 2,
			.age_ns = NS_PER_S,
			.offset_ns = offset_ns,
			.error_ns = NS_PER_MS } } } };

	snprintf(report.daemon, sizeof(report.daemon), "%s", daemon);
	return report;
}

static void
the_start_is_judged_by_what_the_former_daemon_says_of_the_clock(void **state UNUSED)
{
	static const char steps[] = "makestep 0.1 3\n";
	static struct report near, far;
	struct plan_bed bed;

	near = said_by("systemd-timesyncd", NS_PER_MS);
	far = said_by("systemd-timesyncd", 2 * NS_PER_S);
	begin_plan(&bed, TIMESYNCD, true);
	bed.facts.agent_status = &near;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_false(plan_forbids(&bed.input, &near, &bed.plan.verdict));
	assert_null(strstr(bed.plan.verdict.reasons[0], "not measured"));
	bed.facts.agent_status = &far;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(plan_forbids(&bed.input, &far, &bed.plan.verdict));
	bed.entries[0].content = steps;
	bed.entries[0].len = strlen(steps);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.verdict.kind, VERDICT_STEP);
	assert_true(plan_forbids(&bed.input, &far, &bed.plan.verdict));
	assert_null(strstr(bed.plan.reasons[0], "without a step"));
	arena_free(&bed.arena);
}

/* A rollback starts the former daemon with what stands there; the other one's files go back. */
static void
the_way_back_is_judged_by_the_files_that_stay(void **state UNUSED)
{
	static struct report near, far;
	struct plan_bed bed;

	near = said_by("ntpsec", NS_PER_MS);
	far = said_by("ntpsec", 2 * NS_PER_S);
	begin_plan(&bed, "ntpsec.service", true);
	plan_bed_add(&bed, "/etc/ntpsec/ntp.conf", "ours\n", "theirs\n", FILE_ACTION_RESTART);
	bed.set.list++; /* nothing is written to the file of chrony */
	bed.set.count--;
	bed.facts.files[0].content = "driftfile /x\nmakestep 0.1 3\n";
	bed.facts.files[0].len = strlen(bed.facts.files[0].content);
	bed.facts.agent_status = &near;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_string_equal(bed.plan.reasons[0],
	    "migration: ntpsec -> chrony: ntpsec.service is stopped and disabled, chrony.service "
	    "is enabled and started with the files that it has");
	assert_int_equal(bed.plan.note_count, 0);
	assert_false(plan_forbids(&bed.input, &near, &bed.plan.verdict));
	bed.facts.agent_status = &far;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.verdict.kind, VERDICT_STEP);
	assert_true(plan_forbids(&bed.input, &far, &bed.plan.verdict));
	bed.facts.file_count = 0; /* nobody told of its file: nothing is guessed */
	bed.facts.files[0] = bed.facts.files[1];
	bed.facts.file_count = 1;
	bed.facts.agent_status = &near;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(plan_forbids(&bed.input, &near, &bed.plan.verdict));
	arena_free(&bed.arena);
}

/* --- the change --- */

/* A systemctl with two units: each has files NAME.active and NAME.enabled below /units. */
static const char two_units[] =
    "#!/bin/sh\n"
    "top=${0%/bin/systemctl} verb=$1 block=\n"
    "[ \"$1\" != --no-block ] || { verb=$2 block='--no-block '; shift; }\n"
    "[ \"$2\" != --now ] || { rm -f $top/units/$3.active; shift; }\n"
    "case $verb:$2 in\n"
    "start:*|restart:*|stop:*|enable:*|disable:*) echo \"$block$verb $2\" >>$top/said ;;\n"
    "esac\n"
    "case $verb in\n"
    "start|restart) [ ! -e $top/fails.$2 ] || { echo no luck; exit 1; }; "
    ": >$top/units/$2.active ;;\n"
    "stop) case $* in *guard.timer*) rm -f $top/timer ;; *) rm -f $top/units/$2.active ;; esac "
    ";;\n"
    "enable) : >$top/units/$2.enabled ;;\n"
    "disable) rm -f $top/units/$2.enabled ;;\n"
    "is-active) [ -e $top/units/$2.active ] && echo active || echo failed ;;\n"
    "show)\n"
    "	case $* in *InvocationID*)\n"
    "		echo InvocationID=1; echo \"ActiveState=$($0 is-active chrony.service)\"; exit ;;\n"
    "	esac\n"
    "	for unit in chrony.service " TIMESYNCD "; do\n"
    "		active=inactive enabled=disabled\n"
    "		[ ! -e $top/units/$unit.active ] || active=active\n"
    "		[ ! -e $top/units/$unit.enabled ] || enabled=enabled\n"
    "		printf 'Id=%s\\nLoadState=loaded\\nActiveState=%s\\nUnitFileState=%s\\n"
    "Restart=no\\n\\n' $unit $active $enabled\n"
    "	done ;;\n"
    "esac\n";

static void
begin_change(struct bed *bed)
{
	bed_begin(bed);
	bed_daemon = "chrony";
	bed_begin_again(bed);
	fake_host_program(&bed->host, "/bin/systemctl", two_units);
	fake_sshd_shell("cd %s && mkdir units && : >units/" TIMESYNCD ".active && "
			": >units/" TIMESYNCD ".enabled",
	    bed->host.top);
	rollout_plan(bed->rollout);
	bed_assert_outcome(bed, HOST_CHANGES);
}

static const char *
on(const struct bed *bed)
{
	static char text[256];

	fake_sshd_shell("cd %s/units && ls | tr '\\n' ' ' >../on", bed->host.top);
	snprintf(text, sizeof(text), "%s", fake_host_read(&bed->host, "/on"));
	return text;
}

#define OLD TIMESYNCD ".active " TIMESYNCD ".enabled "
#define NEW "chrony.service.active chrony.service.enabled "

static void
the_old_daemon_is_off_and_the_new_one_on(void **state UNUSED)
{
	struct bed bed;

	begin_change(&bed);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_DONE);
	assert_string_equal(on(&bed), NEW);
	assert_string_equal(fake_host_read(&bed.host, CONFIG), "new\n");
	assert_true(bed_is_clean(&bed));
	bed_finish(&bed);
}

static void
a_start_that_fails_brings_the_old_daemon_back(void **state UNUSED)
{
	struct bed bed;

	begin_change(&bed);
	fake_host_write(&bed.host, "/fails.chrony.service", "");
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	assert_string_equal(on(&bed), OLD);
	assert_string_equal(fake_host_read(&bed.host, CONFIG), "old\n");
	/* the new one is surely off before the old one begins */
	assert_non_null(strstr(fake_host_read(&bed.host, "/said"),
	    "enable " TIMESYNCD "\ndisable chrony.service\nstop chrony.service\nstart " TIMESYNCD
	    "\n"));
	assert_true(bed_is_clean(&bed));
	bed_finish(&bed);
}

static void
an_old_daemon_whose_start_could_step_is_not_started(void **state UNUSED)
{
	struct bed bed;

	begin_change(&bed);
	fake_sshd_shell("cd %s && sed -i 's/\"stratum\": *2/\"stratum\": 16/; "
			"s/\"kind\":\"safe\"/\"kind\":\"step\"/' status.json",
	    bed.host.top);
	rollout_apply(bed.rollout);
	bed_assert_outcome(&bed, HOST_PUT_BACK);
	/* the new one runs on; the next boot starts the old one */
	assert_string_equal(on(&bed), "chrony.service.active " TIMESYNCD ".enabled ");
	assert_string_equal(fake_host_read(&bed.host, CONFIG), "old\n");
	assert_non_null(strstr(bed.result->remedy,
	    "`systemctl stop chrony.service; systemctl start " TIMESYNCD "` there"));
	bed_finish(&bed);
}

/* The script is killed at its first look at the new daemon. */
static void
begin_killed(struct bed *bed)
{
	begin_change(bed);
	fake_host_first(&bed->host, "systemctl",
	    "case $* in *InvocationID*) kill -9 $(cut -d' ' -f1 $top/run/timetier.lock/process) ;; "
	    "esac");
	rollout_apply(bed->rollout);
	bed_assert_outcome(bed, HOST_LOST);
	fake_host_program(&bed->host, "/bin/systemctl", two_units);
	assert_string_equal(on(bed), NEW);
}

static void
the_guard_exchanges_them_again(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed);
	assert_true(fake_host_guard(&bed.host));
	assert_string_equal(on(&bed), OLD);
	assert_string_equal(fake_host_read(&bed.host, CONFIG), "old\n");
	bed_assert_told(&bed, "outcome back\nby guard\n");
	bed_finish(&bed);
}

static void
the_guard_asks_the_agent_about_the_daemon_that_it_would_start(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed);
	fake_host_program(&bed.host, "/usr/local/sbin/timetier-agent",
	    "#!/bin/sh\necho \"$*\" >>${0%/usr/local/sbin/*}/agent.asked\nexit 3\n");
	assert_true(fake_host_guard(&bed.host));
	assert_string_equal(
	    fake_host_read(&bed.host, "/agent.asked"), "verdict --daemon systemd-timesyncd\n");
	bed_assert_told(&bed, "outcome still\nby guard\n");
	assert_string_equal(on(&bed), "chrony.service.active " TIMESYNCD ".enabled ");
	bed_finish(&bed);
}

/* A boot has read which units are enabled before the change is put back. */
static void
a_boot_starts_the_old_daemon_and_not_the_new_one(void **state UNUSED)
{
	struct bed bed;

	begin_killed(&bed);
	fake_host_drop(&bed.host, "/said");
	fake_sshd_shell("cd %s && rm -rf run && mkdir -p run/systemd/system && "
			"sh var/lib/timetier/change/undo boot crashed",
	    bed.host.top);
	assert_string_equal(fake_host_read(&bed.host, "/said"),
	    "enable " TIMESYNCD "\ndisable chrony.service\n--no-block stop chrony.service\n"
	    "--no-block start " TIMESYNCD "\nstop timetier-guard.timer\n");
	bed_assert_told(&bed, "outcome back\nby boot\n");
	assert_false(fake_host_has(&bed.host, CHANGE "armed"));
	bed_finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_daemon_that_runs_gives_way_to_the_declared_one),
		cmocka_unit_test(a_daemon_that_is_only_watched_gives_way_too),
		cmocka_unit_test(ntp_4_2_8_gives_way_to_ntpsec),
		cmocka_unit_test(where_site_yaml_names_none_the_operator_is_asked),
		cmocka_unit_test(a_daemon_whose_unit_is_masked_is_not_begun),
		cmocka_unit_test(auto_says_what_would_do_better),
		cmocka_unit_test(of_two_that_run_the_other_is_a_rival),
		cmocka_unit_test(a_third_daemon_still_needs_the_operators_word),
		cmocka_unit_test(a_migration_that_was_left_halfway_is_completed),
		cmocka_unit_test(the_start_is_judged_by_what_the_former_daemon_says_of_the_clock),
		cmocka_unit_test(the_way_back_is_judged_by_the_files_that_stay),
		cmocka_unit_test(the_old_daemon_is_off_and_the_new_one_on),
		cmocka_unit_test(a_start_that_fails_brings_the_old_daemon_back),
		cmocka_unit_test(an_old_daemon_whose_start_could_step_is_not_started),
		cmocka_unit_test(the_guard_exchanges_them_again),
		cmocka_unit_test(the_guard_asks_the_agent_about_the_daemon_that_it_would_start),
		cmocka_unit_test(a_boot_starts_the_old_daemon_and_not_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
