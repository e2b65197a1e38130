#include "orchestrator/rollout/advice/host.h"

#include "common/clock.h"
#include "common/duration.h"
#include "orchestrator/rollout/advice/clocks.h"
#include "orchestrator/rollout/advice/proof.h"
#include "orchestrator/rollout/advice/surroundings.h"
#include "verdict/exam.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_NS (24 * 3600 * NS_PER_S)
#define DRIFT_OLD_NS (7 * DAY_NS)
#define LEAP_SOON_NS (28 * DAY_NS)
#define RTC_MAX_NS NS_PER_S
#define FREQUENCY_MAX_PPM 100.0
#define NTP_TO_UNIX_S 2208988800

/* ---- what kind of machine it is */

/*
 * What a kind of virtual machine has: a clock that its host keeps, as a device, and a helper that
 * sets the guest's clock.  Source: systemd-detect-virt(1); Linux, drivers/ptp, drivers/hv.
 */
static const struct {
	const char *virt, *title;
	const char *device; /* name of the PTP clock; NULL: there is none */
	const char *how;    /* how the guest gets it */
	const char *page;   /* the clocksource that keeps the guest's time right; NULL: any */
} machines[] = {
	{ "kvm", "KVM", "KVM virtual PTP", "`modprobe ptp_kvm`", "kvm-clock" },
	{ "qemu", "QEMU without KVM", NULL, NULL, NULL },
	{ "amazon", "Amazon EC2", "ena", "the ENA driver's PHC", NULL },
	{ "microsoft", "Hyper-V", "hyperv", "the kernel's hv_utils",
	    "hyperv_clocksource_tsc_page" },
	{ "vmware", "VMware", "vmw", "a precision clock device of the machine, `modprobe ptp_vmw`",
	    NULL },
	{ "xen", "Xen", NULL, NULL, "xen" },
	{ "oracle", "VirtualBox", NULL, NULL, NULL },
	{ "bhyve", "bhyve", NULL, NULL, NULL },
	{ "parallels", "Parallels", NULL, NULL, NULL },
	{ "zvm", "z/VM", NULL, NULL, NULL },
	{ "powervm", "PowerVM", NULL, NULL, NULL },
	{ "apple", "Apple's hypervisor", NULL, NULL, NULL },
	{ "google", "Google Compute Engine", "KVM virtual PTP", "`modprobe ptp_kvm`", "kvm-clock" },
};

static const char *const containers[] = { "openvz", "lxc", "lxc-libvirt", "systemd-nspawn",
	"docker", "podman", "rkt", "wsl", "proot", "pouch", "container-other" };

/* Whether the kernel has a PTP clock of that name. */
static bool
has_device(const struct facts *facts, const char *name)
{
	return facts->machine.ptp && name && strcasestr(facts->machine.ptp, name) != NULL;
}

static void
advise_container(struct advising *advising)
{
	for (size_t i = 0; i < COUNT(containers); i++) {
		if (strcmp(advising->facts->machine.virt, containers[i]) == 0) {
			advise(advising, "virtual-server",
			    "it runs in a container (%s): the clock that its daemon sets is that "
			    "of the "
			    "machine below it, and of all that runs there",
			    containers[i]);
			return;
		}
	}
}

static void
advise_guest(struct advising *advising, size_t kind)
{
	const struct facts *facts = advising->facts;
	double ppm = advising->report && advising->report->answered
	    ? advising->report->status.frequency_ppm
	    : 0;
	char device[200] = "";

	if (machines[kind].device && !has_device(facts, machines[kind].device)) {
		snprintf(device, sizeof(device),
		    "; the clock of its host can be a source of it: %s", machines[kind].how);
	}
	if (facts->machine.clocksource && exam_clocksource_is_poor(facts->machine.clocksource)) {
		advise(advising, "virtual-server",
		    "a virtual machine (%s) that reads its time from %s: slowly, and wrong "
		    "whenever its "
		    "host pauses it%s%s",
		    machines[kind].title, facts->machine.clocksource,
		    machines[kind].page ? "; take the clocksource " : "",
		    machines[kind].page ? machines[kind].page : "");
	} else if (fabs(ppm) > FREQUENCY_MAX_PPM) {
		advise(advising, "virtual-server",
		    "a virtual machine (%s) whose clock is %+.0f ppm off: its host's clock is not "
		    "kept, or "
		    "the machine was moved%s",
		    machines[kind].title, ppm, device);
	} else if (!has_device(facts, machines[kind].device)) {
		advise(advising, "virtual-server",
		    "a virtual machine (%s): its clock stands still while its host pauses or moves "
		    "it, and "
		    "jumps afterwards%s",
		    machines[kind].title, device);
	}
}

