/*
 * Estimates how long a rollout will take.  For each host it takes the time that hosts took for the
 * same action before, where the journal knows it, else a time that was measured once.  The hosts of
 * a wave work at once, the waves one after the other.  The estimate is no promise.  This file does
 * no I/O.
 */
#ifndef ORCHESTRATOR_ROLLOUT_ESTIMATE_H
#define ORCHESTRATOR_ROLLOUT_ESTIMATE_H

#include "orchestrator/rollout/rollout.h"

struct estimate {
	int64_t about_ns; /* when all goes well */
	int64_t most_ns;  /* when each host and each quorum is waited for as long as it may take */
};

struct estimate_input {
	unsigned parallel;
	int64_t confirm_within_ns;
	void *ctx;
	/* How long hosts with @daemon took for @action before, in ns; 0: not known. */
	int64_t (*usual)(void *ctx, const char *daemon, enum file_action action);
};

struct estimate estimate_host(const struct estimate_input *input, const struct rollout_host *host);

/* The estimate for the hosts of @wave together; @wave 0: for all waves. */
struct estimate estimate_wave(const struct estimate_input *input, const struct rollout_host *hosts,
    size_t count, unsigned wave);

#define ESTIMATE_TEXT_BYTES 32

/* Write @ns as a person would say it: "5 s", "40 s", "12 min", "1.5 h"; returns @out. */
const char *estimate_text(int64_t ns, char *out);

#endif
