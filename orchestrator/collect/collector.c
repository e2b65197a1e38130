#include "orchestrator/collect/collector.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/hash.h"
#include "common/log.h"
#include "orchestrator/collect/followed.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TICK_MS 1000
#define RESOLVE_TICKS 600             /* DNS names are resolved once in so many ticks */
#define HEALTH_LOG_NS (10 * NS_PER_S) /* the health of a host is logged at most so often */
#define STEPS_A_DAY 100 /* of one host are kept: more than a broken host has, and no flood */
#define DAY_NS (86400 * NS_PER_S)

/*
 * Note whether the history was written.  A failure, such as a full disk, must not stop the
 * collector: it loses the past, but still shows the present.
 *
 * @status: 1: it was written; -1: it was not, and @err says why
 */
static void
note_history(struct collector *collector, int status, const struct error *err)
{
	if (status < 0) {
		collector->history_errors++;
	}
	if (status < 0 && !collector->history_fails) {
		log_error("%s: no history is written until this is repaired", err->text);
	}
	if (status > 0 && collector->history_fails) {
		log_info("history: it is written again");
	}
	collector->history_fails = status < 0;
}

static void
keep_sample(struct collector *collector, const struct fleet_host *row, const struct report *report,
    int64_t time_ns)
{
	const struct daemon_status *status = &report->status;
	const struct budget *budget = host_budget(row->host);
	struct sample sample = {
		.time_ns = time_ns,
		.offset_ns = status->offset_ns,
		.error_bound_ns = daemon_error_bound_ns(status),
		.frequency_ppm = status->frequency_ppm,
	};
	char reason[HEALTH_REASON_BYTES];
	struct error err;

	/* The offset of a daemon that follows nobody says nothing. */
	if (!report_has_status(report) || status->leap == LEAP_UNSYNC || status->stratum >= 16) {
		return;
	}
	sample.health = report->measured
	    ? health_judge_measured(status, 0, budget->offset_ns, budget->error_bound_ns, reason)
	    : health_judge(status, 0, proof_runs_ns(&report->proof, report->boot_ns),
		  budget->offset_ns, budget->error_bound_ns, reason);
	if (sample.health == HEALTH_SETTLING) {
		sample.health = HEALTH_GOOD; /* its offset is; the history has the bound, too */
	}
	if (store_add_sample(collector->store, report->host, &sample, &err) < 0) {
		note_history(collector, -1, &err);
	}
}

/* A hash of the steps in @report and of their causes. */
static uint64_t
mark_of(const struct report *report)
{
	uint64_t mark = HASH_START;

	for (size_t i = 0; i < report->ledger_count; i++) {
		const struct ledger_entry *entry = &report->ledger[i];

		mark = hash_add(mark, entry->boot_id, strlen(entry->boot_id));
		mark = hash_add(mark, &entry->boot_ns, sizeof(entry->boot_ns));
		mark = hash_add(mark, &entry->cause, sizeof(entry->cause));
		mark = hash_add(mark, &entry->settled, sizeof(entry->settled));
	}
	return mark;
}

/*
 * When the step was, by the collector's clock.  For a step of an earlier boot only the time by the
 * host's own clock is known, which may have been wrong: at most @read_real_ns is returned then.
 */
static int64_t
step_time_ns(const struct report *report, const struct ledger_entry *entry, int64_t read_real_ns)
{
	if (strcmp(report->boot_id, entry->boot_id) == 0 && entry->boot_ns <= report->boot_ns) {
		return read_real_ns - (report->boot_ns - entry->boot_ns);
	}
	return entry->after_real_ns < read_real_ns ? entry->after_real_ns : read_real_ns;
}

/* Whether one more step of the host may be kept today. */
static bool
may_keep_step(struct fleet_host *row)
{
	int64_t now_ns = clock_boot_ns();

	if (row->steps_kept == 0 || now_ns - row->steps_since_ns > DAY_NS) {
		row->steps_since_ns = now_ns;
		row->steps_kept = 0;
	}
	if (row->steps_kept == STEPS_A_DAY) {
		row->steps_kept++;
		log_warning("step: host=%s: %d steps within a day: no more of them are kept today",
		    row->host->name, STEPS_A_DAY);
	}
	return row->steps_kept < STEPS_A_DAY;
}

/* Returns 1 when it is new, 0 when it was known, -1 when it could not be written. */
static int
keep_step(struct collector *collector, struct fleet_host *row, const struct report *report,
    const struct ledger_entry *entry, int64_t time_ns)
{
	struct step_row step = { .entry = *entry, .time_ns = step_time_ns(report, entry, time_ns) };
	struct error err;
	int added;

	snprintf(step.host, sizeof(step.host), "%s", report->host);
	added = store_add_step(collector->store, &step, &err);
	if (added < 0) {
		note_history(collector, -1, &err);
	}
	if (added > 0) {
		row->steps_kept++;
		log_warning("step: host=%s: its clock was set by %.6f s (%s: %s)", report->host,
		    (double)entry->amount_ns / 1e9, step_cause_name(entry->cause), entry->words);
	}
	return added;
}

