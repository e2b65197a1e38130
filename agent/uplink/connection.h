/* One TLS connection to one collector: a request at a time, on the loop, with deadlines. */
#ifndef AGENT_UPLINK_CONNECTION_H
#define AGENT_UPLINK_CONNECTION_H

#include "agent/uplink/config.h"
#include "agent/uplink/tls.h"

#include <uv.h>

struct connection;

/*
 * How a request ended.
 *
 * @status: of the answer, 200 to 599; 0: there was none, and @error says why
 */
typedef void (*connection_done)(void *owner, int status, const char *error);

/*
 * Begin to connect.
 *
 * @context, @address: borrowed until connection_close()
 * @owner:             given to every @done
 */
struct connection *connection_open(uv_loop_t *loop, struct tls_context *context,
    const struct collector_address *address, void *owner);

/*
 * Send @request (@len bytes, copied) as soon as the connection is ready; @done is called once, and
 * not before this returns unless TLS fails.  Not while another request is under way.
 */
void connection_post(
    struct connection *connection, const char *request, size_t len, connection_done done);

/* Whether another request may be sent over it. */
bool connection_is_open(const struct connection *connection);

/* Close the connection in any state; no @done is called any more.  NULL does nothing. */
void connection_close(struct connection *connection);

#endif
