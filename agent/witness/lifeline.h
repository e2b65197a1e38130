/* Notices that the daemon's process ended, at once or within a second, and finds out how. */
#ifndef AGENT_WITNESS_LIFELINE_H
#define AGENT_WITNESS_LIFELINE_H

#include "agent/host/process.h"
#include "agent/host/program.h"
#include "agent/host/started.h"
#include "agent/host/vigil.h"
#include "agent/witness/pause.h"
#include "common/clock.h"
#include "daemons/daemon.h"
#include "verdict/proof.h"
#include "verdict/restart.h"

struct lifeline;
typedef void (*lifeline_changed)(struct lifeline *lifeline);

/* Zero-initialise it; lifeline_free() ends it. */
struct lifeline {
	uv_loop_t *loop;
	lifeline_changed changed; /* how the process ended is known, or another process is there */
	void *owner;              /* for changed's use */
	const struct daemon_driver *driver;
	struct restart_policy policy;   /* of the daemon that runs, or ran */
	struct daemon_status latest;    /* the daemon's last answer */
	bool answered;                  /* the process answered */
	int64_t heard_ns;               /* CLOCK_BOOTTIME of that answer */
	const struct cause_look *right; /* the latest look at a right clock; NULL: not told */
	pid_t pid;                      /* 0: none was seen to run */
	struct process_start start;
	bool gone; /* the process ended, and no other was seen */
	int64_t gone_ns, gone_real_ns;
	struct daemon_end end;
	struct program unit; /* systemctl show */
	unsigned asked;      /* how often systemd was asked about this end */
	int64_t ask_at_ns;   /* CLOCK_BOOTTIME of the next question; 0: none */
	struct process_list processes;
	struct vigil vigil; /* for the end of pid, where the kernel can tell it */
};

/* To be called each second. */
void lifeline_second(struct lifeline *lifeline, const struct clock_reading *now);

/* Tell that a look saw the daemon run. */
void lifeline_seen(struct lifeline *lifeline, const struct daemon_driver *driver, pid_t pid,
    const struct process_start *start, const struct restart_policy *policy);

/* Tell what the daemon answered. */
void lifeline_heard(struct lifeline *lifeline, const struct daemon_status *status);

/*
 * Tell that a look saw no daemon run.
 *
 * @driver: of the daemon that is installed, or NULL
 */
void lifeline_missed(struct lifeline *lifeline, const struct daemon_driver *driver,
    const struct restart_policy *policy, const struct clock_reading *now);

/* Close its handles; the loop must run once more. */
void lifeline_stop(struct lifeline *lifeline);

void lifeline_free(struct lifeline *lifeline);

/* "chronyd": the name of the driver's program. */
const char *lifeline_program(const struct daemon_driver *driver);

#endif
