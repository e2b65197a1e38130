/* Asks the local daemon in one datagram whether it follows a source: 127.0.0.1, then ::1. */
#ifndef AGENT_ASK_BRIEF_H
#define AGENT_ASK_BRIEF_H

#include "daemons/daemon.h"

#include <uv.h>

struct brief;
typedef void (*brief_done)(struct brief *brief);

/* Zero-initialise it. */
struct brief {
	struct daemon_status status; /* after the end; see struct daemon_datagram */
	const char *failure;         /* after the end: why there is no status; NULL: there is */
	brief_done done;
	void *owner; /* for done's use */
	bool running;
	unsigned open; /* handles that are not closed yet */
	const struct daemon_datagram *datagram;
	uv_udp_t sockets[2]; /* one for each address */
	uv_timer_t timer;
	uint16_t port;
	unsigned tries;
	uint32_t sequence;
};

/*
 * Ask, up to three times, and call @done when an answer came or nobody answers; never before this
 * returns.
 *
 * @brief: must not be running; stays where it is until @done was called
 * @port:  that of @datagram, except in tests
 */
void brief_run(struct brief *brief, uv_loop_t *loop, const struct daemon_datagram *datagram,
    uint16_t port, brief_done done);

#endif
