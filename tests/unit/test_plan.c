/*
 * What has to be done on one host, from what it has and what it should have.  Long, because each
 * part of a plan has its cases.
 */
#include "orchestrator/rollout/plan/plan.h"
#include "tests/fake_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONFIG "/etc/chrony/chrony.conf"
#define SOURCES "/etc/chrony/sources.d/timetier.sources"
#define KEYS "/etc/chrony/chrony.keys"
#define OPTIONS "/etc/default/chrony"

static const char safe_config[] = "driftfile /x\nminsources 3\nmaxchange 0.5 0 -1\n";

static void
a_host_that_is_as_it_should_be_needs_nothing(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(plan_is_empty(&bed.plan));
	arena_free(&bed.arena);
}

static void
the_least_disruptive_action_is_taken(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	plan_bed_add(&bed, SOURCES, "server a\n", "server b\n", FILE_ACTION_RELOAD_SOURCES);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(plan_action(&bed.plan), FILE_ACTION_RELOAD_SOURCES);
	assert_string_equal(bed.plan.reasons[0], SOURCES " changes: reload sources");
	assert_string_equal(bed.plan.changes[0].diff, "@@ -1 +1 @@\n-server a\n+server b\n");
	assert_false(bed.plan.judged);
	arena_free(&bed.arena);
}

static void
sources_and_keys_that_change_together_are_both_read_again(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, SOURCES, "server a\n", "server b\n", FILE_ACTION_RELOAD_SOURCES);
	plan_bed_add(&bed, KEYS, "1 x\n", "2 y\n", FILE_ACTION_REKEY);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(bed.plan.reload_sources);
	assert_true(bed.plan.rekey);
	assert_int_equal(plan_action(&bed.plan), FILE_ACTION_REKEY);
	assert_string_equal(bed.plan.changes[1].diff, "");
	arena_free(&bed.arena);
}

static void
a_file_that_should_not_be_there_goes(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	plan_bed_add(&bed, SOURCES, "server a\n", "", FILE_ACTION_RELOAD_SOURCES);
	bed.entries[1].absent = true;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.change_count, 1);
	assert_int_equal(bed.plan.changes[0].kind, CHANGE_GONE);
	assert_string_equal(bed.plan.changes[0].diff, "@@ -1 +0,0 @@\n-server a\n");
	assert_string_equal(bed.plan.reasons[0], SOURCES " is removed: reload sources");
	bed.facts.files[1].state = FACT_FILE_ABSENT;
	bed.facts.files[1].len = 0;
	bed.facts.files[1].content = "";
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(plan_is_empty(&bed.plan));
	arena_free(&bed.arena);
}

static void
the_unit_that_sets_the_clock_is_disabled_before_it_goes(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, FIRST_SET_UNIT_FILE, "[Unit]\n", "", FILE_ACTION_NONE);
	bed.entries[0].absent = true;
	bed.facts.units[bed.facts.unit_count++] =
	    (struct fact_unit){ .name = FIRST_SET_UNIT, .enabled = true };
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(bed.plan.first_set_disable);
	assert_int_equal(bed.plan.note_count, 0);
	arena_free(&bed.arena);
}

static void
what_runs_of_it_is_stopped_when_its_file_goes(void **state UNUSED)
{
	struct plan_bed bed;

	for (int runs = 0; runs < 2; runs++) {
		plan_bed_begin(&bed);
		plan_bed_add(&bed, FIRST_SET_UNIT_FILE, "[Unit]\n", "", FILE_ACTION_NONE);
		plan_bed_add(&bed, FIRST_SET_GOOD_TIMER_FILE, "[Unit]\n", "", FILE_ACTION_NONE);
		bed.entries[0].absent = bed.entries[1].absent = true;
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = FIRST_SET_UNIT, .active = runs };
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = FIRST_SET_GOOD_TIMER, .active = runs };
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_int_equal(bed.plan.first_set_stop, runs);
		assert_int_equal(bed.plan.good_stop, runs);
		bed.entries[0].absent = bed.entries[1].absent = false; /* its files change */
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_false(bed.plan.first_set_stop || bed.plan.good_stop);
		arena_free(&bed.arena);
	}
}

