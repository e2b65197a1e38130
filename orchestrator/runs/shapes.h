/*
 * Hosts whose rendered files differ in names and addresses alone are of one shape: what is judged
 * of the files of one of them holds for all, and 100,000 hosts cost no more than ten.
 */
#ifndef ORCHESTRATOR_RUNS_SHAPES_H
#define ORCHESTRATOR_RUNS_SHAPES_H

#include "common/diag.h"
#include "common/error.h"
#include "daemons/daemon.h"

struct platform;
struct topology;
struct host;

/* What is rendered, and for whom. */
struct shapes_wish {
	const struct topology *topology; /* sound */
	const struct host *const *hosts; /* NULL: every host of the site */
	size_t host_count;
	const struct platform *platform;     /* where their daemons stand; NULL: on Debian 12 */
	const struct daemon_driver *of_auto; /* what `daemon: auto` is; NULL: each that serves */
	const char *templates;               /* the operator's own; NULL: none */
	int64_t now_ns;                      /* real time */
};

/*
 * Render the files of one host of each shape, and add to @diags what is wrong with them.  A shape
 * that cannot be rendered is left out: `render` says why, and site.yaml has a finding for it.
 *
 * Returns 0, or -1 with @err set: the templates cannot be read.
 */
int shapes_judge(const struct shapes_wish *wish, struct diags *diags, struct arena *places,
    struct error *err) MUST_CHECK;

#endif
