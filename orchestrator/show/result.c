#include "orchestrator/show/result.h"

#include "orchestrator/cli/command.h"

#include <stdio.h>
#include <string.h>

#define NAMED_MAX 5

/* The order in which bad outcomes are told: what somebody must look at comes first. */
static const enum host_outcome told[] = { HOST_PUT_BACK, HOST_STUCK, HOST_UNWELL, HOST_REFUSED,
	HOST_LOST, HOST_FAILED, HOST_AWAY };

static const struct {
	const char *name;
	int status;
	const char *back_name; /* where the run was to take back another one; NULL: the same */
} results[] = {
	[RESULT_DONE] = { "done", EXIT_OK, NULL },
	[RESULT_STOPPED] = { "stopped", EXIT_FINDINGS, NULL },
	[RESULT_FAILED] = { "failed", EXIT_FINDINGS, NULL },
	[RESULT_REFUSED] = { "refused", EXIT_REFUSED, NULL },
	[RESULT_NOT_WELL] = { "not well", EXIT_ROLLED_BACK, NULL },
	[RESULT_ROLLED_BACK] = { "rolled back", EXIT_ROLLED_BACK, "not rolled back" },
	[RESULT_STUCK] = { "not put back", EXIT_FINDINGS, "neither rolled back nor as before" },
};

enum rollout_result
rollout_result(const struct rollout_host *hosts, size_t count)
{
	enum rollout_result worst = RESULT_DONE;

	for (size_t i = 0; i < count; i++) {
		if (hosts[i].skipped && worst < RESULT_STOPPED) {
			worst = RESULT_STOPPED;
		}
		if (worst < outcome_row(hosts[i].outcome)->result) {
			worst = outcome_row(hosts[i].outcome)->result;
		}
	}
	return worst;
}

const char *
rollout_result_name(const struct rollout_host *hosts, size_t count)
{
	enum rollout_result result = rollout_result(hosts, count);
	bool takes_back = count > 0 && hosts[0].takes_back;

	return takes_back && results[result].back_name ? results[result].back_name
						       : results[result].name;
}

int
rollout_result_status(enum rollout_result result)
{
	return results[result].status;
}

static void
add_text(char *words, const char *text)
{
	size_t len = strlen(words);

	snprintf(words + len, ROLLOUT_RESULT_BYTES - len, "%s", text);
}

static const char *
words_of(const struct rollout_host *host, bool one)
{
	const struct outcome *row = outcome_row(host->outcome);

	if (host->takes_back && row->back_of_one) {
		return one ? row->back_of_one : row->back_of_many;
	}
	return one ? row->of_one : row->of_many;
}

/* " time1, time2 and 3 more were put back as they were" */
static void
add_clause(const struct rollout_host *hosts, size_t count, enum host_outcome outcome, char *words)
{
	const struct rollout_host *last = NULL;
	size_t found = 0;
	char more[48];

	for (size_t i = 0; i < count; i++) {
		if (hosts[i].outcome != outcome) {
			continue;
		}
		last = &hosts[i];
		if (++found <= NAMED_MAX) {
			add_text(words, found > 1 ? ", " : " ");
			add_text(words, hosts[i].host->name);
		}
	}
	if (found > NAMED_MAX) {
		snprintf(more, sizeof(more), " and %zu more", found - NAMED_MAX);
		add_text(words, more);
	}
	if (found > 0) {
		add_text(words, " ");
		add_text(words, words_of(last, found == 1));
		add_text(words, ";");
	}
}

const char *
rollout_result_words(const struct rollout_host *hosts, size_t count, char *words)
{
	size_t done = 0, unchanged = 0, watched = 0, skipped = 0;
	char counts[128];

	for (size_t i = 0; i < count; i++) {
		done += hosts[i].outcome == HOST_DONE;
		unchanged += hosts[i].outcome == HOST_UNCHANGED && !hosts[i].watched;
		watched += hosts[i].watched && hosts[i].outcome == HOST_UNCHANGED;
		skipped += hosts[i].skipped;
	}
	snprintf(words, ROLLOUT_RESULT_BYTES, "%s:", rollout_result_name(hosts, count));
	for (size_t k = 0; k < COUNT(told); k++) {
		add_clause(hosts, count, told[k], words);
	}
	snprintf(counts, sizeof(counts), " %zu of %zu host%s changed", done, count,
	    count == 1 ? "" : "s");
	add_text(words, counts);
	if (unchanged > 0) {
		snprintf(counts, sizeof(counts), ", %zu had nothing to do", unchanged);
		add_text(words, counts);
	}
	if (watched > 0) {
		snprintf(counts, sizeof(counts), ", %zu %s watched only", watched,
		    watched == 1 ? "is" : "are");
		add_text(words, counts);
	}
	if (skipped > 0) {
		snprintf(counts, sizeof(counts), ", %zu not begun", skipped);
		add_text(words, counts);
	}
	return words;
}
