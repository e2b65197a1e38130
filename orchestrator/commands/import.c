/* timetier import: the site that runs already, as a site.yaml. */
#include "common/clock.h"
#include "common/file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/import/told.h"
#include "orchestrator/import/variables.h"
#include "orchestrator/runs/errand/anybody.h"
#include "orchestrator/runs/errand/errand.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SITE_BYTES_MAX (64 << 20)
#define COLLECT_S 60

struct job {
	const struct rollout_options *options;
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

/* What `ssh` of site.yaml says of a word user@host[:port]; NULL: nothing that need be said. */
static const char *
ssh_of(struct arena *arena, const char *word)
{
	const char *at = strchr(word, '@'), *end = at ? strchr(at, ']') : NULL;
	const char *colon = at ? strrchr(at, ':') : NULL;
	bool root = !at || (at - word == 4 && strncmp(word, "root", 4) == 0), port;

	port = colon && (end ? colon == end + 1 : strchr(at, ':') == colon);
	if (root && !port) {
		return NULL;
	}
	return arena_printf(arena, "{%s%.*s%s%s%s%s}", root ? "" : "user: \"",
	    root ? 0 : (int)(at - word), word, root ? "" : "\", sudo: true",
	    port && !root ? ", " : "", port ? "port: " : "", port ? colon + 1 : "");
}

/* Ask some hosts for their files; their names are those by which they are reached. */
static int
ask_some(struct job *job, const struct topology *topology, char **words, size_t count,
    struct import_host *hosts, struct error *err)
{
	static const char *const collect[] = { "collect", NULL };
	struct errand errand = { .words = collect, .limit_s = COLLECT_S };
	struct errand_request request = { .command = "import",
		.topology = topology,
		.options = job->options,
		.count = count,
		.errand = &errand };
	struct buf said[ERRAND_HOSTS_MAX] = { { .data = NULL } };
	char name[ERRAND_NAME_BYTES];
	int status = 0;

	for (size_t i = 0; i < count && status == 0; i++) {
		request.from[i] = anybody_login(&job->import.arena, topology, words[i]);
		status = errand_machine(topology, request.from[i], name, err);
		hosts[i].name = status == 0 ? arena_strdup(&job->import.arena, name) : NULL;
		hosts[i].ssh = ssh_of(&job->import.arena, words[i]);
	}
	status = status < 0 ? -1 : errand_run(&request, said, err);
	for (size_t i = 0; i < count; i++) {
		if (status == 0 &&
		    import_told(
			&job->import.arena, buf_str(&said[i]), said[i].len, &hosts[i], err) < 0) {
			status = error_wrap(err, "host %s", hosts[i].name);
		}
		if (said[i].data) {
			explicit_bzero(said[i].data, said[i].len); /* there are keys in it */
		}
		buf_free(&said[i]);
	}
	if (status != 0) {
		struct error why = *err;

		return error_set(
		    err, "%.400s (`timetier import --help` tells how hosts are named)", why.text);
	}
	return 0;
}

static int
ask_hosts(
    struct job *job, char **words, size_t count, struct import_host **hosts, struct error *err)
{
	struct topology topology;
	int status = anybody_site(&job->options->common, &topology, err);

