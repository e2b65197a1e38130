/* A plan in words: what happens to a host, and why. */
#include "orchestrator/show/plan_text.h"

#include "orchestrator/rollout/advice/lost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONFIG "/etc/chrony/chrony.conf"

static const struct tier core = { .name = "core" };
static const struct host time1 = { .name = "time1", .role = HOST_SERVER, .tier = &core };

static struct file_entry entry = { .path = CONFIG };
static struct file_change change;

static struct rollout_host
host_with(enum change_kind kind, enum change_origin origin, const char *diff)
{
	struct rollout_host host = {
		.host = &time1, .outcome = HOST_CHANGES, .driver = daemon_find("chrony")
	};

	change = (struct file_change){
		.entry = &entry, .kind = kind, .origin = origin, .diff = diff, .mode_text = ""
	};
	host.plan.changes = &change;
	host.plan.change_count = 1;
	host.plan.hand[0] = (struct hand_change){ CONFIG, "was changed", &change };
	host.plan.hand_count = origin == ORIGIN_BOTH;
	return host;
}

static const char *
text_of(const struct rollout_host *host, bool colour)
{
	static char out[4096];
	struct buf text = { .limit_bytes = 0 };

	plan_text_host(&text, host, colour);
	snprintf(out, sizeof(out), "%s", buf_str(&text));
	buf_free(&text);
	return out;
}

static void
the_action_comes_first_then_the_reasons_then_the_difference(void **state UNUSED)
{
	struct rollout_host host = host_with(CHANGE_CONTENT, ORIGIN_SITE, "@@ -1 +1 @@\n-a\n+b\n");

	host.plan.restart = host.plan.judged = true;
	host.plan.verdict.kind = VERDICT_SAFE;
	host.plan.reasons[host.plan.reason_count++] = CONFIG " changes: restart";
	host.plan.notes[host.plan.note_count++] = "look";
	assert_string_equal(text_of(&host, false),
	    ", chrony): restart\n"
	    "  " CONFIG " changes: restart\n"
	    "  a restart now: safe\n"
	    "  note: look\n"
	    "--- time1:" CONFIG "\n"
	    "+++ site:" CONFIG "\n"
	    "@@ -1 +1 @@\n-a\n+b\n");
	assert_non_null(strstr(text_of(&host, true), "\x1b[31m-a\x1b[0m\n"));
}

