/*
 * What a host remembers of changes: the last one that came to an end, one that waits to be
 * confirmed, and who is at work on one.  Pure; the bytes come from the host.
 */
#ifndef ORCHESTRATOR_ROLLOUT_FACTS_CHANGE_H
#define ORCHESTRATOR_ROLLOUT_FACTS_CHANGE_H

#include "common/arena.h"
#include "orchestrator/rollout/facts/records.h"

/* Texts are NULL when they were not told, and hold nothing that a terminal could take amiss. */
struct fact_change {
	bool there;          /* there is one; else all is empty */
	const char *outcome; /* of the last: "kept", "back", "still" (files are back, the daemon was
				left as it is), "stuck" (files are back, a command failed) or
				"broken"; of an unfinished one: "armed", "undoing" or "kept" */
	const char *by;      /* who put it back or kept it: "script", "guard", "boot", "apply" */
	const char *run;     /* the mark of the orchestrator's run */
	const char *holder;  /* who did it: "root@desk" */
	const char *began, *ended, *since; /* by the host's clock: RFC 3339 */
	const char *reason;                /* why it was put back */
	const char *ago;                   /* of a lock: seconds, by the host's uptime */
};

#define FACT_CHANGE_WORDS_BYTES 320

/* Take a record of lines "NAME TEXT"; what is not known is left out. */
void fact_change_take(struct arena *arena, const struct record *record, struct fact_change *change);

/* Whether the change ended with the new files in place. */
bool fact_change_is_kept(const struct fact_change *change);

/* Who: "root@desk, run 12, since 2026-11-22T12:00:00Z (90 s ago)". */
const char *fact_change_who(const struct fact_change *change, char words[FACT_CHANGE_WORDS_BYTES]);

/* How it was put back: "its guard put it back: REASON"; NULL when it was not, or by its script. */
const char *fact_change_story(const struct fact_change *change, struct arena *arena);

#endif
