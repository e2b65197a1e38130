/* Rules about a host itself: what its facts and its agent's report make plan say of it. */
#include "orchestrator/rollout/advice/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */
#define DAY_NS (24 * 3600 * NS_PER_S)

static const char site[] =
    "clients:\n  - name: web\n    from: core\n    hosts: [{name: web1, address: 192.0.2.11}]\n";

/* A host with nothing wrong, for a test to change. */
struct bed {
	struct facts facts;
	struct report report;
	const char *daemon, *host, *accept, *upstream;
	const char *clocks;           /* of the server */
	const struct file_set *files; /* that it gets; NULL: not told */
	const struct host_plan *made;
};

static void
begin(struct bed *bed)
{
	*bed = (struct bed){ .daemon = "chrony",
		.host = "time1",
		.accept = "",
		.clocks = "",
		.upstream = "{name: a, address: 192.0.2.101}" };
	bed->report.rtc_offset_ns = INT64_MAX;
	bed->report.answered = true;
	bed->facts.agent_status = &bed->report;
	bed->facts.machine.virt = "none";
	bed->facts.machine.clocksource = "tsc";
	bed->facts.machine.ages_told = bed->facts.machine.leap_told = true;
	bed->facts.machine.leap_until_s = 2208988800 + NOW_NS / NS_PER_S + 100 * 24 * 3600;
	bed->facts.machine.ages[bed->facts.machine.age_count++] =
	    (struct fact_age){ LEAP_ZONE, NOW_NS - 300 * DAY_NS, 0644, "root" };
	bed->facts.machine.ages[bed->facts.machine.age_count++] =
	    (struct fact_age){ CHRONY_SOCKET_FOLDER, NOW_NS, 0700, "_chrony" };
	bed->facts.machine.ages[bed->facts.machine.age_count++] =
	    (struct fact_age){ "/var/lib/chrony/chrony.drift", NOW_NS - 6 * DAY_NS, 0644,
		    "_chrony" };
	bed->facts.units[bed->facts.unit_count++] =
	    (struct fact_unit){ .name = "chrony.service", .loaded = true, .active = true };
	bed->facts.binaries[bed->facts.binary_count++] =
	    (struct fact_binary){ "/usr/sbin/chronyd", "chronyd (chrony) version 4.3 (+CMDMON)" };
	bed->facts.binaries[bed->facts.binary_count++] =
	    (struct fact_binary){ "/usr/sbin/ntpd", "ntpd 4.2.8p15@1.3728-o Wed Sep 23 2020" };
}

/* What is said, a line each: "rtc-off: text". */
static char *
advice_of(struct bed *bed)
{
	struct topology topology;
	struct diags diags = { 0 };
	struct arena arena = { .blocks = NULL };
	struct advice list[ADVICE_MAX];
	char *yaml = NULL, *text = NULL;
	size_t len, count;
	FILE *out = open_memstream(&text, &len);
	struct plan_input plan = {
		.facts = &bed->facts, .driver = daemon_find(bed->daemon), .files = bed->files
	};

	assert_non_null(out);
	assert_int_not_equal(
	    asprintf(&yaml,
		"site: one\nupstreams: [%s]\ntiers:\n  - name: core\n    upstreams: all\n"
		"    servers: [{name: time1, address: 192.0.2.1%s%s}]\n%s%s",
		bed->upstream, bed->clocks[0] ? ", refclocks: " : "", bed->clocks, site,
		bed->accept),
	    -1);
	assert_int_equal(topology_load_text(&topology, "site.yaml", yaml, strlen(yaml), &diags), 0);
	count = plan_advise(&(struct advice_input){ .topology = &topology,
				.host = topology_host(&topology, bed->host),
				.plan = &plan,
				.made = bed->made,
				.now_ns = NOW_NS },
	    &arena, list);
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s%s: %s\n", list[i].accepted ? "accepted " : "", list[i].rule->id,
		    list[i].text);
	}
	fclose(out);
	diags_free(&diags);
	arena_free(&arena);
	topology_free(&topology);
	free(yaml);
	return text;
}

static void
says(struct bed *bed, const char *words)
{
	char *text = advice_of(bed);

	if (words[0] ? !strstr(text, words) : text[0] != '\0') {
		fail_msg("said:\n%sand not:\n%s", text, words);
	}
	free(text);
}

