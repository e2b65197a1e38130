/*
 * NTP control messages (mode 6): ask a daemon, put its answer together, read its variables.  No
 * I/O: the caller sends and receives the datagrams.
 */
#ifndef COMMON_NTP_MODE6_H
#define COMMON_NTP_MODE6_H

#include "common/error.h"

/*
 *  0               1               2               3
 * |LI | VN  |mode |R|E|M| opcode  |        sequence               |
 * |        status                 |       association             |
 * |        offset                 |        count                  |
 * | data: count bytes of the answer, from its byte offset on; padded to 4 bytes
 *
 * R: response, E: error (its code is the first byte of status), M: more fragments follow.
 * Source: RFC 9327 section 2, figure 1.
 */
#define MODE6_HEADER_BYTES 12
#define MODE6_ANSWER_BYTES 16384 /* longer answers are refused; 40 associations take 160 bytes */

enum mode6_opcode {
	MODE6_READ_STATUS = 1,
	MODE6_READ_VARIABLES = 2,
	MODE6_READ_MRU = 10,
	MODE6_REQUEST_NONCE = 12,
	MODE6_CONFIGURE = 8, /* as ntpq :config sends it; in no RFC */
};

/* Write a request without data, MODE6_HEADER_BYTES, to @bytes. */
void mode6_request(
    uint8_t *bytes, enum mode6_opcode opcode, uint16_t sequence, uint16_t association);

enum mode6_progress {
	MODE6_IGNORED, /* not an answer to this question, or broken: nothing was taken from it */
	MODE6_MORE,    /* a fragment; others are missing */
	MODE6_DONE,    /* data and len hold the whole answer */
	MODE6_REFUSED, /* the daemon answered with an error: mode6_error_text() */
};

/* An answer that is being put together.  mode6_expect() begins it; nothing need be freed. */
struct mode6_answer {
	enum mode6_opcode opcode;
	uint16_t sequence, association;
	uint16_t status; /* of the system or the association, from the latest fragment */
	unsigned error;  /* code, after MODE6_REFUSED */
	size_t len;      /* of data, once end_known; else 0 */
	size_t received; /* bytes that have come, each counted once */
	uint8_t data[MODE6_ANSWER_BYTES];
	uint8_t has[MODE6_ANSWER_BYTES / 8]; /* one bit for each byte of data that has come */
	bool end_known;
};

/* Wait for the answer to the request with these three values. */
void mode6_expect(
    struct mode6_answer *answer, enum mode6_opcode opcode, uint16_t sequence, uint16_t association);

/*
 * Take one datagram.  Fragments may come in any order and more than once; bytes that are there
 * already stay as they are, and a fragment that disagrees about where the answer ends is
 * ignored.
 *
 * @bytes: as they came from the network; nothing in them is trusted
 */
enum mode6_progress mode6_feed(struct mode6_answer *answer, const uint8_t *bytes, size_t len);

/* "permission denied" and its like: RFC 9327 section 2.1. */
const char *mode6_error_text(unsigned error);

struct mode6_association {
	uint16_t id;
	uint16_t status; /* the peer status word */
};

/* The associations of a whole answer to MODE6_READ_STATUS, at most @max; returns how many. */
size_t mode6_associations(
    const struct mode6_answer *answer, struct mode6_association *list, size_t max);

struct mode6_variable {
	char name[32];   /* longer ones are cut */
	char value[256]; /* without its quotes; longer ones are cut */
};

/*
 * Read the next `name=value` of a list that is separated by commas; white space around names and
 * values is left out.  A value may be quoted, or missing.
 *
 * @text: where to read; moves behind what was read
 * @end:  where the list ends
 *
 * Returns false at the end of the list.
 */
bool mode6_next_variable(const char **text, const char *end, struct mode6_variable *variable);

#endif
