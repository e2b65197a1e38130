/*
 * Moments at which numbers of seconds end: 32 bits since 1900 (NTP's era, RFC 5905 section 6), and
 * 31 and 32 bits since 1970.  Clocks on both sides of them are measured, reported and kept.
 */
#include "agent/first_set/judge.h"
#include "agent/host/process.h"
#include "agent/host/started.h"
#include "agent/witness/step.h"
#include "common/clock.h"
#include "common/ntp/exchange.h"
#include "daemons/ntpd/status.h"
#include "orchestrator/collect/store.h"
#include "tests/fake_root.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define S NS_PER_S
#define MS NS_PER_MS
#define UNIX_S INT64_C(2208988800) /* 1900 to 1970 */

static const struct moment {
	const char *text;
	int64_t ns;
} moments[] = {
	{ "2036-02-07T06:28:16", INT64_C(2085978496) * S },
	{ "2038-01-19T03:14:08", INT64_C(2147483648) * S },
	{ "2106-02-07T06:28:16", INT64_C(4294967296) * S },
};

/* How far a clock is from the moment when it is looked at. */
static const int64_t around_ns[] = { -3600 * S, -S, -13 * MS, -1, 0, 1, 13 * MS, S, 3600 * S };

static ntp_time
stamp(int64_t real_ns)
{
	int64_t since_ns = real_ns / S * S == real_ns ? 0 : real_ns % S;

	return (uint64_t)(real_ns / S + UNIX_S) << 32 | ((uint64_t)since_ns << 32) / S;
}

static int64_t
measured(int64_t local_ns, int64_t offset_ns)
{
	const struct ntp_asked asked = { 5, { .real_ns = local_ns, .boot_ns = 7 * S } };
	const struct clock_reading received = { .real_ns = local_ns + 21 * MS,
		.boot_ns = 7 * S + 21 * MS };
	const struct ntp_packet answer = { .version = 4,
		.mode = 4,
		.stratum = 1,
		.precision_log2 = -20,
		.origin = 5,
		.receive = stamp(local_ns + offset_ns + 10 * MS),
		.transmit = stamp(local_ns + offset_ns + 11 * MS) };
	uint8_t bytes[NTP_HEADER_BYTES];
	struct ntp_sample sample = { 0 };
	struct ntp_refusal refusal;

	ntp_packet_encode(&answer, bytes);
	assert_int_equal(
	    ntp_answer_read(bytes, sizeof(bytes), &asked, &received, &sample, &refusal),
	    NTP_ANSWER_GOOD);
	return sample.offset_ns;
}

static void
offsets_are_measured_across_them(void **state UNUSED)
{
	static const int64_t offsets_ns[] = { 0, 15 * MS, -15 * MS, 2 * S, -2 * S, 7200 * S,
		-7200 * S, INT64_C(378691200) * S, INT64_C(-378691200) * S };

	for (size_t i = 0; i < COUNT(moments); i++) {
		for (size_t k = 0; k < COUNT(around_ns); k++) {
			for (size_t m = 0; m < COUNT(offsets_ns); m++) {
				int64_t seen_ns =
				    measured(moments[i].ns + around_ns[k], offsets_ns[m]);

				assert_true(llabs(seen_ns - offsets_ns[m]) < 10);
			}
		}
	}
}

static void
an_ntpd_says_across_them_how_old_its_update_is(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(moments); i++) {
		for (size_t k = 0; k < COUNT(around_ns); k++) {
			ntp_time now = stamp(moments[i].ns + around_ns[k] + MS);
			ntp_time then = now - (UINT64_C(30) << 32);
			struct daemon_status status;
			struct error err;
			char text[256];

			snprintf(text, sizeof(text),
			    "system 0615\nleap=0, stratum=2, reftime=0x%08" PRIx64 ".%08" PRIx64
			    ", clock=0x%08" PRIx64 ".%08" PRIx64 "\n",
			    then >> 32, then & UINT32_MAX, now >> 32, now & UINT32_MAX);
			assert_int_equal(ntp_parse_status(text, strlen(text), &status, &err), 0);
			assert_true(llabs(status.update_age_ns - 30 * S) < 1000);
		}
	}
}

