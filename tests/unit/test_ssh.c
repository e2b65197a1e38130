/* What libssh2 cannot do, told from what it can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_visit.h"

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
		visit_host(&visit, &sshd, &target, &options);
		fake_sshd_stop(&sshd);
		assert_visit_failed(&visit, LINK_HANDSHAKE, cases[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_with_no_algorithm_in_common_is_named_with_the_list),
	};

	return cmocka_run_group_tests(tests, visit_set_up, visit_tear_down);
}
