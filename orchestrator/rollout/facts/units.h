/* What systemd of a host tells of units.  No I/O. */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_UNITS_H
#define ORCHESTRATOR_ROLLOUT_FACTS_UNITS_H

#include "common/arena.h"
#include "common/buf.h"
#include "orchestrator/rollout/facts/records.h"

#define FACT_UNITS_MAX 48

/* What the units want that start after the clock is right, and the units that hold it until then,
 * NULL-ended. */
#define FACT_SYNC_TARGET "time-sync.target"
extern const char *const fact_sync_waits[];

struct fact_unit {
	const char *name;
	bool loaded; /* there is such a unit */
	bool active, enabled;
	bool masked;         /* nothing starts it, whoever asks */
	bool restarts;       /* systemd starts it again after an exit */
	const char *restart; /* when: "on-failure"; NULL: not told */
	const char *before;  /* of FACT_SYNC_TARGET alone: the units that start after it */
	const char *start;   /* the command that starts it, with its arguments; NULL: not told */
};

/* Add the names of units that are asked for beside those of daemons. */
void fact_units_questions(struct buf *questions);

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
