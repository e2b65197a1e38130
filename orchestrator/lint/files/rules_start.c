/* RST: would a start of this daemon, as its files have it, step the clock? */
#include "common/duration.h"
#include "daemons/options.h"
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/rule.h"

#include <stdlib.h>
#include <string.h>

#define YEAR_NS (365 * 24 * 3600 * NS_PER_S)

static bool
is_chrony(const struct judged *judged)
{
	return !judged->ntp && !judged->ntpsec;
}

static void
judge_licence(struct judged *judged)
{
	const struct restart_policy *policy = &judged->policy;
	int64_t step_ns = policy->step_forward_ns;
	char from[DURATION_TEXT_BYTES], to[DURATION_TEXT_BYTES];

	if (policy->step_back_ns > 0 && (step_ns == 0 || policy->step_back_ns < step_ns)) {
		step_ns = policy->step_back_ns;
	}
	if (is_chrony(judged)) {
		if (policy->step_updates > 0) {
			judged_report_at(judged, "step-licence", judged_blamed(judged, BLAME_STEP),
			    "%s lets each start of chronyd step the clock again: -R is not among "
			    "its options",
			    judged_words(judged, BLAME_STEP));
		}
		return;
	}
	if (step_ns == 0 || policy->one_shot ||
	    (policy->panic_ns > 0 && step_ns >= policy->panic_ns)) {
		return;
	}
	duration_text(step_ns, from);
	duration_text(policy->panic_ns, to);
	judged_report_at(judged, "step-licence", judged_blamed(judged, BLAME_STEP),
	    "%s: it steps what is off by more than %s%s%s, at its start and later",
	    judged_words(judged, BLAME_STEP), from,
	    policy->panic_ns > 0 ? " and by less than " : "", policy->panic_ns > 0 ? to : "");
}

/* What steps the clock whatever the offset is; NULL: nothing. */
static const char *
unlimited(const struct judged *judged, enum restart_blamed *what)
{
	const struct restart_policy *policy = &judged->policy;

	*what = BLAME_PRESET;
	if (policy->preset_rtc) {
		return "sets the clock from the hardware clock at each start";
	}
	if (policy->preset_step_ns > 0) {
		return "steps the clock at each start, before anything else is known: -R is not "
		       "among "
		       "its options";
	}
	if (policy->preset || policy->preset_unit) {
		return "sets the clock at each start";
	}
	*what = BLAME_ONE_SHOT;
	if (policy->one_shot) {
		return "sets the clock once and ends: no daemon runs afterwards";
	}
	*what = BLAME_STEP;
	if (policy->step_any) {
		return "steps the clock whatever the offset is";
	}
	if (is_chrony(judged) && policy->step_updates < 0) {
		return "steps the clock at any time, not only at the start";
	}
	return NULL;
}

static void
judge_steps(struct judged *judged)
{
	enum restart_blamed what;
	const char *how = unlimited(judged, &what);

	if (how) {
		judged_report_at(judged, "unlimited-step", judged_blamed(judged, what), "%s %s",
		    judged_words(judged, what), how);
	} else {
		judge_licence(judged);
	}
	if (judged->policy.panic_pass) {
		judged_report_at(judged, "start-may-step", judged_blamed(judged, BLAME_PASS),
		    "%s: the first correction after a start passes the panic limit, and may be of "
		    "any "
		    "size",
		    judged_words(judged, BLAME_PASS));
	}
	if (judged->restart && strcmp(judged->restart, "no") != 0 &&
	    (judged->policy.panic_pass || (is_chrony(judged) && judged->policy.step_updates > 0))) {
		judged_report_at(judged, "restart-chain", judged->restart_place,
		    "Restart=%s starts the daemon again when it gave up on a clock that is far "
		    "off, "
		    "and %s lets that start step it",
		    judged->restart,
		    judged_words(judged, judged->policy.panic_pass ? BLAME_PASS : BLAME_STEP));
	}
}

/* Whether `maxchange` begins to guard only after some updates. */
static bool
guards_late(struct judged *judged)
{
	const struct config_line *line =
	    is_chrony(judged) ? judged_find(judged, "maxchange") : NULL;
	long start = line && line->count > 2 ? strtol(line->words[2], NULL, 10) : 0;

	if (start <= 0) {
		return false;
	}
	judged_report(judged, "first-unguarded", line,
	    start == 1 ? "`%s`: the first update after a start is not guarded"
		       : "`%s`: the first %ld updates after a start are not guarded",
	    line->text, start);
	return true;
}

