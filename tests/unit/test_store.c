#include "common/file.h"
#include "orchestrator/collect/store.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static struct history
ask(struct store *store, int64_t from_ns, int64_t to_ns, unsigned points)
{
	struct history_query query = { "time1", from_ns, to_ns, points };
	struct history history;
	struct error err;

	assert_int_equal(store_history(store, &query, START + 24 * HOUR, &history, &err), 0);
	return history;
}

static void
samples_come_back_one_by_one_when_there_is_room(void **state)
{
	struct history history;

	add(*state, START + 1, 100);
	add(*state, START + 16 * NS_PER_S, -300);
	history = ask(*state, START, START + 60 * NS_PER_S, 60);
	assert_int_equal(history.count, 2);
	assert_int_equal(history.resolution_ns, 0);
	assert_int_equal(history.points[0].time_ns, START + 1);
	assert_int_equal(history.points[0].offset_mean_ns, 100);
	assert_int_equal(history.points[1].offset_min_ns, -300);
	assert_int_equal(history.points[1].error_bound_max_ns, 3000);
	assert_true(history.points[1].frequency_mean_ppm == 1.5);
	free(history.points);
}

static void
no_spike_is_lost_when_points_are_few(void **state)
{
	struct history history;
	bool low = false, high = false;

	for (int i = 0; i < 1000; i++) {
		add(*state, START + i * NS_PER_S, i == 500 ? -7777 : i == 700 ? 8888 : 10);
	}
	history = ask(*state, START, START + 1000 * NS_PER_S, 10);
	assert_in_range(history.count, 9, 10);
	for (size_t i = 0; i < history.count; i++) {
		low = low || history.points[i].offset_min_ns == -7777;
		high = high || history.points[i].offset_max_ns == 8888;
		assert_true(history.points[i].offset_mean_ns < 200);
	}
	assert_true(low && high);
	free(history.points);
}

static void
minutes_and_hours_hold_minimum_mean_and_maximum(void **state)
{
	struct history_query query = { "time1", START, START + HOUR, 10 };
	struct history history;
	struct error err;

	for (int i = 0; i < 60; i++) {
		add(*state, START + i * 60 * NS_PER_S, i);
		add(*state, START + i * 60 * NS_PER_S + 30 * NS_PER_S, -i);
	}
	/* 20 days later samples and minutes may be gone: hours answer. */
	assert_int_equal(store_history(*state, &query, START + 20 * 24 * HOUR, &history, &err), 0);
	assert_int_equal(history.resolution_ns, HOUR);
	assert_int_equal(history.count, 1);
	assert_int_equal(history.points[0].samples, 120);
	assert_int_equal(history.points[0].offset_min_ns, -59);
	assert_int_equal(history.points[0].offset_max_ns, 59);
	assert_int_equal(history.points[0].offset_mean_ns, 0);
	free(history.points);
	assert_int_equal(store_history(*state, &query, START + 10 * 24 * HOUR, &history, &err), 0);
	assert_int_equal(history.resolution_ns, 60 * NS_PER_S);
	assert_int_equal(history.points[0].samples, 12);
	free(history.points);
}

static void
the_same_sample_twice_counts_once(void **state)
{
	struct history history;

	add(*state, START, 100);
	add(*state, START, 100);
	history = ask(*state, START, START + HOUR, 10);
	assert_int_equal(history.points[0].samples, 1);
	free(history.points);
}

static void
a_late_sample_finds_its_minute(void **state)
{
	struct history_query query = { "time1", START, START + HOUR, 1 };
	struct history history;
	struct error err;

	add(*state, START + 30 * 60 * NS_PER_S, 100);
	add(*state, START, 300);
	assert_int_equal(store_history(*state, &query, START + 10 * 24 * HOUR, &history, &err), 0);
	assert_int_equal(history.points[0].samples, 2);
	assert_int_equal(history.points[0].offset_mean_ns, 200);
	free(history.points);
}

static void
nothing_is_known_of_a_stranger(void **state)
{
	struct history_query query = { "nobody", START, START + HOUR, 10 };
	struct history history;
	struct error err;

	assert_int_equal(store_history(*state, &query, START, &history, &err), 0);
	assert_int_equal(history.count, 0);
	free(history.points);
}

static void
old_samples_go_and_hours_stay(void **state)
{
	struct history_query query = { "time1", START, START + HOUR, 10 };
	struct history history;
	struct error err;
	int64_t later_ns = START + 20 * 24 * HOUR;

	add(*state, START, 100);
	assert_int_equal(store_flush(*state, START, &err), 1);
	add(*state, later_ns, 100);
	assert_int_equal(store_flush(*state, later_ns, &err), 1); /* back to the first host */
	add(*state, later_ns + 1, 100);
	assert_int_equal(store_flush(*state, later_ns, &err), 1);
	/* Asked as if it were fresh: samples are gone. */
	query.points = 100;
	assert_int_equal(store_history(*state, &query, START, &history, &err), 0);
	assert_int_equal(history.count, 0);
	free(history.points);
	assert_int_equal(store_history(*state, &query, later_ns, &history, &err), 0);
	assert_int_equal(history.count, 1);
	free(history.points);
}

