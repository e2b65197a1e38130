#include "orchestrator/rollout/host/outcome.h"

static const struct outcome rows[] = {
	[HOST_OPEN] = { .name = "open" },
	[HOST_UNCHANGED] = { .name = "ok", .tone = TONE_GOOD },
	[HOST_CHANGES] = { .name = "changes", .tone = TONE_CARE },
	[HOST_DONE] = { .name = "done", .tone = TONE_GOOD },
	[HOST_FAILED] = { "failed", TONE_BAD, RESULT_FAILED, "failed and is as it was",
	    "failed and are as they were" },
	[HOST_REFUSED] = { "refused", TONE_CARE, RESULT_REFUSED, "was refused and is as it was",
	    "were refused and are as they were" },
	[HOST_PUT_BACK] = { "put back", TONE_CARE, RESULT_ROLLED_BACK, "was put back as it was",
	    "were put back as they were" },
	[HOST_UNWELL] = { "unwell", TONE_BAD, RESULT_NOT_WELL, "is not well since its restart",
	    "are not well since their restart" },
	[HOST_LOST] = { "lost", TONE_BAD, RESULT_FAILED,
	    "was lost under its change, which it puts back by itself",
	    "were lost under their changes, which they put back by themselves" },
	[HOST_STUCK] = { "stuck", TONE_BAD, RESULT_STUCK, "could not be put back: look at it",
	    "could not be put back: look at them" },
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

bool
host_outcome_failed(enum host_outcome outcome)
{
	return rows[outcome].result != RESULT_DONE;
}
