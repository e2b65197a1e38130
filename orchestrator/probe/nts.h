/* The records of NTS key establishment: the client's question, and what a server answers.  No I/O.
 */
#ifndef ORCHESTRATOR_PROBE_NTS_H
#define ORCHESTRATOR_PROBE_NTS_H

#include "common/error.h"

#define NTS_PORT 4460
#define NTS_ALPN "ntske/1"
#define NTS_REQUEST_BYTES 16
#define NTS_ANSWER_BYTES_MAX 16384 /* eight cookies of a few hundred bytes are usual */

struct nts_answer {
	unsigned cookies;
	char server[256]; /* where NTP is to be asked; "": where this was asked */
	unsigned port;    /* of NTP there; 0: 123 */
};

/* Write the question: NTPv4, with AES-SIV-CMAC-256.  Source: RFC 8915 section 4. */
void nts_request(uint8_t bytes[NTS_REQUEST_BYTES]);

/*
 * Read what came so far.
 *
 * @answer: filled when it is whole, else untouched
 * Returns 1: it is whole and sound; 0: more must come; -1 with @err set: it is no such answer, or
 * says that it will not.
 */
int nts_answer_read(const uint8_t *bytes, size_t len, struct nts_answer *answer, struct error *err);

#endif
