#include "orchestrator/rollout/facts/machine.h"

#include "daemons/platforms/platform.h"

#include <stdlib.h>
#include <string.h>

void
fact_machine_questions(struct buf *questions)
{
	buf_text(
	    questions, "machine\nleap " LEAP_LIST "\nages " LEAP_ZONE " " CHRONY_SOCKET_FOLDER);
	for (size_t i = 0; daemon_drivers[i]; i++) {
		const struct daemon_driver *kind = daemon_drivers[i]->kind, *place;

		for (size_t k = 0; (place = platform_place(kind, k)); k++) {
			if (place->drift_path) {
				buf_printf(questions, " %s", place->drift_path);
			}
		}
	}
	buf_text(questions, "\n");
}

static const char *
keep_told(struct arena *arena, const struct record *record)
{
	return record->len > 0 ? arena_strndup(arena, record->text, strcspn(record->text, "\n"))
			       : NULL;
}

static void
take_virt(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->virt = keep_told(arena, record);
}

static void
take_clocksource(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->clocksource = keep_told(arena, record);
}

static void
take_ptp(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->ptp = record->len > 0 ? arena_strdup(arena, record->text) : NULL;
}

static void
take_devices(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->devices = arena_strdup(arena, record->text);
}

static void
take_memory(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->memory = arena_strdup(arena, record->text);
}

static void
take_resolver(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->resolver = record->len > 0 ? arena_strdup(arena, record->text) : NULL;
}

static void
take_addresses(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->addresses = keep_told(arena, record);
}

static void
take_certificate(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->certificate = arena_strndup(arena, record->bytes, record->len);
}

static void
take_key_readers(struct arena *arena, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->key_readers = arena_strdup(arena, record->text);
}

static void
take_adjtime(struct arena *arena UNUSED, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->rtc_local = strcmp(record->text, "LOCAL") == 0;
}

/* "SECONDS MODE OWNER" */
static void
take_age(struct arena *arena, const struct record *record, const char *path,
    struct fact_machine *machine)
{
	char *rest = arena_strdup(arena, record->text), *end, *more;
	const char *changed = strsep(&rest, " "), *mode = strsep(&rest, " "),
		   *owner = strsep(&rest, " ");
	struct fact_age *age = &machine->ages[machine->age_count];
	unsigned long long seconds;
	unsigned long bits;

	if (!owner || path[0] != '/' || machine->age_count == FACT_AGES_MAX ||
	    fact_machine_age(machine, path)) {
		return;
	}
	seconds = strtoull(changed, &end, 10);
	bits = strtoul(mode, &more, 8);
	if (*end || *more || seconds > (unsigned long long)(INT64_MAX / NS_PER_S) || bits > 07777) {
		return;
	}
	*age = (struct fact_age){ .path = arena_strdup(arena, path),
		.changed_ns = (int64_t)seconds * NS_PER_S,
		.mode = (unsigned)bits,
		.owner = owner };
	machine->age_count++;
}

static void
take_ages(struct arena *arena UNUSED, const struct record *record UNUSED, const char *words UNUSED,
    struct fact_machine *machine)
{
	machine->ages_told = true;
}

static void
take_leap(struct arena *arena UNUSED, const struct record *record, const char *words UNUSED,
    struct fact_machine *machine)
{
	char *end;
	unsigned long long seconds = strtoull(record->text, &end, 10);

	machine->leap_told = true;
	machine->leap_until_s =
	    end > record->text && seconds <= UINT32_MAX * 4ULL ? (int64_t)seconds : 0;
}

const struct fact_age *
fact_machine_age(const struct fact_machine *machine, const char *path)
{
	for (size_t i = 0; i < machine->age_count; i++) {
		if (strcmp(machine->ages[i].path, path) == 0) {
			return &machine->ages[i];
		}
	}
	return NULL;
}

static const struct {
	const char *verb;
	void (*take)(struct arena *arena, const struct record *record, const char *words,
	    struct fact_machine *machine);
} rows[] = {
	{ "virt", take_virt },
	{ "clocksource", take_clocksource },
	{ "ptp", take_ptp },
	{ "devices", take_devices },
	{ "memory", take_memory },
	{ "resolver", take_resolver },
	{ "addresses", take_addresses },
	{ "adjtime", take_adjtime },
	{ "age", take_age },
	{ "ages", take_ages },
	{ "leap", take_leap },
	{ "certificate", take_certificate },
	{ "key-readers", take_key_readers },
};

bool
fact_machine_take(struct arena *arena, const struct record *record, struct fact_machine *machine)
{
	const char *words;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if ((words = record_words(record, rows[i].verb))) {
			rows[i].take(arena, record, words, machine);
			return true;
		}
	}
	return false;
}

const char *
fact_machine_verb(size_t index)
{
	return index < COUNT(rows) ? rows[index].verb : NULL;
}
