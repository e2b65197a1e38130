/* Decodes private keys and signs with them.  Only this file of the room knows libcrypto. */
#include "orchestrator/ssh/key.h"

#include "common/digest.h"
#include "orchestrator/ssh/wire.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define ED25519_BYTES 32
#define POINT_MAX 133 /* uncompressed, of nistp521 */
#define SCALAR_MAX 66
#define PEM_BYTES_MAX (1u << 20)

static const struct curve {
	const char *type, *name, *group;
	const char *digest;
	size_t scalar_bytes;
} curves[] = {
	{ "ecdsa-sha2-nistp256", "nistp256", "prime256v1", "SHA256", 32 },
	{ "ecdsa-sha2-nistp384", "nistp384", "secp384r1", "SHA384", 48 },
	{ "ecdsa-sha2-nistp521", "nistp521", "secp521r1", "SHA512", 66 },
};

static const char ed25519_type[] = "ssh-ed25519";

const char *
key_type_find(const void *name, size_t len)
{
	struct wire wire = { name, len };

	if (wire_is(&wire, ed25519_type)) {
		return ed25519_type;
	}
	for (size_t i = 0; i < COUNT(curves); i++) {
		if (wire_is(&wire, curves[i].type)) {
			return curves[i].type;
		}
	}
	return NULL;
}

static const struct curve *
curve_of(const char *type)
{
	for (size_t i = 0; i < COUNT(curves); i++) {
		if (strcmp(curves[i].type, type) == 0) {
			return &curves[i];
		}
	}
	return NULL;
}

void
ssh_key_done(struct ssh_key *key)
{
	EVP_PKEY_free(key->pkey);
	free(key->blob);
	free(key->name);
	*key = (struct ssh_key){ .name = NULL };
}

static void
keep_blob(struct ssh_key *key, const void *blob, size_t len)
{
	free(key->blob);
	key->blob = malloc(len + 1);
	if (!key->blob) {
		abort();
	}
	memcpy(key->blob, blob, len);
	key->blob_len = len;
}

/* Make an EC key from the point and the number in OpenSSH's file. */
static EVP_PKEY *
make_ec(const struct curve *curve, const struct wire *point, const struct wire *number)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *d = BN_bin2bn(number->bytes, (int)number->len, NULL);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (build && d && ctx &&
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(
		build, OSSL_PKEY_PARAM_PUB_KEY, point->bytes, point->len) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d) &&
	    (params = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(ctx) > 0 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) <= 0) {
		pkey = NULL;
	}
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_clear_free(d);
	return pkey;
}

/* Read the private half, which follows the two check numbers in OpenSSH's PROTOCOL.key. */
static EVP_PKEY *
read_private(struct wire *wire, const char *type)
{
	const struct curve *curve = curve_of(type);
	struct wire name, point, number;

	if (!wire_string(wire, &name) || !wire_is(&name, type)) {
		return NULL;
	}
	if (!curve) {
		if (!wire_string(wire, &point) || !wire_string(wire, &number) ||
		    number.len != ED25519_BYTES * 2UL) {
			return NULL;
		}
		return EVP_PKEY_new_raw_private_key(
		    EVP_PKEY_ED25519, NULL, number.bytes, ED25519_BYTES);
	}
	if (!wire_string(wire, &name) || !wire_is(&name, curve->name) ||
	    !wire_string(wire, &point) || point.len > POINT_MAX || !wire_string(wire, &number) ||
	    number.len > SCALAR_MAX + 1) {
		return NULL;
	}
	return make_ec(curve, &point, &number);
}

/* Decode OpenSSH's own format.  Source: OpenSSH's PROTOCOL.key. */
static enum key_problem
decode_openssh(const uint8_t *bytes, size_t len, struct ssh_key *key, struct error *err)
{
	static const char magic[] = "openssh-key-v1"; /* the NUL is part of the magic */
	struct wire wire = { bytes, len }, cipher, skipped, blob, type, secret;
	const uint8_t *start;
	uint32_t count, check1, check2;

	if (!wire_bytes(&wire, sizeof(magic), &start) || memcmp(start, magic, sizeof(magic)) != 0 ||
	    !wire_string(&wire, &cipher) || !wire_string(&wire, &skipped) ||
	    !wire_string(&wire, &skipped) || !wire_u32(&wire, &count) || count != 1 ||
	    !wire_string(&wire, &blob) || !wire_string(&wire, &secret)) {
		error_set(err, "the key is malformed");
		return KEY_MALFORMED;
	}
	wire = blob;
	if (!wire_string(&wire, &type) || !(key->type = key_type_find(type.bytes, type.len))) {
		error_set(
		    err, "libssh2 cannot log in by a key of this type; take ed25519 or ecdsa");
		return KEY_UNSUPPORTED;
	}
	keep_blob(key, blob.bytes, blob.len);
	if (!wire_is(&cipher, "none")) {
		error_set(err, "the key has a passphrase; load it into ssh-agent by ssh-add");
		return KEY_ENCRYPTED;
	}
	if (!wire_u32(&secret, &check1) || !wire_u32(&secret, &check2) || check1 != check2 ||
	    !(key->pkey = read_private(&secret, key->type))) {
		error_set(err, "the key is malformed");
		return KEY_MALFORMED;
	}
	return KEY_USABLE;
}

