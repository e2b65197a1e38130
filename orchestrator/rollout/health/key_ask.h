/* Asks servers for the time with a key, all at once, to learn which of them know that key. */
#ifndef ORCHESTRATOR_ROLLOUT_HEALTH_KEY_ASK_H
#define ORCHESTRATOR_ROLLOUT_HEALTH_KEY_ASK_H

#include "orchestrator/topology/topology.h"

#include <uv.h>

enum key_answer {
	KEY_ANSWER_NONE,    /* nothing came, or the server cannot be asked: nothing is known */
	KEY_ANSWER_KNOWN,   /* an answer with the right MAC came */
	KEY_ANSWER_UNKNOWN, /* answers came, but none with that key; or a crypto-NAK came */
};

struct key_question {
	const struct host *host; /* asked at its first address that is not a name */
	const struct symmetric_key *key;
	enum key_answer answer; /* filled */
};

struct key_ask_settings {
	uv_loop_t *loop;
	unsigned port;     /* 0: 123 */
	unsigned round_ms; /* between two questions to one server; 0: 2.2 s */
};

/*
 * Ask all of @questions, and fill their answers.  Runs the loop for some seconds: datagrams may be
 * lost, and servers do not answer questions that come too often.
 *
 * @settings: zero except for the loop; tests set more
 */
void key_ask(const struct key_ask_settings *settings, struct key_question *questions, size_t count);

#endif
