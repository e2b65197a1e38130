#include "agent/uplink/uplink.h"
#include "tests/fake_collector.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	uv_loop_t loop;
	struct agent_config config;
	struct uplink uplink;
	enum uplink_outcome outcome;
	char error[256];
	bool done;
};

static void
add_collector(struct agent_config *config, const char *host, const char *port)
{
	struct collector_address *collector = &config->collectors[config->collector_count++];

	snprintf(collector->host, sizeof(collector->host), "%s", host);
	snprintf(collector->port, sizeof(collector->port), "%s", port);
}

/* An uplink to @collector, with nothing sent yet. */
static void
begin(struct fixture *fixture, const struct fake_collector *collector)
{
	memset(fixture, 0, sizeof(*fixture));
	snprintf(fixture->config.host, sizeof(fixture->config.host), "time1");
	snprintf(fixture->config.token, sizeof(fixture->config.token), "00112233");
	memcpy(fixture->config.pin, collector->pin, sizeof(fixture->config.pin));
	add_collector(&fixture->config, "127.0.0.1", collector->port);
	uv_loop_init(&fixture->loop);
	assert_int_equal(uplink_init(&fixture->uplink, &fixture->loop, &fixture->config, NULL), 0);
	fixture->uplink.owner = fixture;
}

static void
end(struct fixture *fixture)
{
	uplink_close(&fixture->uplink);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
}

static void
on_sent(struct uplink *uplink, enum uplink_outcome outcome, const char *error)
{
	struct fixture *fixture = uplink->owner;

	fixture->outcome = outcome;
	snprintf(fixture->error, sizeof(fixture->error), "%s", error ? error : "");
	fixture->done = true;
	uv_stop(&fixture->loop);
}

static enum uplink_outcome
send_report(struct fixture *fixture, const char *body)
{
	fixture->done = false;
	uplink_send(&fixture->uplink, body, on_sent);
	while (!fixture->done) {
		uv_run(&fixture->loop, UV_RUN_ONCE);
	}
	return fixture->outcome;
}

