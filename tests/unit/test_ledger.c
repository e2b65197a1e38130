#include "agent/witness/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define S NS_PER_S

static struct ledger_entry
entry_at(int64_t boot_ns)
{
	return (struct ledger_entry){ .boot_id = "here",
		.boot_ns = boot_ns,
		.amount_ns = S,
		.before_real_ns = 5 * S,
		.after_real_ns = 6 * S,
		.cause = CAUSE_BY_HAND,
		.settled = true,
		.words = "by somebody" };
}

/* As a service writes it 40 s after a start of chronyd. */
static void
fill(struct ledger *ledger)
{
	struct ledger_entry entry = entry_at(77);

	*ledger = (struct ledger){ .boot_id = "here",
		.watched_since_ns = 1,
		.watched_to_ns = 140 * S,
		.gap_ns = INT64_C(1795323663) * S,
		.raw_ns = INT64_C(1795323663) * S + 3,
		.program = "chronyd",
		.pid = 12,
		.start_id_ns = 100 * S,
		.started_ns = 100 * S,
		.started_raw_ns = 9,
		.window_ns = 900 * S,
		.moved_ns = -5,
		.unwatched_ns = 6,
		.touched = 7,
		.proof = { .state = PROOF_WATCHING, .words = "no step so far" } };
	ledger_add(ledger, &entry);
}

static void
what_was_written_is_read_the_same(void **state UNUSED)
{
	struct ledger ledger, read;
	struct error err = { "" };
	char *first, *second;

	fill(&ledger);
	ledger.end = (struct daemon_end){
		.ended = true, .real_ns = S, .exit_status = 255, .words = "exited"
	};
	first = ledger_encode_file(&ledger);
	if (ledger_decode_file(first, strlen(first), &read, &err) < 0) {
		fail_msg("%s", err.text);
	}
	second = ledger_encode_file(&read);
	assert_string_equal(first, second);
	assert_int_equal(read.pid, 12);
	assert_int_equal(read.count, 1);
	assert_true(read.end.ended);
	free(first);
	free(second);
}

static void
the_oldest_entry_makes_room_and_the_largest_file_fits(void **state UNUSED)
{
	static struct ledger ledger;
	char *text;

	fill(&ledger);
	for (int64_t i = 0; i < 2 * LEDGER_ENTRIES_MAX; i++) {
		struct ledger_entry entry = entry_at(1000 + i);

		memset(entry.words, 'x', sizeof(entry.words) - 1);
		entry.amount_ns = INT64_MIN;
		ledger_add(&ledger, &entry);
	}
	assert_int_equal(ledger.count, LEDGER_ENTRIES_MAX);
	assert_int_equal(ledger.entries[0].boot_ns, 1000 + 2 * LEDGER_ENTRIES_MAX - 1);
	assert_null(ledger_find(&ledger, "here", 77));
	assert_null(ledger_find(&ledger, "there", 1000 + 2 * LEDGER_ENTRIES_MAX - 1));
	assert_non_null(ledger_find(&ledger, "here", 1000 + 2 * LEDGER_ENTRIES_MAX - 1));
	text = ledger_encode_file(&ledger);
	assert_true(strlen(text) <= LEDGER_BYTES_MAX);
	free(text);
}

static void
garbage_is_refused_with_words_and_nothing_is_written(void **state UNUSED)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{\"version\":2}",
		"{\"version\":1}",
		"{\"version\":1,\"boot_id\":\"\"}",
		"{\"version\":1,\"boot_id\":\"a\",\"watched_since_ns\":-1}",
		"\x00\xff",
	};
	struct ledger ledger = { .pid = 77 };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct error err = { "" };

		assert_int_equal(ledger_decode_file(texts[i], strlen(texts[i]), &ledger, &err), -1);
		assert_true(err.text[0] != '\0');
		assert_int_equal(ledger.pid, 77);
	}
}

static void
it_is_saved_and_loaded_and_no_file_is_an_empty_ledger(void **state UNUSED)
{
	char folder[] = "/tmp/test_ledger.XXXXXX", path[64];
	struct ledger ledger, read = { .pid = 77 };
	struct error err = { "" };
	FILE *file;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(ledger_load(folder, &read, &err), 0);
	assert_int_equal(read.pid, 0);
	fill(&ledger);
	assert_int_equal(ledger_save(folder, &ledger, &err), 0);
	assert_int_equal(ledger_load(folder, &read, &err), 0);
	assert_int_equal(read.started_ns, 100 * S);
	snprintf(path, sizeof(path), "%s/" LEDGER_FILE, folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("{\"version\":", file);
	fclose(file);
	assert_int_equal(ledger_load(folder, &read, &err), -1);
	assert_non_null(strstr(err.text, "ledger.json is damaged: it is not JSON"));
	unlink(path);
	rmdir(folder);
}

static void
merge(const struct ledger *ledger, int pid, int64_t started_ns, int64_t boot_ns,
    struct report *report)
{
	struct ledger_now now = { .boot_ns = boot_ns, .pid = pid, .start_id_ns = started_ns };

	ledger_merge(ledger, &now, report);
}

static void
a_service_that_runs_is_of_this_boot_whatever_the_ids_say(void **state UNUSED)
{
	struct ledger_now now = {
		.boot_ns = 150 * S, .pid = 12, .start_id_ns = 100 * S, .writer_runs = true
	};
	struct report report = { .boot_id = "there" };
	struct ledger ledger;

	fill(&ledger);
	ledger_merge(&ledger, &now, &report);
	assert_int_equal(report.proof.state, PROOF_WATCHING);
}

static void
a_report_of_the_same_boot_and_start_gets_the_proof(void **state UNUSED)
{
	static struct report report;
	struct ledger ledger;

	fill(&ledger);
	report = (struct report){ .boot_id = "here" };
	merge(&ledger, 12, 100 * S, 150 * S, &report);
	assert_int_equal(report.proof.state, PROOF_WATCHING);
	assert_int_equal(report.ledger_count, 1);
	merge(&ledger, 13, 141 * S, 150 * S, &report);
	assert_int_equal(report.proof.state, PROOF_NONE);
	assert_non_null(strstr(report.proof.words, "has not noticed the latest start"));
	merge(&ledger, 12, 100 * S, 290 * S, &report);
	assert_int_equal(report.proof.state, PROOF_BLIND);
	assert_non_null(strstr(report.proof.words, "has not watched for 150 s"));
	ledger.end.ended = true;
	merge(&ledger, 0, 0, 150 * S, &report);
	assert_true(report.end.ended);
	report = (struct report){ .boot_id = "there" };
	merge(&ledger, 12, 100 * S, 150 * S, &report);
	assert_int_equal(report.proof.state, PROOF_NONE);
	assert_int_equal(report.ledger_count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_the_same),
		cmocka_unit_test(the_oldest_entry_makes_room_and_the_largest_file_fits),
		cmocka_unit_test(garbage_is_refused_with_words_and_nothing_is_written),
		cmocka_unit_test(it_is_saved_and_loaded_and_no_file_is_an_empty_ledger),
		cmocka_unit_test(a_service_that_runs_is_of_this_boot_whatever_the_ids_say),
		cmocka_unit_test(a_report_of_the_same_boot_and_start_gets_the_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
