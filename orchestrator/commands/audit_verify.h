/* timetier audit --verify: whether servers of the public pool prove that they mean to be in it. */
#ifndef ORCHESTRATOR_COMMANDS_AUDIT_VERIFY_H
#define ORCHESTRATOR_COMMANDS_AUDIT_VERIFY_H

#include "orchestrator/audit/scope.h"
#include "orchestrator/cli/rollout_options.h"

/*
 * Look at each entry of `verify`, those whose time is over included, and show what is there.
 *
 * @words: the servers whose entries are meant; none: all
 * Returns an enum exit_status.
 */
int audit_verify(const struct topology *topology, const struct audit_scope *scope,
    const struct rollout_options *options, char **words, int word_count);

#endif
