/* What the installation of a daemon's package would do to a host, as install.sh tells it; no I/O.
 */
#ifndef ORCHESTRATOR_RUNS_ERRAND_SIMULATION_H
#define ORCHESTRATOR_RUNS_ERRAND_SIMULATION_H

#include "common/arena.h"
#include "daemons/daemon.h"

struct install {
	const char *host;
	const struct daemon_driver *driver;
	const char *version; /* NULL: it is there, beside @former */
	/* The package that goes when the new daemon has its place, with the version that its host
	 * has; NULL: none. */
	const struct daemon_driver *former;
	const char *former_version;
	const char *others;  /* what else would come: "libedit2 3.1, tzdata 2024a"; "" */
	const char *refused; /* why it is not done, and what to do; NULL: it can be done */
};

/*
 * Judge what install.sh told of the package of @install->driver: lines of apt-get's simulation,
 * "Inst NAME [OLD] (VERSION ...)" and "Remv NAME ...", and its own, "Have NAME VERSION", "Lacks
 * NAME VERSION", "Named NAME" and "Beside NAME VERSION".  Fills all but the host.
 */
void install_judge(const char *simulation, struct arena *arena, struct install *install);

#endif
