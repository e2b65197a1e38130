/* Keys of hosts and of users, over a real sshd. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/ssh/auto/auto.h"
#include "tests/fake_visit.h"

static void
a_host_that_is_not_known_is_refused_with_its_fingerprint_and_the_remedy(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .failed = false };
	struct link_target target = { 0 };
	struct ssh_options options = { .known_hosts = fake_sshd_path(sshd, "nobody") };

	fake_sshd_shell(": >%s", options.known_hosts);
	visit_host(&visit, sshd, &target, &options);
	assert_visit_failed(&visit, LINK_HOST_KEY, "shows a ssh-ed25519 key, SHA256:");
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

		visit_host(&visit, sshd, &target, &options);
		assert_visit_ran(&visit, "in\n");
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
	visit_host(&visit, sshd, &target, &options);
	assert_visit_failed(&visit, LINK_HOST_KEY, "the host's key has changed");
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
	visit_host(&visit, sshd, &target, &options);
	assert_visit_failed(&visit, LINK_HOST_KEY, "known by another type of key (ssh-rsa at ");
}

static void
a_key_that_the_host_does_not_take_is_named(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .failed = false };
	struct link_target target = { .identity = fake_sshd_path(sshd, "stranger") };
	struct ssh_options options = { 0 };

	fake_sshd_shell("ssh-keygen -q -t ecdsa -N '' -f %s", target.identity);
	visit_host(&visit, sshd, &target, &options);
	assert_visit_failed(&visit, LINK_LOGIN, "is refused; tried ");
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
		visit_host(&visit, sshd, &target, &options);
		assert_visit_failed(&visit, LINK_LOGIN, cases[i].words);
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
		visit_host(&visit, sshd, &target, &options);
		assert_visit_ran(&visit, "in\n");
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
	visit_host(&visit, sshd, &target, &options);
	unsetenv("SSH_AUTH_SOCK");
	in = fopen(fake_sshd_path(sshd, "pid"), "re");
	assert_non_null(in);
	assert_non_null(fgets(pid, sizeof(pid), in));
	fclose(in);
	kill((pid_t)strtol(pid, NULL, 10), SIGTERM);
	assert_visit_ran(&visit, "in\n");
	buf_free(&visit.output);
}

/* Start an agent with @count keys that no host knows; returns its process. */
static pid_t
start_agent_of_strangers(const struct fake_sshd *sshd, unsigned count)
{
	char pid[16] = "", path[160];
	FILE *in;

	fake_sshd_shell(
	    "cd %s && rm -f strangers && ssh-agent -a strangers >agent && "
	    ". ./agent >/dev/null && for n in $(seq %u); do rm -f s$n; "
	    "ssh-keygen -q -t ed25519 -N '' -C stranger$n -f s$n; ssh-add -q s$n; done; "
	    "echo $SSH_AGENT_PID >pid",
	    sshd->folder, count);
	snprintf(path, sizeof(path), "%s/strangers", sshd->folder);
	setenv("SSH_AUTH_SOCK", path, 1);
	in = fopen(fake_sshd_path(sshd, "pid"), "re");
	assert_non_null(in);
	assert_non_null(fgets(pid, sizeof(pid), in));
	fclose(in);
	return (pid_t)strtol(pid, NULL, 10);
}

static void
an_agent_full_of_other_keys_is_left_out_where_ssh_config_says_so(void **state UNUSED)
{
	static const struct {
		const char *config, *words; /* NULL: it logs in */
	} cases[] = {
		{ "IdentitiesOnly yes", NULL },
		{ "IdentitiesOnly yes\nIdentityFile @/.ssh/id_ed25519", NULL },
		{ "IdentityFile @/.ssh/unusual\nIdentitiesOnly yes", NULL },
		{ "Host *",
		    "tried agent: stranger1, agent: stranger2, agent: stranger3; the host hung up "
		    "after 3 keys" },
	};
	struct fake_sshd sshd;
	pid_t agent;

	fake_sshd_start(&sshd, "MaxAuthTries 3");
	agent = start_agent_of_strangers(&sshd, 4);
	fake_sshd_shell(
	    "cd %s && mkdir .ssh && cp id .ssh/id_ed25519 && cp id .ssh/unusual", sshd.folder);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct visit_way by_config = { auto_transport_new, auto_transport_free };
		const struct visit_way alone = { ssh_transport_new, ssh_transport_free };
		char *home = strdup(getenv("HOME"));
		struct visit visit = { .command = "echo in", .no_identity = true };
		struct link_target target = { .way = LINK_WAY_LIBSSH2 };
		struct ssh_options options = { 0 };

		setenv("HOME", sshd.folder, 1);
		fake_sshd_shell("cd %s && cat <<'E' | sed \"s|@|$PWD|\" >.ssh/config\n%s\nE",
		    sshd.folder, cases[i].config);
		visit_by(&by_config);
		visit_host(&visit, &sshd, &target, &options);
		visit_by(&alone);
		setenv("HOME", home, 1);
		free(home);
		if (cases[i].words) {
			assert_visit_failed(&visit, LINK_LOGIN, cases[i].words);
			assert_null(strstr(visit.err.text, "stranger4"));
		} else {
			assert_visit_ran(&visit, "in\n");
		}
		buf_free(&visit.output);
	}
	unsetenv("SSH_AUTH_SOCK");
	kill(agent, SIGTERM);
	fake_sshd_stop(&sshd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_host_that_is_not_known_is_refused_with_its_fingerprint_and_the_remedy),
		cmocka_unit_test(accept_new_remembers_a_host_once_and_for_all),
		cmocka_unit_test(a_host_whose_key_has_changed_is_refused_even_with_accept_new),
		cmocka_unit_test(a_host_known_by_another_type_of_key_alone_is_refused_and_says_so),
		cmocka_unit_test(a_key_that_the_host_does_not_take_is_named),
		cmocka_unit_test(keys_that_cannot_be_used_say_why),
		cmocka_unit_test(keys_of_each_curve_and_format_log_in),
		cmocka_unit_test(an_agent_signs_for_a_key_that_has_a_passphrase),
		cmocka_unit_test(an_agent_full_of_other_keys_is_left_out_where_ssh_config_says_so),
	};

	return cmocka_run_group_tests(tests, visit_set_up, visit_tear_down);
}
