/* The engine against what the mustache specification says of the parts that it has. */
#include "orchestrator/render/mustache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define NAMES_MAX 32

/* Values from JSON, as the specification writes them; partials are members of an object. */
struct json_world {
	struct arena arena;
	json_t *data, *partials;
	char *names[NAMES_MAX];
	size_t name_count;
};

static int
resolve(void *arg, const char *name, size_t len, struct error *err)
{
	struct json_world *world = arg;

	if (len == 7 && memcmp(name, "nowhere", len) == 0) {
		return error_set(err, "no name `nowhere`");
	}
	for (size_t i = 0; i < world->name_count; i++) {
		if (strlen(world->names[i]) == len && memcmp(world->names[i], name, len) == 0) {
			return (int)i;
		}
	}
	assert_true(world->name_count < NAMES_MAX);
	world->names[world->name_count] = arena_strndup(&world->arena, name, len);
	return (int)world->name_count++;
}

static const char *
partial(void *arg, const char *name, size_t *len)
{
	struct json_world *world = arg;
	const char *text = json_string_value(json_object_get(world->partials, name));

	*len = text ? strlen(text) : 0;
	return text;
}

static const json_t *
find(const struct json_world *world, const char *name, const struct mustache_frame *frame)
{
	if (strcmp(name, ".") == 0) {
		return frame ? frame->item : world->data;
	}
	for (; frame; frame = frame->outer) {
		const json_t *found = json_object_get(frame->item, name);

		if (found) {
			return found;
		}
	}
	return json_object_get(world->data, name);
}

static int
value(void *arg, int id, const struct mustache_frame *frame, struct mustache_value *out,
    struct error *err UNUSED)
{
	struct json_world *world = arg;
	const json_t *found = find(world, world->names[id], frame);
	const void **items;

	if (json_is_array(found)) {
		items = arena_alloc(&world->arena, (json_array_size(found) + 1) * sizeof(*items));
		out->kind = MUSTACHE_LIST;
		out->count = json_array_size(found);
		for (size_t i = 0; i < out->count; i++) {
			items[i] = json_array_get(found, i);
		}
		out->items = items;
	} else if (json_is_string(found)) {
		out->kind = MUSTACHE_TEXT;
		out->text = json_string_value(found);
	} else if (json_is_object(found)) {
		items = arena_alloc(&world->arena, sizeof(*items));
		items[0] = found;
		*out = (struct mustache_value){ .kind = MUSTACHE_LIST, .items = items, .count = 1 };
	} else {
		out->kind = json_is_true(found) ? MUSTACHE_TRUE : MUSTACHE_FALSE;
	}
	return 0;
}

struct example {
	const char *text;
	const char *data;
	const char *partials; /* NULL: none */
	enum mustache_escape escape;
};

static int
run(const struct example *example, struct buf *out, struct error *err)
{
	struct json_world world = { .name_count = 0 };
	const struct mustache_names names = { resolve, partial, &world };
	const struct mustache_data data = { value, &world };
	struct mustache_template *template;
	int status = -1;

	world.data = json_loads(example->data, 0, NULL);
	assert_non_null(world.data);
	world.partials = json_loads(example->partials ? example->partials : "{}", 0, NULL);
	assert_non_null(world.partials);
	template =
	    mustache_parse(&world.arena, "t", example->text, strlen(example->text), &names, err);
	if (template) {
		status = mustache_render(template, example->escape, &data, out, err);
	}
	json_decref(world.data);
	json_decref(world.partials);
	arena_free(&world.arena);
	return status;
}

static void
expect(const char *text, const char *data, const char *partials, const char *expected)
{
	const struct example example = { text, data, partials, MUSTACHE_HTML };
	struct buf out = { .limit_bytes = 65536 };
	struct error err = { "" };

	if (run(&example, &out, &err) < 0) {
		fail_msg("%s: %s", text, err.text);
	}
	assert_string_equal(buf_str(&out), expected);
	buf_free(&out);
}

static void
expect_error(const char *text, const char *data, const char *partials, const char *expected)
{
	const struct example example = { text, data, partials, MUSTACHE_LINE };
	struct buf out = { .limit_bytes = 65536 };
	struct error err = { "" };

	assert_int_equal(run(&example, &out, &err), -1);
	assert_string_equal(err.text, expected);
	buf_free(&out);
}

