/* CLK: the hardware clocks of servers. */
#include "daemons/daemon.h"
#include "orchestrator/lint/rule.h"
#include "orchestrator/topology/refclocks.h"

/* Shared memory of the units below this one is root's alone. */
#define OPEN_UNIT 2

/* Why no daemon that @host may have can read @clock; or NULL. */
static const char *
unfit_words(struct arena *arena, const struct host *host, const struct refclock *clock)
{
	const struct daemon_driver *named = daemon_find(host->daemon);
	const char *words = NULL;

	if (named) {
		words = refclock_unfit(arena, clock, named);
		return words ? arena_printf(arena, "%s %s", named->title, words) : NULL;
	}
	for (size_t i = 0; daemon_drivers[i]; i++) {
		if (!(daemon_drivers[i]->features & DAEMON_SERVES)) {
			continue;
		}
		words = refclock_unfit(arena, clock, daemon_drivers[i]);
		if (!words) {
			return NULL;
		}
		words = arena_printf(arena, "%s %s", daemon_drivers[i]->title, words);
	}
	return words;
}

/* Call @judge for each hardware clock of each server. */
static void
each_clock(struct lint *lint,
    void (*judge)(struct lint *lint, const struct host *host, const struct refclock *clock))
{
	for (size_t i = 0; i < lint->topology->server_count; i++) {
		const struct host *host = &lint->topology->hosts[i];

		for (size_t k = 0; k < host->refclocks.count; k++) {
			judge(lint, host, &host->refclocks.list[k]);
		}
	}
}

static void
judge_daemon(struct lint *lint, const struct host *host, const struct refclock *clock)
{
	struct arena arena = { 0 };
	const char *words = unfit_words(&arena, host, clock);

	if (words) {
		lint_report(lint, host->name, clock->pos, "the clock %s of \"%s\": %s", clock->name,
		    host->name, words);
	}
	arena_free(&arena);
}

static void
check_clock_daemon(struct lint *lint)
{
	each_clock(lint, judge_daemon);
}

static void
judge_pps(struct lint *lint, const struct host *host, const struct refclock *clock)
{
	if (clock->type == REFCLOCK_PPS && !clock->lock && host_sources(host)->count == 0 &&
	    host_clock_votes(host) == 0) {
		lint_report(lint, host->name, clock->pos,
		    "the PPS %s of \"%s\" tells when a second begins, and nothing tells which: "
		    "without `lock` or other sources it is never followed",
		    clock->name, host->name);
	}
}

static void
check_pps_number(struct lint *lint)
{
	each_clock(lint, judge_pps);
}

static void
judge_memory(struct lint *lint, const struct host *host, const struct refclock *clock)
{
	if (clock->type == REFCLOCK_SHM && clock->unit >= OPEN_UNIT) {
		lint_report(lint, host->name, clock->pos,
		    "the clock %s of \"%s\" is shared memory of unit %u, which any user of the "
		    "host may write where gpsd or an ntpd has made it",
		    clock->name, host->name, clock->unit);
	}
}

static void
check_open_clock(struct lint *lint)
{
	each_clock(lint, judge_memory);
}

static void
check_stamps(struct lint *lint)
{
	for (size_t i = 0; i < lint->topology->server_count; i++) {
		const struct host *host = &lint->topology->hosts[i];

		if (!host->hwtimestamp) {
			continue;
		}
		if (host_lacks(host, DAEMON_STAMPS)) {
			lint_report(lint, host->name, host->hwtimestamp_pos,
			    "\"%s\" has `hwtimestamp`, and %s takes no time stamps of network "
			    "cards",
			    host->name, daemon_find(host->daemon)->title);
		} else if (host_may_lack(host, DAEMON_STAMPS)) {
			lint_note(lint, host->name, host->hwtimestamp_pos,
			    "\"%s\" has `hwtimestamp`: where `daemon: auto` finds an ntpd, which "
			    "takes no time stamps of network cards, it has no effect",
			    host->name);
		}
	}
}

