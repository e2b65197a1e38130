#include "orchestrator/account/budgets.h"

#include "common/buf.h"

#include <string.h>

const struct named_budget named_budgets[] = {
	{
	    "mifid-hft",
	    "MiFID II RTS 25, high-frequency trading: 100 us",
	    100 * INT64_C(1000),
	    "Clocks that stamp events of high-frequency algorithmic trading, and of venues whose "
	    "gateway-to-gateway latency is at most 1 ms, diverge from UTC by at most 100 us, and "
	    "stamp by 1 us or finer. Firms keep a documented system of traceability to UTC, know "
	    "at "
	    "which point an event is stamped, and review both once a year.",
	    "The granularity of stamps and the point at which an application sets them; whether "
	    "this is the class that applies, and whether a later act has replaced the one named.",
	    "Commission Delegated Regulation (EU) 2017/574, articles 2 to 4 and annex, tables 1 "
	    "and "
	    "2",
	},
	{
	    "mifid",
	    "MiFID II RTS 25, other electronic trading: 1 ms",
	    NS_PER_S / 1000,
	    "Clocks that stamp events of electronic trading that is not high-frequency, and of "
	    "venues whose gateway-to-gateway latency is above 1 ms, diverge from UTC by at most "
	    "1 ms, and stamp by 1 ms or finer (by voice: 1 s). Firms keep a documented system of "
	    "traceability to UTC, know at which point an event is stamped, and review both once a "
	    "year.",
	    "The granularity of stamps and the point at which an application sets them; whether "
	    "this is the class that applies, and whether a later act has replaced the one named.",
	    "Commission Delegated Regulation (EU) 2017/574, articles 2 to 4 and annex, tables 1 "
	    "and "
	    "2",
	},
	{
	    "finra",
	    "FINRA Rule 4590: 50 ms",
	    NS_PER_S / 1000 * 50,
	    "Computer clocks that record events in NMS securities and OTC equity securities are "
	    "within 50 ms of NIST's clock, which includes the time provider's own difference from "
	    "NIST, the delay of transmission and the drift of the clock (other business clocks: "
	    "1 s). They are synchronised each business day before the market opens and checked "
	    "through the day, by a documented procedure; a log says when they were synchronised, "
	    "with what result, and when one was beyond the tolerance.",
	    "How far the upstreams themselves are from NIST; how long this file is kept; when the "
	    "market opens.",
	    "FINRA Rule 4590 (a) to (c) and .01; FINRA Rule 6820 for the consolidated audit trail",
	},
	{
	    "pci",
	    "PCI DSS 10.6: synchronised, without a number",
	    INT64_MAX,
	    "System clocks are synchronised (10.6.1). One or more designated servers take time "
	    "from "
	    "outside sources that the industry accepts and that are based on atomic time or UTC; "
	    "all other systems take it from these servers alone (10.6.2). Settings of time are "
	    "changed only where there is a need, and changes are logged, watched and reviewed "
	    "(10.6.3).",
	    "Who may log in on the hosts and change their time; whether anybody reviewed the "
	    "changes listed here. The rule has no number: time counts as within here when the "
	    "daemon was synchronised.",
	    "PCI DSS v4.0.1, requirements 10.6.1 to 10.6.3",
	},
	{ .name = NULL },
};

const struct named_budget *
named_budget(const char *name, struct error *err)
{
	struct buf all = { .limit_bytes = 0 };

	for (const struct named_budget *at = named_budgets; at->name; at++) {
		if (strcmp(at->name, name) == 0) {
			return at;
		}
	}
	for (const struct named_budget *at = named_budgets; at->name; at++) {
		buf_printf(&all, "%s%s", all.len ? ", " : "", at->name);
	}
	(void)error_set(err,
	    "--budget \"%.40s\": there are %s; without it, the budgets of site.yaml hold", name,
	    buf_str(&all));
	buf_free(&all);
	return NULL;
}

struct budget
named_budget_limits(const struct named_budget *named)
{
	return (struct budget){ named->limit_ns, named->limit_ns };
}
