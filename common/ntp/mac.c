#include "common/ntp/mac.h"

#include "common/ntp/packet.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#define ID_BYTES 4
#define BLOCK 16
#define SHORTENED 20

static const char *const names[] = {
	[MAC_MD5] = "MD5",
	[MAC_SHA1] = "SHA1",
	[MAC_SHA256] = "SHA256",
	[MAC_AES128CMAC] = "AES128CMAC",
};

bool
mac_type_find(const char *name, enum mac_type *type)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcasecmp(name, names[i]) == 0) {
			*type = (enum mac_type)i;
			return true;
		}
	}
	return false;
}

/* Write the digest of the secret followed by @bytes: all servers do that, and not HMAC. */
static size_t
keyed_digest(const EVP_MD *type, const struct mac_key *key, const uint8_t *bytes, size_t len,
    uint8_t *digest)
{
	uint8_t whole[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done;

	done = context && EVP_DigestInit_ex(context, type, NULL) &&
	    EVP_DigestUpdate(context, key->secret, key->secret_len) &&
	    EVP_DigestUpdate(context, bytes, len) && EVP_DigestFinal_ex(context, whole, &size);
	EVP_MD_CTX_free(context);
	if (!done) {
		return 0;
	}
	if (size > SHORTENED) {
		size = SHORTENED;
	}
	memcpy(digest, whole, size);
	return size;
}

static bool
encrypt_block(EVP_CIPHER_CTX *context, const uint8_t *in, uint8_t *out)
{
	int size = 0;

	return EVP_EncryptUpdate(context, out, &size, in, BLOCK) && size == BLOCK;
}

/* Multiply by x in GF(2^128).  Source: RFC 4493 section 2.3. */
static void
double_block(uint8_t *block)
{
	uint8_t carry = block[0] >> 7;

	for (size_t i = 0; i < BLOCK; i++) {
		uint8_t next = (uint8_t)(i + 1 < BLOCK ? block[i + 1] >> 7 : 0);

		block[i] = (uint8_t)(block[i] << 1 | next);
	}
	if (carry) {
		block[BLOCK - 1] ^= 0x87;
	}
}

static bool
cmac_blocks(EVP_CIPHER_CTX *context, const uint8_t *bytes, size_t len, uint8_t *digest)
{
	uint8_t state[BLOCK] = { 0 }, last[BLOCK] = { 0 }, subkey[BLOCK];
	size_t rest;

	if (!encrypt_block(context, state, subkey)) {
		return false;
	}
	double_block(subkey);
	for (; len > BLOCK; bytes += BLOCK, len -= BLOCK) {
		for (size_t i = 0; i < BLOCK; i++) {
			state[i] ^= bytes[i];
		}
		if (!encrypt_block(context, state, state)) {
			return false;
		}
	}
	rest = len;
	memcpy(last, bytes, rest);
	if (rest < BLOCK) {
		last[rest] = 0x80;
		double_block(subkey);
	}
	for (size_t i = 0; i < BLOCK; i++) {
		state[i] ^= last[i] ^ subkey[i];
	}
	return encrypt_block(context, state, digest);
}

/* CMAC by hand, RFC 4493: OpenSSL 1.1 and 3 have no common interface that is not obsolete in 3. */
static size_t
cmac(const struct mac_key *key, const uint8_t *bytes, size_t len, uint8_t *digest)
{
	EVP_CIPHER_CTX *context;
	bool done;

	if (key->secret_len != BLOCK) {
		return 0;
	}
	context = EVP_CIPHER_CTX_new();
	done = context && EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, key->secret, NULL) &&
	    EVP_CIPHER_CTX_set_padding(context, 0) && cmac_blocks(context, bytes, len, digest);
	EVP_CIPHER_CTX_free(context);
	return done ? BLOCK : 0;
}

static size_t
digest_write(const struct mac_key *key, const uint8_t *bytes, size_t len, uint8_t *digest)
{
	switch (key->type) {
	case MAC_MD5:
		return keyed_digest(EVP_md5(), key, bytes, len, digest);
	case MAC_SHA1:
		return keyed_digest(EVP_sha1(), key, bytes, len, digest);
	case MAC_SHA256:
		return keyed_digest(EVP_sha256(), key, bytes, len, digest);
	case MAC_AES128CMAC:
		return cmac(key, bytes, len, digest);
	}
	return 0;
}

size_t
mac_write(const struct mac_key *key, const uint8_t *bytes, size_t len, uint8_t *mac)
{
	size_t size = digest_write(key, bytes, len, mac + ID_BYTES);

	for (size_t i = 0; i < ID_BYTES; i++) {
		mac[i] = (uint8_t)(key->id >> (24 - 8 * i));
	}
	return size > 0 ? ID_BYTES + size : 0;
}

bool
mac_check(const struct mac_key *key, const uint8_t *bytes, size_t len)
{
	static const uint8_t nothing[NTP_HEADER_BYTES];
	uint8_t mac[MAC_BYTES_MAX];
	size_t size = mac_write(key, nothing, sizeof(nothing), mac);

	if (size == 0 || len < NTP_HEADER_BYTES + size) {
		return false;
	}
	/* the MAC covers extension fields, too */
	return mac_write(key, bytes, len - size, mac) == size &&
	    CRYPTO_memcmp(mac, bytes + len - size, size) == 0;
}
