/* Rules about what stands around a daemon on its host: units, names, addresses, sources.  No I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ADVICE_SURROUNDINGS_H
#define ORCHESTRATOR_ROLLOUT_ADVICE_SURROUNDINGS_H

#include "orchestrator/rollout/advice/advice.h"

/* Units that want the right time at their start, and nothing that waits for it. */
void advise_waits(struct advising *advising);

/* A resolver that needs the time that it is needed for. */
void advise_resolver(struct advising *advising);

/* Addresses of the host that site.yaml does not name. */
void advise_addresses(struct advising *advising);

/* Fewer sources from outside that can be used now than the quorum asks for. */
void advise_sources(struct advising *advising);

#endif