static void
keep_steps(struct collector *collector, struct fleet_host *row, const struct report *report,
    int64_t time_ns)
{
	uint64_t mark = mark_of(report);

	if (report->ledger_count == 0 || mark == row->ledger_mark) {
		return;
	}
	for (size_t i = report->ledger_count; i-- > 0;) {
		if (!may_keep_step(row)) {
			break;
		}
		if (keep_step(collector, row, report, &report->ledger[i], time_ns) < 0) {
			return; /* the next report has it again */
		}
	}
	row->ledger_mark = mark;
}

/* Note whom the daemon follows when that has changed. */
static void
keep_followed(struct collector *collector, struct fleet_host *row, int64_t time_ns)
{
	struct followed followed;
	uint64_t mark = followed_of(&row->report, &collector->names, &followed);
	struct error err;

	if (mark == 0 || mark == row->followed_mark) {
		return;
	}
	followed.time_ns = time_ns;
	if (store_add_followed(collector->store, row->host->name, &followed, &err) < 0) {
		note_history(collector, -1, &err);
		return; /* the next report has it again */
	}
	row->followed_mark = mark;
}

static void
note_health(struct fleet_host *row)
{
	int64_t now_ns = clock_boot_ns();

	if (row->health == row->logged_health ||
	    (row->logged_ns && now_ns - row->logged_ns < HEALTH_LOG_NS)) {
		return;
	}
	/* a collector that has just begun has heard nobody: neither that is news, nor that a host
	 * is well */
	if (row->logged_health != HEALTH_NEVER) {
		log_info("health: host=%s %s, was %s%s%s", row->host->name,
		    health_name(row->health), health_name(row->logged_health),
		    row->reason[0] ? ": " : "", row->reason);
	} else if (row->health != HEALTH_GOOD) {
		log_info("health: host=%s %s%s%s", row->host->name, health_name(row->health),
		    row->reason[0] ? ": " : "", row->reason);
	}
	row->logged_health = row->health;
	row->logged_ns = now_ns;
}

static void
take(void *context, const struct report *report, int64_t arrived_ns)
{
	struct collector *collector = context;
	struct fleet_host *row;
	enum fleet_take taken;
	int64_t read_ns, time_ns;

	taken = fleet_take(&collector->fleet, report, arrived_ns, &row, &read_ns);
	collector->taken[taken]++;
	if (taken == FLEET_UNKNOWN || taken == FLEET_AGAIN) {
		return; /* the host has just left the site, or the report is known */
	}
	time_ns = clock_real_ns() - (clock_boot_ns() - read_ns);
	keep_sample(collector, row, report, time_ns);
	keep_steps(collector, row, report, time_ns);
	if (taken == FLEET_LATEST) {
		keep_followed(collector, row, time_ns);
		watch_take(
		    &collector->watch, &collector->fleet, &collector->names, row, arrived_ns);
	}
	note_health(row);
}

/* What the collector's own questions told of a host that is not managed. */
static void
take_measured(void *context, size_t host, const struct measure_target *target)
{
	struct collector *collector = context;
	struct fleet_host *row = &collector->fleet.hosts[host];
	const struct measured *measured = &row->measured;
	struct sample sample = { .time_ns = clock_real_ns() };
	struct error err;

	fleet_measure(&collector->fleet, row, target, clock_boot_ns());
	note_health(row);
	watch_take(&collector->watch, &collector->fleet, &collector->names, row, clock_boot_ns());
	if (target->sample_count == 0) {
		return;
	}
	sample.offset_ns = measured->offset_ns;
	sample.error_bound_ns = measured_bound_ns(measured);
	sample.health = row->health;
	if (store_add_sample(collector->store, row->host->name, &sample, &err) < 0) {
		note_history(collector, -1, &err);
	}
}

static void
flush(struct collector *collector)
{
	struct error err;
	int status = store_flush(collector->store, clock_real_ns(), &err);

	if (status != 0) {
		note_history(collector, status, &err);
	}
	for (size_t i = 0; status < 0 && i < collector->fleet.count; i++) {
		collector->fleet.hosts[i].ledger_mark = 0; /* its next report has them again */
		collector->fleet.hosts[i].followed_mark = 0;
	}
}

/* See whether a token was revoked, by another process. */
static void
look_for_revoked(struct collector *collector)
{
	struct error err;
	int changed = identity_refresh(collector->folder, &collector->identity, &err);

	if (changed < 0 && !collector->identity_fails) {
		log_error("%s: tokens that were revoked since are still taken", err.text);
	}
	collector->identity_fails = changed < 0;
	if (changed > 0) {
		receiver_set_hosts(collector->receiver, collector->topology);
		log_info("identity: a token was revoked");
	}
}

