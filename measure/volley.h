/*
 * Sends datagrams, each at its time and from a socket of its own, and keeps what came back: how
 * much, its beginning, and whether another address answered.  Whatever comes, it ends: each
 * question has its end in time, and takes no more than VOLLEY_PACKETS_MAX packets.
 */
#ifndef MEASURE_VOLLEY_H
#define MEASURE_VOLLEY_H

#include "common/address.h"

#define VOLLEY_PACKETS_MAX 256 /* more than that is a flood: the question ends */
#define VOLLEY_FIRST_BYTES 512
#define VOLLEY_OPEN_MAX 600 /* sockets at once: what more is due waits */

struct volley_question {
	struct ip to;
	unsigned port;
	unsigned from_port; /* 0: any high one */
	struct ip as; /* the source address that the packet bears, where it is not ours: for root */
	const uint8_t *bytes; /* borrowed */
	size_t len;
	int64_t at_ns;   /* when it is sent, from the start */
	int64_t wait_ns; /* how long answers are waited for */
	int unless; /* index of an earlier question: when that was answered, or was needless itself,
		       this one is needless; -1: none */
};

enum volley_end {
	VOLLEY_NOT_SENT, /* needless, or impossible: why */
	VOLLEY_SILENT,
	VOLLEY_CLOSED, /* the other side's kernel says that nobody listens there */
	VOLLEY_ANSWERED,
	VOLLEY_FLOODED, /* answered, by more than VOLLEY_PACKETS_MAX packets */
};

struct volley_answer {
	enum volley_end end;
	struct ip from;   /* our address towards it; IP_NONE: there is no way to it */
	unsigned packets; /* from the address and port that was asked */
	uint64_t bytes;   /* of these: what UDP carried */
	unsigned strange; /* packets from elsewhere */
	struct ip stranger;
	uint8_t first[VOLLEY_FIRST_BYTES]; /* the beginning of the first packet */
	size_t first_len;
	bool needless;
	int errnum; /* why it could not be sent; 0 */
};

struct volley {
	const struct volley_question *questions;
	size_t count;
	/*
	 * Whether a packet may go to @to, or bear it as its source: asked before any socket is
	 * opened.  VOLLEY_NOT_SENT with errnum EPERM: it may not.
	 */
	bool (*may_ask)(const void *ctx, const struct ip *to);
	const void *ctx;
};

/* Ask all, and wait for the end of it; @answers: one for each question. */
void volley_run(const struct volley *volley, struct volley_answer *answers);

/*
 * Wait for datagrams to @port at @at, our own address, for @wait_ns at most, until @takes says that
 * one is what is waited for.
 *
 * Returns whether one came, or -1 with @err set.
 */
struct volley_ear {
	struct ip at;
	unsigned port;
	int64_t wait_ns;
	bool (*takes)(void *ctx, const struct ip *from, const uint8_t *bytes, size_t len);
	void *ctx;
};
int volley_listen(const struct volley_ear *ear, struct error *err) MUST_CHECK;

#endif
