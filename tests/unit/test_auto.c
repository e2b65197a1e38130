/* Which transport a host gets, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/ssh/auto/auto.h"
#include "orchestrator/ssh/auto/config.h"
#include "tests/fake_visit.h"

static void
what_libssh2_cannot_agree_on_is_reached_by_ssh(void **state UNUSED)
{
	static const struct {
		const char *config, *words;
	} cases[] = {
		{ "Ciphers chacha20-poly1305@openssh.com",
		    "reached by ssh: no cipher in common with libssh2 1.10.0 "
		    "(the host offers chacha20-poly1305@openssh.com)" },
		{ "MACs hmac-sha2-256-etm@openssh.com\nCiphers aes128-ctr",
		    "reached by ssh: no MAC in common with libssh2" },
		{ "KexAlgorithms sntrup761x25519-sha512@openssh.com",
		    "reached by ssh: no key exchange in common with libssh2" },
		{ "HostKey @/ssh_host_rsa_key",
		    "reached by ssh: no host key in common with libssh2" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fake_sshd sshd;
		struct visit visit = { .command = "echo in" };
		struct link_target target = { 0 };
		struct ssh_options options = { 0 };

		fake_sshd_start(&sshd, cases[i].config);
		fake_sshd_shell("cd %s && sed \"s/^/[127.0.0.1]:%u /\" ssh_host_rsa_key.pub "
				">>known_hosts",
		    sshd.folder, sshd.port);
		visit_host(&visit, &sshd, &target, &options);
		fake_sshd_stop(&sshd);
		assert_visit_ran(&visit, "in\n");
		assert_non_null(strstr(visit.note, cases[i].words));
		buf_free(&visit.output);
	}
}

static void
a_host_that_libssh2_reaches_gets_no_note(void **state)
{
	struct visit visit = { .command = "echo in" };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	visit_host(&visit, *state, &target, &options);
	assert_visit_ran(&visit, "in\n");
	assert_string_equal(visit.note, "");
	buf_free(&visit.output);
}

static void
a_wrong_host_key_is_not_tried_again_by_ssh(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { 0 };
	struct ssh_options options = { .known_hosts = fake_sshd_path(sshd, "wrong") };

	fake_sshd_shell(
	    "cd %s && sed \"s/^/[127.0.0.1]:%u /\" id.pub >wrong", sshd->folder, sshd->port);
	visit_host(&visit, sshd, &target, &options);
	assert_visit_failed(&visit, LINK_HOST_KEY, "the host's key has changed");
	assert_string_equal(visit.note, "");
}

static void
a_host_that_is_known_by_its_rsa_key_is_checked_by_ssh(void **state UNUSED)
{
	struct fake_sshd sshd;
	struct link_target target = { 0 };
	struct ssh_options options = { .accept_new = true };

	fake_sshd_start(&sshd, "HostKey @/ssh_host_rsa_key\nHostKey @/ssh_host_ed25519_key");
	for (int i = 0; i < 2; i++) {
		struct visit visit = { .command = "echo in" };

		if (i == 0) {
			fake_sshd_shell(
			    "cd %s && ssh-keygen -q -t rsa -b 2048 -N '' -f other", sshd.folder);
		}
		options.known_hosts = fake_sshd_path(&sshd, "rsa");
		target.port = 0;
		fake_sshd_shell("cd %s && sed \"s/^/[127.0.0.1]:%u /\" %s >rsa", sshd.folder,
		    sshd.port, i ? "other.pub" : "ssh_host_rsa_key.pub");
		visit_host(&visit, &sshd, &target, &options);
		if (i == 0) {
			assert_visit_ran(&visit, "in\n");
			assert_non_null(strstr(visit.note, "the host is known by its RSA key"));
		} else {
			assert_visit_failed(&visit, LINK_HOST_KEY, "key has changed");
		}
		buf_free(&visit.output);
	}
	fake_sshd_stop(&sshd);
}

static void
a_key_that_libssh2_cannot_use_logs_in_by_ssh(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { .identity = fake_sshd_path(sshd, "rsa_id") };
	struct ssh_options options = { 0 };

	fake_sshd_shell("cd %s && ssh-keygen -q -t rsa -b 2048 -N '' -f rsa_id && "
			"cat rsa_id.pub >>authorized",
	    sshd->folder);
	visit_host(&visit, sshd, &target, &options);
	assert_visit_ran(&visit, "in\n");
	assert_non_null(strstr(visit.note, "reached by ssh: libssh2 cannot use every key: "));
	buf_free(&visit.output);
}

static void
a_certificate_logs_in_by_ssh(void **state UNUSED)
{
	struct fake_sshd sshd;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	fake_sshd_start(&sshd, "TrustedUserCAKeys @/ca.pub");
	fake_sshd_shell("cd %s && ssh-keygen -q -t ed25519 -N '' -f ca && "
			"ssh-keygen -q -t ed25519 -N '' -f cert && "
			"ssh-keygen -q -s ca -I me -n $(id -un) cert.pub",
	    sshd.folder);
	target.identity = fake_sshd_path(&sshd, "cert");
	visit_host(&visit, &sshd, &target, &options);
	fake_sshd_stop(&sshd);
	assert_visit_ran(&visit, "in\n");
	assert_non_null(strstr(visit.note, "reached by ssh: libssh2 cannot use every key"));
	buf_free(&visit.output);
}

static void
an_alias_of_ssh_config_leads_libssh2_to_its_host(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { .host = "somewhere", .port = sshd->port };
	struct ssh_options options = { 0 };

	fake_sshd_shell("mkdir -p %s/.ssh && printf 'Host somewhere\\n HostName 127.0.0.1\\n' "
			">%s/.ssh/config",
	    sshd->folder, sshd->folder);
	visit_host(&visit, sshd, &target, &options);
	fake_sshd_shell("rm %s/.ssh/config", sshd->folder);
	assert_visit_ran(&visit, "in\n");
	assert_string_equal(visit.note, "");
	buf_free(&visit.output);
}

static void
a_host_behind_another_is_reached_by_ssh(void **state)
{
	const struct fake_sshd *sshd = *state;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { .host = "inner", .port = sshd->port };
	struct ssh_options options = { 0 };

	fake_sshd_shell("cd %s && mkdir -p .ssh && printf '%%s\\n' 'Host inner' "
			"' HostName 127.0.0.1' ' ProxyJump gate' 'Host gate' ' HostName 127.0.0.1' "
			"\" IdentityFile $PWD/id\" ' Port %u' \" UserKnownHostsFile "
			"$PWD/known_hosts\" >.ssh/config",
	    sshd->folder, sshd->port);
	visit_host(&visit, sshd, &target, &options);
	assert_visit_ran(&visit, "in\n");
	assert_string_equal(visit.note, "reached by ssh: ssh_config says ProxyJump gate");
	buf_free(&visit.output);

	visit = (struct visit){ .command = "echo in" };
	fake_sshd_shell("sed -i 's/^ Port .*/ Port 1/' %s/.ssh/config", sshd->folder);
	visit_host(&visit, sshd, &target, &options);
	fake_sshd_shell("rm %s/.ssh/config", sshd->folder);
	assert_visit_failed(&visit, LINK_CONNECT,
	    "connect to host 127.0.0.1 port 1: Connection refused (by ssh: ssh_config says "
	    "ProxyJump gate)");
}