static void
a_good_host_has_nothing_to_hear(void **state UNUSED)
{
	static const char *const daemons[] = { "chrony", "ntp", "ntpsec" };
	struct bed bed;

	for (size_t i = 0; i < COUNT(daemons); i++) {
		begin(&bed);
		bed.daemon = daemons[i];
		if (strcmp(daemons[i], "ntpsec") == 0) {
			bed.facts.binaries[1].version = "ntpd ntpsec-1.2.2";
		}
		says(&bed, "");
	}
	begin(&bed);
	bed.facts = (struct facts){ .complete = true }; /* an old script told nothing of all this */
	says(&bed, "");
	bed.facts.agent_status = NULL;
	says(&bed, "");
}

static void
the_hardware_clock_is_judged_by_its_error_and_its_zone(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	bed.report.rtc_offset_ns = NS_PER_S;
	says(&bed, "");
	bed.report.rtc_offset_ns = -3200 * NS_PER_MS;
	says(&bed, "rtc-off: its hardware clock is 3.20 s behind: the next boot begins there\n");
	bed.report.rtc_offset_ns = 3600 * NS_PER_S;
	says(&bed, "ahead: the next boot");
	bed.host = "web1"; /* a client may set its clock at its start */
	says(&bed, "");
	begin(&bed);
	bed.facts.machine.rtc_local = true;
	says(&bed, "/etc/adjtime says LOCAL");
}

static void
a_virtual_machine_hears_what_it_is(void **state UNUSED)
{
	static const struct {
		const char *virt, *clocksource, *ptp;
		double ppm;
		const char *words; /* "": nothing is said */
	} rows[] = {
		{ "kvm", "kvm-clock", NULL, 3, "can be a source of it: `modprobe ptp_kvm`" },
		{ "kvm", "kvm-clock", "KVM virtual PTP", 3, "" },
		{ "kvm", "acpi_pm", "KVM virtual PTP", 3,
		    "reads its time from acpi_pm: slowly, and wrong whenever its host pauses it; "
		    "take "
		    "the clocksource kvm-clock" },
		{ "kvm", "kvm-clock", "KVM virtual PTP", -120, "whose clock is -120 ppm off" },
		{ "microsoft", "hyperv_clocksource_tsc_page", "igb\nhyperv", 3, "" },
		{ "microsoft", "hyperv_clocksource_tsc_page", NULL, 3, "Hyper-V" },
		{ "vmware", "tsc", NULL, 3, "`modprobe ptp_vmw`" },
		{ "xen", "xen", NULL, 3, "(Xen): its clock stands still" },
		{ "lxc", "tsc", NULL, 3, "it runs in a container (lxc)" },
		{ "none", "hpet", NULL, 300, "" }, /* a real machine, whatever its clock is */
		{ "something-new", "tsc", NULL, 3, "" },
	};
	struct bed bed;

	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&bed);
		bed.facts.machine.virt = rows[i].virt;
		bed.facts.machine.clocksource = rows[i].clocksource;
		bed.facts.machine.ptp = rows[i].ptp;
		bed.report.status.frequency_ppm = rows[i].ppm;
		says(&bed, rows[i].words);
		bed.host = "web1";
		says(&bed, "");
	}
}

static void
leap_seconds_are_known_in_time(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	bed.daemon = "ntp";
	bed.facts.machine.leap_until_s = 2208988800 + NOW_NS / NS_PER_S + 28 * 24 * 3600;
	says(&bed, "");
	bed.facts.machine.leap_until_s--;
	says(&bed, "leapfile-old: /usr/share/zoneinfo/leap-seconds.list expires on 2026-12-28");
	bed.facts.machine.leap_until_s = 3944332800;
	says(&bed, "expired on 2024-12-28: upgrade tzdata");
	bed.facts.machine.leap_until_s = 0;
	says(&bed, "is not there or says no day");
	bed.daemon = "chrony"; /* it reads the zone */
	says(&bed, "");
	bed.facts.machine.ages[0].path = "/elsewhere";
	says(&bed, "leapfile-old: /usr/share/zoneinfo/right/UTC is not there");
}

