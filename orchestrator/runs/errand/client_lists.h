/* Asks servers for their lists of clients, over SSH, all at once. */
#ifndef ORCHESTRATOR_RUNS_ERRAND_CLIENT_LISTS_H
#define ORCHESTRATOR_RUNS_ERRAND_CLIENT_LISTS_H

#include "orchestrator/clients/view.h"
#include "orchestrator/runs/job.h"

/* Zero-initialise it; client_lists_done() ends it. */
struct client_lists {
	struct job job;
	struct clients_server *servers; /* in the order of the file */
	size_t count, told;             /* told: how many did */
	struct clients_view view;
	/* of the orders that are under way */
	unsigned seconds;
	const struct ip *watch;
	struct buf *orders;
	size_t order_count;
};

/*
 * Ask the servers among @words, or all of the site.  What goes wrong is told on stderr.
 *
 * @command: "clients"
 * @seconds: between the two readings of each list
 * @watch: to be told of in any case, or NULL
 * Returns 0, or -1 when nobody told.
 */
int client_lists_ask(struct client_lists *lists, const char *command,
    const struct rollout_options *options, char **words, int word_count, unsigned seconds,
    const struct ip *watch) MUST_CHECK;

void client_lists_done(struct client_lists *lists);

#endif
