#include "orchestrator/rollout/facts/units.h"

#include <string.h>

/* Source: chrony, NTPsec, ntp and systemd as Debian and Fedora have them. */
const char *const fact_sync_waits[] = { "chrony-wait.service", "ntpsec-wait.service",
	"ntp-wait.service", "systemd-time-wait-sync.service", NULL };

/* They answer names on the host itself. */
static const char *const resolvers[] = { "systemd-resolved.service", "unbound.service",
	"named.service", "bind9.service" };

void
fact_units_questions(struct buf *questions)
{
	buf_text(questions, " " FACT_SYNC_TARGET);
	for (size_t i = 0; fact_sync_waits[i]; i++) {
		buf_printf(questions, " %s", fact_sync_waits[i]);
	}
	for (size_t i = 0; i < COUNT(resolvers); i++) {
		buf_printf(questions, " %s", resolvers[i]);
	}
}

/*
 * The words of what systemd starts, "{ path=/usr/sbin/a ; argv[]=/usr/sbin/a $OPTS ; ...}"; of
 * several commands the first.  NULL: there is none.  Cuts @value.
 */
static const char *
command_of(char *value)
{
	char *words = strstr(value, " argv[]="), *end;

	if (!words) {
		return NULL;
	}
	words += strlen(" argv[]=");
	end = strstr(words, " ; ignore_errors=");
	if (end) {
		*end = '\0';
	}
	return words;
}

static void
set_property(struct fact_unit *unit, const char *name, char *value)
{
	if (strcmp(name, "Id") == 0) {
		unit->name = value;
	} else if (strcmp(name, "LoadState") == 0) {
		unit->loaded = strcmp(value, "loaded") == 0;
	} else if (strcmp(name, "ActiveState") == 0) {
		unit->active = strcmp(value, "active") == 0 || strcmp(value, "activating") == 0 ||
		    strcmp(value, "reloading") == 0;
	} else if (strcmp(name, "UnitFileState") == 0) {
		unit->enabled = strcmp(value, "enabled") == 0;
		unit->masked = strncmp(value, "masked", strlen("masked")) == 0;
	} else if (strcmp(name, "Restart") == 0) {
		unit->restart = value;
		unit->restarts = strcmp(value, "no") != 0 && *value;
	} else if (strcmp(name, "Before") == 0) {
		unit->before = value;
	} else if (strcmp(name, "ExecStart") == 0) {
		unit->start = unit->start ? unit->start : command_of(value);
	}
}

const struct fact_unit *
fact_units_find(const struct fact_unit *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i].name, name) == 0) {
			return &list[i];
		}
	}
	return NULL;
}

/* The record has a block of "Name=value" lines for each unit, with an empty line between two. */
size_t
fact_units_take(
    struct arena *arena, const struct record *record, struct fact_unit *list, size_t count)
{
	char *text = arena_strdup(arena, record->text), *line;
	struct fact_unit unit = { .name = NULL };

	while (text) {
		char *value;

		line = strsep(&text, "\n");
		value = strchr(line, '=');
		if (value) {
			*value++ = '\0';
			set_property(&unit, line, value);
		}
		if (*line && text) {
			continue;
		}
		if (unit.name && strcmp(unit.name, FACT_SYNC_TARGET) != 0) {
			unit.before = NULL;
		}
		if (unit.name && count < FACT_UNITS_MAX &&
		    !fact_units_find(list, count, unit.name)) {
			list[count++] = unit;
		}
		unit = (struct fact_unit){ .name = NULL };
	}
	return count;
}
