#include "agent/witness/steps.h"

#include "agent/first_set/note.h"
#include "common/duration.h"
#include "common/log.h"

#include <stdio.h>
#include <string.h>

#define HOST ""
#define SETTLE_NS (1200 * NS_PER_S) /* longer than ntpd's and chronyd's longest usual poll */
#define SAME_START_NS (50 * NS_PER_MS)

/* Returns room for one more step; for it the oldest step's cause may be given up. */
static struct witness_pending *
new_pending(struct witness *witness)
{
	struct witness_pending *oldest = &witness->pending[0];
	struct ledger_entry *entry;

	for (size_t i = 0; i < WITNESS_PENDING_MAX; i++) {
		struct witness_pending *pending = &witness->pending[i];

		if (!pending->open) {
			return pending;
		}
		if (pending->facts.step.at.boot_ns < oldest->facts.step.at.boot_ns) {
			oldest = pending;
		}
	}
	entry =
	    ledger_find(&witness->ledger, witness->ledger.boot_id, oldest->facts.step.at.boot_ns);
	if (entry) {
		entry->settled = true;
	}
	return oldest;
}

void
witness_note_step(struct witness *witness, const struct step_seen *seen, bool away)
{
	struct ledger *ledger = &witness->ledger;
	struct witness_pending *pending = new_pending(witness);
	struct ledger_entry entry = {
		.boot_ns = seen->at.boot_ns,
		.amount_ns = seen->amount_ns,
		.before_real_ns = seen->at.real_ns - seen->amount_ns,
		.after_real_ns = seen->at.real_ns,
		.cause = seen->leap ? CAUSE_LEAP : CAUSE_UNKNOWN,
		.words = "not known yet",
	};
	char text[DURATION_TEXT_BYTES];

	log_warning("the clock was stepped by %s%s", duration_text(seen->amount_ns, text),
	    away ? " while the agent did not run" : "");
	memcpy(entry.boot_id, ledger->boot_id, sizeof(entry.boot_id));
	ledger_add(ledger, &entry);
	*pending = (struct witness_pending){
		.open = true,
		.facts = { .step = *seen,
		    .away = away,
		    .ran = ledger->program[0] && !witness->lifeline.gone,
		    .started_boot_ns = ledger->started_ns },
	};
	if (!away) {
		pending->before = witness->latest;
		pending->right = witness->right;
		memcpy(pending->followed, witness->followed, sizeof(pending->followed));
	}
	witness->right.known = false;
}

/* Note what the daemon may do at a start, as configured, and when it was started after the step. */
static void
note_policy(
    struct witness_pending *pending, const struct witness *witness, const struct sample *sample)
{
	struct cause_facts *facts = &pending->facts;
	const struct restart_policy *policy = &witness->policy;
	const struct restart_blame *blame = &policy->blames[BLAME_PRESET];
	int64_t amount_ns = facts->step.amount_ns;
	int64_t before_ns = facts->step.at.real_ns - amount_ns;
	int64_t started_ns = witness->ledger.started_ns;

	facts->policy_known = policy->known;
	facts->never_steps = !restart_can_make(policy, amount_ns, before_ns);
	facts->preset[0] = '\0';
	if (policy->known && restart_can_preset(policy, amount_ns, before_ns)) {
		snprintf(facts->preset, sizeof(facts->preset), "%s%s%s", blame->place,
		    blame->place[0] ? ": " : "", blame->text);
	}
	facts->unit_preset = sample->start.preset;
	facts->next_start_boot_ns =
	    sample->pid > 0 && started_ns > facts->step.at.boot_ns + SAME_START_NS ? started_ns : 0;
	facts->now_boot_ns = witness->began_ns;
}

