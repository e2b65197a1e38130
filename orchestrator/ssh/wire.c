#include "orchestrator/ssh/wire.h"

#include <string.h>

bool
wire_u32(struct wire *wire, uint32_t *value)
{
	const uint8_t *b;

	if (!wire_bytes(wire, 4, &b)) {
		return false;
	}
	*value = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return true;
}

bool
wire_bytes(struct wire *wire, size_t len, const uint8_t **bytes)
{
	if (wire->len < len) {
		return false;
	}
	*bytes = wire->bytes;
	wire->bytes += len;
	wire->len -= len;
	return true;
}

bool
wire_string(struct wire *wire, struct wire *string)
{
	struct wire rest = *wire;
	uint32_t len;

	if (!wire_u32(&rest, &len) || !wire_bytes(&rest, len, &string->bytes)) {
		return false;
	}
	string->len = len;
	*wire = rest;
	return true;
}

bool
wire_is(const struct wire *wire, const char *text)
{
	size_t len = strlen(text);

	return wire->len == len && memcmp(wire->bytes, text, len) == 0;
}

void
wire_put_u32(struct buf *buf, uint32_t value)
{
	uint8_t b[] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
		(uint8_t)value };

	buf_add(buf, b, sizeof(b));
}

void
wire_put_string(struct buf *buf, const void *bytes, size_t len)
{
	wire_put_u32(buf, (uint32_t)len);
	buf_add(buf, bytes, len);
}

void
wire_put_mpint(struct buf *buf, const uint8_t *bytes, size_t len)
{
	while (len > 0 && *bytes == 0) {
		bytes++;
		len--;
	}
	if (len > 0 && *bytes & 0x80) {
		wire_put_u32(buf, (uint32_t)len + 1);
		buf_add(buf, "", 1);
		buf_add(buf, bytes, len);
		return;
	}
	wire_put_string(buf, bytes, len);
}