static void
advise_machine(struct advising *advising)
{
	const struct facts *facts = advising->facts;

	if (!facts->machine.virt || advising->input->host->role != HOST_SERVER) {
		return;
	}
	advise_container(advising);
	for (size_t i = 0; i < COUNT(machines); i++) {
		if (strcmp(facts->machine.virt, machines[i].virt) == 0) {
			advise_guest(advising, i);
		}
	}
}

/* ---- its hardware clock, and what lies about */

static void
advise_rtc(struct advising *advising)
{
	int64_t off_ns = advising->report ? advising->report->rtc_offset_ns : INT64_MAX;
	char text[DURATION_TEXT_BYTES];

	if (advising->input->host->role != HOST_SERVER) {
		return;
	}
	if (advising->facts->machine.rtc_local) {
		advise(advising, "rtc-off",
		    "its hardware clock keeps local time (/etc/adjtime says LOCAL): twice a year, "
		    "and at "
		    "each boot, the clock is hours off until it is set");
	}
	if (off_ns != INT64_MAX && duration_size_ns(off_ns) > RTC_MAX_NS) {
		advise(advising, "rtc-off",
		    "its hardware clock is %s %s: the next boot begins there",
		    duration_text(duration_size_ns(off_ns), text), off_ns > 0 ? "ahead" : "behind");
	}
}

static void
advise_drift(struct advising *advising)
{
	const struct fact_age *drift = advising->driver->drift_path
	    ? fact_machine_age(&advising->facts->machine, advising->driver->drift_path)
	    : NULL;
	const struct fact_unit *unit = facts_unit(advising->facts, advising->driver->unit);
	int64_t age_ns;

	/* a daemon that was just started writes its file within the hour */
	if (!drift || !unit || !unit->active || advising->input->host->role != HOST_SERVER) {
		return;
	}
	age_ns = advising->input->now_ns - drift->changed_ns;
	if (drift->changed_ns > 0 && age_ns > DRIFT_OLD_NS) { /* 0: the one that we made */
		advise(advising, "drift-missing",
		    "%s was last written %" PRId64 " days ago: may %s write it?", drift->path,
		    age_ns / DAY_NS, advising->driver->title);
	}
}

/* Who follows sources that smear shall not know of leap seconds. */
static void
advise_leap(struct advising *advising)
{
	const struct facts *facts = advising->facts;
	bool lists = advising->driver->leap_path != NULL;
	char day[CLOCK_DAY_BYTES];
	int64_t left_ns;

	if (!facts->machine.ages_told || !facts->machine.leap_told ||
	    host_is_smeared(advising->input->host) || advising->input->host->role != HOST_SERVER) {
		return;
	}
	if (!lists) {
		if (!fact_machine_age(&facts->machine, LEAP_ZONE)) {
			advise(advising, "leapfile-old",
			    "%s is not there, from which chronyd learns of leap seconds: install "
			    "tzdata-legacy, or tzdata where there is none",
			    LEAP_ZONE);
		}
		return;
	}
	if (facts->machine.leap_until_s == 0) {
		advise(advising, "leapfile-old", "%s is not there or says no day: install tzdata",
		    LEAP_LIST);
		return;
	}
	left_ns =
	    (facts->machine.leap_until_s - NTP_TO_UNIX_S) * NS_PER_S - advising->input->now_ns;
	if (left_ns < LEAP_SOON_NS) {
		clock_day((facts->machine.leap_until_s - NTP_TO_UNIX_S) * NS_PER_S, day);
		advise(advising, "leapfile-old", "%s %s on %s: upgrade tzdata", LEAP_LIST,
		    left_ns < 0 ? "expired" : "expires", day);
	}
}

static void
advise_socket(struct advising *advising)
{
	const struct fact_age *folder =
	    fact_machine_age(&advising->facts->machine, CHRONY_SOCKET_FOLDER);

	if (advising->driver->includes == DAEMON_INCLUDES_CHRONY && folder &&
	    ((folder->mode & 07) != 0 ||
		(strcmp(folder->owner, "_chrony") != 0 && strcmp(folder->owner, "chrony") != 0 &&
		    strcmp(folder->owner, "root") != 0))) {
		advise(advising, "command-socket",
		    "%s is %04o and belongs to %s: chronyd makes no command socket there, and "
		    "chronyc as "
		    "root falls back to what any user may ask",
		    CHRONY_SOCKET_FOLDER, folder->mode, folder->owner);
	}
}

