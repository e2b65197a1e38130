/* What `timetier probe` found, for scripts. */
#ifndef ORCHESTRATOR_SHOW_PROBE_JSON_H
#define ORCHESTRATOR_SHOW_PROBE_JSON_H

#include "orchestrator/show/probe.h"

/* All of @shown as a new JSON object. */
struct json_t *probe_json(const struct probe_shown *shown);

#endif
