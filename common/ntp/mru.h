/*
 * The list of clients that ntpd and NTPsec keep (the MRU list), read by control messages: what to
 * ask, and what an answer says.  No I/O.
 *
 * A question brings some dozen entries, the longest silent ones first; the next question names the
 * last entries that came, so that the daemon finds its place again.  Who asks meanwhile moves to
 * the list's end and comes again.
 * Source: RFC 9327 section 3.4; ntp 4.2.8p15 and NTPsec 1.2.2, ntp_control.c, read_mru_list().
 */
#ifndef COMMON_NTP_MRU_H
#define COMMON_NTP_MRU_H

#include "common/address.h"
#include "common/ntp/mode6.h"

struct mru_entry {
	struct ip ip;
	unsigned port, mode, version; /* of its latest packet */
	int64_t first_ns, last_ns;    /* real time by the daemon's clock */
	uint64_t packets;
	uint64_t dropped; /* NTPsec alone tells it */
	bool ntpsec;      /* NTPsec says so */
	bool limited;     /* its latest packet was too early: it got no answer, or a kiss */
};

#define MRU_PLACES 64
#define MRU_REQUEST_BYTES (MODE6_HEADER_BYTES + 468)

/* An entry as the daemon wrote it, so that it recognises it. */
struct mru_place {
	char address[64], last[24];
};

/* Zero-initialise it. */
struct mru {
	char nonce[40]; /* shows that answers reach us; "": must be asked for */
	struct mru_place
	    places[MRU_PLACES]; /* the latest, the newest at (count - 1) % MRU_PLACES */
	size_t count;           /* of all places that came */
	size_t back;            /* so many of the newest are not found any more */
	bool over;              /* the whole list came */
	int64_t newest_ns;      /* last_ns of the newest entry that came */
};

/* Write the next question to @bytes, of MRU_REQUEST_BYTES; returns its length. */
size_t mru_request(
    const struct mru *mru, uint16_t sequence, enum mode6_opcode *opcode, uint8_t *bytes);

/* Called for each entry of an answer; what the daemon did not tell of it is 0. */
typedef void (*mru_take)(void *ctx, const struct mru_entry *entry);

/*
 * Read a whole answer.
 *
 * @text: not trusted
 * Returns how many entries it had; 0 is no error: the answer to the question for a nonce has none.
 */
size_t mru_read(struct mru *mru, const char *text, size_t len, mru_take take, void *ctx);

/*
 * The daemon refused the question: it knows none of the places that were named, or the nonce is too
 * old.  Goes back to earlier places.  Returns false when there are none: the list cannot be read.
 */
bool mru_refused(struct mru *mru);

#endif
