/* Commands over a real sshd, and connections that do not come about: by each transport. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "orchestrator/ssh/system/system.h"
#include "tests/fake_visit.h"

static void
a_command_is_given_stdin_and_gives_stdout_stderr_and_its_status(void **state)
{
	struct visit visit = { .command = "head -c 5; echo no >&2; exit 7",
		.input = "hello, and more",
		.input_len = 15 };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	visit_host(&visit, *state, &target, &options);
	assert_visit_ran(&visit, "hello");
	assert_string_equal(visit.complaint, "no\n");
	assert_int_equal(visit.exit_status, 7);
	buf_free(&visit.output);
}

static void
a_link_runs_several_commands_one_after_the_other(void **state)
{
	struct visit visit = { .command = "echo again", .runs = 3 };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	visit_host(&visit, *state, &target, &options);
	assert_visit_ran(&visit, "again\nagain\nagain\n");
	buf_free(&visit.output);
}

static void
megabytes_pass_in_both_directions_at_once(void **state)
{
	size_t len = 6u << 20;
	char *input = malloc(len);
	struct visit visit = { .command = "head -c 6291456 | tee /dev/stderr", .input_len = len };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	for (size_t i = 0; i < len; i++) {
		input[i] = (char)(i * 2654435761u >> 13);
	}
	visit.input = input;
	visit_host(&visit, *state, &target, &options);
	if (visit.failed) {
		fail_msg("after %zu bytes: %s", visit.output.len, visit.err.text);
	}
	assert_int_equal(visit.output.len, len);
	assert_memory_equal(visit.output.data, input, len);
	buf_free(&visit.output);
	free(input);
}

/*
 * Run a command until its time is up: as long as it was up before @begun, which on a busy machine
 * may be, again with twice the time.
 */
static void
visit_too_long(struct visit *visit, const char *command, const struct fake_sshd *sshd,
    bool (*begun)(const struct visit *))
{
	bool is_begun = false;

	for (int64_t limit_ns = NS_PER_S; !is_begun && limit_ns < 200 * NS_PER_S; limit_ns *= 2) {
		struct link_target target = { 0 };
		struct ssh_options options = { 0 };

		buf_free(&visit->output);
		*visit = (struct visit){ .command = command, .timeout_ns = limit_ns };
		visit_host(visit, sshd, &target, &options);
		is_begun = begun(visit);
	}
	assert_true(is_begun);
}

static bool
has_said_so(const struct visit *visit)
{
	return visit->output.len > 0;
}

static void
a_command_that_takes_too_long_ends_the_link(void **state)
{
	struct visit visit = { 0 };

	visit_too_long(&visit, "echo begun; sleep 60", *state, has_said_so);
	assert_visit_failed(&visit, LINK_RUN, "not over in time");
	assert_string_equal(buf_str(&visit.output), "begun\n");
	buf_free(&visit.output);
}

static void
a_server_that_dies_under_a_command_is_a_lost_connection(void **state)
{
	/* the parent of the command's shell is this connection's sshd */
	struct visit visit = { .command = "kill -9 $PPID; sleep 5" };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	visit_host(&visit, *state, &target, &options);
	assert_visit_failed(&visit, LINK_RUN, "");
	buf_free(&visit.output);
}

/* Its own server, whose number it said first, was stopped; no more of it is needed then. */
static bool
has_stopped_its_server(const struct visit *visit)
{
	int pid = visit->output.len > 0 ? (int)strtol(buf_str(&visit->output), NULL, 10) : 0;
	char path[32], state = '\0';
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	stat = pid > 1 ? fopen(path, "re") : NULL;
	if (stat) {
		state = fscanf(stat, "%*d (%*[^)]) %c", &state) == 1 ? state : '\0';
		fclose(stat);
		kill(pid, SIGKILL);
	}
	return state == 'T';
}

static void
a_server_that_hangs_under_a_command_is_given_up_in_time(void **state)
{
	struct visit visit = { 0 };

	visit_too_long(&visit, "echo $PPID; sleep 0.5; kill -STOP $PPID; sleep 60", *state,
	    has_stopped_its_server);
	assert_visit_failed(&visit, LINK_RUN, "not over in time");
	buf_free(&visit.output);
}

