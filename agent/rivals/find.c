/* Finds other programs that set the clock, by the processes and units of this host. */
#include "agent/host/relations.h"
#include "agent/rivals/list.h"
#include "agent/rivals/rivals.h"
#include "common/file.h"
#include "daemons/setters/setters.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct report_rival *
rivals_add(struct rivals_list *list, const char *fmt, ...)
{
	struct report_rival rival = { .words = "" };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(rival.words, sizeof(rival.words), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->rivals[i].words, rival.words) == 0) {
			return &list->rivals[i];
		}
	}
	if (list->count == REPORT_RIVALS_MAX) {
		return &list->spare;
	}
	list->rivals[list->count] = rival;
	return &list->rivals[list->count++];
}

void
rivals_add_unproven(struct rivals_list *list, const struct process *process)
{
	rivals_add(list,
	    "process %d, which runs with root's rights by the name %s (whether it is that program, "
	    "only root sees: sudo timetier-agent status)",
	    (int)process->pid, process->name);
}

bool
rivals_starts_at_boot(const struct rivals_list *list, const char *unit)
{
	for (size_t i = 0; i < list->pulled_in_count; i++) {
		if (strcmp(list->pulled_in[i], unit) == 0) {
			return true;
		}
	}
	return false;
}

static void
set_unit(struct report_rival *rival, const char *unit, bool active, bool enabled)
{
	if (setter_unit_switches_off(unit)) {
		snprintf(rival->unit, sizeof(rival->unit), "%s", unit);
	}
	rival->active = active;
	rival->enabled = enabled;
}

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
add_enabled(struct rivals_list *list, const char *name, bool runs)
{
	struct unit *unit;

	if (is_own_unit(list, name) || !rivals_starts_at_boot(list, name)) {
		return false;
	}
	unit = arena_alloc(&list->arena, sizeof(*unit));
	unit_read(list->root, name, &list->arena, unit);
	if (!unit->path || unit->masked || is_held_back(list, unit) || !has_program(list, unit)) {
		return false;
	}
	set_unit(rivals_add(list, "%s, which is enabled (systemctl disable --now %s)", name, name),
	    name, runs || unit_is_active(list->root, name), true);
	return true;
}

/* Whether ptp4l sets the system's clock: only with time stamps of software, else that of a card. */
static bool
takes_software_stamps(const struct rivals_list *list, const struct process *process)
{
	static const char *const files[] = { "/etc/linuxptp/ptp4l.conf", "/etc/ptp4l.conf" };
	struct buf text = { .limit_bytes = 65536 };
	bool found =
	    process && process_options(list->root, process, &text) && strstr(buf_str(&text), "-S");

	for (size_t i = 0; i < COUNT(files) && !found; i++) {
		char *rest, *line, value[16];

		buf_reset(&text);
		if (!tree_read_start(list->root, files[i], "", 65535, &text)) {
			continue;
		}
		rest = text.data;
		while (rest && (line = strsep(&rest, "\n"))) {
			found |= sscanf(line, " time_stamping %15s", value) == 1 &&
			    strcmp(value, "software") == 0;
		}
	}
	buf_free(&text);
	return found;
}

/* Add a program by the units that start it at a boot, or else by its process. */
static void
find_program(struct rivals_list *list, const struct setter_program *program)
{
	const struct process *daemon = list->of->daemon;
	const struct process *process = process_find(list->of->processes, program->process);
	bool other = process && !(daemon && process->pid == daemon->pid) &&
	    !(!daemon && is_own_program(list->of, program->process));
	bool named = false;

	if (strcmp(program->process, "ptp4l") == 0 && !takes_software_stamps(list, process)) {
		return;
	}
	for (size_t u = 0; program->units[u]; u++) {
		named |= add_enabled(list, program->units[u], other);
	}
	if (!other || named) {
		return;
	}
	if (!process->proven) {
		rivals_add_unproven(list, process);
	} else if (process->unit[0]) {
		set_unit(rivals_add(list, "%s, which runs (systemctl disable --now %s)",
			     program->process, process->unit),
		    process->unit, true, false);
	} else {
		rivals_add(list, "%s, which runs (end process %d, and what starts it)",
		    program->process, (int)process->pid);
	}
}

size_t
rivals_find(
    const char *root, const struct rivals_of *of, struct report_rival rivals[REPORT_RIVALS_MAX])
{
	struct rivals_list list = { .root = root, .of = of, .rivals = rivals };

	list.pulled_in_count = unit_pulled_in(root, ".service", &list.arena, &list.pulled_in);
	for (const struct setter_program *program = setter_programs; program->units; program++) {
		find_program(&list, program);
	}
	rivals_find_hooks(&list);
	rivals_find_cloud(&list);
	rivals_find_guests(&list);
	arena_free(&list.arena);
	return list.count;
}
