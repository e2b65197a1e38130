/* A host that is too busy for a login is tried again, a few times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/ssh/auto/auto.h"
#include "tests/fake_visit.h"

/* A host that lets in @sshd's way after it was too busy @times times. */
static void
start_busy(struct fake_sshd *busy, const struct fake_sshd *sshd, int times)
{
	char command[400];

	snprintf(command, sizeof(command),
	    "read n <%s/times; echo $((n + 1)) >%s/times; [ $n -ge %d ] || { echo Exceeded "
	    "MaxStartups; exit; }; exec /usr/sbin/sshd -i -f %s/sshd_config",
	    sshd->folder, sshd->folder, times, sshd->folder);
	fake_sshd_shell("echo 0 >%s/times", sshd->folder);
	fake_sshd_start_command(busy, command);
	fake_sshd_shell("cd %s && sed \"s/^/[127.0.0.1]:%u /\" "
			"ssh_host_ed25519_key.pub >%s/known_hosts; cp -p id %s/",
	    sshd->folder, busy->port, busy->folder, busy->folder);
}

static void
a_host_that_is_too_busy_is_tried_again_and_that_is_said(void **state)
{
	static const enum link_way link_ways[] = { LINK_WAY_AUTO, LINK_WAY_SSH };

	for (size_t i = 0; i < COUNT(link_ways); i++) {
		struct fake_sshd busy;
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .way = link_ways[i] };
		struct ssh_options options = { .pause_ns = NS_PER_MS };

		start_busy(&busy, *state, 3);
		visit_host(&visit, &busy, &target, &options);
		fake_sshd_stop(&busy);
		assert_visit_ran(&visit, "in\n");
		assert_non_null(strstr(visit.note, "too busy for a login 3 times"));
		buf_free(&visit.output);
	}
}

static void
a_host_that_stays_too_busy_is_given_up_after_some_times(void **state)
{
	static const enum link_way link_ways[] = { LINK_WAY_AUTO, LINK_WAY_SSH };
	const struct fake_sshd *sshd = *state;

	for (size_t i = 0; i < COUNT(link_ways); i++) {
		struct fake_sshd busy;
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .way = link_ways[i] };
		struct ssh_options options = { .pause_ns = NS_PER_MS };

		start_busy(&busy, sshd, 1000);
		visit_host(&visit, &busy, &target, &options);
		fake_sshd_stop(&busy);
		assert_visit_failed(&visit, LINK_HANDSHAKE, "(MaxStartups of its sshd)");
		assert_non_null(strstr(visit.err.text, "; tried 5 times, with pauses between"));
		assert_int_equal(fake_sshd_shell("test \"$(cat %s/times)\" = 5", sshd->folder), 0);
	}
}

static void
a_link_that_waits_to_be_tried_again_may_be_closed(void **state)
{
	for (unsigned ms = 1; ms < 200; ms *= 4) {
		struct fake_sshd busy;
		struct visit visit = { .command = "echo in", .close_ms = ms };
		struct link_target target = { 0 };
		struct ssh_options options = { .pause_ns = 20 * NS_PER_MS };

		start_busy(&busy, *state, 1000);
		visit_host(&visit, &busy, &target, &options);
		fake_sshd_stop(&busy);
		assert_int_equal(visit.events_late, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_is_too_busy_is_tried_again_and_that_is_said),
		cmocka_unit_test(a_host_that_stays_too_busy_is_given_up_after_some_times),
		cmocka_unit_test(a_link_that_waits_to_be_tried_again_may_be_closed),
	};
	static const struct visit_way way = { auto_transport_new, auto_transport_free };

	visit_by(&way);
	return cmocka_run_group_tests(tests, visit_set_up, visit_tear_down);
}
