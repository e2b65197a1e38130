/* Who poses as a daemon, and who is one: a row is a process of a user, of root, or of systemd. */
#include "agent/ask/holder.h"
#include "agent/host/process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fake_root.h"

#include <cmocka.h>

#define PASSWD                                                                                     \
	"root:x:0:0::/root:/bin/sh\nx_chrony:x:70:70::/:/bin/sh\n_chrony:x:102:110:C,:/var/lib:/"  \
	"n\n"                                                                                      \
	"ntpsec:x:103:111::/:/n\nhacker:x:1000:1000:\n_chrony:x:1000::/:/n\nntp:x:0x3e8:1::/:/n\n"
#define ROOT "0\t0\t0\t0"
#define USER "1000\t1000\t1000\t1000"
#define OWN "102\t102\t102\t102"
#define SESSION "/user.slice/user-1000.slice/session-3.scope"
#define MANAGER "/user.slice/user-1000.slice/user@1000.service"
#define CHRONY "/system.slice/chrony.service"

enum standing { NOBODY, UNPROVEN, PROVEN };
enum exe { HIDDEN, PLAIN, SET_UID, SET_GID };

static const struct {
	const char *uids, *group;
	enum exe exe;
	enum standing standing;
	const char *unit;
} cases[] = {
	/* in its own service it is what systemd started, by whatever account */
	{ ROOT, CHRONY, HIDDEN, PROVEN, "chrony.service" },
	{ OWN, CHRONY, HIDDEN, PROVEN, "chrony.service" },
	{ USER, CHRONY, HIDDEN, PROVEN, "chrony.service" },
	{ OWN, "/time.slice/time-a.slice/chronyd.service", HIDDEN, PROVEN, "chronyd.service" },
	{ OWN, "/../../system.slice/chrony.service", HIDDEN, PROVEN, "chrony.service" },
	/* any user's, wherever he puts it; what he can see of it does not help */
	{ USER, SESSION, HIDDEN, NOBODY, "" },
	{ USER, SESSION, PLAIN, NOBODY, "" },
	{ USER, MANAGER "/app.slice/chrony.service", HIDDEN, NOBODY, "" },
	{ USER, MANAGER "/system.slice/chrony.service", HIDDEN, NOBODY, "" },
	{ USER, "/system.slice/cron.service", HIDDEN, NOBODY, "" },
	{ USER, "/", PLAIN, NOBODY, "" },
	{ "70\t70\t70\t70", SESSION, HIDDEN, NOBODY, "" },
	/* a set-user-ID program by a name of the user's choice: the real user ID stays his */
	{ "1000\t0\t0\t0", SESSION, HIDDEN, NOBODY, "" },
	{ "0\t1000\t0\t0", SESSION, HIDDEN, NOBODY, "" },
	{ "0\t0\t1000\t0", "/", HIDDEN, NOBODY, "" },
	{ "0\t0\t0\t1000", "/", HIDDEN, NOBODY, "" },
	{ "102\t0", "/", HIDDEN, NOBODY, "" },
	/* sudo, waiting for a password, has all of root's: its executable tells, to root */
	{ ROOT, SESSION, SET_UID, NOBODY, "" },
	{ ROOT, "/system.slice/cron.service", SET_UID, NOBODY, "" },
	{ ROOT, SESSION, SET_GID, NOBODY, "" },
	{ ROOT, SESSION, HIDDEN, UNPROVEN, "" },
	{ ROOT, "/system.slice/cron.service", HIDDEN, UNPROVEN, "cron.service" },
	{ OWN, MANAGER "/app.slice/chrony.service", HIDDEN, UNPROVEN, "" },
	{ ROOT, "/system.slice/chrony.service.d", HIDDEN, UNPROVEN, "" },
	{ ROOT, "/system.slice/docker-1.scope/system.slice/chrony.service", HIDDEN, UNPROVEN, "" },
	{ ROOT, "/lxc.payload.a/system.slice/chrony.service", HIDDEN, UNPROVEN, "" },
	{ ROOT, "/system.slice/.service", HIDDEN, UNPROVEN, "" },
	/* begun by hand, or by a service of the site's own */
	{ ROOT, SESSION, PLAIN, PROVEN, "" },
	{ OWN, SESSION, PLAIN, PROVEN, "" },
	{ OWN, "/system.slice/site-time.service", PLAIN, PROVEN, "site-time.service" },
	{ OWN, "/system.slice/site-time.service", HIDDEN, UNPROVEN, "site-time.service" },
};

static void
put_process(int pid, int parent, const char *uids, const char *group, enum exe exe)
{
	static const mode_t modes[] = { 0, 0755, 04755, 02755 };
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	snprintf(text, sizeof(text),
	    "Name:\tchronyd\nPid:\t%d\nPPid:\t%d\nUid:\t%s\nGid:\t0\t0\t0\t0\nNSpid:\t%d\n"
	    "VmSize:\t 1 kB\n",
	    pid, parent, uids, pid);
	fake_root_put(path, text);
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	snprintf(
	    text, sizeof(text), "%s%s\n", pid % 2 ? "0::" : "3:cpu:/a\n1:name=systemd:", group);
	fake_root_put(path, text);
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (exe != HIDDEN) {
		fake_root_put_bytes(path, "x", 1, modes[exe]);
	}
}

