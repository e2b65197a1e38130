/* How far hosts are, as a log and as a terminal sees it. */
#include "orchestrator/show/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct host time1 = { .name = "time1" };

/* A host goes through an apply that fails at its health. */
static void
go(struct progress *progress)
{
	struct rollout_host host = { .host = &time1, .outcome = HOST_CHANGES };
	struct error err;

	host.step = HOST_STEP_UPLOAD;
	progress_host(progress, &host);
	host.step = HOST_STEP_HEALTH;
	progress_host(progress, &host);
	host.outcome = HOST_PUT_BACK;
	host.where = "health";
	error_set(&err, "unsynchronised");
	host.err = err;
	progress_host(progress, &host);
	progress_end(progress);
}

static char *
shown(bool terminal)
{
	struct progress progress;
	char *text = NULL;
	size_t len = 0;

	progress_start(&progress, false, 1);
	progress.out = open_memstream(&text, &len);
	progress.terminal = terminal;
	progress.colour = terminal;
	go(&progress);
	fclose(progress.out);
	return text;
}

static void
elsewhere_each_step_is_a_plain_line(void **state UNUSED)
{
	char *text = shown(false);

	assert_string_equal(text,
	    "  time1                    upload\n"
	    "  time1                    health\n"
	    "  time1                    put back: health\n");
	free(text);
}

static void
on_a_terminal_what_is_over_stays_and_the_rest_is_drawn_anew(void **state UNUSED)
{
	char *text = shown(true);

	assert_non_null(strstr(text, "upload\n0 of 1\n\x1b[A\x1b[A\r\x1b[J"));
	assert_non_null(strstr(text, "\x1b[33mput back\x1b[0m: health\n1 of 1, 1 failed\n"));
	free(text);
}

/* A plan that waits half a minute for a measurement says so; asking a host takes no time. */
static void
a_host_that_measures_is_told_of(void **state UNUSED)
{
	static const enum host_step steps[] = { HOST_STEP_CONNECT, HOST_STEP_FACTS,
		HOST_STEP_MEASURE };
	struct rollout_host host = { .host = &time1 };
	struct progress progress;
	char *text = NULL;
	size_t len = 0;

	for (int terminal = 0; terminal < 2; terminal++) {
		progress_start(&progress, false, 1);
		progress.out = open_memstream(&text, &len);
		progress.terminal = terminal;
		progress.colour = false;
		for (size_t i = 0; i < COUNT(steps); i++) {
			host.step = steps[i];
			progress_host(&progress, &host);
		}
		fclose(progress.out);
		if (terminal) {
			assert_non_null(strstr(text, "time1                    measure\n0 of 1\n"));
		} else {
			assert_string_equal(text, "  time1                    measure\n");
		}
		free(text);
	}
}

static void
quiet_says_nothing(void **state UNUSED)
{
	struct progress progress;

	progress_start(&progress, true, 1);
	go(&progress);
	assert_null(progress.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elsewhere_each_step_is_a_plain_line),
		cmocka_unit_test(on_a_terminal_what_is_over_stays_and_the_rest_is_drawn_anew),
		cmocka_unit_test(a_host_that_measures_is_told_of),
		cmocka_unit_test(quiet_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
