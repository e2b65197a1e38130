/* Who asks the servers, in words and as JSON. */
#ifndef ORCHESTRATOR_CLIENTS_SHOW_H
#define ORCHESTRATOR_CLIENTS_SHOW_H

#include "orchestrator/clients/view.h"

#include <jansson.h>

/* Print the servers, and of each kind of clients the first @top, to stdout. */
void clients_show(const struct topology *topology, const struct clients_server *servers,
    size_t count, const struct clients_view *view, unsigned top);

/* The same, all of it; the caller frees it. */
json_t *clients_json(const struct topology *topology, const struct clients_server *servers,
    size_t count, const struct clients_view *view);

/* Whether somebody asks too often, or the wrong servers. */
bool clients_are_wrong(
    const struct clients_server *servers, size_t count, const struct clients_view *view);

#endif
