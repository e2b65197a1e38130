/* The words with which a provider is asked for source address filtering.  No I/O. */
#ifndef ORCHESTRATOR_AUDIT_LETTER_H
#define ORCHESTRATOR_AUDIT_LETTER_H

#include "common/buf.h"
#include "orchestrator/topology/topology.h"

#define LETTER_TEMPLATE "provider.mail"

/*
 * Fill the template @text of the site; its names are in templates(7).
 *
 * @tested: the day of a test in which such packets came through; NULL: there was none
 * Returns 0, or -1 with @err set: the place in the template and what is wrong there.
 */
int letter_write(const struct topology *topology, const char *text, size_t len, const char *tested,
    struct buf *out, struct error *err) MUST_CHECK;

#endif
