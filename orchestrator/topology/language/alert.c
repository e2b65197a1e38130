/* The rows of `alerts`. */
#include "orchestrator/topology/alert_way.h"
#include "orchestrator/topology/language/language.h"
#include "orchestrator/topology/topology.h"

static const char *const form_words[] = { "plain", "alertmanager", "slack", NULL };
static const char *const least_words[] = { "warn", "bad", NULL };

const struct key_row alert_keys[ALERT_KEYS] = {
	{ .name = "name",
	    .type = VALUE_NAME,
	    KEY_AT(alert_way, name),
	    KEY_POS(alert_way, pos),
	    .required = true,
	    .max = 63,
	    .doc = "What this way is called in the log and in the file of alerts." },
	{ .name = "webhook",
	    .type = VALUE_TEXT,
	    KEY_AT(alert_way, webhook),
	    .doc = "Post to this URL, by `curl`, which verifies the certificate of an https one." },
	{ .name = "form",
	    .type = VALUE_CHOICE,
	    KEY_AT(alert_way, form),
	    .words = form_words,
	    .fallback = "plain",
	    .doc = "Of a webhook: what is posted there." },
	{ .name = "command",
	    .type = VALUE_TEXT,
	    KEY_AT(alert_way, command),
	    .doc =
		"Run this program, without arguments, with the plain form on its standard input." },
	{ .name = "mail",
	    .type = VALUE_TEXT,
	    KEY_AT(alert_way, mail),
	    .doc = "Send mail to this address, by `sendmail`." },
	{ .name = "syslog",
	    .type = VALUE_BOOL,
	    KEY_AT(alert_way, syslog),
	    .doc = "Write to syslog, by `logger`." },
	{ .name = "least",
	    .type = VALUE_CHOICE,
	    KEY_AT(alert_way, least),
	    .words = least_words,
	    .fallback = "warn",
	    .doc = "The least state that is told: bad leaves warn out; stale is always told." },
	{ .name = "hold",
	    .type = VALUE_DURATION,
	    KEY_AT(alert_way, hold_ns),
	    .max = 86400 * NS_PER_S,
	    .fallback = "60s",
	    .doc = "How long something has to be wrong before it is told." },
	{ .name = "repeat",
	    .type = VALUE_DURATION,
	    KEY_AT(alert_way, repeat_ns),
	    .min = 60 * NS_PER_S,
	    .max = 7 * 86400 * NS_PER_S,
	    .fallback = "14400s",
	    .doc = "After how long it is told again while it lasts; Alertmanager is always told "
		   "each minute." },
};
