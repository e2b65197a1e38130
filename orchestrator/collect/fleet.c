#include "orchestrator/collect/fleet.h"

#include "common/duration.h"
#include "orchestrator/topology/refclocks.h"
#include "orchestrator/topology/siblings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOT_GRACE_NS (5 * NS_PER_S) /* two boots of a host cannot overlap by more */

/* Put @row in front of all rows that changed before. */
static void
put_first(struct fleet *fleet, struct fleet_host *row)
{
	row->older = fleet->newest;
	row->newer = NULL;
	if (fleet->newest) {
		fleet->newest->newer = row;
	}
	fleet->newest = row;
}

/* Note that what is known of @row has changed. */
static void
touch(struct fleet *fleet, struct fleet_host *row)
{
	row->changed = ++fleet->revision;
	if (fleet->newest == row) {
		return;
	}
	row->newer->older = row->older;
	if (row->older) {
		row->older->newer = row->newer;
	}
	put_first(fleet, row);
}

void
fleet_init(struct fleet *fleet, const struct topology *topology, int64_t now_ns)
{
	*fleet = (struct fleet){
		.topology = topology,
		.epoch = now_ns,
		.count = topology->host_count,
		.hosts = calloc(topology->host_count + 1, sizeof(*fleet->hosts)),
	};
	if (!fleet->hosts) {
		abort();
	}
	for (size_t i = 0; i < fleet->count; i++) {
		fleet->hosts[i].host = &topology->hosts[i];
		fleet->hosts[i].health = HEALTH_NEVER;
		fleet->hosts[i].logged_health = HEALTH_NEVER;
		fleet->hosts[i].health_since_ns = now_ns;
		put_first(fleet, &fleet->hosts[i]);
	}
	fleet_judge(fleet, now_ns);
}

void
fleet_replace(
    struct fleet *fleet, struct fleet *old, const struct topology *topology, int64_t now_ns)
{
	struct fleet made;

	fleet_init(&made, topology, now_ns);
	for (size_t i = 0; i < made.count; i++) {
		const struct fleet_host *known = fleet_find(old, made.hosts[i].host->name);

		if (known) {
			struct fleet_host *row = &made.hosts[i];
			struct fleet_host *older = row->older, *newer = row->newer;

			*row = *known;
			row->host = &topology->hosts[i];
			row->older = older;
			row->newer = newer;
			row->changed = 0;
		}
	}
	made.epoch += made.epoch == old->epoch; /* within one reading of the clock */
	fleet_done(old);
	*fleet = made;
	fleet_judge(fleet, now_ns);
}

void
fleet_done(struct fleet *fleet)
{
	free(fleet->hosts);
	*fleet = (struct fleet){ 0 };
}

struct fleet_host *
fleet_find(const struct fleet *fleet, const char *name)
{
	const struct host *host = topology_host(fleet->topology, name);

	return host ? &fleet->hosts[host - fleet->topology->hosts] : NULL;
}

static struct fleet_boot *
find_boot(struct fleet_host *row, const char *id)
{
	for (size_t i = 0; i < FLEET_BOOTS; i++) {
		if (row->boots[i].id[0] && strcmp(row->boots[i].id, id) == 0) {
			return &row->boots[i];
		}
	}
	return NULL;
}

/* Add a boot, in a free place or in place of the boot whose last report is the oldest. */
static struct fleet_boot *
new_boot(struct fleet_host *row, const char *id, int64_t shift_ns)
{
	struct fleet_boot *oldest = &row->boots[0];

	for (size_t i = 0; i < FLEET_BOOTS; i++) {
		if (!row->boots[i].id[0]) {
			oldest = &row->boots[i];
			break;
		}
		if (row->boots[i].used_ns < oldest->used_ns) {
			oldest = &row->boots[i];
		}
	}
	*oldest = (struct fleet_boot){ .shift_ns = shift_ns };
	snprintf(oldest->id, sizeof(oldest->id), "%s", id);
	return oldest;
}

/*
 * Find or add the boot of @report, and correct by its arrival when that boot began.
 *
 * The slews of a daemon also move the host's boot clock.  So the least shift may grow: by a 16th of
 * the time since the last report (chronyd slews by a 12th at most), of which at most two intervals
 * count.
 */
static const struct fleet_boot *
note_boot(struct fleet_host *row, const struct report *report, int64_t arrived_ns)
{
	int64_t shift_ns = arrived_ns - report->boot_ns;
	struct fleet_boot *boot = find_boot(row, report->boot_id);
	int64_t passed_ns;

	if (!boot) {
		boot = new_boot(row, report->boot_id, shift_ns);
		boot->used_ns = arrived_ns;
	}
	passed_ns = arrived_ns - boot->used_ns;
	if (passed_ns > 2 * report->interval_ns) {
		passed_ns = 2 * report->interval_ns;
	}
	boot->shift_ns += passed_ns / 16;
	if (shift_ns < boot->shift_ns) {
		boot->shift_ns = shift_ns;
	}
	boot->used_ns = arrived_ns;
	return boot;
}

static enum fleet_take
compare(const struct fleet_host *row, const struct report *report, const struct fleet_boot *boot)
{
	const struct report *latest = &row->report;

	if (!row->heard) {
		return FLEET_LATEST;
	}
	if (strcmp(latest->session_id, report->session_id) == 0) {
		if (report->seq == latest->seq) {
			return FLEET_AGAIN;
		}
		return report->seq > latest->seq ? FLEET_LATEST : FLEET_LATE;
	}
	if (strcmp(latest->boot_id, report->boot_id) == 0) {
		return report->boot_ns > latest->boot_ns ? FLEET_LATEST : FLEET_LATE;
	}
	return boot->shift_ns >= row->read_ns - BOOT_GRACE_NS ? FLEET_LATEST : FLEET_LATE;
}

