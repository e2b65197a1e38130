/* The commands that a rollout runs on hosts, and what they get on stdin. */
#include "orchestrator/rollout/host/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A shell's word cannot hold every byte: what is no text goes by its length, behind the script. */
static void
only_what_is_text_is_a_word_of_the_script(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool text;
	} rows[] = {
		{ "a\n\t~ b", 6, true },
		{ "a\0b", 3, false },
		{ "a\rb", 3, false },
		{ "a\x7f", 2, false },
		{ "a\x80", 2, false },
		{ "a\x1f", 2, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts facts = { .systemd = true };
		struct file_entry entry = { .path = "/etc/x",
			.content = rows[i].bytes,
			.len = rows[i].len,
			.mode = 0600,
			.owner = "root",
			.group = "root" };
		struct file_change change = { .entry = &entry };
		struct host_plan host_plan = { .changes = &change, .change_count = 1 };
		struct plan_input input = { .facts = &facts };
		struct remote_settings settings = { .top = "", .holder = "a test", .run = "" };
		struct remote remote = { .blob = NULL };
		struct error err;
		char put[64];
		const char *at;

		assert_int_equal(remote_apply(&remote, &settings, &input, &host_plan, &err), 0);
		snprintf(put, sizeof(put), "\nput 0600 root root %zu /etc/x\n", rows[i].len);
		at = memmem(remote.head.data, remote.head.len, put, strlen(put));
		if (!at != rows[i].text) {
			fail_msg("row %zu", i);
		}
		assert_true(!at || memcmp(at + strlen(put), rows[i].bytes, rows[i].len) == 0);
		remote_done(&remote);
	}
}

/* Each way to root is a command that any login shell understands. */
static void
a_command_becomes_roots_in_each_way(void **state UNUSED)
{
	static const char *const lines[] = {
		[REMOTE_LOGIN] = "/bin/sh -c 'eval \"$(head -c 7)\"'",
		[REMOTE_SUDO] = "env LC_ALL=C sudo -n /bin/sh -c 'eval \"$(head -c 7)\"'",
		[REMOTE_SUDO_PASSWORD] =
		    ("env LC_ALL=C sudo -S -k -p timetier-asks-for-the-password-of-%p-for-sudo: "
		     "/bin/sh -c 'echo timetier-\"\"is-root; eval \"$(head -c 7)\"'"),
		[REMOTE_DOAS] = "env LC_ALL=C doas -n /bin/sh -c 'eval \"$(head -c 7)\"'",
	};
	const struct remote remote = { .script_len = 7 };

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct buf line = { .limit_bytes = 0 };

		remote_line(&remote, (enum remote_root)i, &line);
		assert_string_equal(buf_str(&line), lines[i]);
		buf_free(&line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_becomes_roots_in_each_way),
		cmocka_unit_test(only_what_is_text_is_a_word_of_the_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
