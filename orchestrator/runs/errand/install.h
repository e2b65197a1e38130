/*
 * The packages of declared daemons on hosts that do not have them: what their installation would
 * do, and the installation itself (remote/install.sh).  No service is started by it, and nothing is
 * ever removed for it.
 */
#ifndef ORCHESTRATOR_RUNS_ERRAND_INSTALL_H
#define ORCHESTRATOR_RUNS_ERRAND_INSTALL_H

#include "orchestrator/runs/job.h"

struct install {
	const char *host;
	const struct daemon_driver *driver;
	const char *version;
	const char *others;  /* what else would come: "libedit2 3.1, tzdata 2024a"; "" */
	const char *refused; /* why it is not done, and what to do; NULL: it can be done */
};

/* Zero-initialised; installs_done() ends it. */
struct installs {
	struct install *list;
	size_t count, possible; /* possible: not refused */
	struct arena arena;
};

/*
 * Judge what apt-get's simulation told of the package of @install->driver: lines "Inst NAME [OLD]
 * (VERSION ...)" and "Remv NAME ...".  Fills all but the host.
 */
void install_judge(const char *simulation, struct arena *arena, struct install *install);

/*
 * Ask those hosts of @request that have a declared daemon; who has its package is left out.  What
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

void installs_done(struct installs *installs);

#endif
