/* Delivers one report at a time: the collectors are tried in turn, a connection is kept. */
#ifndef AGENT_UPLINK_UPLINK_H
#define AGENT_UPLINK_UPLINK_H

#include "agent/uplink/connection.h"

enum uplink_outcome {
	UPLINK_DELIVERED,
	UPLINK_REJECTED, /* this report will never be taken: 400, 413 */
	UPLINK_DENIED,   /* the collector does not accept this host: 401, 403 */
	UPLINK_FAILED,   /* nobody took it: keep it, and try again later */
};

struct uplink;
typedef void (*uplink_done)(struct uplink *uplink, enum uplink_outcome outcome, const char *error);

/* uplink_init() begins it, uplink_close() ends it. */
struct uplink {
	const struct agent_config *config;
	uv_loop_t *loop;
	struct tls_context *context;
	struct connection *connection; /* kept, or the one that is tried; NULL: none */
	size_t collector;              /* index of the connection's collector */
	uplink_done done;
	void *owner; /* for done's use */
	bool busy;
	struct buf body;
	size_t attempts; /* collectors tried for this report */
	bool reused;     /* the connection has served before: it may have gone stale */
};

/* @config: borrowed until uplink_close() */
int uplink_init(struct uplink *uplink, uv_loop_t *loop, const struct agent_config *config,
    struct error *err) MUST_CHECK;

/* Deliver @body, which is copied; @done is called once.  Not while it is busy. */
void uplink_send(struct uplink *uplink, const char *body, uplink_done done);

/* End the connection; no @done is called any more.  The loop must run once more. */
void uplink_close(struct uplink *uplink);

#endif
