/*
 * Which units a restart reaches was asked of systemd 252: it starts what the unit wants, requires,
 * binds to or upholds and that is not active, and what that wants; it restarts what is active and
 * is part of the unit, requires it, binds to it or has it as requisite; it starts OnSuccess=, as
 * the unit ends well in between.  A target is active, so that what it wants is not started again.
 */
#include "agent/start/presets.h"

#include "agent/host/relations.h"
#include "agent/scripts/judge.h"
#include "agent/scripts/units.h"
#include "common/file.h"

#include <string.h>

#define UNITS_MAX 64
#define NAMES_MAX 8

struct search {
	const char *root;
	const struct daemon_driver *driver;
	struct arena *arena;
	struct presets *presets;
	struct follow *follow;
	const char *seen[UNITS_MAX]; /* the units that were looked at */
	size_t seen_count;
	bool in_daemon_line; /* the line that starts the daemon itself is judged by its options */
	const char *when;    /* it runs then only: "when ntp.service fails"; NULL: always */
};

static const char *const stop_keys[] = { "ExecStop", "ExecStopPost", NULL };
static const char *const after_keys[] = { "ExecStopPost", NULL };

static void look_at_pulled(struct search *search, const struct unit *unit);

static void
take(void *owner, const struct script *script, const struct command *command)
{
	struct search *search = owner;
	struct presets *presets = search->presets;
	const char *line = script->source ? script->source : script->path, *says;
	enum setter_answer answer;

	if (search->in_daemon_line && command->words.count > 0 &&
	    strcmp(file_name(command->words.list[0]), file_name(search->driver->binary)) == 0) {
		return;
	}
	answer = command_sets_clock(command, &says);
	if (answer == SETTER_SETS && !search->when && !presets->sets) {
		presets->sets = line;
	} else if (answer >= SETTER_MAY && !presets->doubt) {
		presets->doubt = arena_printf(search->arena, "%s: %s may set the clock%s%s", line,
		    says, search->when ? ", " : "", search->when ? search->when : "");
	}
}

