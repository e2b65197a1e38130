/* The table of checks, and those of the daemon and of the machine. */
#include "common/clock.h"
#include "common/duration.h"
#include "orchestrator/doctor/checks.h"
#include "verdict/health.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RTC_MAX_NS NS_PER_S
#define LEAP_SOON_NS (28 * INT64_C(86400) * NS_PER_S)

const char *
doctor_state_name(enum doctor_state state)
{
	static const char *const names[] = {
		[DOCTOR_OK] = "ok",
		[DOCTOR_WARN] = "warn",
		[DOCTOR_BAD] = "bad",
	};

	return names[state];
}

void
doctor_say(
    struct examining *examining, enum doctor_state state, const char *remedy, const char *fmt, ...)
{
	struct doctor *doctor = examining->doctor;
	char text[1024];
	va_list args;

	if (doctor->count == DOCTOR_FINDINGS_MAX) {
		return;
	}
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	doctor->list[doctor->count++] = (struct doctor_finding){ .check = examining->check,
		.state = state,
		.fact = arena_strdup(&doctor->arena, text),
		.remedy = remedy };
	doctor->worst = state > doctor->worst ? state : doctor->worst;
}

static const struct daemon_driver *
driver_of(const struct examining *examining)
{
	return daemon_find(examining->report->daemon);
}

const char *
doctor_daemon(const struct examining *examining)
{
	const struct daemon_driver *driver = driver_of(examining);

	return driver ? driver->title : "the daemon";
}

const struct source_status *
doctor_seen(const struct examining *examining, const char *address)
{
	const struct daemon_status *status = &examining->report->status;

	for (size_t i = 0; examining->report->answered && i < status->source_count; i++) {
		if (strcmp(status->sources[i].address, address) == 0) {
			return &status->sources[i];
		}
	}
	return NULL;
}

/* ---- the daemon, and what is beside it */

static void
check_daemon(struct examining *examining)
{
	const struct report *report = examining->report;

	if (report->answered) {
		doctor_say(examining, DOCTOR_OK, NULL, "%s %s runs and answers",
		    doctor_daemon(examining), report->status.version);
	} else if (!report->daemon[0]) {
		doctor_say(examining, DOCTOR_BAD,
		    "install one, as chrony, from the system's packages; `timetier platforms` "
		    "tells which are known there",
		    "%s", report->error);
	} else if (report->disputed) {
		doctor_say(examining, DOCTOR_BAD,
		    "end that process; its port is the daemon's alone", "%s", report->error);
	} else if (report->runs) {
		doctor_say(examining, DOCTOR_WARN,
		    "let it answer who asks it on this host: chrony at its command port, ntpd by "
		    "`restrict` lines for 127.0.0.1 and ::1 without noquery",
		    "%s runs, and does not say how it is: %s", doctor_daemon(examining),
		    report->error);
	} else {
		doctor_say(examining, DOCTOR_BAD,
		    "its log (`journalctl -u UNIT`) tells why; start it when the check `restart` "
		    "says that this is safe",
		    "%s%s%s", report->error, report->end.ended ? ": " : "",
		    report->end.ended ? report->end.words : "");
	}
}

static void
check_rivals(struct examining *examining)
{
	const struct report *report = examining->report;

	for (size_t i = 0; i < report->rival_count; i++) {
		const struct report_rival *rival = &report->rivals[i];
		const char *remedy = "one program sets the clock, and no other: switch it off";

		if (rival->unit[0]) {
			remedy = arena_printf(
			    &examining->doctor->arena, "systemctl disable --now %s", rival->unit);
		} else if (rival->hook[0]) {
			remedy =
			    arena_printf(&examining->doctor->arena, "chmod a-x %s", rival->hook);
		}
		doctor_say(examining, rival->unit[0] && !rival->active ? DOCTOR_WARN : DOCTOR_BAD,
		    remedy, "it sets the clock, too: %s", rival->words);
	}
	if (report->rival_count == 0) {
		doctor_say(examining, DOCTOR_OK, NULL, "nothing else sets the clock");
	}
}

/* ---- what the daemon has made of it */

