#include "orchestrator/cli/rollout_options.h"

#define PARALLEL 32
#define OF(member) offsetof(struct rollout_options, member)
#define FILES (TAKER_PLAN | TAKER_APPLY | TAKER_AGENT | TAKER_DRIFT) /* they give hosts files */

/* A row without takers is every command's. */
const struct option_row rollout_option_rows[] = {
	COMMON_OPTION_ROWS(struct rollout_options),
	{ "limit", 'l', OPTION_LIST, OF(limit), "HOST",
	    "only these hosts, ranges, groups, tiers; with commas, may be given again", 0 },
	{ "output", 'o', OPTION_TEXT, OF(output), "FILE",
	    "save the plan, for `timetier apply FILE`", TAKER_PLAN },
	{ "known-hosts", 0, OPTION_TEXT, OF(known_hosts), "FILE",
	    "keys of hosts (default: ~/.ssh/known_hosts and the system's)", 0 },
	{ "accept-new", 0, OPTION_FLAG, OF(accept_new), NULL,
	    "remember the key of a host that is not known", 0 },
	{ "sudo-password-file", 0, OPTION_TEXT, OF(sudo_password_file), "FILE",
	    "what sudo wants on hosts; of mode 0600 (default: ask on the terminal)", 0 },
	{ "parallel", 'p', OPTION_COUNT, OF(parallel), "N", "hosts at once (default: 32)", 0 },
	{ "agent", 0, OPTION_TEXT, OF(agent), "FILE",
	    "the agent's program (default: beside this one)", FILES },
	{ "templates", 0, OPTION_TEXT, OF(templates), "DIR",
	    "templates that override the built-in ones", FILES | TAKER_KEYS },
	{ "state", 0, OPTION_TEXT, OF(state), "DIR",
	    "identity and journal (default: .timetier beside the site)", 0 },
	{ "no-agent", 0, OPTION_FLAG, OF(no_agent), NULL, "leave the agent alone",
	    TAKER_PLAN | TAKER_APPLY | TAKER_DRIFT },
	{ "disable-rivals", 0, OPTION_FLAG, OF(disable_rivals), NULL,
	    "switch off what else sets a host's clock", TAKER_PLAN | TAKER_APPLY },
	{ "trust-sources", 0, OPTION_FLAG, OF(trust_sources), NULL,
	    "believe the sources of site.yaml where the rest of the site says otherwise",
	    TAKER_APPLY },
	{ "resume", 0, OPTION_FLAG, OF(resume), NULL,
	    "go on with the latest one, where it was stopped or its program died", TAKER_APPLY },
	{ "force", 0, OPTION_LIST, OF(force), "HOST",
	    "restart this one whatever its verdict is; may be given again", TAKER_RESTART },
	{ "force", 0, OPTION_LIST, OF(force), "HOST",
	    "put this one back though it was changed since; may be given again", TAKER_ROLLBACK },
	{ "prove", 0, OPTION_FLAG, OF(prove), NULL,
	    "wait until each host has proved that its clock was not stepped", TAKER_RESTART },
	{ "check", 0, OPTION_FLAG, OF(check), NULL,
	    "tell which names lead elsewhere, and change nothing", TAKER_REFRESH },
	{ "back", 0, OPTION_FLAG, OF(back), NULL, "go back to the old keys", TAKER_KEYS },
	{ "force", 0, OPTION_FLAG, OF(force_unlock), NULL,
	    "end a change that is at work, and put back what it did", TAKER_UNLOCK },
	{ .name = NULL },
};

unsigned
rollout_parallel(const struct rollout_options *options)
{
	return options->parallel ? options->parallel : PARALLEL;
}
