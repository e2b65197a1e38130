#include "common/json_fields.h"

#include "common/clock.h"
#include "common/shown.h"

#include <math.h>
#include <string.h>

static int64_t
within(int64_t value, const struct field *field)
{
	return value < field->min ? field->min : value > field->max ? field->max : value;
}

json_t *
fields_text(const char *text)
{
	char clean[512];

	shown_copy(clean, sizeof(clean), text);
	return json_string(clean);
}

json_t *
fields_lines(const char *text)
{
	struct buf shown = { .limit_bytes = 0 };
	json_t *json;

	shown_add(&shown, text, strlen(text), SHOWN_NEWLINES | SHOWN_TABS);
	json = json_string(buf_str(&shown));
	buf_free(&shown);
	return json;
}

static void
make_string_fit(json_t *json)
{
	const char *text = json_string_value(json);
	size_t len = json_string_length(json);
	struct buf shown = { .limit_bytes = 0 };

	if (!shown_is_fit(text, len, SHOWN_NEWLINES | SHOWN_TABS)) {
		shown_add(&shown, text, len, SHOWN_NEWLINES | SHOWN_TABS);
		json_string_setn(json, shown.data, shown.len);
		buf_free(&shown);
	}
}

/* Calls itself for what is in @json: our own code built it, a few levels deep. */
void
fields_make_fit(json_t *json)
{
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_string(json)) {
		make_string_fit(json);
	}
	json_array_foreach(json, i, item)
	{
		fields_make_fit(item);
	}
	json_object_foreach(json, name, item)
	{
		fields_make_fit(item);
	}
}

static json_t *
encode_instant(int64_t real_ns, const struct field *field)
{
	char text[CLOCK_TEXT_BYTES];

	if (real_ns == 0 && !field->required) {
		return NULL;
	}
	return json_string(clock_text(within(real_ns, field), text));
}

/* The JSON value of one member; NULL: the member is left out. */
static json_t *
encode_field(const struct field *field, const char *member)
{
	const void *at = member;
	int64_t number;
	double real;

	switch (field->type) {
	case FIELD_TEXT:
		return member[0] || field->required ? fields_text(member) : NULL;
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_INT:
		return json_integer(within(*(const int *)at, field));
	case FIELD_UINT:
		return json_integer(within(*(const unsigned *)at, field));
	case FIELD_INT64:
		number = *(const int64_t *)at;
		return number == field->absent && number != 0 && !field->required
		    ? NULL
		    : json_integer(within(number, field));
	case FIELD_COUNT:
		return json_integer((int64_t)(*(const uint64_t *)at & INT64_MAX));
	case FIELD_REAL:
		real = *(const double *)at;
		real = isfinite(real) ? real : 0;
		return json_real(real < (double)field->min ? (double)field->min
			: real > (double)field->max        ? (double)field->max
							   : real);
	case FIELD_INSTANT:
		return encode_instant(*(const int64_t *)at, field);
	case FIELD_NAME:
		return json_string(field->name_of(*(const int *)at));
	}
	return NULL;
}

bool
field_is_left_out(const struct field *field, const void *object)
{
	const void *at = (const char *)object + field->offset;

	if (!field->sparse) {
		return false;
	}
	switch (field->type) {
	case FIELD_INT:
	case FIELD_UINT:
		return *(const unsigned *)at == 0;
	case FIELD_INT64:
	case FIELD_COUNT:
		return *(const int64_t *)at == 0;
	case FIELD_REAL:
		return !(fabs(*(const double *)at) > 0);
	case FIELD_TEXT:
	case FIELD_BOOL:
	case FIELD_INSTANT:
	case FIELD_NAME:
		break;
	}
	return false;
}

json_t *
fields_encode(const struct field *fields, const void *object)
{
	json_t *json = json_object();

	for (const struct field *field = fields; field->name; field++) {
		json_t *value = field_is_left_out(field, object)
		    ? NULL
		    : encode_field(field, (const char *)object + field->offset);

		if (value) {
			json_object_set_new(json, field->name, value);
		}
	}
	return json;
}

static int
decode_number(const struct field *field, const struct json_value *value, const char *where,
    void *at, struct error *err)
{
	int64_t number = value->integer;

	if (value->type != JSON_INTEGER) {
		return error_set(err, "%s.%s is no integer", where, field->name);
	}
	if (number < field->min || number > field->max) {
		return error_set(
		    err, "%s.%s is out of range: %lld", where, field->name, (long long)number);
	}
	if (field->type == FIELD_INT) {
		*(int *)at = (int)number;
	} else if (field->type == FIELD_UINT) {
		*(unsigned *)at = (unsigned)number;
	} else if (field->type == FIELD_COUNT) {
		*(uint64_t *)at = (uint64_t)number;
	} else {
		*(int64_t *)at = number;
	}
	return 0;
}

