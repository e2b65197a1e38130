/* One host as JSON: as a row of the fleet, or with all that is known of it.  Names: see api.h. */
#ifndef ORCHESTRATOR_PUBLISH_API_HOST_H
#define ORCHESTRATOR_PUBLISH_API_HOST_H

#include "common/buf.h"
#include "orchestrator/collect/fleet.h"
#include "orchestrator/collect/names.h"

struct address_list;
struct budget;

json_t *api_addresses(const struct address_list *addresses);
json_t *api_budget(const struct budget *budget);

/*
 * Add a row and the comma behind it.
 *
 * @sources: whether the row has the sources of the host's daemon
 */
void api_host_row(struct buf *out, const struct fleet_host *row, const struct names *names,
    bool sources, int64_t now_ns);

/* Write a whole document: the row, and all else that is known. */
void api_host_full(
    struct buf *out, const struct fleet_host *row, const struct names *names, int64_t now_ns);

#endif
