#include "orchestrator/ssh/ssh.h"

#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buf.h"
#include "tests/fake_sshd.h"

/* One visit to a host: what to do there, and what came of it. */
struct visit {
	struct link *link;
	const struct transport *transport;
	const char *command;
	int64_t timeout_ns;
	const char *input;
	size_t input_len;
	unsigned runs; /* how often the command is to be run on this link */

	struct buf output;
	char complaint[4200];
	int exit_status;
	bool done, opened, failed;
	enum link_step step;
	struct error err;
};

static uv_loop_t loop;

static void
run_once(struct visit *visit)
{
	visit->runs--;
	visit->transport->run(visit->link, visit->command, visit->timeout_ns);
	visit->transport->write(visit->link, visit->input, visit->input_len);
}

static void
opened(void *ctx)
{
	struct visit *visit = ctx;

	visit->opened = true;
	run_once(visit);
}

static void
output(void *ctx, const char *bytes, size_t len)
{
	struct visit *visit = ctx;

	buf_add(&visit->output, bytes, len);
}

static void
ended(void *ctx, int exit_status, const char *complaint)
{
	struct visit *visit = ctx;

	visit->exit_status = exit_status;
	snprintf(visit->complaint, sizeof(visit->complaint), "%s", complaint);
	if (visit->runs > 0) {
		run_once(visit);
		return;
	}
	visit->done = true;
	visit->transport->close(visit->link);
}

static void
failed(void *ctx, enum link_step step, const struct error *err)
{
	struct visit *visit = ctx;

	visit->done = visit->failed = true;
	visit->step = step;
	visit->err = *err;
	visit->transport->close(visit->link);
}

/* Defaults: the sshd's own keys, `cat`, 10 s. */
static void
go(struct visit *visit, const struct fake_sshd *sshd, struct link_target *target,
    struct ssh_options *options)
{
	struct link_events events = { visit, opened, output, ended, failed };
	struct transport *transport;
	struct error err;
	char known[160], identity[160];

	snprintf(known, sizeof(known), "%s/known_hosts", sshd->folder);
	snprintf(identity, sizeof(identity), "%s/id", sshd->folder);
	target->host = target->host ? target->host : "127.0.0.1";
	target->port = target->port ? target->port : sshd->port;
	target->user = target->user ? target->user : getpwuid(getuid())->pw_name;
	target->identity = target->identity ? target->identity : identity;
	options->known_hosts = options->known_hosts ? options->known_hosts : known;
	options->timeout_ns = options->timeout_ns ? options->timeout_ns : 10 * NS_PER_S;
	visit->command = visit->command ? visit->command : "cat";
	visit->input = visit->input ? visit->input : "";
	visit->timeout_ns = visit->timeout_ns ? visit->timeout_ns : 10 * NS_PER_S;
	visit->runs = visit->runs ? visit->runs : 1;

	uv_loop_init(&loop);
	err.text[0] = '\0';
	if (ssh_transport_new(&loop, options, &transport, &err)) {
		fail_msg("%s", err.text);
	}
	visit->transport = transport;
	visit->link = transport->open(transport, target, &events);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(visit->done);
	ssh_transport_free(transport);
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void
assert_failed(const struct visit *visit, enum link_step step, const char *words)
{
	assert_true(visit->failed);
	if (visit->step != step || !strstr(visit->err.text, words)) {
		fail_msg("step %s: %s\nwanted %s: ...%s...", link_step_name(visit->step),
		    visit->err.text, link_step_name(step), words);
	}
}

static void
assert_ran(const struct visit *visit, const char *text)
{
	if (visit->failed) {
		fail_msg("step %s: %s", link_step_name(visit->step), visit->err.text);
	}
	assert_string_equal(buf_str(&visit->output), text);
}

static int
set_up(void **state)
{
	static struct fake_sshd sshd;

	unsetenv("SSH_AUTH_SOCK");
	signal(SIGPIPE, SIG_IGN);
	if (!fake_sshd_available()) {
		print_message("skipped: no sshd here (package openssh-server)\n");
		exit(EXIT_SUCCESS);
	}
	fake_sshd_start(&sshd, "");
	setenv("HOME", sshd.folder, 1);
	*state = &sshd;
	return 0;
}

static int
tear_down(void **state)
{
	fake_sshd_stop(*state);
	return 0;
}

static void
a_command_is_given_stdin_and_gives_stdout_stderr_and_its_status(void **state)
{
	struct visit visit = { .command = "head -c 5; echo no >&2; exit 7",
		.input = "hello, and more",
		.input_len = 15 };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	go(&visit, *state, &target, &options);
	assert_ran(&visit, "hello");
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

	go(&visit, *state, &target, &options);
	assert_ran(&visit, "again\nagain\nagain\n");
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
	go(&visit, *state, &target, &options);
	if (visit.failed) {
		fail_msg("after %zu bytes: %s", visit.output.len, visit.err.text);
	}
	assert_int_equal(visit.output.len, len);
	assert_memory_equal(visit.output.data, input, len);
	buf_free(&visit.output);
	free(input);
}

static void
a_host_that_is_not_known_is_refused_with_its_fingerprint_and_the_remedy(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .failed = false };
	struct link_target target = { 0 };
	struct ssh_options options = { .known_hosts = fake_sshd_path(sshd, "nobody") };

