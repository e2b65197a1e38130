/* A command of the agent is run on a host: what it gets, what comes back, and what goes wrong. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/runs/errand/errand.h"
#include "tests/fake_bed.h"

static const char *const ask[] = { "ask", "--json", NULL };

static void
begin(struct bed *bed, const struct errand *errand, const char *program)
{
	bed_begin(bed);
	fake_host_drop(&bed->host, AGENT_BINARY);
	if (program) {
		fake_host_program(&bed->host, AGENT_BINARY, program);
	}
	bed->kind = ROLLOUT_ERRAND;
	bed->errand = errand;
}

/* Run @errand where the agent is @program; NULL: there is none. */
static void
run_errand(struct bed *bed, const struct errand *errand, const char *program)
{
	begin(bed, errand, program);
	bed_begin_again(bed);
	rollout_plan(bed->rollout);
}

/* A script that stands for the agent's program; it is longer than what one read takes. */
static void
make_program(struct agent_programs *programs, const char *begins)
{
	static char text[200000];
	struct error err;

	memset(text, '#', sizeof(text));
	for (size_t i = 0; begins[i]; i++) {
		text[i] = begins[i];
	}
	programs->count = 0;
	assert_int_equal(agent_programs_add(programs, "agent", text, sizeof(text), &err), 0);
}

/* Run @errand on a host without the agent, which is brought one of @programs. */
static void
bring(struct bed *bed, const struct errand *errand, const struct agent_programs *programs)
{
	begin(bed, errand, NULL);
	bed->programs = programs;
	fake_host_write(&bed->host, "/tmp/of-somebody", "else\n");
	bed_begin_again(bed);
	rollout_plan(bed->rollout);
}

