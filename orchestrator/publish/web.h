/*
 * The page, its API and /metrics: plain HTTP on the loop.  Only GET and HEAD are answered, and no
 * request changes anything.
 */
#ifndef ORCHESTRATOR_PUBLISH_WEB_H
#define ORCHESTRATOR_PUBLISH_WEB_H

#include "orchestrator/collect/collector.h"

struct web;

/*
 * Start to answer.
 *
 * @fd:        a listening socket, owned by the web from then on (also on failure)
 * @collector: outlives the web
 * @names:     under which the page is shown, too (page_name_is_ours()); outlives the web
 */
int web_start(uv_loop_t *loop, int fd, const struct collector *collector, const char *const *names,
    struct web **web, struct error *err) MUST_CHECK;

/* When this returns, no request is answered any more.  The loop must run once more to close its
 * handles. */
void web_stop(struct web *web);

#endif
