/* Findings as JSON, for scripts, and as SARIF, for editors and forges.  No I/O. */
#ifndef ORCHESTRATOR_LINT_FINDINGS_H
#define ORCHESTRATOR_LINT_FINDINGS_H

#include "orchestrator/lint/lint.h"

#include <jansson.h>

/*
 * @rule as { name, number, family, severity, judged: ["check", ...], summary, source, remedy, why,
 * instead }; the last two may be null.  The caller owns the object.
 */
json_t *rule_json(const struct lint_rule *rule);

/*
 * { file, errors, warnings, accepted, not_shown, findings: [{ file, line, column, severity,
 * rule, number, text, accepted, source, remedy }] }; an unknown member is null.
 *
 * @diags: sorted; findings keep this order
 * @file: site.yaml
 * Returns a new reference.
 */
json_t *findings_json(const struct diags *diags, const char *file);

/*
 * A SARIF log with one run.  An accepted finding has a suppression with the reason.
 *
 * Returns a new reference.
 * Source: OASIS SARIF 2.1.0, sections 3.13, 3.14, 3.19, 3.27, 3.35 and 3.49.
 */
json_t *findings_sarif(const struct diags *diags);

#endif
