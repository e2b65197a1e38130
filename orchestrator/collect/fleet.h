/*
 * The fleet as it is now: one row for each declared host, with the host's latest report, judged
 * against the host's budget.  No I/O: the caller hands in reports and the time.
 *
 * No wall clock decides which report is the latest.  Reports of one run of an agent are ordered by
 * their sequence number, reports of one boot of a host by the host's CLOCK_BOOTTIME.
 *
 * For each boot of a host the fleet keeps the least difference between the arrival of a report, by
 * the collector's boot clock, and the CLOCK_BOOTTIME in the report.  The report with the least
 * difference came without delay, so the difference is the moment when the host booted, by the
 * collector's boot clock.  It turns every reading of that boot into an instant of the collector's
 * boot clock, also a reading that waited in a spool for hours.  Two boots of a host cannot overlap:
 * a boot that began before the latest reading of another boot is the older one.
 */
#ifndef ORCHESTRATOR_COLLECT_FLEET_H
#define ORCHESTRATOR_COLLECT_FLEET_H

#include "orchestrator/measured/measured.h"
#include "verdict/health.h"
#include "verdict/report.h"

struct topology;
struct host;

#define FLEET_BOOTS 4          /* so many boots of a host are remembered */
#define FLEET_SILENT_REPORTS 3 /* intervals without a report: the host is silent */
#define FLEET_SILENT_GRACE_NS (2 * NS_PER_S)

struct fleet_boot {
	char id[40];
	int64_t shift_ns; /* the collector's boot clock when the host booted */
	int64_t used_ns;  /* when the last report of this boot came */
};

struct fleet_host {
	const struct host *host; /* in the topology, at the same index as this row */
	bool heard;
	struct report report;     /* the latest, when heard */
	struct measured measured; /* of a host that is not managed, which has no agent */
	int64_t read_ns;          /* when @report was read, by the collector's boot clock */
	struct fleet_boot boots[FLEET_BOOTS];
	enum health health; /* as fleet_judge() found it */
	char reason[HEALTH_REASON_BYTES];
	int64_t health_since_ns;   /* by the collector's boot clock */
	enum health logged_health; /* the health that was logged last, */
	int64_t logged_ns;         /* and when; 0: never */

	uint64_t ledger_mark;   /* hash of the reported steps that the store has; 0: it has none */
	uint64_t followed_mark; /* hash of whom it follows, as the store has it; 0: not known */
	unsigned steps_kept;    /* new steps that were kept since, */
	int64_t steps_since_ns; /* by the collector's boot clock */

	uint64_t changed;                 /* the fleet's revision when this row changed last */
	struct fleet_host *older, *newer; /* rows by their last change; NULL at the ends */
};

struct fleet {
	const struct topology *topology;
	struct fleet_host *hosts; /* one for each host of the topology, in its order */
	size_t count;
	struct fleet_host *newest; /* the row that changed last; NULL: the fleet is empty */
	uint64_t revision; /* grows with every report taken and every judgement that changed */
	int64_t epoch;     /* revisions are of this run and site alone */
};

/* What became of a report. */
enum fleet_take {
	FLEET_LATEST,  /* it is the row's report now */
	FLEET_LATE,    /* older than the row's: for the history only */
	FLEET_AGAIN,   /* the row's report, a second time */
	FLEET_UNKNOWN, /* no such host in the site, or one that is not managed and has no agent */
};

/* Begin with @topology, which outlives the fleet; no host was heard so far. */
void fleet_init(struct fleet *fleet, const struct topology *topology, int64_t now_ns);

/* Begin like fleet_init(), but keep what @old knows of hosts that are in both sites.  Ends @old,
 * which may be @fleet itself. */
void fleet_replace(
    struct fleet *fleet, struct fleet *old, const struct topology *topology, int64_t now_ns);

void fleet_done(struct fleet *fleet);

/* The row of host @name, or NULL. */
struct fleet_host *fleet_find(const struct fleet *fleet, const char *name);

/*
 * Take a report that arrived at @arrived_ns of the collector's boot clock.
 *
 * @row:     set to the row of the report's host, unless the result is FLEET_UNKNOWN
 * @read_ns: set with @row to when the report was read, by the collector's boot clock
 */
enum fleet_take fleet_take(struct fleet *fleet, const struct report *report, int64_t arrived_ns,
    struct fleet_host **row, int64_t *read_ns);

/* Judge one row, or all rows, at @now_ns: a host that has ceased to report must not stay good. */
void fleet_judge_host(struct fleet *fleet, struct fleet_host *row, int64_t now_ns);
void fleet_judge(struct fleet *fleet, int64_t now_ns);

/* Take what the questions of the collector told of @row, which is not managed. */
void fleet_measure(struct fleet *fleet, struct fleet_host *row, const struct measure_target *target,
    int64_t now_ns);

/* Whether what is known of the row is of now: its host is not silent. */
bool fleet_is_fresh(const struct fleet_host *row);

#endif
