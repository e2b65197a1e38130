/*
 * One look at the local daemon: which one runs, what it says, how it would be started, what else
 * sets the clock, and the verdict that follows.
 */
#ifndef AGENT_LOOK_SAMPLE_H
#define AGENT_LOOK_SAMPLE_H

#include "agent/ask/query.h"
#include "agent/host/hardware.h"
#include "agent/host/reads.h"
#include "agent/look/check.h"
#include "agent/look/judgement.h"
#include "agent/look/stand_in.h"
#include "agent/start/start.h"
#include "verdict/report.h"

struct sample;
typedef void (*sample_done)(struct sample *sample);

/* Zero-initialise it and set fresh if you want that; sample_free() ends it. */
struct sample {
	/*
	 * The result: daemon, answered, error, status, verdict, rivals, first_set and the readings
	 * of the clocks are filled; the rest is left as it was.
	 */
	struct report report;
	struct restart_policy policy; /* the policy that the verdict was judged by */
	struct restart_case input;    /* the case that was judged; its rivals are removed */
	bool running;

	uv_loop_t *loop;
	const char *wanted; /* "auto", or a driver's name */
	bool fresh;         /* measure the sources that the daemon would follow */
	sample_done done;
	void *owner;                              /* for done's use */
	const struct daemon_driver *const *known; /* all, as they stand on this host; NULL-ended */
	const struct daemon_driver *driver;       /* found; kept while its process lives */
	pid_t pid;
	char version[32];
	struct process_list processes;
	struct start start;
	/* what start, rivals and the certificate's end were found by */
	struct {
		struct reads reads;
		const struct daemon_driver *driver; /* NULL: there was none */
		int64_t start_id_ns;                /* of the daemon's process; 0: there was none */
		uint64_t processes;                 /* a sum of them */
		int64_t boot_ns;                    /* when everything was read; 0: never */
	} around;
	struct program program; /* BINARY --version */
	struct own_check check;
	struct hardware hardware;
	struct query query;
	struct measure measure;
	struct stand_in stand_in; /* for a daemon that does not answer us; its servers are the
				     caller's */
	int64_t slept_ns;         /* at the previous look; see clock_slept_ns() */
	int64_t resumed_ns;       /* CLOCK_BOOTTIME when slept_ns had changed; 0: never */
};

/*
 * Look, and call @done once; where no daemon is installed, before this returns.  Not while it is
 * running.
 *
 * @wanted: "auto", or a driver's name; borrowed
 */
void sample_start(struct sample *sample, uv_loop_t *loop, const char *wanted, sample_done done);

/*
 * Something happened on the host: read anew what is otherwise read when it has changed, and each
 * ten minutes: the unit, the configuration, other programs that set the clock.
 */
void sample_forget(struct sample *sample);

void sample_free(struct sample *sample);

#endif