/* Whether the host has nothing of an errand: neither the program, nor its folder. */
static bool
is_gone(const struct bed *bed)
{
	char pattern[300];
	glob_t found = { .gl_pathc = 0 };
	bool gone;

	snprintf(pattern, sizeof(pattern), "%s/tmp/timetier*", bed->host.top);
	gone = glob(pattern, 0, NULL, &found) == GLOB_NOMATCH;
	globfree(&found);
	return gone && !fake_host_has(&bed->host, AGENT_BINARY) &&
	    strcmp(fake_host_read(&bed->host, "/tmp/of-somebody"), "else\n") == 0;
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

static void
a_host_without_the_agent_is_brought_one_for_the_moment(void **state UNUSED)
{
	static const char input[] = "what\n\"is\" asked\n";
	const struct errand errand = {
		.words = ask, .input = input, .input_len = sizeof(input) - 1, .limit_s = 20
	};
	struct agent_programs programs;
	struct bed bed;

	make_program(&programs, "#!/bin/sh\necho \"${0##*/} $*\"\nexec cat\n");
	bring(&bed, &errand, &programs);
	bed_assert_outcome(&bed, HOST_DONE);
	assert_int_equal(bed.result->said_len, 26 + strlen(input));
	assert_memory_equal(bed.result->said, "timetier-agent ask --json\n", 26);
	assert_memory_equal(bed.result->said + 26, input, strlen(input));
	assert_true(is_gone(&bed));
	bed_finish(&bed);
}

static void
where_none_can_be_brought_it_is_said_why(void **state UNUSED)
{
	static const struct {
		const char *program, *stub, *stub_text, *err;
	} rows[] = {
		{ "#!/bin/sh\n", "/bin/mktemp", "#!/bin/sh\nexit 1\n",
		    "timetier-agent is not there, and nowhere can one be run for a moment: /tmp, "
		    "/var/tmp, " },
		/* what is no program even with its mode set, as where noexec is mounted */
		{ "#!/bin/sh\n", "/bin/chmod", "#!/bin/sh\nexit 0\n",
		    "timetier-agent is not there, and nowhere can one be run for a moment: /tmp, "
		    "/var/tmp, " },
		{ "#!/bin/sh\n", "/bin/wc", "#!/bin/sh\necho 7\n",
		    "timetier-agent is not there, and one did not come whole: is there room in "
		    "/tmp/timetier-errand." },
		{ "#!/bin/sh\necho 'it breaks' >&2\nexit 2\n", NULL, NULL,
		    "the command ended with status 1: it breaks" },
	};
	const struct errand errand = { .words = ask, .limit_s = 20 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct agent_programs programs;
		struct bed bed;

		make_program(&programs, rows[i].program);
		begin(&bed, &errand, NULL);
		bed.programs = &programs;
		fake_host_write(&bed.host, "/tmp/of-somebody", "else\n");
		if (rows[i].stub) {
			fake_host_program(&bed.host, rows[i].stub, rows[i].stub_text);
		}
		bed_begin_again(&bed);
		rollout_plan(bed.rollout);
		bed_assert_outcome(&bed, HOST_FAILED);
		if (strncmp(bed.result->err.text, rows[i].err, strlen(rows[i].err)) != 0) {
			fail_msg("row %zu: %s", i, bed.result->err.text);
		}
		assert_non_null(bed.result->remedy);
		assert_true(fake_transport_wait(&bed.fake));
		assert_true(is_gone(&bed));
		bed_finish(&bed);
	}
}

/* The header of a program for a machine that this one is not. */
static void
a_program_of_another_machine_is_not_brought(void **state UNUSED)
{
	static const unsigned char header[64] = { 0x7f, 'E', 'L', 'F', 2, 1,
		1, [16] = 2, [18] = 22, [20] = 1, [52] = 64 };
	const struct errand errand = { .words = ask, .limit_s = 20 };
	struct agent_programs programs = { .count = 0 };
	struct error err;
	struct bed bed;

	assert_int_equal(
	    agent_programs_add(&programs, "agent", (const char *)header, sizeof(header), &err), 0);
	bring(&bed, &errand, &programs);
	bed_assert_outcome(&bed, HOST_FAILED);
	assert_non_null(strstr(bed.result->err.text,
	    "timetier-agent is not there, and none of those here runs there: agent is for "));
	assert_non_null(strstr(bed.result->remedy, "build timetier-agent for it"));
	assert_true(fake_transport_wait(&bed.fake));
	assert_true(is_gone(&bed));
	bed_finish(&bed);
}

/* A host that says what nobody may say there, by a program of its own that the script runs. */
static void
a_host_out_of_order_ends_the_errand(void **state UNUSED)
{
	static const struct {
		const char *find, *err;
	} rows[] = {
		{ "#!/bin/sh\nprintf '0 missing\\n\\n0 missing\\n\\n'\n",
		    "the host does not keep to the order: it says \"missing\"" },
		{ "#!/bin/sh\nprintf '0 nonsense\\n\\n'\n",
		    "the host does not keep to the order: it says \"nonsense\"" },
		{ "#!/bin/sh\nprintf '0 noplace\\n\\n'\n",
		    "timetier-agent is not there, and nowhere can one be run for a moment:  are "
		    "mounted noexec, or full, or not there" },
	};
	const struct errand errand = { .words = ask, .limit_s = 20 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct agent_programs programs;
		struct bed bed;

		make_program(&programs, "#!/bin/sh\nexec cat\n");
		begin(&bed, &errand, NULL);
		bed.programs = &programs;
		fake_host_write(&bed.host, "/tmp/of-somebody", "else\n");
		fake_host_program(&bed.host, "/bin/find", rows[i].find);
		bed_begin_again(&bed);
		rollout_plan(bed.rollout);
		bed_assert_outcome(&bed, HOST_FAILED);
		assert_string_equal(bed.result->err.text, rows[i].err);
		assert_true(fake_transport_wait(&bed.fake));
		assert_true(is_gone(&bed));
		bed_finish(&bed);
	}
}

/* Bring an agent over a link that breaks by @fault at event @at, and hold what is left there. */
static enum host_outcome
break_link(const struct agent_programs *programs, enum fake_fault fault, unsigned at)
{
	const struct errand errand = { .words = ask, .input = "?", .input_len = 1, .limit_s = 20 };
	enum host_outcome outcome;
	struct bed bed;

	begin(&bed, &errand, NULL);
	bed.programs = programs;
	fake_host_write(&bed.host, "/tmp/of-somebody", "else\n");
	bed.fake.fault = fault;
	bed.fake.fault_at = at;
	bed_begin_again(&bed);
	rollout_plan(bed.rollout);
	outcome = bed.result->outcome;
	assert_true(outcome == HOST_FAILED || outcome == HOST_DONE);
	assert_true(fake_transport_wait(&bed.fake));
	if (!is_gone(&bed)) {
		fail_msg("fault %d at %u leaves something", (int)fault, at);
	}
	bed_finish(&bed);
	return outcome;
}

/* Wherever the link breaks, nothing is left there once the script knows it. */
static void
a_cut_link_leaves_nothing_there(void **state UNUSED)
{
	static const enum fake_fault faults[] = { FAKE_FAIL, FAKE_CUT };
	struct agent_programs programs;
	unsigned broke = 0;

	make_program(&programs, "#!/bin/sh\nexec cat\n");
	for (size_t i = 0; i < COUNT(faults); i++) {
		unsigned at = 1;

		while (break_link(&programs, faults[i], at) == HOST_FAILED) {
			assert_true(at < 100);
			at++;
			broke++;
		}
	}
	assert_true(broke > 8);
}

/* Whoever it is that asks has one ration of questions, whatever the operator calls it. */
static void
a_machine_has_one_name_whatever_is_written(void **state UNUSED)
{
	static const struct {
		const char *from, *name; /* NULL: it is refused: */
		const char *err;
	} rows[] = {
		{ "time1", "time1", NULL },
		{ "root@192.0.2.1", "time1", NULL },
		{ "root@192.0.2.1:2222", "time1", NULL },
		{ "me@[2001:db8::1]:22", "time1", NULL },
		{ "me@gate.example", "time1", NULL },
		{ "me@elsewhere.example:22", "elsewhere.example", NULL },
		{ "tim1", NULL,
		    "no host is called \"tim1\"; did you mean time1?; of a machine outside the "
		    "site: user@host" },
		{ "me@", NULL, "\"me@\" is not user@host or user@host:port" },
		{ "@host", NULL, "\"@host\" is not user@host or user@host:port" },
		{ "me@-oProxyCommand=x", NULL,
		    "\"me@-oProxyCommand=x\" is not user@host or user@host:port" },
		{ "me@../x", NULL, "\"me@../x\" is not user@host or user@host:port" },
		{ "me@host:0", NULL, "\"me@host:0\": the port is a number from 1 to 65535" },
	};
	struct address addresses[] = { { .text = "192.0.2.1" }, { .text = "2001:db8::1" } };
	struct host host = {
		.name = "time1", .addresses = { addresses, 2 }, .ssh = { .host = "gate.example" }
	};
	struct topology topology = { .hosts = &host, .host_count = 1 };
	struct arena arena = { .blocks = NULL };

	index_init(&topology.index, &arena, 1);
	index_add(&topology.index, &host, sizeof(host), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[ERRAND_NAME_BYTES] = "untouched";
		struct error err = { "" };
		int status = errand_machine(&topology, rows[i].from, name, &err);

		assert_int_equal(status, rows[i].name ? 0 : -1);
		assert_string_equal(name, rows[i].name ? rows[i].name : "untouched");
		assert_string_equal(err.text, rows[i].err ? rows[i].err : "");
	}
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_gets_its_words_and_every_byte),
		cmocka_unit_test(a_long_question_and_a_long_answer_are_whole),
		cmocka_unit_test(each_failure_has_its_words),
		cmocka_unit_test(a_host_without_the_agent_is_brought_one_for_the_moment),
		cmocka_unit_test(where_none_can_be_brought_it_is_said_why),
		cmocka_unit_test(a_program_of_another_machine_is_not_brought),
		cmocka_unit_test(a_host_out_of_order_ends_the_errand),
		cmocka_unit_test(a_cut_link_leaves_nothing_there),
		cmocka_unit_test(a_machine_has_one_name_whatever_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
