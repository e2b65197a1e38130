#include "common/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
md5(const void *bytes, size_t len, uint8_t *digest)
{
	return EVP_Digest(bytes, len, digest, NULL, EVP_md5(), NULL) == 1;
}

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
	return hex_text(digest, sizeof(digest), out);
}

const char *
hex_text(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[2 * len] = '\0';
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
	EVP_EncodeBlock((unsigned char *)out, bytes, (int)len);
}

/* libcrypto alone is too lax: it skips blanks around the digits and takes "=" for a digit. */
static bool
is_base64(const char *text, size_t len, size_t pad)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len - pad; i++) {
		if (!text[i] || !strchr(digits, text[i])) {
			return false;
		}
	}
	return true;
}

long
base64_decode(const char *text, size_t len, uint8_t *out)
{
	size_t pad = 0;

	if (len == 0 || len % 4 || len > INT_MAX) {
		return -1;
	}
	while (pad < 2 && text[len - 1 - pad] == '=') {
		pad++;
	}
	if (!is_base64(text, len, pad)) {
		return -1;
	}
	return EVP_DecodeBlock(out, (const unsigned char *)text, (int)len) - (long)pad;
}
