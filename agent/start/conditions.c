/*
 * Source: condition_test_list() and config_parse_unit_condition_path() of systemd 252: an empty
 * setting drops all that stand before it, whatever they ask.
 */
#include "agent/start/conditions.h"

#include "agent/host/reads.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum answer {
	HOLDS_NOT,
	HOLDS,
	UNTOLD,
};

/* All conditions of a unit, or all its assertions: each list is judged by itself. */
struct list {
	const char *prefix; /* "Condition" */
	const char *fails;  /* the first line that must hold and does not */
	const char *doubt;
	const char *trigger; /* the last line with a `|`; NULL: none */
	bool triggered, trigger_untold;
};

struct check {
	const char *name;
	enum answer (*ask)(const char *path);
};

static enum answer
answer_of(bool holds)
{
	return holds ? HOLDS : HOLDS_NOT;
}

static enum answer
exists(const char *path)
{
	struct stat st;

	return answer_of(stat(path, &st) == 0);
}

static enum answer
exists_glob(const char *path)
{
	glob_t found;
	bool any = tree_glob("", path, GLOB_NOSORT, &found);

	if (any) {
		globfree(&found);
	}
	return answer_of(any);
}

static enum answer
is_directory(const char *path)
{
	struct stat st;

	return answer_of(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

static enum answer
is_link(const char *path)
{
	struct stat st;

	return answer_of(lstat(path, &st) == 0 && S_ISLNK(st.st_mode));
}

static enum answer
file_not_empty(const char *path)
{
	struct stat st;

	return answer_of(stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0);
}

static enum answer
file_executable(const char *path)
{
	struct stat st;

	return answer_of(stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0);
}

/* systemd leaves out hidden files. */
static enum answer
directory_not_empty(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool any = false;

	if (!folder) {
		return is_directory(path) == HOLDS ? UNTOLD : HOLDS_NOT;
	}
	while (!any && (entry = readdir(folder))) {
		any = entry->d_name[0] != '.';
	}
	closedir(folder);
	return answer_of(any);
}

static const struct check checks[] = {
	{ "PathExists", exists },
	{ "PathExistsGlob", exists_glob },
	{ "PathIsDirectory", is_directory },
	{ "PathIsSymbolicLink", is_link },
	{ "FileNotEmpty", file_not_empty },
	{ "FileIsExecutable", file_executable },
	{ "DirectoryNotEmpty", directory_not_empty },
};

/* `container` and `vm`: of these systemd leaves a mark for the former alone. */
static enum answer
ask_virtualization(const char *root, const char *value)
{
	if (strcmp(value, "container") != 0) {
		return UNTOLD;
	}
	return answer_of(tree_is_there(root, "/run/systemd/container"));
}

/* Ask one condition, without its `|` and `!`. */
static enum answer
ask(const char *root, const char *name, const char *value)
{
	char path[PATH_MAX];

	if (strcmp(name, "Virtualization") == 0) {
		return ask_virtualization(root, value);
	}
	if (strcmp(name, "Capability") == 0) {
		return HOLDS; /* of the system's own manager, whose bounding set is whole */
	}
	for (size_t i = 0; i < COUNT(checks); i++) {
		if (strcmp(name, checks[i].name) != 0) {
			continue;
		}
		if (value[0] != '/' || strchr(value, '%') || tree_is_hidden(root, value) ||
		    snprintf(path, sizeof(path), "%s%s", root, value) >= PATH_MAX) {
			return UNTOLD;
		}
		reads_note_names(path, "");
		return checks[i].ask(path);
	}
	return UNTOLD;
}

static void
take(const char *root, struct list *list, const struct unit_setting *setting)
{
	const char *value = setting->value;
	bool trigger = value[0] == '|', negate;
	enum answer answer;

	value += trigger ? 1 + strspn(value + 1, " \t") : 0;
	negate = value[0] == '!';
	value += negate ? 1 + strspn(value + 1, " \t") : 0;
	answer = ask(root, setting->key + strlen(list->prefix), value);
	if (negate && answer != UNTOLD) {
		answer = answer_of(answer == HOLDS_NOT);
	}
	if (trigger) {
		list->trigger = setting->line;
		list->triggered |= answer == HOLDS;
		list->trigger_untold |= answer == UNTOLD;
	} else if (answer == HOLDS_NOT && !list->fails) {
		list->fails = setting->line;
	} else if (answer == UNTOLD && !list->doubt) {
		list->doubt = setting->line;
	}
}

static void
settle(struct list *list)
{
	if (!list->trigger || list->triggered || list->fails) {
		return;
	}
	if (list->trigger_untold) {
		list->doubt = list->doubt ? list->doubt : list->trigger;
	} else {
		list->fails = list->trigger;
	}
}

void
start_conditions_judge(const char *root, const struct unit *unit, bool active, struct arena *arena,
    struct conditions *conditions)
{
	static const char *const prefixes[] = { "Condition", "Assert" };

	*conditions = (struct conditions){ .fails = NULL };
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		struct list list = { .prefix = prefixes[i] };

		for (const struct unit_setting *at = unit->first; at; at = at->next) {
			if (strcmp(at->section, "Unit") != 0 ||
			    strncmp(at->key, prefixes[i], strlen(prefixes[i])) != 0) {
				continue;
			}
			if (at->value[0]) {
				take(root, &list, at);
			} else {
				list = (struct list){ .prefix = prefixes[i] };
			}
		}
		settle(&list);
		conditions->fails = conditions->fails ? conditions->fails : list.fails;
		if (list.doubt && !active && !conditions->doubt) {
			conditions->doubt = arena_printf(
			    arena, "%s: whether systemd starts the daemon", list.doubt);
		}
	}
}
