#include "agent/start/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/fake_root.h"

#include <cmocka.h>

static struct merge merge;

static const char *
read(enum daemon_includes includes, const char *path)
{
	merge_read(fake_root, includes, path, &merge);
	return merge.failure ? merge.failure : buf_str(&merge.text);
}

static void
chrony_takes_patterns_and_folders_in_their_places(void **state UNUSED)
{
	fake_root_put("/etc/chrony/chrony.conf",
	    "one\nInclude /etc/extra*\nconfdir /etc/a /etc/b\nsourcedir /run/none\nlast\n");
	fake_root_put("/etc/extra1", "x1\n");
	fake_root_put("/etc/extra2", "x2\n");
	fake_root_put("/etc/a/20.conf", "a20\n");
	fake_root_put("/etc/b/20.conf", "b20\n");
	fake_root_put("/etc/b/10.conf", "b10\n");
	fake_root_put("/etc/b/10.conf.dpkg-old", "never\n");
	assert_string_equal(read(DAEMON_INCLUDES_CHRONY, "/etc/chrony/chrony.conf"),
	    "#line 1 /etc/chrony/chrony.conf\none\n"
	    "#line 1 /etc/extra1\nx1\n#line 1 /etc/extra2\nx2\n"
	    "#line 3 /etc/chrony/chrony.conf\n"
	    "#line 1 /etc/b/10.conf\nb10\n#line 1 /etc/a/20.conf\na20\n"
	    "#line 4 /etc/chrony/chrony.conf\n#line 5 /etc/chrony/chrony.conf\nlast\n");
	assert_int_equal(merge.file_count, 5);
}

static void
a_file_of_sources_has_sources_and_whole_lines_only(void **state UNUSED)
{
	fake_root_put("/c", "sourcedir /s\n");
	fake_root_put("/s/a.sources", "makestep 1 -1\nserver x iburst\nserver cut");
	assert_string_equal(read(DAEMON_INCLUDES_CHRONY, "/c"),
	    "#line 1 /c\n#sources 1 /s/a.sources\n\nserver x iburst\n#line 2 /c\n");
}

static void
without_its_file_chrony_does_not_start_and_ntpd_does(void **state UNUSED)
{
	assert_string_equal(read(DAEMON_INCLUDES_CHRONY, "/c"),
	    "/c is not there, and without it the daemon does not start");
	assert_string_equal(read(DAEMON_INCLUDES_NTP, "/c"), "");
	fake_root_put("/n", "includefile /none\nserver a");
	assert_string_equal(read(DAEMON_INCLUDES_NTP, "/n"), "#line 1 /n\n#line 2 /n\nserver a\n");
	fake_root_put("/c", "include /none\ninclude /none*\n");
	assert_string_equal(read(DAEMON_INCLUDES_CHRONY, "/c"),
	    "/none is not there, and without it the daemon does not start");
}

static void
ntpsec_reads_a_folder_backwards_and_beside_the_file(void **state UNUSED)
{
	fake_root_put("/etc/ntpsec/ntp.conf", "includefile sub/x # why\nincludefile \"sub\"\n");
	fake_root_put("/etc/ntpsec/sub/x", "x\n");
	fake_root_put("/etc/ntpsec/sub/y.conf", "y\n");
	fake_root_put("/etc/ntpsec/sub/z.conf", "z\n");
	fake_root_put("/etc/ntpsec/ntp.d/a.conf", "a\n");
	fake_root_put("/etc/ntpsec/ntp.d/b.conf", "b\n");
	fake_root_put("/etc/ntpsec/ntp.d/b.off", "never\n");
	assert_string_equal(read(DAEMON_INCLUDES_NTPSEC, "/etc/ntpsec/ntp.conf"),
	    "#line 1 /etc/ntpsec/ntp.conf\n#line 1 /etc/ntpsec/sub/x\nx\n"
	    "#line 2 /etc/ntpsec/ntp.conf\n"
	    "#line 1 /etc/ntpsec/sub/z.conf\nz\n#line 1 /etc/ntpsec/sub/y.conf\ny\n"
	    "#line 3 /etc/ntpsec/ntp.conf\n"
	    "#line 1 /etc/ntpsec/ntp.d/b.conf\nb\n#line 1 /etc/ntpsec/ntp.d/a.conf\na\n");
}