static void
text_without_tags_stays_as_it_is(void **state UNUSED)
{
	expect("Hello from {Mustache}!\n", "{}", NULL, "Hello from {Mustache}!\n");
	expect("", "{}", NULL, "");
}

static void
variables_are_put_in_and_missing_ones_are_empty(void **state UNUSED)
{
	expect("Hello, {{subject}}!\n", "{\"subject\": \"world\"}", NULL, "Hello, world!\n");
	expect("I ({{cannot}}) be seen!", "{}", NULL, "I () be seen!");
	expect("| {{ string }} |", "{\"string\": \"---\"}", NULL, "| --- |");
	expect("  {{string}}\n", "{\"string\": \"---\"}", NULL, "  ---\n");
	expect("|{{& string }}|{{{ string }}}|", "{\"string\": \"&\"}", NULL, "|&|&|");
}

static void
html_is_escaped_except_where_asked_not_to(void **state UNUSED)
{
	expect("{{x}}", "{\"x\": \"& \\\" < > '\"}", NULL, "&amp; &quot; &lt; &gt; &#39;");
	expect("{{{x}}} {{&x}}", "{\"x\": \"& \\\" <\"}", NULL, "& \" < & \" <");
}

static void
a_value_that_would_begin_a_line_is_refused(void **state UNUSED)
{
	static const char *const why =
	    "t:2:3: `x`: its value has a line break or control character";

	expect_error("\n# {{x}}", "{\"x\": \"a\\nserver evil\"}", NULL, why);
	expect_error("\n# {{{x}}}", "{\"x\": \"a\\rserver evil\"}", NULL, why);
	expect_error("\n# {{&x}}", "{\"x\": \"a\\u007f\"}", NULL, why);
}

static void
sections_appear_when_true_and_once_an_item(void **state UNUSED)
{
	expect("\"{{#boolean}}This should be rendered.{{/boolean}}\"", "{\"boolean\": true}", NULL,
	    "\"This should be rendered.\"");
	expect("\"{{#boolean}}This should not be rendered.{{/boolean}}\"", "{\"boolean\": false}",
	    NULL, "\"\"");
	expect("{{#missing}}x{{/missing}}{{#empty}}x{{/empty}}", "{\"empty\": []}", NULL, "");
	expect("\"{{#list}}{{item}}{{/list}}\"",
	    "{\"list\": [{\"item\": \"1\"}, {\"item\": \"2\"}, {\"item\": \"3\"}]}", NULL,
	    "\"123\"");
	expect("\"{{#list}}({{.}}){{/list}}\"", "{\"list\": [\"a\", \"b\"]}", NULL, "\"(a)(b)\"");
	expect("{{#bool}}\n* first\n{{/bool}}\n* {{two}}\n{{#bool}}\n* third\n{{/bool}}\n",
	    "{\"two\": \"second\", \"bool\": true}", NULL, "* first\n* second\n* third\n");
	expect("| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |", "{\"bool\": true}", NULL,
	    "| A B C D E |");
	expect("| A {{#bool}}B {{#bool}}C{{/bool}} D{{/bool}} E |", "{\"bool\": false}", NULL,
	    "| A  E |");
}

static void
inner_items_hide_outer_names_and_see_the_others(void **state UNUSED)
{
	expect("{{#a}}{{one}}{{#b}}{{one}}{{two}}{{#c}}{{one}}{{two}}{{three}}{{/c}}{{/b}}{{/a}}",
	    "{\"a\": {\"one\": \"1\"}, \"b\": {\"two\": \"2\"}, \"c\": {\"three\": \"3\"}}", NULL,
	    "1"
	    "12"
	    "123");
	expect("{{#sec}}{{a}}, {{b}}{{/sec}}",
	    "{\"a\": \"foo\", \"b\": \"wrong\", \"sec\": {\"b\": \"bar\"}}", NULL, "foo, bar");
	expect("{{#list}}{{^list}}no{{/list}}{{#in}}{{.}}{{/in}};{{/list}}",
	    "{\"list\": [{\"in\": [\"1\", \"2\"]}, {\"in\": []}]}", NULL, "12;;");
}

