#include "common/json_write.h"

#include "common/clock.h"
#include "common/shown.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_BYTES 24

static void
add_name(struct buf *out, const char *name)
{
	if (name) {
		buf_add(out, "\"", 1);
		buf_text(out, name);
		buf_add(out, "\":", 2);
	}
}

void
json_begin(struct buf *out, const char *name, char bracket)
{
	add_name(out, name);
	buf_add(out, &bracket, 1);
}

/* Take away the comma behind the last member, if there is one. */
static void
drop_comma(struct buf *out)
{
	if (out->len > 0 && out->data[out->len - 1] == ',') {
		out->data[--out->len] = '\0';
	}
}

void
json_end(struct buf *out, char bracket)
{
	drop_comma(out);
	buf_add(out, &bracket, 1);
	buf_add(out, ",", 1);
}

void
json_done(struct buf *out)
{
	drop_comma(out);
}

/* Whether @c stands in a JSON text as it is; of other bytes than ASCII, whoever shows it sees. */
static bool
is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* Add @text, which is UTF-8 without control characters. */
static void
add_escaped(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\"\\");

		buf_add(out, text, len);
		text += len;
		if (*text) {
			buf_add(out, "\\", 1);
			buf_add(out, text++, 1);
		}
	}
}

void
json_add_text(struct buf *out, const char *name, const char *text)
{
	char clean[512];
	size_t len = 0;

	add_name(out, name);
	buf_add(out, "\"", 1);
	while (len < sizeof(clean) && is_plain(text[len])) {
		len++;
	}
	if (len < sizeof(clean) && text[len] == '\0') {
		buf_add(out, text, len);
	} else {
		shown_copy(clean, sizeof(clean), text);
		add_escaped(out, clean);
	}
	buf_add(out, "\",", 2);
}

void
json_add_number(struct buf *out, const char *name, int64_t number)
{
	char digits[NUMBER_BYTES], *at = digits + sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	*--at = ',';
	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0) {
		*--at = '-';
	}
	add_name(out, name);
	buf_add(out, at, (size_t)(digits + sizeof(digits) - at));
}

void
json_add_real(struct buf *out, const char *name, double real)
{
	char text[NUMBER_BYTES + 8];

	snprintf(text, sizeof(text), "%.9g", isfinite(real) ? real : 0);
	add_name(out, name);
	buf_text(out, text);
	buf_text(out, strpbrk(text, ".e") ? "," : ".0,"); /* a reader sees that it is no integer */
}

void
json_add_bool(struct buf *out, const char *name, bool value)
{
	add_name(out, name);
	buf_text(out, value ? "true," : "false,");
}

void
json_add_null(struct buf *out, const char *name)
{
	add_name(out, name);
	buf_text(out, "null,");
}

void
json_add_tree(struct buf *out, const char *name, json_t *json)
{
	char *text;

	fields_make_fit(json);
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
	json_decref(json);
	if (!text) {
		abort(); /* no memory: nothing else fails, as every text is UTF-8 */
	}
	add_name(out, name);
	buf_text(out, text);
	buf_add(out, ",", 1);
	free(text);
}

static int64_t
within(int64_t value, const struct field *field)
{
	return value < field->min ? field->min : value > field->max ? field->max : value;
}

static void
add_instant(struct buf *out, const struct field *field, int64_t real_ns)
{
	char text[CLOCK_TEXT_BYTES];

	if (real_ns != 0 || field->required) {
		json_add_text(out, field->name, clock_text(within(real_ns, field), text));
	}
}

static void
add_field(struct buf *out, const struct field *field, const char *member)
{
	const void *at = member;
	int64_t number;
	double real;

	switch (field->type) {
	case FIELD_TEXT:
		if (member[0] || field->required) {
			json_add_text(out, field->name, member);
		}
		return;
	case FIELD_BOOL:
		json_add_bool(out, field->name, *(const bool *)at);
		return;
	case FIELD_INT:
		json_add_number(out, field->name, within(*(const int *)at, field));
		return;
	case FIELD_UINT:
		json_add_number(out, field->name, within(*(const unsigned *)at, field));
		return;
	case FIELD_INT64:
		number = *(const int64_t *)at;
		if (number != field->absent || number == 0 || field->required) {
			json_add_number(out, field->name, within(number, field));
		}
		return;
	case FIELD_COUNT:
		json_add_number(out, field->name, (int64_t)(*(const uint64_t *)at & INT64_MAX));
		return;
	case FIELD_REAL:
		real = *(const double *)at;
		real = isfinite(real) ? real : 0;
		json_add_real(
		    out, field->name, fmin(fmax(real, (double)field->min), (double)field->max));
		return;
	case FIELD_INSTANT:
		add_instant(out, field, *(const int64_t *)at);
		return;
	case FIELD_NAME:
		json_add_text(out, field->name, field->name_of(*(const int *)at));
		return;
	}
}

static bool
is_among(const char *name, const char *const *names)
{
	for (; names && *names; names++) {
		if (strcmp(name, *names) == 0) {
			return true;
		}
	}
	return false;
}

void
json_add_fields(
    struct buf *out, const struct field *fields, const void *object, const char *const *except)
{
	for (const struct field *field = fields; field->name; field++) {
		if (!is_among(field->name, except) && !field_is_left_out(field, object)) {
			add_field(out, field, (const char *)object + field->offset);
		}
	}
}
