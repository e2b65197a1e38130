/* One host as JSON: the row of the fleet, and all that is known of it.  See api.h for the names. */
#ifndef ORCHESTRATOR_PUBLISH_API_HOST_H
#define ORCHESTRATOR_PUBLISH_API_HOST_H

#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/names.h"

struct address_list;
struct budget;

json_t *api_addresses(const struct address_list *addresses);
json_t *api_budget(const struct budget *budget);

/* @sources: whether its sources are in it */
json_t *api_host_row(
    const struct fleet_host *row, const struct names *names, bool sources, int64_t now_ns);
json_t *api_host_full(const struct fleet_host *row, const struct names *names, int64_t now_ns);

#endif