	*hosts = arena_alloc(&job->import.arena, count * sizeof(**hosts));
	for (size_t at = 0; at < count && status == 0; at += ERRAND_HOSTS_MAX) {
		size_t some = count - at < ERRAND_HOSTS_MAX ? count - at : ERRAND_HOSTS_MAX;

		status = ask_some(job, &topology, words + at, some, *hosts + at, err);
	}
	topology_free(&topology);
	return status;
}

/* A word is a file or folder where one is there, or where its slash says that one is meant. */
static bool
is_path(const char *word)
{
	struct stat info;

	return strchr(word, '/') || word[0] == '\0' ||
	    (stat(word, &info) == 0 && !strchr(word, '@'));
}

static int
read_hosts(struct job *job, int argc, char **argv, struct import_host **hosts, size_t *count,
    struct error *err)
{
	for (int i = 0; i < argc; i++) {
		if (is_path(argv[i]) && argc > 1) {
			return error_set(err,
			    "\"%.200s\" is a path: name one folder or file, or hosts (see "
			    "`timetier import --help`)",
			    argv[i]);
		}
	}
	if (is_path(argv[0])) {
		return import_path(&job->import, argv[0], hosts, count, err);
	}
	*count = (size_t)argc;
	return ask_hosts(job, argv, *count, hosts, err);
}

static int
import_all(struct job *job, int argc, char **argv, struct error *err)
{
	const char *name = job->options->name ? job->options->name : "site";
	struct import_host *hosts;
	size_t count;

	if (read_hosts(job, argc, argv, &hosts, &count, err) < 0 ||
	    import_begin(&job->import, hosts, count, err) < 0 ||
	    import_compare(&job->import, name, clock_real_ns(), &job->diags, err) < 0) {
		return -1;
	}
	import_emit(&job->import, name, job->import.keys.len > 0 ? "keys.yaml" : NULL, &job->site);
	return job->site.overflowed
	    ? error_set(err, "the site has more than %d MiB", SITE_BYTES_MAX >> 20)
	    : 0;
}

/* What was found, without secrets. */
static void
print_json(const struct job *job)
{
	json_t *hosts = json_array(), *findings = json_array();

	for (size_t i = 0; i < job->import.host_count; i++) {
		const struct import_host *host = &job->import.hosts[i];
		json_t *remarks = json_array();

		for (size_t k = 0; k < host->remark_count; k++) {
			json_array_append_new(remarks, json_string(host->remarks[k]));
		}
		json_array_append_new(hosts,
		    json_pack("{s:s, s:o, s:b, s:o}", "host", host->name, "daemon",
			host->driver ? json_string(host->driver->name) : json_null(), "server",
			host->server, "remarks", remarks));
	}
	for (size_t i = 0; i < job->diags.count; i++) {
		const struct diag *diag = &job->diags.list[i];

		json_array_append_new(findings,
		    json_pack("{s:s, s:s, s:s, s:i, s:s}", "severity",
			severity_name(diag->severity), "rule", diag->rule, "file", diag->pos.file,
			"line", (int)diag->pos.line, "text", diag->text));
	}
	command_print_json(json_pack("{s:s, s:o, s:o}", "site_yaml", buf_str(&job->site), "hosts",
	    hosts, "findings", findings));
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;
	const char *output = options->output ? options->output : "-";
	struct job job = { .options = options, .site.limit_bytes = SITE_BYTES_MAX };
	struct error err = { "" };
	int status = import_all(&job, argc, argv, &err);

	if (status == 0 && strcmp(output, "-") == 0 && options->common.json) {
		print_json(&job);
	} else if (status == 0 && strcmp(output, "-") == 0) {
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

const struct command command_import = {
	.name = "import",
	.args = "HOST... | DIR | FILE",
	.summary = "write the site.yaml that running hosts amount to",
	.help =
	    "HOST is user@host[:port], or a name alone for root there; with -f also a host of that "
	    "site. The agent collects the files there; where it is not installed, its program is "
	    "brought for the moment. A host that is named by its address has the name that it "
	    "calls "
	    "itself by; the login is kept as `ssh`, with sudo where it is not root's. DIR has a "
	    "folder for each host, with the files that were "
	    "collected there: DIR/HOST/etc/ntp.conf. All six daemons are read, with the files that "
	    "they include. FILE is what `ansible-inventory --list` printed, and DIR may be one "
	    "with a hiera.yaml: what common roles of Ansible and modules of Puppet write of their "
	    "variables is taken for the hosts' files. What site.yaml cannot express is a comment "
	    "beside its host; what is "
	    "dangerous is told as a finding. No file that is there is overwritten.\n\n"
	    "exit status: 0 written, 2 failed: the reason is told\n\n"
	    "example:\n"
	    "  timetier import ntp1 ntp2 admin@web1 -o site.yaml",
	.options = rollout_option_rows,
	.takes = TAKER_IMPORT,
	.options_size = sizeof(struct rollout_options),
	.min_args = 1,
	.max_args = -1,
	.takes_file = true,
	.usage_status = EXIT_USAGE,
	.run = run,
};