/* ---- its programs */

/* The first number with dots in what `binary --version` prints: "4.2.8p15". */
static bool
version_of(const struct advising *advising, unsigned number[4])
{
	const char *text = NULL;

	for (size_t i = 0; i < advising->facts->binary_count; i++) {
		if (strcmp(advising->facts->binaries[i].path, advising->driver->binary) == 0) {
			text = advising->facts->binaries[i].version;
		}
	}
	memset(number, 0, 4 * sizeof(number[0]));
	for (; text && *text; text++) {
		if (*text >= '0' && *text <= '9' &&
		    sscanf(text, "%3u.%3u.%3up%4u", &number[0], &number[1], &number[2],
			&number[3]) >= 2) {
			return true;
		}
	}
	return false;
}

/*
 * The oldest versions that somebody still mends.  Source: the projects' pages of releases and
 * security notices: chrony 4.0 (2020; CVE-2020-14367 before 3.5.1), ntp 4.2.8p15 (June 2020, the
 * last but for p16 to p18), NTPsec 1.2.0 (2020; CVE-2021-22212 is of 1.2.0 and mended in 1.2.1).
 */
static const struct {
	const char *driver;
	unsigned oldest[4];
	const char *text;
} oldest_versions[] = {
	{ "chrony", { 4, 0, 0, 0 }, "4.0" },
	{ "ntpsec", { 1, 2, 1, 0 }, "1.2.1" },
	{ "ntp", { 4, 2, 8, 15 }, "4.2.8p15" },
};

static bool
is_older(const unsigned version[4], const unsigned than[4])
{
	for (size_t i = 0; i < 4; i++) {
		if (version[i] != than[i]) {
			return version[i] < than[i];
		}
	}
	return false;
}

static void
advise_version(struct advising *advising)
{
	static const unsigned monlist_gone[4] = { 4, 2, 7, 26 };
	unsigned version[4];

	if (!version_of(advising, version)) {
		return;
	}
	if (strcmp(advising->driver->name, "ntp") == 0 && is_older(version, monlist_gone)) {
		advise(advising, "monlist",
		    "its ntpd is %u.%u.%up%u, which answers monlist: `noquery` keeps strangers "
		    "out, an "
		    "upgrade mends it",
		    version[0], version[1], version[2], version[3]);
	}
	for (size_t i = 0; i < COUNT(oldest_versions); i++) {
		if (strcmp(advising->driver->name, oldest_versions[i].driver) == 0 &&
		    is_older(version, oldest_versions[i].oldest)) {
			advise(advising, "old-daemon",
			    "its %s is older than %s, which is the oldest that somebody mends",
			    advising->driver->title, oldest_versions[i].text);
		}
	}
}

/* Sources of an SRV record, by the timer that chrony brings. */
static void
advise_units(struct advising *advising)
{
	for (size_t i = 0; i < advising->facts->unit_count; i++) {
		const struct fact_unit *unit = &advising->facts->units[i];

		if (strncmp(unit->name, "chrony-dnssrv@", 14) == 0 && unit->active) {
			advise(advising, "srv-sources",
			    "%s adds the servers that a DNS record names, beside those of "
			    "site.yaml",
			    unit->name);
		}
	}
}

static void
advise_report(struct advising *advising)
{
	if (advising->report && advising->report->resolver[0]) {
		advise(advising, "resolver-unreadable",
		    "%s cannot look up names after its start: %s", advising->driver->title,
		    advising->report->resolver);
	}
}

size_t
plan_advise(const struct advice_input *input, struct arena *arena, struct advice list[ADVICE_MAX])
{
	static void (*const judges[])(struct advising *) = { advise_machine, advise_rtc,
		advise_drift, advise_leap, advise_socket, advise_version, advise_units,
		advise_report, advise_waits, advise_resolver, advise_addresses, advise_sources,
		advise_clocks, advise_proof };
	struct advising advising = { .input = input,
		.facts = input->plan->facts,
		.driver = input->plan->driver,
		.report = input->plan->facts->agent_status,
		.arena = arena,
		.list = list };

	for (size_t i = 0; advising.driver && i < COUNT(judges); i++) {
		judges[i](&advising);
	}
	return advising.count;
}
