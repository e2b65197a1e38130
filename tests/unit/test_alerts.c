/* Which alerts there are, who is told, how often, and in which words. */
#include "orchestrator/alerts/alerts.h"
#include "orchestrator/alerts/words.h"
#include "orchestrator/topology/alert_way.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <cmocka.h>

#define S NS_PER_S
#define REAL (1700000000 * S) /* when the boot clock shows BEGUN */
#define BEGUN (100000 * S)

static const char site_yaml[] =
    ("site: test\n"
     "upstreams: [{name: u1, address: 192.0.2.101}]\n"
     "tiers: [{name: core, upstreams: all, peering: none,\n"
     "         servers: [{name: time1, address: 192.0.2.1}]}]\n"
     "clients: [{name: web, from: core, hosts: \"web[1-400]\"}]\n"
     "budget: {offset: 5ms, error_bound: 50ms}\n"
     "alerts:\n"
     "  - {name: hook, webhook: \"https://192.0.2.9/x\", hold: 30s, repeat: 1h}\n"
     "  - {name: manager, webhook: \"http://192.0.2.9/api/v2/alerts\", form: alertmanager,\n"
     "     least: bad, hold: 0s}\n"
     "  - {name: post, mail: ops@example.net}\n"
     "  - {name: log, syslog: true}\n");

static struct topology topology;
static struct conditions conditions;
static struct alerts alerts;
static int64_t boot_ns;

static int
set_up(void **state UNUSED)
{
	struct diags diags = { 0 };

	assert_int_equal(
	    topology_load_text(&topology, "s", site_yaml, strlen(site_yaml), &diags), 0);
	diags_free(&diags);
	boot_ns = BEGUN;
	conditions_init(&conditions, &topology, BEGUN);
	alerts = (struct alerts){ .begun_ns = BEGUN };
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	alerts_done(&alerts);
	conditions_done(&conditions);
	topology_free(&topology);
	return 0;
}

static int64_t
real_ns(void)
{
	return REAL + boot_ns - BEGUN;
}

static void
raise_one(size_t subject, enum condition_code code, enum health_state state)
{
	const struct finding finding = { state, "its \"why\"", true };

	conditions_judge(&conditions, subject, code, &finding, boot_ns);
}

static void
clear_one(size_t subject, enum condition_code code)
{
	conditions_judge(&conditions, subject, code, NULL, boot_ns);
	conditions_judge(&conditions, subject, code, NULL, boot_ns);
}

/* What the way number @at is told now; it is noted as told.  Returns how many, and the words. */
static size_t
told(size_t at, struct buf *words)
{
	struct alert_due *due;
	size_t count;

	alerts_update(&alerts, &conditions, real_ns(), boot_ns);
	count = alerts_due(&alerts, &topology.alerts[at], real_ns(), boot_ns, &due);
	if (words && count > 0) {
		alert_words(&topology.alerts[at], topology.site, due, count, real_ns(), words);
	}
	for (size_t i = 0; i < count; i++) {
		alerts_note(&alerts, topology.alerts[at].name, &due[i], real_ns());
	}
	free(due);
	return count;
}

static void
four_hundred_silent_hosts_are_one_alert_that_is_told_once(void **state UNUSED)
{
	struct buf words = { 0 };

	for (size_t i = 1; i <= 400; i++) {
		raise_one(i, CONDITION_SILENT, STATE_STALE);
	}
	assert_int_equal(told(0, NULL), 0); /* not yet for so long */
	boot_ns += 30 * S;
	assert_int_equal(told(3, NULL), 0);
	assert_int_equal(told(0, &words), 1);
	assert_non_null(strstr(buf_str(&words), "\\\"count\\\":400"));
	for (int i = 0; i < 100; i++) {
		boot_ns += 5 * S;
		assert_int_equal(told(0, NULL), 0);
	}
	assert_int_equal(told(3, NULL), 1); /* it waits a minute */
	boot_ns += 3600 * S;
	assert_int_equal(told(0, NULL), 1); /* it lasts */
	for (size_t i = 1; i <= 400; i++) {
		clear_one(i, CONDITION_SILENT);
	}
	buf_free(&words);
	assert_int_equal(told(0, &words), 1);
	assert_non_null(strstr(buf_str(&words), "resolved"));
	assert_non_null(strstr(buf_str(&words), "web1"));
	assert_int_equal(told(0, NULL), 0);
	assert_int_equal(told(3, NULL), 1); /* syslog knew of it */
	alerts_update(&alerts, &conditions, real_ns(), boot_ns);
	assert_int_equal(alerts.count, 0);
	buf_free(&words);
}

