/* Sources as the daemon tells of them, with what their lines and the lines of access say. */
#include "daemons/daemon.h"
#include "daemons/policy.h"
#include "verdict/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef void reader(const char *config, const char *options, struct restart_policy *policy);

/* Judge @config with sources at @addresses that are all right. */
static void
judge(reader *read, const char *config, const char *const *addresses, struct restart_case *input,
    struct verdict *verdict)
{
	struct daemon_status status = { .stratum = 1, .version = "4.3" };
	struct restart_policy policy;

	read(config, "", &policy);
	for (size_t i = 0; addresses[i]; i++) {
		struct source_status *source = &status.sources[status.source_count++];

		*source = (struct source_status){ .state = SOURCE_COMBINED,
			.stratum = 1,
			.offset_ns = NS_PER_US,
			.error_ns = NS_PER_MS };
		snprintf(source->address, sizeof(source->address), "%s", addresses[i]);
	}
	restart_case_of_status(&policy, &status, input);
	input->now_ns = INT64_C(1800000000) * NS_PER_S;
	restart_judge(input, verdict);
}

/* What the daemon tells of a source, what its configuration declares, and what is shown of both. */
static const struct {
	reader *read;
	const char *config, *address;
	enum source_state state;
	enum source_auth auth;
	int stratum;
	unsigned reach;
	const char *shown, *words;
} declared_rows[] = {
	{ chrony_read_policy, "server 192.0.2.9 key 3 noselect\n", "192.0.2.9", SOURCE_REJECTED,
	    AUTH_UNKNOWN, 2, 0377, "measured", "key (as declared)" },
	{ chrony_read_policy, "peer 2001:db8:0::9 key 3 noselect\n", "2001:db8::9", SOURCE_REJECTED,
	    AUTH_UNKNOWN, 2, 0377, "measured", "key (as declared)" },
	{ chrony_read_policy, "server 192.0.2.9 key 3\n", "192.0.2.9", SOURCE_REJECTED,
	    AUTH_UNKNOWN, 2, 0377, "rejected", "key (as declared)" },
	{ chrony_read_policy, "server 192.0.2.9\n", "192.0.2.9", SOURCE_SELECTED, AUTH_UNKNOWN, 2,
	    0377, "selected", "none" },
	{ chrony_read_policy, "server 192.0.2.9 noselect\n", "192.0.2.9", SOURCE_SILENT,
	    AUTH_UNKNOWN, 0, 0, "silent", "none" },
	{ chrony_read_policy, "refclock SHM 0 refid NMEA noselect\nserver 192.0.2.1 nts\n", "NMEA",
	    SOURCE_REJECTED, AUTH_UNKNOWN, 0, 0377, "measured", "none" },
	{ ntp_read_policy, "server 192.0.2.9 key 3 noselect\n", "192.0.2.9", SOURCE_REJECTED,
	    AUTH_KEY, 2, 0377, "measured", "key" },
	{ ntpsec_read_policy, "peer 192.0.2.9 key 3 noselect\n", "192.0.2.9", SOURCE_REJECTED,
	    AUTH_KEY, 2, 0377, "measured", "key" },
	{ ntp_read_policy, "server 192.0.2.9 key 3 noselect\n", "192.0.2.9", SOURCE_REJECTED,
	    AUTH_BAD, 2, 0377, "rejected", "bad key" },
	{ ntp_read_policy, "server 192.0.2.9 noselect\n", "192.0.2.9", SOURCE_REJECTED, AUTH_NONE,
	    16, 0377, "rejected", "none" },
	{ ntp_read_policy, "server 192.0.2.9 key 3\n", "192.0.2.9", SOURCE_OUTLIER, AUTH_NONE, 2,
	    0377, "outlier", "none, declared: key" },
	{ ntp_read_policy, "server 192.0.2.9 key 3\n", "192.0.2.9", SOURCE_SILENT, AUTH_UNKNOWN, 0,
	    0, "silent", "key (as declared)" },
	/* three answers are too few for a judgement */
	{ ntpsec_read_policy, "server 192.0.2.9\n", "192.0.2.9", SOURCE_REJECTED, AUTH_NONE, 1, 7,
	    "new", "none" },
	{ ntpsec_read_policy, "server 192.0.2.9\n", "192.0.2.9", SOURCE_REJECTED, AUTH_NONE, 1, 017,
	    "rejected", "none" },
	{ chrony_read_policy, "server 192.0.2.9\n", "192.0.2.9", SOURCE_REJECTED, AUTH_UNKNOWN, 1,
	    0376, "rejected", "none" },
	{ ntp_read_policy, "server 192.0.2.9 noselect\n", "192.0.2.9", SOURCE_REJECTED, AUTH_NONE,
	    2, 1, "measured", "none" },
	{ ntp_read_policy, "server 192.0.2.9\n", "192.0.2.9", SOURCE_REJECTED, AUTH_NONE, 16, 1,
	    "rejected", "none" },
	/* nobody knows which name has this address, but all names have this in common */
	{ chrony_read_policy, "server a.example nts\nserver b.example nts noselect\n", "192.0.2.9",
	    SOURCE_REJECTED, AUTH_UNKNOWN, 2, 0377, "rejected", "nts (as declared)" },
	{ chrony_read_policy, "server a.example nts\nserver b.example\n", "192.0.2.9",
	    SOURCE_REJECTED, AUTH_UNKNOWN, 2, 0377, "rejected", "unknown" },
	{ chrony_read_policy, "server 192.0.2.1 key 3 noselect\n", "192.0.2.9", SOURCE_REJECTED,
	    AUTH_UNKNOWN, 2, 0377, "rejected", "unknown" },
	/* the same address of a name is of its own line first */
	{ chrony_read_policy, "pool p.example\nserver 192.0.2.9 key 3 noselect\n", "192.0.2.9",
	    SOURCE_REJECTED, AUTH_UNKNOWN, 2, 0377, "measured", "key (as declared)" },
	{ chrony_read_policy, "initstepslew 1 192.0.2.9\nserver 192.0.2.9 nts noselect\n",
	    "192.0.2.9", SOURCE_REJECTED, AUTH_UNKNOWN, 2, 0377, "measured", "nts (as declared)" },
	{ openntpd_read_policy, "server 192.0.2.9 trusted\n", "192.0.2.9", SOURCE_SELECTED,
	    AUTH_UNKNOWN, 2, 0377, "selected", "none" },
};

