#include "orchestrator/collect/followed.h"

#include "common/hash.h"
#include "orchestrator/topology/topology.h"

#include <stdio.h>
#include <string.h>

static const struct source_status *
selected_source(const struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (strcmp(status->sources[i].address, status->selected) == 0) {
			return &status->sources[i];
		}
	}
	return NULL;
}

static void
fill_source(
    const struct daemon_status *status, const struct names *names, struct followed *followed)
{
	const struct source_status *source = selected_source(status);
	const struct name_entry *entry = names_find(names, status->selected);

	snprintf(followed->address, sizeof(followed->address), "%s", status->selected);
	if (entry) {
		snprintf(followed->source, sizeof(followed->source), "%s",
		    entry->upstream ? entry->upstream->name : entry->host->name);
	}
	if (source && source->auth != AUTH_UNKNOWN) {
		followed->auth = source->auth;
		followed->auth_told = true;
	} else if (source) {
		followed->auth = source->declared_auth;
	}
}

static uint64_t
mark_of(const struct followed *followed)
{
	uint64_t mark = hash_add(HASH_START, followed->source, strlen(followed->source) + 1);

	mark = hash_add(mark, followed->address, strlen(followed->address) + 1);
	mark = hash_add(mark, &followed->stratum, sizeof(followed->stratum));
	mark = hash_add(mark, &followed->auth, sizeof(followed->auth));
	mark = hash_add(mark, &followed->auth_told, sizeof(followed->auth_told));
	return mark ? mark : 1;
}

uint64_t
followed_of(const struct report *report, const struct names *names, struct followed *followed)
{
	const struct daemon_status *status = &report->status;
	struct followed found = { .stratum = status->stratum };

	if (!report->answered) {
		return 0;
	}
	if (status->leap != LEAP_UNSYNC && status->stratum < 16) {
		fill_source(status, names, &found);
	} else {
		found.stratum = 16;
	}
	*followed = found;
	return mark_of(&found);
}