/* Note the steps after the one at @step_ns: what is measured now is after all of them. */
static void
note_later(const struct ledger *ledger, int64_t step_ns, struct cause_facts *facts)
{
	facts->later_ns = 0;
	facts->latest_boot_ns = step_ns;
	for (size_t i = 0; i < ledger->count; i++) {
		const struct ledger_entry *entry = &ledger->entries[i];

		if (entry->boot_ns > step_ns && strcmp(entry->boot_id, ledger->boot_id) == 0) {
			facts->later_ns += entry->amount_ns;
			facts->latest_boot_ns = entry->boot_ns > facts->latest_boot_ns
			    ? entry->boot_ns
			    : facts->latest_boot_ns;
		}
	}
}

/* Look for the cause of a step; returns whether it is settled. */
static bool
judge_step(struct witness *witness, struct witness_pending *pending, const struct sample *sample)
{
	struct cause_facts *facts = &pending->facts;
	const struct ledger *ledger = &witness->ledger;
	int64_t step_ns = facts->step.at.boot_ns;
	struct ledger_entry *entry = ledger_find(&witness->ledger, ledger->boot_id, step_ns);
	struct first_set_note note = { 0 };
	char text[DURATION_TEXT_BYTES];

	if (!entry) { /* dropped to make room for newer entries */
		pending->open = false;
		return false;
	}
	if (sample->pid > 0 && ledger->started_ns <= step_ns + SAME_START_NS) {
		if (facts->started_boot_ns != ledger->started_ns) {
			pending->followed[0] = '\0'; /* the daemon's earlier process followed it */
		}
		facts->ran = true; /* its start was not known yet when the step was seen */
		facts->started_boot_ns = ledger->started_ns;
	} else if (sample->pid == 0 && sample->report.answered) {
		facts->ran = true; /* its process cannot be seen */
		facts->started_boot_ns = 0;
	}
	facts->program = ledger->program[0] ? ledger->program : sample->report.daemon;
	note_policy(pending, witness, sample);
	facts->rival = sample->report.rival_count > 0 ? sample->report.rivals[0].words : NULL;
	note_later(ledger, step_ns, facts);
	facts->right = &pending->right;
	facts->before = &pending->before;
	facts->followed = pending->followed;
	facts->after = &witness->latest;
	facts->last = witness->began_ns - step_ns > SETTLE_NS;
	facts->first_set = first_set_note_read(HOST, FIRST_SET_STAMP, &note);
	facts->first_set_ns = note.set_ns;
	facts->first_set_boot_ns = note.boot_ns;
	if (!cause_find(facts, entry)) {
		return false;
	}
	pending->open = false;
	log_info("step of %s: %s: %s", duration_text(entry->amount_ns, text),
	    step_cause_name(entry->cause), entry->words);
	return true;
}

bool
witness_judge_steps(struct witness *witness, const struct sample *sample)
{
	bool settled = false;

	for (size_t i = 0; i < WITNESS_PENDING_MAX; i++) {
		struct witness_pending *pending = &witness->pending[i];

		/* a look that began before the step may say what was before it */
		if (pending->open && witness->began_ns >= pending->facts.step.at.boot_ns) {
			settled |= judge_step(witness, pending, sample);
		}
	}
	return settled;
}

void
witness_note_first_set(struct witness *witness)
{
	struct ledger *ledger = &witness->ledger;
	struct ledger_entry entry = { .cause = CAUSE_FIRST_SET,
		.settled = true,
		.words = "says the first-set unit; the agent did not watch yet" };
	struct first_set_note note;

	if (!first_set_note_read(HOST, FIRST_SET_STAMP, &note) || note.set_ns == 0 ||
	    note.boot_ns <= 0 || note.boot_ns >= ledger->watched_since_ns ||
	    ledger_find(ledger, ledger->boot_id, note.boot_ns)) {
		return;
	}
	entry.boot_ns = note.boot_ns;
	entry.amount_ns = note.set_ns;
	entry.before_real_ns = note.at_ns - note.set_ns;
	entry.after_real_ns = note.at_ns;
	memcpy(entry.boot_id, ledger->boot_id, sizeof(entry.boot_id));
	ledger_add(ledger, &entry);
}
