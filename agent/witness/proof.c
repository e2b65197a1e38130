#include "agent/witness/proof.h"

#include "common/clock.h"
#include "common/duration.h"

#include <stdio.h>
#include <string.h>

/* The kernel tells a start to 10 ms, and a program needs longer than this to set a clock. */
#define START_TOLERANCE_NS (50 * NS_PER_MS)
#define SPAN_BYTES 32

bool
proof_is_over(const struct proof_facts *facts)
{
	return facts->now_ns - facts->started_ns >= facts->window_ns;
}

/* "40 s", "15 min", "2 h" */
static const char *
span_text(int64_t ns, char *out)
{
	int64_t s = ns / NS_PER_S;

	if (s < 120) {
		snprintf(out, SPAN_BYTES, "%lld s", (long long)s);
	} else if (s < 7200) {
		snprintf(out, SPAN_BYTES, "%lld min", (long long)(s / 60));
	} else {
		snprintf(out, SPAN_BYTES, "%lld h", (long long)(s / 3600));
	}
	return out;
}

/* "12:01:03 UTC" */
static const char *
moment_text(int64_t real_ns, char *out)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(real_ns, text);
	snprintf(out, SPAN_BYTES, "%.8s UTC", text + strlen("2026-11-22T"));
	return out;
}

/* Whether @entry is of the time that the proof is about. */
static bool
is_in_window(const struct proof_facts *facts, const struct ledger_entry *entry)
{
	int64_t age_ns = entry->boot_ns - facts->started_ns;

	/* a step at the very end may be seen up to a second late */
	return age_ns >= -START_TOLERANCE_NS && age_ns <= facts->window_ns + NS_PER_S &&
	    strcmp(entry->boot_id, facts->boot_id) == 0;
}

/* Count and add up the steps in the window; returns when the first was, after the start. */
static int64_t
count_steps(const struct proof_facts *facts, const struct ledger_entry *entries, size_t count,
    struct proof *proof)
{
	int64_t first_ns = 0;

	for (size_t i = 0; i < count; i++) {
		const struct ledger_entry *entry = &entries[i];
		int64_t age_ns = entry->boot_ns - facts->started_ns;

		if (entry->cause == CAUSE_LEAP || !is_in_window(facts, entry)) {
			continue;
		}
		proof->steps++;
		proof->stepped_ns += entry->amount_ns;
		first_ns = age_ns > 0 ? age_ns : 0;
	}
	return first_ns;
}

static void
say(const struct proof_facts *facts, int64_t first_ns, struct proof *proof)
{
	char start[SPAN_BYTES], end[SPAN_BYTES], span[SPAN_BYTES];
	char amount[DURATION_TEXT_BYTES], moved[DURATION_TEXT_BYTES];
	const char *program = facts->program;

	moment_text(proof->started_real_ns, start);
	moment_text(proof->proved_real_ns, end);
	switch (proof->state) {
	case PROOF_NONE:
		break;
	case PROOF_WATCHING:
		snprintf(proof->words, sizeof(proof->words),
		    "no step in %s since %s started at %s; proved at %s",
		    span_text(facts->now_ns - facts->started_ns, span), program, start, end);
		break;
	case PROOF_PROVED:
		snprintf(proof->words, sizeof(proof->words),
		    "no step in %s after %s started at %s: proved; the clock was moved by %s in "
		    "all",
		    span_text(facts->window_ns, span), program, start,
		    duration_text(proof->moved_ns, moved));
		break;
	case PROOF_STEPPED:
		snprintf(proof->words, sizeof(proof->words),
		    "STEPPED by %s in %llu step%s, %s after %s started at %s",
		    duration_text(proof->stepped_ns, amount), (unsigned long long)proof->steps,
		    proof->steps == 1 ? "" : "s", span_text(first_ns, span), program, start);
		break;
	case PROOF_BLIND:
		snprintf(proof->words, sizeof(proof->words),
		    "%s started at %s, %s before the agent began to watch; no step since", program,
		    start, span_text(facts->watched_since_ns - facts->started_ns, span));
		break;
	}
}

/*
 * Add what limits the proof: gaps in the watch, and the end of the daemon.  And a leap second: it
 * is no step, but it moved the clock.
 */
static void
add_limits(const struct proof_facts *facts, const struct ledger_entry *entries, size_t count,
    struct proof *proof)
{
	char more[PROOF_WORDS_BYTES] = "", span[SPAN_BYTES];
	size_t used = strlen(proof->words);
	const char *leap = "";

	for (size_t i = 0; i < count; i++) {
		if (entries[i].cause == CAUSE_LEAP && is_in_window(facts, &entries[i])) {
			leap = "; a leap second came, which is no step";
		}
	}
	if (proof->unwatched_ns > 0) {
		snprintf(more, sizeof(more),
		    "; the agent did not run for %s of it, and the clock made no net step then",
		    span_text(proof->unwatched_ns, span));
	}
	snprintf(proof->words + used, sizeof(proof->words) - used, "%s%s%s", leap, more,
	    facts->ended ? "; it ended" : "");
}

void
proof_find(const struct proof_facts *facts, const struct ledger_entry *entries, size_t count,
    struct proof *proof)
{
	int64_t first_ns;

	*proof = (struct proof){ .state = PROOF_NONE };
	if (!facts->program[0]) {
		snprintf(proof->words, sizeof(proof->words), "%s",
		    facts->unseen ? "the daemon's process is not to be seen, nor when it started"
				  : "no start of a time daemon was seen");
		return;
	}
	proof->started_boot_ns = facts->started_ns;
	proof->started_real_ns = facts->now_real_ns - (facts->now_ns - facts->started_ns);
	proof->window_ns = facts->window_ns;
	proof->proved_real_ns = proof->started_real_ns + facts->window_ns;
	proof->moved_ns = facts->moved_ns;
	proof->unwatched_ns = facts->unwatched_ns;
	proof->touched = facts->touched;
	proof->ended = facts->ended;
	first_ns = count_steps(facts, entries, count, proof);
	if (proof->steps > 0) {
		proof->state = PROOF_STEPPED;
	} else if (facts->watched_since_ns > facts->started_ns + START_TOLERANCE_NS) {
		proof->state = PROOF_BLIND;
	} else {
		proof->state = proof_is_over(facts) ? PROOF_PROVED : PROOF_WATCHING;
	}
	say(facts, first_ns, proof);
	add_limits(facts, entries, count, proof);
}
