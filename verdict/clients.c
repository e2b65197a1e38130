#include "verdict/clients.h"

#include "common/json_fields.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_MAX (INT64_C(1) << 53)
#define SPAN_MAX (INT64_C(200) * 366 * 86400 * NS_PER_S)

const char *
client_class_name(enum client_class value)
{
	static const char *const names[] = {
		[CLIENT_OK] = "ok",
		[CLIENT_CHATTY] = "chatty",
		[CLIENT_ABUSIVE] = "abusive",
		[CLIENT_PARTNER] = "partner",
	};

	return names[value];
}

static const char *
class_text(int value)
{
	return client_class_name((enum client_class)value);
}

int64_t
client_interval_ns(const struct client_habit *habit)
{
	if (habit->recent >= 2 && habit->window_ns > 0) {
		return habit->window_ns / (int64_t)habit->recent;
	}
	return habit->average_ns;
}

enum client_class
client_classify(const struct client_habit *habit)
{
	int64_t interval_ns = client_interval_ns(habit);
	/* a habit: it shows between the readings alone, or the list has seen it before, too */
	bool sustained = habit->recent > CLIENT_SUSTAINED ||
	    (habit->recent > CLIENT_BURST && habit->packets > CLIENT_SUSTAINED &&
		habit->average_ns > 0 && habit->average_ns < CLIENT_ABUSIVE_NS);
	bool heedless = habit->recent > CLIENT_BURST && habit->limited;

	if (interval_ns == 0 || interval_ns >= CLIENT_CHATTY_NS) {
		return CLIENT_OK;
	}
	if (interval_ns < CLIENT_ABUSIVE_NS && (sustained || heedless)) {
		return CLIENT_ABUSIVE;
	}
	/* few packets are a start, or chance; of few just now its account says more */
	return habit->packets <= CLIENT_BURST ||
		(habit->recent <= CLIENT_BURST &&
		    (habit->average_ns == 0 || habit->average_ns >= CLIENT_CHATTY_NS))
	    ? CLIENT_OK
	    : CLIENT_CHATTY;
}

#define ROW(member) FIELD_AT(client_row, member)
static const struct field row_fields[] = {
	{ "address", FIELD_TEXT, true, ROW(address), 0, 0, NULL, 0 },
	{ "packets", FIELD_COUNT, true, ROW(packets), 0, COUNT_MAX, NULL, 0 },
	{ "recent", FIELD_COUNT, true, ROW(recent), 0, COUNT_MAX, NULL, 0 },
	{ "dropped", FIELD_COUNT, true, ROW(dropped), 0, COUNT_MAX, NULL, 0 },
	{ "interval_ns", FIELD_INT64, true, ROW(interval_ns), 0, SPAN_MAX, NULL, 0 },
	{ "first", FIELD_INSTANT, false, ROW(first_ns), INSTANT_MIN, INSTANT_MAX, NULL, 0 },
	{ "ago_ns", FIELD_INT64, true, ROW(ago_ns), 0, SPAN_MAX, NULL, 0 },
	{ "class", FIELD_NAME, true, ROW(class), 0, CLIENT_CLASSES - 1, class_text, 0 },
	{ "stranger", FIELD_BOOL, true, ROW(stranger), 0, 0, NULL, 0 },
	{ "misplaced", FIELD_BOOL, true, ROW(misplaced), 0, 0, NULL, 0 },
	{ "watched", FIELD_BOOL, true, ROW(watched), 0, 0, NULL, 0 },
	{ "version", FIELD_UINT, true, ROW(version), 0, 7, NULL, 0 },
	{ .name = NULL },
};

