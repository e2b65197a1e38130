/* timetier audit --spoof: whether packets with a foreign source address leave the site. */
#ifndef ORCHESTRATOR_COMMANDS_AUDIT_SPOOF_H
#define ORCHESTRATOR_COMMANDS_AUDIT_SPOOF_H

#include "orchestrator/audit/scope.h"
#include "orchestrator/cli/rollout_options.h"

/*
 * Explain it, try it where --as names whose address the packets bear, and print the words to the
 * provider.
 *
 * @server: a server that answers that host: it gets the packets; NULL: none was named
 * Returns an enum exit_status.
 */
int audit_spoof(const struct topology *topology, const struct audit_scope *scope,
    const struct rollout_options *options, const struct host *server);

#endif
