/* Prints --help from the tables of the commands, in lines of up to 80 columns, or as a terminal
 * has. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/fill.h"

#include <ctype.h>
#include <string.h>

#define WIDTH 80
#define OPTION_COLUMN 26 /* where the help of an option begins */
#define LIST_COLUMN 18   /* where the summary of a command begins */

static void
fill(const char *text, size_t len, unsigned indent, FILE *out)
{
	fill_paragraph(text, len, indent, fill_width(out, WIDTH), out);
}

/* Print @left, and @text from column @at on: in the next line when @left is too long. */
static void
print_columns(const char *left, const char *text, unsigned at, FILE *out)
{
	if (strlen(left) + 2 > at) {
		fprintf(out, "%s\n%*s", left, (int)at, "");
	} else {
		fprintf(out, "%-*s", (int)at, left);
	}
	fill(text, strlen(text), at, out);
}

static void
print_row(const struct option_row *row)
{
	char left[80];

	snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", row->letter ? '-' : ' ',
	    row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
	    row->metavar ? " " : "", row->metavar ? row->metavar : "");
	print_columns(left, row->help, OPTION_COLUMN, stdout);
}

/* The length of the first paragraph: an empty line or a line that begins with a blank ends it. */
static size_t
paragraph(const char *text)
{
	size_t len = strcspn(text, "\n");

	while (len > 0 && text[len] && text[len + 1] && text[len + 1] != '\n' &&
	    text[len + 1] != ' ') {
		len += 1 + strcspn(text + len + 1, "\n");
	}
	return len;
}

/* Paragraphs are filled; a line that begins with a blank, as an example does, stays as it is. */
static void
print_paragraphs(const char *text)
{
	while (*text) {
		size_t len = *text == ' ' ? strcspn(text, "\n") : paragraph(text);

		if (*text == ' ') {
			printf("%.*s\n", (int)len, text);
		} else {
			fill(text, len, 0, stdout);
		}
		text += len + (text[len] == '\n');
	}
}

void
command_print_usage(const struct command *command, FILE *out)
{
	fprintf(out, "usage: timetier %s [OPTION...]%s%s", command->name,
	    command->args[0] ? " " : "", command->args);
}

void
command_print_help(const struct command *command)
{
	char summary[128];

	command_print_usage(command, stdout);
	snprintf(summary, sizeof(summary), "%c%s.", toupper((unsigned char)command->summary[0]),
	    command->summary + 1);
	fputs("\n\n", stdout);
	fill(summary, strlen(summary), 0, stdout);
	fputs("\noptions:\n", stdout);
	for (const struct option_row *row = command->options; row->name; row++) {
		if (command_has_row(command, row)) {
			print_row(row);
		}
	}
	print_columns("  -h, --help", "print this", OPTION_COLUMN, stdout);
	if (command->help[0]) {
		putchar('\n');
		print_paragraphs(command->help);
	}
}

static bool
is_of_group(const struct command *command, const char *group)
{
	size_t len = group ? strlen(group) : 0;

	return !group || (strncmp(command->name, group, len) == 0 && command->name[len] == ' ');
}

void
commands_print(const struct command *const *commands, size_t count, const char *group, FILE *out)
{
	if (group) {
		fprintf(out, "usage: timetier %s COMMAND [OPTION...] [ARGUMENT...]\n", group);
	} else {
		fputs("usage: timetier COMMAND [OPTION...] [ARGUMENT...]\n\n"
		      "Runs the time service of a site, as one file, site.yaml, declares it.\n",
		    out);
	}
	fputs("\ncommands:\n", out);
	for (size_t i = 0; i < count; i++) {
		char left[40];

		if (is_of_group(commands[i], group)) {
			snprintf(left, sizeof(left), "  %s", commands[i]->name);
			print_columns(left, commands[i]->summary, LIST_COLUMN, out);
		}
	}
	fputs("\n`timetier COMMAND --help` tells more of each.\n", out);
}
