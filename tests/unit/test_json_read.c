/* JSON that is read without a tree: it takes and tells what jansson does. */
#include "common/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
same_value(const struct json_doc *doc, const struct json_value *value, const json_t *json)
{
	const struct json_value *held = json_doc_first(value);
	json_t *item;
	size_t i;
	const char *name;

	if (value->type != json_typeof(json)) {
		return false;
	}
	switch (value->type) {
	case JSON_STRING:
		return strcmp(value->text, json_string_value(json)) == 0;
	case JSON_INTEGER:
		return value->integer == json_integer_value(json);
	case JSON_REAL:
		return value->real == json_real_value(json);
	case JSON_ARRAY:
		json_array_foreach((json_t *)(uintptr_t)json, i, item)
		{
			if (i >= value->count || !same_value(doc, held, item)) {
				return false;
			}
			held = json_doc_next(doc, held);
		}
		return value->count == json_array_size(json);
	case JSON_OBJECT:
		json_object_foreach((json_t *)(uintptr_t)json, name, item)
		{
			held = json_doc_member(doc, value, name);
			if (!held || !same_value(doc, held, item)) {
				return false;
			}
		}
		return value->count == json_object_size(json);
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
	default:
		return true;
	}
}

/* Both refuse @bytes, or both read the same. */
static void
assert_agrees(const char *bytes, size_t len)
{
	json_t *json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, NULL);
	struct json_doc doc;
	struct error err;
	int status = json_doc_read(&doc, bytes, len, &err);

	if ((status == 0) != json_is_object(json) ||
	    (status == 0 && !same_value(&doc, doc.values, json))) {
		fail_msg("%.*s: %s", (int)len, bytes, status == 0 ? "read" : err.text);
	}
	if (status == 0) {
		json_t *tree = json_doc_tree(&doc, doc.values);

		assert_true(json_equal(tree, json));
		json_decref(tree);
	}
	json_doc_free(&doc);
	json_decref(json);
}

static const char *const documents[] = {
	"{}",
	"{\"a\":1}",
	" { \"a\" : [ ] , \"b\" : { } } ",
	"{\"a\":[1,-2,0,-0,9223372036854775807,-9223372036854775808],\"b\":1.5e3,\"c\":-0.25E-2}",
	"{\"a\":true,\"b\":false,\"c\":null,\"d\":[[{\"e\":[\"f\",{}]}]]}",
	("{\"a\":\"b\\\"\\\\\\/"
	 "\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00\",\"\\u0061b\":\"\xc3\xa9\"}"),
	"{\"a\":9223372036854775808}",
	"{\"a\":1e999}",
	"{\"a\":01}",
	"{\"a\":1.}",
	"{\"a\":.5}",
	"{\"a\":+1}",
	"{\"a\":-}",
	"{\"a\":1e}",
	"{\"a\":tru}",
	"{\"a\":1,}",
	"{\"a\":[1,]}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":1,\"a\":2}",
	"{\"a\":1,\"\\u0061\":2}",
	"{\"a\":\"\\u0000\"}",
	"{\"a\":\"\\ud83d\"}",
	"{\"a\":\"\\x\"}",
	"{\"a\":\"\xff\"}",
	"{\"a\":\"\n\"}",
	"{\"a\":\"b",
	"{\"a\"",
	"{\"a\":[",
	"{} {}",
	"[]",
	"1",
	"",
	" ",
	"{\"a\":1e-400}",
};

static void
it_takes_and_tells_what_jansson_does(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(documents); i++) {
		assert_agrees(documents[i], strlen(documents[i]));
	}
}

static void
with_any_byte_changed_left_out_or_doubled_too(void **state UNUSED)
{
	static const char bytes[] = "{}[]\":,\\ 019.eE-+tu\"\n\xc3x";
	char text[256];

	for (size_t i = 0; i < COUNT(documents); i++) {
		size_t len = strlen(documents[i]);

		for (size_t at = 0; at < len; at++) {
			for (size_t j = 0; j + 1 < sizeof(bytes); j++) {
				memcpy(text, documents[i], len);
				text[at] = bytes[j];
				assert_agrees(text, len);
			}
			memmove(text, documents[i], at);
			memcpy(text + at, documents[i] + at + 1, len - at - 1);
			assert_agrees(text, len - 1);
			memcpy(text, documents[i], at + 1);
			memcpy(text + at + 1, documents[i] + at, len - at);
			assert_agrees(text, len + 1);
			assert_agrees(documents[i], at);
		}
	}
}

static void
what_is_too_deep_or_has_too_many_members_is_refused(void **state UNUSED)
{
	char text[JSON_READ_MEMBERS * 16];
	struct json_doc doc;
	struct error err;
	size_t len = 0;

	for (int i = 0; i <= JSON_READ_MEMBERS; i++) {
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%c\"m%d\":1", i ? ',' : '{', i);
	}
	snprintf(text + len, sizeof(text) - len, "}");
	assert_int_equal(json_doc_read(&doc, text, len + 1, &err), -1);
	json_doc_free(&doc);
	snprintf(text, sizeof(text), "{\"a\":");
	memset(text + 5, '[', 2000);
	assert_int_equal(json_doc_read(&doc, text, 2005, &err), -1);
	assert_non_null(strstr(err.text, "too deep"));
	json_doc_free(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_takes_and_tells_what_jansson_does),
		cmocka_unit_test(with_any_byte_changed_left_out_or_doubled_too),
		cmocka_unit_test(what_is_too_deep_or_has_too_many_members_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
