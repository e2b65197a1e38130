/* Asks the local daemon some questions in datagrams: 127.0.0.1, then ::1. */
#ifndef AGENT_ASK_DIALOGUE_H
#define AGENT_ASK_DIALOGUE_H

#include "daemons/daemon.h"

#include <uv.h>

struct dialogue;
typedef void (*dialogue_done)(struct dialogue *dialogue);

/* Zero-initialise it. */
struct dialogue {
	bool answered; /* after the end: all questions were; see struct daemon_dialogue */
	struct daemon_answer answers[DAEMON_QUESTIONS_MAX];
	dialogue_done done;
	void *owner; /* for done's use */
	bool running;
	unsigned open; /* handles that are not closed yet */
	const struct daemon_dialogue *of;
	uv_udp_t sockets[2]; /* one for each address */
	uv_timer_t timer;
	size_t asked;      /* questions so far */
	int speaker;       /* which of the sockets was answered first; -1: none yet */
	unsigned tries;    /* of the questions that are open */
	uint32_t sequence; /* of the first question */
};

/*
 * Ask, and call @done when all answers came or nobody answers; never before this returns.
 *
 * @dialogue: must not be running; stays where it is until @done was called
 * @port:     that of @of, except in tests
 */
void dialogue_run(struct dialogue *dialogue, uv_loop_t *loop, const struct daemon_dialogue *of,
    uint16_t port, dialogue_done done);

#endif