static void
a_way_to_log_in_that_libssh2_lacks_is_tried_by_ssh(void **state UNUSED)
{
	struct fake_sshd sshd;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	/* it takes no key: ssh_config may have what it takes */
	fake_sshd_start(&sshd, "PubkeyAuthentication no\nHostbasedAuthentication yes");
	visit_host(&visit, &sshd, &target, &options);
	assert_visit_failed(&visit, LINK_LOGIN, "takes no key of ");
	assert_non_null(strstr(visit.err.text, "(by ssh: the host takes hostbased"));
	assert_non_null(strstr(visit.note, "reached by ssh: the host takes hostbased"));
	fake_sshd_stop(&sshd);
}

static void
a_user_who_is_refused_is_not_tried_again_by_ssh(void **state UNUSED)
{
	struct fake_sshd sshd;
	struct visit visit = { .command = "echo in" };
	struct link_target target = { 0 };
	struct ssh_options options = { 0 };

	fake_sshd_start(&sshd, "AuthenticationMethods publickey,publickey");
	visit_host(&visit, &sshd, &target, &options);
	assert_visit_failed(&visit, LINK_LOGIN, "and the host wants another; tried ");
	assert_string_equal(visit.note, "");
	fake_sshd_stop(&sshd);
}

/* A host that lets in @sshd's way after it was too busy @times times. */
static void
start_busy(struct fake_sshd *busy, const struct fake_sshd *sshd, int times)
{
	char command[400];

	snprintf(command, sizeof(command),
	    "read n <%s/times; echo $((n + 1)) >%s/times; [ $n -ge %d ] || { echo Exceeded "
	    "MaxStartups; exit; }; exec /usr/sbin/sshd -i -f %s/sshd_config",
	    sshd->folder, sshd->folder, times, sshd->folder);
	fake_sshd_shell("echo 0 >%s/times", sshd->folder);
	fake_sshd_start_command(busy, command);
	fake_sshd_shell("cd %s && sed \"s/^/[127.0.0.1]:%u /\" "
			"ssh_host_ed25519_key.pub >%s/known_hosts; cp -p id %s/",
	    sshd->folder, busy->port, busy->folder, busy->folder);
}

