/* What the site's hosts answered becomes findings; and nobody else is ever asked. */
#include "common/file.h"
#include "common/resource.h"
#include "measure/volley.h"
#include "orchestrator/audit/audit.h"
#include "orchestrator/audit/letter.h"
#include "orchestrator/audit/scope.h"
#include "orchestrator/lint/lint.h"
#include "orchestrator/show/audit.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ROWS_MAX 16
#define NOW_NS (INT64_C(1796000000) * NS_PER_S)

struct bed {
	struct topology topology;
	struct audit_row rows[ROWS_MAX];
	struct audit audit;
};

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static void
begin(struct bed *bed)
{
	struct diags diags = { 0 };

	memset(bed, 0, sizeof(*bed));
	if (topology_load(&bed->topology, "tests/audit/site.yaml", &diags) < 0) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	bed->audit = (struct audit){ &bed->topology, bed->rows, 0 };
}

static const struct host *
host_at(const struct topology *topology, const struct ip *ip)
{
	for (size_t i = 0; i < topology->host_count; i++) {
		const struct host *host = &topology->hosts[i];

		for (size_t k = 0; k < host->addresses.count; k++) {
			if (ip_equal(&host->addresses.list[k].ip, ip)) {
				return host;
			}
		}
	}
	fail_msg("no host has this address");
	return NULL;
}

/* Take what @file says was seen. */
static void
see(struct bed *bed, const char *file)
{
	json_error_t wrong;
	json_t *list = json_load_file(file, 0, &wrong);
	struct ip to[ROWS_MAX];
	struct doors_seen seen[ROWS_MAX];
	struct error err;

	if (!list) {
		fail_msg("%s:%d: %s", file, wrong.line, wrong.text);
	}
	bed->audit.count = json_array_size(list);
	assert_in_range(bed->audit.count, 1, ROWS_MAX);
	for (size_t i = 0; i < bed->audit.count; i++) {
		to[i] = ip_of(json_string_value(json_object_get(json_array_get(list, i), "to")));
	}
	if (doors_of_json(list, to, bed->audit.count, seen, &err) < 0) {
		fail_msg("%s: %s", file, err.text);
	}
	for (size_t i = 0; i < bed->audit.count; i++) {
		bed->rows[i] = (struct audit_row){ host_at(&bed->topology, &to[i]), seen[i] };
	}
	json_decref(list);
}

/* The findings, a line each, as `timetier audit` prints them. */
static char *
findings(struct bed *bed)
{
	struct diags diags = { 0 };
	size_t len;
	char *text;
	FILE *out = open_memstream(&text, &len);

	audit_judge(&bed->audit, NOW_NS, &diags);
	diags_print(&diags, out, false);
	fclose(out);
	diags_free(&diags);
	return text;
}

static void
every_rule_of_audit_tells_exactly_what_is_wrong_and_is_content_with_what_is_good(
    void **state UNUSED)
{
	static struct bed bed;
	size_t judged = 0;

	for (size_t i = 0; i < lint_rule_count(); i++) {
		const struct lint_rule *rule = lint_rule_at(i);
		struct buf expected = { 0 };
		struct error err;
		char file[128], tag[64];
		char *found;

		if (!(rule->where & JUDGED_AUDIT) || strcmp(rule->id, "spoofing-open") == 0 ||
		    strcmp(rule->id, "verify-fails") == 0) {
			continue; /* by --spoof and --verify (test_member.c), not by doors */
		}
		judged++;
		begin(&bed);
		snprintf(tag, sizeof(tag), "[%s]", rule->id);
		snprintf(file, sizeof(file), "tests/lint/%s/bad.audit", rule->id);
		see(&bed, file);
		found = findings(&bed);
		snprintf(file, sizeof(file), "tests/lint/%s/bad.audit.expected", rule->id);
		if (file_read(file, &expected, &err) != 0) {
			fail_msg("%s; found\n%s", err.text, found);
		}
		if (strcmp(found, buf_str(&expected)) != 0 || !strstr(found, tag)) {
			fail_msg("%s: found\n%sand not\n%s", file, found, buf_str(&expected));
		}
		buf_free(&expected);
		free(found);
		snprintf(file, sizeof(file), "tests/lint/%s/good.audit", rule->id);
		see(&bed, file);
		found = findings(&bed);
		if (strstr(found, tag)) {
			fail_msg("%s is not good: %s", file, found);
		}
		free(found);
		topology_free(&bed.topology);
	}
	assert_in_range(judged, 10, 100);
}