static void
what_is_declared_of_a_source_is_not_held_against_it(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(declared_rows); i++) {
		struct daemon_status status = { .source_count = 1 };
		struct source_status *source = &status.sources[0];
		struct restart_policy policy;
		char words[SOURCE_AUTH_BYTES];

		*source = (struct source_status){ .state = declared_rows[i].state,
			.auth = declared_rows[i].auth,
			.stratum = declared_rows[i].stratum,
			.reach = declared_rows[i].reach };
		snprintf(source->address, sizeof(source->address), "%s", declared_rows[i].address);
		declared_rows[i].read(declared_rows[i].config, "", &policy);
		restart_declare(&policy, &status);
		if (strcmp(source_state_name(source_shown_state(source)), declared_rows[i].shown) !=
			0 ||
		    strcmp(source_auth_words(source, words), declared_rows[i].words) != 0) {
			fail_msg("row %zu, %s: %s, %s", i, declared_rows[i].config,
			    source_state_name(source_shown_state(source)), words);
		}
	}
}

static void
a_refclock_has_the_line_with_its_whole_refid(void **state UNUSED)
{
	static const char *const shown[] = { "PPS", "PPSx", "NMEA", "SHM3", NULL };
	struct restart_case input;
	struct verdict verdict;

	judge(chrony_read_policy,
	    "refclock PPS /dev/pps0 refid PPS lock NMEA noselect\n"
	    "refclock SHM 1 refid PPSx prefer\nrefclock SHM 0 refid NMEA noselect\n"
	    "refclock SHM 5 trust\nmakestep 1 -1\ndriftfile /d\n",
	    shown, &input, &verdict);
	assert_int_equal(input.sources[0].flags, RESTART_REFCLOCK | RESTART_NOSELECT);
	assert_int_equal(input.sources[1].flags, RESTART_REFCLOCK | RESTART_PREFER);
	assert_int_equal(input.sources[2].flags, RESTART_REFCLOCK | RESTART_NOSELECT);
	assert_int_equal(input.sources[3].flags, RESTART_REFCLOCK | RESTART_TRUE);
	assert_int_equal(verdict.kind, VERDICT_SAFE);
	assert_false(verdict.degraded);
}

static void
a_server_with_a_gps_is_judged_on_each_daemon(void **state UNUSED)
{
	static const char *const shown[] = { "127.127.28.0", "192.0.2.1", "192.0.2.2", NULL };
	static const char *const chronys[] = { "GPS", "192.0.2.1", "192.0.2.2", NULL };
	static const struct {
		reader *read;
		const char *config;
		const char *const *addresses;
	} rows[] = {
		{ ntp_read_policy,
		    "server 127.127.28.0 minpoll 3 prefer\nfudge 127.127.28.0 refid GPS\n", shown },
		{ ntpsec_read_policy, "refclock shm unit 0 refid GPS minpoll 3 prefer\n", shown },
		{ ntpsec_read_policy, "server 127.127.28.0 minpoll 3 prefer\n", shown },
		{ chrony_read_policy, "refclock SHM 0 refid GPS poll 3 prefer\n", chronys },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct restart_case input;
		struct verdict verdict;
		char config[256];

		snprintf(config, sizeof(config),
		    "driftfile /d\n%sserver ntp1.example.net iburst\n"
		    "server ntp2.example.net iburst\n",
		    rows[i].config);
		judge(rows[i].read, config, rows[i].addresses, &input, &verdict);
		assert_int_equal(input.sources[0].flags, RESTART_REFCLOCK | RESTART_PREFER);
		assert_int_equal(input.sources[1].flags, RESTART_IBURST);
		assert_int_equal(verdict.kind, VERDICT_SAFE);
		assert_false(verdict.degraded);
	}
}

