#include "orchestrator/rollout/host/outcome.h"

#include <string.h>

static const struct outcome rows[] = {
	[HOST_OPEN] = { .id = "open", .name = "open" },
	[HOST_UNCHANGED] = { .id = "ok", .name = "ok", .tone = TONE_GOOD },
	[HOST_CHANGES] = { .id = "changes", .name = "changes", .tone = TONE_CARE },
	[HOST_DONE] = { .id = "done", .name = "done", .tone = TONE_GOOD },
	[HOST_FAILED] = { "failed", "failed", TONE_BAD, RESULT_FAILED, "failed and is as it was",
	    "failed and are as they were", NULL, "failed and keeps what it had",
	    "failed and keep what they had" },
	[HOST_REFUSED] = { "refused", "refused", TONE_CARE, RESULT_REFUSED,
	    "was refused and is as it was", "were refused and are as they were", NULL,
	    "was refused and keeps what it had", "were refused and keep what they had" },
	[HOST_PUT_BACK] = { "put-back", "put back", TONE_CARE, RESULT_ROLLED_BACK,
	    "was put back as it was", "were put back as they were", "keeps what it had",
	    "keeps what it had", "keep what they had" },
	[HOST_UNWELL] = { .id = "unwell",
	    .name = "unwell",
	    .tone = TONE_BAD,
	    .result = RESULT_NOT_WELL,
	    .of_one = "is not well since its restart",
	    .of_many = "are not well since their restart" },
	[HOST_LOST] = { "lost", "lost", TONE_BAD, RESULT_FAILED,
	    "lost its connection during its change, and puts that back by itself",
	    "lost their connections during their changes, and put these back by themselves", NULL,
	    "lost its connection during the rollback, and goes back by itself to what it had",
	    "lost their connections during the rollback, and go back by themselves to what they "
	    "had" },
	[HOST_STUCK] = { "stuck", "stuck", TONE_BAD, RESULT_STUCK,
	    "could not be put back: look at it", "could not be put back: look at them", NULL,
	    "is neither rolled back nor as it was: look at it",
	    "are neither rolled back nor as they were: look at them" },
	[HOST_AWAY] = { .id = "unreachable",
	    .name = "unreachable",
	    .tone = TONE_CARE,
	    .of_one = "was not reached and is left out",
	    .of_many = "were not reached and are left out" },
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
