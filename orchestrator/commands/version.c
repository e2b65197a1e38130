/* timetier version: which build this is. */
#include "common/version.h"
#include "orchestrator/commands/command.h"

#include <stdio.h>

struct options {
	struct common_options common;
};

static int
run(const void *options UNUSED, int argc UNUSED, char **argv UNUSED)
{
	puts("timetier " TIMETIER_VERSION);
	return EXIT_OK;
}

static const struct option_row rows[] = {
	COMMON_OPTION_ROWS(struct options),
	{ .name = NULL },
};

const struct command command_version = {
	.name = "version",
	.args = "",
	.summary = "print the version",
	.help = "",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
