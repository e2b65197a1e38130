/* timetier keys rotate: new keys in the place of old ones. */
#include "orchestrator/runs/keys/rotate.h"

static int
run(const void *options, int argc, char **argv)
{
	return keys_rotate(options, argc, argv);
}

const struct command command_keys_rotate = {
	.name = "keys rotate",
	.args = "[HOST...]",
	.summary = "replace the keys; servers stay authenticated to each other",
	.help = "In three phases over all hosts that share the keys: they learn the new ones, use "
		"them, and "
		"forget the old ones. Each phase is an apply, and is in effect everywhere before "
		"the next one "
		"begins. keys.yaml says how far it has come: a run that was stopped, at any "
		"moment, goes "
		"on when it is started again; with --back it goes back to the old keys.\n\n"
		"exit status: 0 done, 1 stopped, 3 a host was put back, 4 a restart is not safe",
	.options = rollout_option_rows,
	.takes = TAKER_KEYS,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_FINDINGS,
	.run = run,
};