static void
begin(void)
{
	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put("/proc/1/cgroup", "0::/init.scope\n");
	fake_root_put("/run/systemd/system/x", "");
	fake_root_put("/etc/passwd", PASSWD);
}

static void
a_process_counts_by_its_user_its_service_and_its_executable(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct process_list list = { .count = 0 };
		const struct process *found;

		fake_root_make(state);
		begin();
		put_process(300 + (int)i, 1, cases[i].uids, cases[i].group, cases[i].exe);
		process_list_read(fake_root, &list);
		found = process_find(&list, "chronyd");
		if (!found != (cases[i].standing == NOBODY) ||
		    (found &&
			(found->proven != (cases[i].standing == PROVEN) ||
			    strcmp(found->unit, cases[i].unit) != 0))) {
			fail_msg("case %zu (%s in %s): %s, in \"%s\"", i, cases[i].uids,
			    cases[i].group,
			    found ? found->proven ? "proven" : "unproven" : "nobody",
			    found ? found->unit : "");
		}
		process_list_free(&list);
		fake_root_remove(state);
	}
}

static void
the_daemon_is_found_behind_any_number_of_strangers(void **state UNUSED)
{
	struct process_list list = { .count = 0 };

	begin();
	put_process(2, 1, USER, SESSION, HIDDEN);
	for (int pid = 3; pid < PROCESSES_MAX + 100; pid++) {
		char path[32];

		snprintf(path, sizeof(path), "/proc/%d", pid);
		fake_root_link("2", path);
	}
	put_process(9000, 1, ROOT, SESSION, HIDDEN);
	put_process(9001, 1, OWN, CHRONY, HIDDEN);
	put_process(9002, 9001, OWN, CHRONY, HIDDEN);
	process_list_read(fake_root, &list);
	assert_int_equal(list.count, 3);
	assert_int_equal(process_find(&list, "chronyd")->pid, 9001);
	process_list_free(&list);
}

static void
systemds_word_proves_a_main_process_and_no_other(void **state UNUSED)
{
	struct process_list list = { .count = 0 };

	begin();
	put_process(300, 1, ROOT, "/system.slice/cron.service", HIDDEN);
	put_process(301, 1, OWN, "/system.slice/site-time.service", HIDDEN);
	process_list_read(fake_root, &list);
	process_vouch(&list, 17);
	assert_false(process_find(&list, "chronyd")->proven);
	process_vouch(&list, 301);
	assert_int_equal(process_find(&list, "chronyd")->pid, 301);
	assert_true(process_find(&list, "chronyd")->proven);
	process_list_free(&list);
}

static void
the_arguments_of_an_unproven_process_are_not_read(void **state UNUSED)
{
	struct buf options = { .limit_bytes = 100 };
	struct process process = { .pid = 300 };

	fake_root_put_bytes("/proc/300/cmdline", "chronyd\0-x", 11, 0644);
	assert_false(process_options(fake_root, &process, &options));
	process.proven = true;
	assert_true(process_options(fake_root, &process, &options));
	assert_string_equal(buf_str(&options), "-x");
	buf_free(&options);
}

static void
without_systemd_the_user_tells(void **state UNUSED)
{
	struct process_list list = { .count = 0 };

	fake_root_put("/proc/self/status", "Name:\ttest\nNSpid:\t77\n");
	fake_root_put("/etc/passwd", PASSWD);
	put_process(300, 1, USER, "/", HIDDEN);
	put_process(301, 1, OWN, "/", HIDDEN);
	process_list_read(fake_root, &list);
	assert_int_equal(process_find(&list, "chronyd")->pid, 301);
	assert_true(process_find(&list, "chronyd")->proven);
	process_list_free(&list);
}

static void
systemd_in_a_container_has_its_services_below_the_hosts(void **state UNUSED)
{
	struct process_list list = { .count = 0 };

	begin();
	fake_root_put("/proc/1/cgroup", "0::/machine.slice/machine-a.scope/init.scope\n");
	put_process(301, 1, OWN, "/machine.slice/machine-a.scope" CHRONY, HIDDEN);
	process_list_read(fake_root, &list);
	assert_string_equal(process_find(&list, "chronyd")->unit, "chrony.service");
	put_process(301, 1, OWN, CHRONY, HIDDEN); /* above: not of this systemd */
	process_list_read(fake_root, &list);
	assert_false(process_find(&list, "chronyd")->proven);
	process_list_free(&list);
}

