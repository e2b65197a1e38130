/*
 * One handshake of NTS key establishment: TLS 1.3 to a server, the question, its answer.  The file
 * beside this header is the only one that knows TLS here.
 */
#ifndef ORCHESTRATOR_PROBE_NTS_TLS_H
#define ORCHESTRATOR_PROBE_NTS_TLS_H

#include "orchestrator/probe/worth.h"

#include <uv.h>

struct nts_tls;
typedef void (*nts_tls_done)(void *ctx);

/* With whom. */
struct nts_tls_place {
	const char *name; /* or an address; the certificate must be for it, and of an authority that
			   * this machine trusts */
	unsigned port;    /* NTS_PORT, except in tests */
	unsigned limit_ms; /* NTS_TLS_MS, except in tests */
};

#define NTS_TLS_MS 8000

/*
 * Shake hands with @place, and call @done when it is over, which it is within its limit whatever
 * the server does; never before this returns.
 *
 * SIGPIPE must be ignored: writing to a connection that the server closed raises it.
 *
 * @result: filled before @done is called; stays where it is until then
 */
void nts_tls_start(uv_loop_t *loop, const struct nts_tls_place *place, struct probe_nts *result,
    nts_tls_done done, void *ctx);

#endif