	fake_sshd_shell(": >%s", options.known_hosts);
	go(&visit, sshd, &target, &options);
	assert_failed(&visit, LINK_HOST_KEY, "shows a ssh-ed25519 key, SHA256:");
	assert_non_null(strstr(visit.err.text, "--accept-new"));
	assert_non_null(strstr(visit.err.text, "ssh-keyscan -p"));
}

static void
accept_new_remembers_a_host_once_and_for_all(void **state)
{
	const struct fake_sshd *sshd = *state;
	char path[160];
	struct ssh_options options = { .accept_new = true, .known_hosts = path };

	snprintf(path, sizeof(path), "%s/new/known_hosts", sshd->folder);
	for (int i = 0; i < 3; i++) {
		struct visit visit = { .command = "echo in" };
		struct link_target target = { 0 };

		go(&visit, sshd, &target, &options);
		assert_ran(&visit, "in\n");
		buf_free(&visit.output);
		options.accept_new = false;
	}
	assert_int_equal(fake_sshd_shell("[ $(wc -l <%s) = 1 ]", path), 0);
	assert_int_equal(
	    fake_sshd_shell("ssh-keygen -F '[127.0.0.1]:%u' -f %s >/dev/null", sshd->port, path),
	    0);
}

static void
a_host_whose_key_has_changed_is_refused_even_with_accept_new(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .failed = false };
	struct link_target target = { 0 };
	struct ssh_options options = { .accept_new = true,
		.known_hosts = fake_sshd_path(sshd, "old") };

	fake_sshd_shell("sed 's/^/[127.0.0.1]:%u /' %s/id.pub >%s", sshd->port, sshd->folder,
	    options.known_hosts);
	go(&visit, sshd, &target, &options);
	assert_failed(&visit, LINK_HOST_KEY, "the host's key has changed");
	assert_non_null(strstr(visit.err.text, "/old:1)"));
	assert_int_equal(fake_sshd_shell("[ $(wc -l <%s) = 1 ]", options.known_hosts), 0);
}

static void
a_host_known_by_another_type_of_key_alone_is_refused_and_says_so(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .failed = false };
	struct link_target target = { 0 };
	struct ssh_options options = { .known_hosts = fake_sshd_path(sshd, "rsa") };

	fake_sshd_shell("sed 's/^/[127.0.0.1]:%u /' %s/ssh_host_rsa_key.pub >%s", sshd->port,
	    sshd->folder, options.known_hosts);
	go(&visit, sshd, &target, &options);
	assert_failed(&visit, LINK_HOST_KEY, "known by another type of key (ssh-rsa at ");
}

static void
a_key_that_the_host_does_not_take_is_named(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .failed = false };
	struct link_target target = { .identity = fake_sshd_path(sshd, "stranger") };
	struct ssh_options options = { 0 };

	fake_sshd_shell("ssh-keygen -q -t ecdsa -N '' -f %s", target.identity);
	go(&visit, sshd, &target, &options);
	assert_failed(&visit, LINK_LOGIN, "is refused; tried ");
	assert_non_null(strstr(visit.err.text, "/stranger"));
}

