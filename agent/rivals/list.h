/* The list of rivals, for the files that add to it. */
#ifndef AGENT_RIVALS_LIST_H
#define AGENT_RIVALS_LIST_H

#include "agent/rivals/rivals.h"

struct rivals_list {
	const char *root;
	const struct rivals_of *of;
	struct arena arena;
	char (*names)[REPORT_RIVAL_BYTES];
	size_t count;
};

/* Add a rival, unless it is in the list already or the list is full. */
void rivals_add(struct rivals_list *list, const char *fmt, ...) PRINTF(2, 3);

/* Add hooks of the network, cron, timers, and what rewrites the daemon's configuration. */
void rivals_find_hooks(struct rivals_list *list);

/* Add programs and drivers of this guest by which the hypervisor sets the clock. */
void rivals_find_guests(struct rivals_list *list);

#endif
