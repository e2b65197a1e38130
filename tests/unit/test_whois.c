/* The system's whois client is asked, whatever it does. */
#include "orchestrator/commands/abuse_whois.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A client that runs @script; what abuse_whois() makes of it. */
static int
with_client(const char *script, char contact[WHOIS_CONTACT_BYTES], struct error *err)
{
	char path[] = "/tmp/timetier-whois-XXXXXX";
	int fd = mkstemp(path), status;
	struct ip ip;

	assert_true(fd >= 0 && ip_parse("2001:db8::9", &ip));
	dprintf(fd, "#!/bin/sh\n%s\n", script);
	fchmod(fd, 0700);
	close(fd);
	setenv("WHOIS", path, 1);
	status = abuse_whois(&ip, contact, err);
	unsetenv("WHOIS");
	unlink(path);
	return status;
}

static void
a_client_is_given_the_address_and_names_whom_to_write_to(void **state UNUSED)
{
	char contact[WHOIS_CONTACT_BYTES];
	struct error err;

	assert_int_equal(
	    with_client("[ \"$1 $2 $#\" = '-- 2001:db8::9 2' ] && echo 'abuse-mailbox: "
			"abuse@example.net'",
		contact, &err),
	    0);
	assert_string_equal(contact, "abuse@example.net");
}

static void
a_client_that_says_nothing_or_never_ends_or_is_not_there_is_told_of(void **state UNUSED)
{
	char contact[WHOIS_CONTACT_BYTES];
	struct error err;
	struct ip ip;

	assert_int_equal(with_client("exit 1", contact, &err), -1);
	assert_non_null(strstr(err.text, "says nothing"));
	assert_int_equal(with_client("yes", contact, &err), -1);
	assert_non_null(strstr(err.text, "WHOIS names nobody for abuse of 2001:db8::9"));
	assert_int_equal(
	    with_client("echo 'OrgAbuseEmail: a@b.example'; exit 3", contact, &err), 0);
	assert_string_equal(contact, "a@b.example");
	setenv("WHOIS", "/nonexistent/whois", 1);
	assert_true(ip_parse("192.0.2.1", &ip));
	assert_int_equal(abuse_whois(&ip, contact, &err), -1);
	unsetenv("WHOIS");
	assert_non_null(strstr(err.text, "there is no whois client to ask"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_is_given_the_address_and_names_whom_to_write_to),
		cmocka_unit_test(
		    a_client_that_says_nothing_or_never_ends_or_is_not_there_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