static void
a_host_that_is_too_busy_is_tried_again_and_that_is_said(void **state)
{
	static const enum link_way link_ways[] = { LINK_WAY_AUTO, LINK_WAY_SSH };

	for (size_t i = 0; i < COUNT(link_ways); i++) {
		struct fake_sshd busy;
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .way = link_ways[i] };
		struct ssh_options options = { .pause_ns = NS_PER_MS };

		start_busy(&busy, *state, 3);
		visit_host(&visit, &busy, &target, &options);
		fake_sshd_stop(&busy);
		assert_visit_ran(&visit, "in\n");
		assert_non_null(strstr(visit.note, "too busy for a login 3 times"));
		buf_free(&visit.output);
	}
}

static void
a_host_that_stays_too_busy_is_given_up_after_some_times(void **state)
{
	static const enum link_way link_ways[] = { LINK_WAY_AUTO, LINK_WAY_SSH };
	const struct fake_sshd *sshd = *state;

	for (size_t i = 0; i < COUNT(link_ways); i++) {
		struct fake_sshd busy;
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .way = link_ways[i] };
		struct ssh_options options = { .pause_ns = NS_PER_MS };

		start_busy(&busy, sshd, 1000);
		visit_host(&visit, &busy, &target, &options);
		fake_sshd_stop(&busy);
		assert_visit_failed(&visit, LINK_HANDSHAKE, "(MaxStartups of its sshd)");
		assert_non_null(strstr(visit.err.text, "; tried 5 times, with pauses between"));
		assert_int_equal(fake_sshd_shell("test \"$(cat %s/times)\" = 5", sshd->folder), 0);
	}
}

static void
a_link_that_waits_to_be_tried_again_may_be_closed(void **state)
{
	for (unsigned ms = 1; ms < 200; ms *= 4) {
		struct fake_sshd busy;
		struct visit visit = { .command = "echo in", .close_ms = ms };
		struct link_target target = { 0 };
		struct ssh_options options = { .pause_ns = 20 * NS_PER_MS };

		start_busy(&busy, *state, 1000);
		visit_host(&visit, &busy, &target, &options);
		fake_sshd_stop(&busy);
		assert_int_equal(visit.events_late, 0);
	}
}