const struct lint_rule rules_clocks[] = {
	{ .id = "clock-daemon",
	    .number = "CLK001",
	    .severity = SEVERITY_ERROR,
	    .summary = "a server's daemon can read its hardware clocks",
	    .source = "chrony.conf(5), refclock; ntp.conf(5), fudge; NTPsec's list of drivers",
	    .remedy = "write another `type`, or another `daemon`: chrony and the ntpds read what "
		      "gpsd writes to shared memory",
	    .why = "chronyd has no driver for a serial line, and the ntpds have none for chronyd's "
		   "sockets or for network cards; an ntp 4.2.8 makes the path of a device of its "
		   "unit. A clock that the daemon cannot open is silent, and the daemon says so "
		   "in its log alone.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers:\n"
		       "      - name: time1\n"
		       "        address: 192.0.2.1\n"
		       "        daemon: chrony\n"
		       "        refclocks: [{name: GPS, type: shm, unit: 0}]   # gpsd writes it",
	    .check = check_clock_daemon },
	{ .id = "pps-number",
	    .number = "CLK002",
	    .severity = SEVERITY_ERROR,
	    .summary = "the seconds of a PPS are numbered by another clock or source",
	    .source = "RFC 2783 section 2; chrony.conf(5), refclock, lock",
	    .remedy = "write `lock: NAME` of a clock of this server that knows the time of day",
	    .why = "A pulse says that a second begins now, to a microsecond, and not which second "
		   "it is. Something else must tell that to better than half a second: the "
		   "receiver's own messages, or servers of the network.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers:\n"
		       "      - name: time1\n"
		       "        address: 192.0.2.1\n"
		       "        refclocks:\n"
		       "          - {name: GPS, type: shm, unit: 0}\n"
		       "          - {name: PPS, type: pps, lock: GPS}",
	    .check = check_pps_number },
	{ .id = "open-clock",
	    .number = "CLK003",
	    .severity = SEVERITY_WARNING,
	    .summary = "only root writes what a server takes for a hardware clock",
	    .source = "gpsd(8), shared memory: units 0 and 1 have mode 0600, others 0666; ntp "
		      "4.2.8, driver 28",
	    .remedy = "let gpsd run as root and read unit 0 or 1, or use `type: sock` with chrony",
	    .why = "Whoever writes the segment tells the daemon the time. From unit 2 on, gpsd and "
		   "the ntpds make it for everybody: any account of the host can move its clock, "
		   "up to the limit, and with it the clocks of all who ask it.",
	    .instead = "tiers:\n"
		       "  - name: core\n"
		       "    upstreams: all\n"
		       "    servers:\n"
		       "      - name: time1\n"
		       "        address: 192.0.2.1\n"
		       "        refclocks: [{name: GPS, type: shm, unit: 0}]",
	    .check = check_open_clock },
	{ .id = "clock-device",
	    .number = "CLK004",
	    .where = JUDGED_PLAN,
	    .severity = SEVERITY_ERROR,
	    .summary = "what a server's hardware clock is read from is there, and is written",
	    .source = "gpsd(8), SHM(4) of ntpd; pps_ldisc, ldattach(8); Linux, ipc/shm.c",
	    .remedy = "start gpsd (`-n`, so that it reads without being asked), load the driver of "
		      "the pulse, or name the device by a rule of udev",
	    .why =
		"A daemon begins without a word where the device of a clock is missing or nobody "
		"writes its memory: an ntpd says so in its log alone, chronyd ends when it "
		"cannot open a device. The clock then is declared, and gives no time. Memory "
		"that another user made first is that user's, whatever gpsd would make of it." },
	{ .id = "stamps-daemon",
	    .number = "CLK005",
	    .severity = SEVERITY_WARNING,
	    .summary = "a server with `hwtimestamp` runs a daemon that takes time stamps of cards",
	    .source = "chrony.conf(5), hwtimestamp; ntp 4.2.8 and NTPsec have no such setting",
	    .remedy = "chrony for its `daemon`, or take `hwtimestamp` away",
	    .why = "A card says to some nanoseconds when a packet came or went; the kernel adds "
		   "the time until it looks, and a busy host microseconds of jitter. An ntpd "
		   "has no such setting: the design promises more than the daemon does.",
	    .instead =
		"tiers:\n"
		"  - name: core\n"
		"    upstreams: all\n"
		"    servers:\n"
		"      - {name: time1, address: 192.0.2.1, daemon: chrony, hwtimestamp: eth0}",
	    .check = check_stamps },
	{ .id = NULL },
};
