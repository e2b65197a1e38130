#include "agent/host/unit.h"

#include "common/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UNIT_BYTES 65536

/* Where units are; of two files with one name the first counts. */
const char *const unit_folders[] = {
	"/etc/systemd/system.control",
	"/run/systemd/system.control",
	"/run/systemd/transient",
	"/run/systemd/generator.early",
	"/etc/systemd/system",
	"/etc/systemd/system.attached",
	"/run/systemd/system",
	"/run/systemd/system.attached",
	"/run/systemd/generator",
	"/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",
	"/lib/systemd/system",
	"/run/systemd/generator.late",
	NULL,
};

/* A unit that is being read. */
struct reading {
	const char *root;
	struct arena *arena;
	struct unit *unit;
	const char *section;
	const char *file;
};

static void
add_setting(struct reading *reading, char *text, unsigned line)
{
	struct unit *unit = reading->unit;
	struct unit_setting *setting;
	char *equals = strchr(text, '='), *end;

	if (!equals) {
		return;
	}
	setting = arena_alloc(reading->arena, sizeof(*setting));
	setting->section = reading->section;
	setting->line = arena_printf(reading->arena, "%s:%u: %s", reading->file, line, text);
	for (end = equals; end > text && strchr(" \t", end[-1]); end--) {
	}
	setting->key = arena_strndup(reading->arena, text, (size_t)(end - text));
	equals += 1 + strspn(equals + 1, " \t");
	setting->value = arena_strdup(reading->arena, equals);
	if (unit->last) {
		unit->last->next = setting;
	} else {
		unit->first = setting;
	}
	unit->last = setting;
}

static void
trim_end(char *line)
{
	size_t len = strlen(line);

	while (len > 0 && strchr(" \t\r", line[len - 1])) {
		line[--len] = '\0';
	}
}

static void
take_line(struct reading *reading, char *line, unsigned number)
{
	size_t len;

	trim_end(line);
	len = strlen(line);
	if (line[0] == '[' && len > 1 && line[len - 1] == ']') {
		reading->section = arena_strndup(reading->arena, line + 1, len - 2);
	} else {
		add_setting(reading, line, number);
	}
}

/* Parse @text.  A line that ends with a backslash goes on in the next one that is no comment. */
static void
parse(struct reading *reading, char *text)
{
	struct buf whole = { .limit_bytes = UNIT_BYTES };
	unsigned number = 0, first = 0;
	char *line;

	reading->section = "";
	while ((line = strsep(&text, "\n"))) {
		size_t len;

		number++;
		line += strspn(line, " \t");
		if (line[0] == '#' || line[0] == ';' || (!line[0] && whole.len == 0)) {
			continue;
		}
		trim_end(line);
		len = strlen(line);
		first = whole.len == 0 ? number : first;
		if (len > 0 && line[len - 1] == '\\') {
			line[len - 1] = ' ';
			buf_text(&whole, line);
			continue;
		}
		buf_text(&whole, line);
		if (whole.len > 0) {
			take_line(reading, whole.data, first);
		}
		buf_reset(&whole);
	}
	if (whole.len > 0) {
		take_line(reading, whole.data, first);
	}
	buf_free(&whole);
}

void
unit_parse(struct arena *arena, const char *file, char *text, struct unit *unit)
{
	struct reading reading = { .arena = arena, .unit = unit, .file = file };

	parse(&reading, text);
}

/* Read one file; returns whether it is there, readable or not. */
static bool
read_one(struct reading *reading, const char *path)
{
	struct buf text = { .limit_bytes = UNIT_BYTES };
	struct unit *unit = reading->unit;
	struct error err;
	enum tree_answer answer = tree_read(reading->root, path, &text, &err);

	if (answer != TREE_ABSENT) {
		reading->file = arena_strdup(reading->arena, path);
		if (unit->file_count < UNIT_FILES_MAX) {
			unit->files[unit->file_count++] = reading->file;
		}
	}
	if (answer == TREE_UNREADABLE) {
		unit->unreadable = arena_strdup(reading->arena, err.text);
	} else if (answer == TREE_READ && text.data) {
		unit_parse(reading->arena, reading->file, text.data, unit);
	}
	buf_free(&text);
	return answer != TREE_ABSENT;
}

