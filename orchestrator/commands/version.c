/* timetier version: which build this is. */
#include "common/version.h"
#include "orchestrator/cli/command.h"

#include <jansson.h>
#include <stdio.h>

struct options {
	struct common_options common;
};

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;

	if (options->common.json) {
		command_print_json(json_pack("{s:s}", "version", TIMETIER_VERSION));
	} else {
		puts("timetier " TIMETIER_VERSION);
	}
	return EXIT_OK;
}

static const struct option_row rows[] = {
	JSON_ROW(struct options),
	{ .name = NULL },
};

const struct command command_version = {
	.name = "version",
	.args = "",
	.summary = "print the version",
	.help = "exit status: 0",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