static void
check_follows(struct examining *examining)
{
	const struct report *report = examining->report;
	char reason[HEALTH_REASON_BYTES], offset[DURATION_TEXT_BYTES], bound[DURATION_TEXT_BYTES];
	enum health health;

	if (!report->answered) {
		return;
	}
	health = health_judge(&report->status, 0, -1, examining->input->budget_offset_ns,
	    examining->input->budget_error_bound_ns, reason);
	if (health != HEALTH_GOOD) {
		doctor_say(examining, health == HEALTH_SETTLING ? DOCTOR_WARN : DOCTOR_BAD,
		    "mend what is told above; a daemon that was just started takes some minutes",
		    "%s: %s", health_name(health), reason);
		return;
	}
	doctor_say(examining, DOCTOR_OK, NULL,
	    "it follows %s at stratum %d, %s off (source minus local), within %s",
	    report->status.selected[0] ? report->status.selected : "its sources",
	    report->status.stratum, duration_text(report->status.offset_ns, offset),
	    duration_text(daemon_error_bound_ns(&report->status), bound));
}

static void
check_rate(struct examining *examining)
{
	char words[HEALTH_RATE_BYTES];

	if (examining->report->answered &&
	    health_rate(examining->report->status.frequency_ppm, words)) {
		doctor_say(examining, DOCTOR_WARN,
		    "look at the machine's clocksource and at its hypervisor", "%s", words);
	}
}

static void
check_restart(struct examining *examining)
{
	static const enum doctor_state states[] = {
		[VERDICT_SAFE] = DOCTOR_OK,
		[VERDICT_SLEW] = DOCTOR_OK,
		[VERDICT_EXIT] = DOCTOR_WARN,
		[VERDICT_STEP] = DOCTOR_BAD,
		[VERDICT_UNKNOWN] = DOCTOR_WARN,
	};
	const struct verdict *verdict = &examining->report->verdict;
	const char *why = verdict->reason_count > 0 ? verdict->reasons[0] : "";

	if (!examining->report->daemon[0]) {
		return;
	}
	if (states[verdict->kind] == DOCTOR_OK) {
		doctor_say(examining, DOCTOR_OK, NULL, "if it is restarted, %s%s",
		    verdict_meaning(verdict->kind), verdict_lost(verdict));
		return;
	}
	doctor_say(examining, states[verdict->kind],
	    "leave it running until then; `timetier-agent verdict` there tells which line to "
	    "change",
	    "if it is restarted, %s%s%s", verdict_meaning(verdict->kind), *why ? ": " : "", why);
}

static void
check_steps(struct examining *examining)
{
	const struct ledger_entry *latest = &examining->report->ledger[0];
	char amount[DURATION_TEXT_BYTES], time[CLOCK_TEXT_BYTES];

	if (examining->report->ledger_count > 0) {
		doctor_say(examining, DOCTOR_WARN,
		    "`timetier-agent status` there lists them with what made them",
		    "its clock was stepped: at %s by %s, %s",
		    clock_text(latest->before_real_ns, time),
		    duration_text(latest->amount_ns, amount), latest->words);
	}
}

/* ---- the machine */

static void
check_machine(struct examining *examining)
{
	const struct exam *exam = examining->exam;

	if (exam->container[0]) {
		doctor_say(examining, DOCTOR_WARN,
		    "keep the time of the machine below it, and run no daemon here",
		    "it runs in a container (%s), whose clock is that of the machine below",
		    exam->container);
	} else if (exam->machine[0] && exam_clocksource_is_poor(exam->clocksource)) {
		doctor_say(examining, DOCTOR_WARN,
		    "take the clocksource of that hypervisor: "
		    "/sys/devices/system/clocksource/clocksource0/available_clocksource",
		    "a virtual machine (%s) that reads its time from %s, which is slow and may run "
		    "at another rate after each pause",
		    exam->machine, exam->clocksource);
	} else if (exam_clocksource_is_poor(exam->clocksource)) {
		doctor_say(examining, DOCTOR_WARN,
		    "the kernel's log tells why it does not trust a better one (`dmesg | grep -i "
		    "clocksource`)",
		    "it reads its time from %s, which is slow", exam->clocksource);
	} else if (exam->machine[0]) {
		doctor_say(examining, DOCTOR_OK, NULL,
		    "a virtual machine (%s); no program of it sets its clock unless told above",
		    exam->machine);
	} else {
		doctor_say(examining, DOCTOR_OK, NULL, "no virtual machine and no container");
	}
}

