/* Proves that a start of the daemon did not step the clock, or that it did.  No I/O. */
#ifndef AGENT_WITNESS_PROOF_H
#define AGENT_WITNESS_PROOF_H

#include "verdict/proof.h"

/* ntpd without iburst corrects first after 200 s, and may step again at its stepout of 300 s. */
#define PROOF_WINDOW_NS (900 * NS_PER_S)
/* Without a drift file the daemon learns the frequency first. */
#define PROOF_WINDOW_LONG_NS (3600 * NS_PER_S)

/* All instants are CLOCK_BOOTTIME unless something else is said. */
struct proof_facts {
	const char *program; /* "chronyd"; "": no daemon's start is known, and then: */
	bool unseen;         /* a daemon answers, and its process cannot be seen */
	int64_t started_ns;
	int64_t window_ns;
	int64_t watched_since_ns; /* watched since then without a gap that could hide a step */
	int64_t unwatched_ns;     /* time in the window when nobody watched */
	bool ended;
	uint64_t touched;
	int64_t moved_ns; /* by how much REALTIME - MONOTONIC_RAW changed since the start, at most
			     to the end of the window */
	int64_t now_ns, now_real_ns;
	const char *boot_id;
};

/* Whether the window of @facts is over. */
bool proof_is_over(const struct proof_facts *facts);

/*
 * Fill @proof by @facts and the ledger.
 *
 * @entries: the ledger, newest first; of other boots, too
 */
void proof_find(const struct proof_facts *facts, const struct ledger_entry *entries, size_t count,
    struct proof *proof);

#endif
