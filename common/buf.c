#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Make room for @len more bytes and a NUL.  Returns false when the limit forbids it. */
static bool
reserve(struct buf *buf, size_t len)
{
	size_t need = buf->len + len + 1;
	char *grown;

	if (need < len || (buf->limit_bytes > 0 && buf->len + len > buf->limit_bytes)) {
		buf->overflowed = true;
		return false;
	}
	if (need > buf->capacity) {
		buf->capacity = need > 2 * buf->capacity ? need : 2 * buf->capacity;
		grown = realloc(buf->data, buf->capacity);
		if (!grown) {
			abort();
		}
		buf->data = grown;
	}
	return true;
}

void
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (!reserve(buf, len)) {
		return;
	}
	if (len > 0) {
		memcpy(buf->data + buf->len, bytes, len);
	}
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void
buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || !reserve(buf, (size_t)len)) {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
}

void
buf_drop(struct buf *buf, size_t len)
{
	if (len >= buf->len) {
		buf_reset(buf);
		return;
	}
	memmove(buf->data, buf->data + len, buf->len - len + 1);
	buf->len -= len;
}

const char *
buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->overflowed = false;
	if (buf->data) {
		buf->data[0] = '\0';
	}
}

void
buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ .limit_bytes = buf->limit_bytes };
}
