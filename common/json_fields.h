/* Structs to JSON and back by a table: one row a member, and what is written is what is read. */
#ifndef COMMON_JSON_FIELDS_H
#define COMMON_JSON_FIELDS_H

#include "common/error.h"

#include <jansson.h>

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
	const char *name; /* of the JSON member; a row without ends the table */
	enum field_type type;
	bool required;
	size_t offset, size;         /* of the struct's member: FIELD_AT() */
	int64_t min, max;            /* of a number; outside it is refused, and cut when written */
	const char *(*name_of)(int); /* of FIELD_NAME */
	int64_t absent;              /* a number that is left out, and what its absence means */
};

#define FIELD_AT(type, member)                                                                     \
	.offset = offsetof(struct type, member), .size = sizeof(((struct type *)NULL)->member)

/* Instants that clock_text() and clock_parse() agree on: the years 1800 to 2200. */
#define INSTANT_MIN (INT64_C(-5364662400) * NS_PER_S)
#define INSTANT_MAX (INT64_C(7258118400) * NS_PER_S - 1)

/* A new JSON object of the members of @object that have a row. */
json_t *fields_encode(const struct field *fields, const void *object);

/*
 * The inverse, for JSON from outside: every member's type and range is checked, unknown ones
 * are ignored.
 *
 * @json:   may be NULL or no object, which is an error
 * @where:  "status": for the words of the error
 * @object: filled on success; on failure its members are undefined
 */
int fields_decode(const struct field *fields, const json_t *json, const char *where, void *object,
    struct error *err) MUST_CHECK;

/* A new JSON string of @text, of which what cannot be shown is '?'. */
json_t *fields_text(const char *text);

/*
 * Copy what fits of @text to @out of @size bytes, whole characters only; bytes that are not
 * UTF-8, control characters and those that turn the direction of writing become '?'.
 */
void text_copy_printable(char *out, size_t size, const char *text);

#endif
