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
	FAKE_REFUSE, /* the link fails */
	FAKE_CUT,    /* the link fails, and the command's stdin and stdout are closed */
	FAKE_KILL,   /* the same, and the command and all its children are killed: a power cut */
};

struct fake_transport {
	struct transport transport; /* first */
	uv_loop_t *loop;
	enum fake_fault fault;
	unsigned fault_at; /* the n-th: links, commands, writes and outputs are counted */
	unsigned happened;
	pid_t last_child;  /* of the command that ran last */
	unsigned children; /* that have not ended */
};

void fake_transport_init(struct fake_transport *fake, uv_loop_t *loop);

/* Run the loop until all commands have ended. */
void fake_transport_wait(const struct fake_transport *fake);

#endif
