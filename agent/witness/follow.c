/* The witness at work: what it notices of the clock and of the daemon, second by second. */
#include "agent/host/started.h"
#include "agent/witness/proof.h"
#include "agent/witness/steps.h"
#include "agent/witness/witness.h"
#include "common/log.h"
#include "common/ntp/leap_second.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOST ""
#define SOON_NS (4 * NS_PER_S)       /* between looks while a cause or a start is fresh */
#define FRESH_NS (60 * NS_PER_S)     /* how long a step is fresh */
#define STARTING_NS (30 * NS_PER_S)  /* how long a start is fresh */
#define SAVE_OPEN_NS (15 * NS_PER_S) /* while a window is open */
#define SAVE_IDLE_NS (600 * NS_PER_S)

static int64_t
gap_of(const struct clock_reading *reading)
{
	return reading->real_ns - reading->boot_ns;
}

static int64_t
raw_of(const struct clock_reading *reading)
{
	return reading->real_ns - reading->raw_ns;
}

static void
save(struct witness *witness)
{
	const struct clock_reading *now = &witness->watch.detector.last;
	struct error err;
	int status;

	witness->ledger.watched_to_ns = now->boot_ns;
	witness->ledger.gap_ns = witness->watch.detector.gap_ns;
	witness->ledger.raw_ns = raw_of(now);
	witness->saved_ns = now->boot_ns;
	status = ledger_save(witness->folder, &witness->ledger, &err);
	if (status < 0 && !witness->save_failed) {
		log_error(
		    "%s: until this is mended, a restart of the agent loses its ledger", err.text);
	}
	witness->save_failed = status < 0;
}

/* --- the proof --- */

static struct proof_facts
proof_facts_of(const struct witness *witness)
{
	const struct ledger *ledger = &witness->ledger;
	const struct clock_reading *now = &witness->watch.detector.last;

	return (struct proof_facts){
		.program = ledger->program,
		.unseen = witness->latest.known,
		.started_ns = ledger->started_ns,
		.window_ns = ledger->window_ns,
		.watched_since_ns = ledger->watched_since_ns,
		.unwatched_ns = ledger->unwatched_ns,
		.ended = witness->lifeline.gone,
		.touched = ledger->touched,
		.moved_ns = ledger->moved_ns,
		.now_ns = now->boot_ns,
		.now_real_ns = now->real_ns,
		.boot_id = ledger->boot_id,
	};
}

/* Judge the proof anew; returns whether its state changed. */
static bool
update_proof(struct witness *witness)
{
	struct ledger *ledger = &witness->ledger;
	enum proof_state before = ledger->proof.state;
	struct proof_facts facts = proof_facts_of(witness);

	if (ledger->program[0] && !proof_is_over(&facts)) {
		ledger->moved_ns = raw_of(&witness->watch.detector.last) - ledger->started_raw_ns;
		facts.moved_ns = ledger->moved_ns;
	}
	proof_find(&facts, ledger->entries, ledger->count, &ledger->proof);
	if (ledger->proof.state == before) {
		return false;
	}
	log_info("proof: %s: %s", proof_state_name(ledger->proof.state), ledger->proof.words);
	return true;
}

/* REALTIME - MONOTONIC_RAW as it was at @boot_ns, or as near to it as is known. */
static int64_t
raw_at(const struct witness *witness, int64_t boot_ns)
{
	int64_t raw_ns = raw_of(&witness->watch.detector.last);
	size_t known = witness->seconds < WITNESS_HISTORY ? witness->seconds : WITNESS_HISTORY;

	for (size_t i = 1; i <= known; i++) {
		size_t at = (witness->seconds - i) % WITNESS_HISTORY;

		raw_ns = witness->history[at].raw_ns;
		if (witness->history[at].boot_ns <= boot_ns) {
			break;
		}
	}
	return raw_ns;
}

static void
note_start(struct witness *witness, const struct sample *sample, const struct process_start *start)
{
	int64_t started_ns = start->boot_ns;
	struct ledger *ledger = &witness->ledger;
	bool learnt = !sample->policy.known || sample->policy.drift_file;
	int64_t from_ns = witness->gap_from_ns > started_ns ? witness->gap_from_ns : started_ns;

	snprintf(ledger->program, sizeof(ledger->program), "%s", lifeline_program(sample->driver));
	witness->policy = sample->policy;
	witness->followed[0] = '\0';
	ledger->pid = (int)sample->pid;
	ledger->start_id_ns = start->id_ns;
	ledger->started_ns = started_ns;
	ledger->started_raw_ns = raw_at(witness, started_ns);
	ledger->window_ns = witness->window_ns ? witness->window_ns
	    : learnt                           ? PROOF_WINDOW_NS
					       : PROOF_WINDOW_LONG_NS;
	ledger->unwatched_ns = witness->gap_to_ns > from_ns ? witness->gap_to_ns - from_ns : 0;
	ledger->moved_ns = 0;
	ledger->touched = 0;
	ledger->proof.state = PROOF_NONE; /* so that the next state is logged as a change */
}

