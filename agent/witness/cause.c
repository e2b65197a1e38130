#include "agent/witness/cause.h"

#include "common/duration.h"
#include "verdict/leap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An offset explains a step when it differs by no more than this, or by a twentieth of the step. */
#define NEAR_NS (20 * NS_PER_MS)
#define SLEPT_NS NS_PER_S
#define STOOD_STILL_NS (30 * NS_PER_S) /* the watch looks each second */
/* A daemon is starting for this long, and longer until it follows a source. */
#define STARTING_NS (60 * NS_PER_S)
/* A unit's commands before the daemon's start take no longer: TimeoutStartSec=. */
#define STARTS_WITHIN_NS (90 * NS_PER_S)
#define LATE_NS (3 * NS_PER_S) /* a daemon may set the clock so long after a leap second */
#define FIRST_SET_WITHIN_NS (2 * NS_PER_S)

static void say(struct ledger_entry *entry, const char *format, ...) PRINTF(2, 3);

static void
say(struct ledger_entry *entry, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(entry->words, sizeof(entry->words), format, arguments);
	va_end(arguments);
}

static bool
settle(struct ledger_entry *entry, enum step_cause cause)
{
	entry->cause = cause;
	entry->settled = true;
	return true;
}

static bool
is_near(int64_t a_ns, int64_t b_ns)
{
	int64_t limit_ns = llabs(b_ns) / 20;

	return llabs(a_ns - b_ns) <= (limit_ns > NEAR_NS ? limit_ns : NEAR_NS);
}

/* Whether the offset explains the step: it is near, of the same sign, and at least half of it. */
static bool
explains(int64_t offset_ns, int64_t amount_ns)
{
	return is_near(offset_ns, amount_ns) && llabs(offset_ns) >= llabs(amount_ns) / 2 &&
	    (offset_ns > 0) == (amount_ns > 0);
}

/*
 * Returns the source whose offset, as seen before the step, explains it; the selected one rather
 * than others.  "": the daemon's own offset explains it, and no source is selected.  NULL: nothing
 * explains it.
 */
static const char *
asked_for(const struct cause_facts *facts)
{
	const struct daemon_status *status = &facts->before->status;
	int64_t amount_ns = facts->step.amount_ns;
	const char *found = NULL;

	if (!facts->before->known) {
		return NULL;
	}
	if (explains(status->offset_ns, amount_ns)) {
		return status->selected;
	}
	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];

		if (source->age_ns < 0 || !explains(source->offset_ns, amount_ns)) {
			continue;
		}
		if (!found || source->state == SOURCE_SELECTED) {
			found = source->address;
		}
	}
	return found;
}

/* What the sources say that were measured since this step and since all later ones. */
struct hindsight {
	size_t agree;  /* sources by which the clock was right after the step */
	size_t object; /* sources that ask for the way back */
	size_t fresh;
	bool followed; /* the selected source agrees */
};

static struct hindsight
look_back(const struct cause_facts *facts)
{
	const struct cause_look *after = facts->after;
	int64_t amount_ns = facts->step.amount_ns;
	int64_t passed_ns = after->boot_ns - facts->latest_boot_ns;
	struct hindsight hindsight = { 0 };

	for (size_t i = 0; after->known && i < after->status.source_count; i++) {
		const struct source_status *source = &after->status.sources[i];
		int64_t offset_ns = source->offset_ns + facts->later_ns;
		bool agrees = llabs(offset_ns) <= llabs(amount_ns) / 4;

		if (source->age_ns < 0 || source->age_ns >= passed_ns) {
			continue;
		}
		hindsight.fresh++;
		hindsight.agree += agrees;
		hindsight.followed |= agrees && source->state == SOURCE_SELECTED;
		/* the daemon may have gone a part of the way back already */
		hindsight.object += !agrees && (offset_ns > 0) != (amount_ns > 0) &&
		    llabs(offset_ns) < 2 * llabs(amount_ns);
	}
	return hindsight;
}

