/* A host that is gone for good is taken out of the journal's memory; no host is asked. */
#ifndef ORCHESTRATOR_RUNS_RELEASE_FORGET_H
#define ORCHESTRATOR_RUNS_RELEASE_FORGET_H

#include "orchestrator/runs/record.h"
#include "orchestrator/topology/topology.h"

/*
 * Write a run of kind "release --forget": of none of @words anything is managed from now on.
 *
 * @record: open; its run is begun and ended
 * @now:    the site, which must not have them any more
 * Returns 0, or -1 with @err set, and nothing forgotten: one is a host of the site, or timetier
 * manages nothing there.
 */
int forget_hosts(struct run_record *record, const struct topology *now, char **words, int count,
    const char *who, struct error *err) MUST_CHECK;

#endif
