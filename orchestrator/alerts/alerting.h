/*
 * Tells the site's alerts to those who should know, by short-lived programs (curl, sendmail,
 * logger, a command of the operator) that get what they send on their standard input: the collector
 * links no library that speaks HTTP or mail, and nothing that such a program does can harm it.
 */
#ifndef ORCHESTRATOR_ALERTS_ALERTING_H
#define ORCHESTRATOR_ALERTS_ALERTING_H

#include "common/error.h"

#include <uv.h>

struct alerting;
struct conditions;
struct topology;

/* Where the present site and its conditions are: both may be others at each call. */
struct alerting_source {
	const struct topology *(*topology)(void *context);
	const struct conditions *(*conditions)(void *context);
	void *context;
};

/*
 * Begin, with what the file alerts.json of @folder has from before.
 *
 * Returns NULL with @err set when that cannot be read.
 */
struct alerting *alerting_start(
    uv_loop_t *loop, const char *folder, const struct alerting_source *source, struct error *err);

/* Stop; programs that run are ended.  Run the loop until no handle is left, then free it. */
void alerting_stop(struct alerting *alerting);
void alerting_free(struct alerting *alerting);

#endif
