/* Parses the options of a command by its table, and answers wrong words. */
#include "orchestrator/cli/command.h"

#include "common/json_fields.h"
#include "common/nearest.h"
#include "common/streams.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS_MAX 48
#define OPTION_NAME_BYTES 40
#define LONG_ONLY 256 /* getopt_long's value of row i is LONG_ONLY + i */

const char *
site_file(const struct common_options *options)
{
	return options->site ? options->site : "site.yaml";
}

void
command_print_json(json_t *json)
{
	fields_make_fit(json);
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

bool
use_colour(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

bool
command_has_row(const struct command *command, const struct option_row *row)
{
	return row->takers == 0 || (row->takers & command->takes) != 0;
}

static bool
set_count(unsigned *member, const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || text[0] < '0' || text[0] > '9' || *end || value < 1 || value > 1000000) {
		return false;
	}
	*member = (unsigned)value;
	return true;
}

static bool
set_list(const char **list, const char *text)
{
	size_t used = 0;

	while (used < OPTION_LIST_MAX && list[used]) {
		used++;
	}
	if (used == OPTION_LIST_MAX) {
		return false;
	}
	list[used] = text;
	return true;
}

static bool
set_member(const struct option_row *row, void *options, const char *text)
{
	char *member = (char *)options + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)(void *)member = true;
		return true;
	case OPTION_TEXT:
		*(const char **)(void *)member = text;
		return true;
	case OPTION_COUNT:
		return set_count((unsigned *)(void *)member, text);
	case OPTION_LIST:
		return set_list((const char **)(void *)member, text);
	}
	return false;
}

/* Fill getopt_long()'s two tables from the rows of @command; returns the number of rows. */
static size_t
build_tables(const struct command *command, struct option *longs, char *shorts)
{
	size_t count = 0;

	*shorts++ = 'h';
	for (const struct option_row *row = command->options; row->name; row++) {
		int has = row->type == OPTION_FLAG ? no_argument : required_argument;

		if (!command_has_row(command, row)) {
			continue;
		}
		assert(count < ROWS_MAX);
		longs[count++] = (struct option){ row->name, has, NULL,
			LONG_ONLY + (int)(row - command->options) };
		if (row->letter) {
			*shorts++ = row->letter;
			if (has == required_argument) {
				*shorts++ = ':';
			}
		}
	}
	longs[count] = (struct option){ "help", no_argument, NULL, 'h' };
	*shorts = '\0';
	return count;
}

static const struct option_row *
row_of(const struct command *command, int value)
{
	if (value >= LONG_ONLY) {
		return &command->options[value - LONG_ONLY];
	}
	for (const struct option_row *row = command->options; row->name; row++) {
		if (command_has_row(command, row) && row->letter == value) {
			return row;
		}
	}
	return NULL;
}

/* The row of the site's file; NULL: @command takes none. */
static const struct option_row *
site_row(const struct command *command)
{
	for (const struct option_row *row = command->options; row->name; row++) {
		if (command_has_row(command, row) && strcmp(row->name, "site") == 0) {
			return row;
		}
	}
	return NULL;
}

static bool
is_site_name(const char *word)
{
	const char *dot = strrchr(word, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/*
 * A site's file among the words.  A command that takes no words takes it as that.  One that works
 * on hosts does not: without the word it would work on all of them.
 *
 * Returns 0, or -1 when it has told what is wrong.
 */
static int
take_site(const struct command *command, void *options, int *count, char **words)
{
	const struct option_row *row = site_row(command);
	struct stat file;

	if (!row || command->takes_file || ((struct common_options *)options)->site) {
		return 0;
	}
	if (command->max_args == 0 && *count == 1 && is_site_name(words[0])) {
		set_member(row, options, words[0]);
		*count = 0;
	}
	for (int i = 0; command->max_args < 0 && i < *count; i++) {
		if (is_site_name(words[i]) && stat(words[i], &file) == 0 && S_ISREG(file.st_mode)) {
			fprintf(stderr,
			    "timetier %s: %s is a file, and the words here are hosts: is `-f %s` "
			    "meant?\n",
			    command->name, words[i], words[i]);
			return -1;
		}
	}
	return 0;
}

/* Say which word is missing or too much. */
static bool
has_its_words(const struct command *command, int count, char **words)
{
	if (count < command->min_args) {
		fprintf(stderr, "timetier %s: %s is missing\n", command->name, command->args);
		return false;
	}
	if (command->max_args >= 0 && count > command->max_args) {
		fprintf(stderr, "timetier %s: \"%s\" is a word too many\n", command->name,
		    words[command->max_args]);
		return false;
	}
	return true;
}

static int
wrong_usage(const struct command *command)
{
	command_print_usage(command, stderr);
	fputs(" (--help tells more)\n", stderr);
	return command->usage_status;
}

/* getopt_long() has said what is wrong with @word; of a long option that there is not, say which is
 * near. */
static void
say_nearest(const struct command *command, const char *word)
{
	struct nearest nearest = { .word = word };
	char options[ROWS_MAX][OPTION_NAME_BYTES];
	size_t count = 0;

	for (const struct option_row *row = command->options; row->name; row++) {
		if (command_has_row(command, row)) {
			snprintf(options[count], sizeof(options[count]), "--%s", row->name);
			nearest_offer(&nearest, options[count++]);
		}
	}
	if (strncmp(word, "--", 2) == 0 && nearest.best) {
		fprintf(stderr, "timetier %s: did you mean %s?\n", command->name, nearest.best);
	}
}

/* Returns 0: go on, 1: help was asked for, -1: something is wrong, and stderr says what. */
static int
parse(const struct command *command, int argc, char **argv, void *options)
{
	struct option longs[ROWS_MAX + 2] = { 0 };
	char shorts[2 * ROWS_MAX + 2];
	int value;

	build_tables(command, longs, shorts);
	optind = 0; /* glibc: start anew */
	while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row;

		if (value == 'h') {
			return 1;
		}
		row = row_of(command, value);
		if (!row) {
			if (optopt == 0 && optind > 0 && optind <= argc) {
				say_nearest(command, argv[optind - 1]);
			}
			return -1;
		}
		if (!set_member(row, options, optarg)) {
			fprintf(stderr, "timetier %s: --%s: \"%s\" is not a possible value\n",
			    command->name, row->name, optarg);
			return -1;
		}
	}
	return 0;
}

int
command_finish(const char *name, int status, int failed)
{
	struct error err;

	if (streams_end(&err) == 0) {
		return status;
	}
	fprintf(stderr, "timetier%s%s: %s\n", *name ? " " : "", name, err.text);
	return status < EXIT_ROLLED_BACK ? failed : status;
}

int
command_run(const struct command *command, int argc, char **argv)
{
	void *options = calloc(1, command->options_size);
	char name[64];
	int words, status;

	if (!options) {
		abort();
	}
	snprintf(name, sizeof(name), "timetier %s", command->name);
	argv[0] = name; /* with which getopt_long() begins its lines */
	status = parse(command, argc, argv, options);
	words = argc - optind;
	if (status > 0) {
		command_print_help(command);
		status = EXIT_OK;
	} else if (status < 0 || take_site(command, options, &words, argv + optind) ||
	    !has_its_words(command, words, argv + optind)) {
		status = wrong_usage(command);
	} else {
		status = command->run(options, words, argv + optind);
	}
	free(options);
	return command_finish(command->name, status, command->usage_status);
}