static void
inverted_sections_appear_when_false_or_empty(void **state UNUSED)
{
	expect("{{^boolean}}x{{/boolean}}", "{\"boolean\": false}", NULL, "x");
	expect("{{^boolean}}x{{/boolean}}", "{\"boolean\": true}", NULL, "");
	expect("{{^list}}x{{/list}}{{^missing}}y{{/missing}}", "{\"list\": []}", NULL, "xy");
	expect("{{^list}}x{{/list}}", "{\"list\": [{\"n\": \"1\"}]}", NULL, "");
	expect("{{^bool}}\n* first\n{{/bool}}\n* {{two}}\n", "{\"two\": \"second\"}", NULL,
	    "* first\n* second\n");
}

static void
comments_are_gone_with_their_line(void **state UNUSED)
{
	expect("12345{{! Comment Block! }}67890", "{}", NULL, "1234567890");
	expect("12345{{!\n  This is a\n  multi-line comment...\n}}67890\n", "{}", NULL,
	    "1234567890\n");
	expect("Begin.\n{{! Comment Block! }}\nEnd.\n", "{}", NULL, "Begin.\nEnd.\n");
	expect("Begin.\n  {{! Indented Comment Block! }}\nEnd.\n", "{}", NULL, "Begin.\nEnd.\n");
	expect("|\r\n{{! Standalone Comment }}\r\n|", "{}", NULL, "|\r\n|");
	expect("  {{! I'm Still Standalone }}\n!", "{}", NULL, "!");
	expect("!\n  {{! I'm Still Standalone }}", "{}", NULL, "!\n");
	expect(
	    "Begin.\n{{!\nSomething's going on here...\n}}\nEnd.\n", "{}", NULL, "Begin.\nEnd.\n");
	expect("  12 {{! 34 }}\n", "{}", NULL, "  12 \n");
	expect("12345 {{! Comment Block! }} 67890", "{}", NULL, "12345  67890");
}

static void
a_section_tag_alone_on_its_line_takes_the_line_with_it(void **state UNUSED)
{
	expect("| This Is\n{{#boolean}}\n|\n{{/boolean}}\n| A Line\n", "{\"boolean\": true}", NULL,
	    "| This Is\n|\n| A Line\n");
	expect("| This Is\n  {{#boolean}}\n|\n  {{/boolean}}\n| A Line\n", "{\"boolean\": true}",
	    NULL, "| This Is\n|\n| A Line\n");
	expect("|\r\n{{#boolean}}\r\n{{/boolean}}\r\n|", "{\"boolean\": true}", NULL, "|\r\n|");
	expect("  {{#boolean}}\n#{{/boolean}}\n/", "{\"boolean\": true}", NULL, "#\n/");
	expect("#{{#boolean}}\n/\n  {{/boolean}}", "{\"boolean\": true}", NULL, "#\n/\n");
	expect(
	    " | {{#boolean}}\t|\t{{/boolean}} | \n", "{\"boolean\": true}", NULL, " | \t|\t | \n");
	expect(" | {{#boolean}} {{! Important Whitespace }}\n {{/boolean}} | \n",
	    "{\"boolean\": true}", NULL, " |  \n  | \n");
	expect(" {{#boolean}}YES{{/boolean}}\n {{#boolean}}GOOD{{/boolean}}\n",
	    "{\"boolean\": true}", NULL, " YES\n GOOD\n");
	expect("|{{# boolean }}={{/ boolean }}|", "{\"boolean\": true}", NULL, "|=|");
}