static bool
stepped_since(const struct witness *witness, int64_t boot_ns)
{
	const struct ledger *ledger = &witness->ledger;

	return ledger->count > 0 && ledger->entries[0].boot_ns > boot_ns &&
	    strcmp(ledger->entries[0].boot_id, ledger->boot_id) == 0;
}

/* --- the watch's calls --- */

static void
on_stepped(struct watch *watch, const struct step_seen *seen)
{
	struct witness *witness = watch->owner;

	witness_note_step(witness, seen, false);
	update_proof(witness);
	save(witness);
	witness->calls.wants_report(witness);
}

static void
on_touched(struct watch *watch)
{
	struct witness *witness = watch->owner;
	struct proof_facts facts = proof_facts_of(witness);

	log_info("the clock was set to what it was");
	if (witness->ledger.program[0] && !proof_is_over(&facts)) {
		witness->ledger.touched++;
	}
}

static void
on_second(struct watch *watch, const struct clock_reading *reading)
{
	struct witness *witness = watch->owner;
	size_t at = witness->seconds++ % WITNESS_HISTORY;
	struct proof_facts facts = proof_facts_of(witness);
	bool open = facts.program[0] && !proof_is_over(&facts);

	witness->history[at].boot_ns = reading->boot_ns;
	witness->history[at].raw_ns = raw_of(reading);
	lifeline_second(&witness->lifeline, reading);
	if (update_proof(witness)) {
		save(witness);
		witness->calls.wants_look(witness);
	} else if (reading->boot_ns - witness->saved_ns > (open ? SAVE_OPEN_NS : SAVE_IDLE_NS)) {
		save(witness);
	}
}

static void
on_lifeline(struct lifeline *lifeline)
{
	struct witness *witness = lifeline->owner;

	witness->calls.wants_report(witness);
}

/* --- begin and end --- */

