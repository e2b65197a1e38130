/*
 * A transport to this machine: a local sh runs each command, in a session of its own.  The link
 * breaks at the n-th event.
 */
#ifndef TESTS_FAKE_TRANSPORT_H
#define TESTS_FAKE_TRANSPORT_H

#include <uv.h>

#include "orchestrator/ssh/transport.h"

enum fake_fault {
	FAKE_SOUND,
	FAKE_FAIL, /* the link fails; the command knows nothing of it until the link is closed */
	FAKE_HANG, /* nothing comes or goes any more: the link fails when its time is over, and
		      nobody tells the command */
	FAKE_CUT,  /* the link fails, and the command's stdin and stdout are closed */
	FAKE_KILL, /* the same, and the command and all its children are killed: a power cut */
};

struct fake_transport {
	struct transport transport; /* first */
	uv_loop_t *loop; /* on the heap: after a test that failed, libuv still knows it */
	enum fake_fault fault;
	unsigned fault_at; /* the n-th: links, commands, writes and lines of output are counted */
	unsigned happened;
	void (*broke)(void *ctx); /* called when the link breaks; may be NULL */
	void *ctx;
	pid_t last_child;  /* of the command that ran last */
	unsigned children; /* that have not ended */
	struct link *hung; /* a link that hangs and whose command still runs; NULL: none */
};

void fake_transport_init(struct fake_transport *fake);

/* Run its loop until nothing is left on it, and close the loop. */
void fake_transport_done(struct fake_transport *fake);

/*
 * Run the loop until all commands have ended.  Returns false when the command of a link that hangs
 * still runs after PATIENCE_MS: no script that has begun its change may wait so long.
 */
bool fake_transport_wait(struct fake_transport *fake);

/* Tell the command of a link that hangs, at last, that nobody is there. */
void fake_transport_tell(struct fake_transport *fake);

#endif
