/* timetier import: the site that runs already, as a site.yaml. */
#include "common/clock.h"
#include "common/file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/import/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SITE_BYTES_MAX (64 << 20)

struct options {
	struct common_options common;
	const char *output;
	const char *name;
};

struct job {
	const struct options *options;
	struct import import;
	struct diags diags;
	struct buf site;
};

/* Where keys.yaml is to be: beside the site, whose `keys` names it by its file alone. */
static void
keys_path(const char *output, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%.*skeys.yaml", (int)(file_name(output) - output), output);
}

/* A file that is there is never overwritten: the operator wrote it. */
static int
write_new(const char *path, const struct buf *bytes, mode_t mode, struct error *err)
{
	if (access(path, F_OK) == 0) {
		return error_set(
		    err, "%s is there already: move it away, or name another file by -o", path);
	}
	return file_create(path, buf_str(bytes), bytes->len, mode, err);
}

static int
write_all(struct job *job, const char *output, struct error *err)
{
	char keys[PATH_MAX];

	keys_path(output, keys);
	if (job->import.keys.len > 0 && write_new(keys, &job->import.keys, 0600, err) < 0) {
		return -1;
	}
	if (write_new(output, &job->site, 0644, err) < 0) {
		if (job->import.keys.len > 0) {
			unlink(keys);
		}
		return -1;
	}
	return 0;
}

static void
summarise(const struct job *job, const char *output)
{
	const struct import *import = &job->import;
	size_t clients = 0;

	for (size_t i = 0; i < import->group_count; i++) {
		clients += import->groups[i].hosts;
	}
	fprintf(stderr,
	    "%s: %zu host%s: %zu in %zu tier%s, %zu client%s in %zu group%s; %zu "
	    "upstream%s\n",
	    output, import->host_count, import->host_count == 1 ? "" : "s",
	    import_server_count(import), import->tier_count, import->tier_count == 1 ? "" : "s",
	    clients, clients == 1 ? "" : "s", import->group_count,
	    import->group_count == 1 ? "" : "s", import->upstream_count,
	    import->upstream_count == 1 ? "" : "s");
	if (import->lost_count > 0) {
		fprintf(stderr, "%zu line%s %s no place in it: each is a comment beside its host\n",
		    import->lost_count, import->lost_count == 1 ? "" : "s",
		    import->lost_count == 1 ? "has" : "have");
	}
	fprintf(stderr, "`timetier check -f %s` judges the design\n",
	    strcmp(output, "-") == 0 ? "FILE" : output);
}

static int
import_all(struct job *job, const char *folder, struct error *err)
{
	const char *name = job->options->name ? job->options->name : "site";
	struct import_host *hosts;
	size_t count;

	if (import_folder(&job->import.arena, folder, &hosts, &count, err) < 0 ||
	    import_begin(&job->import, hosts, count, err) < 0 ||
	    import_compare(&job->import, name, clock_real_ns(), &job->diags, err) < 0) {
		return -1;
	}
	import_emit(&job->import, name, job->import.keys.len > 0 ? "keys.yaml" : NULL, &job->site);
	return job->site.overflowed
	    ? error_set(err, "the site has more than %d MiB", SITE_BYTES_MAX >> 20)
	    : 0;
}

static int
run(const void *argument, int argc UNUSED, char **argv)
{
	const struct options *options = argument;
	const char *output = options->output ? options->output : "-";
	struct job job = { .options = options, .site.limit_bytes = SITE_BYTES_MAX };
	struct error err = { "" };
	int status = import_all(&job, argv[0], &err);

	if (status == 0 && strcmp(output, "-") == 0) {
		fwrite(buf_str(&job.site), 1, job.site.len, stdout);
		if (job.import.keys.len > 0) {
			fputs("timetier import: keys.yaml is written with -o FILE only\n", stderr);
		}
	} else if (status == 0) {
		status = write_all(&job, output, &err);
	}
	if (status == 0) {
		diags_sort(&job.diags);
		diags_print(&job.diags, stderr, use_colour(STDERR_FILENO));
		if (!options->common.quiet) {
			summarise(&job, output);
		}
	} else {
		fprintf(stderr, "timetier import: %s\n", err.text);
	}
	diags_free(&job.diags);
	buf_free(&job.site);
	import_free(&job.import);
	return status == 0 ? EXIT_OK : EXIT_USAGE;
}

static const struct option_row rows[] = {
	QUIET_ROW(struct options),
	{ "output", 'o', OPTION_TEXT, offsetof(struct options, output), "FILE",
	    "write the site to FILE, and keys.yaml beside it; without it, print the site", 0 },
	{ "name", 0, OPTION_TEXT, offsetof(struct options, name), "NAME",
	    "what the site is called (default: site)", 0 },
	{ .name = NULL },
};

const struct command command_import = {
	.name = "import",
	.args = "DIR",
	.summary = "write the site.yaml that the files of running hosts amount to",
	.help =
	    "DIR has a folder for each host, with the files that were collected there: "
	    "DIR/HOST/etc/ntp.conf. All six daemons are read, with the files that they include. "
	    "What site.yaml cannot express is a comment beside its host; what is dangerous is told "
	    "as a finding. No file that is there is overwritten.\n\n"
	    "exit status: 0 written, 2 failed: the reason is told\n\n"
	    "example:\n"
	    "  timetier import collected -o site.yaml",
	.options = rows,
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.takes_file = true,
	.usage_status = EXIT_USAGE,
	.run = run,
};
