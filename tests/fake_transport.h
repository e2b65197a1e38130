/*
 * A transport to a folder of this machine: commands are run by a local sh in a session of its
 * own.  It breaks at the n-th thing that happens on it.
 */
#ifndef TESTS_FAKE_TRANSPORT_H
#define TESTS_FAKE_TRANSPORT_H

#include <uv.h>

#include "orchestrator/ssh/transport.h"

enum fake_fault {
	FAKE_SOUND,
	FAKE_FAIL, /* the link fails; the command knows nothing of it until the link is closed */
	FAKE_HANG, /* nothing comes or goes any more: the link fails when its time is over, and the
		      command is told by nobody */
	FAKE_CUT,  /* the link fails, and the command's stdin and stdout are closed */
	FAKE_KILL, /* the same, and the command and all its children are killed: a power cut */
};

struct fake_transport {
	struct transport transport; /* first */
	uv_loop_t *loop; /* its own: a test that fails leaves it to libuv, which still knows it */
	enum fake_fault fault;
	unsigned fault_at; /* the n-th: links, commands, writes and lines of output are counted */
	unsigned happened;
	void (*broke)(void *ctx); /* it breaks now; NULL: nobody asks */
	void *ctx;
	pid_t last_child;  /* of the command that ran last */
	unsigned children; /* that have not ended */
	struct link *hung; /* whose command still runs; NULL: none */
};

void fake_transport_init(struct fake_transport *fake);

/* Run its loop until nothing is left on it, and end that. */
void fake_transport_done(struct fake_transport *fake);

/*
 * Run the loop until all commands have ended; false when one at the end of a link that hangs waits
 * for more than a script may that has begun.
 */
bool fake_transport_wait(struct fake_transport *fake);

/* The far side of a link that hangs learns at last that nobody is there. */
void fake_transport_tell(struct fake_transport *fake);

#endif
