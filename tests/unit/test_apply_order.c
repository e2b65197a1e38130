/*
 * What a host may say while its change is at work: every record of apply.sh at every step and
 * after every word of ours, from a host that keeps to nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/shown.h"
#include "tests/fake_change.h"
#include "tests/fake_hostile.h"

static void
feed(struct fake_change *change, const char *name, const char *text)
{
	struct buf stream = { .limit_bytes = 0 };

	buf_printf(&stream, "%zu %s\n%s\n", strlen(text), name, text);
	fake_change_feed(change, stream.data, stream.len);
	buf_free(&stream);
}

static void
assert_clean(const char *text, const char *what)
{
	if (text && (fake_hostile_stain(text, strlen(text)) || strchr(text, '\n'))) {
		fail_msg("%s: %s", what, text);
	}
}

/* What the host made us believe: it is shown, and it may be believed only in its order. */
static void
look(const struct fake_change *change, const char *verb, enum host_step step, enum host_word word)
{
	enum host_outcome outcome = change->rollout.outcome;
	bool begun = change->work.begun;

	assert_clean(change->rollout.err.text, verb);
	assert_clean(change->rollout.note, verb);
	assert_clean(change->work.active, verb);
	assert_clean(change->work.bad_line, verb);
	assert_clean(change->work.check_err.text, verb);
	assert_true(change->link.extended_ns <= NS_PER_S);
	if (outcome == HOST_DONE && (word != WORD_KEEP || step != HOST_STEP_HEALTH)) {
		fail_msg("done is believed at %s", host_step_name(step));
	}
	if ((outcome == HOST_FAILED || outcome == HOST_REFUSED) && begun && step > HOST_STEP_ARM) {
		fail_msg("%s: \"as it was\" is believed at %s", verb, host_step_name(step));
	}
	if (outcome == HOST_PUT_BACK && step != HOST_STEP_PUT_BACK) {
		fail_msg("back is believed at %s", host_step_name(step));
	}
	if (word == WORD_BACK && !change->over && change->link.words > 0) {
		fail_msg("%s is answered after back", verb);
	}
	if (word == WORD_BACK && outcome == HOST_DONE) {
		fail_msg("a host that was told \"back\" is believed that it kept");
	}
}

static void
every_record_may_come_at_any_time(void **state UNUSED)
{
	static const char *const tails[] = { "", " 1", " begin", " health", " " HOSTILE_TEXT,
		" health " HOSTILE_TEXT };
	const char *verb;

	for (size_t i = 0; (verb = work_apply_verb(i)); i++) {
		for (size_t k = 0; k < COUNT(tails) * WORDS; k++) {
			for (int step = HOST_STEP_UPLOAD; step <= HOST_STEP_PUT_BACK; step++) {
				enum host_word word = (enum host_word)(k % WORDS);
				struct fake_change change;
				char name[300];

				snprintf(name, sizeof(name), "%s%s", verb, tails[k / WORDS]);
				fake_change_begin(&change, (enum host_step)step, word);
				feed(&change, name, HOSTILE_TEXT "\nbad " HOSTILE_TEXT);
				look(&change, name, (enum host_step)step, word);
				fake_change_end(&change);
			}
		}
	}
}

/* What hosts said: pairs of a record's name and its text, and what becomes of it. */
static const struct {
	const char *story;
	const char *said[20];
	enum host_outcome outcome;
} stories[] = {
	{ "an honest one",
	    { "step check", "", "checked 0", "", "before", "", "ask begin", "", "step guard", "",
		"step rename", "", "step action", "", "step health", "" },
	    HOST_OPEN },
	{ "it says done instead of asking", { "step check", "", "ask begin", "", "done", "" },
	    HOST_LOST },
	{ "it was never told to begin", { "done", "" }, HOST_FAILED },
	{ "it asks to begin twice", { "step check", "", "ask begin", "", "ask begin", "" },
	    HOST_LOST },
	{ "it asks before its check", { "ask begin", "" }, HOST_FAILED },
	{ "it asks for its health before its change", { "step check", "", "ask health", "" },
	    HOST_FAILED },
	{ "a step comes twice", { "step check", "", "step check", "" }, HOST_FAILED },
	{ "a step comes back", { "step rename", "", "step guard", "" }, HOST_FAILED },
	{ "a step that nobody knows", { "step home", "" }, HOST_FAILED },
	{ "a record that nobody knows", { "kept", "" }, HOST_FAILED },
	{ "back before it was changed", { "step check", "", "back", "" }, HOST_FAILED },
	{ "stuck before it was changed", { "stuck", "" }, HOST_FAILED },
	{ "nothing was changed, behind the rename",
	    { "step check", "", "ask begin", "", "step rename", "", "failed", "no" }, HOST_LOST },
	{ "done, where it was told to put back",
	    { "step check", "", "ask begin", "", "step health", "", "active", "failed",
		"ask health", "", "done", "" },
	    HOST_LOST },
	{ "kept, where it was told to put back",
	    { "step check", "", "ask begin", "", "step health", "", "active", "failed",
		"ask health", "", "kept", "" },
	    HOST_LOST },
	{ "a question, where it was told to put back",
	    { "step check", "", "ask begin", "", "step health", "", "active", "failed",
		"ask health", "", "ask health", "" },
	    HOST_LOST },
	{ "it puts back as it was told",
	    { "step check", "", "ask begin", "", "step health", "", "active", "failed",
		"ask health", "", "step put back", "", "back", "" },
	    HOST_PUT_BACK },
	{ "it cannot put back",
	    { "step check", "", "ask begin", "", "step health", "", "active", "failed",
		"ask health", "", "step put back", "", "stuck", HOSTILE_TEXT },
	    HOST_STUCK },
};

