/* timetier keys new: a random key for each pair of servers that watch each other. */
#include "orchestrator/cli/command.h"
#include "orchestrator/runs/keys/make.h"

struct options {
	struct common_options common;
};

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;

	return keys_make(site_file(&options->common), options->common.quiet);
}

static const struct option_row rows[] = {
	SITE_ROW(struct options),
	QUIET_ROW(struct options),
	{ .name = NULL },
};

const struct command command_keys_new = {
	.name = "keys new",
	.args = "",
	.summary = "write keys.yaml: a random key for each pair of servers",
	.help = "The file goes where `keys:` of the site says (else keys.yaml beside it), with "
		"mode 0600. "
		"A file that is there is never overwritten: its keys are in use; `timetier keys "
		"rotate` "
		"replaces them.\n\n"
		"exit status: 0 written, 2 failed: the reason is told",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
