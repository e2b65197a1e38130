#include "agent/look/sample.h"
#include "agent/host/started.h"

#include "agent/ask/holder.h"
#include "agent/first_set/note.h"
#include "agent/host/host.h"
#include "agent/host/system.h"
#include "agent/look/certificate.h"
#include "agent/rivals/rivals.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/hash.h"
#include "common/shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION_MS 15000 /* a busy host takes some seconds to begin a program */
#define UNIT_MS 15000
#define SYSTEMCTL "/bin/systemctl"
#define SERVICES_MAX 8
#define AROUND_NS (600 * NS_PER_S)
#define HOST "" /* the root of the host's files */

static bool
is_wanted(const struct sample *sample, const struct daemon_driver *driver)
{
	return strcmp(sample->wanted, "auto") == 0 || strcmp(sample->wanted, driver->name) == 0;
}

/* A process by the name of @driver's program, whoever started it. */
static const struct process *
namesake_of(const struct sample *sample, const struct daemon_driver *driver)
{
	return process_find(&sample->processes, file_name(driver->binary));
}

/* The process of @driver, or of another daemon with a program of that name. */
static const struct process *
process_of(const struct sample *sample, const struct daemon_driver *driver)
{
	const struct process *process = namesake_of(sample, driver);

	return process && process->proven ? process : NULL;
}

static void
judge(struct sample *sample, const struct measure *measured)
{
	struct judgement judgement = { .start = &sample->start,
		.policy = &sample->policy,
		.measured = measured,
		.resumed_ns = sample->resumed_ns,
		.boot_ns = clock_boot_ns(),
		.real_ns = clock_real_ns(),
		.own_address = host_address_towards,
		.rtc_absent = !host_has_rtc(HOST) };
	int64_t started_ns = sample->pid > 0 ? process_started_ns(HOST, sample->pid) : 0;

	judgement.measured_ns = measured && !sample->fresh ? sample->stand_in.asked_ns : 0;
	judgement.runs_ns = started_ns > 0 ? judgement.real_ns - started_ns : 0;

	if (sample->driver->drift_path) {
		judgement.drift_written_ns = host_written_ns(HOST,
		    sample->policy.drift_path[0] ? sample->policy.drift_path
						 : sample->driver->drift_path);
	}
	sample->report.kernel_ppm =
	    sample->driver->features & DAEMON_LEAVES_RATE ? host_rate_ppm() : 0;
	judgement_pass(&judgement, &sample->report, &sample->input);
}

static void
finish(struct sample *sample)
{
	struct clock_reading reading = clock_read();

	sample->report.boot_ns = reading.boot_ns;
	sample->report.real_ns = reading.real_ns;
	hardware_read(HOST, &sample->hardware, &sample->report);
	first_set_note_report(HOST, &sample->report.first_set);
	sample->running = false;
	sample->done(sample);
}

static void
on_measured(struct measure *measure)
{
	struct sample *sample = measure->owner;

	judge(sample, measure);
	finish(sample);
}

/* Whether the agent asks the servers itself, because the daemon runs and may not be asked. */
static bool
wants_stand_in(const struct sample *sample)
{
	const struct report *report = &sample->report;

	return !report->answered && report->runs && !report->disputed &&
	    stand_in_may(&sample->stand_in, &sample->policy);
}

static void
judge_stand_in(struct sample *sample)
{
	stand_in_report(&sample->stand_in, clock_boot_ns(), &sample->report);
	judge(sample, &sample->measure);
	finish(sample);
}

static void
on_stand_in(struct measure *measure)
{
	struct sample *sample = measure->owner;

	stand_in_take(&sample->stand_in, measure, clock_boot_ns(), clock_real_ns());
	judge_stand_in(sample);
}

