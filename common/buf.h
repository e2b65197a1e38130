/* A growing byte buffer with a limit: input from outside cannot fill the memory. */
#ifndef COMMON_BUF_H
#define COMMON_BUF_H

#include "common/base.h"

/*
 * A byte buffer.  Its bytes are always followed by a NUL that len does not count.  Begin with
 * { .limit_bytes = N }; buf_free() ends it.
 */
struct buf {
	char *data;         /* NULL while nothing was added */
	size_t len;         /* bytes in use, the NUL not counted */
	size_t capacity;    /* bytes allocated */
	size_t limit_bytes; /* len is never more than this; 0: no limit */
	bool overflowed;    /* something did not fit and was left out whole */
};

/* Add @len bytes.  If they exceed the limit, none is added and @buf->overflowed is set. */
void buf_add(struct buf *buf, const void *bytes, size_t len);

/* Add a NUL-ended text, without its NUL. */
void buf_text(struct buf *buf, const char *text);

/* Add a text that is formatted as by printf(). */
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);

/* Remove the first @len bytes (all, when there are fewer). */
void buf_drop(struct buf *buf, size_t len);

/* The text so far; "" while nothing was added.  Owned by @buf. */
const char *buf_str(const struct buf *buf);

/* Empty @buf and clear overflowed; the memory and the limit stay. */
void buf_reset(struct buf *buf);

void buf_free(struct buf *buf);

#endif
