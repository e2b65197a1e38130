/* timetier schema: the language of site.yaml, for editors; schemas/site.schema.json is its answer.
 */
#include "orchestrator/topology/language/schema.h"
#include "common/buf.h"
#include "orchestrator/cli/command.h"

#include <stdio.h>

struct options {
	struct common_options common;
	bool man;
};

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;
	struct buf text = { 0 };

	if (options->man) {
		schema_man(&text);
	} else {
		schema_json(&text);
	}
	fputs(buf_str(&text), stdout);
	buf_free(&text);
	return EXIT_OK;
}

static const struct option_row rows[] = {
	{ "man", 0, OPTION_FLAG, offsetof(struct options, man), NULL,
	    "print the list of keys in site.yaml(5) instead", 0 },
	{ .name = NULL },
};

const struct command command_schema = {
	.name = "schema",
	.args = "",
	.summary = "print the JSON Schema of site.yaml, for editors",
	.help = "exit status: 0 done, 2 wrong arguments\n\n"
		"example:\n"
		"  timetier schema >site.schema.json      for an editor that knows YAML",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
