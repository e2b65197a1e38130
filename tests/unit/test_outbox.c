#include "agent/uplink/outbox.h"
#include "common/log.h"
#include "tests/fake_collector.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int
make_folder(void **state UNUSED)
{
	snprintf(folder, sizeof(folder), "/tmp/test_outbox.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state UNUSED)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/spool", folder);
	unlink(path);
	return rmdir(folder);
}

struct fixture {
	uv_loop_t loop;
	struct agent_config config;
	struct outbox outbox;
	uv_timer_t limit;
	const unsigned *seen;
	unsigned wanted;
};

static void
set_port(struct fixture *fixture, const char *port)
{
	fixture->config.collector_count = 1;
	snprintf(fixture->config.collectors[0].host, 16, "127.0.0.1");
	snprintf(fixture->config.collectors[0].port, 8, "%s", port);
}

static void
begin(struct fixture *fixture, const struct fake_collector *collector, const char *port)
{
	memset(fixture, 0, sizeof(*fixture));
	snprintf(fixture->config.host, sizeof(fixture->config.host), "time1");
	memcpy(fixture->config.pin, collector->pin, sizeof(fixture->config.pin));
	set_port(fixture, port);
	uv_loop_init(&fixture->loop);
	assert_int_equal(
	    outbox_init(&fixture->outbox, &fixture->loop, &fixture->config, folder, NULL), 0);
}

static void
end(struct fixture *fixture)
{
	outbox_close(&fixture->outbox);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static void
on_limit(uv_timer_t *timer)
{
	struct fixture *fixture = timer->data;

	if (fixture->wanted == 0 || *fixture->seen >= fixture->wanted) {
		uv_stop(&fixture->loop);
	}
}

/* Let the loop run for @ms, or until @seen is @wanted (but 10 s at most). */
static void
run(struct fixture *fixture, uint64_t ms, const unsigned *seen, unsigned wanted)
{
	uint64_t end_ms;

	fixture->seen = seen;
	fixture->wanted = wanted;
	uv_timer_init(&fixture->loop, &fixture->limit);
	fixture->limit.data = fixture;
	uv_timer_start(&fixture->limit, on_limit, wanted ? 10 : ms, 10);
	uv_update_time(&fixture->loop);
	end_ms = uv_now(&fixture->loop) + 10000;
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_true(uv_now(&fixture->loop) < end_ms);
	uv_close((uv_handle_t *)&fixture->limit, NULL);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

static void
reports_made_while_the_collector_was_away_come_after_the_latest(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	begin(&fixture, &collector, "1");
	outbox_put(&fixture.outbox, "A");
	run(&fixture, 50, NULL, 0);
	outbox_put(&fixture.outbox, "B");
	outbox_put(&fixture.outbox, "C");
	assert_int_equal(spool_waiting(&fixture.outbox.spool), 4);
	set_port(&fixture, collector.port);
	outbox_hurry(&fixture.outbox);
	outbox_put(&fixture.outbox, "D");
	run(&fixture, 0, &collector.traffic->requests, 1);
	assert_non_null(strstr(collector.traffic->latest, "\r\n\r\nD"));
	run(&fixture, 0, &collector.traffic->requests, 2);
	assert_non_null(strstr(collector.traffic->latest, "\r\n\r\nA"));
	run(&fixture, 0, &collector.traffic->requests, 4);
	assert_non_null(strstr(collector.traffic->latest, "\r\n\r\nC"));
	assert_int_equal(collector.traffic->connections, 1);
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
what_was_not_delivered_is_delivered_by_the_next_run(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	begin(&fixture, &collector, "1");
	outbox_put(&fixture.outbox, "A");
	run(&fixture, 50, NULL, 0);
	outbox_put(&fixture.outbox, "B");
	end(&fixture);
	begin(&fixture, &collector, collector.port);
	outbox_put(&fixture.outbox, "C");
	run(&fixture, 0, &collector.traffic->requests, 3);
	assert_non_null(strstr(collector.traffic->latest, "\r\n\r\nB"));
	run(&fixture, 50, NULL, 0);
	assert_int_equal(spool_waiting(&fixture.outbox.spool), 0);
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
a_report_that_is_refused_for_good_is_not_sent_again(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 400, 204 }, 2);
	begin(&fixture, &collector, collector.port);
	outbox_put(&fixture.outbox, "A");
	run(&fixture, 0, &collector.traffic->requests, 1);
	run(&fixture, 300, NULL, 0);
	assert_int_equal(collector.traffic->requests, 1);
	outbox_put(&fixture.outbox, "B");
	run(&fixture, 0, &collector.traffic->requests, 2);
	assert_non_null(strstr(collector.traffic->latest, "\r\n\r\nB"));
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
a_host_that_is_denied_keeps_its_reports_and_waits(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 401 }, 1);
	begin(&fixture, &collector, collector.port);
	outbox_put(&fixture.outbox, "A");
	run(&fixture, 300, NULL, 0);
	outbox_put(&fixture.outbox, "B");
	run(&fixture, 100, NULL, 0);
	assert_int_equal(collector.traffic->requests, 1);
	assert_int_equal(spool_waiting(&fixture.outbox.spool), 2);
	end(&fixture);
	fake_collector_stop(&collector);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_made_while_the_collector_was_away_come_after_the_latest),
		TEST(what_was_not_delivered_is_delivered_by_the_next_run),
		TEST(a_report_that_is_refused_for_good_is_not_sent_again),
		TEST(a_host_that_is_denied_keeps_its_reports_and_waits),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
