/*
 * What a host remembers of changes: the last one that came to an end, one that waits to be
 * confirmed, and who is at work on one.  This file does no I/O: the caller hands in the bytes.
 */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_CHANGE_H
#define ORCHESTRATOR_ROLLOUT_FACTS_CHANGE_H

#include "common/arena.h"
#include "orchestrator/rollout/facts/records.h"

/* A text that the host did not tell is NULL; the others hold printable ASCII alone. */
struct fact_change {
	bool there;          /* there is such a change; else all is empty */
	const char *outcome; /* of the last: "kept", "back", "still" (files are back, the daemon was
				left as it is), "stuck" (files are back, a command failed) or
				"broken"; of an unfinished one: "armed", "undoing" or "kept" */
	const char *by;      /* who put it back or kept it: "script", "guard", "boot", "apply" (the
				next apply) or "unlock" */
	const char *run;     /* the mark of the orchestrator's run */
	const char *holder;  /* who made the change: "root@desk" */
	const char *began, *ended, *since; /* by the host's clock: RFC 3339 */
	const char *reason;                /* why it was put back */
	const char *ago;                   /* of a lock: its age in seconds, by the host's uptime */
};

#define FACT_CHANGE_WORDS_BYTES 320

/* Read a record of lines "NAME TEXT" into @change; unknown names are left out. */
void fact_change_take(struct arena *arena, const struct record *record, struct fact_change *change);

/* Whether the change ended with the new files in place. */
bool fact_change_is_kept(const struct fact_change *change);

/* Write who made it: "root@desk, run 12, since 2026-11-22T12:00:00Z (90 s ago)"; returns @words. */
const char *fact_change_who(const struct fact_change *change, char words[FACT_CHANGE_WORDS_BYTES]);

/*
 * How it was put back: "the last change (WHO) was put back by its guard: REASON".  Returns NULL
 * when it was not put back, or its own script did it.
 */
const char *fact_change_story(const struct fact_change *change, struct arena *arena);

#endif