static void
what_includes_itself_ends(void **state UNUSED)
{
	char many[4096] = "";
	size_t len = 0;

	fake_root_put("/c", "include /c\n");
	assert_string_equal(read(DAEMON_INCLUDES_CHRONY, "/c"), "/c: included too deep");
	/* each ten times the next: a billion lines, if nobody counts */
	for (int i = 0; i < 9; i++) {
		char path[16];

		len = 0;
		for (int n = 0; n < 10; n++) {
			len += (size_t)snprintf(
			    many + len, sizeof(many) - len, "include /d%d\n", i + 1);
		}
		snprintf(path, sizeof(path), "/d%d", i);
		fake_root_put(path, many);
	}
	fake_root_put("/d9", "makestep 1 3\n");
	read(DAEMON_INCLUDES_CHRONY, "/d0");
	assert_non_null(merge.failure);
	assert_non_null(strstr(merge.failure, "too long"));
}

static void
a_file_cannot_lie_about_its_place(void **state UNUSED)
{
	fake_root_put("/c", "#line 9 /etc/passwd\nx\r\n");
	assert_string_equal(read(DAEMON_INCLUDES_NONE, "/c"), "#line 1 /c\n\nx\r\n");
	fake_root_put("/c", "x\ny");
	assert_string_equal(read(DAEMON_INCLUDES_NONE, "/c"), "#line 1 /c\nx\ny");
}

static void
drop_ins_of_systemd_come_by_name_and_the_first_folder_wins(void **state UNUSED)
{
	fake_root_put("/etc/systemd/timesyncd.conf", "[Time]\n");
	fake_root_put("/usr/lib/systemd/timesyncd.conf.d/20.conf", "NTP=never\n");
	fake_root_put("/usr/lib/systemd/timesyncd.conf.d/10.conf", "NTP=a\n");
	fake_root_put("/etc/systemd/timesyncd.conf.d/20.conf", "NTP=b\n");
	assert_string_equal(read(DAEMON_INCLUDES_SYSTEMD, "/etc/systemd/timesyncd.conf"),
	    "#line 1 /etc/systemd/timesyncd.conf\n[Time]\n"
	    "#line 1 /usr/lib/systemd/timesyncd.conf.d/10.conf\nNTP=a\n"
	    "#line 1 /etc/systemd/timesyncd.conf.d/20.conf\nNTP=b\n");
}

static void
systemd_reads_the_folders_that_its_version_knows(void **state UNUSED)
{
	static const char etc[] = "/etc/systemd/timesyncd.conf";

	fake_root_put("/usr/local/lib/systemd/timesyncd.conf.d/20.conf", "NTP=local\n");
	fake_root_put("/usr/lib/systemd/timesyncd.conf.d/20.conf", "NTP=never\n");
	fake_root_put("/lib/systemd/timesyncd.conf.d/30.conf", "NTP=lib\n");
	fake_root_put("/usr/lib/systemd/timesyncd.conf.d/40.conf", "NTP=never\n");
	fake_root_put("/usr/lib/systemd/timesyncd.conf.d/50.conf", "NTP=never\n");
	fake_root_link("/nowhere", "/run/systemd/timesyncd.conf.d/40.conf");
	fake_root_link("/dev/null", "/etc/systemd/timesyncd.conf.d/50.conf");
	fake_root_put("/run/systemd/netif/state", "OPER_STATE=routable\nNTP=a b\n");
	assert_string_equal(read(DAEMON_INCLUDES_SYSTEMD, etc),
	    "#line 1 /usr/local/lib/systemd/timesyncd.conf.d/20.conf\nNTP=local\n"
	    "#line 1 /lib/systemd/timesyncd.conf.d/30.conf\nNTP=lib\n"
	    "#line 1 /etc/systemd/timesyncd.conf.d/50.conf\n"
	    "#line 1 /run/systemd/netif/state\nOPER_STATE=routable\nNTP=a b\n");
}

