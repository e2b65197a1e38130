/* Structs to JSON and back, by a table of one row per member that both directions use. */
#ifndef COMMON_JSON_FIELDS_H
#define COMMON_JSON_FIELDS_H

#include "common/json_read.h"

enum field_type {
	FIELD_TEXT,    /* char[size] */
	FIELD_BOOL,    /* bool */
	FIELD_INT,     /* int */
	FIELD_UINT,    /* unsigned */
	FIELD_INT64,   /* int64_t */
	FIELD_COUNT,   /* uint64_t */
	FIELD_REAL,    /* double */
	FIELD_INSTANT, /* int64_t nanoseconds since 1970; RFC 3339 in JSON, 0: none */
	FIELD_NAME,    /* an enum from 0 to max, by name */
};

struct field {
	const char *name; /* of the JSON member; NULL ends the table */
	enum field_type type;
	bool required;
	size_t offset, size; /* of the struct's member: FIELD_AT() */
	int64_t min, max;    /* reading refuses what is outside; writing cuts (not a COUNT) */
	const char *(*name_of)(int); /* of FIELD_NAME */
	int64_t absent; /* of FIELD_INT64: a missing member means this; not written unless 0 */
	bool sparse;    /* of a number: 0 is what is not told, and its member is left out */
};

#define FIELD_AT(type, member)                                                                     \
	.offset = offsetof(struct type, member), .size = sizeof(((struct type *)NULL)->member)

/* Instants that clock_text() and clock_parse() agree on: the years 1800 to 2200. */
#define INSTANT_MIN (INT64_C(-5364662400) * NS_PER_S)
#define INSTANT_MAX (INT64_C(7258118400) * NS_PER_S - 1)

/* Readings of CLOCK_BOOTTIME: a hundred years, so that sums of two never overflow. */
#define BOOT_MAX (INT64_C(100) * 366 * 86400 * NS_PER_S)

/* Whether the member is sparse, and @object has nothing to tell there. */
bool field_is_left_out(const struct field *field, const void *object);

/* A new JSON object with the members of @object that are in @fields. */
json_t *fields_encode(const struct field *fields, const void *object);

/*
 * The inverse, for JSON from outside: every member's type and range is checked, unknown members
 * are ignored.
 *
 * @json:   may be NULL or no object, which is an error
 * @where:  "status": names the object in @err
 * @object: filled on success; on failure its members are undefined
 */
int fields_decode(const struct field *fields, const json_t *json, const char *where, void *object,
    struct error *err) MUST_CHECK;

/*
 * As fields_decode(), of what was read without a tree.
 *
 * @read: a value of @doc; may be NULL or no object, which is an error
 */
int fields_read(const struct field *fields, const struct json_doc *doc,
    const struct json_value *read, const char *where, void *object, struct error *err) MUST_CHECK;

/* A new JSON string of @text, copied by shown_copy() and cut to 511 bytes. */
json_t *fields_text(const char *text);

/* A new JSON string of the whole @text, which may have newlines and tabs, as it is shown. */
json_t *fields_lines(const char *text);

/*
 * Make each string in @json fit to be shown, except for newlines and tabs: whoever prints one of
 * them, as `jq -r` does, prints no more than that.
 */
void fields_make_fit(json_t *json);

#endif
