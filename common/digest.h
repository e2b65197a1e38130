/* Hashes, and bytes as hex and base64; libcrypto does the work. */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include "common/base.h"

#define SHA256_BYTES 32
#define SHA256_HEX_BYTES 65
#define SHA1_BYTES 20
#define MD5_BYTES 16
#define FINGERPRINT_BYTES 52 /* "SHA256:" and 43 of base64, as ssh-keygen -l prints */

void sha256(const void *bytes, size_t len, uint8_t *digest);

/* 64 lower-case hex digits and a NUL to @out; returns @out. */
const char *sha256_hex(const void *bytes, size_t len, char *out);

/* MD5, for names only: 16 bytes to @digest.  False: this libcrypto refuses it (FIPS). */
bool md5(const void *bytes, size_t len, uint8_t *digest);

void hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t *digest);

/* Write the fingerprint of a public key's blob, as ssh shows it, to @out; returns @out. */
const char *key_fingerprint(const void *blob, size_t len, char *out);

/* The bytes as lower-case hex digits, 2 * @len of them and a NUL, to @out; returns @out. */
const char *hex_text(const void *bytes, size_t len, char *out);

/* @out has (len + 2) / 3 * 4 + 1 bytes. */
void base64_encode(const void *bytes, size_t len, char *out);

/*
 * Decode the @len digits of @text.
 *
 * @out: has room for len / 4 * 3 bytes
 * Returns the number of bytes, or -1: not base64, or not padded to a multiple of four.
 */
long base64_decode(const char *text, size_t len, uint8_t *out);

#endif