#define REPORT(member) FIELD_AT(clients_report, member)
static const struct field report_fields[] = {
	{ "daemon", FIELD_TEXT, true, REPORT(daemon), 0, 0, NULL, 0 },
	{ "taken", FIELD_INSTANT, true, REPORT(taken_ns), INSTANT_MIN, INSTANT_MAX, NULL, 0 },
	{ "window_ns", FIELD_INT64, true, REPORT(window_ns), 0, SPAN_MAX, NULL, 0 },
	{ "clients", FIELD_COUNT, true, REPORT(clients), 0, COUNT_MAX, NULL, 0 },
	{ "recent", FIELD_COUNT, true, REPORT(recent), 0, COUNT_MAX, NULL, 0 },
	{ "recent_v6", FIELD_COUNT, true, REPORT(recent_v6), 0, COUNT_MAX, NULL, 0 },
	{ "dropped", FIELD_COUNT, true, REPORT(dropped), 0, COUNT_MAX, NULL, 0 },
	{ "ok", FIELD_COUNT, true, REPORT(classes[CLIENT_OK]), 0, COUNT_MAX, NULL, 0 },
	{ "chatty", FIELD_COUNT, true, REPORT(classes[CLIENT_CHATTY]), 0, COUNT_MAX, NULL, 0 },
	{ "abusive", FIELD_COUNT, true, REPORT(classes[CLIENT_ABUSIVE]), 0, COUNT_MAX, NULL, 0 },
	{ "partners", FIELD_COUNT, true, REPORT(classes[CLIENT_PARTNER]), 0, COUNT_MAX, NULL, 0 },
	{ "strangers", FIELD_COUNT, true, REPORT(strangers), 0, COUNT_MAX, NULL, 0 },
	{ "misplaced", FIELD_COUNT, true, REPORT(misplaced), 0, COUNT_MAX, NULL, 0 },
	{ "reach_ns", FIELD_INT64, true, REPORT(reach_ns), 0, SPAN_MAX, NULL, 0 },
	{ "problem", FIELD_TEXT, false, REPORT(problem), 0, 0, NULL, 0 },
	{ .name = NULL },
};

char *
clients_report_encode(const struct clients_report *report)
{
	json_t *json = fields_encode(report_fields, report), *rows = json_array();
	char *text;

	for (size_t i = 0; i < report->row_count; i++) {
		json_array_append_new(rows, fields_encode(row_fields, &report->rows[i]));
	}
	json_object_set_new(json, "rows", rows);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	assert(text);
	return text;
}

static int
decode_rows(struct clients_report *report, const json_t *rows, struct error *err)
{
	size_t count = json_array_size(rows);

	if (!json_is_array(rows) || count > CLIENTS_ROWS_MAX) {
		return error_set(err, "its clients are no list, or too many");
	}
	report->rows = calloc(count + 1, sizeof(*report->rows));
	assert(report->rows);
	for (; report->row_count < count; report->row_count++) {
		struct client_row *row = &report->rows[report->row_count];
		struct ip ip;

		if (fields_decode(row_fields, json_array_get(rows, report->row_count), "rows", row,
			err) < 0) {
			return -1;
		}
		if (!ip_parse(row->address, &ip)) {
			return error_set(err, "\"%s\" is no address", row->address);
		}
		ip_text(&ip, row->address); /* one spelling of each, to be compared */
	}
	return 0;
}

int
clients_report_decode(
    struct clients_report *report, const char *text, size_t len, struct error *err)
{
	struct clients_report decoded = { .rows = NULL };
	json_error_t where;
	json_t *json = len > CLIENTS_BYTES_MAX ? NULL : json_loadb(text, len, 0, &where);
	int status = -1;

	if (!json) {
		return error_set(err, "the answer is no list of clients");
	}
	if (fields_decode(report_fields, json, "clients", &decoded, err) == 0 &&
	    decode_rows(&decoded, json_object_get(json, "rows"), err) == 0) {
		*report = decoded;
		status = 0;
	} else {
		clients_report_free(&decoded);
	}
	json_decref(json);
	return status;
}

void
clients_report_free(struct clients_report *report)
{
	free(report->rows);
	report->rows = NULL;
	report->row_count = 0;
}
