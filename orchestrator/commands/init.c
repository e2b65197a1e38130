/* timetier init: a first site.yaml with its keys, commented, to be filled with one's own names. */
#include "common/log.h"
#include "common/resource.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/runs/keys/make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct common_options common;
};

static int
write_first(const char *path, const struct resource *first)
{
	/* exclusive: what the operator wrote is never overwritten */
	FILE *out = fopen(path, "wxe");
	bool whole;

	if (!out && errno == EEXIST) {
		log_error("init: %s is there already: `timetier check` tells whether it is sound; "
			  "--site FILE writes another one",
		    path);
		return EXIT_USAGE;
	}
	if (!out) {
		log_error("init: cannot write %s: %s", path, strerror(errno));
		return EXIT_USAGE;
	}
	whole = fwrite(first->bytes, 1, first->len, out) == first->len;
	if (fclose(out) != 0 || !whole) {
		log_error("init: cannot write %s: %s", path, strerror(errno));
		unlink(path);
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;
	const char *path = site_file(&options->common);
	int status = write_first(
	    path, resource_find(example_resources, example_resource_count, "site.yaml"));

	if (status == EXIT_OK) {
		status = keys_make(&(struct common_options){ .site = path, .quiet = true });
	}
	if (status == EXIT_OK && !options->common.quiet) {
		printf("%s: a first site, with keys.yaml beside it.  Fill in your own names and "
		       "addresses;\nthen `timetier keys new`, `timetier check`.\n",
		    path);
	}
	return status;
}

static const struct option_row rows[] = {
	SITE_ROW(struct options),
	QUIET_ROW(struct options),
	{ .name = NULL },
};

const struct command command_init = {
	.name = "init",
	.args = "",
	.summary = "write a commented first site.yaml, with its keys",
	.help =
	    "It comes with keys.yaml, for the servers that it names: they pass `timetier check` as "
	    "they are. No file that is there is overwritten.\n\n"
	    "exit status: 0 written, 2 failed: the reason is told",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
