/* Each tests/topology/NAME.yaml is answered by exactly the lines of NAME.expected. */
#include "common/file.h"
#include "orchestrator/topology/topology.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *
findings_of(const char *path)
{
	struct topology topology;
	struct diags diags = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int status = topology_load(&topology, path, &diags);

	diags_print(&diags, out, false);
	fclose(out);
	assert_int_equal(status, diags.errors > 0 ? -1 : 0);
	for (size_t i = 0; i < diags.count; i++) {
		assert_true(diags.list[i].pos.line > 0 && diags.list[i].pos.column > 0);
	}
	diags_free(&diags);
	topology_free(&topology);
	return text;
}

static void
compare(const char *path)
{
	struct buf expected = { .limit_bytes = 1 << 20 };
	char beside[256], *found = findings_of(path);
	struct error err;

	snprintf(beside, sizeof(beside), "%.*s.expected", (int)(strlen(path) - 5), path);
	if (file_read(beside, &expected, &err) < 0) {
		fail_msg("%s", err.text);
	}
	if (strcmp(found, buf_str(&expected)) != 0) {
		fail_msg("%s: found\n%sexpected\n%s", path, found, buf_str(&expected));
	}
	buf_free(&expected);
	free(found);
}

static void
every_mistake_is_found_in_one_run_each_at_its_place(void **state UNUSED)
{
	glob_t files;

	assert_int_equal(glob("tests/topology/*.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		compare(files.gl_pathv[i]);
	}
	globfree(&files);
}

static void
ten_mistakes_are_ten_findings(void **state UNUSED)
{
	char *found = findings_of("tests/topology/ten-mistakes.yaml");
	size_t lines = 0;

	for (const char *at = found; *at; at++) {
		lines += *at == '\n';
	}
	assert_int_equal(lines, 10);
	free(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake_is_found_in_one_run_each_at_its_place),
		cmocka_unit_test(ten_mistakes_are_ten_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
