#include "orchestrator/collect/followed.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define HOUR (3600 * NS_PER_S)
#define START (INT64_C(480000) * HOUR) /* at the start of an hour, in 2024 */

static char folder[64], file[96];

static int
set_up(void **state)
{
	struct store *store;
	struct error err;

	snprintf(folder, sizeof(folder), "/tmp/timetier-store.XXXXXX");
	if (!mkdtemp(folder)) {
		return -1;
	}
	snprintf(file, sizeof(file), "%s/history.db", folder);
	if (store_open(file, &store, &err) < 0) {
		return -1;
	}
	*state = store;
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const endings[] = { "", "-wal", "-shm" };

	store_close(*state);
	for (size_t i = 0; i < COUNT(endings); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", file, endings[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static void
add(struct store *store, int64_t time_ns, int64_t offset_ns)
{
	struct sample sample = { .time_ns = time_ns,
		.offset_ns = offset_ns,
		.error_bound_ns = 10 * llabs(offset_ns),
		.frequency_ppm = 1.5,
		.health = HEALTH_GOOD };
	struct error err;

	assert_int_equal(store_add_sample(store, "time1", &sample, &err), 0);
}

/* A text of the first row of @sql; free() ends it. */
static char *
asked(const char *sql)
{
	sqlite3_stmt *statement;
	sqlite3 *db;
	char *text;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	text = strdup((const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return text;
}

static void
an_hour_knows_in_which_minutes_it_was_heard(void **state)
{
	struct error err;
	char *heard;

	add(*state, START, 1);
	add(*state, START + 60 * NS_PER_S - 1, 2);
	add(*state, START + 61 * NS_PER_S, 3);
	add(*state, START + HOUR - 1, 4);
	assert_int_equal(store_flush(*state, START, &err), 1);
	heard = asked("SELECT printf('%x', heard) FROM hour");
	assert_string_equal(heard, "800000000000003");
	free(heard);
}

static void
whom_a_host_follows_is_written_when_it_changes(void **state)
{
	struct followed followed = { .source = "ptb1",
		.address = "192.0.2.1",
		.stratum = 2,
		.auth = AUTH_NTS,
		.auth_told = true };
	struct error err;
	char *rows;

	for (int i = 0; i < 6; i++) {
		followed.time_ns = START + i;
		followed.stratum = i < 2 ? 2 : 3;
		followed.auth = i == 4 ? AUTH_NONE : AUTH_NTS;
		assert_int_equal(store_add_followed(*state, "time1", &followed, &err), 0);
	}
	assert_int_equal(store_flush(*state, START, &err), 1);
	rows = asked("SELECT group_concat((time_ns % 1000) || source || stratum || auth, ' ') FROM "
		     "followed");
	assert_string_equal(rows, "0ptb12nts 2ptb13nts 4ptb13none 5ptb13nts");
	free(rows);
}

static void
only_the_latest_changes_of_a_host_are_kept(void **state)
{
	struct followed followed = { .address = "192.0.2.1" };
	struct error err;
	char *rows;

	for (int i = 0; i < STORE_FOLLOWED_KEEP + 7; i++) {
		followed.time_ns = START + i;
		followed.stratum = 2 + i % 2;
		assert_int_equal(store_add_followed(*state, "time1", &followed, &err), 0);
	}
	assert_int_equal(store_flush(*state, START, &err), 1);
	rows = asked("SELECT count(*) || ' ' || (min(time_ns) % 1000) FROM followed");
	assert_string_equal(rows, "1000 7");
	free(rows);
}

static struct report
report_of(const char *selected)
{
	struct report report = { .answered = true };
	struct daemon_status *status = &report.status;

	status->stratum = 2;
	snprintf(status->selected, sizeof(status->selected), "%s", selected);
	status->source_count = 2;
	status->sources[0] = (struct source_status){ .address = "192.0.2.1", .auth = AUTH_NTS };
	status->sources[1] =
	    (struct source_status){ .address = "192.0.2.2", .declared_auth = AUTH_KEY };
	return report;
}

static void
what_the_daemon_tells_goes_before_what_its_configuration_has(void **state UNUSED)
{
	struct report told = report_of("192.0.2.1"), declared = report_of("192.0.2.2");
	struct names none = { .count = 0 };
	struct followed first, second;

	assert_int_not_equal(
	    followed_of(&told, &none, &first), followed_of(&declared, &none, &second));
	assert_int_equal(first.auth, AUTH_NTS);
	assert_true(first.auth_told);
	assert_string_equal(first.address, "192.0.2.1");
	assert_int_equal(second.auth, AUTH_KEY);
	assert_false(second.auth_told);
}

static void
who_follows_nobody_has_no_source_and_who_does_not_answer_is_not_known(void **state UNUSED)
{
	struct report lost = report_of("192.0.2.1"), silent = report_of("192.0.2.1");
	struct names none = { .count = 0 };
	struct followed followed = { .stratum = 77 };

	silent.answered = false;
	assert_int_equal(followed_of(&silent, &none, &followed), 0);
	assert_int_equal(followed.stratum, 77);
	lost.status.leap = LEAP_UNSYNC;
	assert_int_not_equal(followed_of(&lost, &none, &followed), 0);
	assert_string_equal(followed.address, "");
	assert_int_equal(followed.stratum, 16);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_hour_knows_in_which_minutes_it_was_heard),
		TEST(whom_a_host_follows_is_written_when_it_changes),
		TEST(only_the_latest_changes_of_a_host_are_kept),
		TEST(what_the_daemon_tells_goes_before_what_its_configuration_has),
		TEST(who_follows_nobody_has_no_source_and_who_does_not_answer_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
