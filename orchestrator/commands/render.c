/* timetier render: the files that each host would get. */
#include "orchestrator/render/render.h"
#include "common/clock.h"
#include "common/digest.h"
#include "daemons/platforms/platform.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/render/folder.h"
#include "orchestrator/runs/shapes.h"
#include "orchestrator/topology/fold.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct common_options common;
	const char *output;
	const char *daemon;
	const char *platform;
	const char *templates;
};

/* One run: everything is rendered before anything is written. */
struct job {
	const struct options *options;
	const struct platform *platform;     /* whose paths the files have */
	const struct daemon_driver *of_auto; /* what `daemon: auto` is rendered as */
	struct topology topology;
	struct render *render;
	const struct host **hosts;
	size_t count;
	const struct host **unmanaged; /* that get no files */
	size_t unmanaged_count;
	size_t auto_count;
	size_t files, written;
	json_t *list; /* of print_json() */
};

/* Does something with the files of one host, which it may not keep. */
typedef int (*take_files)(struct job *job, const struct host *host,
    const struct daemon_driver *driver, const struct file_set *files, struct error *err);

static const struct daemon_driver *
driver_of(const struct job *job, const struct host *host)
{
	return strcmp(host->daemon, "auto") == 0 ? job->of_auto
						 : platform_driver(job->platform, host->daemon);
}

static int
render_one(struct job *job, const struct host *host, take_files take, struct error *err)
{
	const struct daemon_driver *driver = driver_of(job, host);
	struct arena arena = { 0 };
	struct file_set files;
	int status;

	if (!driver) {
		return error_set(err, "host %s: %s has no %s that timetier can configure",
		    host->name, job->platform->title, host->daemon);
	}
	status = render_host(job->render, host, driver, &arena, &files, err) < 0
	    ? -1
	    : take(job, host, driver, &files, err);
	arena_free(&arena);
	return status;
}

/* Rendering is quick and memory is not endless: each host's files are made anew for each @take. */
static int
for_each(struct job *job, take_files take, struct error *err)
{
	int status = 0;

	for (size_t i = 0; i < job->count && status == 0; i++) {
		status = render_one(job, job->hosts[i], take, err);
	}
	return status;
}

static int
count_files(struct job *job, const struct host *host, const struct daemon_driver *driver UNUSED,
    const struct file_set *files, struct error *err UNUSED)
{
	job->files += files->count;
	job->auto_count += strcmp(host->daemon, "auto") == 0;
	return 0;
}

/* Try the files of all hosts. */
static int
render_all(struct job *job, int argc, char **argv, struct error *err)
{
	struct site_choice choice = { .words = argv, .word_count = argc };

	if (site_hosts(&job->topology, &choice, &job->hosts, &job->count, err) < 0) {
		return -1;
	}
	job->unmanaged_count = site_leave_unmanaged("render", true, job->hosts, &job->count);
	job->unmanaged = job->hosts + job->count;
	job->render = render_new(&job->topology, job->options->templates, err);
	return job->render ? for_each(job, count_files, err) : -1;
}

static int
print_files(struct job *job UNUSED, const struct host *host,
    const struct daemon_driver *driver UNUSED, const struct file_set *files,
    struct error *err UNUSED)
{
	for (size_t k = 0; k < files->count; k++) {
		const struct file_entry *file = &files->list[k];

		printf("==> %s:%s <==\n", host->name, file->path);
		if (file->secret) {
			puts("(secret: -o DIR writes it)");
		} else {
			fwrite(file->content, 1, file->len, stdout);
		}
		putchar('\n');
	}
	return 0;
}

static json_t *
file_json(const struct file_entry *file)
{
	char hex[SHA256_HEX_BYTES], mode[8];

	sha256_hex(file->content, file->len, hex);
	snprintf(mode, sizeof(mode), "%04o", file->mode & 07777);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:I, s:s}", "path", file->path, "mode",
	    mode, "owner", file->owner, "group", file->group, "action",
	    file_action_name(file->action), "secret", file->secret, "bytes", (json_int_t)file->len,
	    "sha256", hex);
}

static int
list_files(struct job *job, const struct host *host, const struct daemon_driver *driver,
    const struct file_set *files, struct error *err UNUSED)
{
	json_t *list = json_array();

	for (size_t k = 0; k < files->count; k++) {
		json_array_append_new(list, file_json(&files->list[k]));
	}
	json_array_append_new(job->list,
	    json_pack(
		"{s:s, s:s, s:o}", "host", host->name, "daemon", driver->name, "files", list));
	return 0;
}

