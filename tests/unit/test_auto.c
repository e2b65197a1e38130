/*
 * Which transport a host gets, and what is said of it.  Long, because the words of ssh_config and
 * what comes of them are one subject.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/file.h"
#include "orchestrator/ssh/auto/auto.h"
#include "orchestrator/ssh/auto/config.h"
#include "orchestrator/ssh/auto/scan.h"
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

static void
what_is_said_of_the_user_who_logs_in_counts(void **state)
{
	const struct fake_sshd *sshd = *state;

	fake_sshd_shell("cd %s && mkdir -p .ssh && printf '%%s\\n' 'Match user nobody' "
			"' ProxyCommand false' >.ssh/config",
	    sshd->folder);
	for (int i = 0; i < 2; i++) {
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .user = i ? "nobody" : NULL };
		struct ssh_options options = { 0 };

		visit_host(&visit, sshd, &target, &options);
		if (i) {
			assert_true(visit.failed);
			assert_non_null(
			    strstr(visit.err.text, "by ssh: ssh_config says ProxyCommand false"));
		} else {
			assert_visit_ran(&visit, "in\n");
		}
		buf_free(&visit.output);
	}
	fake_sshd_shell("rm -r %s/.ssh", sshd->folder);
}

static bool
include(void *ctx, const char *patterns)
{
	*(const char **)ctx = strcmp(patterns, "d/*") == 0 ? "" : "another";
	return false;
}

static void
what_may_differ_from_host_to_host_is_asked_for_each(void **state UNUSED)
{
	static const char *const same[] = { "",
		"Host *\n    SendEnv LANG LC_*\n    HashKnownHosts yes\n#ProxyJump x\n \n",
		"Ciphers aes128-ctr\nLogLevel=QUIET", "Match all\nuser root\nPort 3",
		"  IdentityFile = ~/.ssh/x\r\n", "GlobalKnownHostsFile /a /b" };
	static const char *const varying[] = { "Host a\n", "Host * !b", "Host \"*\"",
		"Match user root", "HostName a", "ProxyJump=b\n", "  proxycommand x",
		"IdentityFile ~/%h", "UserKnownHostsFile ${X}", "Unheard of", "\"Host\" *",
		"CanonicalizeHostname yes" };
	const char *seen = NULL;

	for (size_t i = 0; i < COUNT(same); i++) {
		assert_false(scan_text_varies(same[i], NULL, NULL));
	}
	for (size_t i = 0; i < COUNT(varying); i++) {
		assert_true(scan_text_varies(varying[i], NULL, NULL));
	}
	assert_true(scan_text_varies("Include x", NULL, NULL));
	assert_false(scan_text_varies("Include d/*", include, &seen));
	assert_string_equal(seen, "");
}

static void
files_of_ssh_config_are_followed_or_asked_for(void **state)
{
	const struct fake_sshd *sshd = *state;
	static const struct {
		const char *config;
		bool varies;
	} cases[] = {
		{ "Include more", false },
		{ "Include ~/.ssh/more nothing*", false },
		{ "Include odd", true },
		{ "Include od?", true },
		{ "Include 'more'", true },
		{ "Include \"my hosts/config\"", true },
		{ "Include my\\ hosts/config", true },
		{ "Include ~root/x", true },
		{ "Include config", true }, /* itself, without end */
		{ "Include .", true },
	};

	fake_sshd_shell("cd %s && mkdir -p '.ssh/my hosts' && echo 'Host a' >.ssh/odd && "
			"echo 'User me' >.ssh/more && cp .ssh/odd '.ssh/my hosts/config'",
	    sshd->folder);
	for (size_t i = 0; i < COUNT(cases); i++) {
		fake_sshd_shell("cat >%s/.ssh/config <<'E'\n%s\nE", sshd->folder, cases[i].config);
		if (scan_varies() != cases[i].varies) {
			fail_msg("%s", cases[i].config);
		}
	}
	fake_sshd_shell("cd %s && printf 'User a\\0\\nHost b\\n' >.ssh/config", sshd->folder);
	assert_true(scan_varies());
	fake_sshd_shell("rm -r %s/.ssh", sshd->folder);
	assert_false(scan_varies());
}

