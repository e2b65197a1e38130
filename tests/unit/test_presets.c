#include "agent/start/presets.h"

#include "agent/start/start.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fake_root.h"

#include <cmocka.h>

#define UNITS "/usr/lib/systemd/system/"
#define ADMIN "/etc/systemd/system/"
#define OWN ADMIN "chrony.service.d/a.conf"

static struct arena arena;
static struct presets presets;

/* Look at chrony.service with @dropin; returns what sets the clock at a restart, "" for nothing. */
static const char *
sets(const char *dropin)
{
	struct unit unit;

	fake_root_put(UNITS "chrony.service", "[Service]\nExecStart=/usr/sbin/chronyd $OPTIONS\n");
	fake_root_put(OWN, dropin);
	unit_read(fake_root, "chrony.service", &arena, &unit);
	presets_find(fake_root, daemon_find("chrony"), &unit, &arena, &presets);
	return presets.sets ? presets.sets : "";
}

static const char *
line(const char *text)
{
	return arena_printf(&arena, OWN ":2: %s", text);
}

static void
every_exec_line_of_a_restart_counts(void **state UNUSED)
{
	static const char *const lines[] = { "ExecCondition=/usr/sbin/ntpdate a",
		"ExecStartPre=/bin/sh -c '/usr/sbin/ntpdate -b a || true'",
		"ExecStartPre=-/usr/bin/timeout 60s /usr/sbin/ntpd -gq",
		"ExecStartPre=+!/usr/local/sbin/settime", "ExecStartPre=@/usr/sbin/ntpdate x -b a",
		"ExecStartPre=/bin/true ; /usr/sbin/ntpdate a",
		"ExecStartPost=/bin/bash -lc \"date -s @0\"", "ExecStop=/usr/sbin/ntpdate a",
		"ExecStopPost=-/sbin/hwclock -s",
		"ExecStartPre=/usr/bin/env A=b /usr/local/sbin/settime" };
	static const char *const harmless[] = { "ExecStartPre=/bin/date -Is",
		"ExecStartPre=/usr/sbin/ntpdate -q a", "ExecStartPre=/bin/echo ; ntpdate",
		"ExecReload=/usr/sbin/ntpdate a", "ExecStartPre=/bin/sh -c 'command -v ntpdate'",
		"ExecStartPre=/bin/echo /usr/sbin/ntpdate a", "ExecStop=/sbin/hwclock --systohc" };

	fake_root_put_program("/usr/local/sbin/settime", "#!/bin/sh\nntpdate -b a\n");
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_string_equal(
		    sets(arena_printf(&arena, "[Service]\n%s\n", lines[i])), line(lines[i]));
	}
	for (size_t i = 0; i < COUNT(harmless); i++) {
		assert_string_equal(sets(arena_printf(&arena, "[Service]\n%s\n", harmless[i])), "");
		assert_null(presets.doubt);
	}
}

static void
the_script_that_starts_the_daemon_is_read(void **state UNUSED)
{
	fake_root_put_program(
	    "/usr/local/sbin/start", "#!/bin/sh\nntpdate -b a\nexec /usr/sbin/chronyd \"$@\"\n");
	assert_string_equal(sets("[Service]\nExecStart=\nExecStart=/usr/local/sbin/start -d\n"),
	    OWN ":3: ExecStart=/usr/local/sbin/start -d");
	assert_string_equal(sets("[Service]\nExecStart=\nExecStart=/usr/sbin/chronyd -d\n"), "");
}

/* The options of ExecStart= are judged elsewhere; by another line the daemon's binary may set. */
static void
the_daemons_binary_in_another_line_counts(void **state UNUSED)
{
	static const char *const keys[] = { "ExecStartPre", "ExecStartPost", "ExecStop",
		"ExecStopPost" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		const char *text = arena_printf(&arena, "%s=/usr/sbin/chronyd -q", keys[i]);

		assert_string_equal(
		    sets(arena_printf(&arena, "[Service]\n%s\n", text)), line(text));
	}
	fake_root_put(UNITS "two.service", "[Service]\nExecStart=/usr/sbin/chronyd -q\n");
	assert_string_equal(sets("[Unit]\nWants=two.service\n"),
	    UNITS "two.service:2: ExecStart=/usr/sbin/chronyd -q");
}

static void
variables_of_the_unit_are_put_in(void **state UNUSED)
{
	assert_string_equal(sets("[Service]\nExecStartPre=/bin/sh -c ${FIRST}\n"
				 "Environment=\"FIRST=ntpdate a\"\n"),
	    line("ExecStartPre=/bin/sh -c ${FIRST}"));
	assert_string_equal(sets("[Service]\nExecStartPre=/bin/sh -c ${FIRST}\n"
				 "Environment=\"FIRST=ntpdate a\"\nUnsetEnvironment=FIRST\n"),
	    "");
}

