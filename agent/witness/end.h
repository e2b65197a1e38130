/* How the daemon ended, judged by its unit's state and the latest offsets.  No I/O. */
#ifndef AGENT_WITNESS_END_H
#define AGENT_WITNESS_END_H

#include "daemons/daemon.h"
#include "verdict/proof.h"
#include "verdict/restart.h"

/* What to ask systemd for, as `systemctl show -p`. */
#define END_PROPERTIES "ActiveState,SubState,Result,ExecMainStatus"

struct end_facts {
	const char *program; /* "ntpd" */
	const char *unit;    /* what `systemctl show` printed; "" when it failed */
	const struct restart_policy *policy;
	const struct daemon_status *latest; /* its last answer before the end; NULL: none */
	int64_t lived_ns;                   /* from its start to its end; -1: not known */
	int64_t real_ns;                    /* the host's clock at its end */
	const char *paused; /* "the machine stood still for 3600 s ..."; NULL: nothing tells */
	bool seen;          /* the daemon was seen to run before */
};

/*
 * Judge.
 *
 * Returns false while the unit starts, stops or is active: systemd is to be asked again.
 */
bool end_judge(const struct end_facts *facts, struct daemon_end *end);

#endif
