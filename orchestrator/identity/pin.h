/* The pin of a key, which its collector's agents know. */
#ifndef ORCHESTRATOR_IDENTITY_PIN_H
#define ORCHESTRATOR_IDENTITY_PIN_H

#include "common/base.h"

#define PIN_TEXT_BYTES 64

struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

/*
 * Write "sha256//BASE64" of the SHA-256 of the key's SubjectPublicKeyInfo to @pin, of
 * PIN_TEXT_BYTES bytes.  Returns 0 or -1.  Source: RFC 7469 section 2.4.
 */
int pin_of_key(struct evp_pkey_st *key, char *pin) MUST_CHECK;

/*
 * The pin that the text of an agent.conf has.
 *
 * @pin: PIN_TEXT_BYTES bytes; untouched on false
 * Returns whether there is one.
 */
bool pin_in_config(const char *text, size_t len, char *pin) MUST_CHECK;

#endif