/* Set the type and blob of @key from key->pkey; false: the type cannot be used. */
static bool
make_blob(struct ssh_key *key)
{
	struct buf blob = { 0 };
	uint8_t point[POINT_MAX];
	size_t len = sizeof(point);
	char group[64];

	if (EVP_PKEY_get_base_id(key->pkey) == EVP_PKEY_ED25519) {
		key->type = ed25519_type;
		if (!EVP_PKEY_get_raw_public_key(key->pkey, point, &len)) {
			return false;
		}
		wire_put_string(&blob, key->type, strlen(key->type));
	} else {
		const struct curve *curve = NULL;

		if (EVP_PKEY_get_group_name(key->pkey, group, sizeof(group), NULL) <= 0) {
			return false;
		}
		for (size_t i = 0; i < COUNT(curves); i++) {
			curve = strcmp(curves[i].group, group) == 0 ? &curves[i] : curve;
		}
		if (!curve ||
		    EVP_PKEY_get_octet_string_param(
			key->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) <= 0) {
			return false;
		}
		key->type = curve->type;
		wire_put_string(&blob, key->type, strlen(key->type));
		wire_put_string(&blob, curve->name, strlen(curve->name));
	}
	wire_put_string(&blob, point, len);
	keep_blob(key, blob.data, blob.len);
	buf_free(&blob);
	return true;
}

/* Set @asked and give no passphrase: a run has many hosts, and perhaps no terminal to ask on. */
static int
no_passphrase(char *text UNUSED, int size UNUSED, int writing UNUSED, void *asked)
{
	*(bool *)asked = true;
	return -1;
}

static enum key_problem
decode_pem(const char *text, size_t len, struct ssh_key *key, struct error *err)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	bool asked = false;

	key->pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	if (!key->pkey && asked) {
		error_set(err, "the key has a passphrase; load it into ssh-agent by ssh-add");
		return KEY_ENCRYPTED;
	}
	if (!key->pkey) {
		error_set(err, "it holds no private key");
		return KEY_MALFORMED;
	}
	if (!make_blob(key)) {
		error_set(
		    err, "libssh2 cannot log in by a key of this type; take ed25519 or ecdsa");
		return KEY_UNSUPPORTED;
	}
	return KEY_USABLE;
}

enum key_problem
key_decode(const char *text, size_t len, struct ssh_key *key, struct error *err)
{
	static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	static const char end[] = "-----END OPENSSH";
	const char *from, *to;
	enum key_problem problem = KEY_MALFORMED;
	struct buf digits = { 0 };
	uint8_t *bytes;
	long decoded;

	from = memmem(text, len, begin, strlen(begin));
	if (!from) {
		if (len > PEM_BYTES_MAX) {
			error_set(err, "the key is malformed");
			return KEY_MALFORMED;
		}
		return decode_pem(text, len, key, err);
	}
	from += strlen(begin);
	to = memmem(from, len - (size_t)(from - text), end, strlen(end));
	for (; to && from < to; from++) {
		if (*from > ' ') {
			buf_add(&digits, from, 1);
		}
	}
	bytes = malloc(digits.len + 1);
	if (!bytes) {
		abort();
	}
	decoded = base64_decode(buf_str(&digits), digits.len, bytes);
	if (decoded <= 0) {
		error_set(err, "the key is malformed");
	} else {
		problem = decode_openssh(bytes, (size_t)decoded, key, err);
	}
	OPENSSL_cleanse(bytes, digits.len);
	free(bytes);
	if (digits.data) {
		OPENSSL_cleanse(digits.data, digits.len);
	}
	buf_free(&digits);
	ERR_clear_error();
	return problem;
}

/* Add the two numbers of a DER signature in SSH's format. */
static int
put_ecdsa(const uint8_t *der, size_t len, struct buf *signature, struct error *err)
{
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	const BIGNUM *numbers[2];
	uint8_t bytes[SCALAR_MAX + 1];

	if (!pair) {
		return error_set(err, "libcrypto made no signature");
	}
	ECDSA_SIG_get0(pair, &numbers[0], &numbers[1]);
	for (int i = 0; i < 2; i++) {
		wire_put_mpint(signature, bytes, (size_t)BN_bn2bin(numbers[i], bytes));
	}
	ECDSA_SIG_free(pair);
	return 0;
}

int
key_sign(const struct ssh_key *key, const void *data, size_t len, struct buf *signature,
    struct error *err)
{
	const struct curve *curve = curve_of(key->type);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t bytes[256];
	size_t made = sizeof(bytes);
	bool good;

	good = ctx &&
	    EVP_DigestSignInit_ex(
		ctx, NULL, curve ? curve->digest : NULL, NULL, NULL, key->pkey, NULL) > 0 &&
	    EVP_DigestSign(ctx, bytes, &made, data, len) > 0;
	EVP_MD_CTX_free(ctx);
	if (!good) {
		ERR_clear_error();
		return error_set(err, "libcrypto made no signature");
	}
	if (curve) {
		return put_ecdsa(bytes, made, signature, err);
	}
	buf_add(signature, bytes, made);
	return 0;
}
