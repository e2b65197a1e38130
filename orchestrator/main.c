/* The program `timetier`: the table of its commands, and which of them a command line names. */
#include "common/nearest.h"
#include "common/streams.h"
#include "orchestrator/cli/complete.h"

#include <stdio.h>
#include <string.h>

/* In the order of a site's life, which is also that of `timetier --help`. */
static const struct command *const commands[] = {
	&command_init,
	&command_import,
	&command_check,
	&command_rules,
	&command_review,
	&command_probe,
	&command_clients,
	&command_abuse,
	&command_keys_new,
	&command_keys_prune,
	&command_keys_rotate,
	&command_render,
	&command_platforms,
	&command_plan,
	&command_apply,
	&command_drift,
	&command_restart,
	&command_refresh,
	&command_rollback,
	&command_runs_show,
	&command_runs_before,
	&command_runs,
	&command_unlock,
	&command_agent_install,
	&command_agent_remove,
	&command_agent_revoke,
	&command_release,
	&command_serve,
	&command_report,
	&command_status,
	&command_doctor,
	&command_audit,
	&command_explain,
	&command_schema,
	&command_version,
};

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

/* How many words of @argv name @command: two for "agent install"; 0: they do not name it. */
static int
names(const struct command *command, int argc, char **argv)
{
	const char *rest = command->name;
	int words = 0;

	while (*rest) {
		size_t len = strcspn(rest, " ");

		if (words >= argc || strlen(argv[words]) != len ||
		    strncmp(argv[words], rest, len) != 0) {
			return 0;
		}
		words++;
		rest += len + (rest[len] == ' ');
	}
	return words;
}

/* The index of the command that @argv begins with, or NONE.  @words: how many words name it. */
#define NONE COUNT(commands)
static size_t
find(int argc, char **argv, int *words)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		*words = names(commands[i], argc, argv);
		if (*words > 0) {
			return i;
		}
	}
	return NONE;
}

/* Whether @word is the first word of names of two words, as "keys" is. */
static bool
is_group(const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strncmp(commands[i]->name, word, len) == 0 && commands[i]->name[len] == ' ') {
			return true;
		}
	}
	return false;
}

/* Answer a command line whose first words name no command. */
static int
no_command(int argc, char **argv)
{
	struct nearest nearest = { .word = argv[0] };
	bool group = is_group(argv[0]);

	if (group && argc > 1 && is_help(argv[1])) {
		commands_print(commands, COUNT(commands), argv[0], stdout);
		return EXIT_OK;
	}
	if (group && argc > 1) {
		fprintf(stderr, "timetier: no command \"%s %s\"\n\n", argv[0], argv[1]);
	}
	if (group) {
		commands_print(commands, COUNT(commands), argv[0], stderr);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < COUNT(commands); i++) {
		nearest_offer(&nearest, commands[i]->name);
	}
	fprintf(stderr, "timetier: no command \"%s\"", argv[0]);
	if (nearest.best) {
		fprintf(stderr, ", did you mean `timetier %s`?\n", nearest.best);
	} else {
		fputs("; `timetier help` lists them\n", stderr);
	}
	return EXIT_USAGE;
}

/* timetier help [COMMAND] */
static int
help(int argc, char **argv)
{
	size_t which;
	int words;

	if (argc == 0) {
		commands_print(commands, COUNT(commands), NULL, stdout);
		return EXIT_OK;
	}
	which = find(argc, argv, &words);
	if (which != NONE) {
		command_print_help(commands[which]);
		return EXIT_OK;
	}
	if (is_group(argv[0])) {
		commands_print(commands, COUNT(commands), argv[0], stdout);
		return EXIT_OK;
	}
	return no_command(argc, argv);
}

int
main(int argc, char **argv)
{
	size_t which;
	int words;

	streams_open();
	if (argc < 2) {
		commands_print(commands, COUNT(commands), NULL, stderr);
		return EXIT_USAGE;
	}
	if (is_help(argv[1])) {
		return command_finish("", help(argc - 2, argv + 2), EXIT_USAGE);
	}
	if (strcmp(argv[1], "--complete") == 0) {
		complete(commands, COUNT(commands), completion_kinds, argc - 2, argv + 2);
		return command_finish("", EXIT_OK, EXIT_USAGE);
	}
	if (strcmp(argv[1], "--version") == 0) {
		return command_run(&command_version, 1, argv);
	}
	which = find(argc - 1, argv + 1, &words);
	if (which != NONE) {
		return command_run(commands[which], argc - words, argv + words);
	}
	return command_finish("", no_command(argc - 1, argv + 1), EXIT_USAGE);
}
