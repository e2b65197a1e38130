#include "agent/uplink/outbox.h"
#include "common/log.h"
#include "tests/fake_collector.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
	snprintf(path, sizeof(path), "%s/standing", folder);
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

/* Whether `timetier-agent status` would read this. */
static bool
stands(enum standing standing, const char *words)
{
	char host[STANDING_HOST_BYTES], seen[STANDING_WORDS_BYTES];

	return standing_read(folder, host, seen) == standing &&
	    strcmp(host, standing == STANDING_UNKNOWN ? "" : "time1") == 0 &&
	    strncmp(seen, words, strlen(words)) == 0;
}

static void
how_the_reports_fare_is_kept_for_who_asks(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 403, 204 }, 2);
	begin(&fixture, &collector, collector.port);
	assert_true(stands(STANDING_UNKNOWN, ""));
	outbox_put(&fixture.outbox, "A");
	run(&fixture, 0, &collector.traffic->requests, 1);
	run(&fixture, 100, NULL, 0);
	assert_true(stands(STANDING_REFUSED, "the collector does not know this host; "));
	outbox_hurry(&fixture.outbox);
	outbox_put(&fixture.outbox, "B");
	run(&fixture, 0, &collector.traffic->requests, 2);
	run(&fixture, 100, NULL, 0);
	assert_true(stands(STANDING_TAKEN, ""));
	set_port(&fixture, "1");
	end(&fixture);
	begin(&fixture, &collector, "1"); /* a service that begins has had no answer */
	assert_true(stands(STANDING_UNKNOWN, ""));
	outbox_put(&fixture.outbox, "C");
	run(&fixture, 100, NULL, 0);
	assert_true(stands(STANDING_FAILS, "127.0.0.1 port 1: "));
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
what_the_agents_user_may_write_there_is_not_trusted(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum standing standing;
		const char *host, *words;
	} cases[] = {
		{ "", STANDING_UNKNOWN, "", "" },
		{ "taken", STANDING_TAKEN, "", "" },
		{ "refused h", STANDING_REFUSED, "h", "" },
		{ "refused h a\x1b[2J b\nmore", STANDING_REFUSED, "h", "a\\x1b[2J b" },
		{ "mine h words", STANDING_UNKNOWN, "h", "words" },
		{ " refused h", STANDING_UNKNOWN, "refused", "h" },
	};
	char host[STANDING_HOST_BYTES], words[STANDING_WORDS_BYTES], path[80];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(standing_decode(cases[i].text, host, words), cases[i].standing);
		assert_string_equal(host, cases[i].host);
		assert_string_equal(words, cases[i].words);
	}
	snprintf(path, sizeof(path), "%s/standing", folder);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_int_equal(standing_read(folder, host, words), STANDING_UNKNOWN);
	assert_string_equal(host, "");
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0); /* which nobody writes: it is not waited for */
	assert_int_equal(standing_read(folder, host, words), STANDING_UNKNOWN);
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
		TEST(how_the_reports_fare_is_kept_for_who_asks),
		TEST(what_the_agents_user_may_write_there_is_not_trusted),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
