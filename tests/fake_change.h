/* A host under a change, without any transport: what it says is fed, what it is told is kept. */
#ifndef TESTS_FAKE_CHANGE_H
#define TESTS_FAKE_CHANGE_H

#include "orchestrator/rollout/host/work.h"

struct link {
	int64_t extended_ns; /* the longest time that the command was given at once */
	char said[64];       /* what it was told last */
	unsigned words;
	bool closed;
};

struct fake_change {
	uv_loop_t loop;
	struct transport transport;
	struct link link;
	struct topology topology;
	struct tier tier;
	struct host host;
	struct rollout_request request;
	struct host_owner owner;
	struct rollout_host rollout;
	struct host_work work;
	unsigned over; /* how often the work ended */
};

/* The host is at @step, and @word is what it was told last.  Its time is over in a second. */
void fake_change_begin(struct fake_change *change, enum host_step step, enum host_word word);
void fake_change_end(struct fake_change *change);

/* Feed bytes of its stdout, behind the first line, as long as the work is not over. */
void fake_change_feed(struct fake_change *change, const char *bytes, size_t len);

#endif