static void
systemd_finds_its_main_file_by_its_version(void **state UNUSED)
{
	static const char etc[] = "/etc/systemd/timesyncd.conf";

	fake_root_put("/usr/lib/systemd/timesyncd.conf", "NTP=usr\n");
	assert_non_null(strstr(read(DAEMON_INCLUDES_SYSTEMD, etc),
	    "whether this version of systemd reads /usr/lib/systemd/timesyncd.conf"));
	fake_root_put("/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so", "");
	assert_string_equal(read(DAEMON_INCLUDES_SYSTEMD, etc), "");
	fake_root_put("/usr/lib/systemd/libsystemd-shared-257.13-1~deb13u1.so", "");
	assert_non_null(strstr(read(DAEMON_INCLUDES_SYSTEMD, etc), "whether this version"));
	fake_root_put("/lib/systemd/libsystemd-shared-255.so", "");
	assert_non_null(strstr(read(DAEMON_INCLUDES_SYSTEMD, etc), "whether this version"));
	assert_int_equal(fake_root_remove(NULL), 0);
	assert_int_equal(fake_root_make(NULL), 0);
	fake_root_put("/usr/lib/systemd/libsystemd-shared-257.13-1~deb13u1.so", "");
	fake_root_put("/usr/lib/systemd/timesyncd.conf", "NTP=usr\n");
	assert_string_equal(read(DAEMON_INCLUDES_SYSTEMD, etc),
	    "#line 1 /usr/lib/systemd/timesyncd.conf\nNTP=usr\n");
	fake_root_put("/run/systemd/timesyncd.conf", "NTP=run\n");
	assert_string_equal(
	    read(DAEMON_INCLUDES_SYSTEMD, etc), "#line 1 /run/systemd/timesyncd.conf\nNTP=run\n");
	fake_root_put(etc, "NTP=etc\rNTP=return\r\n");
	assert_string_equal(read(DAEMON_INCLUDES_SYSTEMD, etc),
	    "#line 1 /etc/systemd/timesyncd.conf\nNTP=etc\nNTP=return\n");
}

static void
the_built_in_servers_are_those_in_the_program(void **state UNUSED)
{
	static const char program[] = "\177ELF\0xx a b\0a b\0";
	static const char etc[] = "/etc/systemd/timesyncd.conf";

	fake_root_put(etc, "#FallbackNTP=a\n#FallbackNTP=a b\n#FallbackNTP=a b c\n");
	assert_string_equal(read(DAEMON_INCLUDES_SYSTEMD, etc),
	    "#line 1 /etc/systemd/timesyncd.conf\n"
	    "#FallbackNTP=a\n#FallbackNTP=a b\n#FallbackNTP=a b c\n");
	fake_root_put_bytes(
	    "/usr/lib/systemd/systemd-timesyncd", program, sizeof(program) - 1, 0755);
	assert_string_equal(read(DAEMON_INCLUDES_SYSTEMD, etc),
	    "#line 1 /etc/systemd/timesyncd.conf\n\n#FallbackNTP=a b\n\n");
}

static int
clean(void **state)
{
	merge_free(&merge);
	return fake_root_remove(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_root_make, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chrony_takes_patterns_and_folders_in_their_places),
		TEST(a_file_of_sources_has_sources_and_whole_lines_only),
		TEST(without_its_file_chrony_does_not_start_and_ntpd_does),
		TEST(ntpsec_reads_a_folder_backwards_and_beside_the_file),
		TEST(what_includes_itself_ends),
		TEST(a_file_cannot_lie_about_its_place),
		TEST(drop_ins_of_systemd_come_by_name_and_the_first_folder_wins),
		TEST(systemd_reads_the_folders_that_its_version_knows),
		TEST(systemd_finds_its_main_file_by_its_version),
		TEST(the_built_in_servers_are_those_in_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
