/*
 * The fleet as a full screen, until somebody quits: asks, draws, and does what keys mean.  It
 * changes nothing anywhere.
 */
#ifndef ORCHESTRATOR_WATCH_WATCH_H
#define ORCHESTRATOR_WATCH_WATCH_H

#include "common/error.h"

/*
 * Watch the collector at @url.
 *
 * Returns 0 when it was ended, by a key or a signal, and the terminal is as it was; or -1 with
 * @err set: the terminal shows no full screen.
 */
int watch_run(const char *url, struct error *err) MUST_CHECK;

#endif
