/* Why a login failed, as the host and ssh tell it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/ssh/refusal.h"
#include "orchestrator/ssh/system/words.h"
#include "orchestrator/ssh/wire.h"

static void
take(struct refusal *refusal, uint8_t type, const char *text, const char *rest, size_t rest_len)
{
	struct buf message = { .limit_bytes = 0 };

	buf_add(&message, &type, 1);
	wire_put_string(&message, text, strlen(text));
	buf_add(&message, rest, rest_len);
	refusal_take(refusal, message.data, message.len);
	buf_free(&message);
}

static void
a_failure_tells_what_is_left_and_a_banner_is_heard(void **state UNUSED)
{
	struct refusal refusal;

	refusal_init(&refusal, "root");
	assert_true(refusal_takes(&refusal, "publickey"));
	take(&refusal, 51, "publickey,hostbased", "\0padding", 8);
	assert_string_equal(refusal.methods, "publickey,hostbased");
	assert_false(refusal.partial);
	assert_true(refusal_takes(&refusal, "hostbased"));
	assert_false(refusal_takes(&refusal, "host"));
	assert_false(refusal_takes(&refusal, "password"));
	take(&refusal, 51, "keyboard-interactive", "\1", 1);
	assert_true(refusal.partial);
	take(&refusal, 53, "Welcome\n", "\0\0\0\0", 4);
	take(&refusal, 53, "Go away", "", 0);
	assert_string_equal(buf_str(&refusal.said), "Welcome\n\nGo away\n");
	refusal_done(&refusal);
}

static void
other_messages_and_broken_ones_tell_nothing(void **state UNUSED)
{
	static const char *const broken[] = { "\x33", "\x33\0\0\0\x05pub", "\x33\xff\xff\xff\xff",
		"\x35\0\0\1\0abc", "5ome text", "\x32\0\0\0\1a" };
	struct refusal refusal;

	refusal_init(&refusal, "root");
	refusal_take(&refusal, "", 0);
	for (size_t i = 0; i < COUNT(broken); i++) {
		refusal_take(&refusal, broken[i], i < 2 ? strlen(broken[i] + 1) + 1 : 8);
	}
	take(&refusal, 51, "publickey", "", 0); /* without whether one was accepted */
	assert_string_equal(refusal.methods, "");
	assert_int_equal(refusal.said.len, 0);
	refusal_done(&refusal);
}

static void
endless_banners_leave_their_end(void **state UNUSED)
{
	static char much[60000];
	struct refusal refusal;

	refusal_init(&refusal, "root");
	memset(much, 'x', sizeof(much));
	for (int i = 0; i < 100; i++) {
		refusal_hear(&refusal, much, sizeof(much));
	}
	refusal_hear(&refusal, "the end", 7);
	assert_true(refusal.said.len <= 4096);
	assert_string_equal(buf_str(&refusal.said) + refusal.said.len - 8, "the end\n");
	refusal_done(&refusal);
}

