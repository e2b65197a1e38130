#include "orchestrator/runs/release/forget.h"

#include "common/clock.h"
#include "orchestrator/rollout/host/outcome.h"

#include <string.h>

static int
refuse(struct journal *journal, const struct topology *now, const char *word, struct error *err)
{
	int64_t run;

	if (topology_host(now, word)) {
		return error_set(err,
		    "%s is a host of %s: take it out there first; `timetier release %s` lets it go "
		    "while it can be reached",
		    word, now->file, word);
	}
	if (journal_kept(journal, word, &run, err) < 0) {
		return -1;
	}
	return run > 0 ? 0
		       : error_set(err,
			     "%s is no host that left the site and is managed still: `timetier "
			     "plan` names those",
			     word);
}

int
forget_hosts(struct run_record *record, const struct topology *now, char **words, int count,
    const char *who, struct error *err)
{
	struct run_words told = { .kind = "release --forget",
		.who = who,
		.words = "",
		.site = now->site,
		.site_file = now->file };
	struct journal_host *hosts;
	int64_t now_ns;

	for (int i = 0; i < count; i++) {
		if (refuse(record->journal, now, words[i], err) < 0) {
			return -1;
		}
		told.words =
		    arena_printf(&record->arena, "%s%s%s", told.words, i > 0 ? " " : "", words[i]);
	}
	if (run_record_begin(record, &told, err) < 0) {
		return -1;
	}
	now_ns = clock_real_ns();
	hosts = arena_alloc(&record->arena, (size_t)count * sizeof(*hosts));
	for (int i = 0; i < count; i++) {
		hosts[i] = (struct journal_host){ .host = words[i],
			.daemon = "",
			.outcome = outcome_row(HOST_CHANGES)->id,
			.failed_at = "",
			.error = "",
			.note = "",
			.ended_ns = now_ns };
	}
	if (journal_add_hosts(record->journal, record->run.id, hosts, (size_t)count, err) < 0) {
		return -1;
	}
	for (int i = 0; i < count; i++) {
		hosts[i].outcome = outcome_row(HOST_DONE)->id;
		hosts[i].note = "gone for good: nothing was asked or done there";
		if (journal_host_begun(record->journal, hosts[i].id, now_ns, err) < 0 ||
		    journal_host_ended(record->journal, &hosts[i], err) < 0) {
			return -1;
		}
	}
	record->hosts = hosts; /* it came to hosts: the run stays */
	run_record_end(record, 0);
	return 0;
}
