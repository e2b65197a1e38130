/*
 * What the questions of an NTP client tell of a host that nobody logs in to.  No I/O: the caller
 * hands in what a round of questions told, and the time.
 */
#ifndef ORCHESTRATOR_MEASURED_MEASURED_H
#define ORCHESTRATOR_MEASURED_MEASURED_H

#include "daemons/daemon.h"
#include "verdict/health.h"

struct host;
struct measure_target;

#define MEASURED_INTERVAL_NS (64 * NS_PER_S) /* from one round of questions to the next */
#define MEASURED_WHY_BYTES 160

/* Zero-initialise it. */
struct measured {
	unsigned rounds;  /* that were asked; 8 stands for more */
	uint8_t reach;    /* a bit for each of the last eight rounds, the latest is the lowest */
	bool answers;     /* it has answered at least once, whatever it said */
	bool unsynced;    /* the latest answer: its time is not to be used */
	bool sampled;     /* the numbers below are there */
	int64_t asked_ns; /* the latest round, by the caller's boot clock */
	int64_t heard_ns; /* the latest numbers */
	int64_t
	    offset_ns;    /* our clock minus the host's: positive means that the host's is behind */
	int64_t delay_ns; /* the round trip of the question; half of it may be in the offset */
	int64_t root_delay_ns, root_dispersion_ns;
	unsigned stratum;
	enum leap leap;
	char why[MEASURED_WHY_BYTES]; /* why the latest round gave no numbers; else "" */
};

/*
 * Take what a round of questions told.
 *
 * @target: the best of its samples counts: that with the least delay
 */
void measured_take(struct measured *measured, const struct measure_target *target, int64_t now_ns);

/* Whether its numbers are of now: one of the last three rounds gave some. */
bool measured_is_fresh(const struct measured *measured);

/* Its clock is at most so far from true time, if ours is right. */
int64_t measured_bound_ns(const struct measured *measured);

/*
 * Judge @host: it is over its budget by its offset alone, because what an appliance tells of its
 * own error is mostly a constant; a client that never answered is HEALTH_UNMEASURABLE, which is no
 * fault.
 *
 * @reason: HEALTH_REASON_BYTES bytes: why it is not good; else ""
 */
enum health measured_judge(const struct measured *measured, const struct host *host, char *reason);

#endif
