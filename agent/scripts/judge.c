#include "agent/scripts/judge.h"

#include "agent/scripts/wrappers.h"
#include "common/file.h"

#include <string.h>

/* Interpreters whose program text is an argument: `python3 -c TEXT`. */
static bool
interprets(const char *program)
{
	static const char *const names[] = { "python", "perl", "ruby", "php", "node", "lua",
		"tclsh", "expect" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strncmp(file_name(program), names[i], strlen(names[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether a word in quotes is a command that sets the clock, and no mere mention of it. */
static bool
quotes_setter(const char *word, const char **says)
{
	size_t first = strcspn(word, " ");
	struct arena arena = { NULL };
	struct arguments *words;
	bool sets;

	if (!word[first] || (!memchr(word, '/', first) && word[first + 1] != '-')) {
		return false;
	}
	words = arena_alloc(&arena, sizeof(*words));
	arguments_split(&arena, word, words);
	sets = setter_of(words->list, words->count, says) >= SETTER_MAY;
	arena_free(&arena);
	return sets;
}

/* Look for a setter among the arguments of a program that nobody knows. */
static enum setter_answer
look_behind(const struct command *command, const char **says)
{
	const struct arguments *words = &command->words;
	bool text = command->unclear || interprets(words->list[0]);

	for (size_t i = 1; i < words->count; i++) {
		if (setter_of(words->list + i, words->count - i, says) >= SETTER_MAY ||
		    quotes_setter(words->list[i], says)) {
			return SETTER_MAY;
		}
		if (text && setter_named(words->list[i])) {
			*says = setter_named(words->list[i]);
			return SETTER_MAY;
		}
	}
	return SETTER_NONE;
}

enum setter_answer
command_sets_clock(const struct command *command, const char **says)
{
	enum setter_answer answer = setter_of(command->words.list, command->words.count, says);

	if (command->named) {
		*says = command->named;
		return SETTER_MAY;
	}
	if (answer != SETTER_NONE || command->words.count == 0 ||
	    wrapper_only_talks(command->words.list[0])) {
		return answer;
	}
	return look_behind(command, says);
}

static bool
is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(word, *list) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether @word is one of @names: "/etc/init.d/ntp", "ntp.service" and "ntp" are "ntp". */
static bool
names_it(const char *word, const char *const *names)
{
	const char *name = file_name(word);

	for (; *names; names++) {
		size_t len = strlen(*names);

		if (strncmp(name, *names, len) == 0 &&
		    (name[len] == '\0' || strcmp(name + len, ".service") == 0)) {
			return true;
		}
	}
	return false;
}

bool
command_starts(const struct command *command, const char *const *names)
{
	static const char *const managers[] = { "systemctl", "service", "invoke-rc.d", "rc-service",
		"initctl", NULL };
	static const char *const verbs[] = { "start", "restart", "try-restart", "reload-or-restart",
		"condrestart", NULL };
	const char *program = command->words.count ? command->words.list[0] : "";
	bool verb = false, name = false;
	const char *says;

	program = command->script ? command->script : program; /* sh /etc/init.d/ntp start */

	for (size_t i = 1; i < command->words.count; i++) {
		verb |= is_one_of(command->words.list[i], verbs);
		name |= names_it(command->words.list[i], names);
	}
	if (is_one_of(file_name(program), managers)) {
		return verb && name;
	}
	if (strstr(program, "/init.d/")) {
		return verb && names_it(program, names);
	}
	/* the daemon itself, by its path: a bare name may be a word of a message */
	return program[0] == '/' && names_it(program, names) &&
	    command_sets_clock(command, &says) < SETTER_MAY;
}
