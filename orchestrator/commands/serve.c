/* timetier serve: the collector and the page. */
#include "common/log.h"
#include "orchestrator/alerts/alerting.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/state.h"
#include "orchestrator/collect/collector.h"
#include "orchestrator/publish/web.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct common_options common;
	const char *listen, *page, *state;
	const char *page_names[OPTION_LIST_MAX + 1]; /* ended by NULL */
	bool verbose;
};

#define LOOK_MS 2000 /* whether site.yaml was changed */

struct server {
	uv_loop_t loop;
	uv_signal_t signals[3];
	uv_fs_poll_t site_watch;
	const char *site_file;
	struct collector collector;
	struct web *web;
	struct alerting *alerting;
	struct endpoint page;
};

static void
free_loaded(struct topology *topology)
{
	topology_free(topology);
	free(topology);
}

/* The site, or NULL when it is wrong, which was said. */
static struct topology *
load(const char *file)
{
	struct topology *topology = calloc(1, sizeof(*topology));
	struct diags diags = { 0 };
	int status;

	if (!topology) {
		abort();
	}
	status = topology_load(topology, file, &diags);
	if (status < 0) {
		diags_sort(&diags);
		diags_print(&diags, stderr, use_colour(STDERR_FILENO));
	}
	diags_free(&diags);
	if (status < 0) {
		free_loaded(topology);
		return NULL;
	}
	return topology;
}

static void
reload(struct server *server)
{
	struct topology *topology = load(server->site_file);

	if (!topology) {
		log_error(
		    "site: %s is wrong: going on with what it said before", server->site_file);
		return;
	}
	collector_use(&server->collector, &topology);
	log_info("site: %s read again: %zu hosts", server->site_file,
	    server->collector.topology->host_count);
}

/* The site file was changed, or came or went. */
static void
site_changed(
    uv_fs_poll_t *watch, int status, const uv_stat_t *before UNUSED, const uv_stat_t *now UNUSED)
{
	if (status == 0) {
		reload(watch->data);
	}
}

static void
stop(struct server *server)
{
	web_stop(server->web);
	server->web = NULL;
	alerting_stop(server->alerting);
	collector_stop(&server->collector);
	for (size_t i = 0; i < COUNT(server->signals); i++) {
		uv_close((uv_handle_t *)&server->signals[i], NULL);
	}
	uv_close((uv_handle_t *)&server->site_watch, NULL);
}

static void
signalled(uv_signal_t *handle, int number)
{
	struct server *server = handle->data;

	if (number == SIGHUP) {
		reload(server);
		return;
	}
	log_info("serve: ending on signal %d", number);
	stop(server);
}

static void
watch_signals(struct server *server)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uv_signal_init(&server->loop, &server->signals[i]);
		server->signals[i].data = server;
		uv_signal_start(&server->signals[i], signalled, numbers[i]);
	}
}

static void
watch_site(struct server *server)
{
	uv_fs_poll_init(&server->loop, &server->site_watch);
	server->site_watch.data = server;
	uv_fs_poll_start(&server->site_watch, site_changed, server->site_file, LOOK_MS);
}

/*
 * Where to listen when nothing was said: at the first of the site's collectors that is an address
 * of this machine, else on the loopback, and it is said that no agent reaches that.
 */
static void
choose_listen(const struct topology *topology, struct endpoint *listen)
{
	static const struct endpoint loopback = { .ip = { IP_V4, { 127, 0, 0, 1 } }, .port = 8123 };
	static const char scheme[] = "https://";
	char text[ENDPOINT_TEXT_BYTES];
	struct error err;

	for (size_t i = 0; i < topology->collector_count; i++) {
		const char *url = topology->collectors[i];

		if (strncmp(url, scheme, strlen(scheme)) == 0 &&
		    endpoint_parse(url + strlen(scheme), listen, &err) == 0 &&
		    endpoint_is_here(listen)) {
			return;
		}
	}
	*listen = loopback;
	if (topology->collector_count > 0) {
		log_warning("serve: agents report to %s, which is no address of this machine: "
			    "listening at %s, which they do not reach; choose with --listen",
		    topology->collectors[0], endpoint_text(listen, text));
	}
}

static const struct topology *
topology_of(void *context)
{
	return ((struct server *)context)->collector.topology;
}

static const struct conditions *
conditions_of(void *context)
{
	return &((struct server *)context)->collector.watch.conditions;
}

static int
start_alerting(struct server *server, const char *folder, struct error *err)
{
	const struct alerting_source source = { topology_of, conditions_of, server };

	server->alerting = alerting_start(&server->loop, folder, &source, err);
	return server->alerting ? 0 : -1;
}

