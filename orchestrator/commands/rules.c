/* timetier rules: what makes a good design, where each rule is judged, and on what authority. */
#include "orchestrator/cli/command.h"
#include "orchestrator/lint/findings.h"
#include "orchestrator/show/rule.h"

#include <stdio.h>
#include <unistd.h>

struct options {
	struct common_options common;
};

static void
print_json(void)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lint_rule_count(); i++) {
		json_array_append_new(list, rule_json(lint_rule_at(i)));
	}
	command_print_json(list);
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct options *options = argument;
	const struct lint_rule *rule;
	const char *meant;

	if (argc == 0 && options->common.json) {
		print_json();
		return EXIT_OK;
	}
	if (argc == 0) {
		rules_print(use_colour(STDOUT_FILENO));
		return EXIT_OK;
	}
	rule = lint_rule_find(argv[0], &meant);
	if (!rule) {
		fprintf(stderr, "timetier rules: no rule is called \"%s\"; %s%s%s\n", argv[0],
		    meant ? "did you mean \"" : "`timetier rules` lists them", meant ? meant : "",
		    meant ? "\"?" : "");
		return EXIT_USAGE;
	}
	if (options->common.json) {
		command_print_json(rule_json(rule));
	} else {
		rule_print(rule);
	}
	return EXIT_OK;
}

static const struct option_row rows[] = {
	JSON_ROW(struct options),
	{ .name = NULL },
};

const struct command command_rules = {
	.name = "rules",
	.args = "[RULE]",
	.summary = "the rules of good design, or one of them explained",
	.help = "RULE is a rule's name or number: few-sources or SRC001.\n\n"
		"exit status: 0 done, 2 there is no such rule",
	.options = rows,
	.options_size = sizeof(struct options),
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