static const struct address *
address_of(const struct source *source)
{
	return source->upstream ? source->upstream->addresses.list : source->server->addresses.list;
}

/* For who sets up what is not managed: the servers to enter there. */
static json_t *
by_hand_json(const struct job *job)
{
	json_t *list = json_array();

	for (size_t i = 0; i < job->unmanaged_count; i++) {
		const struct source_list *sources = host_sources(job->unmanaged[i]);
		json_t *servers = json_array();

		for (size_t k = 0; k < sources->count; k++) {
			json_array_append_new(
			    servers, json_string(address_of(&sources->list[k])->text));
		}
		json_array_append_new(list,
		    json_pack("{s:s, s:o}", "host", job->unmanaged[i]->name, "servers", servers));
	}
	return list;
}

#define NAMES_SHOWN 8 /* ranges */

/* The same in words, one line for neighbours with the same sources. */
static void
say_unmanaged(const struct job *job)
{
	struct arena arena = { .blocks = NULL };
	const char **names = arena_alloc(&arena, job->unmanaged_count * sizeof(*names) + 1);

	if (job->unmanaged_count > 0) {
		fputs("not managed, so by hand, the servers to enter there:\n", stderr);
	}
	for (size_t i = 0, end; i < job->unmanaged_count; i = end) {
		const struct source_list *sources = host_sources(job->unmanaged[i]);
		struct buf text = { 0 };

		for (end = i;
		     end < job->unmanaged_count && host_sources(job->unmanaged[end]) == sources;
		     end++) {
			names[end - i] = job->unmanaged[end]->name;
		}
		names_fold(&text, names, end - i, NAMES_SHOWN);
		fprintf(stderr, "  %s:", buf_str(&text));
		for (size_t k = 0; k < sources->count; k++) {
			fprintf(stderr, "%s %s", k ? "," : "", address_of(&sources->list[k])->text);
		}
		fputc('\n', stderr);
		buf_free(&text);
	}
	arena_free(&arena);
}

static int
print_json(struct job *job, struct error *err)
{
	job->list = json_array();
	if (for_each(job, list_files, err) < 0) {
		json_decref(job->list);
		return -1;
	}
	command_print_json(json_pack("{s:s, s:o, s:o}", "site", job->topology.site, "hosts",
	    job->list, "by_hand", by_hand_json(job)));
	return 0;
}

static int
write_files(struct job *job, const struct host *host, const struct daemon_driver *driver UNUSED,
    const struct file_set *files, struct error *err)
{
	return folder_write(job->options->output, host->name, files, &job->written, err);
}

/* Say what is wrong with the files, as `check` does; they are written all the same. */
static int
judge_all(struct job *job, struct error *err)
{
	const struct shapes_wish wish = { .topology = &job->topology,
		.hosts = job->hosts,
		.host_count = job->count,
		.platform = job->platform,
		.of_auto = job->of_auto,
		.templates = job->options->templates,
		.now_ns = clock_real_ns() };
	struct diags diags = { 0 };
	struct arena places = { .blocks = NULL };
	int status = shapes_judge(&wish, &diags, &places, err);

	diags_sort(&diags);
	diags_print(&diags, stderr, use_colour(STDERR_FILENO));
	diags_free(&diags);
	arena_free(&places);
	return status;
}

static int
put_out(struct job *job, struct error *err)
{
	const struct options *options = job->options;
	bool to_folder = options->output && strcmp(options->output, "-") != 0;

	if (to_folder && for_each(job, write_files, err) < 0) {
		return -1;
	}
	if (options->common.json) {
		if (print_json(job, err) < 0) {
			return -1;
		}
	} else if (!to_folder) {
		if (for_each(job, print_files, err) < 0) {
			return -1;
		}
	} else if (!options->common.quiet) {
		printf("%s: %zu host%s, %zu files, %zu written%s\n", options->output, job->count,
		    job->count == 1 ? "" : "s", job->files, job->written,
		    job->written == job->files ? ""
			: job->written == 0    ? ", all were right already"
					       : ", the others were right already");
	}
	if (job->auto_count > 0 && !options->common.quiet) {
		fprintf(stderr, "%zu with `daemon: auto`: rendered for %s (--daemon NAME)\n",
		    job->auto_count, job->of_auto->title);
	}
	if (!options->common.quiet) {
		say_unmanaged(job);
	}
	return 0;
}

/*
 * Where no rollout goes, a hand puts the files in place: say how.  The options of FreeBSD's ntpd
 * stand among those of all its services, which are not ours to render; it runs as root unless it is
 * told otherwise, once its configuration names a drift file.  Source: libexec/rc/rc.d/ntpd.
 */