static void
a_host_is_believed_only_in_its_order(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(stories); i++) {
		struct fake_change change;

		fake_change_begin(&change, HOST_STEP_UPLOAD, WORD_NONE);
		for (size_t k = 0; k < COUNT(stories[i].said) && stories[i].said[k]; k += 2) {
			feed(&change, stories[i].said[k], stories[i].said[k + 1]);
		}
		if (change.rollout.outcome != stories[i].outcome) {
			fail_msg("%s: %s: %s", stories[i].story,
			    host_outcome_name(change.rollout.outcome), change.rollout.err.text);
		}
		assert_clean(change.rollout.err.text, stories[i].story);
		fake_change_end(&change);
	}
}

static void
questions_do_not_move_the_end(void **state UNUSED)
{
	struct fake_change change;

	fake_change_begin(&change, HOST_STEP_HEALTH, WORD_BEGIN);
	change.work.action_ms = uv_now(&change.loop);
	change.work.gate.asks_time = true; /* without an agent's report it is asked again */
	for (int i = 0; i < 50; i++) {
		feed(&change, "active", "active");
		feed(&change, "ask health", "");
	}
	assert_int_equal(change.over, 0);
	assert_int_equal(change.link.words, 50);
	assert_true(change.link.extended_ns <= NS_PER_S);
	fake_change_end(&change);
}

/* Lists of algorithms come into such a note before anybody has shown a key. */
static void
a_note_on_how_a_host_is_reached_is_one_line(void **state UNUSED)
{
	struct fake_change change;

	fake_change_begin(&change, HOST_STEP_UPLOAD, WORD_NONE);
	work_note(&change.work, HOSTILE_TEXT "\ngood: done");
	work_note(&change.work, HOSTILE_TEXT "\ngood: done");
	assert_int_equal(change.rollout.way_count, 1);
	assert_clean(change.rollout.ways[0], "note");
	fake_change_end(&change);
}

static size_t taken;

static void
count(void *ctx UNUSED, const struct record *record UNUSED)
{
	taken++;
}

static void
all_that_a_host_sends_counts(void **state UNUSED)
{
	static const struct {
		const char *piece;
		size_t most; /* records that may be taken */
	} pieces[] = {
		{ "0 absent /a/name/that/is/long\n\n", 1000 },
		{ "0 \n\n", 1000 },
		{ "9999999999 x\n", 0 },
		{ "no newline at all ", 0 },
		{ "1 x\nab", 0 },
	};

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct records records = { .each = count, .limit_bytes = 4000 };
		struct error err = { "" };
		size_t fed = 0, len = strlen(pieces[i].piece);

		taken = 0;
		assert_int_equal(records_feed(&records, "timetier-records 1\n", 19, &err), 0);
		while (records_feed(&records, pieces[i].piece, len, &err) == 0) {
			fed += len;
			assert_true(fed <= 4000);
		}
		assert_true(taken <= pieces[i].most);
		assert_true(records.pending.capacity + records.shown.capacity < 16384);
		assert_int_equal(records_feed(&records, "0 x\n\n", 5, &err), -1);
		records_done(&records);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_may_come_at_any_time),
		cmocka_unit_test(a_host_is_believed_only_in_its_order),
		cmocka_unit_test(questions_do_not_move_the_end),
		cmocka_unit_test(a_note_on_how_a_host_is_reached_is_one_line),
		cmocka_unit_test(all_that_a_host_sends_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
