#include "agent/witness/recall.h"

#include "agent/host/process.h"
#include "agent/host/started.h"
#include "agent/witness/ledger.h"
#include "common/clock.h"
#include "common/duration.h"
#include "common/log.h"

#include <stdio.h>
#include <stdlib.h>

#define HOST ""

void
recall(const char *folder, struct sample *sample)
{
	struct report *report = &sample->report;
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	struct error err;

	if (!ledger) {
		abort();
	}
	if (ledger_load(folder, ledger, &err) < 0) {
		log_warning("%s", err.text);
		snprintf(report->proof.words, sizeof(report->proof.words),
		    "what the agent's service saw cannot be read");
	} else {
		struct ledger_now now = { .boot_ns = clock_boot_ns() };
		struct process_start start;

		if (sample->pid > 0 && process_started(HOST, sample->pid, &start)) {
			now.pid = (int)sample->pid;
			now.start_id_ns = start.id_ns;
		}
		now.writer_runs = process_started(HOST, ledger->writer_pid, &start) &&
		    start.id_ns == ledger->writer_start_id_ns;
		ledger_merge(ledger, &now, report);
	}
	if (report->end.ended && !report->answered && !report->disputed) {
		snprintf(report->error, sizeof(report->error), "%s", report->end.words);
	}
	free(ledger);
}

void
recall_print(const struct report *report)
{
	const struct proof *proof = &report->proof;

	printf(
	    "proof:       %s\n", proof->words[0] ? proof->words : proof_state_name(proof->state));
	printf("steps:       %s\n", report->ledger_count > 0 ? "newest first" : "none seen");
	for (size_t i = 0; i < report->ledger_count; i++) {
		const struct ledger_entry *entry = &report->ledger[i];
		char at[CLOCK_TEXT_BYTES], amount[DURATION_TEXT_BYTES];

		printf("  %.19sZ  %s%s  %s: %s\n", clock_text(entry->after_real_ns, at),
		    entry->amount_ns > 0 ? "+" : "", duration_text(entry->amount_ns, amount),
		    step_cause_name(entry->cause), entry->words);
	}
}
