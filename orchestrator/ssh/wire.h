/* Reads, with bounds, and writes SSH's numbers and strings (RFC 4251 section 5). */
#ifndef ORCHESTRATOR_SSH_WIRE_H
#define ORCHESTRATOR_SSH_WIRE_H

#include "common/buf.h"

/* The bytes that are left to read, borrowed. */
struct wire {
	const uint8_t *bytes;
	size_t len;
};

/* Each takes a value from the front; false: too few bytes are left, and none was taken. */
bool wire_u32(struct wire *wire, uint32_t *value);
bool wire_bytes(struct wire *wire, size_t len, const uint8_t **bytes);
bool wire_string(struct wire *wire, struct wire *string);

/* Whether the bytes left are exactly @text. */
bool wire_is(const struct wire *wire, const char *text);

void wire_put_u32(struct buf *buf, uint32_t value);
void wire_put_string(struct buf *buf, const void *bytes, size_t len);

/* Add a number of @len bytes, big-endian and not negative, as an mpint. */
void wire_put_mpint(struct buf *buf, const uint8_t *bytes, size_t len);

#endif