static void
steps_are_kept_once_and_newest_first(void **state)
{
	struct step_row row = { .host = "time1",
		.session = "s",
		.count = 1,
		.steps = 1,
		.time_ns = START,
		.amount_ns = -5,
		.total_ns = -5 };
	struct step_row *rows;
	struct error err;
	uint64_t known;
	int64_t total_ns;
	size_t count;

	assert_int_equal(store_add_step(*state, &row, &err), 0);
	assert_int_equal(store_add_step(*state, &row, &err), 0);
	row.count = 3;
	row.steps = 2;
	row.time_ns = START + 5;
	row.total_ns = -9;
	assert_int_equal(store_add_step(*state, &row, &err), 0);
	assert_int_equal(store_steps(*state, NULL, 10, &rows, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].steps, 2);
	assert_string_equal(rows[1].host, "time1");
	free(rows);
	assert_int_equal(store_steps(*state, "time2", 10, &rows, &count, &err), 0);
	assert_int_equal(count, 0);
	free(rows);
	assert_int_equal(store_session_steps(*state, "time1", "s", &known, &total_ns, &err), 0);
	assert_int_equal(known, 3);
	assert_int_equal(total_ns, -9);
	assert_int_equal(store_session_steps(*state, "time1", "t", &known, &total_ns, &err), 0);
	assert_int_equal(known, 0);
}

static void
what_was_flushed_survives_a_kill(void **state)
{
	struct store *store;
	struct history history;
	struct error err;
	int status;
	pid_t pid;

	store_close(*state);
	*state = NULL;
	pid = fork();
	if (pid == 0) {
		if (store_open(file, &store, &err) < 0) {
			_exit(1);
		}
		add(store, START, 1);
		if (store_flush(store, START, &err) < 0) {
			_exit(1);
		}
		add(store, START + 1, 2); /* not flushed */
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(store_open(file, &store, &err), 0);
	*state = store;
	history = ask(store, START, START + HOUR, 10);
	assert_int_equal(history.count, 1);
	assert_int_equal(history.points[0].samples, 1);
	free(history.points);
}

static void
a_full_disk_costs_what_was_not_flushed_and_no_more(void **state)
{
	struct rlimit limit = { .rlim_cur = 1, .rlim_max = RLIM_INFINITY }, before;
	struct history history;
	struct error err;

	add(*state, START, 1);
	assert_int_equal(store_flush(*state, START, &err), 1);
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	limit.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	add(*state, START + NS_PER_S, 2);
	assert_int_equal(store_flush(*state, START, &err), -1);
	assert_int_equal(strncmp(err.text, "history: ", 9), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	add(*state, START + 2 * NS_PER_S, 3);
	assert_int_equal(store_flush(*state, START, &err), 1);
	history = ask(*state, START, START + 3600 * NS_PER_S, 3600);
	assert_int_equal(history.count, 2);
	assert_int_equal(history.points[1].offset_mean_ns, 3);
	free(history.points);
}

static void
nobody_else_can_read_the_file(void **state UNUSED)
{
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
a_damaged_file_is_refused_and_left_alone(void **state)
{
	struct store *store = NULL;
	struct buf content = { 0 };
	struct error err;

	store_close(*state);
	*state = NULL;
	assert_int_equal(
	    file_replace(file, "this is no database at all, no, no", 34, 0600, &err), 0);
	assert_int_equal(store_open(file, &store, &err), -1);
	assert_null(store);
	assert_non_null(strstr(err.text, "history.db cannot be read as a history"));
	assert_non_null(strstr(err.text, "move it away"));
	assert_int_equal(file_read(file, &content, &err), 0);
	assert_string_equal(buf_str(&content), "this is no database at all, no, no");
	buf_free(&content);
}

static void
pragma(const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
a_file_of_a_newer_timetier_is_refused(void **state)
{
	struct store *store;
	struct error err;

	store_close(*state);
	*state = NULL;
	pragma("PRAGMA user_version = 99");
	assert_int_equal(store_open(file, &store, &err), -1);
	assert_non_null(strstr(err.text, "made by a newer timetier"));
}

static void
a_database_of_something_else_is_refused(void **state)
{
	struct store *store;
	struct error err;

	store_close(*state);
	*state = NULL;
	pragma("PRAGMA application_id = 7");
	assert_int_equal(store_open(file, &store, &err), -1);
	assert_non_null(strstr(err.text, "is a database of something else"));
}

static void
a_folder_that_is_not_there_is_an_error(void **state UNUSED)
{
	struct store *store;
	struct error err;

	assert_int_equal(store_open("/nowhere/at/all/history.db", &store, &err), -1);
	assert_non_null(strstr(err.text, "/nowhere/at/all/history.db"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(samples_come_back_one_by_one_when_there_is_room),
		TEST(no_spike_is_lost_when_points_are_few),
		TEST(minutes_and_hours_hold_minimum_mean_and_maximum),
		TEST(the_same_sample_twice_counts_once),
		TEST(a_late_sample_finds_its_minute),
		TEST(nothing_is_known_of_a_stranger),
		TEST(old_samples_go_and_hours_stay),
		TEST(steps_are_kept_once_and_newest_first),
		TEST(what_was_flushed_survives_a_kill),
		TEST(a_full_disk_costs_what_was_not_flushed_and_no_more),
		TEST(nobody_else_can_read_the_file),
		TEST(a_damaged_file_is_refused_and_left_alone),
		TEST(a_file_of_a_newer_timetier_is_refused),
		TEST(a_database_of_something_else_is_refused),
		TEST(a_folder_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
