#include "common/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
findings_are_printed_in_the_order_of_the_file(void **state UNUSED)
{
	struct diags diags = { 0 };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	diags_add(&diags, SEVERITY_WARNING, "b", (struct pos){ "s.yaml", 9, 1 }, "second");
	diags_add(&diags, SEVERITY_ERROR, "a", (struct pos){ "s.yaml", 2, 4 }, "first %d", 1);
	diags_add(&diags, SEVERITY_NOTE, "c", (struct pos){ "s.yaml", 9, 1 }, "third");
	diags_add(&diags, SEVERITY_ERROR, "d", (struct pos){ "k.yaml", 0, 0 }, "no such file");
	diags_sort(&diags);
	diags_print(&diags, out, false);
	fclose(out);
	assert_string_equal(text,
	    "k.yaml: error: no such file [d]\n"
	    "s.yaml:2:4: error: first 1 [a]\n"
	    "s.yaml:9:1: warning: second [b]\n"
	    "s.yaml:9:1: note: third [c]\n");
	assert_int_equal(diags.errors, 2);
	assert_int_equal(diags.warnings, 1);
	free(text);
	diags_free(&diags);
}

static void
beyond_the_limit_findings_are_counted_and_not_kept(void **state UNUSED)
{
	struct diags diags = { 0 };

	for (int i = 0; i < DIAGS_MAX + 5; i++) {
		diags_add(&diags, SEVERITY_ERROR, "a", (struct pos){ "s", 1, 1 }, "%d", i);
	}
	assert_int_equal(diags.count, DIAGS_MAX);
	assert_int_equal(diags.dropped, 5);
	assert_int_equal(diags.errors, DIAGS_MAX + 5);
	diags_free(&diags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_are_printed_in_the_order_of_the_file),
		cmocka_unit_test(beyond_the_limit_findings_are_counted_and_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
