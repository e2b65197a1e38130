#include "orchestrator/alerts/words.h"

#include "common/clock.h"
#include "common/json_fields.h"
#include "orchestrator/topology/alert_way.h"
#include "orchestrator/topology/topology.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDS_NS (300 * NS_PER_S) /* Alertmanager believes us so long when it hears no more */

const char *
alert_rule_name(enum condition_code code, char out[ALERT_RULE_BYTES])
{
	size_t len = (size_t)snprintf(out, ALERT_RULE_BYTES, "Timetier");
	bool begins = true;

	for (const char *c = condition_name(code); *c && len + 1 < ALERT_RULE_BYTES; c++) {
		if (*c != '-') {
			out[len++] = (char)(begins ? toupper((unsigned char)*c) : *c);
		}
		begins = *c == '-';
	}
	out[len] = '\0';
	return out;
}

/* "time1, time2 and 398 more" */
static void
add_subjects(const struct alert *alert, struct buf *out)
{
	size_t named = alert->count < ALERT_SUBJECTS ? alert->count : ALERT_SUBJECTS;

	for (size_t i = 0; i < named; i++) {
		buf_printf(out, "%s%s", i > 0 ? ", " : "", alert->subjects[i]);
	}
	if (alert->count > named) {
		buf_printf(out, " and %zu more", alert->count - named);
	}
}

/* One line: "bad: beyond its budget: time1 (core): the offset is ..." */
static void
add_line(const struct alert_due *due, struct buf *out)
{
	const struct alert *alert = &due->alert;

	buf_printf(out, "%s: %s: ", due->over ? "over" : health_state_name(alert->state),
	    condition_title(alert->code));
	add_subjects(alert, out);
	if (condition_scope(alert->code) == SCOPE_HOST) {
		buf_printf(out, " (%s)", alert->where);
	}
	if (!due->over) {
		buf_printf(out, ": %s", alert->reason);
	}
}

static json_t *
line_of(const struct alert_due *due)
{
	struct buf line = { 0 };
	json_t *json;

	add_line(due, &line);
	json = fields_lines(buf_str(&line));
	buf_free(&line);
	return json;
}

static json_t *
encode_plain(const struct alert_due *due)
{
	const struct alert *alert = &due->alert;
	char rule[ALERT_RULE_BYTES], since[CLOCK_TEXT_BYTES];
	json_t *subjects = json_array();

	for (size_t i = 0; i < alert->count && i < ALERT_SUBJECTS; i++) {
		json_array_append_new(subjects, fields_text(alert->subjects[i]));
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:I, s:o, s:o}", "status",
	    due->over ? "resolved" : "firing", "name", alert_rule_name(alert->code, rule), "code",
	    condition_name(alert->code), "scope",
	    condition_scope_name(condition_scope(alert->code)), "where", fields_text(alert->where),
	    "state", health_state_name(alert->state), "title", condition_title(alert->code),
	    "since", clock_text(alert->since_ns, since), "count", (json_int_t)alert->count,
	    "subjects", subjects, "reason", fields_text(alert->reason));
}

/* Source: Alertmanager's API v2, POST /api/v2/alerts. */
static json_t *
encode_manager(const char *site, const struct alert_due *due, int64_t real_ns)
{
	const struct alert *alert = &due->alert;
	char rule[ALERT_RULE_BYTES], since[CLOCK_TEXT_BYTES], ends[CLOCK_TEXT_BYTES];

	return json_pack("{s:{s:s, s:o, s:s, s:s, s:o, s:s}, s:{s:o, s:o}, s:s, s:s}", "labels",
	    "alertname", alert_rule_name(alert->code, rule), "site", fields_text(site), "code",
	    condition_name(alert->code), "scope",
	    condition_scope_name(condition_scope(alert->code)), "where", fields_text(alert->where),
	    "severity", alert->state == STATE_BAD ? "critical" : "warning", "annotations",
	    "summary", line_of(due), "description", fields_text(alert->reason), "startsAt",
	    clock_text(alert->since_ns, since), "endsAt",
	    clock_text(due->over ? real_ns : real_ns + ENDS_NS, ends));
}

static char *
encode(const struct alert_way *way, const char *site, const struct alert_due *due, size_t count,
    int64_t real_ns)
{
	json_t *list = json_array(), *json = list;
	struct buf lines = { 0 };
	char *text;

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(list,
		    way->form == ALERT_ALERTMANAGER ? encode_manager(site, &due[i], real_ns)
						    : encode_plain(&due[i]));
		buf_printf(&lines, "%s%s: ", i > 0 ? "\n" : "", site);
		add_line(&due[i], &lines);
	}
	if (way->form == ALERT_SLACK) {
		json_decref(list);
		json = json_pack("{s:o}", "text", fields_lines(buf_str(&lines)));
	} else if (way->form == ALERT_PLAIN) {
		json = json_pack("{s:s, s:o}", "site", site, "alerts", list);
	}
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	buf_free(&lines);
	if (!text) {
		abort();
	}
	return text;
}

/* What curl reads from its standard input: so neither URL nor text is seen in a list of processes.
 */
static void
add_curl(const char *url, const char *body, struct buf *out)
{
	buf_printf(
	    out, "url = \"%s\"\nheader = \"Content-Type: application/json\"\ndata-raw = \"", url);
	for (const char *c = body; *c; c++) {
		if (*c == '"' || *c == '\\') {
			buf_add(out, "\\", 1);
		}
		buf_add(out, c, 1);
	}
	buf_text(out, "\"\n");
}

void
alert_words(const struct alert_way *way, const char *site, const struct alert_due *due,
    size_t count, int64_t real_ns, struct buf *out)
{
	char *body;

	if (way->mail) {
		buf_printf(out, "To: %s\nSubject: %s: ", way->mail, site);
		if (count == 1) {
			buf_printf(out, "%s: %s: %s\n",
			    due->over ? "over" : health_state_name(due->alert.state),
			    condition_title(due->alert.code), due->alert.where);
		} else {
			buf_printf(out, "%zu alerts\n", count);
		}
		buf_text(out,
		    "Content-Type: text/plain; charset=utf-8\n"
		    "Auto-Submitted: auto-generated\n\n");
	}
	if (way->mail || way->syslog) {
		for (size_t i = 0; i < count; i++) {
			buf_printf(out, "%s: ", site);
			add_line(&due[i], out);
			buf_text(out, "\n");
		}
		return;
	}
	body = encode(way, site, due, count, real_ns);
	if (way->webhook) {
		add_curl(way->webhook, body, out);
	} else {
		buf_text(out, body);
	}
	free(body);
}