static void
read_main(struct reading *reading)
{
	struct unit *unit = reading->unit;
	char path[PATH_MAX];

	for (size_t i = 0; unit_folders[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", unit_folders[i], unit->name);
		if (!tree_is_there(reading->root, path)) {
			continue;
		}
		unit->path = arena_strdup(reading->arena, path);
		unit->masked = tree_is_masked(reading->root, path);
		if (!unit->masked) {
			read_one(reading, path);
		}
		return;
	}
}

struct dropin {
	const char *name, *path;
};

#define DROPINS_MAX 64

struct dropins {
	struct dropin list[DROPINS_MAX];
	size_t count;
};

/* Insert @dropin in the order of names, unless an earlier folder has one of that name. */
static void
insert(struct dropins *dropins, const struct dropin *dropin)
{
	size_t at = 0;

	while (at < dropins->count && strcmp(dropins->list[at].name, dropin->name) < 0) {
		at++;
	}
	if (dropins->count == DROPINS_MAX ||
	    (at < dropins->count && strcmp(dropins->list[at].name, dropin->name) == 0)) {
		return;
	}
	memmove(
	    &dropins->list[at + 1], &dropins->list[at], (dropins->count - at) * sizeof(*dropin));
	dropins->list[at] = *dropin;
	dropins->count++;
}

/* Find NAME.d/ *.conf in every folder. */
static void
find_dropins(struct reading *reading, const char *name, struct dropins *dropins)
{
	for (size_t i = 0; unit_folders[i]; i++) {
		const char *folder = arena_printf(reading->arena, "%s/%s.d", unit_folders[i], name);
		const char *const *names;
		size_t count = tree_names(reading->root, folder, ".conf", reading->arena, &names);

		for (size_t n = 0; n < count; n++) {
			struct dropin dropin = { names[n],
				arena_printf(reading->arena, "%s/%s", folder, names[n]) };

			insert(dropins, &dropin);
		}
	}
}

/* Find the drop-ins of the unit's other names, which are links to it: they count, too. */
static void
find_alias_dropins(struct reading *reading, struct dropins *dropins)
{
	for (size_t i = 0; unit_folders[i]; i++) {
		const char *const *names;
		size_t count =
		    tree_links(reading->root, unit_folders[i], ".service", reading->arena, &names);

		for (size_t n = 0; n < count; n++) {
			char path[PATH_MAX], target[PATH_MAX];

			snprintf(path, sizeof(path), "%s/%s", unit_folders[i], names[n]);
			tree_link(reading->root, path, target, sizeof(target));
			if (strcmp(names[n], reading->unit->name) != 0 &&
			    strcmp(file_name(target), reading->unit->name) == 0) {
				find_dropins(reading, names[n], dropins);
			}
		}
	}
}

void
unit_read(const char *root, const char *name, struct arena *arena, struct unit *unit)
{
	struct dropins *dropins = arena_alloc(arena, sizeof(*dropins));
	struct reading reading = { .root = root, .arena = arena, .unit = unit };

	*unit = (struct unit){ .name = name };
	read_main(&reading);
	if (!unit->path || unit->masked) {
		return;
	}
	/* the unit's own drop-ins override those for every service */
	find_dropins(&reading, name, dropins);
	find_alias_dropins(&reading, dropins);
	find_dropins(&reading, "service", dropins);
	for (size_t i = 0; i < dropins->count; i++) {
		if (!tree_is_masked(root, dropins->list[i].path)) {
			read_one(&reading, dropins->list[i].path);
		}
	}
}

static bool
is_named(const struct unit_setting *setting, const char *section, const char *key)
{
	return strcmp(setting->section, section) == 0 && strcmp(setting->key, key) == 0;
}

const struct unit_setting *
unit_last(const struct unit *unit, const char *section, const char *key)
{
	const struct unit_setting *found = NULL;

	for (const struct unit_setting *at = unit->first; at; at = at->next) {
		if (is_named(at, section, key)) {
			found = at->value[0] ? at : NULL;
		}
	}
	return found;
}

const struct unit_setting *
unit_next(
    const struct unit *unit, const char *section, const char *key, const struct unit_setting *after)
{
	const struct unit_setting *at = after ? after->next : unit->first;
	const struct unit_setting *reset = NULL;

	for (const struct unit_setting *later = at; later; later = later->next) {
		if (is_named(later, section, key) && !later->value[0]) {
			reset = later;
		}
	}
	for (at = reset ? reset->next : at; at; at = at->next) {
		if (is_named(at, section, key)) {
			return at;
		}
	}
	return NULL;
}

static const char *
read_environment_file(const char *root, const struct unit_setting *setting, struct arena *arena,
    struct variables *variables)
{
	struct buf text = { .limit_bytes = UNIT_BYTES };
	bool may_miss = setting->value[0] == '-';
	const char *path = arena_strdup(arena, setting->value + may_miss);
	const char *why = NULL;
	struct error err;

	switch (tree_read(root, path, &text, &err)) {
	case TREE_READ:
		variables_read(arena, VARIABLES_SYSTEMD, path, buf_str(&text), variables);
		break;
	case TREE_ABSENT:
		why = may_miss ? NULL
			       : arena_printf(arena, "%s is not there, and without it %s", path,
				     "the unit does not start");
		break;
	case TREE_UNREADABLE:
		why = arena_strdup(arena, err.text);
		break;
	}
	buf_free(&text);
	return why;
}

/* Read DefaultEnvironment= of the manager. */
static void
read_manager(const char *root, struct arena *arena, struct variables *variables)
{
	struct unit manager = { .name = "system.conf" };
	struct reading reading = { .root = root, .arena = arena, .unit = &manager };
	const struct unit_setting *setting = NULL;
	const char *const *names;
	size_t count;

	read_one(&reading, "/etc/systemd/system.conf");
	count = tree_names(root, "/etc/systemd/system.conf.d", ".conf", arena, &names);
	for (size_t i = 0; i < count; i++) {
		read_one(&reading, arena_printf(arena, "/etc/systemd/system.conf.d/%s", names[i]));
	}
	while ((setting = unit_next(&manager, "Manager", "DefaultEnvironment", setting))) {
		struct arguments *words = arena_alloc(arena, sizeof(*words));

		arguments_split(arena, setting->value, words);
		for (size_t i = 0; i < words->count; i++) {
			variables_assign(arena, variables, words->list[i], setting->line);
		}
	}
}

const char *
unit_environment(
    const char *root, const struct unit *unit, struct arena *arena, struct variables *variables)
{
	const struct unit_setting *setting = NULL;
	const char *why = NULL;

	read_manager(root, arena, variables);
	while ((setting = unit_next(unit, "Service", "Environment", setting))) {
		struct arguments *words = arena_alloc(arena, sizeof(*words));

		arguments_split(arena, setting->value, words);
		for (size_t i = 0; i < words->count; i++) {
			variables_assign(arena, variables, words->list[i], setting->line);
		}
	}
	setting = NULL;
	while (!why && (setting = unit_next(unit, "Service", "EnvironmentFile", setting))) {
		why = read_environment_file(root, setting, arena, variables);
	}
	setting = NULL;
	while ((setting = unit_next(unit, "Service", "UnsetEnvironment", setting))) {
		struct arguments *words = arena_alloc(arena, sizeof(*words));

		arguments_split(arena, setting->value, words);
		for (size_t i = 0; i < words->count; i++) {
			variables_unset(variables, words->list[i]);
		}
	}
	return why;
}