static void
a_finding_that_the_site_accepts_is_a_note(void **state UNUSED)
{
	static const char more[] = "accept:\n  - {rule: open-time, on: time1, because: a study}\n";
	static struct bed bed;
	struct buf text = { 0 };
	struct diags diags = { 0 };
	struct error err;
	char *found;

	memset(&bed, 0, sizeof(bed));
	assert_int_equal(file_read("tests/audit/site.yaml", &text, &err), 0);
	buf_text(&text, more);
	assert_int_equal(
	    topology_load_text(&bed.topology, "site.yaml", buf_str(&text), text.len, &diags), 0);
	bed.audit = (struct audit){ &bed.topology, bed.rows, 0 };
	see(&bed, "tests/lint/open-time/bad.audit");
	found = findings(&bed);
	assert_non_null(strstr(found, "note: accepted: time1"));
	assert_non_null(strstr(found, "(a study) [open-time]"));
	free(found);
	buf_free(&text);
	topology_free(&bed.topology);
}

static void
what_should_come_follows_from_the_site_and_the_address_that_asks(void **state UNUSED)
{
	static const struct {
		const char *host, *from;
		enum access_rule rules[DOOR_COUNT]; /* status, clients, config, commands, time */
	} cases[] = {
#define NO ACCESS_MUST_NOT
#define YES ACCESS_MUST
#define ANY ACCESS_EITHER
		{ "time2", "192.0.2.254", { NO, NO, NO, NO, NO } },
		{ "time2", "192.0.2.50", { NO, NO, NO, NO, YES } },
		{ "time2", "192.0.2.33", { YES, NO, NO, NO, YES } },
		{ "time1", "192.0.2.33", { NO, NO, NO, NO, YES } },  /* chrony has no mode 6 */
		{ "time4", "192.0.2.33", { ANY, NO, NO, NO, YES } }, /* its daemon is not known */
		{ "time4", "192.0.2.50", { NO, NO, NO, NO, YES } },
		{ "time2", "2001:db8::33", { YES, NO, NO, NO, YES } },
		{ "time2", "2001:db8::1:1", { NO, NO, NO, NO, NO } },
		{ "time2", "192.0.2.2", { ANY, ANY, ANY, ANY, ANY } }, /* the host itself */
		{ "client1", "192.0.2.50", { NO, NO, NO, NO, NO } },
		{ "client1", "192.0.2.1", { NO, NO, NO, NO, ANY } }, /* its server */
	};
	static struct bed bed;

	begin(&bed);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ip from = ip_of(cases[i].from);

		for (int k = 0; k < DOOR_COUNT; k++) {
			if (audit_rule(&bed.topology, topology_host(&bed.topology, cases[i].host),
				(enum door)k, &from) != cases[i].rules[k]) {
				fail_msg(
				    "%s from %s: %s", cases[i].host, cases[i].from, door_name(k));
			}
		}
	}
	topology_free(&bed.topology);
}

