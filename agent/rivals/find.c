/* Finds other programs that set the clock, by the processes and units of this host. */
#include "agent/rivals/list.h"
#include "agent/rivals/rivals.h"
#include "common/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
rivals_add(struct rivals_list *list, const char *fmt, ...)
{
	char text[REPORT_RIVAL_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->names[i], text) == 0) {
			return;
		}
	}
	if (list->count < REPORT_RIVALS_MAX) {
		memcpy(list->names[list->count++], text, sizeof(text));
	}
}

/* Programs that discipline or set the clock, by the name that the kernel shows, and their units. */
struct setter {
	const char *program;
	const char *const *units;
};

static const char *const chrony_units[] = { "chrony.service", "chronyd.service", NULL };
static const char *const ntpd_units[] = { "ntpsec.service", "ntp.service", "ntpd.service",
	"openntpd.service", NULL };
static const char *const timesyncd_units[] = { "systemd-timesyncd.service", NULL };
static const char *const ntpd_rs_units[] = { "ntpd-rs.service", NULL };
static const char *const ptp_units[] = { "phc2sys.service", "timemaster.service", NULL };
static const char *const ntpdate_units[] = { "ntpdate.service", NULL };
static const char *const htpdate_units[] = { "htpdate.service", NULL };
static const char *const tlsdate_units[] = { "tlsdated.service", "tlsdate.service", NULL };
static const char *const no_units[] = { NULL };

static const struct setter setters[] = {
	{ "chronyd", chrony_units },
	{ "ntpd", ntpd_units },
	{ "systemd-timesyncd", timesyncd_units },
	{ "ntp-daemon", ntpd_rs_units },
	{ "phc2sys", ptp_units },
	{ "ntpdate", ntpdate_units },
	{ "htpdate", htpdate_units },
	{ "tlsdated", tlsdate_units },
	{ "ntpdig", no_units },
	{ "sntp", no_units },
	{ "rdate", no_units },
};

static bool
is_own_program(const struct rivals_of *of, const char *program)
{
	return of->driver && strcmp(file_name(of->driver->binary), program) == 0;
}

/* Whether the unit starts the daemon itself, by any of its names. */
static bool
is_own_unit(const struct rivals_list *list, const char *unit)
{
	const struct rivals_of *of = list->of;
	const struct unit *own = of->start ? &of->start->unit : NULL;

	if (!of->driver) {
		return false;
	}
	if (strcmp(unit, of->driver->unit) == 0 ||
	    (own && own->name && strcmp(unit, own->name) == 0)) {
		return true;
	}
	for (size_t i = 0; of->driver->other_units && of->driver->other_units[i]; i++) {
		if (strcmp(unit, of->driver->other_units[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether ConditionFileIsExecutable=!PROGRAM stops the unit: Debian 10's systemd-timesyncd. */
static bool
is_held_back(const struct rivals_list *list, const struct unit *unit)
{
	const struct unit_setting *at = NULL;

	while ((at = unit_next(unit, "Unit", "ConditionFileIsExecutable", at))) {
		if (at->value[0] == '!' && tree_is_program(list->root, at->value + 1)) {
			return true;
		}
	}
	return false;
}

/* Whether the program that the unit starts is there; arguments and scripts are not looked into. */
static bool
has_program(struct rivals_list *list, const struct unit *unit)
{
	const struct unit_setting *exec = unit_next(unit, "Service", "ExecStart", NULL);
	struct arguments *words;

	if (!exec) {
		return false;
	}
	words = arena_alloc(&list->arena, sizeof(*words));
	arguments_split(&list->arena, exec->value + strspn(exec->value, "@-:+!|"), words);
	return words->count > 0 && tree_is_program(list->root, words->list[0]);
}

/*
 * Add the unit when it starts another daemon at the next boot, whether that runs now or not.
 * Returns whether it was added.
 */
static bool
add_enabled(struct rivals_list *list, const char *name)
{
	struct unit *unit;

	if (is_own_unit(list, name) || !unit_is_enabled(list->root, name)) {
		return false;
	}
	unit = arena_alloc(&list->arena, sizeof(*unit));
	unit_read(list->root, name, &list->arena, unit);
	if (!unit->path || unit->masked || is_held_back(list, unit) || !has_program(list, unit)) {
		return false;
	}
	rivals_add(list, "%s, which is enabled (systemctl disable --now %s)", name, name);
	return true;
}

static void
find_daemons(struct rivals_list *list)
{
	const struct process *daemon = list->of->daemon;

	for (size_t i = 0; i < COUNT(setters); i++) {
		const struct setter *setter = &setters[i];
		const struct process *process = process_find(list->of->processes, setter->program);
		bool other = process && !(daemon && process->pid == daemon->pid) &&
		    !(!daemon && is_own_program(list->of, setter->program));
		bool named = false;
		char unit[128] = "";

		for (size_t u = 0; setter->units[u]; u++) {
			named |= add_enabled(list, setter->units[u]);
		}
		if (!other || named) {
			continue;
		}
		if (process_unit(list->root, process->pid, unit, sizeof(unit))) {
			rivals_add(list, "%s, which runs (systemctl disable --now %s)",
			    setter->program, unit);
		} else {
			rivals_add(list, "%s, which runs (end process %d, and what starts it)",
			    setter->program, (int)process->pid);
		}
	}
}

size_t
rivals_find(
    const char *root, const struct rivals_of *of, char names[REPORT_RIVALS_MAX][REPORT_RIVAL_BYTES])
{
	struct rivals_list list = { .root = root, .of = of, .names = names };

	find_daemons(&list);
	rivals_find_hooks(&list);
	rivals_find_guests(&list);
	arena_free(&list.arena);
	return list.count;
}
