/* Questions and answers survive the way to another host and back; nothing else is believed. */
#include "measure/answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct questions questions;
static struct measure measure;

static void
begin_questions(void)
{
	memset(&questions, 0, sizeof(questions));
	questions.request.samples = 3;
	questions.request.timeout_ns = 4 * NS_PER_S;
	assert_true(questions_add(&questions, "192.0.2.1", 1, 60, 123));
	assert_true(questions_add(&questions, "ntp.example.net", 4, 20, 1123));
}

static void
questions_arrive_with_their_ration(void **state UNUSED)
{
	static struct questions got;
	struct error err;
	char *text;

	begin_questions();
	ration_book(&questions.ration, "192.0.2.1", 4, 100 * NS_PER_S);
	text = questions_write(&questions, 110 * NS_PER_S);
	/* by the clock of the other host it is another time */
	assert_int_equal(questions_read(text, strlen(text), 9000 * NS_PER_S, &got, &err), 0);
	assert_int_equal(got.request.count, 2);
	assert_int_equal(got.request.samples, 3);
	assert_int_equal(got.request.timeout_ns, 4 * NS_PER_S);
	assert_string_equal(got.request.names[1], "ntp.example.net");
	assert_int_equal(got.request.addresses[1], 4);
	assert_int_equal(got.request.ports[1], 1123);
	assert_int_equal(got.hours[1], 20);
	assert_int_equal(ration_left(&got.ration, "192.0.2.1", 60, 4, 9000 * NS_PER_S), 0);
	assert_int_equal(ration_left(&got.ration, "192.0.2.1", 60, 4, 9061 * NS_PER_S), 4);
	free(text);
	questions_free(&got);
	questions_free(&questions);
}

static void
only_so_many_names_fit(void **state UNUSED)
{
	char long_name[300];

	begin_questions();
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_false(questions_add(&questions, long_name, 1, 60, 123));
	for (int i = 2; i < MEASURE_TARGETS_MAX; i++) {
		assert_true(questions_add(&questions, "x", 1, 60, 123));
	}
	assert_false(questions_add(&questions, "x", 1, 60, 123));
}

/* Not as bytes: structs have padding. */
static void
is_same_target(const struct measure_target *a, const struct measure_target *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->address, b->address);
	assert_string_equal(a->kiss, b->kiss);
	assert_string_equal(a->why, b->why);
	assert_string_equal(a->stranger, b->stranger);
	assert_int_equal(a->source, b->source);
	assert_int_equal(a->sent, b->sent);
	assert_int_equal(a->answered, b->answered);
	assert_int_equal(a->of_name, b->of_name);
	assert_int_equal(a->bogus, b->bogus);
	assert_int_equal(a->held, b->held);
	assert_int_equal(a->same_as, b->same_as);
	assert_int_equal(a->sample_count, b->sample_count);
	for (size_t i = 0; i < a->sample_count; i++) {
		const struct ntp_sample *x = &a->samples[i], *y = &b->samples[i];

		assert_int_equal(x->offset_ns, y->offset_ns);
		assert_int_equal(x->delay_ns, y->delay_ns);
		assert_int_equal(x->dispersion_ns, y->dispersion_ns);
		assert_int_equal(x->boot_ns, y->boot_ns);
		assert_int_equal(x->root_delay_ns, y->root_delay_ns);
		assert_int_equal(x->root_dispersion_ns, y->root_dispersion_ns);
		assert_int_equal(x->stratum, y->stratum);
		assert_int_equal(x->leap, y->leap);
		assert_int_equal(x->refid, y->refid);
		assert_int_equal(x->reference, y->reference);
	}
}

static void
answers_come_back_whole(void **state UNUSED)
{
	static struct measure got;
	struct measure_target *targets = measure.targets;
	struct error err;
	char *text;

	begin_questions();
	measure.target_count = 2;
	targets[0] = (struct measure_target){ .name = "192.0.2.1",
		.address = "192.0.2.1",
		.sent = 3,
		.answered = 2,
		.of_name = 1,
		.bogus = 7,
		.kiss = "RATE",
		.why = "why not",
		.stranger = "192.0.2.9",
		.same_as = -1,
		.sample_count = 1,
		.samples = { { .offset_ns = -1230000000 * NS_PER_S,
		    .delay_ns = 1,
		    .dispersion_ns = 2,
		    .boot_ns = 3,
		    .root_delay_ns = 4,
		    .root_dispersion_ns = 5,
		    .stratum = 15,
		    .leap = NTP_LEAP_DELETE,
		    .refid = UINT32_MAX,
		    .reference = UINT64_MAX - 1 } } };
	targets[1] = targets[0];
	memcpy(targets[1].name, "ntp.example.net", 16);
	targets[1].source = 1;
	targets[1].same_as = 0;
	targets[1].held = true;
	targets[1].sample_count = 0;
	memset(targets[1].samples, 0, sizeof(targets[1].samples));
	text = answers_write(&measure);
	assert_int_equal(answers_read(text, strlen(text), &questions, &got, &err), 0);
	assert_int_equal(got.target_count, 2);
	is_same_target(&got.targets[0], &targets[0]);
	is_same_target(&got.targets[1], &targets[1]);
	free(text);
}

static void
answers_to_something_else_are_refused(void **state UNUSED)
{
	static const char usual[] =
	    "\"sent\":0,\"answered\":0,\"of_name\":0,\"bogus\":0,\"held\":false";
	static const struct {
		const char *rest, *err;
	} rows[] = {
		{ "\"same_as\":-1,\"source\":2,\"samples\":[]",
		    "it answers for what was not asked" },
		{ "\"same_as\":-1,\"source\":-1,\"samples\":[]",
		    "it answers for what was not asked" },
		{ "\"same_as\":-1,\"samples\":[]", "it answers for what was not asked" },
		{ "\"same_as\":0,\"source\":0,\"samples\":[]",
		    "a target is the same as a later one" },
		{ "\"same_as\":-1,\"source\":0", "samples is no list of 8 at most" },
		{ "\"same_as\":-1,\"source\":0,\"samples\":[{}]", "sample.offset_ns is missing" },
		{ "\"same_as\":-1,\"source\":0,\"samples\":[],\"address\":\"$(id)\"",
		    "\"$(id)\" is no address" },
	};
	struct error err;

	begin_questions();
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[512];

		snprintf(text, sizeof(text), "{\"targets\":[{%s,%s}]}", usual, rows[i].rest);
		assert_int_equal(answers_read(text, strlen(text), &questions, &measure, &err), -1);
		assert_string_equal(err.text, rows[i].err);
		assert_int_equal(measure.target_count, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_arrive_with_their_ration),
		cmocka_unit_test(only_so_many_names_fit),
		cmocka_unit_test(answers_come_back_whole),
		cmocka_unit_test(answers_to_something_else_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
