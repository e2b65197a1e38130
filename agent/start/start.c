#include "agent/start/start.h"
#include "agent/host/started.h"

#include "agent/host/relations.h"
#include "agent/start/command.h"
#include "agent/start/conditions.h"
#include "agent/start/config.h"
#include "agent/start/presets.h"
#include "agent/start/starter.h"
#include "common/clock.h"
#include "daemons/options.h"
#include "daemons/policy_text.h"

#include <stdio.h>
#include <string.h>

#define OPTIONS_BYTES 4096
/* a daemon may read its files a moment after its start */
#define READING_NS (2 * NS_PER_S)

void
start_free(struct start *start)
{
	buf_free(&start->options);
	merge_free(&start->config);
	arena_free(&start->arena);
}

static void
add(const char **list, size_t *count, const char *text)
{
	if (*count < START_WORDS_MAX) {
		list[(*count)++] = text;
	}
}

static void
add_unknown(struct start *start, const char *text)
{
	if (text) {
		add(start->unknown, &start->unknown_count, text);
	}
}

static void
add_note(struct start *start, const char *text)
{
	add(start->notes, &start->note_count, text);
}

/* Find the unit of the daemon's process, else one of the units that usually start the daemon. */
static void
find_unit(const char *root, const struct daemon_driver *driver, const struct process *process,
    struct start *start)
{
	static const char *const none[] = { NULL };
	const char *const *other = driver->other_units ? driver->other_units : none;

	if (process && process->unit[0]) {
		unit_read(
		    root, arena_strdup(&start->arena, process->unit), &start->arena, &start->unit);
		if (start->unit.path) {
			return;
		}
	}
	unit_read(root, driver->unit, &start->arena, &start->unit);
	for (; !start->unit.path && *other; other++) {
		unit_read(root, *other, &start->arena, &start->unit);
	}
}

/* Without a unit: take the options of the running process, or those in its file of options. */
static void
guess_options(const char *root, const struct daemon_driver *driver, const struct process *process,
    struct start *start)
{
	struct buf text = { .limit_bytes = OPTIONS_BYTES };
	struct variables *variables = arena_alloc(&start->arena, sizeof(*variables));
	const struct variable *variable = NULL;

	if (process && process_options(root, process, &start->options)) {
		add_note(start, "no unit of systemd starts it: judged as it was started last");
		return;
	}
	if (driver->options_path &&
	    tree_read(root, driver->options_path, &text, NULL) == TREE_READ) {
		variables_read(&start->arena, VARIABLES_SHELL, driver->options_path, buf_str(&text),
		    variables);
		variable = variables_find(variables, driver->options_variable);
	}
	if (variable && variable->value) {
		buf_text(&start->options, variable->value);
		start->options_line = variable->line;
	} else {
		add_unknown(start,
		    arena_printf(&start->arena,
			"no unit starts %s, and it does not run: its start options are not known",
			driver->title));
	}
	buf_free(&text);
}

/* Note when the daemon runs with other options than the next start would give it. */
static void
compare_options(const char *root, const struct process *process, struct start *start)
{
	struct buf running = { .limit_bytes = OPTIONS_BYTES };

	if (process && process_options(root, process, &running) &&
	    strcmp(buf_str(&running), buf_str(&start->options)) != 0) {
		add_note(start,
		    arena_printf(&start->arena, "it runs with \"%s\"; its next start is by %s",
			buf_str(&running), start->options_line));
	}
	buf_free(&running);
}

static void
read_options_of_unit(const char *root, const struct daemon_driver *driver,
    const struct process *process, struct start *start)
{
	struct start_command *command = arena_alloc(&start->arena, sizeof(*command));

	add_unknown(start, start->unit.unreadable);
	start_command_read(root, driver, &start->unit, &start->arena, command);
	start->options_line = command->line;
	start->dhcp_path = command->dhcp_path;
	start->dhcp_remedy = command->dhcp_remedy;
	if (command->unknown) {
		add_unknown(start, command->unknown);
		if (process) {
			process_options(root, process, &start->options);
		}
		return;
	}
	start->program = command->words.count > 0 ? command->words.list[0] : NULL;
	arguments_join(&command->words, 1, &start->options);
	if (command->note) {
		add_note(start, command->note);
	}
	compare_options(root, process, start);
	if (command->environment.count > 0) {
		buf_text(&start->options, " ");
		arguments_join(&command->environment, 0, &start->options);
	}
}

/* Whether the daemon takes a change of the file without a restart: chrony's *.sources do so. */
static bool
is_reloaded(const char *path)
{
	const char *dot = strrchr(path, '.');

	return (dot && strcmp(dot, ".sources") == 0) || strcmp(path, TIMESYNCD_NETWORK) == 0;
}