static void
judge_guards(struct judged *judged)
{
	const struct restart_policy *policy = &judged->policy;
	unsigned quorum = judged->server ? tier_quorum(judged->host->tier) : 0;

	if (judged->server && policy->quorum < quorum) {
		judged_report_at(judged, "low-quorum", judged_blamed(judged, BLAME_QUORUM),
		    "%s: the daemon obeys %u source%s, and the quorum of tier \"%s\" is %u",
		    judged_words(judged, BLAME_QUORUM), policy->quorum,
		    policy->quorum == 1 ? "" : "s", judged->host->tier->name, quorum);
	}
	if (guards_late(judged) || !judged->server || policy->hold_ns > 0 || policy->panic_ns > 0) {
		return;
	}
	if (is_chrony(judged) && !judged_find(judged, "maxchange")) {
		judged_report(judged, "no-panic-limit", NULL,
		    "there is no `maxchange`: a clock that is hours off is corrected like one that "
		    "is "
		    "milliseconds off");
	} else {
		judged_report_at(judged, "no-panic-limit", judged_blamed(judged, BLAME_PANIC),
		    "%s: no offset is too large to be believed", judged_words(judged, BLAME_PANIC));
	}
}

static void
judge_slew_option(struct judged *judged)
{
	struct options options = { .has = { false } };

	if (!is_chrony(judged)) {
		options_read(&options, judged->options, judged->input->driver->options);
		if (options.has['x']) {
			judged_report_at(judged, "slew-option", judged_option_place(judged, "-x"),
			    "-x: it still steps what is off by more than 600 s, and `tinker step` "
			    "overrides it");
		}
		options_free(&options);
	}
}

static bool
ignores_dhcp(const struct judged *judged)
{
	const struct daemon_driver *driver = judged->input->driver;
	const struct file_entry *file = file_set_find(judged->input->files, driver->options_path);
	const char *at = file ? strstr(file->content, "\nIGNORE_DHCP=") : NULL;

	if (!at) {
		return false;
	}
	at += strlen("\nIGNORE_DHCP=");
	at += *at == '"' || *at == '\'';
	return strncmp(at, "yes", 3) == 0;
}

/* Source: Debian's ntp-systemd-wrapper of both, and chrony's chrony.conf. */
static void
judge_dhcp(struct judged *judged)
{
	for (size_t i = 0; is_chrony(judged) && i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (judged_is(judged, line->words[0], "sourcedir") && line->count > 1 &&
		    strncmp(line->words[1], "/run/", 5) == 0) {
			judged_report(judged, "dhcp-replaces", line,
			    "`%s`: whoever answers DHCP adds sources here", line->text);
		}
	}
	if (judged->ntp && judged->wrapped) {
		judged_report(judged, "dhcp-replaces", NULL,
		    "Debian's wrapper starts the daemon with /run/ntp.conf.dhcp instead, when DHCP "
		    "has "
		    "left one");
	}
	if (judged->ntpsec && judged->wrapped && !ignores_dhcp(judged)) {
		judged_report_at(judged, "dhcp-replaces",
		    (struct judged_place){ judged->input->driver->options_path, 0 },
		    "IGNORE_DHCP is not \"yes\": the daemon is started with "
		    "/run/ntpsec/ntp.conf.dhcp instead, when DHCP has left one");
	}
}

void
judge_start(struct judged *judged)
{
	if (judged->never_steps) {
		judge_steps(judged);
		judge_guards(judged);
	}
	if (!judged->server) {
		return;
	}
	judge_slew_option(judged);
	judge_dhcp(judged);
	if (!judged->policy.drift_file) {
		judged_report(judged, "drift-missing", NULL,
		    "there is no `driftfile`: each start learns the frequency of the clock anew, "
		    "and "
		    "takes the first offset for an error of it");
	}
	if (judged->policy.basedate_ns > judged->run->now_ns - YEAR_NS) {
		judged_report_at(judged, "basedate", judged_blamed(judged, BLAME_PRESET),
		    "%s: a clock that is behind that day jumps to it at the start",
		    judged_words(judged, BLAME_PRESET));
	}
}

