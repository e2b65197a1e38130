#include "agent/uplink/tls.h"

#include "common/address.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

struct tls_context {
	SSL_CTX *ssl;
	uint8_t pin[SHA256_DIGEST_LENGTH];
};

struct tls {
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
	bool pinned;   /* the key was seen and is the right one */
	bool wrong_key;
};

static bool
is_pinned(const struct tls_context *context, X509 *certificate)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	unsigned char *key = NULL;
	int len;

	len = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key) : -1;
	if (len <= 0) {
		return false;
	}
	SHA256(key, (size_t)len, digest);
	OPENSSL_free(key);
	return memcmp(digest, context->pin, sizeof(digest)) == 0;
}

/* Compare the key with the pin, in place of OpenSSL's own check of the chain. */
static int
verify(X509_STORE_CTX *store, void *argument)
{
	const struct tls_context *context = argument;
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *tls = SSL_get_app_data(ssl);

	tls->pinned = is_pinned(context, X509_STORE_CTX_get0_cert(store));
	if (!tls->pinned) {
		tls->wrong_key = true;
		X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	}
	return tls->pinned;
}

static int
set_openssl_error(struct error *err, const char *what)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return error_set(err, "%s: %s", what, reason ? reason : "unknown error");
}

struct tls_context *
tls_context_new(const uint8_t *pin, struct error *err)
{
	struct tls_context *context = calloc(1, sizeof(*context));

	if (!context) {
		abort();
	}
	/* no openssl.cnf: what the agent does must not depend on the host */
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	memcpy(context->pin, pin, sizeof(context->pin));
	context->ssl = SSL_CTX_new(TLS_client_method());
	if (!context->ssl || SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION) != 1) {
		set_openssl_error(err, "TLS cannot begin");
		tls_context_free(context);
		return NULL;
	}
	SSL_CTX_set_mode(context->ssl, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context->ssl, verify, context);
	return context;
}

void
tls_context_free(struct tls_context *context)
{
	if (context) {
		SSL_CTX_free(context->ssl);
		free(context);
	}
}

struct tls *
tls_new(struct tls_context *context, const char *host)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	struct ip ip;

	if (!tls) {
		abort();
	}
	tls->ssl = SSL_new(context->ssl);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	if (!tls->ssl || !tls->in || !tls->out) {
		abort();
	}
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_app_data(tls->ssl, tls);
	SSL_set_connect_state(tls->ssl);
	if (!ip_parse(host, &ip)) {
		/* the macro for this casts the const away */
		SSL_ctrl(tls->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
		    (void *)(uintptr_t)host);
	}
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls) {
		SSL_free(tls->ssl);
		free(tls);
	}
}

static void
take_output(struct tls *tls, struct buf *out)
{
	char chunk[4096];
	int got;

	while ((got = BIO_read(tls->out, chunk, sizeof(chunk))) > 0) {
		buf_add(out, chunk, (size_t)got);
	}
}

static enum tls_progress
advance(struct tls *tls, struct buf *plain, struct error *err)
{
	char chunk[4096];
	int got;

	ERR_clear_error();
	got = SSL_do_handshake(tls->ssl);
	while (got == 1 || SSL_is_init_finished(tls->ssl)) {
		got = SSL_read(tls->ssl, chunk, sizeof(chunk));
		if (got <= 0) {
			break;
		}
		buf_add(plain, chunk, (size_t)got);
		got = 1;
	}
	switch (SSL_get_error(tls->ssl, got)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		/* never trust a peer that did not show the key, however the handshake ended */
		return SSL_is_init_finished(tls->ssl) && tls->pinned ? TLS_READY : TLS_HANDSHAKE;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_CLOSED;
	default:
		if (tls->wrong_key) {
			ERR_clear_error();
			error_set(err, "its key is not the pinned one");
		} else {
			set_openssl_error(err, "TLS");
		}
		return TLS_FAILED;
	}
}

enum tls_progress
tls_feed(struct tls *tls, const void *bytes, size_t len, struct buf *plain, struct buf *out,
    struct error *err)
{
	enum tls_progress progress;

	if (len > 0 && BIO_write(tls->in, bytes, (int)len) != (int)len) {
		abort(); /* out of memory */
	}
	progress = advance(tls, plain, err);
	take_output(tls, out);
	return progress;
}

int
tls_send(struct tls *tls, const void *bytes, size_t len, struct buf *out, struct error *err)
{
	if (!tls->pinned || SSL_write(tls->ssl, bytes, (int)len) != (int)len) {
		return set_openssl_error(err, "TLS");
	}
	take_output(tls, out);
	return 0;
}
