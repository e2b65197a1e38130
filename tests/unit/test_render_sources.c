/* What site.yaml says of one source, and the operator's own lines, in the files of each daemon. */
#include "orchestrator/render/render.h"

#include "tests/fake_rendered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
	struct topology topology;
	struct render *render;
	struct arena arena;
	struct file_set files;
};

static void
open_world(struct world *world, const char *site)
{
	struct diags diags = { 0 };
	struct error err = { "" };

	*world = (struct world){ .render = NULL };
	if (topology_load_text(&world->topology, "site.yaml", site, strlen(site), &diags) < 0) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	world->render = render_new(&world->topology, NULL, &err);
	assert_string_equal(err.text, "");
	assert_non_null(world->render);
}

static void
close_world(struct world *world)
{
	render_free(world->render);
	topology_free(&world->topology);
	arena_free(&world->arena);
}

static const char *
text_of(struct world *world, const char *host, const char *daemon, const char *path)
{
	return rendered_text(world->render, topology_host(&world->topology, host), daemon, path,
	    &world->arena, &world->files);
}

/* Servers and clients of one site use it only where both have it. */
static void
interleaved_mode_is_used_where_both_daemons_have_it(void **state UNUSED)
{
	static const char site[] = "site: test\n"
				   "upstreams: [{name: a, address: 192.0.2.101}]\n"
				   "tiers:\n"
				   "  - name: core\n"
				   "    upstreams: all\n"
				   "    xleave: true\n"
				   "    servers:\n"
				   "      - {name: s1, address: 192.0.2.1, daemon: chrony}\n"
				   "      - {name: s2, address: 192.0.2.2}\n"
				   "      - {name: s3, address: 192.0.2.3, daemon: ntpsec}\n"
				   "clients: [{name: web, from: core, hosts: [w1]}]\n";
	static const struct {
		const char *daemon, *path;
		unsigned lines;
	} cases[] = { { "chrony", "/timetier.sources", 2 }, { "ntpsec", "/ntp.conf", 0 },
		{ "ntp", "/ntp.conf", 0 } };
	struct world world;

	open_world(&world, site);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *at = text_of(&world, "w1", cases[i].daemon, cases[i].path);
		unsigned lines = 0;

		while ((at = strstr(at, " xleave"))) {
			lines++;
			at++;
		}
		assert_int_equal(lines, cases[i].lines);
	}
	/* siblings measure each other as before */
	assert_null(strstr(text_of(&world, "s1", "chrony", "/timetier.sources"), "xleave"));
	close_world(&world);
}

static void
what_site_yaml_says_of_a_source_stands_on_its_line(void **state UNUSED)
{
	static const char site[] =
	    "site: test\n"
	    "upstreams:\n"
	    "  - {name: a, address: 192.0.2.101, prefer: true}\n"
	    "  - {name: b, address: 192.0.2.102, trust: true, xleave: true}\n"
	    "  - {name: c, address: 192.0.2.103, noselect: true}\n"
	    "  - {name: d, address: 192.0.2.104, noselect: true, minpoll: 8}\n" THREE_SERVERS;
	struct world world;
	const char *text;

	open_world(&world, site);
	text = text_of(&world, "s1", "chrony", "/timetier.sources");
	assert_true(has_line(text, "server 192.0.2.101 minpoll 6 maxpoll 10 iburst prefer"));
	assert_true(has_line(text, "server 192.0.2.102 minpoll 6 maxpoll 10 iburst xleave trust"));
	assert_true(has_line(text, "server 192.0.2.103 minpoll 10 maxpoll 10 iburst noselect"));
	assert_true(has_line(text, "server 192.0.2.104 minpoll 8 maxpoll 10 iburst noselect"));
	assert_true(has_line(text_of(&world, "s1", "chrony", "/chrony.conf"), "minsources 2"));
	text = text_of(&world, "s2", "ntpsec", "/ntp.conf");
	assert_true(has_line(text, "server 192.0.2.101 minpoll 6 maxpoll 10 iburst prefer"));
	assert_true(has_line(text, "server 192.0.2.102 minpoll 6 maxpoll 10 iburst true"));
	text = text_of(&world, "s3", "ntp", "/ntp.conf");
	assert_true(has_line(text, "server 192.0.2.102 minpoll 6 maxpoll 10 iburst true"));
	assert_true(has_line(text, "server 192.0.2.103 minpoll 10 maxpoll 10 iburst noselect"));
	/* at boot whoever has no vote is not asked */
	text = text_of(&world, "s1", "chrony", "/first-set.conf");
	assert_true(has_line(text, "source 192.0.2.102"));
	assert_null(strstr(text, "192.0.2.103"));
	assert_true(has_line(text, "quorum 2"));
	close_world(&world);
}

static void
lines_of_extra_go_to_the_daemon_that_they_are_for(void **state UNUSED)
{
	struct world world;
	const char *text, *shared;

	open_world(&world,
	    UPSTREAMS
	    "tiers:\n"
	    "  - name: core\n"
	    "    upstreams: all\n"
	    "    extra: {chrony: logchange 0.1, ntp: statsdir /x/}\n"
	    "    servers:\n"
	    "      - {name: s1, address: 192.0.2.1, extra: {chrony: [lock_all, logdir /y]}}\n"
	    "clients: [{name: web, from: core, hosts: [w1, {name: w2, extra: {chrony: user u}}],\n"
	    "  extra: {chrony: log rtc}}]\n");
	text = text_of(&world, "s1", "chrony", "/chrony.conf");
	shared = strstr(text, "\nlogchange 0.1\n");
	assert_non_null(shared);
	assert_non_null(strstr(shared, "\nlock_all\nlogdir /y\n"));
	assert_null(strstr(text, "statsdir"));
	assert_true(has_line(text_of(&world, "s1", "ntp", "/ntp.conf"), "statsdir /x/"));
	assert_null(strstr(text_of(&world, "s1", "ntpsec", "/ntp.conf"), "extra"));
	text = text_of(&world, "w1", "chrony", "/chrony.conf");
	assert_true(has_line(text, "log rtc") && !has_line(text, "user u"));
	text = text_of(&world, "w2", "chrony", "/chrony.conf");
	assert_true(has_line(text, "log rtc") && has_line(text, "user u"));
	close_world(&world);
}

static void
a_clock_that_the_daemon_cannot_read_is_not_rendered(void **state UNUSED)
{
	struct world world;
	struct error err = { "" };

	open_world(&world,
	    UPSTREAMS
	    "tiers: [{name: core, upstreams: all, servers: [{name: s1, address: 192.0.2.1,\n"
	    "  refclocks: [{name: GPS, type: nmea}]}]}]\n");
	assert_int_equal(render_host(world.render, topology_host(&world.topology, "s1"),
			     daemon_find("chrony"), &world.arena, &world.files, &err),
	    -1);
	assert_string_equal(err.text,
	    "host s1: the clock GPS: chrony reads no serial line: gpsd does that, and writes what "
	    "`shm` and `sock` read");
	assert_true(has_line(text_of(&world, "s1", "ntpsec", "/ntp.conf"),
	    "refclock nmea unit 0 refid GPS minpoll 4 maxpoll 4 baud 9600"));
	close_world(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interleaved_mode_is_used_where_both_daemons_have_it),
		cmocka_unit_test(what_site_yaml_says_of_a_source_stands_on_its_line),
		cmocka_unit_test(lines_of_extra_go_to_the_daemon_that_they_are_for),
		cmocka_unit_test(a_clock_that_the_daemon_cannot_read_is_not_rendered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
