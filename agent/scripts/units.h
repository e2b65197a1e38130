/* Visits the commands that a unit of systemd executes.  This file only reads files. */
#ifndef AGENT_SCRIPTS_UNITS_H
#define AGENT_SCRIPTS_UNITS_H

#include "agent/host/unit.h"
#include "agent/scripts/follow.h"

/*
 * Visit the commands of the unit's @keys, a NULL-ended list as "ExecStart", "ExecStop".
 *
 * @script: what is known of who runs it; path and source are filled in for each line
 */
void units_visit(struct follow *follow, const struct unit *unit, const char *const *keys,
    const struct script *script);

/* Visit what the unit @name executes when it is started. */
void units_visit_start(struct follow *follow, const char *name, const struct script *script);

/* What a start executes. */
extern const char *const units_start_keys[];

#endif
