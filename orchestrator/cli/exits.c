#include "orchestrator/cli/exits.h"

static const struct exit_row rows[] = {
	{ EXIT_OK, "all is well", NULL, "nothing" },
	{ EXIT_FINDINGS, "something is wrong: the site has errors, or a host failed",
	    "commands that work on hosts: any error, wrong arguments, too; a host that could not "
	    "be "
	    "put back; nothing was done because the answer was not yes",
	    "read what is on standard error: it names the file and line, or the host, and a "
	    "remedy" },
	{ EXIT_USAGE, "the command could not run",
	    "plan, drift, refresh --check: there is something to do",
	    "`timetier COMMAND --help`; after plan: `timetier apply`" },
	{ EXIT_ROLLED_BACK, "a host was put back as it was, or is not well since a restart",
	    "rollback: a host keeps what it had; doctor: something keeps the host from good time",
	    "`timetier runs show N` tells which host and why, `timetier status` how it is now" },
	{ EXIT_REFUSED, "a host was refused: it is not safe to work on it now",
	    "rollback: a host was changed since; unlock: a change is at work there",
	    "read the remedy behind the host's name; most often: try again later" },
	{ EXIT_IDENTITY, "hosts trust a collector with another key: nothing was changed", NULL,
	    "bring back the state folder (.timetier), or name it by --state; if it is lost: "
	    "--new-identity" },
};

size_t
exit_row_count(void)
{
	return COUNT(rows);
}

const struct exit_row *
exit_row_at(size_t index)
{
	return &rows[index];
}
