/* What upstreams are worth, as a table that reads at a glance, and as JSON. */
#ifndef ORCHESTRATOR_SHOW_PROBE_H
#define ORCHESTRATOR_SHOW_PROBE_H

#include "orchestrator/probe/findings.h"

/* All that probe has to tell. */
struct probe_shown {
	const struct topology *topology;
	const char *from; /* the host that asked; NULL: this one */
	int64_t real_ns;  /* when */
	bool nts;         /* handshakes were tried */
	const struct probe_view *views;
	size_t count;
	const struct probe_sum *sum;
	const struct probe_finding *findings;
	size_t finding_count;
	bool again; /* what to do was told before */
};

/* Print it to stdout; @quiet: only what is wrong. */
void probe_show(const struct probe_shown *shown, bool quiet, bool colour);

/* Whether something is wrong out there that the site does not accept. */
bool probe_is_bad(const struct probe_shown *shown);

#endif
