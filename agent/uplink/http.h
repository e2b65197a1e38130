/* The request that delivers a report.  This file does no I/O. */
#ifndef AGENT_UPLINK_HTTP_H
#define AGENT_UPLINK_HTTP_H

#include "agent/uplink/config.h"
#include "common/buf.h"

#define HTTP_BODY_BYTES 65536 /* of an answer; it is thrown away, and more is no answer */

/* Add the request that delivers @body (@len bytes) to @out. */
void http_post(const struct agent_config *config, const struct collector_address *collector,
    const char *body, size_t len, struct buf *out);

#endif
