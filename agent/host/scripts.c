#include "agent/host/scripts.h"

#include "agent/host/unit.h"

#include <stdio.h>
#include <string.h>

#define SCRIPT_BYTES 65536

struct visitor {
	const char *root;
	struct arena *arena;
	script_visit visit;
	void *owner;
};

static void
visit_text(
    const struct visitor *visitor, const struct script *script, const char *text, unsigned line)
{
	struct command *command = arena_alloc(visitor->arena, sizeof(*command));
	struct commands commands = { .arena = visitor->arena, .at = text, .line = line };

	while (commands_next(&commands, command)) {
		visitor->visit(visitor->owner, script, command);
	}
}

/* False for backups, and for what packages leave for the administrator to look at. */
static bool
is_used(const char *name)
{
	return !strstr(name, ".dpkg-") && !strstr(name, ".rpm") && !strchr(name, '~') &&
	    !strstr(name, ".bak");
}

static bool
read_text(const struct visitor *visitor, const char *path, struct buf *text)
{
	buf_reset(text);
	return tree_is_there(visitor->root, path) && !tree_is_folder(visitor->root, path) &&
	    tree_read(visitor->root, path, text, NULL) == TREE_READ &&
	    strlen(buf_str(text)) == text->len;
}

static void
visit_script(const struct visitor *visitor, const struct script *script, bool sourced)
{
	struct buf text = { .limit_bytes = SCRIPT_BYTES };

	if (read_text(visitor, script->path, &text) &&
	    (sourced || strncmp(buf_str(&text), "#!", 2) == 0)) {
		visit_text(visitor, script, buf_str(&text), 1);
	}
	buf_free(&text);
}

void
scripts_read_file(
    const char *root, const char *path, struct arena *arena, script_visit visit, void *owner)
{
	struct visitor visitor = { root, arena, visit, owner };
	struct script script = { .path = path };

	visit_script(&visitor, &script, false);
}

void
scripts_read_folder(const char *root, const char *folder, bool sourced, struct arena *arena,
    script_visit visit, void *owner)
{
	struct visitor visitor = { root, arena, visit, owner };
	const char *const *names;
	size_t count = tree_names(root, folder, "", arena, &names);

	for (size_t i = 0; i < count; i++) {
		struct script script = { .path = arena_printf(arena, "%s/%s", folder, names[i]) };

		if (is_used(names[i]) && (sourced || tree_is_program(root, script.path))) {
			visit_script(&visitor, &script, sourced);
		}
	}
}

