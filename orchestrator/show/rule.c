#include "orchestrator/show/rule.h"

#include "orchestrator/cli/colour.h"
#include "orchestrator/cli/fill.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WIDTH 78
#define LABEL 9   /* columns of "remedy   " */
#define PLACES 64 /* bytes of all names of places */
#define PLACES_COLUMNS 12
#define SUMMARY 55 /* the column where summaries begin in the table */
#define ROOMY 100  /* columns of a terminal on which a summary begins there; else it is below */

/* Print @text beside @label.  An empty line in it stays one. */
static void
print_beside(const char *label, const char *text)
{
	unsigned width = fill_width(stdout, WIDTH);

	printf("%-*s", LABEL, label);
	for (;;) {
		const char *end = strstr(text, "\n\n");

		fill_paragraph(
		    text, end ? (size_t)(end - text) : strlen(text), LABEL, width, stdout);
		if (!end) {
			return;
		}
		printf("\n%*s", LABEL, "");
		text = end + 2;
	}
}

/* A piece of site.yaml keeps its lines, to be copied. */
static void
print_piece(const char *label, const char *text)
{
	puts(label);
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("  %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void
rule_print(const struct lint_rule *rule)
{
	const char *label = "judged";
	char accept[128];

	printf("%s (%s), %s\n\n", rule->id, rule->number, severity_name(rule->severity));
	print_beside("right", rule->summary);
	if (rule->why) {
		print_beside("why", rule->why);
	}
	print_beside("remedy", rule->remedy);
	if ((rule->where & JUDGED_FILES) && (rule->where & JUDGED_PLAN)) {
		print_beside("on hosts",
		    "what stands in a file of timetier is gone with the next `timetier apply`; a "
		    "file beside these, which plan names, is to be corrected or removed there");
	}
	if (rule->instead) {
		print_piece("instead", rule->instead);
	}
	print_beside("source", rule->source);
	for (size_t i = 0; i < LINT_PLACES; i++) {
		if (lint_rule_is_judged(rule, &lint_places[i])) {
			print_beside(label, lint_places[i].judges);
			label = "";
		}
	}
	if (rule->check || !lint_rule_is_judged(rule, &lint_places[0])) {
		snprintf(accept, sizeof(accept),
		    "{rule: %s, on: NAME, because: \"...\", until: 2027-06-30}", rule->id);
		print_beside("accept", accept);
	} else {
		print_beside("accept", "it cannot be: such a site is not usable");
	}
}

static const char *
colour_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return COLOUR_RED;
	case SEVERITY_WARNING:
		return COLOUR_YELLOW;
	case SEVERITY_NOTE:
		break;
	}
	return COLOUR_CYAN;
}

static void
print_row(const struct lint_rule *rule, unsigned width, bool colour)
{
	char places[PLACES] = "";
	size_t len = 0;

	for (size_t i = 0; i < LINT_PLACES; i++) {
		if (lint_rule_is_judged(rule, &lint_places[i])) {
			len += (size_t)snprintf(places + len, sizeof(places) - len, "%s%s",
			    len > 0 ? "," : "", lint_places[i].name);
		}
	}
	printf("%-7s  %s%-7s%s  %-21s  %-*s", rule->number, colour ? colour_of(rule->severity) : "",
	    severity_name(rule->severity), colour ? COLOUR_NONE : "", rule->id,
	    width < ROOMY ? 0 : PLACES_COLUMNS, places);
	if (width < ROOMY) {
		printf("\n%*s", LABEL, "");
		fill_paragraph(rule->summary, strlen(rule->summary), LABEL, width, stdout);
	} else {
		fputs("  ", stdout);
		fill_paragraph(rule->summary, strlen(rule->summary), SUMMARY, width, stdout);
	}
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct lint_rule *x = *(const struct lint_rule *const *)a;
	const struct lint_rule *y = *(const struct lint_rule *const *)b;

	return strcmp(x->number, y->number);
}

void
rules_print(bool colour)
{
	unsigned width = isatty(STDOUT_FILENO) ? fill_width(stdout, 2 * WIDTH) : UINT_MAX;
	const struct lint_rule **rules = calloc(lint_rule_count() + 1, sizeof(*rules));

	if (!rules) {
		abort();
	}
	for (const struct lint_family *family = lint_families; family->prefix; family++) {
		size_t count = 0;

		for (size_t i = 0; i < lint_rule_count(); i++) {
			if (lint_rule_is_of(lint_rule_at(i), family)) {
				rules[count++] = lint_rule_at(i);
			}
		}
		if (count == 0) {
			continue;
		}
		qsort(rules, count, sizeof(*rules), compare_numbers);
		printf("%s%s%s%s\n", family == lint_families ? "" : "\n", colour ? COLOUR_BOLD : "",
		    family->title, colour ? COLOUR_NONE : "");
		for (size_t i = 0; i < count; i++) {
			print_row(rules[i], width, colour);
		}
	}
	free(rules);
}
