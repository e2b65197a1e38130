/* Rules that are judged by what upstreams answer: which of them the site breaks.  No I/O. */
#ifndef ORCHESTRATOR_PROBE_FINDINGS_H
#define ORCHESTRATOR_PROBE_FINDINGS_H

#include "orchestrator/lint/lint.h"
#include "orchestrator/probe/worth.h"

struct probe_finding {
	const struct lint_rule *rule;
	const char *on; /* the upstream or the tier at fault, as `accept` names it */
	const char *text;
	const char *because; /* why the site accepts it; NULL: it does not */
};

/*
 * Hold what probe_judge() has judged against the rules.
 *
 * @now_ns: real time, for what the site accepts until a day
 * @list:   from @arena; its texts, too, or they are the site's
 * Returns their number.
 */
size_t probe_find(const struct topology *topology, const struct probe_view *views, size_t count,
    int64_t now_ns, struct arena *arena, struct probe_finding **list);

#endif
