/*
 * What a host's agent measures, before a change, of the servers that its daemon will ask: for a
 * daemon whose start may step the clock, and that may follow nobody yet.  No I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_HOST_MEASURED_H
#define ORCHESTRATOR_ROLLOUT_HOST_MEASURED_H

#include "verdict/restart.h"

/* The questions to all sources of @policy, as a line for `timetier-agent ask`; the caller frees it.
 */
char *measured_questions(const struct restart_policy *policy);

/*
 * Read what that command printed.
 *
 * @text: @len bytes of the host, not trusted
 * @sources: filled with those that were asked; one that gave no good sample is not fit
 *
 * Returns how many, 0 when it is no answer to those questions.
 */
size_t measured_sources(const struct restart_policy *policy, const char *text, size_t len,
    struct restart_source sources[RESTART_SOURCES_MAX]);

#endif
