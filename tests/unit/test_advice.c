/* Rules about a host itself: what its facts and its agent's report make plan say of it. */
#include "orchestrator/rollout/plan/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_NS (1796083200 * NS_PER_S) /* 2026-12-01 */
#define DAY_NS (24 * 3600 * NS_PER_S)

static const char site[] =
    "site: one\nupstreams: [{name: a, address: 192.0.2.101}]\ntiers:\n  - name: core\n"
    "    upstreams: all\n    servers: [{name: time1, address: 192.0.2.1}]\n"
    "clients: [{name: web, hosts: web1, from: core}]\n";

/* A host with nothing wrong, for a test to change. */
struct bed {
	struct facts facts;
	struct report report;
	const char *daemon, *host, *accept;
};

static void
begin(struct bed *bed)
{
	*bed = (struct bed){ .daemon = "chrony", .host = "time1", .accept = "" };
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
	struct plan_input plan = { .facts = &bed->facts, .driver = daemon_find(bed->daemon) };

	assert_non_null(out);
	assert_int_not_equal(asprintf(&yaml, "%s%s", site, bed->accept), -1);
	assert_int_equal(topology_load_text(&topology, "site.yaml", yaml, strlen(yaml), &diags), 0);
	count = plan_advise(&(struct advice_input){ .topology = &topology,
				.host = topology_host(&topology, bed->host),
				.plan = &plan,
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
		cmocka_unit_test(the_site_may_accept_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
