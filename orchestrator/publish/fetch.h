/* Asks a collector for its fleet: one HTTP GET, with limits on its bytes and on each wait. */
#ifndef ORCHESTRATOR_PUBLISH_FETCH_H
#define ORCHESTRATOR_PUBLISH_FETCH_H

#include "common/error.h"
#include "common/http_response.h"

#define FETCH_BYTES_MAX (64 * 1024 * 1024)
#define FETCH_TIMEOUT_S 10

/*
 * GET @url + @path.  Blocks, for up to FETCH_TIMEOUT_S at each wait: for commands, not for a loop.
 *
 * @url:  "http://127.0.0.1:8124"; other schemes are refused
 * @body: what came is added to it, when the answer was 200; else it is as it was
 * Returns 0, or -1 with @err set.
 */
int fetch(const char *url, const char *path, struct buf *body, struct error *err) MUST_CHECK;

/* The parts of such an exchange, for who has a loop. */
struct fetch_target {
	char host[256];
	char port[8];
};

/* Returns 0, or -1 with @err set: this is no http://ADDRESS:PORT. */
int fetch_parse_url(const char *url, struct fetch_target *target, struct error *err) MUST_CHECK;

/* Add the request to @request: by HTTP/1.0, so that the server ends the connection behind its
 * answer. */
void fetch_request(const struct fetch_target *target, const char *path, struct buf *request);

/*
 * Whether an answer is what was asked for, once its server has nothing more to say.
 *
 * @progress: what http_response_feed() returned last
 * Returns 0, or -1 with @err set: no HTTP answer, not 200, too long, or cut short.
 */
int fetch_judge(
    const struct http_response *answer, enum http_progress progress, struct error *err) MUST_CHECK;

#endif
