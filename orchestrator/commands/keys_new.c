/* timetier keys new: a random key for each pair of servers that lacks one. */
#include "orchestrator/cli/command.h"
#include "orchestrator/runs/keys/make.h"

struct options {
	struct common_options common;
};

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;

	return keys_make(&options->common);
}

static const struct option_row rows[] = {
	SITE_ROW(struct options),
	QUIET_ROW(struct options),
	{ .name = NULL },
};

const struct command command_keys_new = {
	.name = "keys new",
	.args = "",
	.summary = "write to keys.yaml a random key for each pair of servers that lacks one",
	.help = "A pair are two servers of a tier, or a server and one of another tier from which "
		"it takes time. The file is where `keys:` of the site says (else keys.yaml beside "
		"it), with mode 0600. Keys that are there are in use and stay as they are: "
		"`timetier keys rotate` replaces them, `timetier keys prune` takes away those "
		"that are needed no more.\n\n"
		"exit status: 0 no key is missing now, 2 failed: the reason is told",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
