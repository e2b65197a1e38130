/* Asks ntpd or NTPsec on this host by control messages: UDP to 127.0.0.1, then ::1. */
#ifndef AGENT_ASK_CONTROL_H
#define AGENT_ASK_CONTROL_H

#include "common/buf.h"
#include "common/ntp/mode6.h"

#include <uv.h>

#define CONTROL_ASSOCIATIONS_MAX 40

struct control;
typedef void (*control_done)(struct control *control);

/* Zero-initialise it. */
struct control {
	struct buf text;     /* the answers, as daemons/ntpd/status.h lays them out */
	const char *failure; /* after the end: why the text is not complete; NULL: it is */
	control_done done;
	void *owner; /* for done's use */
	bool running;
	unsigned open; /* handles that are not closed yet */
	uv_loop_t *loop;
	uv_udp_t socket;
	uv_timer_t timer;
	uint16_t port;
	size_t address;   /* which of the loopback addresses is asked */
	size_t answers;   /* how many questions were answered */
	unsigned retries; /* of the question that is open */
	uint16_t sequence;
	struct mode6_answer answer;
	struct mode6_association associations[CONTROL_ASSOCIATIONS_MAX];
	size_t association_count;
};

/*
 * Ask for the system's variables and those of each association, and call @done when all answers
 * came or nobody answers; never before this returns.
 *
 * @control: must not be running; stays where it is until @done was called
 * @port:    123, except in tests
 */
void control_run(struct control *control, uv_loop_t *loop, uint16_t port, control_done done);

/* Free the text; not while it runs. */
void control_free_text(struct control *control);

#endif