const struct lint_rule rules_files_start[] = {
	{ .id = "start-may-step",
	    .number = "RST001",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "no start of the daemon may correct the clock by any amount",
	    .source = "RFC 8633 section 5.2; ntpd(8), -g",
	    .remedy = "take -g out of the options in your own template",
	    .why = "With -g the first correction after a start passes the panic limit of "
		   "1000 s, in either direction. A server that is started while its "
		   "sources are wrong, or forged, serves their time to the whole site "
		   "within seconds. On 19 November 2012 two servers of the US Naval "
		   "Observatory were 12 years off for an hour, and many who were started "
		   "in that hour followed.",
	    .instead = "restart: {limit: 0.5s}" },
	{ .id = "restart-chain",
	    .number = "RST002",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "a daemon that gave up on the clock is not started again by a program",
	    .source = "RFC 8633 section 5.2; ntpd(8), -g",
	    .remedy = "Restart=no in your own template, as in the built-in ones",
	    .why = "A daemon that ends because its sources are too far away did the right "
		   "thing. Started again with a licence to step, it takes the same wrong "
		   "time and says nothing. That is how one wrong hour at the US Naval "
		   "Observatory in 2012 came into networks whose daemons had refused it at "
		   "first." },
	{ .id = "unlimited-step",
	    .number = "RST005",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "nothing steps the clock of a server whatever the offset is",
	    .source = "chrony.conf(5), makestep, initstepslew; chronyd(8), -s; ntpd(8), -G, "
		      "-q",
	    .remedy = "take the option or line out of your own template",
	    .why = "A step breaks what runs: databases order by time, Kerberos tickets "
		   "end, cron jobs run twice or never. timetier sets the clock once at "
		   "boot, before the daemon, from a majority of the sources." },
	{ .id = "step-licence",
	    .number = "RST006",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a restart of the daemon is no new licence to step the clock",
	    .source = "chrony.conf(5), makestep; ntp.conf(5), tinker step",
	    .remedy = "no `makestep` in your own template, or -R among chronyd's options; for "
		      "ntpd `tinker step` and `panic` of one size",
	    .why = "`makestep 1 3` is meant for the boot, and chronyd takes it for each "
		   "start: an upgrade of the package at noon may step the clock of a "
		   "server that thousands follow. ntpd steps by itself whatever is off by "
		   "more than 0.128 s." },
	{ .id = "first-unguarded",
	    .number = "RST007",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "the first correction after a start is guarded, too",
	    .source = "chrony.conf(5), maxchange",
	    .remedy = "`maxchange LIMIT 0 -1` in your own template",
	    .why = "The second number of `maxchange` says after how many updates it begins "
		   "to guard. The first correction after a start is the one that may be "
		   "far off, and with 1 it is the one that nobody checks." },
	{ .id = "no-panic-limit",
	    .number = "RST008",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "a server has a limit beyond which it leaves the clock alone",
	    .source = "RFC 8633 section 5.2; ntp.conf(5), tinker panic; chrony.conf(5), "
		      "maxchange",
	    .remedy = "`tinker panic` or `maxchange` in your own template, of the size of "
		      "`restart`",
	    .why = "Without a limit a server follows its sources wherever they go: years "
		   "away, if most of them say so. With it the server stays with its own "
		   "clock, which is right to a second for days, and is reported.",
	    .instead = "restart: {limit: 0.5s}" },
	{ .id = "slew-option",
	    .number = "RST009",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "nobody relies on -x to keep ntpd from stepping",
	    .source = "ntpd(8), -x",
	    .remedy = "`tinker step 0.5 panic 0.5` in your own template instead of -x",
	    .why = "-x only raises the threshold from 0.128 s to 600 s: what is farther "
		   "off is stepped all the same. A `tinker step` in the file overrides it, "
		   "so that who reads the options believes in what is not there." },
	{ .id = "drift-missing",
	    .number = "RST010",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "the daemon finds at its start what it learned of the clock's rate",
	    .source = "ntp.conf(5), driftfile; chrony.conf(5), driftfile",
	    .remedy = "a `driftfile` that the daemon's user may write",
	    .why = "Without it ntpd takes the first correction after a start for an error "
		   "of the rate: in a test 0.45 s became 500 ppm, and the clock was up to "
		   "0.25 s ahead for half an hour." },
	{ .id = "dhcp-replaces",
	    .number = "RST012",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "DHCP does not choose the sources of a server",
	    .source = "Debian's ntp-systemd-wrapper and dhclient hooks; chrony.conf(5), "
		      "sourcedir",
	    .remedy = "IGNORE_DHCP=\"yes\", an ExecStart of your own, no `sourcedir` below "
		      "/run",
	    .why = "Whoever answers DHCP on the network of the server, a router after its "
		   "update for example, can replace its sources and its quorum, and has "
		   "the daemon restarted for it." },
	{ .id = "basedate",
	    .number = "RST014",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_WARNING,
	    .summary = "ntpd sets no clock to a day that is written in its configuration",
	    .source = "ntp.conf(5), tos basedate",
	    .remedy = "take `tos basedate` out of your own template",
	    .why = "ntpd sets a clock that is behind that day to it, at its start and "
		   "without asking anybody. A day of the last year is close enough to the "
		   "true time to look right and to be wrong by months." },
	{ .id = NULL },
};
