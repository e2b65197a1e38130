/*
 * Takes reports from agents.  The threads of an HTTPS server check, parse and queue the reports;
 * the loop takes them out of the queue.  Threads and loop also share the site's hosts, the counts,
 * and the identity, which nobody changes.
 */
#ifndef ORCHESTRATOR_COLLECT_RECEIVE_H
#define ORCHESTRATOR_COLLECT_RECEIVE_H

#include "orchestrator/collect/unknown.h"

#include <uv.h>

struct identity;
struct topology;
struct receiver;

/* How a request was answered; counted. */
enum receive_status {
	RECEIVE_ACCEPTED,   /* 204 */
	RECEIVE_NOT_REPORT, /* 400 */
	RECEIVE_BAD_TOKEN,  /* 401: no token, or not the host's */
	RECEIVE_NOT_HOST,   /* 403: the token is right, but the host is not in site.yaml */
	RECEIVE_NOT_FOUND,  /* 404 */
	RECEIVE_NOT_POST,   /* 405 */
	RECEIVE_TOO_LARGE,  /* 413 */
	RECEIVE_TOO_OFTEN,  /* 429: the host sends more than an agent does */
	RECEIVE_BUSY,       /* 503: the queue is full */
	RECEIVE_STATUS_COUNT,
};

#define RECEIVE_QUEUE_MAX 1024 /* reports that wait for the loop, of some 8 KB each */

/*
 * Called on the loop for each report.
 *
 * @arrived_ns: CLOCK_BOOTTIME when the whole report had come
 */
typedef void receive_fn(void *context, const struct report *report, int64_t arrived_ns);

/*
 * Start to listen.
 *
 * @fd:       a listening socket, owned by the receiver from then on (also on failure)
 * @identity: outlives the receiver
 */
int receiver_start(uv_loop_t *loop, int fd, const struct identity *identity,
    struct receiver **receiver, struct error *err) MUST_CHECK;

/* Set the function that gets the reports.  Call this before the loop runs. */
void receiver_serve(struct receiver *receiver, receive_fn *fn, void *context);

/* Set the hosts that may report, and by which token: those of @topology, whose names are copied.
 * Call this before the loop runs, and when the topology changes or a token is revoked. */
void receiver_set_hosts(struct receiver *receiver, const struct topology *topology);

/* How many requests were answered with @status. */
uint64_t receiver_count(const struct receiver *receiver, enum receive_status status);

/* Copy which hosts report at present with a token of this site and are not in it. */
void receiver_unknown(struct receiver *receiver, struct unknown_hosts *hosts);

/* "accepted", "bad-token", ...: for the counters' labels. */
const char *receive_status_name(enum receive_status status);

/*
 * Stop @receiver, which may be NULL.  What was queued is handed over, and no thread is left when
 * this returns.  The loop must run once more to close the handle; this frees the receiver.
 */
void receiver_stop(struct receiver *receiver);

#endif
