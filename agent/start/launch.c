#include "agent/start/launch.h"

#include "agent/scripts/shell.h"
#include "agent/scripts/wrappers.h"
#include "common/file.h"

#include <string.h>

#define DEPTH_MAX 6

/* A text of a shell: it must be one command, and nothing that decides whether that runs. */
struct one {
	struct arguments words;
	size_t commands;
	bool sure;
};

/* Wrappers that change nothing of what the daemon does to the clock, and do not end it. */
static bool
only_leads(const char *program)
{
	static const char *const names[] = { "nice", "ionice", "chrt", "taskset", "env", "nohup",
		"stdbuf", "setarch", "prlimit", "exec", "sh", "bash", "dash" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(file_name(program), names[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool
take(void *owner, const struct command *command)
{
	struct one *one = owner;

	one->commands++;
	one->words = command->words;
	one->sure = !command->script && !command->named && !command->unclear && !command->otherwise;
	return true;
}

/*
 * Whether a shell does no more with the text than run one command with plain words: no assignment
 * before it, and no variable within quotes.
 */
static bool
is_plain(const char *text)
{
	const char *first = text + strspn(text, " \t");

	return !text[strcspn(text, ";&|<>(){}`\n*?[~#\\")] &&
	    !memchr(first, '=', strcspn(first, " \t")) &&
	    !(strchr(text, '$') && strpbrk(text, "\"'"));
}

static bool
is_name(const char *text)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char more[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return strspn(text, first) > 0 && text[strspn(text, more)] == '\0';
}

/* Put in what the shell knows: a word `$NAME` becomes as many words as its value has. */
static bool
expand(struct arena *arena, const struct variables *variables, const struct arguments *words,
    struct arguments *expanded)
{
	expanded->count = 0;
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->list[i];
		const struct variable *variable;
		char *rest, *part;

		if (word[0] != '$') {
			if (strchr(word, '$')) {
				return false;
			}
			arguments_add(expanded, word);
			continue;
		}
		variable = variables_find(variables, word + 1);
		if (!is_name(word + 1) || (variable && !variable->value)) {
			return false;
		}
		rest = arena_strdup(arena, variable ? variable->value : "");
		while ((part = strsep(&rest, " \t\n"))) {
			if (part[0]) {
				arguments_add(expanded, part);
			}
		}
	}
	return true;
}

/* Read the text that a shell is given. */
static bool
read_text(struct arena *arena, const struct variables *variables, const char *text,
    struct arguments *words)
{
	struct one *one = arena_alloc(arena, sizeof(*one));

	*one = (struct one){ .commands = 0 };
	shell_read(arena, text, 1, take, one);
	return is_plain(text) && one->commands == 1 && one->sure &&
	    expand(arena, variables, &one->words, words);
}

/* `env NAME=VALUE`: what it sets counts; with -i or -u it is no matter of adding. */
static bool
take_assignments(
    struct arena *arena, struct variables *variables, const struct arguments *words, size_t end)
{
	for (size_t i = 1; i < end; i++) {
		if (words->list[i][0] == '-' || !strchr(words->list[i], '=')) {
			return false;
		}
		variables_assign(arena, variables, words->list[i], "");
	}
	return true;
}

bool
launch_unwrap(
    struct arena *arena, struct variables *variables, const char *program, struct arguments *words)
{
	struct arguments *now = arena_alloc(arena, sizeof(*now));
	struct lead lead;

	*now = *words;
	for (unsigned depth = 0; depth < DEPTH_MAX && now->count > 0; depth++) {
		struct arguments *next = arena_alloc(arena, sizeof(*next));
		const char *name = now->list[0];

		if (strcmp(file_name(name), program) == 0) {
			*words = *now;
			return true;
		}
		if (!only_leads(name)) {
			return false;
		}
		wrapper_read(arena, now, &lead);
		if (lead.kind == LEAD_COMMAND && !lead.more) {
			if (strcmp(file_name(name), "env") == 0 &&
			    !take_assignments(arena, variables, now, lead.at)) {
				return false;
			}
			for (size_t i = lead.at; i < now->count; i++) {
				arguments_add(next, now->list[i]);
			}
		} else if (lead.kind != LEAD_TEXT ||
		    !read_text(arena, variables, lead.text, next)) {
			return false;
		}
		now = next;
	}
	return false;
}
