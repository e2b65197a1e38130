/* Alerts as those who are told read them: JSON of three forms, mail, lines.  No I/O. */
#ifndef ORCHESTRATOR_ALERTS_WORDS_H
#define ORCHESTRATOR_ALERTS_WORDS_H

#include "common/buf.h"
#include "orchestrator/alerts/alerts.h"

#define ALERT_RULE_BYTES 64

/* What an alert is called where names are in CamelCase: "TimetierOverBudget".  Returns @out. */
const char *alert_rule_name(enum condition_code code, char out[ALERT_RULE_BYTES]);

/*
 * Write what is handed to the program of @way on its standard input.
 *
 * @site:    name of the site
 * @real_ns: now
 */
void alert_words(const struct alert_way *way, const char *site, const struct alert_due *due,
    size_t count, int64_t real_ns, struct buf *out);

#endif