static void
files_and_folders_are_judged_by_age_mode_and_owner(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	bed.facts.machine.ages[2].changed_ns = NOW_NS - 9 * DAY_NS;
	says(&bed, "drift-missing: /var/lib/chrony/chrony.drift was last written 9 days ago");
	bed.facts.machine.ages[2].changed_ns = 0; /* the one that the unit makes */
	says(&bed, "");
	bed.facts.machine.ages[2].changed_ns = NOW_NS - 9 * DAY_NS;
	bed.facts.units[0].active = false;
	says(&bed, "");
	begin(&bed);
	bed.facts.machine.ages[1].mode = 0755;
	says(&bed, "command-socket: /run/chrony is 0755");
	bed.facts.machine.ages[1].mode = 0750;
	says(&bed, "");
	bed.facts.machine.ages[1].owner = "www-data";
	says(&bed, "belongs to www-data");
}

static void
old_daemons_are_named(void **state UNUSED)
{
	static const struct {
		const char *daemon, *version, *words;
	} rows[] = {
		{ "ntp", "ntpd 4.2.8p15", "" },
		{ "ntp", "ntpd 4.2.8p18", "" },
		{ "ntp", "ntpd 4.2.8p9@1.3265", "old-daemon: " },
		{ "ntp", "ntpd 4.2.6p5@1.2349-o", "monlist: its ntpd is 4.2.6p5" },
		{ "ntp", "ntpd 4.2.7p26", "old-daemon: " },
		{ "ntp", "who knows", "" },
		{ "chrony", "chronyd (chrony) version 3.4 (+CMDMON)", "older than 4.0" },
		{ "chrony", "chronyd (chrony) version 4.0", "" },
		{ "ntpsec", "ntpd ntpsec-1.2.0", "older than 1.2.1" },
		{ "ntpsec", "ntpd ntpsec-1.2.1+dfsg", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bed bed;

		begin(&bed);
		bed.daemon = rows[i].daemon;
		for (size_t k = 0; k < bed.facts.binary_count; k++) {
			bed.facts.binaries[k].version = rows[i].version;
		}
		says(&bed, rows[i].words);
	}
}

static void
names_and_records_that_add_sources_are_told(void **state UNUSED)
{
	struct bed bed;

	begin(&bed);
	bed.facts.units[bed.facts.unit_count++] =
	    (struct fact_unit){ .name = "chrony-dnssrv@_ntp._udp.example.timer", .loaded = true };
	says(&bed, "");
	bed.facts.units[bed.facts.unit_count - 1].active = true;
	says(&bed, "srv-sources: chrony-dnssrv@_ntp._udp.example.timer adds");
	begin(&bed);
	snprintf(bed.report.resolver, sizeof(bed.report.resolver), "/etc/resolv.conf is 0600");
	says(&bed,
	    "resolver-unreadable: chrony cannot look up names after its start: /etc/resolv.conf");
}

static void
what_starts_before_the_clock_is_right_is_named(void **state UNUSED)
{
	static const struct {
		const char *daemon, *before, *enabled, *words;
	} rows[] = {
		{ "chrony", "ceph-mon@a.service apt-daily.timer shutdown.target", "",
		    "no-wait: ceph-mon@a.service starts after time-sync.target, which is reached "
		    "as soon as the daemon runs: `systemctl enable chrony-wait.service`\n" },
		{ "ntpsec", "a.service b.service c.service d.service e.service f.service", "",
		    "a.service, b.service, c.service, d.service and 2 more start after" },
		{ "ntp", "a.service", "", "enable systemd-time-wait-sync.service`" },
		{ "chrony", "apt-daily.timer fstrim.timer shutdown.target .service", "", "" },
		{ "chrony", "systemd-tmpfiles-clean.service", "", "" },
		{ "chrony", "a.service", "chrony-wait.service", "" },
		{ "chrony", "a.service", "systemd-time-wait-sync.service", "" },
		{ "chrony", "a.service", FIRST_SET_UNIT, "" }, /* it waits for a quorum */
		{ "chrony", NULL, "", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bed bed;

		begin(&bed);
		bed.host = i % 2 ? "web1" : "time1";
		bed.daemon = rows[i].daemon;
		if (strcmp(rows[i].daemon, "ntpsec") == 0) {
			bed.facts.binaries[1].version = "ntpd ntpsec-1.2.2";
		}
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = FACT_SYNC_TARGET, .before = rows[i].before };
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = rows[i].enabled, .enabled = true };
		says(&bed, rows[i].words);
	}
}

