/* Asks the local daemon how it is doing, in the way that its driver says. */
#ifndef AGENT_ASK_QUERY_H
#define AGENT_ASK_QUERY_H

#include "agent/ask/brief.h"
#include "agent/ask/control.h"
#include "agent/ask/dialogue.h"
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
	void *owner;   /* for done's use */
	long stranger; /* who held the daemon's port when it was asked, or HOLDER_NONE */
	struct program program;
	struct control control;
	struct brief brief;
	struct dialogue dialogue;
	uv_loop_t *loop;
};

bool query_is_running(const struct query *query);

/*
 * Ask; @done is called once, never before this returns.  Not while it is running.  While a stranger
 * has the daemon's port, no answer counts.
 */
void query_start(
    struct query *query, uv_loop_t *loop, const struct daemon_driver *driver, query_done done);

/*
 * The same for a process that must not start a program: of the status, leap, stratum and selected
 * are certain.
 */
void query_start_confined(
    struct query *query, uv_loop_t *loop, const struct daemon_driver *driver, query_done done);

void query_free(struct query *query);

#endif
