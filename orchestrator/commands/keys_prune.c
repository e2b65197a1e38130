/* timetier keys prune: takes away the keys that are needed no more. */
#include "orchestrator/runs/keys/prune.h"

static int
run(const void *options, int argc UNUSED, char **argv UNUSED)
{
	return keys_prune(options);
}

const struct command command_keys_prune = {
	.name = "keys prune",
	.args = "",
	.summary = "take the keys out of keys.yaml with which nobody asks any more",
	.help = "A key is needed while one of those who share it takes time from the other, or "
		"both are servers of one tier. A server that left the site, or went into another "
		"tier, goes in three steps, and nobody is unauthenticated meanwhile: `timetier "
		"apply`, after which nobody asks it; this command, which first asks the hosts that "
		"share such a key whether they are as the site says; and `timetier apply`, which "
		"takes the keys from the hosts.\n\n"
		"exit status: 0 no key is there too much now, 1 failed: the reason is told",
	.options = rollout_option_rows,
	.takes = TAKER_PRUNE,
	.options_size = sizeof(struct rollout_options),
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
