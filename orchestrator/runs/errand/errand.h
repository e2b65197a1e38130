/*
 * Runs a command of the agent on hosts by SSH, for commands that look at the site from there.  A
 * host without the agent's program is brought one for this command, which is gone afterwards.
 */
#ifndef ORCHESTRATOR_RUNS_ERRAND_ERRAND_H
#define ORCHESTRATOR_RUNS_ERRAND_ERRAND_H

#include "common/buf.h"
#include "orchestrator/cli/rollout_options.h"
#include "orchestrator/rollout/host/request.h"

#define ERRAND_HOSTS_MAX 32

struct errand_request {
	const char *command; /* "audit": begins the lines of progress */
	const struct topology *topology;
	const struct rollout_options *options; /* how hosts are reached */
	/* hosts of the site, or user@host[:port], which need not be one; they work beside each
	 * other */
	const char *from[ERRAND_HOSTS_MAX];
	size_t count;
	const struct errand *errand;
	/* Called each @beside_ms while hosts are at work; NULL: nothing. */
	void (*beside)(void *ctx);
	void *ctx;
	unsigned beside_ms;
};

/*
 * Which machine @from is, by one name whatever is written: a host of the site by its name, also
 * where it is written as user@address; another machine by its name or address alone.
 *
 * @name: filled on success
 * Returns 0, or -1 with @err set: it is neither.
 */
#define ERRAND_NAME_BYTES 256
int errand_machine(const struct topology *topology, const char *from, char name[ERRAND_NAME_BYTES],
    struct error *err) MUST_CHECK;

/* What errand_run() returns when the host was not reached: then nothing was done there. */
#define ERRAND_UNREACHED (-2)

/*
 * Do it, and wait for its end.
 *
 * @said: what the command printed on each: bytes of a host, not trusted
 * Returns 0, ERRAND_UNREACHED, or -1, both with @err set: no such host, a broken link, or no
 * program of the agent runs there.
 */
int errand_run(
    const struct errand_request *request, struct buf *said, struct error *err) MUST_CHECK;

#endif