static void
check_rtc(struct examining *examining)
{
	int64_t off_ns = examining->report->rtc_offset_ns;
	char text[DURATION_TEXT_BYTES];

	if (examining->exam->rtc == EXAM_RTC_NONE) {
		doctor_say(examining, DOCTOR_OK, NULL,
		    "it has no hardware clock: after a boot its clock is right when its sources "
		    "have answered");
		return;
	}
	if (examining->exam->rtc == EXAM_RTC_LOCAL) {
		doctor_say(examining, DOCTOR_WARN, "timedatectl set-local-rtc 0",
		    "its hardware clock keeps local time (/etc/adjtime says LOCAL): twice a year, "
		    "and at each boot, the clock is hours off until it is set");
	}
	if (off_ns != INT64_MAX && duration_size_ns(off_ns) > RTC_MAX_NS) {
		doctor_say(examining, DOCTOR_WARN,
		    "once the clock is right: hwclock --systohc; chrony does it by `rtcsync`",
		    "its hardware clock is %s %s: the next boot begins there",
		    duration_text(duration_size_ns(off_ns), text), off_ns > 0 ? "ahead" : "behind");
	} else if (examining->exam->rtc == EXAM_RTC_UTC) {
		doctor_say(examining, DOCTOR_OK, NULL, "its hardware clock keeps UTC%s",
		    off_ns == INT64_MAX ? "" : ", and agrees to a second");
	}
}

static void
check_leap(struct examining *examining)
{
	const struct exam *exam = examining->exam;
	int64_t left_ns = exam->leap_until_ns - examining->input->now_ns;
	char day[CLOCK_DAY_BYTES];

	if (!exam->leap_file[0]) {
		doctor_say(examining, DOCTOR_OK, NULL,
		    "no leap file: it learns of leap seconds from its sources");
	} else if (!exam->leap_there) {
		doctor_say(examining, DOCTOR_WARN, "install tzdata (of Debian 13: tzdata-legacy)",
		    "%s, from which it would learn of leap seconds, is not there", exam->leap_file);
	} else if (exam->leap_until_ns != 0 && left_ns < LEAP_SOON_NS) {
		clock_day(exam->leap_until_ns, day);
		doctor_say(examining, DOCTOR_WARN, "upgrade tzdata", "%s %s on %s", exam->leap_file,
		    left_ns < 0 ? "expired" : "expires", day);
	} else {
		doctor_say(examining, DOCTOR_OK, NULL, "it learns of leap seconds from %s",
		    exam->leap_file);
	}
}

static void
check_reports(struct examining *examining)
{
	const struct reporting *reporting = &examining->report->reporting;

	if (reporting->state == REPORTING_REFUSED || reporting->state == REPORTING_FAILS) {
		doctor_say(examining, DOCTOR_WARN,
		    "`timetier apply` tells the agent its name and collector anew; `timetier "
		    "release HOST` takes it away",
		    "its agent's reports are %s: %s",
		    reporting->state == REPORTING_REFUSED ? "refused" : "not delivered",
		    reporting->words);
	}
}

/* ---- all of them, in the order in which time comes to a clock */

static void
check_reach(struct examining *examining)
{
	if (!examining->exam) {
		doctor_say(examining, DOCTOR_BAD,
		    "`ssh HOST true` by hand tells more; `timetier doctor --help` tells how hosts "
		    "are named",
		    "%s", examining->input->trouble);
		return;
	}
	doctor_say(examining, DOCTOR_OK, NULL, "it answers by SSH, and the agent's program runs");
}

static const struct {
	const char *id;
	bool examined; /* an agent of an older release does not tell what it wants */
	void (*look)(struct examining *examining);
} checks[] = {
	{ "reach", false, check_reach },
	{ "daemon", false, check_daemon },
	{ "rivals", false, check_rivals },
	{ "resolver", true, doctor_resolver },
	{ "network", false, doctor_network },
	{ "access", true, doctor_access },
	{ "keys", false, doctor_keys },
	{ "votes", false, doctor_votes },
	{ "follows", false, check_follows },
	{ "rate", false, check_rate },
	{ "restart", false, check_restart },
	{ "steps", false, check_steps },
	{ "machine", true, check_machine },
	{ "rtc", true, check_rtc },
	{ "leap", true, check_leap },
	{ "reports", false, check_reports },
};

void
doctor_look(const struct doctor_input *input, struct doctor *doctor)
{
	struct examining examining = { .input = input,
		.exam = input->exam,
		.report = input->exam ? &input->exam->report : NULL,
		.doctor = doctor };

	for (size_t i = 0; i < COUNT(checks); i++) {
		examining.check = checks[i].id;
		if (i == 0 || (input->exam && !(checks[i].examined && input->unmeasured))) {
			checks[i].look(&examining);
		}
	}
}

void
doctor_free(struct doctor *doctor)
{
	arena_free(&doctor->arena);
}
