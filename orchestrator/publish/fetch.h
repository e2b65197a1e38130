/* Asks a collector for its fleet: one small HTTP GET, bounded in time and bytes. */
#ifndef ORCHESTRATOR_PUBLISH_FETCH_H
#define ORCHESTRATOR_PUBLISH_FETCH_H

#include "common/buf.h"
#include "common/error.h"

#define FETCH_BYTES_MAX (64 * 1024 * 1024)
#define FETCH_TIMEOUT_S 10

/*
 * GET @url + @path.  Blocks, for a few seconds at most: for commands, not for a loop.
 *
 * @url:  "http://127.0.0.1:8124"; other schemes are refused
 * @body: what came, when the answer was 200
 * Returns 0, or -1 with @err set.
 */
int fetch(const char *url, const char *path, struct buf *body, struct error *err) MUST_CHECK;

/*
 * The body of an HTTP answer that came whole, its header cut off.
 *
 * Returns 0, or -1 with @err set: no HTTP answer, cut short, or not 200.
 */
int fetch_body(struct buf *answer, struct error *err) MUST_CHECK;

#endif
