/*
 * Which units of systemd start, stop and need which, and which are active: from the files and from
 * what systemd leaves in /run, because this user may not ask it.  Source: systemd 252.
 */
#ifndef AGENT_HOST_RELATIONS_H
#define AGENT_HOST_RELATIONS_H

#include "agent/host/unit.h"

/*
 * List the units that others pull in and whose names end with @suffix, sorted: the links in .wants,
 * .requires and .upholds folders.  The list and its texts belong to @arena.  Returns how many.
 */
size_t unit_pulled_in(
    const char *root, const char *suffix, struct arena *arena, const char *const **names);

/*
 * List the units that are linked into UNIT.wants, .requires and .upholds: that a start of @unit
 * starts, too.
 */
size_t unit_linked_to(
    const char *root, const struct unit *unit, struct arena *arena, const char *const **names);

/*
 * List the units whose files or drop-ins hold one of @names, NULL-ended, in whatever line, and
 * those that require one by a link.  Only units that are active are looked at where systemd tells
 * which these are.
 */
size_t unit_holding(const char *root, const char *const *unit_names, struct arena *arena,
    const char *const **names);

/* Whether the unit requires one of @names by a link in UNIT.requires. */
bool unit_requires_by_link(
    const char *root, const struct unit *unit, const char *const *unit_names, struct arena *arena);

/*
 * Whether systemd has the unit at work: it is active, or about to be.  Only what began a process is
 * marked: no target, and no service without ExecStart=.
 */
bool unit_is_active(const char *root, const char *name);

/* Whether the service is surely not active. */
bool unit_rests(const char *root, const struct unit *unit);

#endif
