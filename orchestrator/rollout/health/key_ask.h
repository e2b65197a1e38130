/* Asks servers for the time with a key, all at once, on the loop: who answers with it knows it. */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_KEY_ASK_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_KEY_ASK_H

#include "orchestrator/topology/topology.h"

#include <uv.h>

enum key_answer {
	KEY_ANSWER_NONE,    /* nothing at all came, or it cannot be asked: nothing is known */
	KEY_ANSWER_KNOWN,   /* an answer with the right MAC */
	KEY_ANSWER_UNKNOWN, /* answers, and none with that key; or a crypto-NAK */
};

struct key_question {
	const struct host *host; /* asked at the first of its addresses that is no name */
	const struct symmetric_key *key;
	enum key_answer answer; /* filled */
};

struct key_ask_settings {
	uv_loop_t *loop;
	unsigned port;     /* 0: 123 */
	unsigned round_ms; /* between two questions to one server; 0: 2.2 s */
};

/*
 * Ask all of @questions, and fill their answers; runs @loop until that is done, some seconds: a
 * datagram may be lost, and who asks too often is not answered.
 *
 * @settings: zero but the loop, except in tests
 */
void key_ask(const struct key_ask_settings *settings, struct key_question *questions, size_t count);

#endif
