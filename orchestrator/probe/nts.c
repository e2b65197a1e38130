#include "orchestrator/probe/nts.h"

#include <string.h>

#define CRITICAL 0x8000u
#define PROTOCOL_NTPV4 0
#define AEAD_AES_SIV_CMAC_256 15
#define HEADER_BYTES 4

/* Source: RFC 8915 section 4.1. */
enum record {
	RECORD_END = 0,
	RECORD_PROTOCOL = 1,
	RECORD_ERROR = 2,
	RECORD_WARNING = 3,
	RECORD_AEAD = 4,
	RECORD_COOKIE = 5,
	RECORD_SERVER = 6,
	RECORD_PORT = 7,
};

/* What was seen of an answer. */
struct seen {
	struct nts_answer answer;
	bool protocol, aead, end;
};

static unsigned
get16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static uint8_t *
put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

void
nts_request(uint8_t bytes[NTS_REQUEST_BYTES])
{
	uint8_t *at = bytes;

	at = put16(put16(put16(at, CRITICAL | RECORD_PROTOCOL), 2), PROTOCOL_NTPV4);
	at = put16(put16(put16(at, CRITICAL | RECORD_AEAD), 2), AEAD_AES_SIV_CMAC_256);
	put16(put16(at, CRITICAL | RECORD_END), 0);
}

static int
set_refusal(const uint8_t *body, size_t len, struct error *err)
{
	static const char *const codes[] = { "it does not know a record of the question",
		"it calls the question wrong", "it has an error of its own" };
	unsigned code = len == 2 ? get16(body) : UINT16_MAX;

	return code < COUNT(codes) ? error_set(err, "it refuses: %s", codes[code])
				   : error_set(err, "it refuses with code %u", code);
}

static int
take_server(struct seen *seen, const uint8_t *body, size_t len, struct error *err)
{
	for (size_t i = 0; i < len; i++) {
		if (body[i] <= ' ' || body[i] > '~') {
			return error_set(err, "the name of its NTP server is none");
		}
	}
	if (len == 0 || len >= sizeof(seen->answer.server)) {
		return error_set(err, "the name of its NTP server is none");
	}
	memcpy(seen->answer.server, body, len);
	seen->answer.server[len] = '\0';
	return 0;
}

static int
take_record(struct seen *seen, unsigned type, const uint8_t *body, size_t len, struct error *err)
{
	switch (type & ~CRITICAL) {
	case RECORD_END:
		seen->end = true;
		return len == 0 ? 0 : error_set(err, "its last record has a body");
	case RECORD_PROTOCOL:
		if (len != 2 || get16(body) != PROTOCOL_NTPV4) {
			return error_set(err, "it has no NTPv4");
		}
		seen->protocol = true;
		return 0;
	case RECORD_ERROR:
		return set_refusal(body, len, err);
	case RECORD_WARNING:
		return 0;
	case RECORD_AEAD:
		if (len != 2 || get16(body) != AEAD_AES_SIV_CMAC_256) {
			return error_set(err, "it has not AES-SIV-CMAC-256, which all must have");
		}
		seen->aead = true;
		return 0;
	case RECORD_COOKIE:
		seen->answer.cookies += len > 0;
		return 0;
	case RECORD_SERVER:
		return take_server(seen, body, len, err);
	case RECORD_PORT:
		seen->answer.port = len == 2 ? get16(body) : 0;
		return seen->answer.port > 0 ? 0 : error_set(err, "its port of NTP is none");
	default:
		return type & CRITICAL
		    ? error_set(
			  err, "its answer has a critical record of type %u", type & ~CRITICAL)
		    : 0;
	}
}

int
nts_answer_read(const uint8_t *bytes, size_t len, struct nts_answer *answer, struct error *err)
{
	struct seen seen = { .end = false };

	while (len >= HEADER_BYTES && !seen.end) {
		unsigned type = get16(bytes);
		size_t body = get16(bytes + 2);

		if (len - HEADER_BYTES < body) {
			return 0;
		}
		if (take_record(&seen, type, bytes + HEADER_BYTES, body, err) < 0) {
			return -1;
		}
		bytes += HEADER_BYTES + body;
		len -= HEADER_BYTES + body;
	}
	if (!seen.end) {
		return 0;
	}
	if (!seen.protocol || !seen.aead || seen.answer.cookies == 0) {
		return error_set(err, "its answer has no %s",
		    !seen.protocol   ? "protocol"
			: !seen.aead ? "algorithm"
				     : "cookie");
	}
	*answer = seen.answer;
	return 1;
}