/* Judge by the policy; if fresh is set, measure the sources before that. */
static void
judge_policy(struct sample *sample)
{
	struct measure_request request;

	own_check_pass(&sample->check, &sample->policy);
	restart_policy_settle(&sample->policy, sample->report.status.version);
	judgement_request(&sample->policy, &request);
	if (sample->fresh && sample->policy.known && request.count > 0) {
		sample->measure.owner = sample;
		measure_run(&sample->measure, sample->loop, &request, on_measured);
		return;
	}
	if (!wants_stand_in(sample)) {
		judge(sample, NULL);
		finish(sample);
	} else if (stand_in_is_due(&sample->stand_in, clock_boot_ns(), clock_real_ns())) {
		request.samples = 1;
		sample->measure.owner = sample;
		measure_run(&sample->measure, sample->loop, &request, on_stand_in);
	} else {
		judge_stand_in(sample);
	}
}

static void
on_check(struct own_check *check)
{
	judge_policy(check->owner);
}

/* A process may begin another program and keep its PID, and a file system may not tell changes. */
static bool
is_old(const struct sample *sample)
{
	return sample->around.boot_ns == 0 || clock_boot_ns() - sample->around.boot_ns > AROUND_NS;
}

/* Find out what else is to be known of this host, if it may be other than at the look before. */
static void
look_around(
    struct sample *sample, const struct daemon_driver *driver, const struct process *process)
{
	struct report *report = &sample->report;
	struct rivals_of of = { &sample->processes, process, driver,
		driver ? &sample->start : NULL };
	uint64_t processes =
	    hash_add(HASH_START, sample->processes.memory.data, sample->processes.memory.len);
	struct process_start started = { .id_ns = 0 };

	if (process) {
		process_started(HOST, process->pid, &started);
	}
	if (!is_old(sample) && sample->around.driver == driver &&
	    sample->around.start_id_ns == started.id_ns && sample->around.processes == processes &&
	    !reads_changed(&sample->around.reads)) {
		return;
	}
	if (is_old(sample)) {
		sample->around.boot_ns = clock_boot_ns();
	}
	sample->around.driver = driver;
	sample->around.start_id_ns = started.id_ns;
	sample->around.processes = processes;
	reads_begin(&sample->around.reads);
	if (driver) {
		start_read(HOST, driver, process, &sample->start);
		report->certificate_ends_ns = certificate_end_ns(HOST, driver, &sample->start);
	}
	report->rival_count = rivals_find(HOST, &of, report->rivals);
	reads_end(&sample->around.reads);
}

/* Read all but the sources, ask the daemon whether it accepts its configuration, then judge. */
static void
look_at_restart(struct sample *sample, const struct process *process)
{
	look_around(sample, sample->driver, process);
	start_policy(HOST, sample->driver, &sample->start, &sample->policy);
	sample->check.owner = sample;
	if (!own_check_run(
		&sample->check, sample->loop, sample->driver, &sample->start, on_check)) {
		judge_policy(sample);
	}
}

static void
say_not_running(struct sample *sample)
{
	const struct process *namesake = namesake_of(sample, sample->driver);
	struct report *report = &sample->report;

	if (namesake) {
		snprintf(report->error, sizeof(report->error),
		    "%s does not answer, and no service runs process %d, which has its name",
		    sample->driver->title, (int)namesake->pid);
	} else {
		snprintf(report->error, sizeof(report->error), "%s is installed and does not run",
		    sample->driver->title);
	}
}

static void
on_status(struct query *query, const struct daemon_status *status, const char *error)
{
	struct sample *sample = query->owner;
	const struct process *process = process_of(sample, sample->driver);
	struct report *report = &sample->report;

	report->answered = status != NULL;
	report->measured = false;
	report->runs = process != NULL;
	report->disputed = !status && query->stranger != HOLDER_NONE;
	if (status) {
		report->status = *status;
		report->error[0] = '\0';
	} else {
		report->status = (struct daemon_status){ .stratum = 16, .leap = LEAP_UNSYNC };
		shown_copy(report->error, sizeof(report->error), error);
		if (!process && query->stranger == HOLDER_NONE) {
			say_not_running(sample);
		}
	}
	if (!report->status.version[0]) {
		memcpy(report->status.version, sample->version, sizeof(sample->version));
	}
	look_at_restart(sample, process);
}