static int
start(struct server *server, const struct options *options, struct topology **topology,
    struct error *err)
{
	struct endpoint listen;
	char folder[PATH_MAX];
	int fd;

	if (!options->listen) {
		choose_listen(*topology, &listen);
	} else if (endpoint_parse(options->listen, &listen, err) < 0) {
		return error_wrap(err, "--listen");
	}
	if (endpoint_parse(options->page ? options->page : "127.0.0.1:8124", &server->page, err) <
	    0) {
		return error_wrap(err, "--page");
	}
	if (state_folder(options->state, server->site_file, folder, err) < 0 ||
	    listen_at(&server->page, "--page", &fd, err) < 0) {
		return -1;
	}
	if (collector_start(&server->collector, &server->loop, topology, folder, &listen, err) <
	    0) {
		close(fd);
		return -1;
	}
	if (web_start(&server->loop, fd, &server->collector, options->page_names, &server->web,
		err) < 0) {
		collector_stop(&server->collector);
		return -1;
	}
	if (start_alerting(server, folder, err) < 0) {
		web_stop(server->web);
		collector_stop(&server->collector);
		return -1;
	}
	return 0;
}

static void
say_hello(const struct server *server)
{
	char text[ENDPOINT_TEXT_BYTES];

	log_info("serve: site %s, %zu hosts", server->collector.topology->site,
	    server->collector.topology->host_count);
	log_info("serve: reports at https://%s/, pin %s",
	    endpoint_text(&server->collector.listen, text), server->collector.identity.pin);
	log_info("serve: page at http://%s/", endpoint_text(&server->page, text));
}

static int
run(const void *given, int argc UNUSED, char **argv UNUSED)
{
	const struct options *options = given;
	struct server server = {
		.site_file = site_file(&options->common),
		.collector.lock_fd = -1,
	};
	struct topology *topology;
	struct error err;
	int status = EXIT_OK;

	log_setup(options->verbose      ? LOG_LEVEL_DEBUG
		: options->common.quiet ? LOG_LEVEL_WARNING
					: LOG_LEVEL_INFO,
	    getenv("JOURNAL_STREAM") ? LOG_TARGET_JOURNAL : LOG_TARGET_STDERR);
	topology = load(server.site_file);
	if (!topology) {
		return EXIT_USAGE;
	}
	if (uv_loop_init(&server.loop) != 0) {
		abort();
	}
	if (start(&server, options, &topology, &err) < 0) {
		log_error("serve: %s", err.text);
		if (topology) {
			free_loaded(topology);
		}
		status = EXIT_USAGE;
	} else {
		watch_signals(&server);
		watch_site(&server);
		say_hello(&server);
	}
	uv_run(&server.loop, UV_RUN_DEFAULT);
	alerting_free(server.alerting);
	collector_done(&server.collector);
	uv_loop_close(&server.loop);
	return status;
}

static const struct option_row rows[] = {
	SITE_ROW(struct options),
	QUIET_ROW(struct options),
	{ "listen", 0, OPTION_TEXT, offsetof(struct options, listen), "ADDR:PORT",
	    "where agents report by TLS (default: at the site's collectors, if that is here)", 0 },
	{ "page", 0, OPTION_TEXT, offsetof(struct options, page), "ADDR:PORT",
	    "where the page is, by plain HTTP (default: 127.0.0.1:8124)", 0 },
	{ "page-name", 0, OPTION_LIST, offsetof(struct options, page_names), "NAME",
	    "a name that people use for it, beside addresses and this machine's name", 0 },
	{ "state", 0, OPTION_TEXT, offsetof(struct options, state), "DIR",
	    "identity and history (default: .timetier beside the site)", 0 },
	{ "verbose", 'v', OPTION_FLAG, offsetof(struct options, verbose), NULL,
	    "log what goes on in the servers", 0 },
	{ .name = NULL },
};

const struct command command_serve = {
	.name = "serve",
	.args = "",
	.summary = "take the agents' reports, and show the fleet on a page",
	.help =
	    "It runs until SIGINT or SIGTERM. The site is read again when its file changes, and on "
	    "SIGHUP; while that is wrong, what it "
	    "said before stays in force. The page changes nothing, whoever opens it; it has no "
	    "password, so "
	    "think before it leaves the loopback.\n\n"
	    "exit status: 0 it was told to end, 2 it could not begin",
	.options = rows,
	.options_size = sizeof(struct options),
	.usage_status = EXIT_USAGE,
	.run = run,
};
