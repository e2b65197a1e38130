#include "orchestrator/cli/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define KIND_BYTES 32

void
completion_offer(const struct completion *completion, const char *word, const char *meaning)
{
	if (strncmp(word, completion->begin, strlen(completion->begin)) == 0) {
		printf("%s%s%s\n", word, meaning ? " " : "", meaning ? meaning : "");
	}
}

/* The part of @name behind the words of @argv; NULL: these do not begin it. */
static const char *
rest_of_name(const char *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]);

		if (len == 0 || strncmp(name, argv[i], len) != 0 ||
		    (name[len] != ' ' && name[len] != '\0')) {
			return NULL;
		}
		name += len + (name[len] == ' ');
	}
	return name;
}

/* Offer the words of names that may follow those of @argv, each once. */
static void
offer_names(const struct completion *completion, const struct command *const *commands,
    size_t count, int argc, char **argv)
{
	char last[KIND_BYTES] = "";

	for (size_t i = 0; i < count; i++) {
		const char *rest = rest_of_name(commands[i]->name, argc, argv);
		char word[KIND_BYTES];

		if (!rest || !*rest) {
			continue;
		}
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(rest, " "), rest);
		if (strcmp(word, last) != 0) { /* commands of one group are neighbours */
			completion_offer(
			    completion, word, rest[strlen(word)] ? "..." : commands[i]->summary);
		}
		memcpy(last, word, sizeof(last));
	}
}

/* Offer what @name, as "HOST", stands for. */
static void
offer_kind(
    const struct completion *completion, const struct completion_kind *kinds, const char *name)
{
	char word[KIND_BYTES + 2];

	for (; kinds->name; kinds++) {
		if (strcmp(kinds->name, name) == 0) {
			kinds->offer(completion);
			return;
		}
	}
	snprintf(word, sizeof(word), "<%.*s>", KIND_BYTES - 1, name);
	printf("%s\n", word);
}

/* Offer each kind that @args, as "[RUN] [HOST...]", names; words behind an option are that
 * option's. */
static void
offer_args(
    const struct completion *completion, const struct completion_kind *kinds, const char *args)
{
	bool of_option = false;

	while (*args) {
		char word[KIND_BYTES];
		size_t len = 0;

		while (len < sizeof(word) - 1 && isupper((unsigned char)args[len])) {
			word[len] = args[len];
			len++;
		}
		word[len] = '\0';
		if (len > 0 && !of_option) {
			offer_kind(completion, kinds, word);
		}
		of_option = len > 0 ? false : of_option || args[0] == '-';
		args += len > 0 ? len : 1;
	}
}

static void
offer_options(const struct completion *completion, const struct command *command)
{
	for (const struct option_row *row = command->options; row->name; row++) {
		char word[64];

		if (command_has_row(command, row)) {
			snprintf(word, sizeof(word), "--%s", row->name);
			completion_offer(completion, word, row->help);
		}
	}
	completion_offer(completion, "--help", "print help");
}

/* The option of @command that @word is, if that wants something behind it; NULL: it does not. */
static const struct option_row *
wanting(const struct command *command, const char *word)
{
	for (const struct option_row *row = command->options; row->name; row++) {
		bool is_long = strncmp(word, "--", 2) == 0 && strcmp(word + 2, row->name) == 0;
		bool is_short =
		    row->letter && word[0] == '-' && word[1] == row->letter && word[2] == '\0';

		if ((is_long || is_short) && row->metavar && command_has_row(command, row)) {
			return row;
		}
	}
	return NULL;
}

/* Options that say where names are found. */
static void
find_places(struct completion *completion, const struct command *command, int argc, char **argv)
{
	for (int i = 0; i + 1 < argc; i++) {
		const struct option_row *row = wanting(command, argv[i]);

		if (row && strcmp(row->name, "site") == 0) {
			completion->site = argv[i + 1];
		} else if (row && strcmp(row->name, "state") == 0) {
			completion->state = argv[i + 1];
		}
	}
}

/* The command that @argv begins with, by the longest name; @words: how many name it; or NULL. */
static const struct command *
find(const struct command *const *commands, size_t count, int argc, char **argv, int *words)
{
	const struct command *found = NULL;

	*words = 0;
	for (size_t i = 0; i < count; i++) {
		for (int n = *words + 1; n <= argc; n++) {
			const char *rest = rest_of_name(commands[i]->name, n, argv);

			if (rest && !*rest) {
				found = commands[i];
				*words = n;
			}
		}
	}
	return found;
}

void
complete(const struct command *const *commands, size_t count, const struct completion_kind *kinds,
    int argc, char **argv)
{
	struct completion completion = { .begin = argc > 0 ? argv[argc - 1] : "" };
	int before = argc > 0 ? argc - 1 : 0, words;
	const struct command *command;
	const struct option_row *row;

	if (before > 0 && strcmp(argv[0], "help") == 0) {
		offer_names(&completion, commands, count, before - 1, argv + 1);
		return;
	}
	command = find(commands, count, before, argv, &words);
	if (before == words || !command) {
		offer_names(&completion, commands, count, before, argv);
	}
	if (before == 0) {
		completion_offer(&completion, "help", "print help of a command");
	}
	if (!command) {
		return;
	}
	find_places(&completion, command, before, argv);
	row = before > words ? wanting(command, argv[before - 1]) : NULL;
	if (row) {
		offer_kind(&completion, kinds, row->metavar);
		return;
	}
	if (completion.begin[0] != '-') {
		offer_args(&completion, kinds, command->args);
	}
	offer_options(&completion, command);
}