static void
a_report_is_delivered_whatever_the_dates_of_the_certificate_are(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	begin(&fixture, &collector);
	assert_int_equal(send_report(&fixture, "{\"seq\":1}"), UPLINK_DELIVERED);
	assert_non_null(strstr(collector.traffic->latest, "POST /api/v1/report HTTP/1.1\r\n"));
	assert_non_null(strstr(collector.traffic->latest, "Authorization: Bearer 00112233\r\n"));
	assert_non_null(strstr(collector.traffic->latest, "Timetier-Host: time1\r\n"));
	assert_non_null(strstr(collector.traffic->latest, "\r\n\r\n{\"seq\":1}"));
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
many_reports_go_over_one_connection(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	begin(&fixture, &collector);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(send_report(&fixture, "{}"), UPLINK_DELIVERED);
	}
	assert_int_equal(collector.traffic->connections, 1);
	assert_int_equal(collector.traffic->requests, 5);
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
a_key_that_is_not_pinned_gets_not_a_byte_of_the_report(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	collector.pin[31] ^= 1;
	begin(&fixture, &collector);
	assert_int_equal(send_report(&fixture, "{}"), UPLINK_FAILED);
	assert_non_null(strstr(fixture.error, "its key is not the pinned one"));
	assert_int_equal(collector.traffic->requests, 0);
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
a_connection_that_went_stale_is_made_anew_without_a_failure(void **state UNUSED)
{
	enum fake_habit habits[] = { FAKE_CLOSES, FAKE_SAYS_CLOSE };

	for (size_t i = 0; i < COUNT(habits); i++) {
		struct fake_collector collector;
		struct fixture fixture;

		fake_collector_start(&collector, habits[i], (int[]){ 204 }, 1);
		begin(&fixture, &collector);
		assert_int_equal(send_report(&fixture, "{}"), UPLINK_DELIVERED);
		assert_int_equal(send_report(&fixture, "{}"), UPLINK_DELIVERED);
		assert_int_equal(send_report(&fixture, "{}"), UPLINK_DELIVERED);
		assert_int_equal(collector.traffic->requests, 3);
		end(&fixture);
		fake_collector_stop(&collector);
	}
}

static void
the_next_collector_is_asked_when_one_is_down(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	begin(&fixture, &collector);
	fixture.config.collector_count = 0;
	add_collector(&fixture.config, "127.0.0.1", "1");
	add_collector(&fixture.config, "127.0.0.1", collector.port);
	assert_int_equal(send_report(&fixture, "{}"), UPLINK_DELIVERED);
	assert_int_equal(send_report(&fixture, "{}"), UPLINK_DELIVERED);
	assert_int_equal(collector.traffic->connections, 1);
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
a_collector_that_is_down_is_named_with_the_reason(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	begin(&fixture, &collector);
	fixture.config.collector_count = 0;
	add_collector(&fixture.config, "127.0.0.1", "1");
	assert_int_equal(send_report(&fixture, "{}"), UPLINK_FAILED);
	assert_string_equal(fixture.error, "127.0.0.1 port 1: connection refused");
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
a_collector_may_be_named(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, (int[]){ 204 }, 1);
	begin(&fixture, &collector);
	fixture.config.collector_count = 0;
	add_collector(&fixture.config, "ip4-localhost.invalid", collector.port);
	assert_int_equal(send_report(&fixture, "{}"), UPLINK_FAILED);
	fixture.config.collector_count = 0;
	add_collector(&fixture.config, "localhost", collector.port);
	assert_int_equal(send_report(&fixture, "{}"), UPLINK_DELIVERED);
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
each_answer_has_its_outcome(void **state UNUSED)
{
	const int answers[] = { 400, 413, 401, 403, 404, 429, 503, 500, 0, 204 };
	static const struct {
		enum uplink_outcome outcome;
		const char *words;
	} outcomes[] = {
		{ UPLINK_REJECTED, "the collector takes that for no report of this host (400)" },
		{ UPLINK_REJECTED, "the collector takes no report of that size (413)" },
		{ UPLINK_DENIED, "the collector does not take this host's token; " },
		{ UPLINK_DENIED, "the collector does not know this host; " },
		{ UPLINK_FAILED, "what answers there takes no reports (404): is it the coll" },
		{ UPLINK_FAILED, "the collector takes no more reports of this host for now" },
		{ UPLINK_FAILED, "the collector is busy (503)" },
		{ UPLINK_FAILED, "the collector answers 500" },
		{ UPLINK_DELIVERED, "" },
	};
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_KEEPS, answers, COUNT(answers));
	begin(&fixture, &collector);
	/* the one that is no HTTP came over a connection that had served: it is asked again */
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		assert_int_equal(send_report(&fixture, "{}"), outcomes[i].outcome);
		assert_ptr_equal(strstr(fixture.error, outcomes[i].words), fixture.error);
	}
	end(&fixture);
	fake_collector_stop(&collector);
}

static void
what_speaks_no_tls_is_a_failure(void **state UNUSED)
{
	struct fake_collector collector;
	struct fixture fixture;

	fake_collector_start(&collector, FAKE_SPEAKS_NO_TLS, (int[]){ 204 }, 1);
	begin(&fixture, &collector);
	assert_int_equal(send_report(&fixture, "{}"), UPLINK_FAILED);
	end(&fixture);
	fake_collector_stop(&collector);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_is_delivered_whatever_the_dates_of_the_certificate_are),
		cmocka_unit_test(many_reports_go_over_one_connection),
		cmocka_unit_test(a_key_that_is_not_pinned_gets_not_a_byte_of_the_report),
		cmocka_unit_test(a_connection_that_went_stale_is_made_anew_without_a_failure),
		cmocka_unit_test(the_next_collector_is_asked_when_one_is_down),
		cmocka_unit_test(a_collector_that_is_down_is_named_with_the_reason),
		cmocka_unit_test(a_collector_may_be_named),
		cmocka_unit_test(each_answer_has_its_outcome),
		cmocka_unit_test(what_speaks_no_tls_is_a_failure),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
