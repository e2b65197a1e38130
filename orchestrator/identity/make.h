/* Makes the collector's key, and the certificate that carries it. */
#ifndef ORCHESTRATOR_IDENTITY_MAKE_H
#define ORCHESTRATOR_IDENTITY_MAKE_H

#include "common/error.h"

/*
 * A new P-256 key and its self-signed certificate, as PEM texts that the caller frees.
 *
 * Returns 0, or -1 with @err set and nothing to free.
 */
int make_pair(char **key_pem, char **certificate_pem, struct error *err) MUST_CHECK;

#endif
