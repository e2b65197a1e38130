/*
 * The page, its API and /metrics: plain HTTP on the loop.  It answers GET and HEAD and changes
 * nothing, whoever asks.
 */
#ifndef ORCHESTRATOR_PUBLISH_WEB_H
#define ORCHESTRATOR_PUBLISH_WEB_H

#include "orchestrator/collect/collector.h"

struct web;

/*
 * Start to answer.
 *
 * @fd:        a listening socket, owned by the web from then on (also on failure)
 * @collector: outlives it
 */
int web_start(uv_loop_t *loop, int fd, const struct collector *collector, struct web **web,
    struct error *err) MUST_CHECK;

/* Nothing is answered any more when it returns; the loop must run once more to close handles. */
void web_stop(struct web *web);

#endif
