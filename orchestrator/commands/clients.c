/* timetier clients: who asks the servers for the time, how often; and whom to deny. */
#include "common/clock.h"
#include "common/file.h"
#include "orchestrator/clients/entry.h"
#include "orchestrator/clients/show.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/rollout/plan/diff.h"
#include "orchestrator/runs/confirm.h"
#include "orchestrator/runs/errand/client_lists.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECONDS 30
#define SECONDS_MAX 60 /* and two readings: within ERRAND_S_MAX */
#define TOP 10
#define SITE_BYTES_MAX (64 << 20)

/* --- timetier clients --deny --- */

/* A site, and what loading and the rules say of it. */
struct judged {
	struct topology topology;
	struct diags diags;
	bool sound;
};

static void
judge(struct judged *judged, const char *file, const struct buf *text)
{
	judged->diags = (struct diags){ .errors = 0 };
	judged->sound = topology_load_text(
			    &judged->topology, file, buf_str(text), text->len, &judged->diags) == 0;
	lint_run(&judged->topology, clock_real_ns(), &judged->diags);
	diags_sort(&judged->diags);
}

static void
judged_free(struct judged *judged)
{
	diags_free(&judged->diags);
	topology_free(&judged->topology);
}

static int
read_entry(const struct rollout_options *options, struct deny_entry *entry, struct error *err)
{
	int64_t day_ns;

	*entry = (struct deny_entry){ .because = options->because, .until = options->until };
	if (!options->because || !options->because[0] || strpbrk(options->because, "\n\t\r")) {
		return error_set(err,
		    "--deny needs --because, in one line: why, for the next "
		    "reader of the file");
	}
	if (options->until && !clock_parse_day(options->until, &day_ns)) {
		return error_set(
		    err, "--until \"%.40s\" is not a day, as 2027-06-30", options->until);
	}
	return network_parse(options->deny, &entry->network, err);
}

static int
write_site(const char *file, const struct buf *fresh, struct error *err)
{
	char path[PATH_MAX];
	struct stat info;

	/* a link stays, and the file that it leads to is replaced */
	if (!realpath(file, path) || stat(path, &info) < 0) {
		return error_set(err, "%s is not there any more", file);
	}
	return file_replace(path, fresh->data, fresh->len, info.st_mode & 07777, err);
}

/* Show what would change; ask; write. */
static int
offer(const struct rollout_options *options, const char *file, const struct buf *old,
    const struct buf *fresh, struct error *err)
{
	struct buf diff = { .limit_bytes = 1 << 20 };

	diff_unified(&diff, buf_str(old), old->len, buf_str(fresh), fresh->len);
	printf("--- %s\n+++ %s\n%s", file, file, buf_str(&diff));
	fflush(stdout);
	buf_free(&diff);
	if (!confirm(options, "clients", "write this to the site file")) {
		return EXIT_FINDINGS;
	}
	if (write_site(file, fresh, err) < 0) {
		return -1;
	}
	fprintf(stderr,
	    "timetier clients: %s has the entry; `timetier apply` puts it on the "
	    "servers\n",
	    file);
	return EXIT_OK;
}

/* The exit status, or -1 with @err set. */
static int
deny_in(const struct rollout_options *options, const struct deny_entry *entry, const char *file,
    struct buf *old, struct buf *fresh, struct error *err)
{
	struct judged before, after;
	int status = -1;

	judge(&before, file, old);
	if (!before.sound) {
		diags_print(&before.diags, stderr, use_colour(STDERR_FILENO));
		judged_free(&before);
		return error_set(err, "a file with errors is not written to");
	}
	judge(&after, file, fresh);
	if (!after.sound || after.diags.errors > before.diags.errors) {
		diags_print(&after.diags, stderr, use_colour(STDERR_FILENO));
		error_set(err, "with this entry the site would have an error: nothing was written");
	} else if (deny_entry_verify(&before.topology, &after.topology, entry, err) == 0) {
		status = offer(options, file, old, fresh, err);
	}
	judged_free(&after);
	judged_free(&before);
	return status;
}

static int
deny(const struct rollout_options *options)
{
	const char *file = site_file(&options->common);
	struct buf old = { .limit_bytes = SITE_BYTES_MAX },
		   fresh = { .limit_bytes = SITE_BYTES_MAX };
	struct deny_entry entry;
	struct error err;
	int status = -1;

	if (read_entry(options, &entry, &err) == 0 && file_read(file, &old, &err) == 0 &&
	    deny_entry_add(buf_str(&old), old.len, &entry, &fresh, &err) == 0) {
		status = deny_in(options, &entry, file, &old, &fresh, &err);
	}
	if (status < 0) {
		fprintf(stderr, "timetier clients: %s\n", err.text);
		status = EXIT_USAGE;
	}
	buf_free(&old);
	buf_free(&fresh);
	return status;
}

/* --- timetier clients --- */

static int
look(const struct rollout_options *options, int argc, char **argv)
{
	struct client_lists lists = { .count = 0 };
	unsigned seconds = options->seconds ? options->seconds : SECONDS;
	unsigned top = options->top ? options->top : TOP;
	int status = EXIT_USAGE;

	lists.seconds = seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
	if (client_lists_ask(&lists, "clients", options, argv, argc) == 0) {
		const struct topology *topology = &lists.job.topology;

		if (options->common.json) {
			command_print_json(
			    clients_json(topology, lists.servers, lists.count, &lists.view));
		} else {
			clients_show(topology, lists.servers, lists.count, &lists.view, top);
		}
		status = lists.told < lists.count ||
			clients_are_wrong(lists.servers, lists.count, &lists.view)
		    ? EXIT_FINDINGS
		    : EXIT_OK;
	}
	client_lists_done(&lists);
	return status;
}

static int
run(const void *argument, int argc, char **argv)
{
	const struct rollout_options *options = argument;

	if (!options->deny && (options->because || options->until)) {
		fprintf(stderr, "timetier clients: --because and --until belong to --deny NET\n");
		return EXIT_USAGE;
	}
	if (options->deny && argc > 0) {
		fprintf(stderr, "timetier clients: --deny is for all servers: name none\n");
		return EXIT_USAGE;
	}
	return options->deny ? deny(options) : look(options, argc, argv);
}

const struct command command_clients = {
	.name = "clients",
	.args = "[SERVER...]",
	.summary = "who asks the servers for the time, and who does so too often",
	.help =
	    "Each server's daemon is asked over SSH for its own list of clients, twice, by the "
	    "agent "
	    "on that host: so rates are those of now. Who asks more often than every 8 s, and not "
	    "only at its start, is abusive; more often than every 32 s, chatty. Whoever a server "
	    "does not answer at all is in no list.\n\n"
	    "With --deny nobody is asked: an entry is written into the site file, after its "
	    "difference was shown and \"yes\" was said; `timetier apply` puts it on the "
	    "servers.\n\n"
	    "exit status: 0 nobody is abusive, 1 somebody is, asks the wrong servers, or a server "
	    "could not be asked, 2 it could not run",
	.options = rollout_option_rows,
	.takes = TAKER_CLIENTS,
	.options_size = sizeof(struct rollout_options),
	.max_args = -1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
