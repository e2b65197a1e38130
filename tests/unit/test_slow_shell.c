/* Whom a note blames for the time until a command begins: the login shell, or nobody. */
#include "orchestrator/rollout/host/work.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/resource.h"
#include "tests/fake_change.h"
#include "tests/fake_host.h"
#include "tests/fake_sshd.h"

#define S NS_PER_S

static void
a_shell_is_slow_where_it_is_the_shell(void **state UNUSED)
{
	static const struct {
		int64_t told_ns;  /* by the host's clock; 0: it did not tell */
		unsigned seen_ms; /* by ours, until its script began */
		size_t before;    /* bytes that came before that */
		enum remote_root by;
		const char *note;
	} rows[] = {
		{ 10 * NS_PER_MS, 20, 0, REMOTE_LOGIN, NULL },
		{ 7 * S, 7100, 0, REMOTE_LOGIN,
		    "its login shell takes 7 s before a command begins" },
		{ 7 * S, 7100, 9, REMOTE_LOGIN,
		    "its login shell takes 7 s and says 9 bytes before a command begins" },
		{ 0, 20, 1, REMOTE_LOGIN, "its login shell says 1 byte before a command begins" },
		/* the way there, or our own work for others */
		{ 10 * NS_PER_MS, 9000, 0, REMOTE_LOGIN, NULL },
		{ 0, 9000, 0, REMOTE_LOGIN, NULL },
		/* what a host says of itself is not believed against what we saw */
		{ 600 * S, 20, 0, REMOTE_LOGIN, NULL },
		/* sudo looks users and names up, and may wait for a password */
		{ 5 * S, 5100, 0, REMOTE_SUDO,
		    "its login shell, with sudo or doas, takes 5 s before a command begins" },
		{ 50 * S, 51000, 0, REMOTE_SUDO_PASSWORD, NULL },
		{ 50 * S, 51000, 12, REMOTE_SUDO_PASSWORD,
		    "its login shell says 12 bytes before a command begins" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fake_change change;
		const char *note;

		fake_change_begin(&change, HOST_STEP_FACTS, WORD_NONE);
		change.rollout.facts.shell_ns = rows[i].told_ns;
		change.work.run_ms = 1000;
		change.work.begun_ms = 1000 + rows[i].seen_ms;
		change.work.records.before = rows[i].before;
		change.work.by = rows[i].by;
		work_note_shell(&change.work);
		note = change.rollout.way_count > 0 ? change.rollout.ways[0] : NULL;
		if (!note != !rows[i].note || (note && strcmp(note, rows[i].note) != 0)) {
			fail_msg("row %zu: %s", i, note ? note : "no note");
		}
		fake_change_end(&change);
	}
}

static void
take(void *ctx, const struct record *record)
{
	facts_take(ctx, record);
}

/* facts.sh itself, begun by a login shell that a process called sshd begins. */
static void
the_host_times_its_login_shell(void **state UNUSED)
{
	struct facts facts = { .complete = false };
	struct records records = { .each = take, .ctx = &facts };
	struct fake_host host;
	const char *answers;
	struct error err;

	fake_host_make(&host);
	fake_host_write(&host, "/facts",
	    resource_find(remote_resources, remote_resource_count, "facts.sh")->bytes);
	fake_host_write(&host, "/questions", "agent /agent --fresh\nend\n");
	fake_host_program(&host, "/agent", "#!/bin/sh\nexit 1\n");
	fake_sshd_shell(
	    "cd %s && cp /bin/sh sshd && { echo \"top='$PWD'\"; cat facts; } >script && "
	    "./sshd -c '/bin/sh -c \"sleep 0.3; exec sh ./script\" <questions >answers; :'",
	    host.top);
	answers = fake_host_read(&host, "/answers");
	assert_int_equal(records_feed(&records, answers, strlen(answers), &err), 0);
	assert_true(facts.complete && facts.measures);
	assert_true(facts.shell_ns >= 290 * NS_PER_MS); /* the kernel counts hundredths */
	records_done(&records);
	facts_done(&facts);
	fake_host_remove(&host);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shell_is_slow_where_it_is_the_shell),
		cmocka_unit_test(the_host_times_its_login_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