static void
who_wants_the_bad_alone_is_not_told_of_a_warning_until_it_is_bad(void **state UNUSED)
{
	raise_one(0, CONDITION_STEPPED, STATE_WARN);
	assert_int_equal(told(1, NULL), 0);
	raise_one(0, CONDITION_STEPPED, STATE_BAD);
	assert_int_equal(told(1, NULL), 1);
	assert_int_equal(told(1, NULL), 0);
	boot_ns += 60 * S;
	assert_int_equal(told(1, NULL), 1); /* Alertmanager is told each minute */
}

/* A condition is told, and the collector begins anew with what it kept; nobody was judged since. */
static void
begin_anew(void)
{
	struct error err;
	char *kept;

	raise_one(0, CONDITION_OVER_BUDGET, STATE_BAD);
	boot_ns += 60 * S;
	assert_int_equal(told(0, NULL), 1);
	kept = alerts_encode(&alerts);
	clear_one(0, CONDITION_OVER_BUDGET);
	alerts_done(&alerts);
	alerts.begun_ns = boot_ns;
	assert_int_equal(alerts_decode(&alerts, kept, strlen(kept), &err), 0);
	free(kept);
}

static void
after_a_restart_nothing_is_told_twice_and_nothing_is_over_too_soon(void **state UNUSED)
{
	struct error err;

	begin_anew();
	assert_int_equal(alerts.count, 1);
	assert_int_equal(told(0, NULL), 0); /* nobody was judged yet */
	raise_one(0, CONDITION_OVER_BUDGET, STATE_BAD);
	boot_ns += 60 * S;
	assert_int_equal(told(0, NULL), 0); /* it is the one of before */
	clear_one(0, CONDITION_OVER_BUDGET);
	assert_int_equal(told(0, NULL), 1);
	assert_int_equal(alerts_decode(&alerts, "[]", 2, &err), -1);
}

static void
what_was_over_during_the_restart_is_over_after_a_while(void **state UNUSED)
{
	begin_anew();
	boot_ns += ALERT_BEGIN_NS + S;
	assert_int_equal(told(0, NULL), 1);
	assert_int_equal(told(0, NULL), 0);
}

static void
each_form_has_its_words(void **state UNUSED)
{
	struct buf words = { 0 };
	char rule[ALERT_RULE_BYTES];

	raise_one(0, CONDITION_OVER_BUDGET, STATE_BAD);
	boot_ns += 60 * S;
	assert_string_equal(alert_rule_name(CONDITION_OVER_BUDGET, rule), "TimetierOverBudget");
	assert_int_equal(told(1, &words), 1);
	assert_ptr_equal(
	    strstr(buf_str(&words), "url = \"http://192.0.2.9/api/v2/alerts\"\n"), buf_str(&words));
	assert_non_null(strstr(buf_str(&words),
	    "data-raw = \"[{\\\"labels\\\":{\\\"alertname\\\":"
	    "\\\"TimetierOverBudget\\\""));
	assert_non_null(strstr(buf_str(&words), "\\\"severity\\\":\\\"critical\\\""));
	assert_non_null(strstr(buf_str(&words), "its \\\\\\\"why\\\\\\\""));
	buf_free(&words);
	assert_int_equal(told(2, &words), 1);
	assert_ptr_equal(strstr(buf_str(&words),
			     "To: ops@example.net\nSubject: test: bad: "
			     "beyond its budget: core\n"),
	    buf_str(&words));
	buf_free(&words);
	assert_int_equal(told(3, &words), 1);
	assert_string_equal(
	    buf_str(&words), "test: bad: beyond its budget: time1 (core): its \"why\"\n");
	buf_free(&words);
}

static void
a_way_that_is_none_or_two_is_a_mistake(void **state UNUSED)
{
	static const char *const wrong[] = {
		"alerts: [{name: a}]\n",
		"alerts: [{name: a, syslog: true, mail: a@b}]\n",
		"alerts: [{name: a, webhook: \"ftp://x/\"}]\n",
		"alerts: [{name: a, webhook: \"https://x/ y\"}]\n",
		"alerts: [{name: a, command: rm -rf}]\n",
		"alerts: [{name: a, mail: nobody}]\n",
		"alerts: [{name: a, syslog: true}, {name: a, syslog: true}]\n",
		"alerts: [{syslog: true}]\n",
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct topology site;
		struct diags diags = { 0 };
		char yaml[256];

		snprintf(yaml, sizeof(yaml), "site: test\n%s", wrong[i]);
		assert_int_equal(topology_load_text(&site, "s", yaml, strlen(yaml), &diags), -1);
		diags_free(&diags);
		topology_free(&site);
	}
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(four_hundred_silent_hosts_are_one_alert_that_is_told_once),
		CASE(who_wants_the_bad_alone_is_not_told_of_a_warning_until_it_is_bad),
		CASE(after_a_restart_nothing_is_told_twice_and_nothing_is_over_too_soon),
		CASE(what_was_over_during_the_restart_is_over_after_a_while),
		CASE(each_form_has_its_words),
		CASE(a_way_that_is_none_or_two_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
