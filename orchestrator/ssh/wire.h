/* SSH's way to write numbers and strings (RFC 4251 section 5), read with bounds. */
#ifndef ORCHESTRATOR_SSH_WIRE_H
#define ORCHESTRATOR_SSH_WIRE_H

#include "common/buf.h"

/* What is left to read.  Borrowed bytes. */
struct wire {
	const uint8_t *bytes;
	size_t len;
};

/* Each takes from the front; false: there is not so much, and nothing was taken. */
bool wire_u32(struct wire *wire, uint32_t *value);
bool wire_bytes(struct wire *wire, size_t len, const uint8_t **bytes);
bool wire_string(struct wire *wire, struct wire *string);

/* Whether the rest is exactly @text. */
bool wire_is(const struct wire *wire, const char *text);

void wire_put_u32(struct buf *buf, uint32_t value);
void wire_put_string(struct buf *buf, const void *bytes, size_t len);

/* A positive number of @len bytes, big end first, as an mpint. */
void wire_put_mpint(struct buf *buf, const uint8_t *bytes, size_t len);

#endif
