/*
 * The subcommands.  They are in orchestrator/commands/, and each has a row in main.c.  The options
 * of a command are a table: parsing, --help and completion come from the table.
 */
#ifndef ORCHESTRATOR_CLI_COMMAND_H
#define ORCHESTRATOR_CLI_COMMAND_H

#include "common/base.h"

#include <stdio.h>

enum exit_status {
	EXIT_OK = 0,
	EXIT_FINDINGS = 1,    /* it found something wrong; a command on hosts: any error */
	EXIT_USAGE = 2,       /* it could not run; a command on hosts returns 1 instead */
	EXIT_CHANGES = 2,     /* plan, drift, refresh --check: there is something to do */
	EXIT_ROLLED_BACK = 3, /* a host was put back as it was, or is not well since a restart */
	EXIT_SICK = 3,        /* doctor: something keeps the host from good time */
	EXIT_REFUSED = 4,     /* a host was refused: a change is not safe there now */
	EXIT_IDENTITY = 5,    /* hosts trust a collector with another key: nothing was changed */
};

enum option_type {
	OPTION_FLAG,  /* bool */
	OPTION_TEXT,  /* const char *, borrowed from argv */
	OPTION_COUNT, /* unsigned, from 1 to a million */
	OPTION_LIST,  /* const char *[OPTION_LIST_MAX], borrowed; may be given several times */
};

#define OPTION_LIST_MAX 64

struct option_row {
	const char *name; /* "site": --site */
	char letter;      /* 'f': -f; 0: none */
	enum option_type type;
	size_t offset;       /* of the member in the command's options struct */
	const char *metavar; /* "FILE"; NULL for a flag */
	const char *help;
	unsigned takers; /* commands with one of these bits take the row; 0: all with the table */
};

struct command {
	const char *name;    /* "agent install" may be two words */
	const char *args;    /* "[HOST...]" */
	const char *summary; /* one line, for the list of commands */
	const char *help;    /* paragraphs below the options; lines that begin with a blank stay */
	const struct option_row *options; /* ended by a row without name */
	unsigned takes;         /* bits: rows with one of them in takers are for this command */
	size_t options_size;    /* of the struct that run() is given, zeroed, then filled */
	int min_args, max_args; /* number of words after the options; max -1: any number */
	bool takes_file;        /* a word may be the name of a file, which run() knows itself */
	int usage_status; /* for bad arguments: EXIT_USAGE; EXIT_FINDINGS for a command on hosts */
	int (*run)(const void *options, int argc, char **argv); /* returns an enum exit_status */
};

/* The options struct of every command begins with these three; its table begins with the rows of
 * those that the command takes. */
struct common_options {
	const char *site; /* --site FILE, NULL: "site.yaml" (use site_file()) */
	bool json;
	bool quiet;
};
#define SITE_ROW(type)                                                                             \
	{                                                                                          \
		"site", 'f', OPTION_TEXT, offsetof(type, common.site), "FILE",                     \
		    "the site file (default: site.yaml)", 0                                        \
	}
#define JSON_ROW(type)                                                                             \
	{                                                                                          \
		"json", 0, OPTION_FLAG, offsetof(type, common.json), NULL, "print JSON", 0         \
	}
#define QUIET_ROW(type)                                                                            \
	{                                                                                          \
		"quiet", 'q', OPTION_FLAG, offsetof(type, common.quiet), NULL,                     \
		    "say only what went wrong, and what was asked for", 0                          \
	}
#define COMMON_OPTION_ROWS(type) SITE_ROW(type), JSON_ROW(type), QUIET_ROW(type)

const char *site_file(const struct common_options *options);

/* Print @json to stdout, indented and fit to be shown, and free it. */
struct json_t;
void command_print_json(struct json_t *json);

/* Whether @fd may get colour: it is a terminal, NO_COLOR is not set, TERM is set and not "dumb". */
bool use_colour(int fd);

/* Whether @command takes @row: commands may share a table and take different rows of it. */
bool command_has_row(const struct command *command, const struct option_row *row);

/* Print "usage: timetier plan [OPTION...] [HOST...]", without a newline. */
void command_print_usage(const struct command *command, FILE *out);

/* Print the whole help of @command to stdout. */
void command_print_help(const struct command *command);

/*
 * Print a list of commands.
 *
 * @commands: array of @count
 * @group:    NULL: list all; "keys": list those whose names begin with this word and a blank
 */
void commands_print(
    const struct command *const *commands, size_t count, const char *group, FILE *out);

/*
 * Flush standard output.  When some output was lost, print that to stderr in the name of command
 * @name ("": of no command).
 *
 * Returns @status; or @failed when output was lost and @status is less than EXIT_ROLLED_BACK.
 */
int command_finish(const char *name, int status, int failed);

/* Parse @argv by the table of @command, answer --help or run it; returns the exit status. */
int command_run(const struct command *command, int argc, char **argv);

extern const struct command command_agent_install;
extern const struct command command_agent_remove;
extern const struct command command_agent_revoke;
extern const struct command command_apply;
extern const struct command command_audit;
extern const struct command command_abuse;
extern const struct command command_check;
extern const struct command command_clients;
extern const struct command command_doctor;
extern const struct command command_drift;
extern const struct command command_explain;
extern const struct command command_import;
extern const struct command command_init;
extern const struct command command_keys_new;
extern const struct command command_keys_prune;
extern const struct command command_keys_rotate;
extern const struct command command_plan;
extern const struct command command_platforms;
extern const struct command command_probe;
extern const struct command command_refresh;
extern const struct command command_release;
extern const struct command command_render;
extern const struct command command_report;
extern const struct command command_restart;
extern const struct command command_review;
extern const struct command command_rollback;
extern const struct command command_rules;
extern const struct command command_serve;
extern const struct command command_runs;
extern const struct command command_runs_before;
extern const struct command command_runs_show;
extern const struct command command_schema;
extern const struct command command_status;
extern const struct command command_unlock;
extern const struct command command_version;

#endif
