/* The list of rivals, for the files that add to it. */
#ifndef AGENT_RIVALS_LIST_H
#define AGENT_RIVALS_LIST_H

#include "agent/rivals/rivals.h"

struct rivals_list {
	const char *root;
	const struct rivals_of *of;
	struct arena arena;
	struct report_rival *rivals;
	size_t count;
	const char *const *pulled_in; /* the services that start at a boot */
	size_t pulled_in_count;
	struct report_rival spare; /* written to when the list is full */
};

/*
 * Add a rival, unless it is in the list already or the list is full.  Returns the entry, whose
 * switch the caller may fill in; never NULL.
 */
struct report_rival *rivals_add(struct rivals_list *list, const char *fmt, ...) PRINTF(2, 3);

/* Add a process that has root's rights and a program's name, and may be another one. */
void rivals_add_unproven(struct rivals_list *list, const struct process *process);

bool rivals_starts_at_boot(const struct rivals_list *list, const char *unit);

/* Add hooks of the network, cron, timers, and what rewrites the daemon's configuration. */
void rivals_find_hooks(struct rivals_list *list);

/* Add cloud-init when its configuration has `ntp:`. */
void rivals_find_cloud(struct rivals_list *list);

/* Add programs and drivers of this guest by which the hypervisor sets the clock. */
void rivals_find_guests(struct rivals_list *list);

#endif