/* What every `ssh -G` prints, but for @extra. */
static void
read_config(struct ssh_config *config, const char *extra, const char *known_hosts)
{
	char text[2000];

	snprintf(text, sizeof(text),
	    "%s\nuser deploy\nhostname 192.0.2.7\nport 2222\nciphers aes128-ctr\nmacs m\n"
	    "hostkeyalgorithms h\nkexalgorithms k\npubkeyacceptedalgorithms p\n"
	    "globalknownhostsfile /g\nuserknownhostsfile /u\n",
	    extra);
	ssh_config_read(config, text, known_hosts);
}

static void
what_ssh_tells_of_a_host_is_taken(void **state UNUSED)
{
	struct ssh_config config;

	read_config(&config,
	    "identityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/work\nidentitiesonly yes\n"
	    "hashknownhosts yes\nrevokedhostkeys /etc/ssh/revoked\n"
	    "securitykeyprovider internal\nidentityagent SSH_AUTH_SOCK",
	    NULL);
	assert_string_equal(config.need, "");
	assert_string_equal(config.user, "deploy");
	assert_string_equal(config.policy.host, "192.0.2.7");
	assert_int_equal(config.policy.port, 2222);
	assert_int_equal(config.policy.identity_count, 2);
	assert_string_equal(config.policy.identities[1], "~/.ssh/work");
	assert_true(config.policy.identities_only && config.policy.hashes_names);
	assert_string_equal(config.policy.ciphers, "aes128-ctr");
	assert_string_equal(config.policy.revoked, "/etc/ssh/revoked");
	assert_int_equal(config.policy.user.count, 1);
	assert_string_equal(config.policy.global.list[0], "/g");
	ssh_config_done(&config);
}

static void
the_lists_of_known_hosts_are_taken_whole_or_not_at_all(void **state)
{
	const struct fake_sshd *sshd = *state;
	static const struct {
		const char *value;
		size_t count; /* 0: it cannot be followed */
	} cases[] = { { "/a /b /c", 3 }, { "/a", 1 }, { "/my hosts", 0 }, { "/a  /b", 0 },
		{ "/a ", 0 }, { "", 0 }, { "~/a", 0 }, { "/1 /2 /3 /4 /5 /6 /7 /8 /9", 0 },
		{ "none /a", 0 } };
	struct ssh_config config;
	char text[1000];

	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof(text),
		    "user a\nhostname b\nport 1\nciphers c\nmacs m\nhostkeyalgorithms h\n"
		    "kexalgorithms k\npubkeyacceptedkeytypes p\nuserknownhostsfile none\n"
		    "globalknownhostsfile %s\n",
		    cases[i].value);
		ssh_config_read(&config, text, NULL);
		if (cases[i].count ? config.policy.global.count != cases[i].count
				   : config.need[0] == '\0') {
			fail_msg("\"%s\": %zu files, %s", cases[i].value,
			    config.policy.global.count, config.need);
		}
		assert_int_equal(config.policy.user.count, 0);
		ssh_config_done(&config);
	}
	/* the same words are the names of two files, or of one */
	fake_sshd_shell("mkdir -p '%s/k %s' && : >'%s/k %s/k'", sshd->folder, sshd->folder,
	    sshd->folder, sshd->folder);
	snprintf(text, sizeof(text), "globalknownhostsfile %s/k %s/k", sshd->folder, sshd->folder);
	read_config(&config, text, NULL);
	assert_non_null(strstr(config.need, "ssh_config says GlobalKnownHostsFile "));
	ssh_config_done(&config);
}

