#include "orchestrator/rollout/advice/clocks.h"

#include "orchestrator/topology/refclocks.h"
#include "verdict/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_TO_OTHERS 022 /* of a mode: who may write it beside its owner */
#define SHM_KEY 0x4e545030 /* "NTP0", of unit 0 */
#define OPEN_UNIT 2        /* from here on memory is for everybody: check says so (CLK003) */

/* What brings the device of a clock of that type. */
static const char *const device_remedies[] = {
	[REFCLOCK_PPS] =
	    "load its driver (`modprobe pps-gpio`, or `ldattach PPS` for a serial line)",
	[REFCLOCK_PHC] = "does this card have a clock (`ethtool -T`)?",
	[REFCLOCK_NMEA] = "is the receiver plugged in, and does a rule of udev name its line so?",
};

/* Whether the host was asked for devices of that name. */
static bool
is_asked_for(const char *device)
{
	static const char *const kinds[] = { "/dev/pps", "/dev/ptp", "/dev/gps", "/dev/tty" };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strncmp(device, kinds[i], strlen(kinds[i])) == 0) {
			return true;
		}
	}
	return false;
}

/* The line of @lines that begins with @word, or is it; NULL: none. */
static const char *
line_of(const char *lines, const char *word)
{
	size_t len = strlen(word);

	for (const char *line = lines; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, word, len) == 0 && strchr(" \n", line[len])) {
			return line;
		}
	}
	return NULL;
}

static void
judge_device(struct advising *advising, const struct refclock *clock)
{
	const char *device = refclock_device(advising->arena, clock);

	if (device && advising->facts->machine.devices && is_asked_for(device) &&
	    !line_of(advising->facts->machine.devices, device)) {
		advise(advising, "clock-device",
		    "its hardware clock %s is read from %s, which is not there: %s", clock->name,
		    device, device_remedies[clock->type]);
	}
}

/* What the daemon says of @clock, as the agent tells; NULL: it does not read it, or nobody tells.
 */
static const struct source_status *
source_of(const struct advising *advising, const struct refclock *clock)
{
	const struct report *report = advising->report;

	for (size_t i = 0; report && report->answered && i < report->status.source_count; i++) {
		const struct source_status *source = &report->status.sources[i];

		if (host_refclock(advising->input->host, source->address) == clock) {
			return source;
		}
	}
	return NULL;
}

/*
 * A daemon that reads it has it open itself, chronyd twice: then only what the daemon hears tells
 * whether somebody writes.
 */
static void
judge_memory(struct advising *advising, const struct refclock *clock, bool is_read)
{
	char unit[16];
	const char *line;
	unsigned mode = 0, users = 0;

	if (clock->type != REFCLOCK_SHM || !advising->facts->machine.memory) {
		return;
	}
	snprintf(unit, sizeof(unit), "%u", clock->unit);
	line = line_of(advising->facts->machine.memory, unit);
	if (line) {
		sscanf(line, "%*u %o %u", &mode, &users);
	}
	if (users == 0 && !is_read) {
		advise(advising, "clock-device",
		    "nobody writes the shared memory of unit %u, from which its hardware clock %s "
		    "is read: does gpsd run, with the receiver's line and `-n`?",
		    clock->unit, clock->name);
	} else if (mode & OPEN_TO_OTHERS && clock->unit < OPEN_UNIT) {
		advise(advising, "clock-device",
		    "the shared memory of unit %u, from which its hardware clock %s is read, may "
		    "be "
		    "written by others than root (mode %04o): whoever made it before gpsd did is "
		    "its owner; `ipcrm -M 0x%x`, then start gpsd and the daemon again",
		    clock->unit, clock->name, mode & 07777, SHM_KEY + clock->unit);
	}
}

void
advise_clocks(struct advising *advising)
{
	const struct refclock_list *clocks = &advising->input->host->refclocks;

	for (size_t i = 0; i < clocks->count; i++) {
		const struct source_status *source = source_of(advising, &clocks->list[i]);

		judge_device(advising, &clocks->list[i]);
		judge_memory(advising, &clocks->list[i], source != NULL);
		if (source && source->reach == 0) {
			advise(advising, "clock-device",
			    "its hardware clock %s gives no time: " HEALTH_CLOCK_REMEDY,
			    clocks->list[i].name);
		}
	}
}
