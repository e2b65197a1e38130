#include "orchestrator/show/outcome.h"

#include "common/duration.h"
#include "orchestrator/cli/colour.h"
#include "orchestrator/show/result.h"

#include <stdio.h>

const char *
outcome_colour(enum host_outcome outcome)
{
	switch (outcome_row(outcome)->tone) {
	case TONE_GOOD:
		return COLOUR_GREEN;
	case TONE_CARE:
		return COLOUR_YELLOW;
	case TONE_BAD:
		return COLOUR_RED;
	case TONE_PLAIN:
		break;
	}
	return "";
}

static void
print_time(const struct host_time *time)
{
	char offset[DURATION_TEXT_BYTES], bound[DURATION_TEXT_BYTES];

	printf("  follows %s, offset %s, error bound %s",
	    time->selected[0] ? time->selected : "nobody", duration_text(time->offset_ns, offset),
	    duration_text(time->error_bound_ns, bound));
}

void
rollout_show_outcome(const struct rollout *rollout, bool quiet, bool colour)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);
	enum rollout_result result = rollout_result(hosts, count);
	char words[ROLLOUT_RESULT_BYTES];

	for (size_t i = 0; i < count; i++) {
		const struct rollout_host *host = &hosts[i];

		if (quiet && !host->note && outcome_row(host->outcome)->tone != TONE_BAD) {
			continue;
		}
		printf("%-24s %s%-*s%s", host->host->name,
		    colour ? outcome_colour(host->outcome) : "", host->after.told ? 10 : 0,
		    host->skipped ? "not begun" : host_outcome_words(host),
		    colour ? COLOUR_NONE : "");
		if (host->after.told) {
			print_time(&host->after);
		}
		printf("%s%s\n", host->note ? "; " : "", host->note ? host->note : "");
	}
	if (quiet) {
		return; /* what went wrong is told on standard error */
	}
	printf("%s%s%s\n",
	    !colour                     ? ""
		: result == RESULT_DONE ? COLOUR_GREEN
					: COLOUR_RED,
	    rollout_result_words(hosts, count, words), colour ? COLOUR_NONE : "");
}
