/* ORP, LEAP, NET: what the servers of a tier serve when they have nobody to ask, and leap seconds.
 */
#include "orchestrator/lint/files/judged.h"
#include "orchestrator/lint/rule.h"

#include <stdlib.h>
#include <string.h>

#define ORPHAN_STRATUM 10 /* chrony's default for `local` */
#define DSCP_EF 46

/* The line that lets the server go on without sources, and the stratum that it then has. */
static const struct config_line *
find_orphan(const struct judged *judged, long *stratum)
{
	const struct config_line *found = NULL;

	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		if (judged->ntp || judged->ntpsec) {
			long value = judged_is(judged, line->words[0], "tos")
			    ? judged_number(judged, line, "orphan", 16)
			    : 16;

			if (value < 16) {
				*stratum = value;
				found = line;
			}
		} else if (judged_is(judged, line->words[0], "local") &&
		    judged_word(judged, line, "orphan")) {
			*stratum = judged_number(judged, line, "stratum", ORPHAN_STRATUM);
			found = line;
		}
	}
	return found;
}

static void
judge_orphan(struct judged *judged)
{
	const struct tier *tier = judged->host->tier;
	size_t index = (size_t)(tier - judged->topology->tiers);
	struct files_lint *run = judged->run;
	long stratum = 0;
	const struct config_line *line = find_orphan(judged, &stratum);

	if (!line) {
		return;
	}
	if (judged->policy.quorum > 1) {
		judged_report(judged, "orphan-quorum", line,
		    "`%s` beside a quorum of %u (%s): no server of the tier ever takes the part of "
		    "the parent",
		    line->text, judged->policy.quorum, judged_words(judged, BLAME_QUORUM));
	}
	if (run->orphans[index] == 0) {
		run->orphans[index] = (unsigned)stratum;
		run->orphan_hosts[index] = judged->host->name;
	} else if (run->orphans[index] != (unsigned)stratum) {
		judged_report(judged, "orphan-differs", line,
		    "`%s`: the stratum is %u on %s, which is in the same tier", line->text,
		    run->orphans[index], run->orphan_hosts[index]);
	}
}

/* A clock that is nobody's but this server's: `local` of chrony, the driver 127.127.1. */
static void
judge_own_clock(struct judged *judged, const struct config_line *line)
{
	const char *name = "";
	bool chrony = !judged->ntp && !judged->ntpsec;
	bool local = chrony && judged_is(judged, line->words[0], "local");
	bool driver = !chrony &&
	    ((judged_source(judged, line, &name) && strncmp(name, "127.127.1.", 10) == 0) ||
		(judged_is(judged, line->words[0], "refclock") && line->count > 1 &&
		    judged_is(judged, line->words[1], "local")));

	if (driver ||
	    (local && !judged_word(judged, line, "orphan") &&
		judged->host->tier->server_count > 1)) {
		judged_report(judged, "local-clock", line,
		    "`%s`: without sources it serves its own clock as if somebody had set it, and "
		    "nothing keeps the servers of the tier together",
		    line->text);
	}
	if (judged->host->pool &&
	    (local || driver ||
		(judged_is(judged, line->words[0], "tos") &&
		    judged_number(judged, line, "orphan", 16) < 16))) {
		judged_report(judged, "pool-isolated", line,
		    "`%s`: %s serves the public pool, which wants no time at all rather than time "
		    "that comes from nobody",
		    line->text, judged->host->name);
	}
}

static void
judge_leap(struct judged *judged, const struct config_line *line)
{
	static const char *const tables[] = { "leapfile", "leapsectz", "leapseclist" };
	bool smears = judged_is(judged, line->words[0], "leapsmearinterval") ||
	    (judged_is(judged, line->words[0], "smoothtime") &&
		judged_word(judged, line, "leaponly"));

	for (size_t i = 0; i < COUNT(tables); i++) {
		if (judged_is(judged, line->words[0], tables[i]) && host_is_smeared(judged->host)) {
			judged_report(judged, "smear-leapfile", line,
			    "`%s`: the sources of %s smear leap seconds, and this daemon would "
			    "apply "
			    "the same second once more",
			    line->text, judged->host->name);
		}
	}
	if (smears && judged->host->pool) {
		judged_report(judged, "public-smear", line,
		    "`%s`: %s serves the public, who cannot know that its time is smeared",
		    line->text, judged->host->name);
	}
	if (judged_is(judged, line->words[0], "leapsmearinterval")) {
		judged_report(judged, "smear-not-built", line,
		    "`%s`: Debian's %s is built without it, says \"Built without LEAP_SMEAR "
		    "support\" "
		    "and does not smear",
		    line->text, judged->input->driver->title);
	}
}

