#include "agent/witness/lifeline.h"
#include "agent/host/started.h"

#include "agent/host/host.h"
#include "agent/witness/end.h"
#include "common/file.h"

#include <stdlib.h>
#include <string.h>

#define HOST ""
#define UNIT_MS 3000
#define ASK_AGAIN_NS (2 * NS_PER_S) /* while the unit starts or stops */
#define ASKS_MAX 5
#define SEEK_NS                                                                                    \
	(60 * NS_PER_S) /* so long another process is sought each second; later by looks           \
			 */

const char *
lifeline_program(const struct daemon_driver *driver)
{
	return file_name(driver->binary);
}

/*
 * Whether the machine stood still before the end.  The daemon may end before any look at it shows
 * that, so the hardware clock is asked once more.
 */
static bool
find_pause(const struct lifeline *lifeline, char *words)
{
	struct cause_look now = { .known = true,
		.boot_ns = clock_boot_ns(),
		.rtc_ns = host_rtc_offset_ns(HOST, clock_real_ns()) };
	int64_t fresh_ns = 0;

	if (lifeline->right && lifeline->answered) {
		now.status = lifeline->latest;
		fresh_ns = lifeline->heard_ns - lifeline->right->boot_ns;
	}
	return pause_find(lifeline->right, &now, 0, fresh_ns, words) > 0;
}

static void
on_unit(struct program *program)
{
	struct lifeline *lifeline = program->owner;
	char paused[PAUSE_WORDS_BYTES];
	struct end_facts facts = {
		.program = lifeline_program(lifeline->driver),
		.unit = program->failure ? "" : buf_str(&program->output),
		.policy = &lifeline->policy,
		.latest = lifeline->answered ? &lifeline->latest : NULL,
		.lived_ns = lifeline->pid > 0 ? lifeline->gone_ns - lifeline->start.boot_ns : -1,
		.real_ns = lifeline->gone_real_ns,
		.seen = lifeline->pid > 0,
	};

	if (!lifeline->gone) {
		return; /* another process runs by now */
	}
	facts.paused = find_pause(lifeline, paused) ? paused : NULL;
	if (!end_judge(&facts, &lifeline->end) && lifeline->asked < ASKS_MAX) {
		lifeline->ask_at_ns = clock_boot_ns() + ASK_AGAIN_NS;
	}
	lifeline->changed(lifeline);
}

static void
ask_unit(struct lifeline *lifeline)
{
	const char *argv[] = { "/usr/bin/systemctl", "show", "-p", END_PROPERTIES,
		lifeline->driver->unit, NULL };

	lifeline->ask_at_ns = 0;
	if (lifeline->unit.running) {
		return;
	}
	lifeline->asked++;
	lifeline->unit.owner = lifeline;
	program_run(&lifeline->unit, lifeline->loop, argv, UNIT_MS, on_unit);
}

static void
note_gone(struct lifeline *lifeline, const struct clock_reading *now)
{
	lifeline->gone = true;
	lifeline->gone_ns = now->boot_ns;
	lifeline->gone_real_ns = now->real_ns;
	lifeline->asked = 0;
	ask_unit(lifeline);
}

static bool
is_alive(const struct lifeline *lifeline)
{
	struct process_start start;

	return process_started(HOST, lifeline->pid, &start) && start.id_ns == lifeline->start.id_ns;
}

static void
on_ended(struct vigil *vigil)
{
	struct lifeline *lifeline = vigil->owner;
	struct clock_reading now = clock_read();

	if (!lifeline->gone) {
		note_gone(lifeline, &now);
	}
}

/* Wait for the process's end; where that cannot be, each second has a look. */
static void
watch_over(struct lifeline *lifeline)
{
	lifeline->vigil.owner = lifeline;
	if (lifeline->vigil.pid != lifeline->pid &&
	    vigil_begin(&lifeline->vigil, lifeline->loop, lifeline->pid, on_ended) &&
	    !is_alive(lifeline)) {
		vigil_end(&lifeline->vigil); /* the PID is another process's by now */
	}
}

void
lifeline_second(struct lifeline *lifeline, const struct clock_reading *now)
{
	if (!lifeline->driver) {
		return;
	}
	if (!lifeline->gone && lifeline->pid > 0 && lifeline->vigil.pid == 0 &&
	    !is_alive(lifeline)) {
		note_gone(lifeline, now);
		return;
	}
	if (lifeline->gone && now->boot_ns - lifeline->gone_ns < SEEK_NS) {
		process_list_read(HOST, &lifeline->processes);
		if (process_find(&lifeline->processes, lifeline_program(lifeline->driver))) {
			lifeline->changed(lifeline);
			return;
		}
	}
	if (lifeline->ask_at_ns > 0 && now->boot_ns >= lifeline->ask_at_ns) {
		ask_unit(lifeline);
	}
}

void
lifeline_seen(struct lifeline *lifeline, const struct daemon_driver *driver, pid_t pid,
    const struct process_start *start, const struct restart_policy *policy)
{
	if (pid != lifeline->pid || start->id_ns != lifeline->start.id_ns) {
		lifeline->answered = false;
	}
	lifeline->driver = driver;
	lifeline->policy = *policy;
	lifeline->pid = pid;
	lifeline->start = *start;
	lifeline->gone = false;
	lifeline->ask_at_ns = 0;
	lifeline->end = (struct daemon_end){ .ended = false };
	watch_over(lifeline);
}

void
lifeline_heard(struct lifeline *lifeline, const struct daemon_status *status)
{
	lifeline->heard_ns = clock_boot_ns();
	lifeline->latest = *status;
	lifeline->answered = true;
}

void
lifeline_missed(struct lifeline *lifeline, const struct daemon_driver *driver,
    const struct restart_policy *policy, const struct clock_reading *now)
{
	if (lifeline->gone || !driver) {
		return;
	}
	if (lifeline->pid == 0) {
		lifeline->driver = driver;
		lifeline->policy = *policy;
	}
	note_gone(lifeline, now);
}

void
lifeline_stop(struct lifeline *lifeline)
{
	vigil_end(&lifeline->vigil);
}

void
lifeline_free(struct lifeline *lifeline)
{
	program_free_output(&lifeline->unit);
	process_list_free(&lifeline->processes);
}
