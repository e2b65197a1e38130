/* timetier abuse: the notice to whoever owns an address that asks too often.  Sends nothing. */
#include "common/clock.h"
#include "common/file.h"
#include "common/resource.h"
#include "orchestrator/clients/notice.h"
#include "orchestrator/runs/errand/client_lists.h"

#include <stdio.h>
#include <string.h>

#define TEMPLATE "abuse.mail"
#define TEMPLATE_BYTES_MAX (256 << 10)
#define SECONDS 30
#define SECONDS_MAX 60

static const struct clients_view_row *
find(const struct clients_view *view, const struct ip *ip)
{
	for (size_t i = 0; i < view->row_count; i++) {
		if (ip_equal(&view->rows[i].ip, ip)) {
			return &view->rows[i];
		}
	}
	return NULL;
}

/* The operator's template, of a file or of the folder of --templates, or the built-in one. */
static int
read_template(const struct rollout_options *options, struct buf *text, struct error *err)
{
	const struct resource *built_in =
	    resource_find(template_resources, template_resource_count, TEMPLATE);
	char path[4096];

	if (options->templates) {
		snprintf(path, sizeof(path), "%s/" TEMPLATE, options->templates);
		return file_read(path, text, err);
	}
	buf_add(text, built_in->bytes, built_in->len);
	return 0;
}

static int
write_notice(const struct rollout_options *options, const struct client_lists *lists,
    const struct ip *ip, const char *address)
{
	const struct clients_view_row *row = find(&lists->view, ip);
	struct buf text = { .limit_bytes = TEMPLATE_BYTES_MAX }, out = { .limit_bytes = 1 << 20 };
	struct notice notice = { .topology = &lists->job.topology,
		.row = row,
		.now_ns = clock_real_ns(),
		.to = options->to };
	struct error err;
	int status = EXIT_OK;

	if (!row) {
		fprintf(stderr,
		    "timetier abuse: no server has %s in its list of clients: it is silent, or "
		    "gets no answer%s\n",
		    address, topology_denied(notice.topology, ip, NULL) ? " (`deny` has it)" : "");
		return EXIT_FINDINGS;
	}
	if (read_template(options, &text, &err) < 0 ||
	    notice_write(&notice, TEMPLATE, buf_str(&text), text.len, &out, &err) < 0) {
		fprintf(stderr, "timetier abuse: %s\n", err.text);
		status = EXIT_USAGE;
	} else {
		fputs(buf_str(&out), stdout);
		fflush(stdout);
		if (row->host) {
			fprintf(stderr, "timetier abuse: %s is %s of this site\n", address,
			    row->host->name);
		} else if (row->class != CLIENT_ABUSIVE) {
			fprintf(stderr, "timetier abuse: %s does not ask too often now: %s\n",
			    address, client_class_name(row->class));
		}
	}
	buf_free(&text);
	buf_free(&out);
	return status;
}

static int
run(const void *argument, int argc UNUSED, char **argv)
{
	const struct rollout_options *options = argument;
	struct client_lists lists = { .count = 0 };
	unsigned seconds = options->seconds ? options->seconds : SECONDS;
	int status = EXIT_USAGE;
	struct ip ip;

	if (!ip_parse(argv[0], &ip)) {
		fprintf(stderr,
		    "timetier abuse: \"%.60s\" is not an IP address, as `timetier "
		    "clients` shows them\n",
		    argv[0]);
		return EXIT_USAGE;
	}
	lists.seconds = seconds < SECONDS_MAX ? seconds : SECONDS_MAX;
	lists.watch = &ip;
	if (client_lists_ask(&lists, "abuse", options, NULL, 0) == 0) {
		status = write_notice(options, &lists, &ip, argv[0]);
	}
	client_lists_done(&lists);
	return status;
}

const struct command command_abuse = {
	.name = "abuse",
	.args = "ADDRESS",
	.summary = "write to the owner of an address that asks too often",
	.help =
	    "Prints a mail: how often the address asks, since when, how many packets it sent in "
	    "all, and what was blocked. Nothing is sent. The servers are asked over SSH for what "
	    "they know of it, as by `timetier clients`. A file abuse.mail in the folder of "
	    "--templates takes the place of the built-in text.\n\n"
	    "exit status: 0 it was written, 1 no server knows the address, 2 it could not run",
	.options = rollout_option_rows,
	.takes = TAKER_ABUSE,
	.options_size = sizeof(struct rollout_options),
	.min_args = 1,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