void
judge_tier(struct judged *judged)
{
	if (!judged->server) {
		return;
	}
	judge_orphan(judged);
	for (size_t i = 0; i < judged->line_count; i++) {
		const struct config_line *line = &judged->lines[i];

		judge_own_clock(judged, line);
		judge_leap(judged, line);
		if (judged_is(judged, line->words[0], "dscp") && line->count > 1 &&
		    strtol(line->words[1], NULL, 0) != DSCP_EF) {
			judged_report(judged, "dscp", line,
			    "`%s`: questions and answers may wait in different queues, which shows "
			    "as an offset",
			    line->text);
		}
	}
}

const struct lint_rule rules_files_tier[] = {
	{ .id = "local-clock",
	    .number = "ORP002",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "a server without sources does not pass its own clock off as true time",
	    .source = "chrony.conf(5), local; ntpd's orphan mode documentation",
	    .remedy = "`isolated: true` on the tier",
	    .why = "Each server of the tier goes its own way with a good stratum, and "
		   "their clients see several times that all look synchronised. Orphan "
		   "mode makes them follow one of them." },
	{ .id = "orphan-differs",
	    .number = "ORP004",
	    .where = JUDGED_FILES, /* of a whole tier; plan looks at one host */
	    .severity = SEVERITY_WARNING,
	    .summary = "all servers of a tier have the same stratum in orphan mode",
	    .source = "ntpd's orphan mode documentation",
	    .remedy = "`orphan_stratum` of the tier, and {{orphan_stratum}} in your own "
		      "templates",
	    .why = "In orphan mode the servers of a tier agree on one parent by their "
		   "reference ids, which works only among equals. The one with the lower "
		   "stratum wins always, also when it is the worst." },
	{ .id = "smear-leapfile",
	    .number = "LEAP002",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "who follows sources that smear knows nothing of leap seconds itself",
	    .source = "RFC 8633 section 3.7.1; chrony.conf(5), leapsectz",
	    .remedy = "put {{^smeared}} around the line in your own template",
	    .why = "The sources spread the leap second over a day, and the daemon, told of "
		   "it by a file, applies it once more at midnight: a second off, until it "
		   "is slewed away." },
	{ .id = "public-smear",
	    .number = "LEAP003",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "who serves the public serves UTC",
	    .source = "RFC 8633 section 3.7.1",
	    .remedy = "take the line out of your own template",
	    .why = "Clients of the public pool mix servers. One that smears is up to half "
		   "a second off for them for a day, and is a falseticker that they did "
		   "not choose." },
	{ .id = "smear-not-built",
	    .number = "LEAP007",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_NOTE,
	    .summary = "nobody counts on leap seconds that Debian's ntpd smears",
	    .source = "ntpd 4.2.8p15 and NTPsec 1.2.2 as Debian builds them",
	    .remedy = "take the line out of your own template",
	    .why = "Both daemons are built without it, log one line and step or slew the "
		   "leap second as usual. Who counts on smeared time finds out on the day." },
	{ .id = "dscp",
	    .number = "NET005",
	    .where = JUDGED_FILES | JUDGED_PLAN,
	    .severity = SEVERITY_NOTE,
	    .summary = "questions and answers travel in the same class",
	    .source = "RFC 4594; ntp.conf(5), dscp",
	    .remedy = "take `dscp` out, or 46 on all servers and clients",
	    .why = "A packet that waits in a queue on one way only moves the offset by "
		   "half of its wait, and no filter can tell that from a clock that is "
		   "off." },
	{ .id = NULL },
};