/* A host whose sources are names, and the resolver that it asks. */
static void
a_resolver_that_needs_the_time_is_named(void **state UNUSED)
{
	static const char by_address[] = "{name: a, address: 192.0.2.101}";
	static const char by_name[] = "{name: a, address: ntp.example.net}";
	static const struct {
		const char *upstream, *resolver, *active, *words;
	} rows[] = {
		{ by_name, "nameserver 127.0.0.1\nnameserver 192.0.2.9", "unbound.service",
		    "resolver-needs-time: all its sources are names, and it looks them up by "
		    "unbound.service on the host, which checks signatures by the clock: after a "
		    "start with a wrong clock neither comes first\n" },
		{ by_name, "nameserver\t::1 # mine", "named.service", "by named.service on the" },
		{ by_name, "nameserver 127.0.0.53\nDNSSEC=yes", "systemd-resolved.service",
		    "signatures by the clock (DNSSEC=)" },
		{ by_name, "nameserver 9.9.9.9\nDNSOverTLS=true", "systemd-resolved.service",
		    "certificates by the clock (DNSOverTLS=)" },
		{ by_name, "nameserver 192.0.2.11", "",
		    "by web1, which has its own time from this site: " },
		{ by_name, "nameserver 192.0.2.12", "", "" },
		{ by_name, "nameserver 127.0.0.1", "", "" }, /* dnsmasq, which checks nothing */
		{ by_name, "nameserver 127.0.0.53\nDNSSEC=allow-downgrade",
		    "systemd-resolved.service", "" },
		{ by_name, "DNSSEC=yes", "", "" }, /* it does not run */
		{ by_name, "nameserver fe80::1%eth0\nnameserver\nnameserver x", "unbound.service",
		    "" },
		{ by_name, NULL, "unbound.service", "" },
		{ by_address, "nameserver 127.0.0.1", "unbound.service", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bed bed;

		begin(&bed);
		bed.upstream = rows[i].upstream;
		bed.facts.machine.resolver = rows[i].resolver;
		bed.facts.units[bed.facts.unit_count++] =
		    (struct fact_unit){ .name = rows[i].active, .active = true };
		says(&bed, rows[i].words);
		bed.host = "web1";
		says(&bed, "");
	}
}

static void
addresses_that_nobody_declared_are_a_note(void **state UNUSED)
{
	static const char bound[] = "driftfile /x\n  BindAddress 192.0.2.1\n";
	struct file_entry entry = { .path = "/etc/chrony/chrony.conf" };
	struct file_set files = { &entry, 1 };
	struct bed bed;

	begin(&bed);
	bed.facts.machine.addresses = "127.0.0.1 192.0.2.1 0000:0000:0000:0000:0000:0000:0000:0001";
	says(&bed, "");
	bed.facts.machine.addresses =
	    "192.0.2.1 10.0.0.5 x 2001:0db8:0000:0000:0000:0000:0000:0007";
	says(&bed,
	    "listens-everywhere: its daemon answers at 10.0.0.5, "
	    "2001:0db8:0000:0000:0000:0000:0000:0007, too, which site.yaml does not name\n");
	assert_int_equal(lint_rule_find("listens-everywhere", NULL)->severity, SEVERITY_NOTE);
	entry.content = bound;
	bed.files = &files;
	says(&bed, "");
	bed.files = NULL;
	bed.host = "web1";
	says(&bed, "");
}

static void
sources_that_fell_silent_are_counted_against_the_quorum(void **state UNUSED)
{
	static const enum source_state good = SOURCE_COMBINED, silent = SOURCE_SILENT;
	struct host_plan made = { .changes = NULL };
	struct source_status *sources;
	struct bed bed;

	begin(&bed);
	snprintf(bed.report.daemon, sizeof(bed.report.daemon), "chrony");
	bed.made = &made;
	sources = bed.report.status.sources;
	bed.report.status.source_count = 2;
	snprintf(sources[0].address, sizeof(sources[0].address), "192.0.2.101");
	snprintf(sources[1].address, sizeof(sources[1].address), "192.0.2.102");
	sources[0].state = sources[1].state = good;
	sources[0].reach = sources[1].reach = 0377;
	says(&bed, "");
	sources[0].state = silent;
	says(&bed, ""); /* the quorum of a single source is 1 */
	sources[1].state = SOURCE_FALSETICKER;
	says(&bed,
	    "few-outside: of its 2 sources from outside it can use 0 now, and its quorum is 1: "
	    "192.0.2.101 is silent, 192.0.2.102 is falseticker\n");
	sources[1].noselect = true; /* a sibling */
	says(&bed, "of its 1 sources");
	snprintf(bed.report.daemon, sizeof(bed.report.daemon), "ntp");
	says(&bed, ""); /* the agent watches another daemon */
	snprintf(bed.report.daemon, sizeof(bed.report.daemon), "chrony");
	made.restart = true;
	says(&bed, ""); /* the sources are not those of the site */
}

static void
what_hardware_clocks_are_read_by_must_be_there(void **state UNUSED)
{
	struct source_status source = { .address = "GPS", .state = SOURCE_SELECTED };
	struct bed bed;

	begin(&bed);
	bed.clocks = "[{name: GPS, type: shm}, {name: PPS, type: pps, lock: GPS}, "
		     "{name: CARD, type: phc, device: /dev/ptp1}, "
		     "{name: RX, type: sock, device: /run/chrony/rx.sock}]";
	says(&bed, ""); /* not told */
	bed.facts.machine.memory = "1 600 1\n0 600 1\n10 600 0";
	bed.facts.machine.devices = "/dev/pps0\n/dev/ptp1\n/dev/ttyS0";
	says(&bed, "");
	bed.facts.machine.devices = "/dev/pps01\n/dev/ptp1";
	says(&bed,
	    "clock-device: its hardware clock PPS is read from /dev/pps0, which is not there: load "
	    "its driver (`modprobe pps-gpio`, or `ldattach PPS` for a serial line)\n");
	bed.facts.machine.devices = "/dev/pps0";
	says(&bed, "clock-device: its hardware clock CARD is read from /dev/ptp1, which");
	bed.facts.machine.devices = "/dev/pps0\n/dev/ptp1";
	bed.report.status.sources[0] = source;
	bed.report.status.source_count = 1;
	says(&bed,
	    "clock-device: its hardware clock GPS gives no time: look at the receiver and what "
	    "reads it\n");
	bed.report.status.sources[0].reach = 1;
	says(&bed, "");
	bed.report.status.source_count = 0;
	bed.facts.machine.memory = "0 600 0";
	says(&bed, "clock-device: nobody writes the shared memory of unit 0, from which its");
	bed.facts.machine.memory = "0 666 2";
	says(&bed,
	    "may be written by others than root (mode 0666): whoever made it before gpsd "
	    "did is its owner; `ipcrm -M 0x4e545030`, then");
	bed.clocks = "[{name: GPS, type: shm, unit: 2}, {name: RX, type: nmea, device: /opt/x}]";
	bed.facts.machine.memory = "2 666 2";
	bed.daemon = "ntpsec";
	bed.facts.binaries[1].version = "ntpd ntpsec-1.2.2";
	says(&bed, ""); /* check has said it; other devices are not told of */
}

static void
the_site_may_accept_it(void **state UNUSED)
{
	static const char *const on[] = { "", ", on: time1", ", on: core" };
	struct bed bed;

	for (size_t i = 0; i < COUNT(on); i++) {
		char accept[128];

		begin(&bed);
		bed.facts.machine.virt = "xen";
		snprintf(accept, sizeof(accept),
		    "accept: [{rule: virtual-server%s, because: \"two of four\"}]\n", on[i]);
		bed.accept = accept;
		says(&bed, "accepted virtual-server: ");
	}
	bed.accept = "accept: [{rule: NET004, until: 2026-11-30, because: \"till then\"}]\n";
	says(&bed, "virtual-server: ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_host_has_nothing_to_hear),
		cmocka_unit_test(the_hardware_clock_is_judged_by_its_error_and_its_zone),
		cmocka_unit_test(a_virtual_machine_hears_what_it_is),
		cmocka_unit_test(leap_seconds_are_known_in_time),
		cmocka_unit_test(files_and_folders_are_judged_by_age_mode_and_owner),
		cmocka_unit_test(old_daemons_are_named),
		cmocka_unit_test(names_and_records_that_add_sources_are_told),
		cmocka_unit_test(what_starts_before_the_clock_is_right_is_named),
		cmocka_unit_test(a_resolver_that_needs_the_time_is_named),
		cmocka_unit_test(addresses_that_nobody_declared_are_a_note),
		cmocka_unit_test(sources_that_fell_silent_are_counted_against_the_quorum),
		cmocka_unit_test(what_hardware_clocks_are_read_by_must_be_there),
		cmocka_unit_test(the_site_may_accept_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