/* The last reason of the verdict; "": none. */
static const char *
last_reason(const struct verdict *verdict)
{
	return verdict->reason_count > 0 ? verdict->reasons[verdict->reason_count - 1] : "";
}

static void
a_hardware_clock_that_gives_no_time_is_named(void **state UNUSED)
{
	static const char words[] =
	    "its hardware clock GPS gives no time: look at the receiver and what reads it";
	static const char *const alone[] = { "GPS", NULL },
				 *const both[] = { "GPS", "192.0.2.1", NULL };
	static const char line[] = "driftfile /d\nserver 192.0.2.1\nrefclock SHM 0 refid GPS";
	struct restart_case input;
	struct verdict verdict;

	judge(chrony_read_policy, line, both, &input, &verdict);
	assert_string_not_equal(last_reason(&verdict), words);
	input.sources[0].fit = false;
	restart_judge(&input, &verdict);
	assert_string_equal(last_reason(&verdict), words);
	assert_false(verdict.degraded);
	judge(chrony_read_policy, line, alone, &input, &verdict);
	input.sources[0].fit = false;
	restart_judge(&input, &verdict);
	assert_string_equal(last_reason(&verdict), words);
	assert_true(verdict.degraded);
	input.sources[0].flags |= RESTART_NOSELECT;
	restart_judge(&input, &verdict);
	assert_string_not_equal(last_reason(&verdict), words);
}

#define SERVERS "driftfile /d\nserver 192.0.2.1 iburst\nserver 192.0.2.2 iburst\n"
#define POOLS "driftfile /d\npool a.example.net iburst\npool b.example.net iburst\n"
#define NAMES "driftfile /d\nserver a.example.net iburst\nserver b.example.net iburst\n"

static const struct {
	reader *read;
	const char *config;
	const char *place; /* NULL: it hears them */
} fenced[] = {
	{ ntp_read_policy, SERVERS "restrict default ignore\nrestrict 127.0.0.1\n", ":4" },
	{ ntpsec_read_policy, SERVERS "restrict default ignore\nrestrict ::1\n", ":4" },
	{ ntp_read_policy, SERVERS "restrict default noserve\n", ":4" },
	{ ntp_read_policy, SERVERS "restrict 192.0.2.0 mask 255.255.255.0 noserve\n", ":4" },
	{ ntpsec_read_policy, SERVERS "restrict 192.0.2.0/24 kod limited ignore\n", ":4" },
	{ ntpsec_read_policy, SERVERS "restrict default notrust\n", ":4" },
	{ ntp_read_policy, SERVERS "restrict default notrust\n", NULL },
	{ ntp_read_policy, SERVERS "restrict source ignore\n", ":4" },
	{ ntp_read_policy, SERVERS "interface ignore all\ninterface listen lo\n", ":4" },
	{ ntpsec_read_policy, SERVERS "nic drop ipv4\nnic drop ipv6\n", ":4" },
	{ chrony_read_policy, SERVERS "bindacqaddress 127.0.0.1\n", ":4" },
	{ chrony_read_policy, SERVERS "bindacqdevice lo\n", ":4" },
	{ chrony_read_policy, SERVERS "port 0\nbindacqaddress 192.0.2.9\n", NULL },
	{ ntp_read_policy, NAMES "restrict default ignore\n", ":4" },
	{ ntp_read_policy,
	    NAMES "restrict default ignore\nrestrict a.example.net\n"
		  "restrict b.example.net nomodify\n",
	    NULL },
	{ ntp_read_policy, POOLS "restrict -4 default nopeer\nrestrict -6 default nopeer\n", ":4" },
	{ ntp_read_policy, POOLS "restrict default nopeer\nrestrict source nomodify\n", NULL },
	{ ntpsec_read_policy, POOLS "restrict default nopeer kod limited\n", NULL },
	{ ntp_read_policy, SERVERS "restrict default nopeer kod limited\n", NULL },
	{ ntp_read_policy,
	    SERVERS "restrict default ignore\nrestrict 192.0.2.1\n"
		    "restrict 192.0.2.2 nomodify\n",
	    NULL },
	{ ntp_read_policy, SERVERS "restrict default ignore\nrestrict source nomodify\n", NULL },
	/* NTPsec makes the hole of `restrict source` only where a source is ignored */
	{ ntpsec_read_policy, SERVERS "restrict default noserve\nrestrict source\n", ":4" },
	{ ntpsec_read_policy, SERVERS "restrict default ignore\nrestrict source\n", NULL },
	{ ntpsec_read_policy, SERVERS "restrict source ignore\n", NULL },
	{ ntp_read_policy, SERVERS "restrict default noserve\nrestrict source\n", NULL },
	{ ntp_read_policy, SERVERS "restrict default foo ignore\n", NULL },
	/* where there is any such line, what none of them names is ignored: asked of both daemons
	 */
	{ ntp_read_policy, SERVERS "interface ignore wildcard\n", ":4" },
	{ ntpsec_read_policy, SERVERS "interface listen 127.0.0.1\n", ":4" },
	{ ntp_read_policy, SERVERS "interface ignore ipv6\n", ":4" },
	{ ntpsec_read_policy, SERVERS "nic ignore 192.0.2.0/24\n", ":4" },
	{ ntp_read_policy, SERVERS "interface listen 192.0.2.300\n", ":4" },
	{ ntp_read_policy, SERVERS "interface listen ipv4\ninterface ignore eth1\n", NULL },
	{ ntp_read_policy, SERVERS "interface ignore eth1\ninterface listen all\n", NULL },
	{ ntp_read_policy, SERVERS "interface listen eth0\ninterface drop all\n", ":5" },
	{ ntp_read_policy, SERVERS "interface ignore all\ninterface listen eth0\n", NULL },
	{ ntp_read_policy, SERVERS "tos ceiling 1\n", ":4" },
	{ ntpsec_read_policy, SERVERS "tos minsane 1 floor 5\n", ":4" },
	{ ntp_read_policy, SERVERS "tos floor 0 ceiling 15\n", NULL },
};

