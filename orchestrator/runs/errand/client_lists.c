#include "orchestrator/runs/errand/client_lists.h"

#include "orchestrator/clients/order.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READING_S 25 /* the most for one reading of a list */

static const char *const words_of_agent[] = { "clients", NULL };

static void
fill_order(void *ctx, const struct host *host, struct errand *errand)
{
	struct client_lists *lists = ctx;
	struct buf *order = &lists->orders[lists->order_count++];

	clients_order(&lists->job.topology, host, lists->seconds, lists->watch, order);
	errand->input = buf_str(order);
	errand->input_len = order->len;
}

/* All servers, when nobody is named.  The names are borrowed from the topology. */
static char **
server_names(const struct topology *topology)
{
	char **names = calloc(topology->server_count + 1, sizeof(*names));

	assert(names);
	for (size_t i = 0; i < topology->server_count; i++) {
		names[i] = (char *)(uintptr_t)topology->hosts[i].name; /* nobody writes */
	}
	return names;
}

static bool
all_are_servers(const struct client_lists *lists)
{
	for (size_t i = 0; i < lists->job.host_count; i++) {
		if (lists->job.hosts[i]->role != HOST_SERVER) {
			fprintf(stderr,
			    "timetier %s: %s is no server of a tier: nobody asks it for the time\n",
			    lists->job.request.command, lists->job.hosts[i]->name);
			return false;
		}
	}
	return true;
}

static void
take_answers(struct client_lists *lists)
{
	size_t count;
	const struct rollout_host *hosts = rollout_hosts(lists->job.rollout, &count);

	lists->servers = calloc(count + 1, sizeof(*lists->servers));
	assert(lists->servers);
	lists->count = count;
	for (size_t i = 0; i < count; i++) {
		struct clients_server *server = &lists->servers[i];
		struct error err;

		server->server = hosts[i].host;
		if (!hosts[i].said) {
			continue;
		}
		if (clients_report_decode(&server->report, hosts[i].said, hosts[i].said_len, &err) <
		    0) {
			fprintf(stderr, "timetier %s: host %s: %s\n", lists->job.request.command,
			    hosts[i].host->name, err.text);
			continue;
		}
		server->told = true;
		lists->told++;
	}
}

static int
ask(struct client_lists *lists, struct job_request *request, char **names)
{
	struct job *job = &lists->job;

	if (request->word_count == 0) {
		request->names = names;
		request->name_count = (int)job->topology.server_count;
	}
	if (job_begin(job, request) < 0 || !all_are_servers(lists)) {
		return -1;
	}
	lists->orders = calloc(job->host_count + 1, sizeof(*lists->orders));
	assert(lists->orders);
	rollout_plan(job->rollout);
	progress_end(&job->progress);
	job_print_failures(job);
	take_answers(lists);
	clients_view_make(&job->topology, lists->servers, lists->count, &lists->view);
	return lists->told > 0 ? 0 : -1;
}

int
client_lists_ask(struct client_lists *lists, const char *command,
    const struct rollout_options *options, char **words, int word_count)
{
	struct errand errand = { .words = words_of_agent,
		.limit_s = lists->seconds + 2 * READING_S,
		.fill = fill_order,
		.ctx = lists };
	struct job_request request = { .command = command,
		.kind = ROLLOUT_ERRAND,
		.looks = true,
		.errand = &errand,
		.options = options,
		.words = words,
		.word_count = word_count };
	char **names = NULL;
	int status = -1;

	if (job_open(&lists->job, &request) == 0) {
		names = server_names(&lists->job.topology);
		status = ask(lists, &request, names);
	}
	free(names);
	return status;
}

void
client_lists_done(struct client_lists *lists)
{
	for (size_t i = 0; i < lists->order_count; i++) {
		buf_free(&lists->orders[i]);
	}
	free(lists->orders);
	for (size_t i = 0; i < lists->count; i++) {
		clients_report_free(&lists->servers[i].report);
	}
	free(lists->servers);
	clients_view_free(&lists->view);
	job_done(&lists->job);
}