static void
what_is_written_beside_a_command_that_reads_nothing_is_left(void **state)
{
	size_t len = 4u << 20;
	char *input = calloc(1, len);
	struct visit visit = { .command = "exec 0<&-; echo out; exit 3",
		.input = input,
		.input_len = len,
		.runs = 2 };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	visit_host(&visit, *state, &target, &options);
	assert_visit_ran(&visit, "out\nout\n");
	assert_int_equal(visit.exit_status, 3);
	buf_free(&visit.output);
	free(input);
}

static void
stderr_is_told_as_it_comes(void **state)
{
	struct visit visit = { .command = "echo who >&2; read x; echo $x >&2" };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	visit.answer_to = "who\n";
	visit.answer = "me\n";
	visit_host(&visit, *state, &target, &options);
	assert_visit_ran(&visit, "");
	assert_string_equal(visit.complaint, "who\nme\n");
	buf_free(&visit.output);
}

static void
a_link_may_be_closed_at_any_time(void **state)
{
	for (unsigned ms = 0; ms < 600; ms += 20 + ms / 4) {
		struct visit visit = { .command = "echo begun; cat; sleep 1", .close_ms = ms + 1 };
		struct link_target target = { 0 };
		struct ssh_options options = { 0 };

		visit_host(&visit, *state, &target, &options);
		assert_false(visit.failed);
		assert_int_equal(visit.events_late, 0);
		buf_free(&visit.output);
	}
}

static void
a_port_that_nobody_listens_on_is_a_refused_connection(void **state)
{
	struct visit visit = { .failed = false };
	struct link_target target = { .port = 1 };
	struct ssh_options options = { 0 };

	visit_host(&visit, *state, &target, &options);
	assert_visit_failed(&visit, LINK_CONNECT, "127.0.0.1 port 1: Connection refused");
}

static void
a_name_that_does_not_exist_fails_to_resolve(void **state)
{
	struct visit visit = { .failed = false };
	struct link_target target = { .host = "nowhere.invalid" };
	struct ssh_options options = { 0 };

	visit_host(&visit, *state, &target, &options);
	assert_visit_failed(&visit, LINK_RESOLVE, "nowhere.invalid: ");
}

static void
a_server_that_says_nothing_is_given_up_in_time(void **state UNUSED)
{
	struct fake_sshd silent;
	struct visit visit = { .failed = false };
	struct link_target target = { 0 };
	struct ssh_options options = { .timeout_ns = NS_PER_S };

	fake_sshd_start_command(&silent, "sleep 3");
	fake_sshd_shell(": >%s/known_hosts", silent.folder);
	visit_host(&visit, &silent, &target, &options);
	fake_sshd_stop(&silent);
	assert_visit_failed(&visit, LINK_HANDSHAKE, "no answer in 1 s");
}

static void
a_server_that_speaks_another_protocol_is_told_from_ssh(void **state UNUSED)
{
	struct fake_sshd other;
	struct visit visit = { .failed = false };
	struct link_target target = { 0 };
	struct ssh_options options = { .timeout_ns = 2 * NS_PER_S };

	fake_sshd_start_command(&other, "echo HTTP/1.0 400 Bad Request");
	fake_sshd_shell(": >%s/known_hosts", other.folder);
	visit_host(&visit, &other, &target, &options);
	fake_sshd_stop(&other);
	assert_visit_failed(&visit, LINK_HANDSHAKE, "");
}

static void
the_second_address_of_a_name_is_tried_when_the_first_refuses(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { .host = "localhost" };
	struct ssh_options options = { .accept_new = true,
		.known_hosts = fake_sshd_path(sshd, "local") };

	visit_host(&visit, sshd, &target, &options); /* ::1 first, where nobody listens */
	assert_visit_ran(&visit, "in\n");
	buf_free(&visit.output);
}