static void
keys_that_cannot_be_used_say_why(void **state)
{
	static const struct {
		const char *make, *words;
	} cases[] = {
		{ "ssh-keygen -q -t rsa -b 2048 -N '' -f %s", "take ed25519 or ecdsa" },
		{ "ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f %s", "take ed25519 or ecdsa" },
		{ "ssh-keygen -q -t ed25519 -N secret -f %s", "ssh-add" },
		{ "ssh-keygen -q -t ecdsa -m PEM -N secret -f %s", "ssh-add" },
		{ "echo rubbish >%s", "no private key" },
		{ ": %s", "No such file" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fake_sshd *sshd = *state;
		struct visit visit = { .failed = false };
		struct link_target target = { .identity = fake_sshd_path(sshd, "odd") };
		struct ssh_options options = { 0 };
		char make[256];

		fake_sshd_shell("rm -f %s", target.identity);
		snprintf(make, sizeof(make), "%s", cases[i].make);
		*strstr(make, "%s") = '\0';
		fake_sshd_shell("%s%s", make, target.identity);
		go(&visit, sshd, &target, &options);
		assert_failed(&visit, LINK_LOGIN, cases[i].words);
	}
}

static void
keys_of_each_curve_and_format_log_in(void **state)
{
	static const char *const makers[] = { "-t ecdsa -b 256", "-t ecdsa -b 384",
		"-t ecdsa -b 521", "-t ecdsa -b 256 -m PEM", "-t ecdsa -b 521 -m PKCS8" };

	for (size_t i = 0; i < COUNT(makers); i++) {
		const struct fake_sshd *sshd = *state;
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .identity = fake_sshd_path(sshd, "curve") };
		struct ssh_options options = { 0 };

		fake_sshd_shell(
		    "rm -f %s; ssh-keygen -q %s -N '' -f %s && cat %s.pub >>%s/authorized",
		    target.identity, makers[i], target.identity, target.identity, sshd->folder);
		go(&visit, sshd, &target, &options);
		assert_ran(&visit, "in\n");
		buf_free(&visit.output);
	}
}

static void
an_agent_signs_for_a_key_that_has_a_passphrase(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { .identity = fake_sshd_path(sshd, "locked") };
	struct ssh_options options = { 0 };
	char pid[16] = "", path[160];
	FILE *in;

	fake_sshd_shell("cd %s && ssh-agent -a sock >agent && . ./agent >/dev/null && "
			"ssh-keygen -q -t ed25519 -N '' -f locked && ssh-add -q locked && "
			"cat locked.pub >>authorized && ssh-keygen -q -p -N secret -f locked "
			">/dev/null && echo $SSH_AGENT_PID >pid",
	    sshd->folder);
	snprintf(path, sizeof(path), "%s/sock", sshd->folder);
	setenv("SSH_AUTH_SOCK", path, 1);
	go(&visit, sshd, &target, &options);
	unsetenv("SSH_AUTH_SOCK");
	in = fopen(fake_sshd_path(sshd, "pid"), "re");
	assert_non_null(in);
	assert_non_null(fgets(pid, sizeof(pid), in));
	fclose(in);
	kill((pid_t)strtol(pid, NULL, 10), SIGTERM);
	assert_ran(&visit, "in\n");
	buf_free(&visit.output);
}

static void
a_command_that_takes_too_long_ends_the_link(void **state)
{
	struct visit visit = { .command = "echo begun; sleep 5", .timeout_ns = 400 * NS_PER_MS };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	go(&visit, *state, &target, &options);
	assert_failed(&visit, LINK_RUN, "not over in time");
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

	go(&visit, *state, &target, &options);
	assert_failed(&visit, LINK_RUN, "");
	buf_free(&visit.output);
}

