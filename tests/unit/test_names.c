#include "common/file.h"
#include "orchestrator/collect/names.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char site_yaml[] =
    "site: test\n"
    "upstreams:\n"
    "  - {name: alder, address: 192.0.2.101}\n"
    "  - {name: here, address: localhost}\n"
    "tiers:\n"
    "  - name: core\n"
    "    upstreams: all\n"
    "    peering: none\n"
    "    servers:\n"
    "      - {name: time1, address: [192.0.2.1, \"2001:db8::1\"], daemon: chrony}\n";

static struct topology topology;

static int
set_up(void **state UNUSED)
{
	char path[] = "/tmp/timetier-names.XXXXXX";
	struct diags diags = { 0 };
	struct error err;
	int status;

	close(mkstemp(path));
	if (file_replace(path, site_yaml, strlen(site_yaml), 0600, &err) < 0) {
		return -1;
	}
	status = topology_load(&topology, path, &diags);
	diags_print(&diags, stderr, false);
	diags_free(&diags);
	unlink(path);
	return status;
}

static int
tear_down(void **state UNUSED)
{
	topology_free(&topology);
	return 0;
}

static void
every_spelling_of_an_address_finds_its_owner(void **state UNUSED)
{
	struct names names;

	names_init(&names, &topology);
	assert_string_equal(names_find(&names, "192.0.2.101")->upstream->name, "alder");
	assert_string_equal(names_find(&names, "192.0.2.1")->host->name, "time1");
	assert_string_equal(names_find(&names, "2001:DB8:0:0::1")->host->name, "time1");
	assert_null(names_find(&names, "192.0.2.99"));
	assert_null(names_find(&names, ".GPS."));
	names_done(&names);
}

static void
dns_names_are_resolved_off_the_loop(void **state UNUSED)
{
	struct names names;
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	names_init(&names, &topology);
	assert_null(names_find(&names, "127.0.0.1"));
	names_resolve(&names, &loop);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_string_equal(names_find(&names, "127.0.0.1")->upstream->name, "here");
	names_done(&names);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void
an_answer_to_an_earlier_topology_is_thrown_away(void **state UNUSED)
{
	struct names names;
	uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	names_init(&names, &topology);
	names_resolve(&names, &loop);
	names_replace(&names, &topology);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_null(names_find(&names, "127.0.0.1"));
	names_done(&names);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_an_address_finds_its_owner),
		cmocka_unit_test(dns_names_are_resolved_off_the_loop),
		cmocka_unit_test(an_answer_to_an_earlier_topology_is_thrown_away),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