static void
the_words_say_what_the_host_wants_or_says(void **state UNUSED)
{
	static const struct {
		enum { REFUSED, PARTIAL, HUNG_UP } end;
		const char *tried, *accepted, *methods, *said, *notes, *words;
	} cases[] = {
		{ REFUSED, "k", "", "publickey", "Legal words", "", "root is refused; tried k" },
		{ REFUSED, "k", "", "", "", "l: encrypted",
		    "root is refused; tried k; l: encrypted" },
		{ REFUSED, "", "", "publickey", "", "",
		    "no key to log in by: load one into ssh-agent" },
		{ REFUSED, "", "", "publickey", "", "l: bad",
		    "no key to log in by: l: bad: load one" },
		{ REFUSED, "", "", "password", "", "",
		    "no key to log in by; the host takes no key of root, but password" },
		{ REFUSED, "k", "", "password,keyboard-interactive", "", "",
		    "tried k; the host takes no key of root, but password,keyboard-interactive" },
		{ HUNG_UP, "k", "", "publickey", "Too many authentication failures", "",
		    "tried k; the host hung up after 1 key: Too many authentication failures" },
		{ PARTIAL, "k", "k", "password", "", "",
		    "root is let in by more than a key: k is accepted, and the host wants password "
		    "besides" },
		{ PARTIAL, "k", "k", "publickey", "", "",
		    "k is accepted, and the host wants another; tried k" },
		{ PARTIAL, "k", "k", "", "", "", "k is accepted, and the host wants more besides" },
		{ REFUSED, "k", "k", "publickey", "Banner", "",
		    "root is refused, though the host knows the key k: its sshd_config may "
		    "forbid" },
		{ HUNG_UP, "k", "k", "", "Banner\nYour account has expired", "",
		    "though the host knows the key k: Banner; Your account has expired" },
		{ HUNG_UP, "k", "k", "", "", "",
		    "closed the connection without a word. Its log says why" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct refusal refusal;
		struct error err;

		refusal_init(&refusal, "root");
		if (*cases[i].tried) {
			refusal_offer(&refusal, cases[i].tried);
		}
		strncpy(refusal.accepted, cases[i].accepted, sizeof(refusal.accepted) - 1);
		strncpy(refusal.methods, cases[i].methods, sizeof(refusal.methods) - 1);
		refusal_hear(&refusal, cases[i].said, strlen(cases[i].said));
		refusal.partial = cases[i].end == PARTIAL;
		refusal.hung_up = cases[i].end == HUNG_UP;
		refusal_words(&refusal, cases[i].notes, &err);
		if (!strstr(err.text, cases[i].words)) {
			fail_msg("\"%s\"\nwanted \"%s\"", err.text, cases[i].words);
		}
		refusal_done(&refusal);
	}
}

/* What `ssh -v` of OpenSSH 9.2 printed. */
#define TO_LOGIN                                                                                   \
	"debug1: Connecting to web1 [192.0.2.1] port 22.\r\ndebug1: Connection established.\r\n"   \
	"debug1: Local version string SSH-2.0-OpenSSH_9.2p1\r\n"                                   \
	"debug1: Server host key: ssh-ed25519 SHA256:abc\r\n"                                      \
	"debug1: SSH2_MSG_NEWKEYS received\r\n"                                                    \
	"debug1: Authentications that can continue: publickey,password\r\n"
#define KNOWN                                                                                      \
	"debug1: Offering public key: /k/id ED25519 SHA256:key\r\n"                                \
	"debug1: Server accepts key: /k/id ED25519 SHA256:key\r\n"
#define JUMP                                                                                       \
	"debug1: Executing proxy command: exec ssh -v -W '[web1]:22' gate\r\n"                     \
	"debug1: Local version string SSH-2.0-OpenSSH_9.2p1\r\n"
#define UNKNOWN                                                                                    \
	"kex_exchange_identification: Connection closed by remote host\r\n"                        \
	"Connection closed by UNKNOWN port 65535\r\n"

static const struct {
	const char *said;
	enum link_step step;
	const char *words;
	bool turned_away;
} transcripts[] = {
	{ TO_LOGIN "debug1: Offering public key: /k/id ED25519 SHA256:key\r\n"
		   "root@web1: Permission denied (publickey,password).\r\n",
	    LINK_LOGIN, "root is refused; tried /k/id", false },
	{ TO_LOGIN KNOWN "Authenticated using \"publickey\" with partial success.\r\n"
			 "debug1: Authentications that can continue: keyboard-interactive\r\n"
			 "root@web1: Permission denied (keyboard-interactive).\r\n",
	    LINK_LOGIN, "/k/id is accepted, and the host wants keyboard-interactive besides",
	    false },
	{ TO_LOGIN KNOWN "Authenticated with partial success.\r\n"
			 "debug1: Authentications that can continue: password\r\n"
			 "root@web1: Permission denied (password).\r\n",
	    LINK_LOGIN, "the host wants password besides", false },
	{ TO_LOGIN KNOWN "Your account has expired; please contact your system administrator.\r\n"
			 "Connection closed by 192.0.2.1 port 22\r\n",
	    LINK_LOGIN, "though the host knows the key /k/id: Your account has expired", false },
	{ TO_LOGIN KNOWN "Connection closed by 192.0.2.1 port 22\r\n", LINK_LOGIN, "without a word",
	    false },
	{ TO_LOGIN KNOWN "root@web1: Permission denied (publickey,password).\r\n", LINK_LOGIN,
	    "its sshd_config may forbid this user", false },
	{ TO_LOGIN "debug1: Offering public key: /k/id ED25519 SHA256:key\r\n"
		   "Received disconnect from 192.0.2.1 port 22:2: Too many authentication "
		   "failures\r\nDisconnected from 192.0.2.1 port 22\r\n",
	    LINK_LOGIN, "hung up after 1 key: Too many authentication failures", false },
	/* a banner that speaks as ssh does */
	{ TO_LOGIN KNOWN "Permission denied (to all strangers)\r\n"
			 "Host key verification failed is what you never ignore\r\n"
			 "Maintenance until 18:00\r\nConnection closed by 192.0.2.1 port 22\r\n",
	    LINK_LOGIN, "Maintenance until 18:00", false },
	/* turned away by the host, by a jump host, and by the host behind it */
	{ "debug1: Connecting to web1 [192.0.2.1] port 22.\r\n"
	  "debug1: Connection established.\r\n"
	  "kex_exchange_identification: read: Connection reset by peer\r\n"
	  "Connection reset by 192.0.2.1 port 22\r\n",
	    LINK_HANDSHAKE, "the host closed the connection at once: too many log in", true },
	{ "debug1: Connection established.\r\n"
	  "debug1: kex_exchange_identification: banner line 0: Not allowed at this time\r\n"
	  "kex_exchange_identification: Connection closed by remote host\r\n",
	    LINK_HANDSHAKE, "PerSourcePenalties", true },
	{ JUMP "debug1: Connection established.\r\n"
	       "debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups\r\n"
	       "kex_exchange_identification: Connection closed by remote host\r\n"
	       "Connection closed by 192.0.2.9 port 22\r\n" UNKNOWN,
	    LINK_HANDSHAKE, "MaxStartups", true },
	{ JUMP TO_LOGIN "Authenticated to gate ([192.0.2.9]:22) using \"publickey\".\r\n" UNKNOWN,
	    LINK_HANDSHAKE, "closed the connection at once", true },
	/* not turned away: the jump host says why it leads nowhere, or does not let in */
	{ JUMP TO_LOGIN "Authenticated to gate ([192.0.2.9]:22) using \"publickey\".\r\n"
			"channel 0: open failed: connect failed: Connection refused\r\n"
			"stdio forwarding failed\r\n" UNKNOWN,
	    LINK_LOGIN, "connect failed: Connection refused; stdio forwarding failed", false },
	{ JUMP TO_LOGIN "me@gate: Permission denied (publickey).\r\n" UNKNOWN, LINK_LOGIN,
	    "no key to log in by", false },
	{ JUMP TO_LOGIN KNOWN "me@gate: Permission denied (publickey).\r\n" UNKNOWN, LINK_LOGIN,
	    "me@gate is refused, though the host knows the key /k/id", false },
	{ JUMP TO_LOGIN KNOWN "Maintenance until 18:00\r\nConnection closed by 192.0.2.9 port "
			      "22\r\n" UNKNOWN,
	    LINK_LOGIN, "Maintenance until 18:00", false },
	{ "ssh: Could not resolve hostname web1: Name or service not known\r\n", LINK_RESOLVE,
	    "Could not resolve hostname web1", false },
};

static void
what_ssh_prints_is_told_as_it_is(void **state UNUSED)
{
	const struct link_target target = { .host = "web1" };

	for (size_t i = 0; i < COUNT(transcripts); i++) {
		struct system_words words;
		struct error err;
		enum link_step step;

		system_words_init(&words);
		system_words_feed(&words, transcripts[i].said, strlen(transcripts[i].said));
		step = system_words_error(&words, &target, &err);
		if (step != transcripts[i].step || !strstr(err.text, transcripts[i].words) ||
		    words.turned_away != transcripts[i].turned_away) {
			fail_msg("%zu: %s: %s (%d)", i, link_step_name(step), err.text,
			    words.turned_away);
		}
		system_words_done(&words);
	}
}

static void
a_long_banner_does_not_hide_the_reason(void **state UNUSED)
{
	static const char before[] = TO_LOGIN KNOWN;
	static const char after[] = "Your account has expired; please contact your system "
				    "administrator.\r\nConnection closed by 192.0.2.1 port 22\r\n";
	static const char line[] = "This computer is watched; whoever uses it agrees to that.\r\n";
	const struct link_target target = { .host = "web1" };

	for (int lines = 0; lines < 300; lines += 23) {
		struct system_words words;
		struct error err;

		system_words_init(&words);
		system_words_feed(&words, before, sizeof(before) - 1);
		for (int i = 0; i < lines; i++) {
			system_words_feed(&words, line, sizeof(line) - 1);
		}
		system_words_feed(&words, after, sizeof(after) - 1);
		assert_int_equal(system_words_error(&words, &target, &err), LINK_LOGIN);
		assert_non_null(strstr(err.text, "Your account has expired"));
		system_words_done(&words);
	}
}

static void
a_lost_connection_is_told_with_the_last_words(void **state UNUSED)
{
	static const char said[] = "Received disconnect from 192.0.2.1 port 22:11: going down\n";
	struct system_words words;
	struct error err;

	system_words_init(&words);
	system_words_feed(&words, said, sizeof(said) - 1);
	system_words_lost(&words, &err);
	assert_string_equal(err.text, "the connection was lost: going down");
	system_words_done(&words);
}

static void
a_host_that_is_too_busy_is_told_from_one_that_is_no_ssh(void **state UNUSED)
{
	struct error err;

	assert_true(refusal_turned_away("", &err));
	assert_true(refusal_turned_away("Exceeded MaxStartups\r\n", &err));
	assert_non_null(strstr(err.text, "MaxStartups"));
	assert_true(refusal_turned_away("Not allowed at this time\r\n", &err));
	assert_non_null(strstr(err.text, "PerSourcePenalties"));
	assert_false(refusal_turned_away("HTTP/1.0 400 Bad Request\r\n", &err));
	assert_string_equal(
	    err.text, "the host does not speak SSH: it said \"HTTP/1.0 400 Bad Request\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_tells_what_is_left_and_a_banner_is_heard),
		cmocka_unit_test(other_messages_and_broken_ones_tell_nothing),
		cmocka_unit_test(endless_banners_leave_their_end),
		cmocka_unit_test(the_words_say_what_the_host_wants_or_says),
		cmocka_unit_test(what_ssh_prints_is_told_as_it_is),
		cmocka_unit_test(a_long_banner_does_not_hide_the_reason),
		cmocka_unit_test(a_lost_connection_is_told_with_the_last_words),
		cmocka_unit_test(a_host_that_is_too_busy_is_told_from_one_that_is_no_ssh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
