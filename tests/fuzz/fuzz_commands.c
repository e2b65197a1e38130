/* A text read as a script, as an environment, as words and as a unit: it ends, and within bounds.
 */
#include "agent/host/unit.h"
#include "agent/rivals/cloud.h"
#include "agent/scripts/judge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
take(void *owner, const struct command *command)
{
	static const char *const names[] = { "ntpd", NULL };
	size_t *count = owner;
	const char *says = NULL;

	assert(command->words.count >= 1 && command->words.count <= WORDS_MAX);
	assert(command_sets_clock(command, &says) < SETTER_MAY || says);
	command_starts(command, names);
	return ++*count < 10000;
}

static void
read_commands(struct arena *arena, const char *text)
{
	struct arguments words = { .count = 0 };
	size_t count = 0;

	shell_read(arena, text, 1, take, &count);
	arguments_split(arena, text, &words);
	shell_read_words(arena, &words, 1, take, &count);
	setter_named(text);
}

static void
read_cloud(struct arena *arena, const char *text)
{
	struct cloud cloud = { .arena = arena };

	cloud_read(&cloud, "/f", text);
	assert(cloud.path || !cloud.disabled);
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
	read_cloud(&arena, text);
	read_words(&arena, text);
	read_unit(&arena, text);
	free(text);
	arena_free(&arena);
	return 0;
}
