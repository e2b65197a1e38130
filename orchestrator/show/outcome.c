#include "orchestrator/show/outcome.h"

#include "common/duration.h"
#include "orchestrator/show/result.h"

#include <stdio.h>

#define RED "\x1b[31m"
#define GREEN "\x1b[32m"
#define PLAIN "\x1b[0m"

static void
print_time(const struct host_time *time)
{
	char offset[DURATION_TEXT_BYTES], bound[DURATION_TEXT_BYTES];

	printf("  follows %s, offset %s, error bound %s",
	    time->selected[0] ? time->selected : "nobody", duration_text(time->offset_ns, offset),
	    duration_text(time->error_bound_ns, bound));
}

void
rollout_show_outcome(const struct rollout *rollout, bool colour)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(rollout, &count);
	enum rollout_result result = rollout_result(hosts, count);
	char words[ROLLOUT_RESULT_BYTES];

	for (size_t i = 0; i < count; i++) {
		const struct rollout_host *host = &hosts[i];
		bool good = host->outcome == HOST_DONE || host->outcome == HOST_UNCHANGED;

		printf("%-24s %s%-*s%s", host->host->name,
		    !colour    ? ""
			: good ? GREEN
			       : RED,
		    host->after.told ? 10 : 0,
		    host->skipped ? "not begun" : host_outcome_name(host->outcome),
		    colour ? PLAIN : "");
		if (host->after.told) {
			print_time(&host->after);
		}
		printf("%s%s\n", host->note ? "; " : "", host->note ? host->note : "");
	}
	printf("%s%s%s\n",
	    !colour                     ? ""
		: result == RESULT_DONE ? GREEN
					: RED,
	    rollout_result_words(hosts, count, words), colour ? PLAIN : "");
}
