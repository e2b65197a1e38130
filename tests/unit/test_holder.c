/* Who carries out a run: the kernel's word, and behind it what the environment claims. */
#include "orchestrator/runs/holder.h"

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
expect(const char *variable, const char *value, const char *behind)
{
	const struct passwd *user = getpwuid(getuid());
	char holder[384], want[384], host[256] = "";

	unsetenv("SUDO_USER");
	unsetenv("DOAS_USER");
	if (variable) {
		setenv(variable, value, 1);
	}
	gethostname(host, sizeof(host) - 1);
	snprintf(want, sizeof(want), "%s@%s%s", user ? user->pw_name : "?", host, behind);
	holder_name(holder, sizeof(holder));
	assert_string_equal(holder, want);
	unsetenv("SUDO_USER");
	unsetenv("DOAS_USER");
}

static void
who_called_sudo_or_doas_stands_behind_the_user(void **state UNUSED)
{
	expect(NULL, NULL, "");
	expect("SUDO_USER", "alice", "(alice)");
	expect("DOAS_USER", "bob.b-1_x", "(bob.b-1_x)");
}

static void
a_claim_that_is_no_name_is_left_out(void **state UNUSED)
{
	static const char *const odd[] = { "", "a b", "a\nb", "x@y", "-x", "\x1b[2J", "a)",
		"123456789012345678901234567890123" };
	const struct passwd *user = getpwuid(getuid());

	for (size_t i = 0; i < COUNT(odd); i++) {
		expect("SUDO_USER", odd[i], "");
	}
	if (user) {
		expect("SUDO_USER", user->pw_name, ""); /* it says nothing new */
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_called_sudo_or_doas_stands_behind_the_user),
		cmocka_unit_test(a_claim_that_is_no_name_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