static void
what_sets_the_clock_at_boot_is_enabled_and_nothing_is_started(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	plan_bed_add(&bed, FIRST_SET_UNIT_FILE, "", "[Unit]\n", FILE_ACTION_NONE);
	bed.facts.agent_hash = "00";
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(bed.plan.first_set_enable);
	assert_true(bed.plan.reload_units);
	assert_false(bed.plan.agent_upload);
	assert_int_equal(plan_action(&bed.plan), FILE_ACTION_NONE);
	assert_false(plan_is_empty(&bed.plan));
	bed.facts.units[bed.facts.unit_count++] =
	    (struct fact_unit){ .name = FIRST_SET_UNIT, .enabled = true };
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_false(bed.plan.first_set_enable);
	arena_free(&bed.arena);
}

static void
what_somebody_else_put_beside_our_files_is_named(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	plan_bed_add(&bed, SOURCES, "server a\n", "server a\n", FILE_ACTION_RELOAD_SOURCES);
	bed.facts.beside[0] = SOURCES;
	bed.facts.beside[1] = "/etc/chrony/sources.d/dhcp.sources";
	bed.facts.beside[2] = "/etc/ntpsec/ntp.d/a.conf"; /* another daemon's */
	bed.facts.beside_count = 3;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.note_count, 1);
	assert_string_equal(bed.plan.notes[0],
	    "/etc/chrony/sources.d/dhcp.sources was not written by timetier, and chrony.service "
	    "reads it, "
	    "too");
	arena_free(&bed.arena);
}

static void
files_beside_ours_that_find_no_room_are_counted(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	for (size_t i = 0; i < PLAN_REASONS_MAX + 4; i++) {
		bed.facts.beside[i] =
		    arena_printf(&bed.arena, "/etc/chrony/sources.d/%zu.sources", i);
		bed.facts.beside_count = i + 1;
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_int_equal(
		    bed.plan.note_count, i < PLAN_REASONS_MAX ? i + 1 : PLAN_REASONS_MAX);
	}
	assert_non_null(strstr(bed.plan.notes[PLAN_REASONS_MAX - 2], "/14.sources was not"));
	assert_string_equal(
	    bed.plan.notes[PLAN_REASONS_MAX - 1], "chrony.service reads 5 more such files, too");
	arena_free(&bed.arena);
}

static void
a_host_without_agents_needs_their_program_to_have_its_clock_set(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	plan_bed_add(&bed, FIRST_SET_UNIT_FILE, "[Unit]\n", "[Unit]\n", FILE_ACTION_NONE);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_false(bed.plan.agent_upload);
	assert_int_equal(bed.plan.note_count, 1);
	assert_non_null(strstr(bed.plan.notes[0], "--agent FILE"));
	bed.input.agent_hash = "00";
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(bed.plan.agent_upload);
	assert_false(bed.plan.agent_restart);
	arena_free(&bed.arena);
}

static void
what_else_sets_the_clock_is_named_refused_and_on_word_disabled(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, "old\n", safe_config, FILE_ACTION_RESTART);
	bed.facts.hooks[bed.facts.hook_count++] = "/etc/network/if-up.d/ntpdate";
	bed.facts.units[bed.facts.unit_count++] =
	    (struct fact_unit){ .name = "htpdate.service", .loaded = true, .enabled = true };
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.note_count, 2);
	assert_string_equal(bed.plan.notes[0],
	    "htpdate.service sets the clock, too (RST013): `apply --disable-rivals`");
	assert_int_equal(bed.plan.rival_count, 0);
	bed.facts.units[bed.facts.unit_count - 1].active = true;
	assert_int_equal(plan_bed_plan(&bed), -1);
	assert_non_null(strstr(bed.err.text, "--disable-rivals"));
	bed.input.disable_rivals = true;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.rival_count, 2);
	assert_string_equal(bed.plan.rivals[0].name, "htpdate.service");
	assert_true(bed.plan.rivals[0].active && bed.plan.rivals[0].enabled);
	assert_true(bed.plan.rivals[1].hook);
	assert_int_equal(bed.plan.note_count, 0);
	bed.facts.files[0].content = safe_config;
	bed.facts.files[0].len = strlen(safe_config);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_false(plan_is_empty(&bed.plan));
	arena_free(&bed.arena);
}

