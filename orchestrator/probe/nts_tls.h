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

/*
 * Shake hands with @name, and call @done when it is over, which it is in NTS_TLS_MS at most; never
 * before this returns.
 *
 * @name: a name or an address; the certificate must be for it, and of an authority that this
 *        machine trusts
 * @port: NTS_PORT, except in tests
 * @result: filled before @done is called; stays where it is until then
 */
#define NTS_TLS_MS 8000
void nts_tls_start(uv_loop_t *loop, const char *name, unsigned port, struct probe_nts *result,
    nts_tls_done done, void *ctx);

#endif
