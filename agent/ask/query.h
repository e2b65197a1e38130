/* Asks the local daemon how it is doing, in the way that its driver says. */
#ifndef AGENT_ASK_QUERY_H
#define AGENT_ASK_QUERY_H

#include "agent/ask/control.h"
#include "agent/host/program.h"
#include "daemons/daemon.h"

struct query;

/* @status: NULL when the daemon did not answer; then @error says why. */
typedef void (*query_done)(
    struct query *query, const struct daemon_status *status, const char *error);

/* Zero-initialise it. */
struct query {
	const struct daemon_driver *driver;
	query_done done;
	void *owner; /* for done's use */
	struct program program;
	struct control control;
};

bool query_is_running(const struct query *query);

/* Ask; @done is called once, never before this returns.  Not while it is running. */
void query_start(
    struct query *query, uv_loop_t *loop, const struct daemon_driver *driver, query_done done);

void query_free(struct query *query);

#endif