static void
a_change_in_comments_is_written_and_disturbs_nobody(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(
	    &bed, CONFIG, "# 1\nminsources 3\n", "# 2\n\nminsources 3\n", FILE_ACTION_RESTART);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.change_count, 1);
	assert_true(bed.plan.changes[0].comments_only);
	assert_int_equal(plan_action(&bed.plan), FILE_ACTION_NONE);
	assert_false(plan_is_empty(&bed.plan));
	arena_free(&bed.arena);
}

/* systemd reads these files, or a script that it starts as root: no daemon notices their mode. */
static void
another_mode_of_what_the_daemon_does_not_read_restarts_nothing(void **state UNUSED)
{
	static const struct {
		const char *path;
		bool restarts;
	} cases[] = {
		{ OPTIONS, false },
		{ "/etc/default/ntpsec", false },
		{ "/etc/systemd/system/chrony.service.d/timetier.conf", false },
		{ CONFIG, true },
		{ "/etc/ntpsec/ntp.conf", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct plan_bed bed;

		plan_bed_begin(&bed);
		plan_bed_add(&bed, cases[i].path, "x\n", "x\n", FILE_ACTION_RESTART);
		bed.entries[0].mode = 0600;
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_int_equal(bed.plan.changes[0].kind, CHANGE_MODE);
		assert_int_equal(bed.plan.restart, cases[i].restarts);
		assert_non_null(strstr(bed.plan.reasons[0],
		    cases[i].restarts
			? "has another mode or owner: restart"
			: "has another mode or owner: nothing is done to the daemon"));
		/* what it says is another thing */
		bed.entries[0].content = "y\n";
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_true(bed.plan.restart);
		arena_free(&bed.arena);
	}
}

static void
another_mode_is_a_change_with_words_of_its_own(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, KEYS, "1 x\n", "1 x\n", FILE_ACTION_REKEY);
	bed.entries[0].mode = 0640;
	bed.entries[0].group = "_chrony";
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.changes[0].kind, CHANGE_MODE);
	assert_string_equal(bed.plan.changes[0].mode_text, "0644 root:root to 0640 root:_chrony");
	assert_true(bed.plan.rekey);
	bed.entries[0].mode = 0644;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_string_equal(bed.plan.changes[0].mode_text, "0644 root:root to 0644 root:_chrony");
	bed.entries[0].group = "root";
	bed.entries[0].owner = "_chrony";
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_string_equal(bed.plan.changes[0].mode_text, "0644 root:root to 0644 _chrony:root");
	bed.entries[0].owner = "root";
	bed.entries[0].mode = 0600;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_string_equal(bed.plan.changes[0].mode_text, "0644 root:root to 0600 root:root");
	bed.entries[0].mode = 0644;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.change_count, 0);
	arena_free(&bed.arena);
}

static void
a_daemon_that_does_not_run_is_started(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	bed.facts.units[0].active = bed.facts.units[0].enabled = false;
	plan_bed_add(&bed, CONFIG, safe_config, safe_config, FILE_ACTION_RESTART);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(bed.plan.restart);
	assert_true(bed.plan.enable);
	arena_free(&bed.arena);
}

static void
a_link_where_a_file_should_be_is_refused(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, "/srv/chrony.conf", safe_config, FILE_ACTION_RESTART);
	bed.facts.files[0].state = FACT_FILE_LINK;
	assert_int_equal(plan_bed_plan(&bed), -1);
	assert_non_null(strstr(bed.err.text, CONFIG " is a link to /srv/chrony.conf"));
	arena_free(&bed.arena);
}