static void
what_keeps_the_daemon_from_hearing_is_named(void **state UNUSED)
{
	static const char *const shown[] = { "192.0.2.1", "192.0.2.2", NULL };

	for (size_t i = 0; i < COUNT(fenced); i++) {
		struct restart_case input;
		struct verdict verdict;
		const char *place;

		judge(fenced[i].read, fenced[i].config, shown, &input, &verdict);
		place = input.policy.blames[BLAME_DEAF].place;
		if (verdict.kind != VERDICT_SAFE || verdict.degraded != (fenced[i].place != NULL) ||
		    (fenced[i].place && !strstr(place, fenced[i].place)) ||
		    (!fenced[i].place && place[0])) {
			fail_msg("%s: %s, degraded %d, blames \"%s\": %s", fenced[i].config,
			    verdict_name(verdict.kind), verdict.degraded, place,
			    verdict.reason_count ? verdict.reasons[0] : "");
		}
	}
}

static void
a_configuration_that_is_refused_leaves_no_time_service(void **state UNUSED)
{
	static const char *const shown[] = { "192.0.2.1", "192.0.2.2", NULL };
	struct restart_case input;
	struct verdict verdict;

	judge(chrony_read_policy, SERVERS "opencommands tracking\n", shown, &input, &verdict);
	assert_int_equal(verdict.kind, VERDICT_EXIT);
	assert_true(verdict.degraded);
	assert_non_null(
	    strstr(verdict.reasons[0], "/etc/chrony/chrony.conf:4: opencommands tracking"));
	/* what the unit sets before that is set all the same */
	input.presets[input.preset_count++] = "x.service: ExecStartPre=ntpdate";
	restart_judge(&input, &verdict);
	assert_int_equal(verdict.kind, VERDICT_STEP);
}

static void
a_daemon_that_has_heard_nobody_is_no_time_service(void **state UNUSED)
{
	static const char *const shown[] = { "192.0.2.1", "192.0.2.2", NULL };
	struct restart_case input;
	struct verdict verdict;

	judge(ntp_read_policy, SERVERS, shown, &input, &verdict);
	assert_false(verdict.degraded);
	input.unheard = true;
	restart_judge(&input, &verdict);
	assert_int_equal(verdict.kind, VERDICT_SAFE);
	assert_true(verdict.degraded);
	assert_non_null(strstr(verdict.reasons[0], "has heard none of its sources"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_declared_of_a_source_is_not_held_against_it),
		cmocka_unit_test(a_refclock_has_the_line_with_its_whole_refid),
		cmocka_unit_test(a_hardware_clock_that_gives_no_time_is_named),
		cmocka_unit_test(a_server_with_a_gps_is_judged_on_each_daemon),
		cmocka_unit_test(what_keeps_the_daemon_from_hearing_is_named),
		cmocka_unit_test(a_configuration_that_is_refused_leaves_no_time_service),
		cmocka_unit_test(a_daemon_that_has_heard_nobody_is_no_time_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
