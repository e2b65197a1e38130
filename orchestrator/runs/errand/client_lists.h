/* Asks servers for their lists of clients, over SSH, all at once. */
#ifndef ORCHESTRATOR_RUNS_ERRAND_CLIENT_LISTS_H
#define ORCHESTRATOR_RUNS_ERRAND_CLIENT_LISTS_H

#include "orchestrator/clients/view.h"
#include "orchestrator/runs/job.h"

/* Zero-initialise it, and say what is asked; client_lists_done() ends it. */
struct client_lists {
	unsigned seconds;       /* between the two readings of each list */
	const struct ip *watch; /* to be told of in any case, or NULL */
	struct job job;
	struct clients_server *servers; /* in the order of the file */
	size_t count, told;             /* told: how many did */
	struct clients_view view;
	struct buf *orders; /* that are under way */
	size_t order_count;
};

/*
 * Ask the servers among @words, or all of the site.  What goes wrong is told on stderr.
 *
 * @command: "clients"
 * Returns 0, or -1 when nobody told.
 */
int client_lists_ask(struct client_lists *lists, const char *command,
    const struct rollout_options *options, char **words, int word_count) MUST_CHECK;

void client_lists_done(struct client_lists *lists);

#endif
