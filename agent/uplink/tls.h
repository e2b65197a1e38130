/*
 * TLS to a collector whose public key is known beforehand.  The only file that knows OpenSSL.
 *
 * The key is all that is trusted: names, dates and chains of the certificate are not looked at,
 * because a host whose clock is wrong must be able to say so.
 */
#ifndef AGENT_UPLINK_TLS_H
#define AGENT_UPLINK_TLS_H

#include "common/buf.h"
#include "common/error.h"

struct tls_context;
struct tls;

/* @pin: SHA-256 of the public key (SubjectPublicKeyInfo), 32 bytes.  NULL with @err set. */
struct tls_context *tls_context_new(const uint8_t *pin, struct error *err);

void tls_context_free(struct tls_context *context);

/* A connection; @host is sent as server name unless it is an address. */
struct tls *tls_new(struct tls_context *context, const char *host);

void tls_free(struct tls *tls);

enum tls_progress {
	TLS_HANDSHAKE, /* more bytes must come first */
	TLS_READY,     /* data may be sent; what was received is in @plain */
	TLS_CLOSED,    /* the other side said good-bye */
	TLS_FAILED,    /* @err says why */
};

/*
 * Take bytes from the network (none, to begin).
 *
 * @plain: received data is added
 * @out:   what is to be sent to the network is added, also when it failed
 */
enum tls_progress tls_feed(struct tls *tls, const void *bytes, size_t len, struct buf *plain,
    struct buf *out, struct error *err);

/* Encrypt @len bytes to @out; only when TLS_READY was said. */
int tls_send(
    struct tls *tls, const void *bytes, size_t len, struct buf *out, struct error *err) MUST_CHECK;

#endif