/* Whether the step made good for a time in which no clock of the machine ran. */
static bool
find_pause(const struct cause_facts *facts, struct ledger_entry *entry)
{
	const struct cause_look *before = facts->before, *after = facts->after;
	char words[PAUSE_WORDS_BYTES];
	int64_t paused_ns = 0;

	if (!facts->right || !facts->right->known || facts->away) {
		return false;
	}
	if (after->known && after->boot_ns > facts->latest_boot_ns) {
		paused_ns = pause_find(facts->right, after, facts->step.amount_ns + facts->later_ns,
		    after->boot_ns - facts->latest_boot_ns, words);
	}
	if (paused_ns == 0 && before->known && before->boot_ns > facts->right->boot_ns) {
		paused_ns = pause_find(
		    facts->right, before, 0, before->boot_ns - facts->right->boot_ns, words);
	}
	if (paused_ns == 0 || !is_near(paused_ns, facts->step.amount_ns)) {
		return false;
	}
	say(entry, "%s", words);
	return settle(entry, CAUSE_PAUSED);
}

/* Find a cause that does not depend on what the daemon said. */
static bool
find_machine(const struct cause_facts *facts, struct ledger_entry *entry)
{
	const struct step_seen *step = &facts->step;
	char text[DURATION_TEXT_BYTES];

	if (step->leap) {
		char words[LEAP_WORDS_BYTES];

		leap_passed(step->amount_ns < 0 ? LEAP_INSERT : LEAP_DELETE,
		    step->at.real_ns - step->amount_ns - step->unwatched_ns - LATE_NS, words);
		say(entry, "%s", words);
		return settle(entry, CAUSE_LEAP);
	}
	if (facts->first_set && is_near(facts->first_set_ns, step->amount_ns) &&
	    llabs(facts->first_set_boot_ns - step->at.boot_ns) < FIRST_SET_WITHIN_NS) {
		say(entry, "the first-set unit set the clock, once in this boot");
		return settle(entry, CAUSE_FIRST_SET);
	}
	if (!facts->away && step->slept_ns >= SLEPT_NS) {
		say(entry, "the machine had slept for %s", duration_text(step->slept_ns, text));
		return settle(entry, CAUSE_PAUSED);
	}
	if (!facts->away && step->unwatched_ns >= STOOD_STILL_NS) {
		say(entry, "nothing ran on the machine for %s before it",
		    duration_text(step->unwatched_ns, text));
		return settle(entry, CAUSE_PAUSED);
	}
	return find_pause(facts, entry);
}

/* Whether the daemon was starting when the clock was stepped: it may step then. */
static bool
was_starting(const struct cause_facts *facts)
{
	int64_t age_ns = facts->step.at.boot_ns - facts->started_boot_ns;

	return facts->started_boot_ns > 0 && (!facts->followed[0] || age_ns <= STARTING_NS);
}

/* The daemon made the step: at its start, by turning to another source, or as a correction. */
static bool
settle_daemon(const struct cause_facts *facts, const char *source, struct ledger_entry *entry)
{
	int64_t age_ns = facts->step.at.boot_ns - facts->started_boot_ns;
	char age[DURATION_TEXT_BYTES];

	if (was_starting(facts)) {
		say(entry, "%s, %s after its start%s%s", facts->program,
		    duration_text(age_ns > 0 ? age_ns : 0, age), source[0] ? ": so said " : "",
		    source);
		return settle(entry, CAUSE_START_UP);
	}
	if (facts->followed[0] && source[0] && strcmp(source, facts->followed) != 0) {
		say(entry, "%s turned from %s to %s", facts->program, facts->followed, source);
		return settle(entry, CAUSE_SOURCE);
	}
	say(entry, "%s corrected it%s%s", facts->program, source[0] ? " by " : "", source);
	return settle(entry, CAUSE_DAEMON);
}

