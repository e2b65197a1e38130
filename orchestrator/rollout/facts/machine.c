#include "orchestrator/rollout/facts/machine.h"

#include "daemons/daemon.h"

#include <stdlib.h>
#include <string.h>

void
machine_questions(struct buf *questions)
{
	buf_text(
	    questions, "machine\nleap " LEAP_LIST "\nages " LEAP_ZONE " " CHRONY_SOCKET_FOLDER);
	for (size_t i = 0; daemon_drivers[i]; i++) {
		buf_printf(questions, " %s", daemon_drivers[i]->drift_path);
	}
	buf_text(questions, "\n");
}

static const char *
keep_told(struct facts *facts, const struct record *record)
{
	return record->len > 0
	    ? arena_strndup(&facts->arena, record->text, strcspn(record->text, "\n"))
	    : NULL;
}

void
machine_take_virt(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->virt = keep_told(facts, record);
}

void
machine_take_clocksource(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->clocksource = keep_told(facts, record);
}

void
machine_take_ptp(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->ptp = record->len > 0 ? arena_strdup(&facts->arena, record->text) : NULL;
}

void
machine_take_adjtime(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	facts->rtc_local = strcmp(record->text, "LOCAL") == 0;
}

/* "SECONDS MODE OWNER" */
void
machine_take_age(struct facts *facts, const struct record *record, const char *path)
{
	char *rest = arena_strdup(&facts->arena, record->text), *end, *more;
	const char *changed = strsep(&rest, " "), *mode = strsep(&rest, " "),
		   *owner = strsep(&rest, " ");
	struct fact_age *age = &facts->ages[facts->age_count];
	unsigned long long seconds;
	unsigned long bits;

	if (!owner || path[0] != '/' || facts->age_count == FACT_AGES_MAX ||
	    facts_age(facts, path)) {
		return;
	}
	seconds = strtoull(changed, &end, 10);
	bits = strtoul(mode, &more, 8);
	if (*end || *more || seconds > (unsigned long long)(INT64_MAX / NS_PER_S) || bits > 07777) {
		return;
	}
	*age = (struct fact_age){ .path = arena_strdup(&facts->arena, path),
		.changed_ns = (int64_t)seconds * NS_PER_S,
		.mode = (unsigned)bits,
		.owner = owner };
	facts->age_count++;
}

void
machine_take_ages(struct facts *facts, const struct record *record UNUSED, const char *words UNUSED)
{
	facts->ages_told = true;
}

void
machine_take_leap(struct facts *facts, const struct record *record, const char *words UNUSED)
{
	char *end;
	unsigned long long seconds = strtoull(record->text, &end, 10);

	facts->leap_told = true;
	facts->leap_until_s =
	    end > record->text && seconds <= UINT32_MAX * 4ULL ? (int64_t)seconds : 0;
}

const struct fact_age *
facts_age(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->age_count; i++) {
		if (strcmp(facts->ages[i].path, path) == 0) {
			return &facts->ages[i];
		}
	}
	return NULL;
}
