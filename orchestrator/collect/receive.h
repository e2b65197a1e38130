/*
 * Takes reports from agents: HTTPS in threads of its own, which check, parse and queue; the loop
 * takes them out.  The threads share nothing else with it but the names of the site's hosts.
 */
#ifndef ORCHESTRATOR_COLLECT_RECEIVE_H
#define ORCHESTRATOR_COLLECT_RECEIVE_H

#include "verdict/report.h"

#include <uv.h>

struct identity;
struct topology;
struct receiver;

/* How a request was answered; counted. */
enum receive_status {
	RECEIVE_ACCEPTED,   /* 204 */
	RECEIVE_NOT_REPORT, /* 400 */
	RECEIVE_BAD_TOKEN,  /* 401: none, or not that of the host */
	RECEIVE_NOT_HOST,   /* 403: its token is right, and site.yaml does not have it */
	RECEIVE_NOT_FOUND,  /* 404 */
	RECEIVE_NOT_POST,   /* 405 */
	RECEIVE_TOO_LARGE,  /* 413 */
	RECEIVE_BUSY,       /* 503: the queue is full */
	RECEIVE_STATUS_COUNT,
};

#define RECEIVE_QUEUE_MAX 1024 /* reports that wait for the loop, of some 8 KB each */

/*
 * Called on the loop for each report.
 *
 * @arrived_ns: by CLOCK_BOOTTIME, when its last byte came
 */
typedef void receive_fn(void *context, const struct report *report, int64_t arrived_ns);

/*
 * Start to listen.
 *
 * @fd:       a listening socket, owned by the receiver from then on (also on failure)
 * @identity: outlives it
 * @topology: whose hosts may report; its names are copied
 */
int receiver_start(uv_loop_t *loop, int fd, const struct identity *identity,
    struct receiver **receiver, struct error *err) MUST_CHECK;

/* Who is called, and for whose reports.  To be called before the loop runs, and at a reload. */
void receiver_serve(struct receiver *receiver, receive_fn *fn, void *context);
void receiver_set_hosts(struct receiver *receiver, const struct topology *topology);

/* How many requests were answered so. */
uint64_t receiver_count(const struct receiver *receiver, enum receive_status status);

/* "accepted", "bad-token", ...: for the counters' labels. */
const char *receive_status_name(enum receive_status status);

/*
 * Stop: no thread is left when it returns.  What was queued is handed over first.  The loop must
 * run once more to close the handle; then the receiver is freed by itself.
 */
void receiver_stop(struct receiver *receiver);

#endif