/* There is no daemon that can be asked: end the look. */
static void
stop_without_daemon(struct sample *sample, bool runs, const char *error)
{
	struct report *report = &sample->report;

	report->answered = report->measured = false;
	report->runs = runs;
	report->status = (struct daemon_status){ .stratum = 16, .leap = LEAP_UNSYNC };
	shown_copy(report->error, sizeof(report->error), error);
	report->verdict = (struct verdict){ .kind = VERDICT_UNKNOWN, .reason_count = 1 };
	snprintf(report->verdict.reasons[0], VERDICT_REASON_BYTES, "%s", error);
	look_around(sample, NULL, NULL);
	finish(sample);
}

static void
query_daemon(struct sample *sample)
{
	shown_copy(sample->report.daemon, sizeof(sample->report.daemon), sample->driver->name);
	sample->query.owner = sample;
	query_start(&sample->query, sample->loop, sample->driver, on_status);
}

/*
 * Find the version: the word behind "version " or behind binary_has, as in "chronyd (chrony)
 * version 4.3 (+CMDMON ..." and "systemd 252 (252.39-1)".
 */
static void
read_version(struct sample *sample, const char *text)
{
	const char *from = strstr(text, "version ");
	size_t len;

	sample->version[0] = '\0';
	if (from) {
		from += strlen("version ");
	} else if (sample->driver->binary_has &&
	    (from = strstr(text, sample->driver->binary_has))) {
		from += strlen(sample->driver->binary_has);
		from += strspn(from, " ");
	}
	len = from ? strcspn(from, " \n") : 0;
	if (len > 0 && len < sizeof(sample->version)) {
		memcpy(sample->version, from, len);
		sample->version[len] = '\0';
	}
}

/* Returns which of the daemons that share the binary's name runs; NULL: none that is known. */
static const struct daemon_driver *
driver_of_version(const struct sample *sample, const char *text)
{
	for (const struct daemon_driver *const *driver = sample->known; *driver; driver++) {
		if (is_wanted(sample, *driver) && process_of(sample, *driver) &&
		    (*driver)->binary_has && strstr(text, (*driver)->binary_has)) {
			return *driver;
		}
	}
	for (const struct daemon_driver *const *driver = sample->known; *driver; driver++) {
		if (is_wanted(sample, *driver) && process_of(sample, *driver) &&
		    (*driver)->binary_beside && access((*driver)->binary_beside, X_OK) == 0) {
			return *driver;
		}
	}
	return NULL;
}

static void
on_version(struct program *program)
{
	struct sample *sample = program->owner;
	const char *text = buf_str(&program->output);

	sample->driver = driver_of_version(sample, text);
	if (!sample->driver) {
		sample->pid = 0;
		stop_without_daemon(
		    sample, true, "the daemon that runs is not one that timetier knows");
		return;
	}
	sample->pid = process_of(sample, sample->driver)->pid;
	read_version(sample, text);
	query_daemon(sample);
}

/* Nothing runs: which daemon does the host have? */
static const struct daemon_driver *
installed_driver(const struct sample *sample)
{
	for (const struct daemon_driver *const *driver = sample->known; *driver; driver++) {
		if (is_wanted(sample, *driver) && access((*driver)->binary, F_OK) == 0 &&
		    (!(*driver)->binary_beside || access((*driver)->binary_beside, F_OK) == 0) &&
		    access((*driver)->config_path, F_OK) == 0) {
			return *driver;
		}
	}
	return NULL;
}

/* No process is seen: none runs, or /proc shows only our own.  A daemon that answers runs. */
static void
ask_unseen(struct sample *sample)
{
	char error[256];

	sample->pid = 0;
	sample->report.daemon[0] = '\0';
	sample->driver = installed_driver(sample);
	if (sample->driver) {
		query_daemon(sample);
		return;
	}
	if (strcmp(sample->wanted, "auto") == 0) {
		snprintf(error, sizeof(error), "no time daemon is installed");
	} else {
		snprintf(error, sizeof(error), "%s is not installed", sample->wanted);
	}
	stop_without_daemon(sample, false, error);
}

