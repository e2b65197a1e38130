/*
 * How long a rollout will take, by a plain model: what hosts took for the same before, where the
 * journal knows, else what was measured once; hosts of a wave at once, waves one after the other.
 * An estimate, no promise.  Pure.
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
	/* What hosts of that daemon took for that action, ns; 0: not known. */
	int64_t (*usual)(void *ctx, const char *daemon, enum file_action action);
};

struct estimate estimate_host(const struct estimate_input *input, const struct rollout_host *host);

/* Of the hosts of @wave together; 0: of all waves. */
struct estimate estimate_wave(const struct estimate_input *input, const struct rollout_host *hosts,
    size_t count, unsigned wave);

#define ESTIMATE_TEXT_BYTES 32

/* As one would say it: "5 s", "40 s", "12 min", "1.5 h"; returns @out. */
const char *estimate_text(int64_t ns, char *out);

#endif
