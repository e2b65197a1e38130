/* What systemd of a host tells of units.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_UNITS_H
#define ORCHESTRATOR_ROLLOUT_FACTS_UNITS_H

#include "common/arena.h"
#include "orchestrator/rollout/facts/records.h"

#define FACT_UNITS_MAX 32

struct fact_unit {
	const char *name;
	bool loaded; /* there is such a unit */
	bool active, enabled;
	bool restarts;       /* systemd starts it again after an exit */
	const char *restart; /* when: "on-failure"; NULL: not told */
	const char *start;   /* the command that starts it, with its arguments; NULL: not told */
};

/*
 * Add the units of @record to the @count of @list, which has room for FACT_UNITS_MAX; one that is
 * told twice is taken once.  Texts belong to @arena.  Returns how many there are then.
 */
size_t fact_units_take(
    struct arena *arena, const struct record *record, struct fact_unit *list, size_t count);

/* The unit of that name, or NULL. */
const struct fact_unit *fact_units_find(
    const struct fact_unit *list, size_t count, const char *name);

#endif