static void
a_file_that_comes_or_goes_is_held_against_nothing(void **state UNUSED)
{
	struct rollout_host host = host_with(CHANGE_NEW, ORIGIN_UNKNOWN, "@@ -0,0 +1 @@\n+b\n");

	assert_string_equal(text_of(&host, false),
	    ", chrony): nothing is done to the daemon\n"
	    "--- /dev/null\n+++ site:" CONFIG "\n@@ -0,0 +1 @@\n+b\n");
	host = host_with(CHANGE_GONE, ORIGIN_UNKNOWN, "@@ -1 +0,0 @@\n-a\n");
	assert_string_equal(text_of(&host, false),
	    ", chrony): nothing is done to the daemon\n"
	    "--- time1:" CONFIG "\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
}

static void
what_a_hand_and_the_site_change_is_said_so(void **state UNUSED)
{
	struct rollout_host host = host_with(CHANGE_CONTENT, ORIGIN_BOTH, "");

	assert_non_null(strstr(text_of(&host, false),
	    "  by hand: " CONFIG " was changed, and the site changes it, too\n"));
}

static void
a_secret_is_not_shown(void **state UNUSED)
{
	struct rollout_host host = host_with(CHANGE_CONTENT, ORIGIN_SITE, "");

	entry.secret = true;
	assert_string_equal(text_of(&host, false),
	    ", chrony): nothing is done to the daemon\n"
	    "  " CONFIG " differs (a secret, not shown)\n");
	entry.secret = false;
}

static void
what_happens_to_the_agent_alone_is_said_of_the_agent(void **state UNUSED)
{
	static const struct {
		bool restart, begins, remove;
		const char *words;
	} cases[] = {
		{ true, false, false, ", chrony): agent restarts; daemon untouched\n" },
		{ true, true, false, ", chrony): agent starts; daemon untouched\n" },
		{ false, false, true, ", chrony): agent is taken away; daemon untouched\n" },
		{ false, false, false, ", chrony): nothing is done to the daemon\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rollout_host host = host_with(CHANGE_CONTENT, ORIGIN_SITE, "");

		host.plan.agent_restart = cases[i].restart;
		host.plan.agent_begins = cases[i].begins;
		host.plan.agent_remove = cases[i].remove;
		assert_ptr_equal(
		    strstr(text_of(&host, false), cases[i].words), text_of(&host, false));
		host.plan.restart = true; /* what is done to the daemon comes first */
		assert_non_null(strstr(text_of(&host, false), ", chrony): restart\n"));
	}
}

static void
a_verdict_gives_its_reasons(void **state UNUSED)
{
	struct rollout_host host = host_with(CHANGE_CONTENT, ORIGIN_SITE, "");
	struct verdict *verdict = &host.plan.verdict;

	host.plan.restart = host.plan.judged = true;
	verdict->kind = VERDICT_SAFE;
	snprintf(verdict->reasons[verdict->reason_count++], VERDICT_REASON_BYTES, "a");
	snprintf(verdict->reasons[verdict->reason_count++], VERDICT_REASON_BYTES, "b");
	assert_non_null(strstr(text_of(&host, false), "  a restart now: safe: a; b\n"));
	host.plan.measures = true;
	assert_non_null(strstr(text_of(&host, false), "  a restart now: safe: a; b\n"));
	verdict->kind = VERDICT_UNKNOWN;
	assert_non_null(strstr(text_of(&host, false),
	    "  a restart now: unknown: a; b; apply first asks the servers of its new "));
}

/* What a sysadmin reads of a host that somebody set up by hand, before the first rollout. */
static void
what_is_wrong_with_a_host_is_told_by_weight(void **state UNUSED)
{
	static const char *const ids[] = { "low-quorum", "not-chrony", "unlimited-step",
		"dhcp-replaces", "no-panic-limit", "chrony-no-limit", "open-serve",
		"preferred-source", "no-client-log", "dscp" };
	struct rollout_host host = host_with(CHANGE_CONTENT, ORIGIN_UNKNOWN, "");
	struct advice list[16] = { { .rule = lint_rule_find("rtc-off", NULL), .text = "off" },
		{ .rule = lint_rule_find("srv-sources", NULL), .text = "a timer" },
		{ .rule = lint_rule_find("rtc-off", NULL), .text = "no", .accepted = "why" },
		{ .rule = lint_rule_find("broadcast", NULL),
		    .text = "x",
		    .file = "/etc/ntpsec/ntp.d/a.conf",
		    .line = 3 } };
	size_t count = 4;

	for (size_t i = 0; i < COUNT(ids); i++) {
		list[count++] = (struct advice){ .rule = lint_rule_find(ids[i], NULL),
			.text = "is so",
			.file = CONFIG,
			.line = (unsigned)i,
			.replaced = true,
			.accepted = i == 1 ? "a lab" : NULL };
	}
	host.plan.advice = list;
	host.plan.advice_count = count;
	assert_string_equal(text_of(&host, false),
	    ", chrony): nothing is done to the daemon\n"
	    "  rtc-off (RST016): off\n"
	    "  note: srv-sources (DNS005): a timer\n"
	    "  broadcast (PEER006): /etc/ntpsec/ntp.d/a.conf:3: x\n"
	    "  in the files there now, which this plan replaces:\n"
	    "    low-quorum (RST003): " CONFIG ": is so\n"
	    "    unlimited-step (RST005): " CONFIG ":2: is so\n"
	    "    dhcp-replaces (RST012): " CONFIG ":3: is so\n"
	    "    no-panic-limit (RST008): " CONFIG ":4: is so\n"
	    "    chrony-no-limit (CHR004): " CONFIG ":5: is so\n"
	    "    open-serve (CHR001): " CONFIG ":6: is so\n"
	    "    preferred-source (SRC013): " CONFIG ":7: is so\n"
	    "    no-client-log (CHR005): " CONFIG ":8: is so\n"
	    "    and dscp (--json tells where)\n"
	    "--- time1:" CONFIG "\n+++ site:" CONFIG "\n");
}

static void
what_a_first_rollout_takes_away_stands_before_any_difference(void **state UNUSED)
{
	struct rollout_host host = host_with(CHANGE_CONTENT, ORIGIN_UNKNOWN, "");
	const struct plan_lost list[] = {
		{ .text = "a.example", .file = CONFIG, .line = 3, .source = true },
		{ .text = "built-in.example", .file = "", .source = true },
		{ .text = "refclock PPS /dev/pps0",
		    .file = CONFIG,
		    .line = 1,
		    .where = "refclocks" },
		{ .text = "xleave (b.example)", .file = CONFIG, .line = 4 },
	};

	host.plan.lost = list;
	host.plan.lost_count = COUNT(list);
	assert_string_equal(text_of(&host, false),
	    ", chrony): nothing is done to the daemon\n"
	    "  asks no longer: a.example (" CONFIG ":3), built-in.example\n"
	    "  lost: " CONFIG ":1: refclock PPS /dev/pps0 (`refclocks` keeps it)\n"
	    "  lost: " CONFIG ":4: xleave (b.example)\n"
	    "--- time1:" CONFIG "\n+++ site:" CONFIG "\n");
	host.plan.lost_count = 2;
	assert_non_null(strstr(text_of(&host, false), "built-in.example\n---"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_action_comes_first_then_the_reasons_then_the_difference),
		cmocka_unit_test(a_file_that_comes_or_goes_is_held_against_nothing),
		cmocka_unit_test(what_a_hand_and_the_site_change_is_said_so),
		cmocka_unit_test(a_secret_is_not_shown),
		cmocka_unit_test(what_happens_to_the_agent_alone_is_said_of_the_agent),
		cmocka_unit_test(what_is_wrong_with_a_host_is_told_by_weight),
		cmocka_unit_test(what_a_first_rollout_takes_away_stands_before_any_difference),
		cmocka_unit_test(a_verdict_gives_its_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
