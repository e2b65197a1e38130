/*
 * The packages of declared daemons on hosts that do not have them: what their installation would
 * do, and the installation itself (remote/install.sh).  No service is started by it, and nothing is
 * removed for it but the package of the daemon that the declared one takes over from: that goes
 * when the rollout is over.
 */
#ifndef ORCHESTRATOR_RUNS_ERRAND_INSTALL_H
#define ORCHESTRATOR_RUNS_ERRAND_INSTALL_H

#include "orchestrator/runs/errand/simulation.h"
#include "orchestrator/runs/job.h"

/* Zero-initialised; installs_done() ends it. */
struct installs {
	struct install *list;
	size_t count, possible; /* possible: neither refused nor there */
	struct arena arena;
};

/*
 * Ask those hosts of @request that have a declared daemon; who has its package is left out.
 * Unless @request only looks, an installation that was cut short there is ended first.  What
 * goes wrong is told on stderr.  Returns 0 or -1.
 */
int installs_look(struct installs *installs, const struct job_request *request) MUST_CHECK;

/* A line for each. */
void installs_print(const struct installs *installs, FILE *out);

struct json_t;
struct json_t *installs_json(const struct installs *installs);

/*
 * Carry out those that are possible; the journal has a run of kind "install".  What goes wrong is
 * told on stderr.
 *
 * Returns 0, or -1: not all are installed.
 */
int installs_run(const struct installs *installs, const struct job_request *request) MUST_CHECK;

/*
 * After the rollout, where a daemon took over from another: one of the two packages goes.  What
 * became of it is told on stderr, unless that is to be quiet.
 *
 * Returns 0, or -1: both are left somewhere.
 */
int installs_settle(const struct installs *installs, const struct job_request *request) MUST_CHECK;

void installs_done(struct installs *installs);

#endif