static void
scripts_are_told_what_was_expected_what_came_and_its_factor(void **state UNUSED)
{
	static struct bed bed;
	struct diags diags = { 0 };
	json_t *json, *row, *door;

	begin(&bed);
	see(&bed, "tests/lint/open-status/bad.audit");
	audit_judge(&bed.audit, NOW_NS, &diags);
	json = audit_json(&bed.audit, "root@probe", &diags);
	assert_string_equal(json_string_value(json_object_get(json, "site")), "audit");
	assert_string_equal(json_string_value(json_object_get(json, "from")), "root@probe");
	assert_int_equal(json_integer_value(json_object_get(json, "errors")), 2);
	assert_int_equal(json_array_size(json_object_get(json, "findings")), 2);
	row = json_array_get(json_object_get(json, "addresses"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "host")), "time3");
	assert_string_equal(json_string_value(json_object_get(row, "to")), "192.0.2.3");
	assert_string_equal(json_string_value(json_object_get(row, "from")), "192.0.2.254");
	assert_string_equal(json_string_value(json_object_get(row, "version")), "ntpd 4.2.8p15");
	door = json_object_get(json_object_get(row, "doors"), "status");
	assert_string_equal(json_string_value(json_object_get(door, "expected")), "silence");
	assert_string_equal(json_string_value(json_object_get(door, "came")), "answered");
	assert_true(json_is_false(json_object_get(door, "right")));
	assert_int_equal(json_integer_value(json_object_get(door, "packets")), 2);
	assert_true(json_real_value(json_object_get(door, "factor")) == 53.0);
	door = json_object_get(json_object_get(row, "doors"), "time");
	assert_string_equal(json_string_value(json_object_get(door, "came")), "silent");
	assert_true(json_is_true(json_object_get(door, "right")));
	json_decref(json);
	diags_free(&diags);
	topology_free(&bed.topology);
}

/* --- nobody else is asked --- */

#define RANDOM_ADDRESSES 10000

static void
random_ip(unsigned *seed, struct ip *ip)
{
	*ip = (struct ip){ .family = rand_r(seed) % 2 ? IP_V4 : IP_V6 };
	for (int i = 0; i < (ip->family == IP_V4 ? 4 : 16); i++) {
		ip->bytes[i] = (uint8_t)rand_r(seed);
	}
	if (rand_r(seed) % 3 == 0) { /* near those of the site */
		struct ip near = ip_of(ip->family == IP_V4 ? "192.0.2.0" : "2001:db8::");
		unsigned last = ip->family == IP_V4 ? 3 : 15;

		near.bytes[last] = ip->bytes[last];
		*ip = near;
	}
}

/* As volley asks: it is the only way to a socket.  Every address that may be asked is declared. */
static void
of_ten_thousand_random_addresses_none_is_asked_but_the_sites_own(void **state UNUSED)
{
	static struct volley_question questions[RANDOM_ADDRESSES];
	static struct volley_answer answers[RANDOM_ADDRESSES];
	static struct bed bed;
	struct audit_scope scope;
	struct audit_scope none = { 0 };
	struct volley volley = { questions, RANDOM_ADDRESSES, audit_may_ask, &none };
	unsigned seed = (unsigned)time(NULL);
	size_t allowed = 0;

	print_message("seed %u\n", seed);
	begin(&bed);
	audit_scope_begin(&scope, &bed.topology);
	for (size_t i = 0; i < RANDOM_ADDRESSES; i++) {
		struct ip ip;
		bool declared = false;

		random_ip(&seed, &ip);
		for (size_t k = 0; k < bed.topology.host_count; k++) {
			const struct address_list *list = &bed.topology.hosts[k].addresses;

			for (size_t a = 0; a < list->count; a++) {
				declared = declared || ip_equal(&list->list[a].ip, &ip);
			}
		}
		assert_int_equal(audit_may_ask(&scope, &ip), declared);
		allowed += declared;
		questions[i] = (struct volley_question){
			.to = ip, .port = 123, .bytes = (const uint8_t *)"", .unless = -1
		};
	}
	assert_in_range(allowed, 1, RANDOM_ADDRESSES / 2);
	volley_run(&volley, answers); /* of a site without hosts: no packet leaves */
	for (size_t i = 0; i < RANDOM_ADDRESSES; i++) {
		assert_int_equal(answers[i].end, VOLLEY_NOT_SENT);
		assert_int_equal(answers[i].errnum, EPERM);
		assert_int_equal(
		    answers[i].from.family, IP_NONE); /* not even a route was looked up */
	}
	audit_scope_free(&scope);
	topology_free(&bed.topology);
}