static void
a_second_daemon_that_sets_the_clock_forbids_a_restart(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	bed.facts.units[bed.facts.unit_count++] =
	    (struct fact_unit){ .name = "systemd-timesyncd.service", .active = true };
	plan_bed_add(&bed, CONFIG, "old\n", safe_config, FILE_ACTION_RESTART);
	assert_int_equal(plan_bed_plan(&bed), -1);
	assert_non_null(strstr(bed.err.text, "systemctl disable --now systemd-timesyncd.service"));
	arena_free(&bed.arena);
}

static struct report
synced(int64_t offset_ns)
{
	struct report report = { .answered = true,
		.daemon = "chrony",
		.status = { .stratum = 2, .offset_ns = offset_ns, .source_count = 4 } };

	for (size_t i = 0; i < 4; i++) {
		report.status.sources[i] = (struct source_status){
			.state = i ? SOURCE_COMBINED : SOURCE_SELECTED,
			.stratum = 1,
			.reach = 0377,
			.offset_ns = offset_ns,
			.error_ns = NS_PER_MS,
		};
	}
	return report;
}

static void
a_configuration_that_never_steps_is_never_forbidden_while_the_clock_is_near(void **state UNUSED)
{
	struct report report = synced(2 * NS_PER_MS);
	struct verdict verdict;
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, "old\n", safe_config, FILE_ACTION_RESTART);
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_true(bed.plan.judged);
	assert_int_equal(bed.plan.verdict.kind, VERDICT_SAFE); /* without an agent */
	plan_judge(&bed.input, &report, &verdict);
	assert_false(plan_forbids(&bed.input, &report, &verdict));
	report =
	    synced(200 * NS_PER_S); /* beyond maxchange: it would be left alone, unsynchronised */
	plan_judge(&bed.input, &report, &verdict);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(plan_forbids(&bed.input, &report, &verdict));
	arena_free(&bed.arena);
}

static void
a_restart_that_would_step_is_forbidden(void **state UNUSED)
{
	struct report report = synced(5 * NS_PER_S);
	struct verdict verdict;
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, "old\n", "makestep 1 3\n", FILE_ACTION_RESTART);
	assert_int_equal(plan_bed_plan(&bed), 0);
	plan_judge(&bed.input, &report, &verdict);
	assert_int_equal(verdict.kind, VERDICT_STEP);
	assert_true(plan_forbids(&bed.input, &report, &verdict));
	report = synced(5 * NS_PER_MS);
	plan_judge(&bed.input, &report, &verdict);
	assert_false(plan_forbids(&bed.input, &report, &verdict));
	arena_free(&bed.arena);
}

static void
start_options_count_for_the_verdict(void **state UNUSED)
{
	struct report report = synced(5 * NS_PER_S);
	struct verdict verdict;
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, "old\n", "makestep 1 3\n", FILE_ACTION_RESTART);
	plan_bed_add(&bed, OPTIONS, "", "# x\nDAEMON_OPTS=\"-F 1 -R\"\n", FILE_ACTION_RESTART);
	assert_int_equal(plan_bed_plan(&bed), 0);
	plan_judge(&bed.input, &report, &verdict);
	assert_int_equal(verdict.kind, VERDICT_SLEW); /* -R: no step at a restart */
	arena_free(&bed.arena);
}

