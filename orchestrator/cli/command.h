/*
 * The subcommands.  One file here per command, one row in main.c.  A command says its options in
 * a table; parsing and --help come from it, and completion from --help.
 */
#ifndef ORCHESTRATOR_CLI_COMMAND_H
#define ORCHESTRATOR_CLI_COMMAND_H

#include "common/base.h"

#include <stdio.h>

enum exit_status {
	EXIT_OK = 0,
	EXIT_FINDINGS = 1, /* it ran, and something is wrong out there; any error of plan, apply */
	EXIT_USAGE = 2,    /* it could not run: bad arguments (plan, drift: 1) */
	EXIT_CHANGES = 2,  /* plan, drift: there is something to do */
	EXIT_ROLLED_BACK = 3, /* apply: put back as it was; restart: a clock was stepped, or is not
				 well since */
	EXIT_REFUSED = 4,     /* apply, restart, refresh: a restart is not safe */
};

enum option_type {
	OPTION_FLAG,  /* bool */
	OPTION_TEXT,  /* const char *, borrowed from argv */
	OPTION_COUNT, /* unsigned, from 1 to a million */
	OPTION_LIST,  /* const char *[OPTION_LIST_MAX], borrowed; given several times */
};

#define OPTION_LIST_MAX 64

struct option_row {
	const char *name; /* "site": --site */
	char letter;      /* 'f': -f; 0: none */
	enum option_type type;
	size_t offset;       /* of the member in the command's options struct */
	const char *metavar; /* "FILE"; NULL for a flag */
	const char *help;
	unsigned takers; /* commands with one of these bits have it; 0: all that have the table */
};

struct command {
	const char *name;    /* "agent install" may be two words */
	const char *args;    /* "[HOST...]" */
	const char *summary; /* one line, for the list of commands */
	const char *help;    /* paragraphs behind the options; lines that begin with a blank stay */
	const struct option_row *options; /* ended by a row without name */
	unsigned takes;         /* whose rows of a table that several share (takers) are its own */
	size_t options_size;    /* of the struct that run() is given, zeroed, then filled */
	int min_args, max_args; /* of words behind the options; max -1: any number */
	int usage_status; /* exit for bad arguments: EXIT_USAGE, or EXIT_FINDINGS where 2 means
			     changes */
	int (*run)(const void *options, int argc, char **argv); /* returns an enum exit_status */
};

/* Every command has these three first in its struct, and first in its table those that count for
 * it. */
struct common_options {
	const char *site; /* --site FILE, NULL: "site.yaml" (use site_file()) */
	bool json;
	bool quiet;
};
#define SITE_ROW(type)                                                                             \
	{                                                                                          \
		"site", 'f', OPTION_TEXT, offsetof(type, common.site), "FILE",                     \
		    "the site (default: site.yaml)", 0                                             \
	}
#define JSON_ROW(type)                                                                             \
	{                                                                                          \
		"json", 0, OPTION_FLAG, offsetof(type, common.json), NULL, "print JSON", 0         \
	}
#define QUIET_ROW(type)                                                                            \
	{                                                                                          \
		"quiet", 'q', OPTION_FLAG, offsetof(type, common.quiet), NULL,                     \
		    "no progress and no summary", 0                                                \
	}
#define COMMON_OPTION_ROWS(type) SITE_ROW(type), JSON_ROW(type), QUIET_ROW(type)

const char *site_file(const struct common_options *options);

/* Print @json as a script reads it, indented, and free it. */
struct json_t;
void command_print_json(struct json_t *json);

/* Whether colour may be used on @fd: a terminal, NO_COLOR not set, TERM not "dumb". */
bool use_colour(int fd);

/* Whether @row is for @command: a table may be shared, and the rows of others are not there. */
bool command_has_row(const struct command *command, const struct option_row *row);

/* The words of a command line: "usage: timetier plan [OPTION...] [HOST...]", without an end of the
 * line. */
void command_print_usage(const struct command *command, FILE *out);

/* All that is said of @command, to stdout. */
void command_print_help(const struct command *command);

/*
 * What commands there are.
 *
 * @commands: array of @count
 * @group:    NULL, or the first word of those that have two: "keys"
 */
void commands_print(
    const struct command *const *commands, size_t count, const char *group, FILE *out);

/*
 * Bring out what was printed.  Returns @status, or @failed where it says nothing worse and some of
 * the output was lost, which was said, as of the command @name ("": of none).
 */
int command_finish(const char *name, int status, int failed);

/* Parse @argv by the table of @command, answer --help, run it; returns the exit status. */
int command_run(const struct command *command, int argc, char **argv);

extern const struct command command_agent_install;
extern const struct command command_agent_remove;
extern const struct command command_apply;
extern const struct command command_check;
extern const struct command command_drift;
extern const struct command command_init;
extern const struct command command_keys_new;
extern const struct command command_keys_rotate;
extern const struct command command_plan;
extern const struct command command_refresh;
extern const struct command command_render;
extern const struct command command_restart;
extern const struct command command_rollback;
extern const struct command command_rules;
extern const struct command command_serve;
extern const struct command command_runs;
extern const struct command command_runs_show;
extern const struct command command_schema;
extern const struct command command_status;
extern const struct command command_unlock;
extern const struct command command_version;

#endif
