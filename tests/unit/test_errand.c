/* A command of the agent is run on a host: what it gets, what comes back, and what goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_bed.h"

static const char *const ask[] = { "ask", "--json", NULL };

/* Run @errand where the agent is @program; NULL: there is none. */
static void
run_errand(struct bed *bed, const struct errand *errand, const char *program)
{
	bed_begin(bed);
	fake_host_drop(&bed->host, AGENT_BINARY);
	if (program) {
		fake_host_program(&bed->host, AGENT_BINARY, program);
	}
	bed->kind = ROLLOUT_ERRAND;
	bed->errand = errand;
	bed_begin_again(bed);
	rollout_plan(bed->rollout);
}

static void
a_command_gets_its_words_and_every_byte(void **state UNUSED)
{
	static const char input[] = "{\"a'b\":\n\"$(id) \\n\"}\n";
	const struct errand errand = {
		.words = ask, .input = input, .input_len = sizeof(input) - 1, .limit_s = 20
	};
	struct bed bed;

	run_errand(&bed, &errand, "#!/bin/sh\necho \"$*\"\ncat\n");
	bed_assert_outcome(&bed, HOST_DONE);
	assert_int_equal(bed.result->said_len, 11 + strlen(input));
	assert_memory_equal(bed.result->said, "ask --json\n", 11);
	assert_memory_equal(bed.result->said + 11, input, strlen(input));
	assert_true(bed_is_clean(&bed));
	bed_finish(&bed);
}

static void
a_long_question_and_a_long_answer_are_whole(void **state UNUSED)
{
	static char input[300000];
	const struct errand errand = {
		.words = ask, .input = input, .input_len = sizeof(input), .limit_s = 20
	};
	struct bed bed;

	memset(input, 'x', sizeof(input));
	run_errand(&bed, &errand, "#!/bin/sh\ncat\n");
	bed_assert_outcome(&bed, HOST_DONE);
	assert_int_equal(bed.result->said_len, sizeof(input));
	assert_memory_equal(bed.result->said, input, sizeof(input));
	bed_finish(&bed);
}

static void
each_failure_has_its_words(void **state UNUSED)
{
	static const char *const bad[] = { "ask", "a;b", NULL };
	static const struct {
		const char *program;
		const char *const *words;
		const char *err;
		bool remedy;
	} rows[] = {
		{ NULL, ask, "timetier-agent is not there", true },
		{ "#!/bin/sh\necho 'no command \"ask\"' >&2\nexit 2\n", ask,
		    "the command ended with status 1: no command \"ask\"", true },
		{ "#!/bin/sh\nexec sleep 60\n", ask,
		    "the command ended with status 1: it said nothing", true },
		{ "#!/bin/sh\nexec yes\n", ask, "timetier-agent's answer has no end", false },
		{ "#!/bin/sh\n", bad, "\"a;b\" is not fit for a command on the host", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct errand errand = { .words = rows[i].words, .limit_s = 1 };
		struct bed bed;

		run_errand(&bed, &errand, rows[i].program);
		bed_assert_outcome(&bed, HOST_FAILED);
		assert_null(bed.result->said);
		if (strcmp(bed.result->err.text, rows[i].err) != 0 ||
		    !bed.result->remedy != !rows[i].remedy) {
			fail_msg("row %zu: %s (%s)", i, bed.result->err.text,
			    bed.result->remedy ? bed.result->remedy : "no remedy");
		}
		bed_finish(&bed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_gets_its_words_and_every_byte),
		cmocka_unit_test(a_long_question_and_a_long_answer_are_whole),
		cmocka_unit_test(each_failure_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