static bool
was_seen(const struct search *search, const char *name)
{
	for (size_t i = 0; i < search->seen_count; i++) {
		if (strcmp(search->seen[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* Remember the unit, so that it is looked at once.  False: it was, or there is no room. */
static bool
is_new(struct search *search, const char *name)
{
	if (was_seen(search, name)) {
		return false;
	}
	if (search->seen_count == UNITS_MAX) {
		search->presets->doubt = "a restart starts more units than are looked at";
		return false;
	}
	search->seen[search->seen_count++] = name;
	return true;
}

/* Read the unit; "a@b.service" is read from "a@.service".  NULL: it is not there, or masked. */
static struct unit *
read_unit(struct search *search, const char *name)
{
	struct unit *unit = arena_alloc(search->arena, sizeof(*unit));
	const char *at = strchr(name, '@');

	unit_read(search->root, name, search->arena, unit);
	if (!unit->path && at) {
		unit_read(search->root,
		    arena_printf(search->arena, "%.*s@.service", (int)(at - name), name),
		    search->arena, unit);
	}
	return unit->path && !unit->masked ? unit : NULL;
}

static bool
is_service(const char *name)
{
	size_t len = strlen(name);

	return len > 8 && strcmp(name + len - 8, ".service") == 0;
}

/* Look at the lines of a service that a restart starts or ends, and at what it pulls in. */
static void
look_at_service(struct search *search, const struct unit *unit)
{
	static const struct script nobody = { .path = NULL };

	units_visit(search->follow, unit, units_start_keys, &nobody);
	units_visit(search->follow, unit, stop_keys, &nobody);
	look_at_pulled(search, unit);
}

static void
look_at_started(struct search *search, const char *name)
{
	const struct unit *unit;

	if (is_service(name) && is_new(search, name) && (unit = read_unit(search, name))) {
		look_at_service(search, unit);
	}
}

/* Look at the units that @key of @unit names. */
static void
look_at_named(struct search *search, const struct unit *unit, const char *key, bool active)
{
	const struct unit_setting *at = NULL;

	while ((at = unit_next(unit, "Unit", key, at))) {
		struct arguments *words = arena_alloc(search->arena, sizeof(*words));

		arguments_split(search->arena, at->value, words);
		for (size_t i = 0; i < words->count; i++) {
			if (active || !unit_is_active(search->root, words->list[i])) {
				look_at_started(search, words->list[i]);
			}
		}
	}
}

/* Look at the units that a start of @unit starts, too: those that are not active. */
static void
look_at_pulled(struct search *search, const struct unit *unit)
{
	static const char *const keys[] = { "Wants", "Requires", "BindsTo", "Upholds" };
	const char *const *linked;
	size_t count;

	for (size_t i = 0; i < COUNT(keys); i++) {
		look_at_named(search, unit, keys[i], false);
	}
	count = unit_linked_to(search->root, unit, search->arena, &linked);
	for (size_t i = 0; i < count; i++) {
		if (!unit_is_active(search->root, linked[i])) {
			look_at_started(search, linked[i]);
		}
	}
}

static bool
has_one_of(const struct arguments *words, const char *const *names)
{
	for (size_t i = 0; i < words->count; i++) {
		for (const char *const *name = names; *name; name++) {
			if (strcmp(words->list[i], *name) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* Whether @unit goes down and up with one of @names. */
static bool
depends_on(struct search *search, const struct unit *unit, const char *const *names)
{
	static const char *const keys[] = { "PartOf", "Requires", "BindsTo", "Requisite" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		const struct unit_setting *at = NULL;

		while ((at = unit_next(unit, "Unit", keys[i], at))) {
			struct arguments *words = arena_alloc(search->arena, sizeof(*words));

			arguments_split(search->arena, at->value, words);
			if (has_one_of(words, names)) {
				return true;
			}
		}
	}
	return unit_requires_by_link(search->root, unit, names, search->arena);
}

/* Look at the active units that are restarted with one of @names, and at those restarted with them.
 */
static void
look_at_dependants(struct search *search, const char *const *names)
{
	const char *const *holding;
	size_t count = unit_holding(search->root, names, search->arena, &holding);

	for (size_t i = 0; i < count; i++) {
		const char *next[] = { holding[i], NULL };
		const struct unit *unit =
		    was_seen(search, holding[i]) ? NULL : read_unit(search, holding[i]);

		if (!unit || unit_rests(search->root, unit) || !depends_on(search, unit, names) ||
		    !is_new(search, holding[i])) {
			continue;
		}
		if (is_service(holding[i])) {
			look_at_service(search, unit);
		}
		look_at_dependants(search, next);
	}
}

/* Look at the Exec lines of the daemon's own unit. */
static void
look_at_own(struct search *search, const struct unit *unit)
{
	static const char *const before[] = { "ExecCondition", "ExecStartPre", NULL };
	static const char *const daemon[] = { "ExecStart", NULL };
	static const char *const after[] = { "ExecStartPost", NULL };
	static const struct script nobody = { .path = NULL };

	units_visit(search->follow, unit, before, &nobody);
	search->in_daemon_line = true;
	units_visit(search->follow, unit, daemon, &nobody);
	search->in_daemon_line = false;
	units_visit(search->follow, unit, after, &nobody);
	if (!unit_rests(search->root, unit)) {
		units_visit(search->follow, unit, stop_keys, &nobody);
		return;
	}
	/* what does not run has nothing to stop; a start that fails is cleaned up after */
	search->when = arena_printf(search->arena, "when the start of %s fails", unit->name);
	units_visit(search->follow, unit, after_keys, &nobody);
	search->when = NULL;
}

void
presets_find(const char *root, const struct daemon_driver *driver, const struct unit *unit,
    struct arena *arena, struct presets *presets)
{
	struct search search = {
		.root = root, .driver = driver, .arena = arena, .presets = presets
	};
	const char *names[NAMES_MAX + 1] = { unit->name };
	size_t count = 1;

	*presets = (struct presets){ .sets = NULL };
	search.follow = arena_alloc(arena, sizeof(*search.follow));
	*search.follow = (struct follow){
		.root = root, .arena = arena, .visit = take, .owner = &search, .strict = true
	};
	if (strcmp(driver->unit, unit->name) != 0) {
		names[count++] = driver->unit;
	}
	for (size_t i = 0; driver->other_units && driver->other_units[i] && count < NAMES_MAX;
	     i++) {
		names[count++] = driver->other_units[i];
	}
	for (size_t i = 0; i < count; i++) {
		is_new(&search, names[i]);
	}
	look_at_own(&search, unit);
	look_at_pulled(&search, unit);
	look_at_dependants(&search, names);
	look_at_named(&search, unit, "OnSuccess", true);
	search.when = arena_printf(arena, "when %s fails", unit->name);
	look_at_named(&search, unit, "OnFailure", true);
}
