/*
 * The last time at which this host's clock was known to be right.  It is a bound for the first set
 * of a boot where the sources cannot prove who they are before the clock is right.
 */
#ifndef AGENT_FIRST_SET_GOOD_H
#define AGENT_FIRST_SET_GOOD_H

#include "common/error.h"

#include <stdint.h>

/*
 * As a unit of its own does every hour: ask the daemon whether it follows its sources, and if it
 * does, keep the present time, unless a later one is kept already.
 *
 * Returns 0, or 1 when the daemon follows nobody; -1 with @err set.
 */
int first_set_remember(const char *config, struct error *err) MUST_CHECK;

/* CLOCK_REALTIME as it was kept; 0: none was. */
int64_t first_set_good_ns(void);

/* Keep the present time, whatever was kept; nothing happens where nothing is to be kept. */
void first_set_good_renew(const char *words);

#endif
