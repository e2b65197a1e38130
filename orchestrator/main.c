/* The program `timetier`: the table of its commands, and nothing else. */
#include "common/version.h"
#include "orchestrator/commands/command.h"

#include <stdio.h>
#include <string.h>

/* In the order of a site's life: what `timetier --help` shows. */
static const struct command *const commands[] = {
	&command_init,
	&command_check,
	&command_rules,
	&command_keys_new,
	&command_keys_rotate,
	&command_render,
	&command_plan,
	&command_apply,
	&command_drift,
	&command_restart,
	&command_refresh,
	&command_rollback,
	&command_runs_show,
	&command_runs,
	&command_unlock,
	&command_agent_install,
	&command_agent_remove,
	&command_serve,
	&command_status,
	&command_schema,
	&command_version,
};

static void
print_usage(FILE *out)
{
	fputs(
	    "usage: timetier COMMAND [OPTION...] [ARGUMENT...]\n\n"
	    "Runs the time service of a site, as one file, site.yaml, declares it.\n\ncommands:\n",
	    out);
	for (size_t i = 0; i < COUNT(commands); i++) {
		fprintf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
	}
	fputs("\n`timetier COMMAND --help` tells more of each.\n", out);
}

/* How many words of @argv name @command: "agent install" takes two.  0: it is not named. */
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

int
main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_usage(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		return command_run(&command_version, 1, argv);
	}
	for (size_t i = 0; i < COUNT(commands); i++) {
		int words = names(commands[i], argc - 1, argv + 1);

		if (words > 0) {
			return command_run(commands[i], argc - words, argv + words);
		}
	}
	fprintf(stderr, "timetier: no command \"%s\"\n\n", argv[1]);
	print_usage(stderr);
	return EXIT_USAGE;
}