static void
only_words_that_say_how_a_host_is_reached_matter(void **state UNUSED)
{
	assert_false(ssh_config_text_matters("", NULL, NULL));
	assert_false(ssh_config_text_matters(
	    "Host *\n    SendEnv LANG LC_*\n    HashKnownHosts yes\n#ProxyJump x\n", NULL, NULL));
	assert_false(ssh_config_text_matters("Ciphers aes128-ctr\nLogLevel=QUIET", NULL, NULL));
	assert_true(ssh_config_text_matters("Host a\n\tproxyjump=b\n", NULL, NULL));
	assert_true(ssh_config_text_matters("user root", NULL, NULL));
	assert_true(ssh_config_text_matters("  IdentityFile = ~/.ssh/x\r\n", NULL, NULL));
}

static void
what_ssh_tells_of_a_host_is_taken_where_nobody_said_else(void **state UNUSED)
{
	static const char told[] = "user deploy\nhostname 192.0.2.7\nport 2222\n"
				   "identityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/work\n"
				   "userknownhostsfile /root/.ssh/known_hosts /x\n"
				   "securitykeyprovider internal\nidentityagent SSH_AUTH_SOCK\n";
	struct link_target target = { .host = "web1" };
	struct ssh_config config;

	ssh_config_read(&config, told, &target, "root", false);
	assert_string_equal(config.user, "deploy");
	assert_string_equal(config.host, "192.0.2.7");
	assert_int_equal(config.port, 2222);
	assert_string_equal(config.identity, "~/.ssh/work");
	assert_string_equal(config.need, "");
	target = (struct link_target){ .host = "web1", .user = "me", .port = 3, .identity = "i" };
	ssh_config_read(&config, told, &target, "deploy", false);
	assert_string_equal(config.user, "");
	assert_int_equal(config.port, 0);
	assert_string_equal(config.identity, "");
	ssh_config_read(&config, "hostkeyalias lab\n", &target, "deploy", false);
	assert_string_equal(config.need, "ssh_config says HostKeyAlias lab");
	ssh_config_read(&config, "userknownhostsfile /x\n", &target, "deploy", true);
	assert_string_equal(config.need, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_libssh2_cannot_agree_on_is_reached_by_ssh),
		cmocka_unit_test(a_host_that_libssh2_reaches_gets_no_note),
		cmocka_unit_test(a_wrong_host_key_is_not_tried_again_by_ssh),
		cmocka_unit_test(a_host_that_is_known_by_its_rsa_key_is_checked_by_ssh),
		cmocka_unit_test(a_key_that_libssh2_cannot_use_logs_in_by_ssh),
		cmocka_unit_test(a_certificate_logs_in_by_ssh),
		cmocka_unit_test(an_alias_of_ssh_config_leads_libssh2_to_its_host),
		cmocka_unit_test(a_host_behind_another_is_reached_by_ssh),
		cmocka_unit_test(a_way_to_log_in_that_libssh2_lacks_is_tried_by_ssh),
		cmocka_unit_test(a_user_who_is_refused_is_not_tried_again_by_ssh),
		cmocka_unit_test(a_host_that_is_too_busy_is_tried_again_and_that_is_said),
		cmocka_unit_test(a_host_that_stays_too_busy_is_given_up_after_some_times),
		cmocka_unit_test(a_link_that_waits_to_be_tried_again_may_be_closed),
		cmocka_unit_test(only_words_that_say_how_a_host_is_reached_matter),
		cmocka_unit_test(what_ssh_tells_of_a_host_is_taken_where_nobody_said_else),
	};
	static const struct visit_way way = { auto_transport_new, auto_transport_free };

	visit_by(&way);
	return cmocka_run_group_tests(tests, visit_set_up, visit_tear_down);
}