static void
set_aside(struct witness *witness, const struct error *err)
{
	char path[PATH_MAX], aside[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" LEDGER_FILE, witness->folder);
	snprintf(aside, sizeof(aside), "%s/" LEDGER_FILE ".damaged", witness->folder);
	if (rename(path, aside) == 0) {
		log_warning("%s: kept as %s; the ledger begins anew", err->text, aside);
	} else {
		log_warning("%s; the ledger begins anew", err->text);
	}
}

/* Go on with the watch of an earlier run in this boot; a net step since then shows. */
static void
bridge(struct witness *witness, const struct clock_reading *now)
{
	struct ledger *ledger = &witness->ledger;
	int64_t change_ns = gap_of(now) - ledger->gap_ns;
	struct step_seen seen = { .amount_ns = change_ns, .at = *now };
	int64_t from_ns = ledger->watched_to_ns;
	int64_t end_ns = ledger->started_ns + ledger->window_ns;

	if (llabs(change_ns) > STEP_THRESHOLD_NS) {
		seen.unwatched_ns = now->boot_ns - from_ns;
		seen.leap = leap_second_explains(
		    change_ns, now->real_ns - change_ns - seen.unwatched_ns, now->real_ns);
		ledger->watched_since_ns = now->boot_ns;
		witness_note_step(witness, &seen, true);
		return;
	}
	witness->gap_from_ns = from_ns;
	witness->gap_to_ns = now->boot_ns;
	if (ledger->program[0] && from_ns < end_ns) {
		ledger->unwatched_ns += (now->boot_ns < end_ns ? now->boot_ns : end_ns) - from_ns;
	}
}

static void
take_up(struct witness *witness, const struct clock_reading *now, const char *boot_id)
{
	struct ledger *ledger = &witness->ledger;
	struct error err;

	if (ledger_load(witness->folder, ledger, &err) < 0) {
		set_aside(witness, &err);
		*ledger = (struct ledger){ .count = 0 };
	}
	for (size_t i = 0; i < ledger->count; i++) {
		ledger->entries[i].settled = true; /* what was seen before the step is forgotten */
	}
	if (strcmp(ledger->boot_id, boot_id) == 0 && ledger->watched_to_ns <= now->boot_ns) {
		bridge(witness, now);
		return;
	}
	snprintf(ledger->boot_id, sizeof(ledger->boot_id), "%s", boot_id);
	ledger->watched_since_ns = now->boot_ns;
	ledger->program[0] = '\0';
	ledger->pid = 0;
	ledger->started_ns = 0;
	ledger->end = (struct daemon_end){ .ended = false };
	ledger->proof = (struct proof){ .state = PROOF_NONE };
}

void
witness_start(struct witness *witness, uv_loop_t *loop, const char *boot_id,
    const struct witness_calls *calls)
{
	static const struct watch_calls watch_calls = { on_stepped, on_touched, on_second };
	struct process_start own;

	witness->loop = loop;
	witness->calls = *calls;
	witness->watch.owner = witness->lifeline.owner = witness;
	witness->lifeline.loop = loop;
	witness->lifeline.right = &witness->right;
	witness->lifeline.changed = on_lifeline;
	watch_start(&witness->watch, loop, &watch_calls);
	take_up(witness, &witness->watch.detector.last, boot_id);
	witness_note_first_set(witness);
	witness->ledger.writer_pid = (int)getpid();
	witness->ledger.writer_start_id_ns = process_started(HOST, getpid(), &own) ? own.id_ns : 0;
	save(witness);
}

void
witness_looking(struct witness *witness)
{
	witness->began_ns = clock_boot_ns();
}

/* Note which process runs: another one is a start, none may be an end. */
static void
note_process(struct witness *witness, const struct sample *sample)
{
	struct ledger *ledger = &witness->ledger;
	struct lifeline *lifeline = &witness->lifeline;
	struct process_start start;

	if (sample->pid > 0 && process_started(HOST, sample->pid, &start)) {
		lifeline_seen(lifeline, sample->driver, sample->pid, &start, &sample->policy);
		if (sample->pid != ledger->pid || start.id_ns != ledger->start_id_ns) {
			note_start(witness, sample, &start);
		} else if (!witness->policy.known) {
			witness->policy = sample->policy; /* the daemon started before us */
		}
	} else if (!sample->report.answered) {
		lifeline_missed(
		    lifeline, sample->driver, &sample->policy, &witness->watch.detector.last);
	}
	if (sample->report.answered) {
		lifeline_heard(lifeline, &sample->report.status);
	}
}

/* Note how the daemon ended; returns whether that changed. */
static bool
note_end(struct witness *witness)
{
	struct daemon_end *known = &witness->ledger.end, *end = &witness->lifeline.end;
	bool changed = known->ended != end->ended || strcmp(known->words, end->words) != 0;

	*known = *end;
	return changed;
}

/* Keep what the daemon says: it tells of the steps before and after. */
static void
note_look(struct witness *witness, const struct sample *sample)
{
	const struct report *report = &sample->report;

	if (stepped_since(witness, witness->began_ns)) {
		return; /* the answer may be from before that step, or from after it */
	}
	witness->watch.detector.daemon =
	    (struct leap_word){ .known = report->answered && report->status.leap != LEAP_UNSYNC,
		    .leap = report->status.leap };
	if (report->answered) {
		witness->latest.known = true;
		witness->latest.boot_ns = report->boot_ns;
		witness->latest.rtc_ns = report->rtc_offset_ns;
		witness->latest.status = report->status;
		if (pause_is_right(&witness->latest)) {
			witness->right = witness->latest;
		}
	}
	if (report->answered && report->status.leap != LEAP_UNSYNC && report->status.selected[0]) {
		memcpy(witness->followed, report->status.selected, sizeof(witness->followed));
	}
	if (witness_judge_steps(witness, sample)) {
		save(witness);
	}
}

void
witness_sampled(struct witness *witness, struct sample *sample)
{
	struct report *report = &sample->report;
	const struct ledger *ledger = &witness->ledger;
	bool changed;

	note_process(witness, sample);
	note_look(witness, sample);
	changed = note_end(witness);
	if (update_proof(witness) || changed) {
		save(witness);
	}
	report->proof = ledger->proof;
	report->ledger_count =
	    ledger->count < LEDGER_REPORTED_MAX ? ledger->count : LEDGER_REPORTED_MAX;
	memcpy(report->ledger, ledger->entries, report->ledger_count * sizeof(*report->ledger));
	report->steps = witness->watch.detector.record;
	report->slewed_ns = witness->watch.detector.moved_ns;
	report->end = ledger->end;
	if (report->end.ended && !report->disputed) {
		snprintf(report->error, sizeof(report->error), "%s", report->end.words);
	}
}

int64_t
witness_wants_ns(const struct witness *witness, int64_t now_ns)
{
	const struct ledger *ledger = &witness->ledger;

	for (size_t i = 0; i < WITNESS_PENDING_MAX; i++) {
		if (witness->pending[i].open &&
		    now_ns - witness->pending[i].facts.step.at.boot_ns < FRESH_NS) {
			return SOON_NS;
		}
	}
	if (ledger->program[0] && !witness->lifeline.gone &&
	    now_ns - ledger->started_ns < STARTING_NS) {
		return SOON_NS;
	}
	return 0;
}

void
witness_stop(struct witness *witness)
{
	save(witness);
	watch_stop(&witness->watch);
	lifeline_stop(&witness->lifeline);
}

void
witness_free(struct witness *witness)
{
	lifeline_free(&witness->lifeline);
}
