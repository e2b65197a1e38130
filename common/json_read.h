/*
 * Reads JSON into one list of its values, without a tree of allocations: for reports, of which many
 * come in a second.  What it takes is what jansson takes, but for two bounds of its own.
 */
#ifndef COMMON_JSON_READ_H
#define COMMON_JSON_READ_H

#include "common/error.h"

#include <jansson.h>

#define JSON_READ_DEPTH 32    /* a deeper document is refused */
#define JSON_READ_MEMBERS 256 /* likewise an object with more members than this */

struct json_value {
	json_type type;
	const char *text; /* of a string: unescaped, NUL-ended */
	int64_t integer;  /* of an integer */
	double real;      /* of a real number or an integer */
	const char *name; /* of the member; NULL: an item, or the whole document */
	size_t name_len;
	size_t from, to; /* its bytes in the document */
	size_t next;     /* index of the value behind it and all that it holds; what it holds
			    stands right behind it */
	size_t count;    /* of members or items */
};

struct json_doc {
	const char *bytes; /* as they were given; borrowed */
	char *texts;       /* a copy, in which texts are unescaped */
	struct json_value *values;
	size_t count, capacity;
};

/*
 * Read a whole document, which must be an object.
 *
 * @bytes: outlive @doc
 * @doc:   to be freed by json_doc_free(), also on failure
 */
int json_doc_read(
    struct json_doc *doc, const char *bytes, size_t len, struct error *err) MUST_CHECK;

/* The member @name of @object, which is a value of @doc; NULL: it has none, or is no object. */
const struct json_value *json_doc_member(
    const struct json_doc *doc, const struct json_value *object, const char *name);

/* The first value that @list holds, when it has a count, and the one behind @value. */
const struct json_value *json_doc_first(const struct json_value *list);
const struct json_value *json_doc_next(const struct json_doc *doc, const struct json_value *value);

/* A tree of @value, for what is seldom there; NULL when @value is NULL. */
json_t *json_doc_tree(const struct json_doc *doc, const struct json_value *value);

void json_doc_free(struct json_doc *doc);

#endif
