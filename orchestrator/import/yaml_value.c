#include "orchestrator/import/yaml_value.h"

#include "common/file.h"
#include "orchestrator/topology/load/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_BYTES_MAX (4 << 20)

static json_t *
word_value(const char *text)
{
	static const char *const yes[] = { "true", "yes", "on" };
	static const char *const no[] = { "false", "no", "off" };

	for (size_t i = 0; i < COUNT(yes); i++) {
		if (strcasecmp(text, yes[i]) == 0) {
			return json_true();
		}
		if (strcasecmp(text, no[i]) == 0) {
			return json_false();
		}
	}
	return text[0] == '\0' || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0
	    ? json_null()
	    : NULL;
}

static json_t *
number_value(const char *text)
{
	char *end;
	long long whole;
	double real;

	if (!text[0] || text[strspn(text, "0123456789+-.eE")]) {
		return NULL;
	}
	errno = 0;
	whole = strtoll(text, &end, 10);
	if (*end == '\0' && errno == 0) {
		return json_integer(whole);
	}
	real = strtod(text, &end);
	return *end == '\0' && errno == 0 ? json_real(real) : NULL;
}

static json_t *
scalar_value(const struct event *event)
{
	json_t *value = event->plain ? word_value(event->text) : NULL;

	if (!value && event->plain) {
		value = number_value(event->text);
	}
	return value ? value : json_stringn_nocheck(event->text, event->len);
}

static json_t *node_value(struct events *events, const struct event *event);

static json_t *
list_value(struct events *events)
{
	json_t *list = json_array();
	struct event event;

	for (;;) {
		events_next(events, &event);
		if (event.type == EVENT_LIST_END || event.type == EVENT_END) {
			return list;
		}
		json_array_append_new(list, node_value(events, &event));
	}
}

/* Of a key that is there twice the last value counts; what << brings overwrites nothing. */
static json_t *
map_value(struct events *events)
{
	json_t *map = json_object(), *value;
	struct event event;

	for (;;) {
		char *key;
		bool merge;

		events_next(events, &event);
		if (event.type == EVENT_MAP_END || event.type == EVENT_END) {
			return map;
		}
		if (event.type != EVENT_SCALAR) {
			events_skip_rest(events, &event);
			events_skip(events);
			continue;
		}
		key = strdup(event.text);
		if (!key) {
			abort();
		}
		merge = event.plain && strcmp(key, "<<") == 0;
		events_next(events, &event);
		value = node_value(events, &event);
		if (merge && json_is_object(value)) {
			json_object_update_missing(map, value);
			json_decref(value);
		} else {
			json_object_set_new_nocheck(map, key, value);
		}
		free(key);
	}
}

/* The depth is that which events.h lets through. */
static json_t *
node_value(struct events *events, const struct event *event)
{
	return event->type == EVENT_SCALAR ? scalar_value(event)
	    : event->type == EVENT_LIST    ? list_value(events)
	    : event->type == EVENT_MAP     ? map_value(events)
					   : json_null();
}

int
yaml_value_read(const char *path, json_t **value, struct error *err)
{
	struct buf text = { .limit_bytes = FILE_BYTES_MAX };
	struct diags diags = { .errors = 0 };
	struct events *events;
	struct event event;
	int status = 0;

	if (file_read_plain(path, 0, &text, err) < 0) {
		buf_free(&text);
		return -1;
	}
	events = events_new(path, buf_str(&text), text.len, &diags);
	events_next(events, &event);
	*value = event.type == EVENT_END ? json_object() : node_value(events, &event);
	if (diags.count > 0) {
		status = error_set(
		    err, "%.200s:%u: %.200s", path, diags.list[0].pos.line, diags.list[0].text);
		json_decref(*value);
	}
	events_free(events);
	diags_free(&diags);
	buf_free(&text);
	return status;
}
