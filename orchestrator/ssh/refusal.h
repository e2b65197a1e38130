/*
 * What a host says while somebody logs in, and words for why it refused.  No I/O.  What comes from
 * the host is not trusted.
 */
#ifndef ORCHESTRATOR_SSH_REFUSAL_H
#define ORCHESTRATOR_SSH_REFUSAL_H

#include "common/buf.h"
#include "common/error.h"

#define REFUSAL_METHODS_BYTES 160

/* The first byte of a message (RFC 4252 section 6). */
#define REFUSAL_MESSAGE_FAILURE 51
#define REFUSAL_MESSAGE_BANNER 53

/* Begin with refusal_init(); refusal_done() frees it. */
struct refusal {
	const char *user;   /* borrowed */
	unsigned offered;   /* so many keys */
	struct buf tried;   /* their names, ", " between */
	char accepted[256]; /* the key that the host knows and that has signed; "" : none */
	bool partial;       /* the host has accepted something, and wants more besides */
	bool hung_up;       /* the host ended the connection */
	char methods[REFUSAL_METHODS_BYTES]; /* what it would take next, a comma list; "" : not said
					      */
	struct buf said;                     /* its banners and last words */
};

void refusal_init(struct refusal *refusal, const char *user);
void refusal_done(struct refusal *refusal);

/* Note that the key @name is offered. */
void refusal_offer(struct refusal *refusal, const char *name);

/* Note what the host said, the lines of @text. */
void refusal_hear(struct refusal *refusal, const char *text, size_t len);

/*
 * Take a message of the host, if it is one that tells about the login: a failure with the methods
 * that are left, or a banner.
 *
 * @message: as it was sent, perhaps followed by other bytes
 * Source: RFC 4252 sections 5.1 and 5.4.
 */
void refusal_take(struct refusal *refusal, const void *message, size_t len);

/* Whether the host would take @method now; true when it has not said what it takes. */
bool refusal_takes(const struct refusal *refusal, const char *method);

/*
 * Set @err: why the login failed.
 *
 * @notes: what is wrong with keys that were not tried; "" : nothing
 */
void refusal_words(const struct refusal *refusal, const char *notes, struct error *err);

/*
 * Whether a host that ended the connection before it said its version may let in later.  Then @err
 * says what it means.
 *
 * @greeting: what it said instead; "" : nothing
 */
bool refusal_turned_away(const char *greeting, struct error *err);

#endif
