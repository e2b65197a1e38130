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
#include "orchestrator/rollout/host/work.h"
#include "tests/fake_hostile.h"

struct link {
	int64_t extended_ns; /* the longest time that the command was given at once */
	char said[64];       /* what it was told last */
	unsigned words;
	bool closed;
};

static void
run(struct link *link UNUSED, const char *command UNUSED, int64_t timeout_ns UNUSED)
{
}

static void
tell(struct link *link, const char *bytes, size_t len)
{
	snprintf(link->said, sizeof(link->said), "%.*s", (int)len, bytes);
	link->words++;
}

static void
extend(struct link *link, int64_t timeout_ns)
{
	link->extended_ns = timeout_ns > link->extended_ns ? timeout_ns : link->extended_ns;
}

static void
close_link(struct link *link)
{
	link->closed = true;
}

/* A host under a change, without any transport. */
struct scene {
	uv_loop_t loop;
	struct transport transport;
	struct link link;
	struct topology topology;
	struct tier tier;
	struct host host;
	struct rollout_request request;
	struct host_owner owner;
	struct rollout_host rollout;
	struct host_work work;
	unsigned over;
};

static void
moved(void *ctx UNUSED, struct rollout_host *host UNUSED)
{
}

static void
over(void *ctx, struct rollout_host *host UNUSED)
{
	((struct scene *)ctx)->over++;
}

static void
begin(struct scene *scene, enum host_step step, enum host_word word)
{
	*scene = (struct scene){
		.transport = { NULL, run, tell, extend, close_link },
		.topology = { .rollout = { .confirm_within_ns = 60 * NS_PER_S } },
		.host = { .name = "time1", .role = HOST_SERVER, .tier = &scene->tier },
	};
	uv_loop_init(&scene->loop);
	scene->request = (struct rollout_request){
		.loop = &scene->loop, .transport = &scene->transport, .topology = &scene->topology
	};
	scene->owner = (struct host_owner){ .request = &scene->request,
		.remote = { .confirm_s = 60 },
		.ctx = scene,
		.moved = moved,
		.over = over };
	scene->rollout.host = &scene->host;
	scene->rollout.step = step;
	scene->work = (struct host_work){ .host = &scene->rollout,
		.owner = &scene->owner,
		.link = &scene->link,
		.kind = WORK_APPLY,
		.word = word,
		.begun = step > HOST_STEP_CHECK || word >= WORD_BEGIN,
		.end_ms = uv_now(&scene->loop) + 1000,
		.gate = { .unit = "chrony.service",
		    .confirm_within_ns = 60 * NS_PER_S,
		    .topology = &scene->topology,
		    .host = &scene->host } };
	scene->work.begun &= word != WORD_STOP;
}

static void
end(struct scene *scene)
{
	work_access_stop(&scene->work);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	uv_loop_close(&scene->loop);
	arena_free(&scene->rollout.arena);
}

static void
take(void *ctx, const struct record *record)
{
	work_take_apply(ctx, record);
}

static void
feed(struct scene *scene, const char *name, const char *text)
{
	struct buf stream = { .limit_bytes = 0 };
	struct error err;

	if (!scene->work.records.each) {
		scene->work.records.each = take;
		scene->work.records.ctx = &scene->work;
		scene->work.records.begun = true;
	}
	buf_printf(&stream, "%zu %s\n%s\n", strlen(text), name, text);
	if (!scene->over) {
		assert_int_equal(
		    records_feed(&scene->work.records, stream.data, stream.len, &err), 0);
	}
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
look(const struct scene *scene, const char *verb, enum host_step step, enum host_word word)
{
	enum host_outcome outcome = scene->rollout.outcome;
	bool begun = scene->work.begun;

	assert_clean(scene->rollout.err.text, verb);
	assert_clean(scene->rollout.note, verb);
	assert_clean(scene->work.active, verb);
	assert_clean(scene->work.bad_line, verb);
	assert_clean(scene->work.check_err.text, verb);
	assert_true(scene->link.extended_ns <= NS_PER_S);
	if (outcome == HOST_DONE && (word != WORD_KEEP || step != HOST_STEP_HEALTH)) {
		fail_msg("done is believed at %s", host_step_name(step));
	}
	if ((outcome == HOST_FAILED || outcome == HOST_REFUSED) && begun && step > HOST_STEP_ARM) {
		fail_msg("%s: \"as it was\" is believed at %s", verb, host_step_name(step));
	}
	if (outcome == HOST_PUT_BACK && step != HOST_STEP_PUT_BACK) {
		fail_msg("back is believed at %s", host_step_name(step));
	}
	if (word == WORD_BACK && !scene->over && scene->link.words > 0) {
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
				struct scene scene;
				char name[300];

				snprintf(name, sizeof(name), "%s%s", verb, tails[k / WORDS]);
				begin(&scene, (enum host_step)step, word);
				feed(&scene, name, HOSTILE_TEXT "\nbad " HOSTILE_TEXT);
				look(&scene, name, (enum host_step)step, word);
				records_done(&scene.work.records);
				end(&scene);
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
		struct scene scene;

		begin(&scene, HOST_STEP_UPLOAD, WORD_NONE);
		for (size_t k = 0; k < COUNT(stories[i].said) && stories[i].said[k]; k += 2) {
			feed(&scene, stories[i].said[k], stories[i].said[k + 1]);
		}
		if (scene.rollout.outcome != stories[i].outcome) {
			fail_msg("%s: %s: %s", stories[i].story,
			    host_outcome_name(scene.rollout.outcome), scene.rollout.err.text);
		}
		assert_clean(scene.rollout.err.text, stories[i].story);
		records_done(&scene.work.records);
		end(&scene);
	}
}

static void
questions_do_not_move_the_end(void **state UNUSED)
{
	struct scene scene;

	begin(&scene, HOST_STEP_HEALTH, WORD_BEGIN);
	scene.work.action_ms = uv_now(&scene.loop);
	scene.work.gate.asks_time = true; /* without an agent's report it is asked again */
	for (int i = 0; i < 50; i++) {
		feed(&scene, "active", "active");
		feed(&scene, "ask health", "");
	}
	assert_int_equal(scene.over, 0);
	assert_int_equal(scene.link.words, 50);
	assert_true(scene.link.extended_ns <= NS_PER_S);
	records_done(&scene.work.records);
	end(&scene);
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
		cmocka_unit_test(all_that_a_host_sends_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
