/*
 * Completion for shells: what may follow on a command line, one word a line, each with a blank
 * and what it means.  All of it comes from the tables of the commands; the caller knows names of
 * hosts, rules and runs.
 */
#ifndef ORCHESTRATOR_CLI_COMPLETE_H
#define ORCHESTRATOR_CLI_COMPLETE_H

#include "orchestrator/cli/command.h"

/* What has been typed. */
struct completion {
	const char *begin; /* of the word at the cursor: only words that begin so are offered */
	const char *site;  /* behind -f or --site; NULL: not given */
	const char *state; /* behind --state */
};

/* Print @word with @meaning (NULL: none), if it begins as what has been typed. */
void completion_offer(const struct completion *completion, const char *word, const char *meaning);

/* Words of one kind, as HOST in the arguments of a command, or behind an option. */
struct completion_kind {
	const char *name; /* "HOST"; NULL ends the table */
	void (*offer)(const struct completion *completion);
};

/* In orchestrator/commands/complete.c, which knows the site. */
extern const struct completion_kind completion_kinds[];

/*
 * Print what may follow.  Files, folders and whatever has no kind are offered as "<FILE>", "<DIR>",
 * "<N>": the shell knows them, or nobody does.
 *
 * @argv: the words behind `timetier`, with that at the cursor, which may be "", as the last
 */
void complete(const struct command *const *commands, size_t count,
    const struct completion_kind *kinds, int argc, char **argv);

#endif