/* Put a service that sets the clock. */
static const char *
put_setter(const char *name, const char *more)
{
	const char *path = arena_printf(&arena, UNITS "%s.service", name);

	fake_root_put(path,
	    arena_printf(&arena,
		"[Service]\nExecStart=/usr/sbin/ntpdate %s\nType=oneshot\n[Unit]\n%s", name, more));
	return arena_printf(&arena, "%s:2: ExecStart=/usr/sbin/ntpdate %s", path, name);
}

static void
what_a_start_pulls_in_is_started_too(void **state UNUSED)
{
	static const char *const keys[] = { "Wants", "Requires", "BindsTo", "Upholds",
		"OnSuccess" };
	const char *setter = put_setter("settime", "");

	for (size_t i = 0; i < COUNT(keys); i++) {
		assert_string_equal(sets(arena_printf(&arena,
					"[Unit]\n%s=other.service settime.service\n", keys[i])),
		    setter);
	}
	assert_string_equal(sets("[Unit]\nAfter=settime.service\n"), "");
	fake_root_put(UNITS "two.service",
	    "[Unit]\nRequires=settime.service\n[Service]\nExecStart=/bin/true\n");
	assert_string_equal(sets("[Unit]\nWants=two.service\n"), setter);
	fake_root_link(UNITS "settime.service", ADMIN "chrony.service.wants/settime.service");
	assert_string_equal(sets(""), setter);
	fake_root_put("/run/systemd/units/x", "");
	fake_root_link("0123", "/run/systemd/units/invocation:settime.service");
	assert_string_equal(sets("[Unit]\nWants=settime.service\n"), ""); /* it is active already */
}

/* Each of these services wants the next. */
static void
put_chain(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		fake_root_put(arena_printf(&arena, UNITS "%u.service", i),
		    arena_printf(&arena,
			"[Unit]\nWants=%u.service\n[Service]\nExecStart=/bin/true\n",
			i + 1 < count ? i + 1 : 0));
	}
}

static void
a_chain_of_units_is_followed_to_its_end_or_doubted(void **state UNUSED)
{
	put_chain(20);
	assert_string_equal(sets("[Unit]\nWants=0.service\n"), "");
	assert_null(presets.doubt);
	fake_root_put(UNITS "19.service", "[Service]\nExecStart=/usr/sbin/ntpdate a\n");
	assert_string_equal(
	    sets("[Unit]\nWants=0.service\n"), UNITS "19.service:2: ExecStart=/usr/sbin/ntpdate a");
	put_chain(100);
	assert_string_equal(sets("[Unit]\nWants=0.service\n"), "");
	assert_string_equal(presets.doubt, "a restart starts more units than are looked at");
}

static void
an_instance_of_a_template_is_read(void **state UNUSED)
{
	const char *setter = put_setter("settime@", "");

	assert_string_equal(sets("[Unit]\nWants=settime@a.service\n"), setter);
}

static void
what_depends_on_the_unit_is_restarted_with_it(void **state UNUSED)
{
	static const char *const keys[] = { "PartOf", "Requires", "BindsTo", "Requisite" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		const char *setter = put_setter(
		    "settime", arena_printf(&arena, "%s=time.target chronyd.service\n", keys[i]));

		assert_string_equal(sets(""), setter);
	}
	put_setter("settime", "Wants=chrony.service\n");
	assert_string_equal(sets(""), "");
	put_setter("settime", "PartOf=two.service\n");
	fake_root_put(
	    UNITS "two.service", "[Unit]\nPartOf=chrony.service\n[Service]\nExecStart=/bin/true\n");
	assert_non_null(strstr(sets(""), "settime.service:2"));
	fake_root_put("/run/systemd/units/x", "");
	fake_root_link("0123", "/run/systemd/units/invocation:two.service");
	assert_string_equal(sets(""), ""); /* it is not active */
	fake_root_link("0123", "/run/systemd/units/invocation:settime.service");
	assert_non_null(strstr(sets(""), "settime.service:2"));
	put_setter("settime", "");
	fake_root_link(UNITS "chrony.service", ADMIN "settime.service.requires/chrony.service");
	assert_non_null(strstr(sets(""), "settime.service:2"));
}