static int
decode_real(const struct field *field, const struct json_value *value, const char *where, void *at,
    struct error *err)
{
	double number = value->real;

	if (value->type != JSON_REAL && value->type != JSON_INTEGER) {
		return error_set(err, "%s.%s is no number", where, field->name);
	}
	if (!(number >= (double)field->min && number <= (double)field->max)) {
		return error_set(err, "%s.%s is out of range: %g", where, field->name, number);
	}
	*(double *)at = number;
	return 0;
}

static int
decode_name(const struct field *field, const struct json_value *value, const char *where, void *at,
    struct error *err)
{
	const char *text = value->text;

	for (int i = 0; text && i <= field->max; i++) {
		if (strcmp(text, field->name_of(i)) == 0) {
			*(int *)at = i;
			return 0;
		}
	}
	return error_set(
	    err, "%s.%s: \"%.40s\" is not known", where, field->name, text ? text : "");
}

static int
decode_instant(const struct field *field, const struct json_value *value, const char *where,
    void *at, struct error *err)
{
	const char *text = value->text;
	int64_t real_ns;

	if (!text || !clock_parse(text, &real_ns) || real_ns < field->min || real_ns > field->max) {
		return error_set(
		    err, "%s.%s is not a time of the years 1800 to 2200", where, field->name);
	}
	*(int64_t *)at = real_ns;
	return 0;
}

static int
decode_text(const struct field *field, const struct json_value *value, const char *where, char *at,
    struct error *err)
{
	const char *text = value->text;

	if (!text) {
		return error_set(err, "%s.%s is no text", where, field->name);
	}
	if (field->required && !text[0]) {
		return error_set(err, "%s.%s is empty", where, field->name);
	}
	shown_copy(at, field->size, text);
	return 0;
}

/* Set a member that the JSON object does not have. */
static void
set_absent(const struct field *field, char *member)
{
	void *at = member;

	memset(at, 0, field->size);
	if (field->type == FIELD_INT64) {
		*(int64_t *)at = field->absent;
	}
}

static int
decode_field(const struct field *field, const struct json_value *value, const char *where,
    char *member, struct error *err)
{
	switch (field->type) {
	case FIELD_TEXT:
		return decode_text(field, value, where, member, err);
	case FIELD_BOOL:
		if (value->type != JSON_TRUE && value->type != JSON_FALSE) {
			return error_set(err, "%s.%s is not true or false", where, field->name);
		}
		*(bool *)(void *)member = value->type == JSON_TRUE;
		return 0;
	case FIELD_INT:
	case FIELD_UINT:
	case FIELD_INT64:
	case FIELD_COUNT:
		return decode_number(field, value, where, member, err);
	case FIELD_REAL:
		return decode_real(field, value, where, member, err);
	case FIELD_INSTANT:
		return decode_instant(field, value, where, member, err);
	case FIELD_NAME:
		return decode_name(field, value, where, member, err);
	}
	return -1;
}

/* Decode one member; @value is NULL when the object does not have it. */
static int
decode_member(const struct field *field, const struct json_value *value, const char *where,
    void *object, struct error *err)
{
	char *member = (char *)object + field->offset;

	if (value) {
		return decode_field(field, value, where, member, err);
	}
	if (field->required) {
		return error_set(err, "%s.%s is missing", where, field->name);
	}
	set_absent(field, member);
	return 0;
}

static struct json_value
value_of(const json_t *json)
{
	return (struct json_value){
		.type = json_typeof(json),
		.text = json_string_value(json),
		.integer = json_integer_value(json),
		.real = json_number_value(json),
	};
}

int
fields_decode(const struct field *fields, const json_t *json, const char *where, void *object,
    struct error *err)
{
	if (!json_is_object(json)) {
		return error_set(err, "%s is no object", where);
	}
	for (const struct field *field = fields; field->name; field++) {
		const json_t *member = json_object_get(json, field->name);
		struct json_value value;

		if (member) {
			value = value_of(member);
		}
		if (decode_member(field, member ? &value : NULL, where, object, err) < 0) {
			return -1;
		}
	}
	return 0;
}

int
fields_read(const struct field *fields, const struct json_doc *doc, const struct json_value *read,
    const char *where, void *object, struct error *err)
{
	if (!read || read->type != JSON_OBJECT) {
		return error_set(err, "%s is no object", where);
	}
	for (const struct field *field = fields; field->name; field++) {
		if (decode_member(
			field, json_doc_member(doc, read, field->name), where, object, err) < 0) {
			return -1;
		}
	}
	return 0;
}