enum fleet_take
fleet_take(struct fleet *fleet, const struct report *report, int64_t arrived_ns,
    struct fleet_host **row, int64_t *read_ns)
{
	struct fleet_host *found = fleet_find(fleet, report->host);
	const struct fleet_boot *boot;
	enum fleet_take take;

	if (!found || host_unmanaged(found->host)) {
		return FLEET_UNKNOWN;
	}
	*row = found;
	boot = note_boot(found, report, arrived_ns);
	*read_ns = report->boot_ns + boot->shift_ns;
	take = compare(found, report, boot);
	if (take == FLEET_LATEST) {
		found->heard = true;
		found->report = *report;
		found->read_ns = *read_ns;
		touch(fleet, found);
		fleet_judge_host(fleet, found, arrived_ns);
	}
	return take;
}

/* A clock that has just been begun with is silent for some polls. */
#define CLOCK_POLLS_MIN 9

/* Whether the daemon follows a source that it heard of late. */
static bool
follows_any(const struct daemon_status *status)
{
	for (size_t i = 0; i < status->source_count; i++) {
		if (status->sources[i].state >= SOURCE_COMBINED && status->sources[i].reach != 0) {
			return true;
		}
	}
	return false;
}

static void
add_reason(struct fleet_host *row, const char *words)
{
	size_t len = strlen(row->reason);

	snprintf(row->reason + len, sizeof(row->reason) - len, "%s", words);
}

/*
 * A good server whose hardware clock is lost stands on its other sources; where it stands on
 * nobody, the lost clock is the reason.
 */
static enum health
judge_clocks(struct fleet_host *row, enum health health, int64_t age_ns)
{
	int64_t runs_ns = proof_runs_ns(&row->report.proof, row->report.boot_ns);
	size_t len = strlen(row->reason);
	bool outvoted;
	const struct refclock *lost =
	    host_lost_clock(row->host, &row->report.status, runs_ns, &outvoted);

	if (!lost || health == HEALTH_OVER_BUDGET || health == HEALTH_SETTLING ||
	    (runs_ns >= 0 && runs_ns + age_ns < CLOCK_POLLS_MIN * (NS_PER_S << lost->poll))) {
		return health;
	}
	snprintf(row->reason + len, sizeof(row->reason) - len, "%sits hardware clock %s %s",
	    len > 0 ? "; " : "", lost->name,
	    outvoted ? "disagrees with its other sources, and is not followed"
		     : "gives no time: " HEALTH_CLOCK_REMEDY);
	if (health == HEALTH_GOOD && !follows_any(&row->report.status)) {
		add_reason(
		    row, "; nobody else tells this host the time, and what it serves drifts");
		return HEALTH_FREE_RUNNING;
	}
	return health == HEALTH_GOOD ? HEALTH_CLOCK : health;
}

static enum health
judge(struct fleet_host *row, int64_t now_ns)
{
	const struct budget *budget = host_budget(row->host);
	int64_t age_ns = now_ns - row->read_ns;
	char text[DURATION_TEXT_BYTES];
	enum health health;

	row->reason[0] = '\0';
	if (host_unmanaged(row->host)) {
		return measured_judge(&row->measured, row->host, row->reason);
	}
	if (!row->heard) {
		snprintf(row->reason, sizeof(row->reason),
		    "no report has come since the collector began");
		return HEALTH_NEVER;
	}
	if (age_ns > FLEET_SILENT_REPORTS * row->report.interval_ns + FLEET_SILENT_GRACE_NS) {
		snprintf(row->reason, sizeof(row->reason), "no report for %d intervals of %s",
		    FLEET_SILENT_REPORTS, duration_text(row->report.interval_ns, text));
		return HEALTH_SILENT;
	}
	if (row->report.measured) {
		return health_judge_measured(&row->report.status, age_ns, budget->offset_ns,
		    budget->error_bound_ns, row->reason);
	}
	if (!row->report.answered) {
		snprintf(row->reason, sizeof(row->reason), "%.*s", HEALTH_REASON_BYTES - 1,
		    row->report.error[0] ? row->report.error : "the daemon does not answer");
		return row->report.runs                       ? HEALTH_NO_ANSWER
		    : daemon_end_is_failure(&row->report.end) ? HEALTH_EXITED
							      : HEALTH_STOPPED;
	}
	health = health_judge(&row->report.status, age_ns,
	    proof_runs_ns(&row->report.proof, row->report.boot_ns), budget->offset_ns,
	    budget->error_bound_ns, row->reason);
	health = health_of_siblings(
	    health, &row->report.status, row->host, host_is_sibling, row->reason);
	return judge_clocks(row, health, age_ns);
}

void
fleet_measure(struct fleet *fleet, struct fleet_host *row, const struct measure_target *target,
    int64_t now_ns)
{
	measured_take(&row->measured, target, now_ns);
	touch(fleet, row);
	fleet_judge_host(fleet, row, now_ns);
}

void
fleet_judge_host(struct fleet *fleet, struct fleet_host *row, int64_t now_ns)
{
	enum health health = judge(row, now_ns);

	if (health != row->health) {
		row->health = health;
		row->health_since_ns = now_ns;
		touch(fleet, row);
	}
}

void
fleet_judge(struct fleet *fleet, int64_t now_ns)
{
	for (size_t i = 0; i < fleet->count; i++) {
		fleet_judge_host(fleet, &fleet->hosts[i], now_ns);
	}
}

bool
fleet_is_fresh(const struct fleet_host *row)
{
	if (host_unmanaged(row->host)) {
		return measured_is_fresh(&row->measured);
	}
	return row->heard && row->health != HEALTH_SILENT;
}
