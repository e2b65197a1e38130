#include "orchestrator/cli/rollout_options.h"

#define PARALLEL 32
#define OF(member) offsetof(struct rollout_options, member)
#define FILES                                                                                      \
	(TAKER_PLAN | TAKER_APPLY | TAKER_AGENT | TAKER_DRIFT) /* they write files to hosts        \
								*/

#define CHANGES                                                                                    \
	(TAKER_APPLY | TAKER_RESTART | TAKER_REFRESH | TAKER_AGENT | TAKER_INSTALL | TAKER_KEYS |  \
	    TAKER_ROLLBACK | TAKER_UNLOCK | TAKER_RELEASE)
/* Hosts may be left out, unless a phase must be in effect on all of them, as in keys rotate. */
#define SOME_HOSTS (TAKER_PLAN | TAKER_DRIFT | TAKER_AUDIT | (CHANGES & ~TAKER_KEYS))

/* A row with takers 0 is for every command. */
const struct option_row rollout_option_rows[] = {
	COMMON_OPTION_ROWS(struct rollout_options),
	{ "limit", 'l', OPTION_LIST, OF(limit), "HOST",
	    "only these hosts, ranges, groups or tiers, parted by commas; may be given again",
	    ~(unsigned)(TAKER_PRUNE | TAKER_PROBE | TAKER_CLIENTS | TAKER_ABUSE | TAKER_IMPORT |
		TAKER_DOCTOR) },
	{ "exclude", 'x', OPTION_LIST, OF(exclude), "HOST",
	    "not these, named in the same way; may be given again", SOME_HOSTS },
	{ "skip-unreachable", 0, OPTION_FLAG, OF(skip_unreachable), NULL,
	    "go on without hosts that cannot be reached, as if they were excluded",
	    SOME_HOSTS & ~(TAKER_UNLOCK | TAKER_AUDIT) },
	{ "yes", 'y', OPTION_FLAG, OF(yes), NULL,
	    "do not ask before hosts are changed (only a terminal is asked)", CHANGES },
	{ "output", 'o', OPTION_TEXT, OF(output), "FILE",
	    "save the plan, for `timetier apply FILE`", TAKER_PLAN },
	{ "known-hosts", 0, OPTION_TEXT, OF(known_hosts), "FILE",
	    "known host keys (default: in the files that ssh_config names)", 0 },
	{ "accept-new", 0, OPTION_FLAG, OF(accept_new), NULL,
	    "accept and remember the key of a host that is not known yet", 0 },
	{ "sudo-password-file", 0, OPTION_TEXT, OF(sudo_password_file), "FILE",
	    "the password for sudo, in a file of mode 0600 (default: ask on the terminal)", 0 },
	{ "parallel", 'p', OPTION_COUNT, OF(parallel), "N",
	    "work on at most N hosts at once (default: 32)",
	    ~(unsigned)(TAKER_AUDIT | TAKER_IMPORT | TAKER_DOCTOR) },
	{ "agent", 0, OPTION_TEXT, OF(agent), "FILE",
	    "the agent's program (default: beside this one)", FILES },
	{ "templates", 0, OPTION_TEXT, OF(templates), "DIR",
	    "templates that override the built-in ones",
	    FILES | TAKER_RELEASE | TAKER_KEYS | TAKER_PRUNE | TAKER_AUDIT | TAKER_ABUSE },
	{ "state", 0, OPTION_TEXT, OF(state), "DIR",
	    "folder of the collector's key and the journal (default: .timetier beside the site)",
	    ~(unsigned)(TAKER_AUDIT | TAKER_IMPORT | TAKER_DOCTOR) },
	{ "new-identity", 0, OPTION_FLAG, OF(new_identity), NULL,
	    "give also hosts that trust another collector's key the one of the state folder, made "
	    "anew if it was lost",
	    TAKER_PLAN | TAKER_APPLY | TAKER_INSTALL },
	{ "no-agent", 0, OPTION_FLAG, OF(no_agent), NULL, "leave the agent alone",
	    TAKER_PLAN | TAKER_APPLY | TAKER_DRIFT },
	{ "disable-rivals", 0, OPTION_FLAG, OF(disable_rivals), NULL,
	    "switch off whatever else sets a host's clock", TAKER_PLAN | TAKER_APPLY },
	{ "install", 0, OPTION_FLAG, OF(install), NULL,
	    "install a declared daemon's package where it is not there (apt), without starting it",
	    TAKER_PLAN | TAKER_APPLY },
	{ "trust-sources", 0, OPTION_FLAG, OF(trust_sources), NULL,
	    "believe the sources of site.yaml even where the rest of the site disagrees",
	    TAKER_APPLY },
	{ "resume", 0, OPTION_FLAG, OF(resume), NULL,
	    "go on with the latest apply, which was stopped or whose program died", TAKER_APPLY },
	{ "force", 0, OPTION_LIST, OF(force), "HOST",
	    "restart this host even if that is not safe; may be given again", TAKER_RESTART },
	{ "force", 0, OPTION_LIST, OF(force), "HOST",
	    "restart this host even if a leap second is near; may be given again", TAKER_APPLY },
	{ "force", 0, OPTION_LIST, OF(force), "HOST",
	    "put this host back even if it was changed since; may be given again",
	    TAKER_ROLLBACK | TAKER_RELEASE },
	{ "purge", 0, OPTION_FLAG, OF(purge), NULL,
	    "give back what was there before timetier came, as the journal knows it",
	    TAKER_RELEASE },
	{ "forget", 0, OPTION_FLAG, OF(forget), NULL,
	    "the host is gone for good: no host is asked, only the journal knows it no more",
	    TAKER_RELEASE },
	{ "prove", 0, OPTION_FLAG, OF(prove), NULL,
	    "wait until each host has proved that its clock was not stepped", TAKER_RESTART },
	{ "check", 0, OPTION_FLAG, OF(check), NULL,
	    "only tell which names have other addresses now", TAKER_REFRESH },
	{ "back", 0, OPTION_FLAG, OF(back), NULL, "go back to the old keys", TAKER_KEYS },
	{ "force", 0, OPTION_FLAG, OF(force_unlock), NULL,
	    "stop a change that is under way, and put the host back", TAKER_UNLOCK },
	{ "from", 0, OPTION_TEXT, OF(from), "HOST", "ask from this host of the site, by SSH",
	    TAKER_PROBE },
	{ "watch", 0, OPTION_FLAG, OF(watch), NULL,
	    "ask again each minute, as often as a daemon does, until ^C", TAKER_PROBE },
	{ "samples", 0, OPTION_COUNT, OF(samples), "N",
	    "ask each address N times (default: 3, at most 4)", TAKER_PROBE },
	{ "from", 0, OPTION_TEXT, OF(from), "HOST",
	    "ask from this host of the site, or from another machine, user@host, by ssh",
	    TAKER_AUDIT },
	{ "verify", 0, OPTION_FLAG, OF(verify), NULL,
	    "look whether the proofs of membership in the public pool (`verify`) are there",
	    TAKER_AUDIT },
	{ "spoof", 0, OPTION_FLAG, OF(spoof), NULL,
	    "explain source address filtering (BCP 38), and what to ask the provider",
	    TAKER_AUDIT },
	{ "as", 0, OPTION_TEXT, OF(as), "HOST",
	    "with --spoof: send packets that bear the address of this host of the site, which is "
	    "asked by ssh whether they were answered",
	    TAKER_AUDIT },
	{ "top", 0, OPTION_COUNT, OF(top), "N", "show N clients of each kind (default: 10)",
	    TAKER_CLIENTS },
	{ "for", 0, OPTION_COUNT, OF(seconds), "SECONDS",
	    "time between the two readings of each list (default: 30, at most 60)",
	    TAKER_CLIENTS | TAKER_ABUSE },
	{ "deny", 0, OPTION_TEXT, OF(deny), "NET",
	    "write an entry of `deny` for this network into the site file", TAKER_CLIENTS },
	{ "because", 0, OPTION_TEXT, OF(because), "TEXT", "the reason of that entry",
	    TAKER_CLIENTS },
	{ "until", 0, OPTION_TEXT, OF(until), "DATE",
	    "the last day on which it should stand, as 2027-06-30", TAKER_CLIENTS },
	{ "yes", 'y', OPTION_FLAG, OF(yes), NULL,
	    "do not ask before the site file is written (only a terminal is asked)",
	    TAKER_CLIENTS },
	{ "to", 0, OPTION_TEXT, OF(to), "MAIL",
	    "whom to write to (default: the text says how to find that out)", TAKER_ABUSE },
	{ "whois", 0, OPTION_FLAG, OF(whois), NULL,
	    "ask the system's whois client whom to write to", TAKER_ABUSE },
	{ "output", 'o', OPTION_TEXT, OF(output), "FILE",
	    "write the site to FILE, and keys.yaml beside it; without it, print the site",
	    TAKER_IMPORT },
	{ "name", 0, OPTION_TEXT, OF(name), "NAME", "what the site is called (default: site)",
	    TAKER_IMPORT },
	{ .name = NULL },
};

unsigned
rollout_parallel(const struct rollout_options *options)
{
	return options->parallel ? options->parallel : PARALLEL;
}
