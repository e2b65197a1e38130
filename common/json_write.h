/*
 * Writes JSON straight into a buffer, without a tree of it: for what is written for thousands of
 * hosts at once.  Each member and item is followed by a comma, which the end of its object or list
 * takes away.  Texts are shown as by common/json_fields.h, whose tables are written, too.
 */
#ifndef COMMON_JSON_WRITE_H
#define COMMON_JSON_WRITE_H

#include "common/buf.h"
#include "common/json_fields.h"

/* @name: of the member; NULL: an item of a list, or the whole document */

/* Begin an object ('{') or a list ('['). */
void json_begin(struct buf *out, const char *name, char bracket);

/* End it ('}' or ']'). */
void json_end(struct buf *out, char bracket);

/* End the document: no comma follows it. */
void json_done(struct buf *out);

/* A text as it is shown, cut to 511 bytes, as fields_text() makes it. */
void json_add_text(struct buf *out, const char *name, const char *text);

void json_add_number(struct buf *out, const char *name, int64_t number);
void json_add_real(struct buf *out, const char *name, double real);
void json_add_bool(struct buf *out, const char *name, bool value);
void json_add_null(struct buf *out, const char *name);

/* A value that is seldom there, and was built as a tree; takes @json over. */
void json_add_tree(struct buf *out, const char *name, json_t *json);

/*
 * The members of @object that are in @fields, as fields_encode() makes them, into an object that
 * was begun.
 *
 * @except: names of members that are left out, NULL-ended; NULL: none
 */
void json_add_fields(
    struct buf *out, const struct field *fields, const void *object, const char *const *except);

#endif
