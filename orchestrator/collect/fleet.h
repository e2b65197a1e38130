/*
 * The fleet as it is now: a row for each declared host with its latest report, judged against
 * that host's budget.  Pure: the caller brings reports and the time.
 *
 * Whose report is the latest is never decided by a wall clock.  Within a run of an agent its
 * numbers order reports, within a boot of a host its CLOCK_BOOTTIME does.  The least difference
 * ever seen between the arrival of a report and its CLOCK_BOOTTIME is that of one which came
 * without delay: it says when the host booted, by the collector's clock, and turns every reading
 * of that boot, also one that waited in a spool for hours, into an instant of the collector's.
 * Two boots cannot overlap: one that began before the latest reading of another is the older one.
 */
#ifndef ORCHESTRATOR_COLLECT_FLEET_H
#define ORCHESTRATOR_COLLECT_FLEET_H

#include "verdict/health.h"
#include "verdict/report.h"

struct topology;
struct host;

#define FLEET_BOOTS 4          /* of a host are remembered */
#define FLEET_SILENT_REPORTS 3 /* intervals without a report */
#define FLEET_SILENT_GRACE_NS (2 * NS_PER_S)

struct fleet_boot {
	char id[40];
	int64_t shift_ns; /* the collector's boot clock when the host booted; the least seen */
	int64_t used_ns;  /* when a report of it last came */
};

struct fleet_host {
	const struct host *host; /* of the topology; the row of a host has its index */
	bool heard;
	struct report report; /* the latest, when heard */
	int64_t read_ns;      /* when it was read, by the collector's boot clock */
	struct fleet_boot boots[FLEET_BOOTS];
	enum health health; /* as fleet_judge() found it */
	char reason[HEALTH_REASON_BYTES];
	int64_t health_since_ns;   /* by the collector's boot clock */
	enum health logged_health; /* that the log was told of */

	uint64_t ledger_mark; /* of the steps in a report that the store has; 0: of none */
};

struct fleet {
	const struct topology *topology;
	struct fleet_host *hosts; /* one a host of the topology, in its order */
	size_t count;
	uint64_t revision; /* grows with every report taken and every judgement that changed */
};

/* What became of a report. */
enum fleet_take {
	FLEET_LATEST,  /* it is the row's report now */
	FLEET_LATE,    /* older than the row's: for the history only */
	FLEET_AGAIN,   /* the row's report, a second time */
	FLEET_UNKNOWN, /* no such host in the site */
};

/* Begin with @topology, which outlives the fleet; nothing was heard of anybody. */
void fleet_init(struct fleet *fleet, const struct topology *topology, int64_t now_ns);

/* As fleet_init(), with what @old knows of hosts that both sites have; @old is done after. */
void fleet_replace(
    struct fleet *fleet, struct fleet *old, const struct topology *topology, int64_t now_ns);

void fleet_done(struct fleet *fleet);

/* The row of that name, or NULL. */
struct fleet_host *fleet_find(const struct fleet *fleet, const char *name);

/*
 * Take a report that arrived at @arrived_ns of the collector's boot clock.
 *
 * @row, @read_ns: set unless the result is FLEET_UNKNOWN: its row, and when it was read
 */
enum fleet_take fleet_take(struct fleet *fleet, const struct report *report, int64_t arrived_ns,
    struct fleet_host **row, int64_t *read_ns);

/* Judge one row, or all: nothing stays green by itself. */
void fleet_judge_host(struct fleet *fleet, struct fleet_host *row, int64_t now_ns);
void fleet_judge(struct fleet *fleet, int64_t now_ns);

/* Whether what the row's report says is of now. */
bool fleet_is_fresh(const struct fleet_host *row);

#endif