static void
partials_are_put_in_with_the_indent_of_their_tag(void **state UNUSED)
{
	expect("\"{{>text}}\"", "{}", "{\"text\": \"from partial\"}", "\"from partial\"");
	expect("\"{{>partial}}\"", "{\"text\": \"content\"}", "{\"partial\": \"*{{text}}*\"}",
	    "\"*content*\"");
	expect("| {{>partial}} |", "{}", "{\"partial\": \"\\t|\\t\"}", "| \t|\t |");
	expect("  {{data}}  {{> partial}}\n", "{\"data\": \"|\"}", "{\"partial\": \">\\n>\"}",
	    "  |  >\n>\n");
	expect("|\r\n{{>partial}}\r\n|", "{}", "{\"partial\": \">\"}", "|\r\n>|");
	expect("  {{>partial}}\n>", "{}", "{\"partial\": \">\\n>\"}", "  >\n  >>");
	expect(">\n  {{>partial}}", "{}", "{\"partial\": \">\\n>\"}", ">\n  >\n  >");
	expect("\\\n {{>partial}}\n/\n", "{\"content\": \"<\\n->\"}",
	    "{\"partial\": \"|\\n{{{content}}}\\n|\\n\"}", "\\\n |\n <\n->\n |\n/\n");
	expect("|{{> partial }}|", "{}", "{\"partial\": \"[]\"}", "|[]|");
}

static void
what_is_wrong_is_named_with_its_place(void **state UNUSED)
{
	expect_error("a\nb {{#server}}\nc\n", "{}", NULL,
	    "t:2:3: section `server` opened at line 2 is never closed");
	expect_error("{{#a}}\n{{#b}}\n{{/a}}", "{}", NULL,
	    "t:3:1: {{/a}} where section `b`, opened at line 2, must be closed");
	expect_error("x\n  {{/a}}", "{}", NULL, "t:2:3: {{/a}} closes a section that is not open");
	expect_error("x {{a", "{}", NULL, "t:1:3: a tag that is never closed");
	expect_error("x {{{a}}", "{}", NULL, "t:1:3: a tag that is never closed");
	expect_error("{{  }}", "{}", NULL, "t:1:1: a tag without a name");
	expect_error("{{#}}", "{}", NULL, "t:1:1: a tag without a name");
	expect_error("{{a b}}", "{}", NULL, "t:1:1: a name holds no blanks or braces");
	expect_error("\n{{nowhere}}", "{}", NULL, "t:2:1: no name `nowhere`");
	expect_error(
	    "{{=<% %>=}}", "{}", NULL, "t:1:1: other delimiters than {{ and }} are not supported");
	expect_error("{{>gone}}", "{}", NULL, "t:1:1: there is no template `gone`");
	expect_error("\n  {{>p}}", "{}", "{\"p\": \"1\\n2 {{#a}}\"}",
	    "p:2:3: section `a` opened at line 2 is never closed");
	expect_error("{{#a}}{{>p}}", "{}", "{\"p\": \"{{/a}}\"}",
	    "p:1:1: {{/a}} closes a section that is not open");
}

static void
a_partial_that_names_itself_ends(void **state UNUSED)
{
	expect_error("{{>p}}", "{}", "{\"p\": \"x\\n {{>p}}\\n{{>p}}\"}",
	    "p:2:2: partial `p` is more than 8 partials deep");
}

static void
text_and_work_are_bounded(void **state UNUSED)
{
	const struct example example = { "{{#a}}{{#a}}{{#a}}12345678{{/a}}{{/a}}{{/a}}",
		"{\"a\": [\"1\", \"2\", \"3\", \"4\"]}", NULL, MUSTACHE_LINE };
	struct buf out = { .limit_bytes = 500 };
	struct error err = { "" };

	assert_int_equal(run(&example, &out, &err), -1);
	assert_string_equal(err.text, "the text grows beyond 500 bytes");
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_tags_stays_as_it_is),
		cmocka_unit_test(variables_are_put_in_and_missing_ones_are_empty),
		cmocka_unit_test(html_is_escaped_except_where_asked_not_to),
		cmocka_unit_test(a_value_that_would_begin_a_line_is_refused),
		cmocka_unit_test(sections_appear_when_true_and_once_an_item),
		cmocka_unit_test(inner_items_hide_outer_names_and_see_the_others),
		cmocka_unit_test(inverted_sections_appear_when_false_or_empty),
		cmocka_unit_test(comments_are_gone_with_their_line),
		cmocka_unit_test(a_section_tag_alone_on_its_line_takes_the_line_with_it),
		cmocka_unit_test(partials_are_put_in_with_the_indent_of_their_tag),
		cmocka_unit_test(what_is_wrong_is_named_with_its_place),
		cmocka_unit_test(a_partial_that_names_itself_ends),
		cmocka_unit_test(text_and_work_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
