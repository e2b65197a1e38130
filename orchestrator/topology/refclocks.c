#include "orchestrator/topology/refclocks.h"

#include "daemons/daemon.h"

#include <stdio.h>
#include <string.h>

bool
refclock_is_followed(const struct host *host, const struct refclock *clock, bool follows_pps)
{
	if (clock->noselect) {
		return false;
	}
	return !follows_pps || !refclock_numbers(host, clock);
}

/* Source: the drivers' manuals of ntp 4.2.8 and NTPsec; types that an ntpd does not have are 0. */
static unsigned
ntp_type(enum refclock_type type)
{
	switch (type) {
	case REFCLOCK_SHM:
		return 28;
	case REFCLOCK_PPS:
		return 22;
	case REFCLOCK_NMEA:
		return 20;
	case REFCLOCK_SOCK:
	case REFCLOCK_PHC:
		break;
	}
	return 0;
}

void
refclock_ntp_name(const struct refclock *clock, char *text)
{
	snprintf(text, REFCLOCK_TEXT_BYTES, "127.127.%u.%u", ntp_type(clock->type), clock->unit);
}

const struct refclock *
host_refclock(const struct host *host, const char *address)
{
	char name[REFCLOCK_TEXT_BYTES];

	for (size_t i = 0; i < host->refclocks.count; i++) {
		const struct refclock *clock = &host->refclocks.list[i];

		refclock_ntp_name(clock, name);
		if (strcmp(clock->name, address) == 0 ||
		    (ntp_type(clock->type) > 0 && strcmp(name, address) == 0)) {
			return clock;
		}
	}
	return NULL;
}

/* How the daemon rates @clock; SOURCE_UNKNOWN: it does not know it. */
static enum source_state
state_of(const struct host *host, const struct daemon_status *status, int64_t runs_ns,
    const struct refclock *clock)
{
	for (size_t i = 0; i < status->source_count; i++) {
		const struct source_status *source = &status->sources[i];
		bool heard = source->reach != 0 && source->age_ns >= 0 &&
		    (runs_ns < 0 || source->age_ns <= runs_ns);

		if (host_refclock(host, source->address) == clock) {
			return heard ? source->state : SOURCE_SILENT;
		}
	}
	return SOURCE_UNKNOWN;
}

const struct refclock *
host_lost_clock(
    const struct host *host, const struct daemon_status *status, int64_t runs_ns, bool *outvoted)
{
	for (size_t i = 0; i < host->refclocks.count; i++) {
		const struct refclock *clock = &host->refclocks.list[i];
		enum source_state state = state_of(host, status, runs_ns, clock);

		*outvoted = state == SOURCE_FALSETICKER;
		if (!clock->noselect && (state <= SOURCE_SILENT || *outvoted)) {
			return clock;
		}
	}
	return NULL;
}

/* The device that an ntpd opens for the unit of @clock: /dev/pps0, /dev/gps0. */
static const char *
unit_device(struct arena *arena, const struct refclock *clock)
{
	return arena_printf(
	    arena, "/dev/%s%u", clock->type == REFCLOCK_PPS ? "pps" : "gps", clock->unit);
}

const char *
refclock_device(struct arena *arena, const struct refclock *clock)
{
	bool has_unit = clock->type == REFCLOCK_PPS || clock->type == REFCLOCK_NMEA;

	if (clock->device || !has_unit) {
		return clock->type == REFCLOCK_SOCK ? NULL : clock->device;
	}
	return unit_device(arena, clock);
}

/* What an ntpd lacks for @clock. */
static const char *
unfit_for_ntpd(
    struct arena *arena, const struct refclock *clock, const struct daemon_driver *driver)
{
	bool has_device = clock->type == REFCLOCK_PPS || clock->type == REFCLOCK_NMEA;

	if (ntp_type(clock->type) == 0) {
		return arena_printf(arena, "has no driver for a clock of type `%s`",
		    refclock_type_words[clock->type]);
	}
	if (clock->poll < 3 && !(driver->features & DAEMON_CLOCK_PATHS)) {
		return "asks a clock every 8 s at most: its `poll` is 3 or more";
	}
	if (clock->type == REFCLOCK_PPS && !clock->lock) {
		return "takes a PPS only beside a clock that numbers its seconds (`lock`)";
	}
	if (has_device && clock->device && !(driver->features & DAEMON_CLOCK_PATHS) &&
	    strcmp(clock->device, unit_device(arena, clock)) != 0) {
		return arena_printf(arena, "opens %s for unit %u, whatever `device` says",
		    unit_device(arena, clock), clock->unit);
	}
	if (clock->delay_ns > 0 || clock->precision_ns > 0) {
		return arena_printf(arena, "cannot be told the `%s` of a clock: it measures that",
		    clock->delay_ns > 0 ? "delay" : "precision");
	}
	return NULL;
}

const char *
refclock_unfit(
    struct arena *arena, const struct refclock *clock, const struct daemon_driver *driver)
{
	if (!(driver->features & DAEMON_CLOCKS)) {
		return "reads no hardware clock that timetier can configure";
	}
	if (!(driver->features & DAEMON_FOLLOWS_PPS)) {
		return unfit_for_ntpd(arena, clock, driver);
	}
	return clock->type == REFCLOCK_NMEA
	    ? "reads no serial line: gpsd does that, and writes what `shm` and `sock` read"
	    : NULL;
}