static void
instants_are_written_and_read(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(moments); i++) {
		for (size_t k = 0; k < COUNT(around_ns); k++) {
			int64_t ns = moments[i].ns + around_ns[k], read_ns;
			char text[CLOCK_TEXT_BYTES];

			clock_text(ns, text);
			assert_true(clock_parse(text, &read_ns));
			assert_int_equal(read_ns, ns);
			assert_true(around_ns[k] != 0 ||
			    strncmp(text, moments[i].text, strlen(moments[i].text)) == 0);
			assert_string_not_equal(
			    clock_local_text(ns, CLOCK_SECOND, text, sizeof(text)), "?");
		}
	}
}

static void
a_report_carries_them(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(moments); i++) {
		struct report report = { .host = "time1",
			.boot_id = "b",
			.session_id = "s",
			.seq = 1,
			.boot_ns = 100 * S,
			.real_ns = moments[i].ns + S,
			.interval_ns = S,
			.steps = { 1, -2 * S, moments[i].ns - S, -2 * S },
			.proof = { .state = PROOF_STEPPED,
			    .started_real_ns = moments[i].ns - S,
			    .proved_real_ns = moments[i].ns + 900 * S },
			.ledger = { { .boot_id = "b",
			    .boot_ns = 99 * S,
			    .amount_ns = -2 * S,
			    .before_real_ns = moments[i].ns + S,
			    .after_real_ns = moments[i].ns - S } },
			.ledger_count = 1,
			.rtc_offset_ns = INT64_MAX };
		char *text = report_encode(&report);
		struct report read;
		struct error err;

		assert_int_equal(report_decode(text, strlen(text), &read, &err), 0);
		assert_int_equal(read.real_ns, report.real_ns);
		assert_int_equal(read.steps.last_real_ns, report.steps.last_real_ns);
		assert_int_equal(read.proof.started_real_ns, report.proof.started_real_ns);
		assert_int_equal(read.proof.proved_real_ns, report.proof.proved_real_ns);
		assert_int_equal(read.ledger[0].before_real_ns, moments[i].ns + S);
		assert_int_equal(read.ledger[0].after_real_ns, moments[i].ns - S);
		free(text);
	}
}

static void
passing_them_is_no_step_and_a_step_over_them_is_one(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(moments); i++) {
		struct step_detector detector = { .primed = false };
		struct clock_reading clocks = { .real_ns = moments[i].ns - 5 * S,
			.boot_ns = 100 * S,
			.raw_ns = 100 * S,
			.mono_ns = 100 * S };
		struct step_seen seen;

		for (int k = 0; k < 10; k++) {
			assert_false(step_feed(&detector, &clocks, &seen));
			clocks.real_ns += S;
			clocks.boot_ns += S;
			clocks.raw_ns += S;
			clocks.mono_ns += S;
		}
		clocks.real_ns -= 8 * S;
		assert_true(step_feed(&detector, &clocks, &seen));
		assert_int_equal(seen.amount_ns, -8 * S);
		assert_false(seen.leap);
	}
}

/* A database in which the samples and the step of each moment stand, at the moment itself. */
static struct store *
open_store(char *folder, char *file, size_t size)
{
	struct store *store;
	struct error err;

	assert_non_null(mkdtemp(folder));
	snprintf(file, size, "%s/history.db", folder);
	assert_int_equal(store_open(file, &store, &err), 0);
	return store;
}

static void
keep(struct store *store, int64_t moment_ns)
{
	struct step_row step = { .host = "time1",
		.time_ns = moment_ns,
		.entry = { .boot_id = "b",
		    .boot_ns = moment_ns / 1000,
		    .amount_ns = -S,
		    .before_real_ns = moment_ns + S,
		    .after_real_ns = moment_ns,
		    .settled = true } };
	struct error err;

	for (int64_t at_s = -90; at_s <= 90; at_s += 30) {
		struct sample sample = { .time_ns = moment_ns + at_s * S, .offset_ns = at_s };

		assert_int_equal(store_add_sample(store, "time1", &sample, &err), 0);
	}
	assert_int_equal(store_add_step(store, &step, &err), 1);
	assert_true(store_flush(store, moment_ns + 100 * S, &err) >= 0);
}

