/* A text read as a script, as an environment, as words and as a unit: it ends, and within bounds.
 */
#include "agent/host/commands.h"
#include "agent/host/unit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_commands(struct arena *arena, const char *text)
{
	static const char *const names[] = { "ntpd", NULL };
	struct commands commands = { .arena = arena, .at = text, .line = 1 };
	struct command command;
	unsigned line = 1;

	while (commands_next(&commands, &command)) {
		assert(command.words.count >= 1 && command.words.count <= WORDS_MAX);
		assert(command.line >= line);
		line = command.line;
		command_sets_clock(&command);
		command_starts(&command, names);
	}
	assert(*commands.at == '\0');
}

static void
read_words(struct arena *arena, const char *text)
{
	static struct variables variables;
	struct arguments words = { .count = 0 }, expanded = { .count = 0 };

	variables = (struct variables){ .count = 0 };
	variables_read(arena, VARIABLES_SHELL, "/f", text, &variables);
	variables_read(arena, VARIABLES_SYSTEMD, "/f", text, &variables);
	assert(variables.count <= VARIABLES_MAX);
	arguments_split(arena, text, &words);
	arguments_expand(arena, &words, &variables, &expanded, NULL);
	assert(words.count <= WORDS_MAX && expanded.count <= WORDS_MAX);
}

static void
read_unit(struct arena *arena, char *text)
{
	struct unit unit = { .name = "u" };
	const struct unit_setting *at = NULL;

	unit_parse(arena, "/u", text, &unit);
	while ((at = unit_next(&unit, "Service", "ExecStart", at))) {
		assert(at->value[0]);
	}
	at = unit_last(&unit, "Service", "Restart");
	assert(!at || at->value[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { NULL };
	char *text = malloc(size + 1);

	assert(text);
	memcpy(text, data, size);
	text[size] = '\0';
	read_commands(&arena, text);
	read_words(&arena, text);
	read_unit(&arena, text);
	free(text);
	arena_free(&arena);
	return 0;
}