/* What each transport says when real sshd refuses a login for a reason of its own. */
static void
why_a_login_is_refused_is_told_as_it_is(void **state UNUSED)
{
	static const struct {
		const char *config, *words;
	} cases[] = {
		{ "AuthenticationMethods publickey,publickey",
		    "and the host wants another; tried " },
		{ "HostbasedAuthentication yes\nAuthenticationMethods publickey,hostbased",
		    "is accepted, and the host wants hostbased besides" },
		{ "PubkeyAuthentication no\nHostbasedAuthentication yes",
		    "; the host takes no key of " },
		{ "DenyUsers *", " is refused; tried " },
		{ "DenyUsers *\nMaxAuthTries 1",
		    "hung up after 1 key: Too many authentication "
		    "failures" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_sshd sshd;
		struct visit visit = { .failed = false };
		struct link_target target = { 0 };
		struct ssh_options options = { 0 };

		fake_sshd_start(&sshd, cases[i].config);
		visit_host(&visit, &sshd, &target, &options);
		fake_sshd_stop(&sshd);
		assert_visit_failed(&visit, LINK_LOGIN, cases[i].words);
	}
}

static void
what_a_host_says_before_it_hangs_up_is_told(void **state UNUSED)
{
	static const struct {
		const char *greeting, *words;
	} cases[] = {
		{ "", "the host closed the connection at once: too many log in" },
		{ "echo Exceeded MaxStartups", "too many log in at once (MaxStartups" },
		{ "echo Not allowed at this time", "(PerSourcePenalties of its sshd)" },
		{ "echo 220 mail.example ESMTP", "does not speak SSH: it said \"220 mail.example" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_sshd busy;
		struct visit visit = { .failed = false };
		struct link_target target = { 0 };
		struct ssh_options options = { 0 };

		/* it reads our version first: a reset would take its words along */
		fake_sshd_start_command(
		    &busy, *cases[i].greeting ? cases[i].greeting : "head -c 4 >/dev/null");
		fake_sshd_shell(": >%s/known_hosts", busy.folder);
		visit_host(&visit, &busy, &target, &options);
		fake_sshd_stop(&busy);
		assert_visit_failed(&visit, LINK_HANDSHAKE, cases[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_given_stdin_and_gives_stdout_stderr_and_its_status),
		cmocka_unit_test(a_link_runs_several_commands_one_after_the_other),
		cmocka_unit_test(megabytes_pass_in_both_directions_at_once),
		cmocka_unit_test(a_command_that_takes_too_long_ends_the_link),
		cmocka_unit_test(a_server_that_dies_under_a_command_is_a_lost_connection),
		cmocka_unit_test(a_server_that_hangs_under_a_command_is_given_up_in_time),
		cmocka_unit_test(what_is_written_beside_a_command_that_reads_nothing_is_left),
		cmocka_unit_test(stderr_is_told_as_it_comes),
		cmocka_unit_test(a_link_may_be_closed_at_any_time),
		cmocka_unit_test(a_port_that_nobody_listens_on_is_a_refused_connection),
		cmocka_unit_test(a_name_that_does_not_exist_fails_to_resolve),
		cmocka_unit_test(a_server_that_says_nothing_is_given_up_in_time),
		cmocka_unit_test(a_server_that_speaks_another_protocol_is_told_from_ssh),
		cmocka_unit_test(why_a_login_is_refused_is_told_as_it_is),
		cmocka_unit_test(what_a_host_says_before_it_hangs_up_is_told),
		cmocka_unit_test(the_second_address_of_a_name_is_tried_when_the_first_refuses),
	};

	static const struct {
		const char *name;
		struct visit_way way;
	} ways[] = {
		{ "libssh2", { ssh_transport_new, ssh_transport_free } },
		{ "ssh", { system_transport_new, system_transport_free } },
	};
	/* at once, each in a process of its own: they mostly wait */
	pid_t other = fork();
	size_t own = other == 0;
	int failed, status;

	if (other < 0) {
		return 1;
	}
	print_message("by %s\n", ways[own].name);
	visit_by(&ways[own].way);
	failed = cmocka_run_group_tests_name(ways[own].name, tests, visit_set_up, visit_tear_down);
	if (other == 0) {
		exit(failed);
	}
	return waitpid(other, &status, 0) == other && WIFEXITED(status)
	    ? failed + WEXITSTATUS(status)
	    : failed + 1;
}