static void
the_history_goes_on_across_them(void **state UNUSED)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	char folder[] = "/tmp/timetier-eras.XXXXXX", file[64], path[80];
	struct store *store = open_store(folder, file, sizeof(file));
	struct error err;

	for (size_t i = 0; i < COUNT(moments); i++) {
		int64_t ns = moments[i].ns;
		struct history_query query = { "time1", ns - 100 * S, ns + 100 * S, 100 };
		struct step_query steps = { .from_ns = ns - 1, .limit = 10 };
		struct history history;
		struct step_row *rows;
		size_t count;

		keep(store, ns);
		assert_int_equal(store_history(store, &query, ns + 100 * S, &history, &err), 0);
		assert_int_equal(history.count, 7);
		for (size_t k = 0; k < history.count; k++) {
			assert_int_equal(
			    history.points[k].time_ns, ns + ((int64_t)k * 30 - 90) * S);
			assert_int_equal(history.points[k].offset_mean_ns, (int64_t)k * 30 - 90);
		}
		free(history.points);
		assert_int_equal(store_steps(store, &steps, &rows, &count, &err), 0);
		assert_int_equal(count, 1);
		assert_int_equal(rows[0].time_ns, ns);
		assert_int_equal(rows[0].entry.before_real_ns, ns + S);
		free(rows);
	}
	store_close(store);
	for (size_t i = 0; i < COUNT(endings); i++) {
		snprintf(path, sizeof(path), "%s%s", file, endings[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

/* A host that booted just before and asks just after, and one whose clock is 20 years behind. */
static void
a_clock_is_set_across_them(void **state UNUSED)
{
	for (size_t i = 0; i < 2; i++) { /* a program of today sees the third in the wrong era */
		struct select_source sources[4];
		struct first_set_verdict verdict;
		struct first_set_case input = { .quorum = 3,
			.limit_ns = S / 2,
			.real_ns = moments[i].ns - 20 * 365 * 86400 * S,
			.built_ns = INT64_C(1795000000) * S };

		for (size_t k = 0; k < COUNT(sources); k++) {
			sources[k] = (struct select_source){ .fit = true,
				.stratum = 1,
				.offset_ns = moments[i].ns + S - input.real_ns + (int64_t)k * MS,
				.distance_ns = 10 * MS };
		}
		first_set_judge(&input, sources, COUNT(sources), &verdict);
		assert_int_equal(verdict.kind, FIRST_SET_SET);
		assert_true(llabs(input.real_ns + verdict.offset_ns - moments[i].ns - S) < 10 * MS);
	}
}

static void
a_process_is_as_old_as_it_is(void **state UNUSED)
{
	for (size_t i = 0; i < 2; i++) {
		char text[64];
		int64_t boot_ns = moments[i].ns - 100 * S;

		fake_root_put("/proc/7/stat",
		    "7 (chronyd) S 1 7 7 0 -1 1 1 1 1 1 1 1 1 1 20 0 1 0 500 1 1\n");
		snprintf(text, sizeof(text), "cpu 1 2\nbtime %" PRId64 "\n", boot_ns / S);
		fake_root_put("/proc/stat", text);
		assert_int_equal(
		    process_started_ns(fake_root, 7) - boot_ns, 500 * (S / sysconf(_SC_CLK_TCK)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_are_measured_across_them),
		cmocka_unit_test(an_ntpd_says_across_them_how_old_its_update_is),
		cmocka_unit_test(instants_are_written_and_read),
		cmocka_unit_test(a_report_carries_them),
		cmocka_unit_test(passing_them_is_no_step_and_a_step_over_them_is_one),
		cmocka_unit_test(the_history_goes_on_across_them),
		cmocka_unit_test(a_clock_is_set_across_them),
		cmocka_unit_test_setup_teardown(
		    a_process_is_as_old_as_it_is, fake_root_make, fake_root_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
