/* A handshake of NTS with real servers: whose certificate is good, and what others do instead. */
#include "orchestrator/probe/nts_tls.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fake_nts.h"

#define DAY_S INT64_C(86400)
#define HERE "IP:127.0.0.1"
#define PATIENCE_MS 60000 /* what ends by itself may take as long as a busy machine needs */
#define SHORT_MS 300      /* what ends by this limit only */

static char authority[] = "/tmp/timetier-nts-XXXXXX";
static const struct fake_nts_paper good = { HERE, -DAY_S, 30 * DAY_S + 600, false };

static void
count_end(void *ctx)
{
	(*(int *)ctx)++;
}

static void
shake(const struct nts_tls_place *place, struct probe_nts *result)
{
	uv_loop_t loop;
	int ends = 0;

	uv_loop_init(&loop);
	nts_tls_start(&loop, place, result, count_end, &ends);
	assert_int_equal(ends, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(ends, 1);
	assert_int_equal(uv_loop_close(&loop), 0); /* nothing is left of it */
}

static void
shake_with(enum fake_nts_habit habit, const struct fake_nts_paper *paper, const char *name,
    unsigned limit_ms, struct probe_nts *result)
{
	struct nts_tls_place place = { .name = name, .limit_ms = limit_ms };
	struct fake_nts nts;

	fake_nts_start(&nts, habit, paper);
	place.port = nts.port;
	shake(&place, result);
	fake_nts_stop(&nts);
}

static void
expect(size_t row, const struct probe_nts *result, enum nts_state state, const char *words)
{
	if (result->state != state || strcmp(result->words, words) != 0) {
		fail_msg("row %zu: %s: \"%s\", not %s: \"%s\"", row, nts_state_name(result->state),
		    result->words, nts_state_name(state), words);
	}
}

static void
each_certificate_is_named_for_what_it_is(void **state UNUSED)
{
	static const struct {
		struct fake_nts_paper paper;
		enum nts_state state;
		int days;
		const char *words, *name;
	} rows[] = {
		{ { HERE, -DAY_S, 200 * DAY_S + 600, false }, NTS_GOOD, 200, "", NULL },
		/* of a life of days, nobody is late three days before its end */
		{ { HERE, -3 * DAY_S, 3 * DAY_S + 600, false }, NTS_GOOD, 3, "", NULL },
		{ { HERE, -87 * DAY_S, 3 * DAY_S + 600, false }, NTS_GOOD, 3,
		    "NTS: its certificate, good for 90 days, ends in 3 days: nobody has renewed it "
		    "yet",
		    NULL },
		{ { HERE, -89 * DAY_S, DAY_S + 600, false }, NTS_GOOD, 1,
		    "NTS: its certificate, good for 90 days, ends in 1 day: nobody has renewed it "
		    "yet",
		    NULL },
		{ { HERE, -90 * DAY_S, -5 * DAY_S - 600, false }, NTS_EXPIRED, -6,
		    "NTS: its certificate ended 5 days ago, by the clock of this machine", NULL },
		{ { HERE, -90 * DAY_S, -60, false }, NTS_EXPIRED, -1,
		    "NTS: its certificate ended less than a day ago, by the clock of this machine",
		    NULL },
		{ { HERE, 4 * DAY_S + 600, 94 * DAY_S + 600, false }, NTS_EARLY, 94,
		    "NTS: its certificate begins in 4 days, by the clock of this machine", NULL },
		{ { "DNS:ntp.example,DNS:*.ntp.example,IP:192.0.2.1", -DAY_S, 30 * DAY_S + 600,
		      false },
		    NTS_OTHER_NAME, 30,
		    "NTS: its certificate is for ntp.example and 2 more, not for 127.0.0.1", NULL },
		{ { HERE, -DAY_S, 30 * DAY_S + 600, false }, NTS_OTHER_NAME, 30,
		    "NTS: its certificate is for 127.0.0.1, not for localhost", "localhost" },
		{ { "DNS:localhost", -DAY_S, 30 * DAY_S + 600, false }, NTS_GOOD, 30, "",
		    "localhost" },
		{ { NULL, -DAY_S, 30 * DAY_S + 600, false }, NTS_OTHER_NAME, 30,
		    "NTS: its certificate is for common.example, not for 127.0.0.1", NULL },
		{ { HERE, -DAY_S, 30 * DAY_S + 600, true }, NTS_SELF_SIGNED, 30,
		    "NTS: its certificate is self-signed: no authority says whose it is", NULL },
		{ { HERE, -90 * DAY_S, -5 * DAY_S - 600, true }, NTS_SELF_SIGNED, -6,
		    "NTS: its certificate is self-signed: no authority says whose it is", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct probe_nts result;

		shake_with(FAKE_NTS_HONEST, &rows[i].paper,
		    rows[i].name ? rows[i].name : "127.0.0.1", PATIENCE_MS, &result);
		expect(i, &result, rows[i].state, rows[i].words);
		assert_true(result.dated);
		assert_int_equal(result.days, rows[i].days);
		assert_int_equal(result.cookies, rows[i].state == NTS_GOOD ? 2 : 0);
	}
}

static void
an_authority_that_nobody_knows_is_not_trusted(void **state UNUSED)
{
	struct probe_nts result;

	setenv("SSL_CERT_FILE", "/dev/null", 1);
	shake_with(FAKE_NTS_HONEST, &good, "127.0.0.1", PATIENCE_MS, &result);
	setenv("SSL_CERT_FILE", authority, 1);
	expect(0, &result, NTS_UNTRUSTED,
	    "NTS: its certificate is not to be trusted: unable to get local issuer certificate");
}

static void
what_is_no_answer_is_named_and_has_an_end(void **state UNUSED)
{
	static const struct {
		enum fake_nts_habit habit;
		unsigned limit_ms;
		enum nts_state state;
		const char *words;
	} rows[] = {
		{ FAKE_NTS_SILENT, SHORT_MS, NTS_SILENT, "NTS: no answer within 0.3 s" },
		{ FAKE_NTS_SILENT_LATER, SHORT_MS, NTS_SILENT, "NTS: no answer within 0.3 s" },
		{ FAKE_NTS_DRIPS, SHORT_MS, NTS_SILENT, "NTS: no answer within 0.3 s" },
		{ FAKE_NTS_GARBAGE, PATIENCE_MS, NTS_FOREIGN,
		    "NTS: what listens there does not speak it: wrong version number" },
		{ FAKE_NTS_HTTP, PATIENCE_MS, NTS_FOREIGN,
		    "NTS: what listens there does not speak it" },
		{ FAKE_NTS_OLD, PATIENCE_MS, NTS_FOREIGN,
		    "NTS: what listens there does not speak it: tlsv1 alert protocol version" },
		{ FAKE_NTS_CUTS, PATIENCE_MS, NTS_CUT, "NTS: it ends the connection" },
		{ FAKE_NTS_CUTS_LATER, PATIENCE_MS, NTS_CUT, "NTS: it ends the connection" },
		{ FAKE_NTS_BREAKS, PATIENCE_MS, NTS_CUT, "NTS: it ends the connection" },
		{ FAKE_NTS_ENDLESS, PATIENCE_MS, NTS_REFUSED, "NTS: its answer has no end" },
		{ FAKE_NTS_REFUSES, PATIENCE_MS, NTS_REFUSED,
		    "NTS: it refuses: it calls the question wrong" },
		{ FAKE_NTS_NO_COOKIES, PATIENCE_MS, NTS_REFUSED, "NTS: its answer has no cookie" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct probe_nts result;

		shake_with(rows[i].habit, &good, "127.0.0.1", rows[i].limit_ms, &result);
		expect(i, &result, rows[i].state, rows[i].words);
		assert_int_equal(result.cookies, 0);
	}
}

static void
nobody_there_is_said(void **state UNUSED)
{
	struct nts_tls_place place = { "127.0.0.1", 1, PATIENCE_MS };
	struct probe_nts result;

	shake(&place, &result);
	expect(0, &result, NTS_SILENT, "NTS: nobody answers there: nothing listens");
	assert_false(result.dated);
	place.name = "no such name";
	shake(&place, &result);
	assert_int_equal(result.state, NTS_SILENT);
	assert_non_null(strstr(result.words, "NTS: its name does not resolve"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_certificate_is_named_for_what_it_is),
		cmocka_unit_test(an_authority_that_nobody_knows_is_not_trusted),
		cmocka_unit_test(what_is_no_answer_is_named_and_has_an_end),
		cmocka_unit_test(nobody_there_is_said),
	};
	int fd = mkstemp(authority), failed;

	if (fd < 0) {
		return 1;
	}
	close(fd);
	signal(SIGPIPE, SIG_IGN);
	fake_nts_authority(authority);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(authority);
	return failed;
}