static void
a_service_that_only_stops_may_be_active(void **state UNUSED)
{
	fake_root_put("/run/systemd/units/x", "");
	fake_root_link("0123", "/run/systemd/units/invocation:ssh.service");
	fake_root_put(ADMIN "back.service",
	    "[Unit]\nPartOf=chrony.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\n"
	    "ExecStop=/usr/bin/env A=b timeout 9s date -s @0\n");
	assert_string_equal(
	    sets(""), ADMIN "back.service:6: ExecStop=/usr/bin/env A=b timeout 9s date -s @0");
	fake_root_put(ADMIN "back.service.d/start.conf", "[Service]\nExecStart=/bin/true\n");
	assert_string_equal(sets(""), ""); /* systemd would have marked it */
}

/* systemd 252: a restart of what does not run is a start, and ExecStopPost= cleans up after one. */
static void
what_does_not_run_is_not_stopped(void **state UNUSED)
{
	static const char stop[] = "ExecStop=/usr/sbin/ntpdate a",
			  after[] = "ExecStopPost=/usr/sbin/ntpdate a";

	fake_root_put("/run/systemd/units/x", "");
	assert_string_equal(sets(arena_printf(&arena, "[Service]\n%s\n", stop)), "");
	assert_null(presets.doubt);
	assert_string_equal(sets(arena_printf(&arena, "[Service]\n%s\n", after)), "");
	assert_non_null(strstr(presets.doubt, "when the start of chrony.service fails"));
	fake_root_link("0123", "/run/systemd/units/invocation:chrony.service");
	assert_string_equal(sets(arena_printf(&arena, "[Service]\n%s\n", stop)), line(stop));
	assert_string_equal(sets(arena_printf(&arena, "[Service]\n%s\n", after)), line(after));
}

static void
what_nobody_can_tell_is_doubted(void **state UNUSED)
{
	put_setter("settime", "");
	assert_string_equal(sets("[Unit]\nOnFailure=settime.service\n"), "");
	assert_non_null(
	    strstr(presets.doubt, "ntpdate may set the clock, when chrony.service fails"));
	assert_string_equal(sets("[Service]\nExecStartPre=/opt/retry 3 ntpdate a\n"), "");
	assert_string_equal(presets.doubt,
	    OWN ":2: ExecStartPre=/opt/retry 3 ntpdate a: ntpdate may set the clock");
	fake_root_put_program("/opt/clock", "#!/usr/bin/perl\nsystem('ntpdate a');\n");
	assert_string_equal(sets("[Service]\nExecStartPre=/opt/clock\n"), "");
	assert_non_null(presets.doubt);
}

static void
what_is_doubted_is_not_known_of_the_start(void **state UNUSED)
{
	struct start start = { .unknown_count = 0 };

	sets("[Service]\nExecStartPre=/opt/retry 3 ntpdate a\n");
	start_read(fake_root, daemon_find("chrony"), NULL, &start);
	assert_null(start.preset);
	assert_true(start.unknown_count > 0);
	assert_non_null(strstr(start.unknown[0], "ntpdate may set the clock"));
	start_free(&start);
}

static void
a_script_that_cannot_be_read_is_doubted(void **state UNUSED)
{
	const uid_t self = geteuid();
	struct unit unit;
	char path[128];

	fake_root_put_program("/opt/hidden", "#!/bin/sh\n:\n");
	assert_string_equal(sets("[Service]\nExecStartPre=+/opt/hidden\n"), "");
	assert_null(presets.doubt);
	snprintf(path, sizeof(path), "%s/opt/hidden", fake_root);
	assert_int_equal(chmod(path, 0311), 0);
	unit_read(fake_root, "chrony.service", &arena, &unit);
	/* root reads everything; the agent has a user of its own */
	assert_true(self != 0 || (chmod(fake_root, 0755) == 0 && seteuid(65534) == 0));
	presets_find(fake_root, daemon_find("chrony"), &unit, &arena, &presets);
	assert_int_equal(seteuid(self), 0);
	assert_null(presets.sets);
	assert_non_null(strstr(presets.doubt, "/opt/hidden, which only root can read,"));
}

static int
clean(void **state)
{
	arena_free(&arena);
	return fake_root_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_root_make, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_exec_line_of_a_restart_counts),
		TEST(the_script_that_starts_the_daemon_is_read),
		TEST(the_daemons_binary_in_another_line_counts),
		TEST(variables_of_the_unit_are_put_in),
		TEST(what_a_start_pulls_in_is_started_too),
		TEST(a_chain_of_units_is_followed_to_its_end_or_doubted),
		TEST(an_instance_of_a_template_is_read),
		TEST(what_depends_on_the_unit_is_restarted_with_it),
		TEST(a_service_that_only_stops_may_be_active),
		TEST(what_does_not_run_is_not_stopped),
		TEST(what_nobody_can_tell_is_doubted),
		TEST(what_is_doubted_is_not_known_of_the_start),
		TEST(a_script_that_cannot_be_read_is_doubted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