static void
tick(uv_timer_t *timer)
{
	struct collector *collector = timer->data;

	look_for_revoked(collector);

	fleet_judge(&collector->fleet, clock_boot_ns());
	for (size_t i = 0; i < collector->fleet.count; i++) {
		note_health(&collector->fleet.hosts[i]);
	}
	watch_tick(&collector->watch, &collector->fleet, clock_boot_ns());
	asker_tick(collector->asker, clock_boot_ns());
	flush(collector);
	if (collector->ticks++ % RESOLVE_TICKS == 0) {
		names_resolve(&collector->names, collector->loop);
	}
}

static int
lock_state(const char *folder, int *fd, struct error *err)
{
	char path[PATH_MAX];

	if (file_make_folder(folder, 0700, err) < 0) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/serve.lock", folder);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0) {
		return error_errno(err, errno, "cannot open %s", path);
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
		close(*fd);
		*fd = -1;
		return error_set(err,
		    "another timetier serve works on %s: end it, or give this one another folder "
		    "with --state DIR",
		    folder);
	}
	return 0;
}

static void
free_topology(struct topology **topology)
{
	if (*topology) {
		topology_free(*topology);
		free(*topology);
		*topology = NULL;
	}
}

/* Close all but the handles of the loop. */
static void
close_state(struct collector *collector)
{
	store_close(collector->store);
	asker_free(collector->asker);
	collector->asker = NULL;
	names_done(&collector->names);
	watch_done(&collector->watch);
	fleet_done(&collector->fleet);
	identity_done(&collector->identity);
	free(collector->folder);
	collector->folder = NULL;
	free_topology(&collector->topology);
	if (collector->lock_fd >= 0) {
		close(collector->lock_fd);
	}
	collector->store = NULL;
	collector->lock_fd = -1;
}

static int
open_state(struct collector *collector, const char *folder, struct error *err)
{
	enum identity_found found;
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/history.db", folder) >= (int)sizeof(path)) {
		return error_set(err, "%.60s...: the path is too long", folder);
	}
	if (identity_find(folder, &found, err) < 0) {
		return -1;
	}
	if (found == IDENTITY_NONE && access(path, F_OK) == 0) {
		return error_set(err,
		    "%s is there, and no identity of the collector any more, which agents would "
		    "trust: bring back collector.key, collector.crt and secret from a backup; if "
		    "there is none, `timetier apply --new-identity` gives every agent another one",
		    path);
	}
	if (lock_state(folder, &collector->lock_fd, err) < 0 ||
	    identity_open(folder, &collector->identity, err) < 0) {
		return -1;
	}
	return store_open(path, &collector->store, err);
}

int
collector_start(struct collector *collector, uv_loop_t *loop, struct topology **topology,
    const char *state_folder, const struct endpoint *listen, struct error *err)
{
	int fd;

	*collector = (struct collector){
		.loop = loop,
		.topology = *topology,
		.listen = *listen,
		.lock_fd = -1,
		.started_ns = clock_boot_ns(),
	};
	*topology = NULL;
	collector->folder = strdup(state_folder);
	if (!collector->folder) {
		abort();
	}
	fleet_init(&collector->fleet, collector->topology, collector->started_ns);
	watch_init(&collector->watch, collector->topology, collector->started_ns);
	names_init(&collector->names, collector->topology);
	if (open_state(collector, state_folder, err) < 0 ||
	    listen_at(&collector->listen, "--listen", &fd, err) < 0 ||
	    receiver_start(loop, fd, &collector->identity, &collector->receiver, err) < 0) {
		close_state(collector);
		return -1;
	}
	collector->asker = asker_new(loop, 0, take_measured, collector);
	asker_use(collector->asker, collector->topology);
	receiver_serve(collector->receiver, take, collector);
	receiver_set_hosts(collector->receiver, collector->topology);
	uv_timer_init(loop, &collector->tick);
	collector->tick.data = collector;
	uv_timer_start(&collector->tick, tick, 0, TICK_MS);
	return 0;
}

void
collector_use(struct collector *collector, struct topology **topology)
{
	struct topology *old = collector->topology;

	fleet_replace(&collector->fleet, &collector->fleet, *topology, clock_boot_ns());
	names_replace(&collector->names, *topology);
	watch_replace(&collector->watch, *topology, &collector->fleet, &collector->names);
	names_resolve(&collector->names, collector->loop);
	receiver_set_hosts(collector->receiver, *topology);
	asker_use(collector->asker, *topology);
	collector->topology = *topology;
	*topology = NULL;
	free_topology(&old);
}

void
collector_stop(struct collector *collector)
{
	struct error err;

	asker_stop(collector->asker);
	receiver_stop(collector->receiver);
	collector->receiver = NULL;
	uv_close((uv_handle_t *)&collector->tick, NULL);
	if (store_flush(collector->store, clock_real_ns(), &err) < 0) {
		log_error("%s: the last second is lost", err.text);
	}
}

void
collector_done(struct collector *collector)
{
	close_state(collector);
}
