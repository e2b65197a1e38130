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
	/* 100 days later samples and minutes may be gone: hours answer. */
	assert_int_equal(store_history(*state, &query, START + 100 * 24 * HOUR, &history, &err), 0);
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
	int64_t later_ns = START + 100 * 24 * HOUR;

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

static struct step_row
step_at(const char *host, int64_t boot_ns, int64_t time_ns)
{
	struct step_row row = { .time_ns = time_ns,
		.entry = { .boot_id = "b", .boot_ns = boot_ns, .amount_ns = -5, .words = "w" } };

	snprintf(row.host, sizeof(row.host), "%s", host);
	return row;
}

static void
steps_are_kept_once_and_newest_first(void **state)
{
	struct step_row row = step_at("time1", 1, START), *rows;
	struct step_query query = { .limit = 10 };
	struct error err;
	size_t count;

	assert_int_equal(store_add_step(*state, &row, &err), 1);
	assert_int_equal(store_add_step(*state, &row, &err), 0);
	row = step_at("time2", 1, START + 5);
	row.entry.cause = CAUSE_LEAP;
	assert_int_equal(store_add_step(*state, &row, &err), 1);
	assert_int_equal(store_steps(*state, &query, &rows, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].host, "time2");
	assert_int_equal(rows[1].entry.amount_ns, -5);
	free(rows);
	query.host = "time1";
	assert_int_equal(store_steps(*state, &query, &rows, &count, &err), 0);
	assert_int_equal(count, 1);
	free(rows);
	query = (struct step_query){ .cause = "leap second", .limit = 10 };
	assert_int_equal(store_steps(*state, &query, &rows, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].entry.cause, CAUSE_LEAP);
	free(rows);
	query = (struct step_query){ .from_ns = START + 1, .limit = 1 };
	assert_int_equal(store_steps(*state, &query, &rows, &count, &err), 0);
	assert_int_equal(count, 1);
	free(rows);
}

static void
a_cause_changes_until_it_is_settled(void **state)
{
	struct step_row row = step_at("time1", 1, START), *rows;
	struct step_query query = { .limit = 10 };
	struct step_count counts[4];
	struct error err;
	size_t count;

	assert_int_equal(store_add_step(*state, &row, &err), 1);
	row.entry.cause = CAUSE_BY_HAND;
	row.entry.settled = true;
	assert_int_equal(store_add_step(*state, &row, &err), 0);
	row.entry.cause = CAUSE_UNKNOWN; /* an older report that comes late */
	row.entry.settled = false;
	assert_int_equal(store_add_step(*state, &row, &err), 0);
	assert_int_equal(store_steps(*state, &query, &rows, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].entry.cause, CAUSE_BY_HAND);
	assert_true(rows[0].entry.settled);
	free(rows);
	assert_int_equal(store_count_steps(*state, counts, COUNT(counts), &count, &err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(counts[0].cause, "by hand");
	assert_int_equal(counts[0].count, 1);
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
	assert_non_null(strstr(err.text, "history.db: ")); /* which file it is */
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

/* The columns of each table and index of @path; free() ends it. */
static char *
schema_of(const char *path)
{
	sqlite3_stmt *statement;
	char *text;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT group_concat(word, ';') FROM (SELECT made.name || '.' || "
			     "part.name || ' ' || part.type || part.\"notnull\" || part.pk || "
			     "ifnull(part.dflt_value, '') AS word FROM sqlite_master AS made, "
			     "pragma_table_xinfo(made.name) AS part ORDER BY 1)",
			     -1, &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	text = strdup((const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return text;
}

static void
a_file_of_the_first_version_is_brought_up_to_date(void **state)
{
	struct step_query query = { .limit = 10 };
	struct step_row *rows;
	struct store *store;
	struct error err = { "" };
	char *made, *brought;
	size_t count;

	add(*state, START, 1);
	assert_int_equal(store_flush(*state, START, &err), 1);
	store_close(*state);
	*state = NULL;
	made = schema_of(file);
	pragma(
	    "DROP TABLE followed; ALTER TABLE hour DROP COLUMN heard; DROP TABLE step; CREATE "
	    "TABLE step ( host_id   INTEGER NOT NULL REFERENCES host(id), "
	    "session   TEXT NOT NULL, count     INTEGER NOT NULL, "
	    "steps     INTEGER NOT NULL, time_ns   INTEGER NOT NULL, amount_ns INTEGER NOT NULL, "
	    "total_ns  INTEGER NOT NULL, PRIMARY KEY (host_id, session, count) ) WITHOUT ROWID; "
	    "CREATE INDEX step_by_time ON step (time_ns); "
	    "INSERT INTO step VALUES (1, 's', 3, 2, 7, -5, -9); PRAGMA user_version = 1");
	if (store_open(file, &store, &err) < 0) {
		fail_msg("%s", err.text);
	}
	*state = store;
	brought = schema_of(file);
	assert_string_equal(made, brought);
	assert_int_equal(store_steps(store, &query, &rows, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].time_ns, 7);
	assert_int_equal(rows[0].entry.amount_ns, -5);
	assert_string_equal(rows[0].entry.words, "before causes were kept: 2 steps");
	free(rows);
	free(made);
	free(brought);
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
	assert_non_null(strstr(err.text, "is a database of another program"));
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
		TEST(a_cause_changes_until_it_is_settled),
		TEST(a_file_of_the_first_version_is_brought_up_to_date),
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