static void
upstreams_and_what_no_host_can_have_are_not_asked_even_when_declared(void **state UNUSED)
{
	static const char text[] =
	    "site: x\nupstreams: [{name: u, address: 192.0.2.9}]\ntiers:\n"
	    "  - {name: core, upstreams: all, servers: [{name: a, address: [192.0.2.9, 224.0.1.1,\n"
	    "     255.255.255.255, 0.0.0.0, \"ff05::101\", \"::\", 192.0.2.1]}]}\n";
	static const char *const never[] = { "192.0.2.9", "224.0.1.1", "255.255.255.255", "0.0.0.0",
		"ff05::101", "::" };
	struct topology topology = { .file = NULL };
	struct audit_scope scope;
	struct diags diags = { 0 };
	struct ip ip = ip_of("192.0.2.1");

	(void)!topology_load_text(&topology, "site.yaml", text, sizeof(text) - 1, &diags);
	audit_scope_begin(&scope, &topology);
	assert_true(audit_may_ask(&scope, &ip));
	for (size_t i = 0; i < COUNT(never); i++) {
		ip = ip_of(never[i]);
		assert_false(audit_may_ask(&scope, &ip));
		audit_scope_add(&scope, &topology, &ip); /* a name leads there */
		assert_false(audit_may_ask(&scope, &ip));
	}
	ip = ip_of("198.51.100.7");
	assert_false(audit_may_ask(&scope, &ip));
	audit_scope_add(&scope, &topology, &ip);
	assert_true(audit_may_ask(&scope, &ip));
	audit_scope_free(&scope);
	diags_free(&diags);
	topology_free(&topology);
}

/* --- the words to the provider --- */

static void
the_letter_names_the_networks_and_the_day_of_a_test(void **state UNUSED)
{
	const struct resource *letter =
	    resource_find(template_resources, template_resource_count, LETTER_TEMPLATE);
	struct buf out = { .limit_bytes = 10000 };
	static struct bed bed;
	struct error err;

	begin(&bed);
	assert_non_null(letter);
	assert_int_equal(
	    letter_write(&bed.topology, letter->bytes, letter->len, NULL, &out, &err), 0);
	assert_non_null(strstr(buf_str(&out), "time servers (audit)"));
	assert_non_null(strstr(buf_str(&out), "   - 192.0.2.0/26\n   - 2001:db8::/120\n"));
	assert_null(strstr(buf_str(&out), "A test of ours"));
	assert_null(strstr(buf_str(&out), "{{"));
	buf_reset(&out);
	assert_int_equal(
	    letter_write(&bed.topology, letter->bytes, letter->len, "2026-11-30", &out, &err), 0);
	assert_non_null(strstr(buf_str(&out), "A test of ours on 2026-11-30 showed"));
	buf_free(&out);
	topology_free(&bed.topology);
}

static void
a_letter_of_ones_own_with_a_wrong_name_is_told_with_its_place(void **state UNUSED)
{
	static const char text[] = "Dear all,\n{{netwroks}}\n";
	struct buf out = { .limit_bytes = 10000 };
	static struct bed bed;
	struct error err;

	begin(&bed);
	assert_int_equal(letter_write(&bed.topology, text, sizeof(text) - 1, NULL, &out, &err), -1);
	assert_non_null(strstr(err.text, "provider.mail:2:"));
	assert_non_null(strstr(err.text, "netwroks"));
	assert_int_equal(letter_write(&bed.topology, "{{network}}", 11, NULL, &out, &err), -1);
	buf_free(&out);
	topology_free(&bed.topology);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_rule_of_audit_tells_exactly_what_is_wrong_and_is_content_with_what_is_good),
		cmocka_unit_test(a_finding_that_the_site_accepts_is_a_note),
		cmocka_unit_test(what_should_come_follows_from_the_site_and_the_address_that_asks),
		cmocka_unit_test(scripts_are_told_what_was_expected_what_came_and_its_factor),
		cmocka_unit_test(of_ten_thousand_random_addresses_none_is_asked_but_the_sites_own),
		cmocka_unit_test(
		    upstreams_and_what_no_host_can_have_are_not_asked_even_when_declared),
		cmocka_unit_test(the_letter_names_the_networks_and_the_day_of_a_test),
		cmocka_unit_test(a_letter_of_ones_own_with_a_wrong_name_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