static void
what_libssh2_cannot_do_and_what_is_not_known_is_a_reason_for_ssh(void **state UNUSED)
{
	static const char *const reasons[] = { "proxyjump gate", "proxycommand x", "bindaddress 1",
		"addressfamily inet", "hostkeyalias lab", "verifyhostkeydns true",
		"knownhostscommand /x", "certificatefile ~/.ssh/c", "identityagent none",
		"pkcs11provider /x", "preferredauthentications hostbased,publickey",
		"pubkeyauthentication false", "hostbasedauthentication yes", "rekeylimit 1024 0",
		"canonicalizehostname always", "nohostauthenticationforlocalhost yes",
		"identityfile ~/.ssh/%h", "identityfile none", "revokedhostkeys ~/r",
		"gssapikeyexchange yes", "newword yes", "canonicalizePermittedcnames a:b", "port 0",
		"x" };
	static const char *const others[] = { "requiredrsasize 4096", "proxyjump none",
		"casignaturealgorithms ssh-ed25519", "gssapiauthentication yes", "sendenv A",
		"preferredauthentications publickey", "canonicalizePermittedcnames none" };
	struct ssh_config config;

	for (size_t i = 0; i < COUNT(reasons); i++) {
		read_config(&config, reasons[i], NULL);
		if (config.need[0] == '\0') {
			fail_msg("%s", reasons[i]);
		}
		ssh_config_done(&config);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		read_config(&config, others[i], NULL);
		assert_string_equal(config.need, "");
		ssh_config_done(&config);
	}
	ssh_config_read(&config, "user a\nhostname b\nport 1\n", NULL);
	assert_non_null(strstr(config.need, "less than is needed"));
	ssh_config_done(&config);
	read_config(&config, "knownhostscommand /x\nverifyhostkeydns yes", "/mine");
	assert_string_equal(config.need, "");
	assert_string_equal(config.policy.user.list[0], "/mine");
	assert_int_equal(config.policy.global.count, 0);
	assert_true(config.policy.known_command);
	ssh_config_done(&config);
}

/* tests/data/ssh-config: what `ssh -F none -G` of Debian 11, 12 and 13 prints. */
static void
no_word_of_any_ssh_is_unknown(void **state UNUSED)
{
	static const char *const versions[] = { "8.4", "9.2", "10.0" };

	for (size_t i = 0; i < COUNT(versions); i++) {
		struct buf text = { 0 };
		struct ssh_config config;
		struct error err;
		char path[64];

		snprintf(path, sizeof(path), "tests/data/ssh-config/%s", versions[i]);
		assert_int_equal(file_read(path, &text, &err), 0);
		ssh_config_read(&config, buf_str(&text), NULL);
		assert_string_equal(config.need, "");
		assert_int_equal(config.policy.identity_count, 0);
		assert_int_equal(config.policy.global.count, 2);
		assert_true(config.checks_address == (i == 0));
		ssh_config_done(&config);
		buf_free(&text);
	}
}

static void
an_ssh_config_that_ssh_refuses_stops_the_run_with_its_words(void **state)
{
	static const struct {
		const char *config, *words;
	} cases[] = {
		{ "UseKeychain yes", "Bad configuration option: usekeychain; " },
		{ "Host *\n Port x", "line 2: Bad " },
		{ "Match exec \"exit 1", "config line 1" },
	};
	static const enum link_way ways[] = { LINK_WAY_AUTO, LINK_WAY_LIBSSH2, LINK_WAY_SSH };
	const struct fake_sshd *sshd = *state;

	for (size_t i = 0; i < COUNT(cases) * COUNT(ways); i++) {
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .way = ways[i % COUNT(ways)] };
		struct ssh_options options = { 0 };

		fake_sshd_shell("cd %s && mkdir -p .ssh && cat >.ssh/config <<'E'\n%s\nE",
		    sshd->folder, cases[i / COUNT(ways)].config);
		visit_host(&visit, sshd, &target, &options);
		assert_visit_failed(&visit, LINK_CONFIG, cases[i / COUNT(ways)].words);
	}
	fake_sshd_shell("rm -r %s/.ssh", sshd->folder);
}

static void
what_libssh2_cannot_follow_stops_it_when_it_is_asked_for_by_name(void **state)
{
	static const struct {
		const char *config, *words;
	} cases[] = {
		{ "ProxyJump gate", "ssh_config says ProxyJump gate, and libssh2 alone cannot" },
		{ "Ciphers chacha20-poly1305@openssh.com",
		    "libssh2 1.10.0 has no cipher that ssh_config allows (chacha20" },
		{ "HostKeyAlgorithms rsa-sha2-512", "has no host key that ssh_config allows" },
		{ "RevokedHostKeys /dev/null/x", "RevokedHostKeys: cannot open" },
	};
	const struct fake_sshd *sshd = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct visit visit = { .command = "echo in" };
		struct link_target target = { .way = LINK_WAY_LIBSSH2 };
		struct ssh_options options = { 0 };

		fake_sshd_shell("cd %s && mkdir -p .ssh && echo '%s' >.ssh/config", sshd->folder,
		    cases[i].config);
		visit_host(&visit, sshd, &target, &options);
		assert_visit_failed(&visit, LINK_CONFIG, cases[i].words);
	}
	fake_sshd_shell("rm -r %s/.ssh", sshd->folder);
}

