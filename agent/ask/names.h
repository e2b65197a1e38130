/*
 * Looks up the names in the daemon's configuration, one after the other and off the loop, and keeps
 * the addresses that they lead to; verdict/stale.h judges these.
 */
#ifndef AGENT_ASK_NAMES_H
#define AGENT_ASK_NAMES_H

#include "verdict/report.h"

#include <uv.h>

struct name_lookup;
typedef void (*name_lookup_done)(struct name_lookup *names);

/* Zero-initialise it; name_lookup_close() ends it. */
struct name_lookup {
	struct name_answer answers[RESTART_LINES_MAX]; /* of the latest round that ended */
	size_t count;
	bool running;
	name_lookup_done done;
	void *owner; /* for done's use */
	struct name_lookup_work *work;
};

/* Whether any line of @policy has a name, not an address. */
bool name_lookup_is_needed(const struct restart_policy *policy);

/*
 * Look up all names of @policy and call @done once, never before this returns.  Not while it is
 * running.
 *
 * @limit_ms: the round ends after this time; names without an answer by then have none
 */
void name_lookup_run(struct name_lookup *names, uv_loop_t *loop,
    const struct restart_policy *policy, uint64_t limit_ms, name_lookup_done done);

/*
 * Write to @report which names are stale, by its status, and whether the daemon's own user can look
 * names up.
 *
 * @pid: of the daemon; 0: it is not known
 */
void name_lookup_report(
    const struct name_lookup *names, const char *root, pid_t pid, struct report *report);

/* Give up what is under way; no @done is called any more.  The loop must run once more. */
void name_lookup_close(struct name_lookup *names);

#endif
