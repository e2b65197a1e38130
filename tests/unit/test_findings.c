#include "orchestrator/lint/findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
fill(struct diags *diags)
{
	*diags = (struct diags){ 0 };
	diags_add(diags, SEVERITY_ERROR, "few-sources", (struct pos){ "a b/site.yaml", 7, 11 },
	    "tier \"%s\" has 3", "caf\303\251");
	diags_add(diags, SEVERITY_WARNING, "duplicate-name", (struct pos){ "/etc/site.yaml", 0, 0 },
	    "whole file");
	diags_add_accepted(
	    diags, "burst", (struct pos){ "site.yaml", 9, 3 }, "it is ours", "burst");
}

/* What a program would write and another read again. */
static json_t *
through_text(json_t *json)
{
	char *text = json_dumps(json, 0);
	json_t *again;

	assert_non_null(text);
	again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(again);
	free(text);
	json_decref(json);
	return again;
}

static const char *
text_at(json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "(none)";
}

static void
json_tells_all_of_a_finding(void **state UNUSED)
{
	struct diags diags;
	json_t *json, *list, *first;

	fill(&diags);
	json = through_text(findings_json(&diags, "site.yaml"));
	assert_string_equal(text_at(json, "file"), "site.yaml");
	assert_int_equal(json_integer_value(json_object_get(json, "errors")), 1);
	assert_int_equal(json_integer_value(json_object_get(json, "warnings")), 1);
	assert_int_equal(json_integer_value(json_object_get(json, "accepted")), 1);
	assert_int_equal(json_integer_value(json_object_get(json, "not_shown")), 0);
	list = json_object_get(json, "findings");
	assert_int_equal(json_array_size(list), 3);
	first = json_array_get(list, 0);
	assert_string_equal(text_at(first, "file"), "a b/site.yaml");
	assert_int_equal(json_integer_value(json_object_get(first, "line")), 7);
	assert_int_equal(json_integer_value(json_object_get(first, "column")), 11);
	assert_string_equal(text_at(first, "severity"), "error");
	assert_string_equal(text_at(first, "rule"), "few-sources");
	assert_string_equal(text_at(first, "number"), "SRC001");
	assert_string_equal(text_at(first, "text"), "tier \"caf\303\251\" has 3");
	assert_true(json_is_null(json_object_get(first, "accepted")));
	assert_string_equal(text_at(first, "source"), "RFC 8633 section 3.2");
	assert_true(json_is_null(json_object_get(json_array_get(list, 1), "number")));
	assert_string_equal(text_at(json_array_get(list, 2), "accepted"), "it is ours");
	json_decref(json);
	diags_free(&diags);
}

static json_t *
physical_location(json_t *result)
{
	json_t *list = json_object_get(result, "locations");

	assert_int_equal(json_array_size(list), 1);
	return json_object_get(json_array_get(list, 0), "physicalLocation");
}

static void
sarif_has_the_shape_that_its_standard_demands(void **state UNUSED)
{
	struct diags diags;
	json_t *log, *run, *driver, *rules, *results, *first, *place;
	size_t index;

	fill(&diags);
	log = through_text(findings_sarif(&diags));
	assert_string_equal(text_at(log, "version"), "2.1.0");
	assert_int_equal(json_array_size(json_object_get(log, "runs")), 1);
	run = json_array_get(json_object_get(log, "runs"), 0);
	driver = json_object_get(json_object_get(run, "tool"), "driver");
	assert_string_equal(text_at(driver, "name"), "timetier");
	rules = json_object_get(driver, "rules");
	assert_int_equal(json_array_size(rules), lint_rule_count());
	results = json_object_get(run, "results");
	assert_int_equal(json_array_size(results), 3);
	first = json_array_get(results, 0);
	assert_string_equal(text_at(first, "level"), "error");
	index = (size_t)json_integer_value(json_object_get(first, "ruleIndex"));
	assert_string_equal(text_at(json_array_get(rules, index), "id"), text_at(first, "ruleId"));
	place = physical_location(first);
	assert_string_equal(
	    text_at(json_object_get(place, "artifactLocation"), "uri"), "a%20b/site.yaml");
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(place, "region"), "startLine")), 7);
	assert_int_equal(
	    json_integer_value(json_object_get(json_object_get(place, "region"), "startColumn")),
	    11);
	json_decref(log);
	diags_free(&diags);
}

static void
sarif_suppresses_what_is_accepted_and_has_no_region_for_a_whole_file(void **state UNUSED)
{
	struct diags diags;
	json_t *log, *results, *suppressions, *place;

	fill(&diags);
	log = through_text(findings_sarif(&diags));
	results = json_object_get(json_array_get(json_object_get(log, "runs"), 0), "results");
	assert_null(json_object_get(json_array_get(results, 0), "suppressions"));
	place = physical_location(json_array_get(results, 1));
	assert_null(json_object_get(place, "region"));
	assert_string_equal(
	    text_at(json_object_get(place, "artifactLocation"), "uri"), "file:///etc/site.yaml");
	assert_null(json_object_get(json_array_get(results, 1), "ruleIndex"));
	suppressions = json_object_get(json_array_get(results, 2), "suppressions");
	assert_int_equal(json_array_size(suppressions), 1);
	assert_string_equal(text_at(json_array_get(suppressions, 0), "kind"), "external");
	assert_string_equal(
	    text_at(json_array_get(suppressions, 0), "justification"), "it is ours");
	json_decref(log);
	diags_free(&diags);
}

static void
bytes_that_are_not_utf_8_do_not_break_the_json(void **state UNUSED)
{
	struct diags diags = { 0 };
	json_t *json;

	diags_add(
	    &diags, SEVERITY_ERROR, "bad-value", (struct pos){ "caf\351.yaml", 1, 1 }, "caf\351");
	json = through_text(findings_json(&diags, "caf\351.yaml"));
	assert_string_equal(text_at(json, "file"), "caf\\xe9.yaml");
	json_decref(json);
	json_decref(through_text(findings_sarif(&diags)));
	diags_free(&diags);
}

static void
a_clean_site_is_an_empty_list(void **state UNUSED)
{
	struct diags diags = { 0 };
	json_t *json = through_text(findings_json(&diags, "site.yaml"));

	assert_int_equal(json_array_size(json_object_get(json, "findings")), 0);
	json_decref(json);
	json = through_text(findings_sarif(&diags));
	json_decref(json);
	diags_free(&diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_tells_all_of_a_finding),
		cmocka_unit_test(sarif_has_the_shape_that_its_standard_demands),
		cmocka_unit_test(
		    sarif_suppresses_what_is_accepted_and_has_no_region_for_a_whole_file),
		cmocka_unit_test(bytes_that_are_not_utf_8_do_not_break_the_json),
		cmocka_unit_test(a_clean_site_is_an_empty_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