/* --- many hosts --- */

#define MANY 40

struct many {
	struct transport *transport;
	struct link *links[MANY];
	unsigned left;
};

static void
nobody_opens(void *ctx UNUSED)
{
	fail();
}

static void
one_failed(void *ctx, enum link_step step, const struct error *err)
{
	struct many *many = ctx;

	if (step != LINK_CONNECT) {
		fail_msg("%s: %s", link_step_name(step), err->text);
	}
	if (--many->left == 0) {
		for (size_t i = 0; i < MANY; i++) {
			many->transport->close(many->links[i]);
		}
	}
}

/* Dial MANY hosts, where nobody listens. */
static void
dial_many(void)
{
	struct many many = { .left = MANY };
	struct link_events events = { .ctx = &many, .opened = nobody_opens, .failed = one_failed };
	struct ssh_options options = { .timeout_ns = 60 * NS_PER_S };
	char names[MANY][16];
	struct error err;
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_int_equal(auto_transport_new(&loop, &options, &many.transport, &err), 0);
	for (unsigned i = 0; i < MANY; i++) {
		struct link_target target = { .host = names[i], .port = 1, .user = "me" };

		snprintf(names[i], sizeof(names[i]), "127.0.3.%u", i + 1);
		many.links[i] = many.transport->open(many.transport, &target, &events);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(many.left, 0);
	auto_transport_free(many.transport);
	assert_int_equal(uv_loop_close(&loop), 0);
}

/* An `ssh` that notes when it begins and when it ends. */
#define COUNTING_SSH                                                                               \
	"cd %s && mkdir -p bin .ssh && : >log && cat >bin/ssh <<'E' && chmod 755 bin/ssh\n"        \
	"#!/bin/sh\necho begin >>%s/log\nPATH=${PATH#*:}\nssh \"$@\"\ns=$?\n"                      \
	"echo end >>%s/log\nexit $s\nE"

static void
many_hosts_take_one_question_or_one_each_and_not_all_at_once(void **state)
{
	const struct fake_sshd *sshd = *state;
	static const struct {
		const char *config;
		int asked;
	} cases[] = { { "Ciphers aes128-ctr", 1 }, { "Host 127.0.3.7\n User x", MANY } };
	char *path = strdup(getenv("PATH"));
	char counting[1024];

	for (size_t i = 0; i < COUNT(cases); i++) {
		fake_sshd_shell(COUNTING_SSH, sshd->folder, sshd->folder, sshd->folder);
		fake_sshd_shell(
		    "printf '%%s\\n' '%s' >%s/.ssh/config", cases[i].config, sshd->folder);
		snprintf(counting, sizeof(counting), "%s/bin:%s", sshd->folder, path);
		setenv("PATH", counting, 1);
		dial_many();
		setenv("PATH", path, 1);
		assert_int_equal(
		    fake_sshd_shell("cd %s && [ $(grep -c begin log) = %d ] && "
				    "awk '/begin/ { n++ } /end/ { n-- } n > 16 { exit 1 }' "
				    "log",
			sshd->folder, cases[i].asked),
		    0);
	}
	free(path);
	fake_sshd_shell("cd %s && rm -r .ssh bin log", sshd->folder);
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
		cmocka_unit_test(what_is_said_of_the_user_who_logs_in_counts),
		cmocka_unit_test(what_may_differ_from_host_to_host_is_asked_for_each),
		cmocka_unit_test(files_of_ssh_config_are_followed_or_asked_for),
		cmocka_unit_test(what_ssh_tells_of_a_host_is_taken),
		cmocka_unit_test(the_lists_of_known_hosts_are_taken_whole_or_not_at_all),
		cmocka_unit_test(what_libssh2_cannot_do_and_what_is_not_known_is_a_reason_for_ssh),
		cmocka_unit_test(no_word_of_any_ssh_is_unknown),
		cmocka_unit_test(an_ssh_config_that_ssh_refuses_stops_the_run_with_its_words),
		cmocka_unit_test(many_hosts_take_one_question_or_one_each_and_not_all_at_once),
		cmocka_unit_test(what_libssh2_cannot_follow_stops_it_when_it_is_asked_for_by_name),
	};
	static const struct visit_way way = { auto_transport_new, auto_transport_free };

	visit_by(&way);
	return cmocka_run_group_tests(tests, visit_set_up, visit_tear_down);
}
