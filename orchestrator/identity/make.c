#include "orchestrator/identity/make.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define LIFETIME_S (3653L * 86400) /* ten years */

static int
pem_of(BIO *bio, char **text, struct error *err)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	*text = len > 0 ? strndup(data, (size_t)len) : NULL;
	return *text ? 0 : error_set(err, "cannot encode the collector's key");
}

static int
fill_certificate(X509 *certificate, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	uint64_t serial;

	if (RAND_bytes((unsigned char *)&serial, sizeof(serial)) != 1) {
		return 0;
	}
	/* Agents ignore the dates: a host whose clock says 2000 must be able to report. */
	return X509_set_version(certificate, X509_VERSION_3) &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) &&
	    ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20000101000000Z") &&
	    X509_gmtime_adj(X509_getm_notAfter(certificate), LIFETIME_S) &&
	    X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"timetier collector", -1, -1, 0) &&
	    X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key) &&
	    X509_sign(certificate, key, EVP_sha256());
}

int
make_pair(char **key_pem, char **certificate_pem, struct error *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	BIO *key_out = BIO_new(BIO_s_mem()), *certificate_out = BIO_new(BIO_s_mem());
	int status = -1;

	if (!key || !certificate || !key_out || !certificate_out ||
	    !fill_certificate(certificate, key) ||
	    !PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL) ||
	    !PEM_write_bio_X509(certificate_out, certificate)) {
		error_set(err, "cannot make a key for the collector");
		goto out;
	}
	if (pem_of(key_out, key_pem, err) < 0) {
		goto out;
	}
	if (pem_of(certificate_out, certificate_pem, err) < 0) {
		free(*key_pem);
		goto out;
	}
	status = 0;
out:
	BIO_free(certificate_out);
	BIO_free(key_out);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return status;
}
