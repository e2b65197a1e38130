/* Whether foreign addresses can leave the site: what site.yaml says of it. */
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct topology site;
static struct diags diags;

static int
forget(void **state UNUSED)
{
	topology_free(&site);
	diags_free(&diags);
	return 0;
}

static void
load(const char *text)
{
	if (topology_load_text(&site, "site.yaml", text, strlen(text), &diags) < 0) {
		diags_print(&diags, stderr, false);
		fail_msg("the site is called unsound");
	}
}

#define CORE                                                                                       \
	"site: s\n"                                                                                \
	"upstreams: [{name: u1, address: 192.0.2.101}, {name: u2, address: 192.0.2.102}]\n"        \
	"tiers:\n"                                                                                 \
	"  - {name: core, upstreams: all, servers: [{name: t1, address: 192.0.2.1},\n"             \
	"     {name: t2, address: 192.0.2.2}, {name: t3, address: 192.0.2.3}]}\n"

static void
the_border_is_known_with_the_day_on_which_it_was_tried(void **state UNUSED)
{
	load(CORE "border: {filtered: true, because: 'a test', checked: 2026-11-30}\n");
	assert_true(site.border.filtered);
	assert_string_equal(site.border.because, "a test");
	assert_int_equal(site.border.checked_ns / NS_PER_S, 1796083200); /* the end of that day */
	assert_true(site.border.pos.line > 0);
	topology_free(&site);
	load(CORE);
	assert_false(site.border.filtered);
	assert_int_equal(site.border.pos.line, 0);
}

static void
a_border_without_its_reason_or_with_a_wrong_day_is_told(void **state UNUSED)
{
	static const char *const borders[] = { "{filtered: maybe, because: x}", "{filtered: true}",
		"{because: x}", "{filtered: true, because: x, checked: 2026-02-30}" };

	for (size_t i = 0; i < COUNT(borders); i++) {
		char text[1024];

		snprintf(text, sizeof(text), CORE "border: %s\n", borders[i]);
		assert_int_equal(
		    topology_load_text(&site, "site.yaml", text, strlen(text), &diags), -1);
		assert_int_equal(diags.errors, 1);
		topology_free(&site);
		diags_free(&diags);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    the_border_is_known_with_the_day_on_which_it_was_tried, forget),
		cmocka_unit_test_teardown(
		    a_border_without_its_reason_or_with_a_wrong_day_is_told, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
