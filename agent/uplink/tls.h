/*
 * TLS to a collector whose public key is known beforehand.  The only file that uses OpenSSL's TLS.
 *
 * Nothing but the key is trusted.  Names, dates and chains of the certificate are not looked at: a
 * host whose clock is wrong must be able to say so.
 */
#ifndef AGENT_UPLINK_TLS_H
#define AGENT_UPLINK_TLS_H

#include "common/buf.h"
#include "common/error.h"

struct tls_context;
struct tls;

/* @pin: SHA-256 of the public key (SubjectPublicKeyInfo), 32 bytes.  Returns NULL with @err set. */
struct tls_context *tls_context_new(const uint8_t *pin, struct error *err);

void tls_context_free(struct tls_context *context);

/* Make a connection; @host is sent as server name unless it is an address. */
struct tls *tls_new(struct tls_context *context, const char *host);

void tls_free(struct tls *tls);

enum tls_progress {
	TLS_HANDSHAKE, /* more bytes must come first */
	TLS_READY,     /* data may be sent; what was received is in @plain */
	TLS_CLOSED,    /* the other side ended the connection */
	TLS_FAILED,    /* @err says why */
};

/*
 * Take bytes from the network (none, to begin).
 *
 * @plain: received data is added
 * @out:   bytes to send to the network are added, also on failure
 */
enum tls_progress tls_feed(struct tls *tls, const void *bytes, size_t len, struct buf *plain,
    struct buf *out, struct error *err);

/* Encrypt @len bytes and add them to @out; only after TLS_READY. */
int tls_send(
    struct tls *tls, const void *bytes, size_t len, struct buf *out, struct error *err) MUST_CHECK;

#endif
