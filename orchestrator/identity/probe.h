/* Asks who listens at a collector's address: which key it has. */
#ifndef ORCHESTRATOR_IDENTITY_PROBE_H
#define ORCHESTRATOR_IDENTITY_PROBE_H

#include "orchestrator/identity/pin.h"

/*
 * The pin of the key with which a collector at @url answers.  Waits for some seconds at most, after
 * the look-up of its name.
 *
 * @url: "https://HOST:PORT"
 * @pin: PIN_TEXT_BYTES bytes; untouched on false
 * Returns whether somebody answered with a key.
 */
bool probe_pin(const char *url, char *pin) MUST_CHECK;

#endif
