/* Whose the certificate of an NTS server is, and until when it holds.  No I/O. */
#ifndef ORCHESTRATOR_PROBE_NTS_CERTIFICATE_H
#define ORCHESTRATOR_PROBE_NTS_CERTIFICATE_H

#include "orchestrator/probe/worth.h"

#include <openssl/x509.h>

/*
 * Judge it.  Its dates are held against the clock of this machine.
 *
 * @verified: what OpenSSL says of it and of its chain, X509_V_OK or an error
 * @name:     of the server, which it must be for
 * @nts:      gets the days until its end, and a state: NTS_GOOD, or why it is not to be trusted;
 *            the words say why, or that a good one ends soon
 */
void nts_certificate_judge(
    X509 *certificate, long verified, const char *name, struct probe_nts *nts);

#endif
