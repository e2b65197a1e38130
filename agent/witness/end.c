#include "agent/witness/end.h"

#include "common/duration.h"
#include "common/shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIKELY_NS                                                                                  \
	(900 * NS_PER_S) /* an end so soon after the start is likely caused by the first offset */

/* Copy the value of @name in lines of NAME=VALUE to @out; "": there is none, or it does not fit. */
static const char *
property(const char *text, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	out[0] = '\0';
	for (const char *line = text; line[0]; line += line[0] == '\n') {
		size_t end = strcspn(line, "\n");

		if (end > len && strncmp(line, name, len) == 0 && line[len] == '=' &&
		    end - len - 1 < size) {
			memcpy(out, line + len + 1, end - len - 1);
			out[end - len - 1] = '\0';
		}
		line += end;
	}
	return out;
}

/*
 * Returns the daemon's offset when that is beyond its panic limit, else the largest such offset of
 * its sources; 0: none.
 */
static int64_t
beyond_panic(const struct end_facts *facts)
{
	const struct daemon_status *status = facts->latest;
	int64_t found_ns = 0;

	if (!status) {
		return 0;
	}
	if (llabs(status->offset_ns) > facts->policy->panic_ns) {
		return status->offset_ns;
	}
	for (size_t i = 0; i < status->source_count; i++) {
		int64_t offset_ns = status->sources[i].offset_ns;

		if (status->sources[i].age_ns >= 0 && llabs(offset_ns) > facts->policy->panic_ns &&
		    llabs(offset_ns) > llabs(found_ns)) {
			found_ns = offset_ns;
		}
	}
	return found_ns;
}

/* The daemon ended with a failure: judge whether its own panic limit made it exit. */
static void
judge_failure(const struct end_facts *facts, struct daemon_end *end)
{
	bool limited = facts->policy->known && facts->policy->panic_ns > 0;
	bool exited = strcmp(end->result, "exit-code") == 0;
	int64_t offset_ns = limited ? beyond_panic(facts) : 0;
	char limit[DURATION_TEXT_BYTES], offset[DURATION_TEXT_BYTES];

	duration_text(facts->policy->panic_ns, limit);
	end->refused = exited && limited &&
	    (offset_ns != 0 || facts->paused ||
		(facts->lived_ns >= 0 && facts->lived_ns < LIKELY_NS));
	if (end->refused && facts->paused) {
		snprintf(end->words, sizeof(end->words),
		    "%s exited, as it should: %s; `timetier-agent first-set --force` sets the "
		    "clock",
		    facts->program, facts->paused);
	} else if (end->refused && offset_ns != 0) {
		snprintf(end->words, sizeof(end->words),
		    "%s exited: offset beyond its panic limit of %s (last seen offset %s); the "
		    "clock was left alone",
		    facts->program, limit, duration_text(offset_ns, offset));
	} else if (end->refused) {
		snprintf(end->words, sizeof(end->words),
		    "%s exited with status %d soon after its start: likely an offset beyond its "
		    "panic limit of %s",
		    facts->program, end->exit_status, limit);
	} else if (exited) {
		snprintf(end->words, sizeof(end->words), "%s exited with status %d", facts->program,
		    end->exit_status);
	} else {
		snprintf(
		    end->words, sizeof(end->words), "%s ended: %s", facts->program, end->result);
	}
}

bool
end_judge(const struct end_facts *facts, struct daemon_end *end)
{
	char active[32], status[16], result[32];

	property(facts->unit, "ActiveState", active, sizeof(active));
	property(facts->unit, "ExecMainStatus", status, sizeof(status));
	property(facts->unit, "Result", result, sizeof(result));
	*end = (struct daemon_end){
		.ended = true,
		.real_ns = facts->real_ns,
		.exit_status = status[0] ? (int)(strtol(status, NULL, 10) & 255) : -1,
	};
	shown_copy(end->result, sizeof(end->result), result);
	if (strcmp(result, "success") != 0 && result[0]) {
		judge_failure(facts, end);
	} else if (!facts->seen) {
		end->ended = false;
	} else if (result[0]) {
		snprintf(end->words, sizeof(end->words), "%s was stopped", facts->program);
	} else {
		snprintf(end->words, sizeof(end->words), "%s ended", facts->program);
	}
	return strcmp(active, "active") != 0 && strcmp(active, "activating") != 0 &&
	    strcmp(active, "deactivating") != 0 && strcmp(active, "reloading") != 0;
}
