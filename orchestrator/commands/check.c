/* timetier check: is site.yaml written right, and is what it says a good design? */
#include "common/clock.h"
#include "common/nearest.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/lint/findings.h"
#include "orchestrator/probe/kept.h"
#include "orchestrator/runs/shapes.h"
#include "orchestrator/show/what_if.h"
#include "orchestrator/topology/topology.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct options {
	struct common_options common;
	const char *format;
	const char *templates;
	bool strict;
	bool what_if;
};

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_SARIF,
};

static const char *const format_names[] = {
	[FORMAT_TEXT] = "text",
	[FORMAT_JSON] = "json",
	[FORMAT_SARIF] = "sarif",
};

static int
choose_format(const struct options *options, enum format *format, struct error *err)
{
	struct nearest nearest = { .word = options->format };

	if (!options->format) {
		*format = options->common.json ? FORMAT_JSON : FORMAT_TEXT;
		return 0;
	}
	for (size_t i = 0; i < COUNT(format_names); i++) {
		if (strcmp(format_names[i], options->format) == 0) {
			if (options->common.json && i != FORMAT_JSON) {
				return error_set(err, "--json and --format %s exclude each other",
				    options->format);
			}
			*format = (enum format)i;
			return 0;
		}
		nearest_offer(&nearest, format_names[i]);
	}
	return error_set(err, "no format is called \"%s\"%s%s%s: text, json or sarif",
	    options->format, nearest.best ? " (did you mean " : "",
	    nearest.best ? nearest.best : "", nearest.best ? "?)" : "");
}

static int
try_what_if(const struct options *options, enum format format, struct error *err)
{
	if (options->what_if && format == FORMAT_SARIF) {
		return error_set(err, "--what-if is no finding: it is printed as text or json");
	}
	return 0;
}

/* A file that cannot be read is no finding about the site: nothing was checked. */
static int
try_file(const char *file, struct error *err)
{
	struct stat status;

	if (stat(file, &status) != 0 || access(file, R_OK) != 0) {
		return error_errno(err, errno, "%s", file);
	}
	if (S_ISDIR(status.st_mode)) {
		return error_set(err, "%s: it is a folder; -f names the site's file", file);
	}
	return 0;
}

static void
print_count(size_t count, const char *what)
{
	fprintf(stderr, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void
print_summary(const struct diags *diags, const char *file, bool sound)
{
	if (diags->count == 0) {
		fprintf(stderr, "%s: no findings\n", file);
		return;
	}
	print_count(diags->errors, "error");
	fputs(", ", stderr);
	print_count(diags->warnings, "warning");
	if (diags->accepted > 0) {
		fprintf(stderr, ", %zu accepted", diags->accepted);
	}
	fprintf(stderr, "%s\n", sound ? "" : "; more may show when these are mended");
}

/* What the templates make of the site, judged for one host of each shape. */
static int
judge_files(const struct options *options, const struct topology *topology, struct diags *diags,
    struct arena *places, struct error *err)
{
	const struct shapes_wish wish = {
		.topology = topology, .templates = options->templates, .now_ns = clock_real_ns()
	};

	return shapes_judge(&wish, diags, places, err);
}

/* What the latest probe found, if there was one: whom upstreams follow, site.yaml does not say. */
static void
read_kept(const char *file, const struct topology *topology, struct arena *arena, struct kept *kept)
{
	char folder[PATH_MAX];
	struct error err;

	*kept = (struct kept){ .at_ns = 0 };
	if (state_folder(NULL, file, folder, &err) < 0 ||
	    kept_read(folder, topology, arena, kept, &err) < 0) {
		fprintf(stderr, "timetier check: warning: %s\n", err.text);
	}
}

/* @what_if: the topology, when what a loss would do is asked, too; else NULL */
static void
print_findings(
    const struct diags *diags, const char *file, enum format format, const struct topology *what_if)
{
	struct graph graph = { 0 };
	struct arena arena = { .blocks = NULL };
	struct kept kept = { .at_ns = 0 };
	json_t *findings;

	if (what_if) {
		read_kept(file, what_if, &arena, &kept);
		graph_make(&graph, what_if, kept.seen);
	}
	switch (format) {
	case FORMAT_TEXT:
		diags_print(diags, stdout, use_colour(STDOUT_FILENO));
		if (what_if) {
			fputs(diags->count > 0 ? "\n" : "", stdout);
			what_if_print(&graph, kept.at_ns);
		}
		break;
	case FORMAT_JSON:
		findings = findings_json(diags, file);
		if (what_if) {
			json_object_set_new(findings, "what_if", what_if_json(&graph, kept.at_ns));
		}
		command_print_json(findings);
		break;
	case FORMAT_SARIF:
		command_print_json(findings_sarif(diags));
		break;
	}
	graph_free(&graph);
	arena_free(&arena);
}

static int
run(const void *argument, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = argument;
	const char *file = site_file(&options->common);
	struct diags diags = { 0 };
	struct topology topology;
	struct arena places = { .blocks = NULL };
	enum format format = FORMAT_TEXT;
	struct error err;
	bool failed, sound;

	if (choose_format(options, &format, &err) != 0 || try_what_if(options, format, &err) != 0 ||
	    try_file(file, &err) != 0) {
		fprintf(stderr, "timetier check: %s\n", err.text);
		return EXIT_USAGE;
	}
	sound = topology_load(&topology, file, &diags) == 0;
	lint_run(&topology, clock_real_ns(), &diags);
	if (sound && judge_files(options, &topology, &diags, &places, &err) != 0) {
		fprintf(stderr, "timetier check: %s\n", err.text);
		arena_free(&places);
		diags_free(&diags);
		topology_free(&topology);
		return EXIT_USAGE;
	}
	diags_sort(&diags);
	print_findings(&diags, file, format, options->what_if && sound ? &topology : NULL);
	failed = diags.errors > 0 || (options->strict && diags.warnings > 0);
	fflush(stdout); /* before the summary, where both are on a terminal */
	if (!options->common.quiet) {
		print_summary(&diags, file, sound);
	}
	arena_free(&places);
	if (options->what_if && !sound) {
		fputs("what-if: not judged, the site must be read without errors first\n", stderr);
	}
	diags_free(&diags);
	topology_free(&topology);
	return failed ? EXIT_FINDINGS : EXIT_OK;
}

static const struct option_row rows[] = {
	COMMON_OPTION_ROWS(struct options),
	{ "format", 0, OPTION_TEXT, offsetof(struct options, format), "FORMAT",
	    "text, json or sarif (default: text)", 0 },
	{ "templates", 0, OPTION_TEXT, offsetof(struct options, templates), "DIR",
	    "judge what templates of your own make of the site, too", 0 },
	{ "strict", 0, OPTION_FLAG, offsetof(struct options, strict), NULL, "warnings fail, too",
	    0 },
	{ "what-if", 0, OPTION_FLAG, offsetof(struct options, what_if), NULL,
	    "tell what is left of each tier's time when one or two parts go", 0 },
	{ .name = NULL },
};

const struct command command_check = {
	.name = "check",
	.args = "",
	.summary = "check site.yaml for mistakes and for bad design",
	.help =
	    "Every finding is told in one run, at its place: file:line:column. `timetier rules "
	    "NAME` "
	    "explains the one in brackets. A finding at HOST:/PATH is about a file that this host "
	    "would "
	    "get. "
	    "--what-if tells of each tier how many of its sources may "
	    "be wrong or silent, and which loss of one part, or of two, takes its time.\n\n"
	    "exit status: 0 no errors, 1 errors (with --strict: or warnings), 2 it could not run",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