static void
say_by_hand(const struct job *job)
{
	static const char *const words[][2] = {
		[INIT_UNKNOWN] = { "", "" },
		[INIT_SYSTEMD] = { "systemctl daemon-reload", "systemctl restart" },
		[INIT_OPENRC] = { "nothing sets the clock at boot: see to it that it is near",
		    "rc-service chronyd restart" },
		[INIT_RC_D] = { "sysrc ntpd_enable=YES ntpd_user=ntpd ntpd_sync_on_start=NO "
				"kld_list+=mac_ntpd; kldload mac_ntpd",
		    "service ntpd restart" },
	};
	const struct platform *platform = job->platform;

	if (platform->level == PLATFORM_ROLLED_OUT || job->count == 0 ||
	    job->options->common.quiet) {
		return;
	}
	fprintf(stderr,
	    "for %s, by hand on each host:\n"
	    "  1. copy the files, with the owners and modes that --json tells\n"
	    "  2. %s\n"
	    "  3. %s%s%s when the clock is right: nobody puts back what goes wrong\n",
	    platform->title, words[platform->init][0], words[platform->init][1],
	    platform->init == INIT_SYSTEMD ? " " : "",
	    platform->init == INIT_SYSTEMD ? job->of_auto->unit : "");
}

/* Choose the platform, and what `daemon: auto` is there. */
static int
choose_daemon(struct job *job, struct error *err)
{
	const char *platform = job->options->platform ? job->options->platform : "debian-12";
	const char *name = job->options->daemon;

	job->platform = platform_find(platform);
	if (!job->platform) {
		return error_set(err,
		    "--platform \"%.60s\": see `timetier platforms` for those there are", platform);
	}
	if (!platform_drivers(job->platform)[0]) {
		return error_set(err,
		    "--platform %s: %s is watched only, nothing is rendered for it", platform,
		    job->platform->title);
	}
	job->of_auto =
	    name ? platform_driver(job->platform, name) : platform_drivers(job->platform)[0];
	if (!job->of_auto && !daemon_find(name)) {
		return error_set(err, "--daemon \"%.60s\": is chrony, ntpsec or ntp meant?", name);
	}
	return job->of_auto ? 0
			    : error_set(err,
				  "--daemon %s: %s has no such package that timetier can "
				  "configure",
				  name, job->platform->title);
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct options *options = argument;
	struct job job = { .options = options };
	struct error err = { "" };
	int status = EXIT_USAGE;

	if (!options->output && !options->common.json) {
		fputs("timetier render: say where to: -o DIR, or -o - to print\n", stderr);
		return EXIT_USAGE;
	}
	if (choose_daemon(&job, &err) == 0 && site_load(&options->common, &job.topology) &&
	    render_all(&job, argc, argv, &err) == 0 && judge_all(&job, &err) == 0 &&
	    put_out(&job, &err) == 0) {
		say_by_hand(&job);
		status = EXIT_OK;
	}
	if (err.text[0]) {
		fprintf(stderr, "timetier render: %s\n", err.text);
	}
	render_free(job.render);
	topology_free(&job.topology);
	return status;
}

static const struct option_row rows[] = {
	COMMON_OPTION_ROWS(struct options),
	{ "output", 'o', OPTION_TEXT, offsetof(struct options, output), "DIR",
	    "write DIR/HOST/PATH where it differs; - prints the files instead", 0 },
	{ "daemon", 0, OPTION_TEXT, offsetof(struct options, daemon), "NAME",
	    "render this daemon for hosts with `daemon: auto` (default: chrony)", 0 },
	{ "platform", 0, OPTION_TEXT, offsetof(struct options, platform), "PLATFORM",
	    "render for hosts of this platform, as `platforms` lists them (default: debian-12)",
	    0 },
	{ "templates", 0, OPTION_TEXT, offsetof(struct options, templates), "DIR",
	    "templates that take the place of the built-in ones", 0 },
	{ .name = NULL },
};

const struct command command_render = {
	.name = "render",
	.args = "[HOST...] -o DIR",
	.summary = "write the files that each host would get",
	.help =
	    "Without a HOST, every host of the site. Key files get mode 0600 in DIR; the modes and "
	    "owners that they have on their hosts are in --json. What is wrong with a file is told "
	    "as `check` tells "
	    "it, and the file is written all the same.\n\n"
	    "exit status: 0 done, 2 failed: the reason is told\n\n"
	    "example:\n"
	    "  timetier render time1 -o -      what time1 would get, on the terminal",
	.options = rows,
	.options_size = sizeof(struct options),
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