/* Whether administrators keep their own scripts there; those of packages are not read. */
static bool
is_administrators(const char *path)
{
	static const char *const folders[] = { "/usr/local/", "/opt/", "/root/", "/home/", "/etc/",
		"/srv/" };

	for (size_t i = 0; i < COUNT(folders); i++) {
		if (strncmp(path, folders[i], strlen(folders[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* Visit the commands of one line, @line of the file @by, and of the scripts that they start. */
static void
visit_line(const struct visitor *visitor, const char *by, const char *text, unsigned line)
{
	struct command *command = arena_alloc(visitor->arena, sizeof(*command));
	struct commands commands = { .arena = visitor->arena, .at = text, .line = line };
	struct script script = { .path = by };

	while (commands_next(&commands, command)) {
		struct script inner = { .by = by };

		visitor->visit(visitor->owner, &script, command);
		for (size_t i = 0; i < command->words.count; i++) {
			if (is_administrators(command->words.list[i])) {
				inner.path = command->words.list[i];
				visit_script(visitor, &inner, false);
			}
		}
	}
}

static void
visit_unit(const struct visitor *visitor, const char *name)
{
	static const char *const keys[] = { "ExecStartPre", "ExecStart", "ExecStartPost" };
	struct unit *unit = arena_alloc(visitor->arena, sizeof(*unit));

	unit_read(visitor->root, name, visitor->arena, unit);
	for (size_t i = 0; unit->path && !unit->masked && i < COUNT(keys); i++) {
		const struct unit_setting *at = NULL;

		while ((at = unit_next(unit, "Service", keys[i], at))) {
			const char *quoted = strstr(at->value, "sh -c ");

			visit_line(visitor, unit->path, at->value + strspn(at->value, "@-:+!|"), 1);
			if (quoted) {
				char *text = arena_strdup(visitor->arena, quoted + 6);

				text += strspn(text, "\"'");
				text[strcspn(text, "\"'")] = '\0';
				visit_line(visitor, unit->path, text, 1);
			}
		}
	}
}

void
scripts_read_unit(
    const char *root, const char *name, struct arena *arena, script_visit visit, void *owner)
{
	struct visitor visitor = { root, arena, visit, owner };

	visit_unit(&visitor, name);
}

/* Call @take for each line of @rest, without its end; comments and empty lines are skipped. */
static void
each_line(const struct visitor *visitor, const char *path, char *rest,
    void (*take)(const struct visitor *visitor, const char *path, char *line, unsigned number))
{
	unsigned number = 0;
	char *line;

	while (rest && (line = strsep(&rest, "\n"))) {
		number++;
		line += strspn(line, " \t");
		if (line[0] && line[0] != '#' && line[0] != ';') {
			take(visitor, path, line, number);
		}
	}
}

static void
take_watchdog_line(const struct visitor *visitor, const char *path, char *line, unsigned number)
{
	char *equals = strchr(line, '=');

	if (!equals) {
		return;
	}
	for (char *at = equals; *at; at++) {
		if (*at == '"' || *at == '\'') {
			*at = ' ';
		}
	}
	visit_line(visitor, path, equals + 1, number);
}

void
scripts_read_watchdog(
    const char *root, const char *path, struct arena *arena, script_visit visit, void *owner)
{
	struct visitor visitor = { root, arena, visit, owner };
	struct buf text = { .limit_bytes = SCRIPT_BYTES };

	if (read_text(&visitor, path, &text)) {
		each_line(&visitor, path, text.data, take_watchdog_line);
	}
	buf_free(&text);
}

/* Skip @count fields of a cron line; a first field with @, as in "@reboot", stands for five. */
static const char *
behind_fields(const char *line, size_t count)
{
	if (line[0] == '@') {
		count -= 4;
	}
	for (; count > 0; count--) {
		line += strcspn(line, " \t");
		line += strspn(line, " \t");
	}
	return line;
}

static bool
is_assignment(const char *line)
{
	size_t name = strcspn(line, "= \t");

	return line[name] == '=';
}

static void
take_system_line(const struct visitor *visitor, const char *path, char *line, unsigned number)
{
	if (!is_assignment(line)) {
		visit_line(visitor, path, behind_fields(line, 6), number); /* the 6th is the user */
	}
}

static void
take_user_line(const struct visitor *visitor, const char *path, char *line, unsigned number)
{
	if (!is_assignment(line)) {
		visit_line(visitor, path, behind_fields(line, 5), number);
	}
}

static void
visit_crontab(const struct visitor *visitor, const char *path, bool has_user)
{
	struct buf text = { .limit_bytes = SCRIPT_BYTES };

	if (read_text(visitor, path, &text)) {
		each_line(visitor, path, text.data, has_user ? take_system_line : take_user_line);
	}
	buf_free(&text);
}

static void
visit_crontabs(const struct visitor *visitor, const char *folder, bool has_user)
{
	const char *const *names;
	size_t count = tree_names(visitor->root, folder, "", visitor->arena, &names);

	for (size_t i = 0; i < count; i++) {
		if (is_used(names[i])) {
			visit_crontab(visitor,
			    arena_printf(visitor->arena, "%s/%s", folder, names[i]), has_user);
		}
	}
}

/* Visit the services of the timers in @folder, which timers.target wants. */
static void
visit_timers(const struct visitor *visitor, const char *folder)
{
	const char *const *names;
	size_t count = tree_names(visitor->root, folder, ".timer", visitor->arena, &names);

	for (size_t i = 0; i < count; i++) {
		struct unit *timer = arena_alloc(visitor->arena, sizeof(*timer));
		const struct unit_setting *service;

		unit_read(visitor->root, names[i], visitor->arena, timer);
		service = unit_last(timer, "Timer", "Unit");
		visit_unit(visitor,
		    service ? service->value
			    : arena_printf(visitor->arena, "%.*s.service",
				  (int)(strlen(names[i]) - strlen(".timer")), names[i]));
	}
}

void
scripts_read_periodic(const char *root, struct arena *arena, script_visit visit, void *owner)
{
	static const char *const folders[] = { "/etc/cron.hourly", "/etc/cron.daily",
		"/etc/cron.weekly", "/etc/cron.monthly" };
	struct visitor visitor = { root, arena, visit, owner };

	visit_crontab(&visitor, "/etc/crontab", true);
	visit_crontabs(&visitor, "/etc/cron.d", true);
	visit_crontabs(&visitor, "/var/spool/cron", false);
	visit_crontabs(&visitor, "/var/spool/cron/crontabs", false);
	for (size_t i = 0; i < COUNT(folders); i++) {
		scripts_read_folder(root, folders[i], false, arena, visit, owner);
	}
	visit_timers(&visitor, "/etc/systemd/system/timers.target.wants");
	visit_timers(&visitor, "/usr/lib/systemd/system/timers.target.wants");
}
