#include "orchestrator/show/result.h"

#include <stdio.h>
#include <string.h>

#define NAMED_MAX 5

/* What is said of hosts that came out so. */
struct clause {
	enum host_outcome outcome;
	enum rollout_result result;
	const char *of_one, *of_many; /* behind their names */
};

static const struct clause clauses[] = {
	{ HOST_PUT_BACK, RESULT_ROLLED_BACK, "was put back as it was",
	    "were put back as they were" },
	{ HOST_STUCK, RESULT_STUCK, "could not be put back: look at it",
	    "could not be put back: look at them" },
	{ HOST_UNWELL, RESULT_NOT_WELL, "is not well since its restart",
	    "are not well since their restart" },
	{ HOST_REFUSED, RESULT_REFUSED, "was refused and is as it was",
	    "were refused and are as they were" },
	{ HOST_LOST, RESULT_FAILED, "was lost under its change, which it puts back by itself",
	    "were lost under their changes, which they put back by themselves" },
	{ HOST_FAILED, RESULT_FAILED, "failed and is as it was", "failed and are as they were" },
};

static bool
is_of(const struct rollout_host *host, const struct clause *clause)
{
	return host->outcome == clause->outcome;
}

enum rollout_result
rollout_result(const struct rollout_host *hosts, size_t count)
{
	enum rollout_result worst = RESULT_DONE;

	for (size_t i = 0; i < count; i++) {
		if (hosts[i].skipped && worst < RESULT_STOPPED) {
			worst = RESULT_STOPPED;
		}
		for (size_t k = 0; k < COUNT(clauses); k++) {
			if (is_of(&hosts[i], &clauses[k]) && worst < clauses[k].result) {
				worst = clauses[k].result;
			}
		}
	}
	return worst;
}

const char *
rollout_result_name(enum rollout_result result)
{
	static const char *const names[] = {
		[RESULT_DONE] = "done",
		[RESULT_STOPPED] = "stopped",
		[RESULT_FAILED] = "failed",
		[RESULT_REFUSED] = "refused",
		[RESULT_NOT_WELL] = "not well",
		[RESULT_ROLLED_BACK] = "rolled back",
		[RESULT_STUCK] = "not put back",
	};

	return names[result];
}

static void
add_text(char *words, const char *text)
{
	size_t len = strlen(words);

	snprintf(words + len, ROLLOUT_RESULT_BYTES - len, "%s", text);
}

/* " time1, time2 and 3 more were put back as they were" */
static void
add_clause(const struct rollout_host *hosts, size_t count, const struct clause *clause, char *words)
{
	size_t found = 0;
	char more[48];

	for (size_t i = 0; i < count; i++) {
		if (is_of(&hosts[i], clause) && ++found <= NAMED_MAX) {
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
		add_text(words, found == 1 ? clause->of_one : clause->of_many);
		add_text(words, ";");
	}
}

const char *
rollout_result_words(const struct rollout_host *hosts, size_t count, char *words)
{
	size_t done = 0, unchanged = 0, skipped = 0;
	char counts[128];

	for (size_t i = 0; i < count; i++) {
		done += hosts[i].outcome == HOST_DONE;
		unchanged += hosts[i].outcome == HOST_UNCHANGED;
		skipped += hosts[i].skipped;
	}
	snprintf(
	    words, ROLLOUT_RESULT_BYTES, "%s:", rollout_result_name(rollout_result(hosts, count)));
	for (size_t k = 0; k < COUNT(clauses); k++) {
		add_clause(hosts, count, &clauses[k], words);
	}
	snprintf(counts, sizeof(counts), " %zu of %zu host%s changed", done, count,
	    count == 1 ? "" : "s");
	add_text(words, counts);
	if (unchanged > 0) {
		snprintf(counts, sizeof(counts), ", %zu had nothing to do", unchanged);
		add_text(words, counts);
	}
	if (skipped > 0) {
		snprintf(counts, sizeof(counts), ", %zu not begun", skipped);
		add_text(words, counts);
	}
	return words;
}
