#include "common/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
sha256(const void *bytes, size_t len, uint8_t *digest)
{
	if (!EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL)) {
		abort(); /* libcrypto without SHA-256, or without memory */
	}
}

const char *
sha256_hex(const void *bytes, size_t len, char *out)
{
	uint8_t digest[SHA256_BYTES];

	sha256(bytes, len, digest);
	for (size_t i = 0; i < sizeof(digest); i++) {
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	}
	return out;
}

void
hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t *digest)
{
	unsigned digest_len = SHA1_BYTES;

	if (!HMAC(EVP_sha1(), key, (int)key_len, bytes, len, digest, &digest_len)) {
		abort();
	}
}

const char *
key_fingerprint(const void *blob, size_t len, char *out)
{
	uint8_t digest[SHA256_BYTES];
	char text[(SHA256_BYTES + 2) / 3 * 4 + 1];

	sha256(blob, len, digest);
	base64_encode(digest, sizeof(digest), text);
	text[strcspn(text, "=")] = '\0';
	snprintf(out, FINGERPRINT_BYTES, "SHA256:%s", text);
	return out;
}

void
base64_encode(const void *bytes, size_t len, char *out)
{
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i += 3) {
		unsigned group = (unsigned)in[i] << 16;

		group |= i + 1 < len ? (unsigned)in[i + 1] << 8 : 0;
		group |= i + 2 < len ? in[i + 2] : 0;
		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		*out++ = i + 1 < len ? digits[group >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[group & 63] : '=';
	}
	*out = '\0';
}

static int
digit_value(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

long
base64_decode(const char *text, size_t len, uint8_t *out)
{
	long written = 0;
	size_t pad = 0;

	if (len == 0 || len % 4) {
		return -1;
	}
	while (pad < 2 && text[len - 1 - pad] == '=') {
		pad++;
	}
	for (size_t i = 0; i < len; i += 4) {
		size_t keep = i + 4 == len ? 3 - pad : 3;
		unsigned group = 0;

		for (size_t k = 0; k < 4; k++) {
			int value = k <= keep ? digit_value(text[i + k]) : 0;

			if (value < 0) {
				return -1;
			}
			group = group << 6 | (unsigned)value;
		}
		for (size_t k = 0; k < keep; k++) {
			out[written++] = (uint8_t)(group >> (16 - 8 * k));
		}
	}
	return written;
}