/* Between fork() and exec() it has its parent's name: so one look is not enough. */
static void
who_was_nobody_twice_is_not_asked_again(void **state UNUSED)
{
	struct process_list list = { .count = 0 };

	begin();
	fake_root_put_process(300, 1, "bash", "300");
	process_list_read(fake_root, &list);
	put_process(300, 1, OWN, CHRONY, HIDDEN);
	process_list_read(fake_root, &list);
	assert_non_null(process_find(&list, "chronyd"));
	fake_root_put_process(300, 1, "bash", "300");
	process_list_read(fake_root, &list);
	process_list_read(fake_root, &list);
	put_process(300, 1, OWN, CHRONY, HIDDEN);
	process_list_read(fake_root, &list);
	assert_null(process_find(&list, "chronyd"));
	process_list_forget(&list);
	process_list_read(fake_root, &list);
	assert_non_null(process_find(&list, "chronyd"));
	process_list_free(&list);
}

static void
odd_names_and_odd_files_are_nobody(void **state UNUSED)
{
	static const char *const texts[] = {
		"Name:\tchronyd\\nPPid:\\t1\n",
		"Name:\t\\303\\050chronyd\nPPid:\t1\nUid:\t0\t0\t0\t0\nVmSize:\t1 kB\n",
		"Name:\tchronydchronydchronyd\nPPid:\t1\nUid:\t0\t0\t0\t0\nVmSize:\t1 kB\n",
		"Name:\tchronyd\nPPid:\t1\nUid:\t-1\t-1\t-1\t-1\nVmSize:\t1 kB\n",
		"Name:\tchronyd\nPPid:\t1\nUid:\nGid:\t0\t0\t0\t0\nVmSize:\t1 kB\n",
		"Name:\tchronyd\nPPid:\t1\nUid:\t4294967296\t0\t0\t0\nVmSize:\t1 kB\n",
		"",
	};
	struct process_list list = { .count = 0 };

	begin();
	for (size_t i = 0; i < COUNT(texts); i++) {
		fake_root_put("/proc/300/status", texts[i]);
		process_list_read(fake_root, &list);
		if (list.count != 0) {
			fail_msg("case %zu is \"%s\"", i, list.list[0].name);
		}
	}
	process_list_free(&list);
}

static void
a_stranger_at_the_daemons_port_is_seen(void **state UNUSED)
{
	static const struct {
		const char *list, *local;
		long uid, own, found;
	} sockets[] = {
		{ "udp", "0100007F:0143", 0, -1, HOLDER_NONE },
		{ "udp", "0100007F:0143", 102, -1, HOLDER_NONE },
		{ "udp", "0100007F:0143", 1000, -1, 1000 },
		{ "udp", "00000000:0143", 1000, -1, 1000 },
		{ "udp", "0100007F:0143", 1000, 1000, HOLDER_NONE },
		{ "udp", "0100007F:0143", 1000, 102, 1000 },
		{ "udp", "0100007F:007B", 1000, -1, HOLDER_NONE },
		{ "udp", "010200C0:0143", 1000, -1, HOLDER_NONE },
		{ "udp6", "00000000000000000000000001000000:0143", 1000, -1, 1000 },
		{ "udp6", "00000000000000000000000000000000:0143", 1000, -1, 1000 },
		{ "udp6", "0000000000000000FFFF00000100007F:0143", 1000, -1, 1000 },
		{ "udp6", "B80D0120000000000000000001000000:0143", 1000, -1, HOLDER_NONE },
	};

	fake_root_put("/etc/passwd", PASSWD);
	for (size_t i = 0; i < COUNT(sockets); i++) {
		char path[32], text[512];
		long found;

		snprintf(path, sizeof(path), "/proc/net/%s", sockets[i].list);
		snprintf(text, sizeof(text),
		    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
		    "uid\n"
		    "   17: 0100007F:0143 00000000:0000 07 00000000:00000000 00:00000000 00000000  "
		    "   0 "
		    "       0 1 2 0 0\n"
		    "  943: %s 00000000:0000 07 00000000:00000000 00:00000000 00000000  %ld        "
		    "0 "
		    "22 2 0000000000000000 0\n",
		    sockets[i].local, sockets[i].uid);
		fake_root_put("/proc/net/udp", "");
		fake_root_put("/proc/net/udp6", "");
		fake_root_put(path, text);
		found = holder_stranger(fake_root, 323, sockets[i].own);
		if (found != sockets[i].found) {
			fail_msg("case %zu: %ld", i, found);
		}
	}
}

#define ROOTED(test) cmocka_unit_test_setup_teardown(test, fake_root_make, fake_root_remove)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_counts_by_its_user_its_service_and_its_executable),
		ROOTED(the_daemon_is_found_behind_any_number_of_strangers),
		ROOTED(systemds_word_proves_a_main_process_and_no_other),
		ROOTED(the_arguments_of_an_unproven_process_are_not_read),
		ROOTED(without_systemd_the_user_tells),
		ROOTED(systemd_in_a_container_has_its_services_below_the_hosts),
		ROOTED(who_was_nobody_twice_is_not_asked_again),
		ROOTED(odd_names_and_odd_files_are_nobody),
		ROOTED(a_stranger_at_the_daemons_port_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