static void
a_port_that_nobody_listens_on_is_a_refused_connection(void **state)
{
	struct visit visit = { .failed = false };
	struct link_target target = { .port = 1 };
	struct ssh_options options = { 0 };

	go(&visit, *state, &target, &options);
	assert_failed(&visit, LINK_CONNECT, "127.0.0.1 port 1: Connection refused");
}

static void
a_name_that_does_not_exist_fails_to_resolve(void **state)
{
	struct visit visit = { .failed = false };
	struct link_target target = { .host = "no such host" };
	struct ssh_options options = { 0 };

	go(&visit, *state, &target, &options);
	assert_failed(&visit, LINK_RESOLVE, "no such host: ");
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
	go(&visit, &silent, &target, &options);
	fake_sshd_stop(&silent);
	assert_failed(&visit, LINK_HANDSHAKE, "no answer in 1 s");
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
	go(&visit, &other, &target, &options);
	fake_sshd_stop(&other);
	assert_failed(&visit, LINK_HANDSHAKE, "");
}

static void
a_server_with_no_algorithm_in_common_is_named_with_the_list(void **state UNUSED)
{
	static const struct {
		const char *config, *words;
	} cases[] = {
		{ "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com",
		    "no cipher in common: the server offers chacha20-poly1305@openssh.com,"
		    "aes256-gcm@openssh.com; libssh2 1." },
		{ "MACs hmac-sha2-256-etm@openssh.com\nCiphers aes128-ctr",
		    "no MAC in common: the server offers hmac-sha2-256-etm@openssh.com; " },
		{ "KexAlgorithms sntrup761x25519-sha512@openssh.com",
		    "no key exchange in common: the server offers sntrup761x25519-sha512" },
		{ "HostKey @/ssh_host_rsa_key",
		    "no host key in common: the server offers rsa-sha2" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_sshd sshd;
		struct visit visit = { .failed = false };
		struct link_target target = { 0 };
		struct ssh_options options = { 0 };

		fake_sshd_start(&sshd, cases[i].config);
		go(&visit, &sshd, &target, &options);
		fake_sshd_stop(&sshd);
		assert_failed(&visit, LINK_HANDSHAKE, cases[i].words);
	}
}

static void
the_second_address_of_a_name_is_tried_when_the_first_refuses(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { .host = "localhost" };
	struct ssh_options options = { .accept_new = true,
		.known_hosts = fake_sshd_path(sshd, "local") };

	go(&visit, sshd, &target, &options); /* ::1 first, where nobody listens */
	assert_ran(&visit, "in\n");
	buf_free(&visit.output);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_given_stdin_and_gives_stdout_stderr_and_its_status),
		cmocka_unit_test(a_link_runs_several_commands_one_after_the_other),
		cmocka_unit_test(megabytes_pass_in_both_directions_at_once),
		cmocka_unit_test(
		    a_host_that_is_not_known_is_refused_with_its_fingerprint_and_the_remedy),
		cmocka_unit_test(accept_new_remembers_a_host_once_and_for_all),
		cmocka_unit_test(a_host_whose_key_has_changed_is_refused_even_with_accept_new),
		cmocka_unit_test(a_host_known_by_another_type_of_key_alone_is_refused_and_says_so),
		cmocka_unit_test(a_key_that_the_host_does_not_take_is_named),
		cmocka_unit_test(keys_that_cannot_be_used_say_why),
		cmocka_unit_test(keys_of_each_curve_and_format_log_in),
		cmocka_unit_test(an_agent_signs_for_a_key_that_has_a_passphrase),
		cmocka_unit_test(a_command_that_takes_too_long_ends_the_link),
		cmocka_unit_test(a_server_that_dies_under_a_command_is_a_lost_connection),
		cmocka_unit_test(a_port_that_nobody_listens_on_is_a_refused_connection),
		cmocka_unit_test(a_name_that_does_not_exist_fails_to_resolve),
		cmocka_unit_test(a_server_that_says_nothing_is_given_up_in_time),
		cmocka_unit_test(a_server_that_speaks_another_protocol_is_told_from_ssh),
		cmocka_unit_test(a_server_with_no_algorithm_in_common_is_named_with_the_list),
		cmocka_unit_test(the_second_address_of_a_name_is_tried_when_the_first_refuses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