static void
compare_config(const char *root, const struct process *process, struct start *start)
{
	int64_t started_ns = process ? process_started_ns(root, process->pid) : 0;

	for (size_t i = 0; started_ns > 0 && i < start->config.file_count; i++) {
		const char *path = start->config.files[i];

		if (!is_reloaded(path) && tree_changed_ns(root, path) > started_ns + READING_NS) {
			add_note(start,
			    arena_printf(&start->arena,
				"%s was changed after the daemon's start: the next start reads it",
				path));
			return;
		}
	}
}

static void
find_presets(const char *root, const struct daemon_driver *driver, struct start *start)
{
	struct presets presets;

	presets_find(root, driver, &start->unit, &start->arena, &presets);
	start->preset = presets.sets;
	if (presets.doubt) {
		add_unknown(start, presets.doubt);
	}
}

static void
judge_conditions(const char *root, struct start *start)
{
	struct conditions conditions;

	start_conditions_judge(
	    root, &start->unit, unit_is_active(root, start->unit.name), &start->arena, &conditions);
	start->held_back = conditions.fails;
	if (!conditions.fails) {
		add_unknown(start, conditions.doubt);
	}
}

void
start_read(const char *root, const struct daemon_driver *driver, const struct process *process,
    struct start *start)
{
	const char *unsure = NULL;
	struct config_hints hints;

	start_free(start);
	*start = (struct start){ .options = { .limit_bytes = OPTIONS_BYTES }, .options_line = "" };
	find_unit(root, driver, process, start);
	if (start->unit.path && start->unit.masked) {
		add_note(start,
		    arena_printf(
			&start->arena, "%s is masked: nothing starts it", start->unit.path));
	}
	if (start->unit.path && !start->unit.masked) {
		read_options_of_unit(root, driver, process, start);
		find_presets(root, driver, start);
		judge_conditions(root, start);
	} else {
		guess_options(root, driver, process, start);
	}
	hints = (struct config_hints){ buf_str(&start->options), start->program, &start->unit };
	start->config_path = config_find(root, driver, &hints, &start->arena, &unsure);
	add_unknown(start, unsure);
	merge_read(root, driver->includes, start->config_path, &start->config);
	add_unknown(start, start->config.failure);
	compare_config(root, process, start);
	start->setters.arena = &start->arena;
	start->starter = starter_find(root, driver, &start->unit, &start->arena, &start->setters);
}

bool
start_reads_config(const struct daemon_driver *driver, const struct start *start)
{
	struct options options = { .has = { false } };
	bool reads;

	if (!driver->options) {
		return true;
	}
	options_read(&options, buf_str(&start->options), driver->options);
	reads = options.others.len == 0;
	options_free(&options);
	return reads;
}

/* The daemon ends at a line that needs a file which is not there. */
static void
refuse_without_files(const char *root, struct restart_policy *policy)
{
	for (size_t i = 0; i < policy->need_count; i++) {
		const struct restart_need *need = &policy->needs[i];

		if (need->path[0] ? tree_is_there(root, need->path)
				  : tree_has_user(root, need->user)) {
			continue;
		}
		/* users may be listed elsewhere, too */
		if (need->user[0] || tree_is_hidden(root, need->path)) {
			policy_doubt(policy, need->place, need->text);
		} else {
			policy_refuse_by_all(policy, need->place, need->text);
		}
	}
}

/* ntpd goes on without a hardware clock whose device it cannot open. */
static void
silence_refclocks(const char *root, struct restart_policy *policy)
{
	for (size_t i = 0; i < policy->line_count; i++) {
		struct restart_line *line = &policy->lines[i];
		char words[RESTART_TEXT_BYTES];

		if (line->device[0] != '/' || tree_is_there(root, line->device) ||
		    tree_is_hidden(root, line->device)) {
			continue;
		}
		snprintf(words, sizeof(words), "no %s", line->device);
		policy_line_deaf(policy, line, line->place, words);
	}
}

void
start_policy(const char *root, const struct daemon_driver *driver, const struct start *start,
    struct restart_policy *policy)
{
	const char *path;

	*policy = (struct restart_policy){ .known = false };
	if (start->unknown_count > 0 || !driver->read_policy) {
		return;
	}
	driver->read_policy(buf_str(&start->config.text), buf_str(&start->options), policy);
	policy->preset_unit = start->preset != NULL;
	refuse_without_files(root, policy);
	silence_refclocks(root, policy);
	/* a drift file that is not there counts as none, unless nobody could see it */
	path = policy->drift_path[0] ? policy->drift_path : driver->drift_path;
	if (path && !tree_is_there(root, path) && !tree_is_hidden(root, path)) {
		policy->drift_file = false;
	}
}
