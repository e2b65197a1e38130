/* Makes the socket of "ADDRESS:PORT" at which a server listens; errors say what to do. */
#ifndef ORCHESTRATOR_COLLECT_LISTEN_H
#define ORCHESTRATOR_COLLECT_LISTEN_H

#include "common/address.h"

struct endpoint {
	struct ip ip;
	unsigned port; /* 0: the kernel chooses */
};

#define ENDPOINT_TEXT_BYTES (IP_TEXT_BYTES + 10)

/* Read "127.0.0.1:8123" or "[::1]:8123". */
int endpoint_parse(const char *text, struct endpoint *endpoint, struct error *err) MUST_CHECK;

/* "[::1]:8123"; @out has ENDPOINT_TEXT_BYTES bytes; returns @out. */
const char *endpoint_text(const struct endpoint *endpoint, char *out);

/* Whether the address of @endpoint is one of this machine. */
bool endpoint_is_here(const struct endpoint *endpoint);

/*
 * Make a socket that listens at @endpoint, close-on-exec and non-blocking; the caller owns @fd.  A
 * port that the kernel chose is written to @endpoint.
 *
 * @option: "--listen": named in errors
 */
int listen_at(struct endpoint *endpoint, const char *option, int *fd, struct error *err) MUST_CHECK;

#endif