static const struct daemon_driver *
running_driver(const struct sample *sample)
{
	for (const struct daemon_driver *const *driver = sample->known; *driver; driver++) {
		if (is_wanted(sample, *driver) && process_of(sample, *driver)) {
			return *driver;
		}
	}
	return NULL;
}

/* Whether the machine slept since the look before. */
static void
note_sleep(struct sample *sample)
{
	int64_t slept_ns = clock_slept_ns();

	/* the two clocks are read one after the other: a small difference is no sleep */
	if (sample->slept_ns != 0 && slept_ns - sample->slept_ns > NS_PER_S / 2) {
		sample->resumed_ns = clock_boot_ns();
	}
	sample->slept_ns = slept_ns != 0 ? slept_ns : 1;
}

/* Ask the daemon that was found among the processes, or whichever answers. */
static void
ask_found(struct sample *sample)
{
	const struct daemon_driver *driver = running_driver(sample);
	const struct process *process;

	if (!driver) {
		ask_unseen(sample);
		return;
	}
	process = sample->driver ? process_of(sample, sample->driver) : NULL;
	if (process && process->pid == sample->pid) {
		query_daemon(sample);
	} else {
		const char *argv[] = { driver->binary, "--version", NULL };

		program_run(&sample->program, sample->loop,
		    driver->version_argv ? driver->version_argv : argv, VERSION_MS, on_version);
	}
}

static void
on_main_processes(struct program *program)
{
	static const char mark[] = "MainPID=";
	struct sample *sample = program->owner;
	const char *at = buf_str(&program->output);

	while ((at = strstr(at, mark))) {
		at += sizeof(mark) - 1;
		process_vouch(&sample->processes, (pid_t)strtol(at, NULL, 10));
	}
	ask_found(sample);
}

/*
 * Ask systemd about daemons in services that have none of the usual names: their executables cannot
 * be seen, and other programs may run in such a service, as users' commands in cron's.  The main
 * process is what the service's file starts.  False: there is nothing to ask.
 */
static bool
ask_systemd(struct sample *sample)
{
	const char *argv[SERVICES_MAX + 6] = { SYSTEMCTL, "show", "-p", "MainPID", "--" };
	size_t count = 5;

	for (const struct daemon_driver *const *driver = sample->known; *driver; driver++) {
		const struct process *process = namesake_of(sample, *driver);

		if (is_wanted(sample, *driver) && process && !process->proven && process->unit[0] &&
		    count < SERVICES_MAX + 5) {
			argv[count++] = process->unit;
		}
	}
	if (count > 5) {
		program_run(&sample->program, sample->loop, argv, UNIT_MS, on_main_processes);
	}
	return count > 5;
}

void
sample_start(struct sample *sample, uv_loop_t *loop, const char *wanted, sample_done done)
{
	sample->loop = loop;
	sample->wanted = wanted;
	sample->done = done;
	sample->running = true;
	sample->program.owner = sample;
	sample->known = platform_known(host_platform(HOST, host_init(HOST)));
	note_sleep(sample);
	if (is_old(sample)) {
		sample->around.boot_ns = 0; /* it stays so until everything was read */
		process_list_forget(&sample->processes);
	}
	process_list_read(HOST, &sample->processes);
	if (running_driver(sample) || !ask_systemd(sample)) {
		ask_found(sample);
	}
}

void
sample_forget(struct sample *sample)
{
	sample->around.boot_ns = 0;
}

void
sample_free(struct sample *sample)
{
	program_free_output(&sample->program);
	own_check_free(&sample->check);
	query_free(&sample->query);
	process_list_free(&sample->processes);
	reads_free(&sample->around.reads);
	start_free(&sample->start);
}