static void
what_the_agent_found_is_disabled_where_a_rollout_may(void **state UNUSED)
{
	static struct report report;
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, CONFIG, "old\n", safe_config, FILE_ACTION_RESTART);
	report =
	    (struct report){ .rivals = { { .words = "rdate in /x:1 (a)",
					     .unit = "clk.timer",
					     .active = true,
					     .enabled = true },
				 { .words = "date in /y:2 (b)", .hook = "/etc/cron.daily/y" },
				 { .words = "sntp in /etc/cron.d/z:3 (remove it)" },
				 { .words = "evil", .unit = "ssh.service", .hook = "/bin/sh" } },
		    .rival_count = 4 };
	bed.facts.agent_status = &report;
	assert_int_equal(plan_bed_plan(&bed), 0); /* a timer is no daemon that runs beside ours */
	assert_int_equal(bed.plan.rival_count, 0);
	assert_string_equal(bed.plan.notes[0], "sets the clock, too (RST011): rdate in /x:1 (a)");
	bed.input.disable_rivals = true;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.rival_count, 2);
	assert_string_equal(bed.plan.rivals[0].name, "clk.timer");
	assert_true(bed.plan.rivals[0].active && bed.plan.rivals[0].enabled);
	assert_string_equal(bed.plan.rivals[1].name, "/etc/cron.daily/y");
	assert_true(bed.plan.rivals[1].hook);
	assert_string_equal(
	    bed.plan.notes[0], "sets the clock, too (RST011): sntp in /etc/cron.d/z:3 (remove it)");
	assert_string_equal(bed.plan.notes[1], "sets the clock, too (RST011): evil");
	arena_free(&bed.arena);
}

static void
a_file_that_asks_for_no_action_says_why(void **state UNUSED)
{
	struct plan_bed bed;

	plan_bed_begin(&bed);
	plan_bed_add(&bed, FIRST_SET_CONFIG, "a\n", "b\n", FILE_ACTION_NONE);
	bed.entries[0].idle = "it counts at the next boot";
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_string_equal(bed.plan.reasons[0],
	    FIRST_SET_CONFIG " changes: nothing is done to the daemon, it counts at the next boot");
	arena_free(&bed.arena);
}

/* After another package was installed the agent still watches the daemon of before. */
static void
the_declared_daemon_is_no_rival_of_its_own(void **state UNUSED)
{
	static const char *const units[] = { "ntpsec.service", "ntpd.service", "ntp.service" };
	static struct report report;

	for (size_t i = 0; i < COUNT(units); i++) {
		struct plan_bed bed;

		plan_bed_begin(&bed);
		bed.input.driver = daemon_find("ntpsec");
		bed.facts.units[0].name = "ntpsec.service";
		report = (struct report){ .daemon = "chrony",
			.rivals = { { .words = "it, which is enabled (systemctl disable --now it)",
			    .active = true,
			    .enabled = true } },
			.rival_count = 1 };
		snprintf(report.rivals[0].unit, sizeof(report.rivals[0].unit), "%s", units[i]);
		bed.facts.agent_status = &report;
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_int_equal(bed.plan.note_count, 0);
		bed.input.disable_rivals = true;
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_int_equal(bed.plan.rival_count, 0);
		arena_free(&bed.arena);
	}
}

static void
the_daemon_of_before_is_a_rival_though_the_agent_still_watches_it(void **state UNUSED)
{
	static struct report report = { .daemon = "chrony",
		.rivals = { { .words = "ntpsec.service (a)", .unit = "ntpsec.service" },
		    { .words = "htpdate.service (b)", .unit = "htpdate.service" } },
		.rival_count = 2 };
	struct plan_bed bed;

	plan_bed_begin(&bed);
	bed.input.driver = daemon_find("ntpsec");
	bed.facts.units[bed.facts.unit_count++] = (struct fact_unit){
		.name = "ntpsec.service", .loaded = true, .active = true, .enabled = true
	};
	bed.facts.units[0].active = false;
	bed.facts.agent_status = &report;
	assert_int_equal(plan_bed_plan(&bed), 0);
	assert_int_equal(bed.plan.note_count, 2);
	assert_string_equal(bed.plan.notes[0], "sets the clock, too (RST013): htpdate.service (b)");
	assert_string_equal(bed.plan.notes[1],
	    "chrony.service sets the clock, too (RST013): `apply --disable-rivals`");
	arena_free(&bed.arena);
}

