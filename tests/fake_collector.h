/* A TLS server that takes reports as a collector does, in a process of its own. */
#ifndef TESTS_FAKE_COLLECTOR_H
#define TESTS_FAKE_COLLECTOR_H

#include "common/base.h"

#include <sys/types.h>

#define FAKE_ANSWERS_MAX 16

enum fake_habit {
	FAKE_KEEPS,         /* the connection stays open after an answer */
	FAKE_CLOSES,        /* closes it after an answer, and does not say so */
	FAKE_SAYS_CLOSE,    /* says "Connection: close", and closes it */
	FAKE_SPEAKS_NO_TLS, /* answers in plain text */
};

/* In memory that both processes share. */
struct fake_traffic {
	unsigned connections, handshakes, requests;
	char latest[8192]; /* the latest request */
};

struct fake_collector {
	pid_t pid;
	char port[8]; /* of 127.0.0.1 */
	uint8_t pin[32];
	struct fake_traffic *traffic;
};

/*
 * Start it; its certificate ran out in the year 2001.
 *
 * @answers: status codes, in turn; the last one is repeated; 0: answer something that is no HTTP
 */
void fake_collector_start(
    struct fake_collector *collector, enum fake_habit habit, const int *answers, size_t count);

void fake_collector_stop(struct fake_collector *collector);

#endif