static bool
settle_by_hand(const struct cause_facts *facts, struct ledger_entry *entry, const char *why)
{
	if (facts->rival) {
		say(entry, "%s; %s is active", why, facts->rival);
	} else {
		say(entry, "%s", why);
	}
	return settle(entry, CAUSE_BY_HAND);
}

/* Judge by the sources after the step: do they agree with it, or ask for the way back? */
static bool
find_after(const struct cause_facts *facts, struct ledger_entry *entry)
{
	struct hindsight hindsight = look_back(facts);
	char why[PROOF_WORDS_BYTES];

	if (hindsight.followed && !facts->never_steps) {
		return settle_daemon(facts, facts->after->status.selected, entry);
	}
	if (2 * hindsight.object <= hindsight.fresh) {
		return false;
	}
	snprintf(why, sizeof(why), "%zu of %zu sources of %s want the step back", hindsight.object,
	    hindsight.fresh, facts->program);
	if (was_starting(facts) && !facts->never_steps) {
		say(entry, "%s, which was starting and may step then", why);
		return settle(entry, CAUSE_UNKNOWN);
	}
	return settle_by_hand(facts, entry, why);
}

/* What sets the clock at a start of the daemon without any source: its unit, or a preset. */
static bool
find_preset(const struct cause_facts *facts, struct ledger_entry *entry)
{
	int64_t at_ns = facts->step.at.boot_ns;
	int64_t age_ns = at_ns - facts->started_boot_ns;
	char text[DURATION_TEXT_BYTES];

	if (facts->unit_preset && facts->next_start_boot_ns > 0 &&
	    facts->next_start_boot_ns - at_ns <= STARTS_WITHIN_NS) {
		say(entry, "%s before the start of %s: %s",
		    duration_text(facts->next_start_boot_ns - at_ns, text), facts->program,
		    facts->unit_preset);
		return settle(entry, CAUSE_START_UP);
	}
	if (facts->ran && facts->preset[0] && !facts->followed[0] && facts->started_boot_ns > 0 &&
	    age_ns <= STARTING_NS) {
		say(entry, "%s, %s after its start: %s", facts->program,
		    duration_text(age_ns > 0 ? age_ns : 0, text), facts->preset);
		return settle(entry, CAUSE_START_UP);
	}
	return false;
}

/* Whether the daemon may be about to start, by a unit that sets the clock first. */
static bool
may_start(const struct cause_facts *facts)
{
	return facts->unit_preset && facts->next_start_boot_ns == 0 && !facts->last &&
	    facts->now_boot_ns - facts->step.at.boot_ns <= STARTS_WITHIN_NS;
}

bool
cause_find(const struct cause_facts *facts, struct ledger_entry *entry)
{
	char why[PROOF_WORDS_BYTES];
	const char *source;

	if (find_machine(facts, entry)) {
		return true;
	}
	if (!facts->away && find_preset(facts, entry)) {
		return true;
	}
	if (!facts->away && may_start(facts)) {
		say(entry, "not known yet: its unit sets the clock before a start");
		return false;
	}
	if (!facts->ran && !facts->away) {
		return settle_by_hand(facts, entry, "no time daemon ran");
	}
	source = facts->ran ? asked_for(facts) : NULL;
	if (facts->ran && !facts->away && facts->policy_known && facts->never_steps) {
		snprintf(why, sizeof(why),
		    "%s ran, and never steps as it was configured at its start", facts->program);
		return settle_by_hand(facts, entry, why);
	}
	if (source) {
		return settle_daemon(facts, source, entry);
	}
	if (facts->ran && find_after(facts, entry)) {
		return true;
	}
	entry->cause = CAUSE_UNKNOWN;
	entry->settled = facts->last;
	if (facts->away) {
		say(entry, "while the agent did not run");
	} else {
		say(entry,
		    facts->last ? "nothing that was seen explains it"
				: "not known yet: nothing was measured since");
	}
	return entry->settled;
}
