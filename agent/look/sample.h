/*
 * One look at the local daemon: which one runs, what it says, how it was started, who else sets
 * the clock, and the verdict that follows.
 */
#ifndef AGENT_LOOK_SAMPLE_H
#define AGENT_LOOK_SAMPLE_H

#include "agent/ask/query.h"
#include "agent/look/judgement.h"
#include "agent/start/start.h"
#include "verdict/report.h"

struct sample;
typedef void (*sample_done)(struct sample *sample);

/* Zero-initialise it, set fresh if it is wanted; sample_free() ends it. */
struct sample {
	/*
	 * The answer: daemon, answered, error, status, verdict, rivals and the readings of the
	 * clocks are filled; the rest is left as it was.
	 */
	struct report report;
	struct restart_policy policy; /* that the verdict was judged by */
	struct restart_case input;    /* that the verdict was passed on, without the rivals */
	bool running;

	uv_loop_t *loop;
	const char *wanted; /* "auto", or a driver's name */
	bool fresh;         /* measure the sources that the daemon would follow */
	sample_done done;
	void *owner;                        /* for done's use */
	const struct daemon_driver *driver; /* that was found; kept while its process lives */
	pid_t pid;
	char version[32];
	struct process_list processes;
	struct start start;
	struct program program; /* BINARY --version */
	struct query query;
	struct measure measure;
	int64_t slept_ns;   /* at the look before; see clock_slept_ns() */
	int64_t resumed_ns; /* CLOCK_BOOTTIME when it was seen to have changed; 0: never */
};

/*
 * Look, and call @done once; where no daemon runs, before this returns.  Not while it is running.
 *
 * @wanted: "auto", or a driver's name; borrowed
 */
void sample_start(struct sample *sample, uv_loop_t *loop, const char *wanted, sample_done done);

void sample_free(struct sample *sample);

#endif