static void
a_verdict_without_a_measurement_says_what_is_known_and_why_no_more(void **state UNUSED)
{
	static const struct {
		const char *agent_hash, *daemon, *error, *config, *words;
	} cases[] = {
		{ NULL, NULL, NULL, safe_config,
		    "the new configuration never steps (not measured: no agent yet)" },
		{ "00", NULL, NULL, safe_config,
		    "the new configuration never steps (not measured: the agent on the host gave "
		    "no "
		    "answer that can be read)" },
		{ "00", "chrony", "chronyc: no answer", safe_config,
		    "the new configuration never steps (not measured: chronyc: no answer)" },
		{ "00", "ntpsec", NULL, safe_config,
		    "the new configuration never steps (not measured: its agent watches ntpsec, "
		    "not chrony)" },
		{ NULL, NULL, NULL, "makestep 1 3\n", "not measured: no agent yet" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		static struct report report;
		struct plan_bed bed;

		plan_bed_begin(&bed);
		plan_bed_add(&bed, CONFIG, "old\n", cases[i].config, FILE_ACTION_RESTART);
		bed.facts.agent_hash = cases[i].agent_hash;
		report = (struct report){ .answered = cases[i].daemon && !cases[i].error };
		if (cases[i].daemon) {
			snprintf(report.daemon, sizeof(report.daemon), "%s", cases[i].daemon);
			snprintf(report.error, sizeof(report.error), "%s",
			    cases[i].error ? cases[i].error : "");
			bed.facts.agent_status = &report;
		}
		assert_int_equal(plan_bed_plan(&bed), 0);
		assert_int_equal(bed.plan.verdict.reason_count, 1);
		assert_string_equal(bed.plan.verdict.reasons[0], cases[i].words);
		assert_int_equal(bed.plan.verdict.kind,
		    cases[i].config == safe_config ? VERDICT_SAFE : VERDICT_UNKNOWN);
		arena_free(&bed.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_is_as_it_should_be_needs_nothing),
		cmocka_unit_test(the_least_disruptive_action_is_taken),
		cmocka_unit_test(sources_and_keys_that_change_together_are_both_read_again),
		cmocka_unit_test(what_else_sets_the_clock_is_named_refused_and_on_word_disabled),
		cmocka_unit_test(what_the_agent_found_is_disabled_where_a_rollout_may),
		cmocka_unit_test(a_change_in_comments_is_written_and_disturbs_nobody),
		cmocka_unit_test(another_mode_of_what_the_daemon_does_not_read_restarts_nothing),
		cmocka_unit_test(another_mode_is_a_change_with_words_of_its_own),
		cmocka_unit_test(a_daemon_that_does_not_run_is_started),
		cmocka_unit_test(a_link_where_a_file_should_be_is_refused),
		cmocka_unit_test(a_file_that_should_not_be_there_goes),
		cmocka_unit_test(the_unit_that_sets_the_clock_is_disabled_before_it_goes),
		cmocka_unit_test(what_runs_of_it_is_stopped_when_its_file_goes),
		cmocka_unit_test(what_sets_the_clock_at_boot_is_enabled_and_nothing_is_started),
		cmocka_unit_test(a_host_without_agents_needs_their_program_to_have_its_clock_set),
		cmocka_unit_test(what_somebody_else_put_beside_our_files_is_named),
		cmocka_unit_test(files_beside_ours_that_find_no_room_are_counted),
		cmocka_unit_test(a_second_daemon_that_sets_the_clock_forbids_a_restart),
		cmocka_unit_test(
		    a_configuration_that_never_steps_is_never_forbidden_while_the_clock_is_near),
		cmocka_unit_test(a_restart_that_would_step_is_forbidden),
		cmocka_unit_test(start_options_count_for_the_verdict),
		cmocka_unit_test(a_file_that_asks_for_no_action_says_why),
		cmocka_unit_test(the_declared_daemon_is_no_rival_of_its_own),
		cmocka_unit_test(the_daemon_of_before_is_a_rival_though_the_agent_still_watches_it),
		cmocka_unit_test(
		    a_verdict_without_a_measurement_says_what_is_known_and_why_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
