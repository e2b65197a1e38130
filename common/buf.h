/* Growing bytes with a limit given at birth: what comes from outside cannot fill the memory. */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include "common/base.h"

/*
 * Bytes, always followed by a NUL that does not count.  Begin with
 * { .limit_bytes = N }; buf_free() ends it.
 */
struct buf {
	char *data;         /* NULL while nothing was added */
	size_t len;         /* bytes in use, the NUL not counted */
	size_t capacity;    /* bytes allocated */
	size_t limit_bytes; /* it never holds more than this; 0: no limit */
	bool overflowed;    /* something did not fit and was left out whole */
};

/* Add @len bytes.  What would go over the limit is left out whole, and @buf->overflowed set. */
void buf_add(struct buf *buf, const void *bytes, size_t len);

/* Add a NUL-ended text, without its NUL. */
void buf_text(struct buf *buf, const char *text);

/* As asprintf(), at the end of what is there. */
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);

/* Forget the first @len bytes (all, when there are fewer). */
void buf_drop(struct buf *buf, size_t len);

/* The text so far; "" while nothing was added.  Owned by @buf. */
const char *buf_str(const struct buf *buf);

/* Empty it; the memory and the limit stay. */
void buf_reset(struct buf *buf);

void buf_free(struct buf *buf);

#endif
