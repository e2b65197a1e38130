/* What an audit saw: a line an address for people, all of it as JSON. */
#ifndef ORCHESTRATOR_SHOW_AUDIT_H
#define ORCHESTRATOR_SHOW_AUDIT_H

#include "common/diag.h"
#include "orchestrator/audit/audit.h"
#include "orchestrator/audit/member.h"

/* A table on stdout: who was asked, what should have come, what came. */
void audit_print(const struct audit *audit, bool colour);

/*
 * { site, from, addresses: [{ host, to, from, why, version, stranger, low_port_only, doors: { time:
 * { expected, came, right, packets, bytes, question_bytes, factor }, ... } }] }, and what
 * findings_json() has.
 *
 * @from: the host that asked; NULL: this one
 */
json_t *audit_json(const struct audit *audit, const char *from, const struct diags *diags);

/* Likewise of proofs of membership. */
void member_print(
    const struct topology *topology, const struct member_row *rows, size_t count, bool colour);

/*
 * { site, from, proofs: [{ host, way, by, to, from, expected, came, result, means }] }, and what
 * findings_json() has.
 */
json_t *member_shown_json(const struct topology *topology, const struct member_row *rows,
    size_t count, const char *from, const struct diags *diags);

#endif
