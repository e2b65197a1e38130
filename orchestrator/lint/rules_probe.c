/* Rules that what upstreams answer is held against: rows; `timetier probe` judges. */
#include "orchestrator/lint/rule.h"

const struct lint_rule rules_probe[] = {
	{
	    .id = "one-reference",
	    .number = "SRC007",
	    .where = JUDGED_PROBE,
	    .severity = SEVERITY_WARNING,
	    .summary = "the sources of stratum 1 do not all have one kind of reference clock",
	    .source = "RFC 8633 section 3.2; ntp.org, 5.3.3: do not depend on one kind of clock",
	    .remedy = "add a source that has its time in another way: by long wave (DCF77, MSF), "
		      "or from a national laboratory",
	    .why = "What goes wrong with GPS goes wrong with all receivers of GPS at once: on 26 "
		   "January 2016 its satellites were 13.7 microseconds off for half a day, and "
		   "receivers that were not prepared for the week number of April 2019 went back "
		   "by 19.6 years. Sources that all hang on it agree, and are wrong together.",
	},
	{
	    .id = "kiss",
	    .number = "KOD001",
	    .where = JUDGED_PROBE,
	    .severity = SEVERITY_WARNING,
	    .summary = "an upstream wants to be asked",
	    .source = "RFC 5905 section 7.4: kiss-o'-death",
	    .remedy = "ask its operator, or take another; with RATE: count who asks it from the "
		      "same address (behind one NAT all hosts are one client), and let fewer ask",
	    .why = "A server that sends DENY or RSTR will not give the time to this site again: a "
		   "source that is counted is not there. RATE means that it is asked too often, "
		   "and that it drops what comes too soon.",
	},
	{ .id = NULL },
};
