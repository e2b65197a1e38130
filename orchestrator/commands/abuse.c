/* timetier abuse: the notice to whoever owns an address that asks too often.  Sends nothing. */
#include "common/clock.h"
#include "common/file.h"
#include "common/resource.h"
#include "orchestrator/cli/site.h"
#include "orchestrator/clients/notice.h"
#include "orchestrator/commands/abuse_whois.h"
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

/* Say why nobody, or not everybody, is to be written to; @row NULL: no server knows it. */
static void
tell_case(const struct topology *topology, const struct clients_view_row *row, const struct ip *ip,
    const char *address)
{
	char text[CLIENTS_TIME_BYTES], rate[CLIENTS_RATE_BYTES];
	enum notice_case is;

	fprintf(stderr, "timetier abuse: ");
	if (!row) {
		fprintf(stderr,
		    "no server has %s in its list of clients: it is silent, or gets no answer%s\n",
		    address, topology_denied(topology, ip, NULL) ? " (`deny` has it)" : "");
		return;
	}
	is = notice_case_of(row);
	if (is == NOTICE_STOPPED) {
		fprintf(stderr,
		    "%s has stopped: its latest packet came at %s; the notice says what was\n",
		    address, clients_time_text(row->last_ns, text));
	} else if (is == NOTICE_PARTNER) {
		fprintf(stderr,
		    "%s is a source or a sibling of %s: packets go both ways, and nobody is to be "
		    "written to\n",
		    address, row->at[0].server->server->name);
	} else if (row->recent > 0) {
		fprintf(stderr,
		    "%s does not ask too often now: %s; there is nothing to write to its owner\n",
		    address,
		    row->rate > 0 ? clients_rate_text(row->rate, rate)
				  : client_class_name(row->class));
	} else {
		fprintf(stderr,
		    "%s is silent, since %s, and did not ask too often; there is nothing to write "
		    "to its owner\n",
		    address, clients_time_text(row->last_ns, text));
	}
}

/* Whom WHOIS names; it is only told, for what stands there is nobody's promise. */
static const char *
ask_whois(const struct ip *ip, const char *address, char contact[WHOIS_CONTACT_BYTES])
{
	struct error err;

	if (abuse_whois(ip, contact, &err) < 0) {
		fprintf(stderr, "timetier abuse: %s\n", err.text);
		return NULL;
	}
	fprintf(stderr, "timetier abuse: WHOIS names %s for abuse of %s\n", contact, address);
	return contact;
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
	enum notice_case is = row ? notice_case_of(row) : NOTICE_HARMLESS;
	char contact[WHOIS_CONTACT_BYTES];
	struct error err;
	int status = is == NOTICE_GOES_ON ? EXIT_OK : EXIT_FINDINGS;

	if (is == NOTICE_GOES_ON || is == NOTICE_STOPPED) {
		if (options->whois && !notice.to) {
			notice.to = ask_whois(ip, address, contact);
		}
		if (read_template(options, &text, &err) < 0 ||
		    notice_write(&notice, TEMPLATE, buf_str(&text), text.len, &out, &err) < 0) {
			fprintf(stderr, "timetier abuse: %s\n", err.text);
			status = EXIT_USAGE;
		} else {
			fputs(buf_str(&out), stdout);
			fflush(stdout);
		}
	}
	if (status == EXIT_FINDINGS) {
		tell_case(notice.topology, row, ip, address);
	}
	buf_free(&text);
	buf_free(&out);
	return status;
}

/* The host of the site that has this address; NULL: none has. */
static const struct host *
host_of(const struct topology *topology, const struct ip *ip)
{
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct address_list *addresses = &topology->hosts[i].addresses;

		for (size_t k = 0; k < addresses->count; k++) {
			if (ip_equal(&addresses->list[k].ip, ip)) {
				return &topology->hosts[i];
			}
		}
	}
	return NULL;
}

/* Whether it is an address of somebody else, of whom the servers can be asked. */
static bool
is_of_another(
    const struct rollout_options *options, const struct ip *ip, const char *address, int *status)
{
	struct topology topology = { .host_count = 0 };
	const struct host *own;

	*status = EXIT_USAGE;
	if (!site_load(&options->common, &topology)) {
		topology_free(&topology);
		return false;
	}
	own = host_of(&topology, ip);
	if (own) {
		fprintf(stderr,
		    "timetier abuse: %s is %s of this site: there is nobody to write to; "
		    "`timetier clients` tells how often it asks\n",
		    address, own->name);
		*status = EXIT_FINDINGS;
	}
	topology_free(&topology);
	return !own;
}

static int
run(const void *argument, int argc UNUSED, char **argv)
{
	const struct rollout_options *options = argument;
	struct client_lists lists = { .count = 0 };
	unsigned seconds = options->seconds ? options->seconds : SECONDS;
	int status = EXIT_USAGE;
	struct network network;
	struct error err;
	struct ip ip;

	if (strchr(argv[0], '/') && network_parse(argv[0], &network, &err) == 0) {
		fprintf(stderr,
		    "timetier abuse: \"%.60s\" is a network: write to the owner of one address; "
		    "`timetier clients --deny` blocks a network\n",
		    argv[0]);
		return EXIT_USAGE;
	}
	if (!ip_parse(argv[0], &ip)) {
		fprintf(stderr,
		    "timetier abuse: \"%.60s\" is not an IP address, as `timetier "
		    "clients` shows them\n",
		    argv[0]);
		return EXIT_USAGE;
	}
	if (!is_of_another(options, &ip, argv[0], &status)) {
		return status;
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
	    "An address that has stopped is written of in the past tense; of one that asks no more "
	    "often than a client may, of a source or sibling and of a host of the site, nothing is "
	    "written.\n\n"
	    "exit status: 0 it was written: it goes on, 1 it has stopped, or there is nothing to "
	    "write, as stderr says, 2 it could not run",
	.options = rollout_option_rows,
	.takes = TAKER_ABUSE,
	.options_size = sizeof(struct rollout_options),
	.min_args = 1,
	.max_args = 1,
	.usage_status = EXIT_USAGE,
	.run = run,
};
