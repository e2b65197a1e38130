#include "orchestrator/rollout/host/outcome.h"

#include <string.h>

static const struct outcome rows[] = {
	[HOST_OPEN] = { .id = "open", .name = "open" },
	[HOST_UNCHANGED] = { .id = "ok", .name = "ok", .tone = TONE_GOOD },
	[HOST_CHANGES] = { .id = "changes", .name = "changes", .tone = TONE_CARE },
	[HOST_DONE] = { .id = "done", .name = "done", .tone = TONE_GOOD },
	[HOST_FAILED] = { "failed", "failed", TONE_BAD, RESULT_FAILED, "failed and is as it was",
	    "failed and are as they were" },
	[HOST_REFUSED] = { "refused", "refused", TONE_CARE, RESULT_REFUSED,
	    "was refused and is as it was", "were refused and are as they were" },
	[HOST_PUT_BACK] = { "put-back", "put back", TONE_CARE, RESULT_ROLLED_BACK,
	    "was put back as it was", "were put back as they were" },
	[HOST_UNWELL] = { "unwell", "unwell", TONE_BAD, RESULT_NOT_WELL,
	    "is not well since its restart", "are not well since their restart" },
	[HOST_LOST] = { "lost", "lost", TONE_BAD, RESULT_FAILED,
	    "lost its connection during its change, and puts that back by itself",
	    "lost their connections during their changes, and put these back by themselves" },
	[HOST_STUCK] = { "stuck", "stuck", TONE_BAD, RESULT_STUCK,
	    "could not be put back: look at it", "could not be put back: look at them" },
};

const struct outcome *
outcome_row(enum host_outcome outcome)
{
	return &rows[outcome];
}

const char *
host_outcome_name(enum host_outcome outcome)
{
	return rows[outcome].name;
}

const struct outcome *
outcome_find(const char *id)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(rows[i].id, id) == 0) {
			return &rows[i];
		}
	}
	return NULL;
}

bool
host_outcome_failed(enum host_outcome outcome)
{
	return rows[outcome].result != RESULT_DONE;
}
