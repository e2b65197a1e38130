/* A rule of check in words. */
#ifndef ORCHESTRATOR_SHOW_RULE_H
#define ORCHESTRATOR_SHOW_RULE_H

#include "orchestrator/lint/lint.h"

/* Print all that is known of @rule to stdout. */
void rule_print(const struct lint_rule *rule);

#endif
