/* Alerts as they are kept over a restart of the collector, so that none is told twice. */
#include "common/json_fields.h"
#include "orchestrator/alerts/alerts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *
encode_told(const struct alert *alert)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ALERT_WAYS_MAX; i++) {
		const struct alert_told *told = &alert->told[i];

		if (told->way[0]) {
			json_array_append_new(list,
			    json_pack("{s:o, s:i, s:I, s:I}", "way", fields_text(told->way),
				"state", (int)told->state, "count", (json_int_t)told->count, "at",
				(json_int_t)told->at_ns));
		}
	}
	return list;
}

char *
alerts_encode(const struct alerts *alerts)
{
	json_t *list = json_array(), *json;
	char *text;

	for (size_t i = 0; i < alerts->count; i++) {
		const struct alert *alert = &alerts->list[i];

		json_array_append_new(list,
		    json_pack("{s:s, s:o, s:i, s:I, s:I, s:o, s:o, s:o}", "code",
			condition_name(alert->code), "where", fields_text(alert->where), "state",
			(int)alert->state, "count", (json_int_t)alert->count, "since",
			(json_int_t)alert->since_ns, "subject", fields_text(alert->subjects[0]),
			"reason", fields_text(alert->reason), "told", encode_told(alert)));
	}
	json = json_pack("{s:i, s:o}", "version", 1, "alerts", list);
	text = json_dumps(json, JSON_INDENT(1));
	json_decref(json);
	if (!text) {
		abort();
	}
	return text;
}

static enum health_state
state_from(int number)
{
	return number > STATE_GOOD && number < STATE_COUNT ? (enum health_state)number : STATE_WARN;
}

static void
decode_told(const json_t *list, struct alert *alert)
{
	for (size_t i = 0; i < json_array_size(list) && i < ALERT_WAYS_MAX; i++) {
		json_t *json = json_array_get(list, i);
		json_int_t at, count;
		const char *way;
		int state;

		if (json_unpack(json, "{s:s, s:i, s:I, s:I}", "way", &way, "state", &state, "count",
			&count, "at", &at) == 0) {
			alert->told[i] = (struct alert_told){
				.state = state_from(state), .count = (size_t)count, .at_ns = at
			};
			snprintf(alert->told[i].way, sizeof(alert->told[i].way), "%s", way);
		}
	}
}

static bool
decode_alert(json_t *json, struct alert *alert)
{
	const char *code, *where, *subject, *reason;
	json_int_t count, since;
	json_t *told;
	int state;

	if (json_unpack(json, "{s:s, s:s, s:i, s:I, s:I, s:s, s:s, s:o}", "code", &code, "where",
		&where, "state", &state, "count", &count, "since", &since, "subject", &subject,
		"reason", &reason, "told", &told) < 0) {
		return false;
	}
	*alert = (struct alert){ .code = condition_find(code),
		.state = state_from(state),
		.count = count > 0 ? (size_t)count : 1,
		.since_ns = since };
	snprintf(alert->where, sizeof(alert->where), "%s", where);
	snprintf(alert->subjects[0], sizeof(alert->subjects[0]), "%s", subject);
	snprintf(alert->reason, sizeof(alert->reason), "%s", reason);
	decode_told(told, alert);
	/* of more than one only the first is kept by name: until it stands again, that is all */
	alert->count = 1;
	return alert->code != CONDITION_CODES;
}

int
alerts_decode(struct alerts *alerts, const char *text, size_t len, struct error *err)
{
	json_error_t wrong;
	json_t *json = json_loadb(text, len, 0, &wrong), *list = json_object_get(json, "alerts");

	if (!json_is_array(list)) {
		json_decref(json);
		return error_set(err, "it is not what this program writes there");
	}
	free(alerts->list);
	alerts->list = calloc(json_array_size(list) + 1, sizeof(*alerts->list));
	alerts->capacity = json_array_size(list) + 1;
	alerts->count = 0;
	if (!alerts->list) {
		abort();
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		alerts->count +=
		    decode_alert(json_array_get(list, i), &alerts->list[alerts->count]);
	}
	json_decref(json);
	return 0;
}
