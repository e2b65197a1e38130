/*
 * What hosts of the lab answered (tests/fuzz/corpus/facts), and what no host should.  Long, because
 * each kind of record has its cases.
 */
#include "daemons/setters/setters.h"
#include "orchestrator/rollout/facts/driver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/file.h"
#include "common/resource.h"
#include "tests/fake_host.h"
#include "tests/fake_sshd.h"

static void
take(void *ctx, const struct record *record)
{
	facts_take(ctx, record);
}

/* Feed a text in pieces of @piece bytes; whether it was one of records. */
static bool
feed(struct facts *facts, const char *bytes, size_t len, size_t piece)
{
	struct records records = { .each = take, .ctx = facts };
	struct error err;
	bool good = true;

	for (size_t at = 0; at < len && good; at += piece) {
		size_t part = len - at < piece ? len - at : piece;

		good = records_feed(&records, bytes + at, part, &err) == 0;
	}
	records_done(&records);
	return good;
}

static void
load(struct facts *facts, const char *name, size_t piece)
{
	struct buf text = { .limit_bytes = 1 << 20 };
	char path[128];

	snprintf(path, sizeof(path), "tests/fuzz/corpus/facts/%s", name);
	assert_int_equal(file_read(path, &text, NULL), 0);
	assert_true(feed(facts, text.data, text.len, piece));
	buf_free(&text);
}

static void
a_host_with_chrony_is_understood_in_pieces_of_any_size(void **state UNUSED)
{
	static const size_t pieces[] = { 1, 7, 64, 100000 };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct facts facts = { .complete = false };
		struct error err;

		load(&facts, "chrony", pieces[i]);
		assert_true(facts.complete);
		assert_int_equal(facts.uid, 0);
		assert_true(facts.systemd);
		assert_string_equal(facts.os, "Debian GNU/Linux 12 (bookworm)");
		assert_string_equal(facts.arch, "x86_64");
		assert_string_equal(facts.libc, "glibc 2.36");
		assert_string_equal(
		    facts.loaders, "\n/lib/ld-linux.so.2\n/lib64/ld-linux-x86-64.so.2\n");
		assert_string_equal(facts_driver(&facts, "auto", 0, &err)->name, "chrony");
		assert_true(facts_unit(&facts, "chrony.service")->active);
		assert_true(facts_unit(&facts, "chrony.service")->enabled);
		assert_false(facts_unit(&facts, "systemd-timesyncd.service")->loaded);
		assert_int_equal(strlen(facts.agent_hash), 64);
		assert_non_null(facts.agent_status);
		assert_string_equal(facts.agent_status->daemon, "chrony");
		facts_done(&facts);
	}
}

static void
files_are_told_with_their_mode_and_owner_and_what_is_no_file_is_told_apart(void **state UNUSED)
{
	struct facts facts = { .complete = false };
	const struct fact_file *file;

	load(&facts, "chrony", 4096);
	file = facts_file(&facts, "/etc/chrony/chrony.conf");
	assert_int_equal(file->state, FACT_FILE_REGULAR);
	assert_int_equal(file->mode, 0644);
	assert_string_equal(file->owner, "root");
	assert_int_equal(file->len, strlen(file->content));
	assert_int_equal(facts_file(&facts, "/etc/ntp.conf")->state, FACT_FILE_ABSENT);
	assert_int_equal(facts_file(&facts, "/etc/mtab")->state, FACT_FILE_LINK);
	assert_int_equal(facts_file(&facts, "/etc")->state, FACT_FILE_ODD);
	assert_null(facts_file(&facts, "/etc/never-asked"));
	facts_done(&facts);
}

static void
ntpd_4_2_8_is_told_from_ntpsec_that_has_the_same_binary(void **state UNUSED)
{
	struct facts facts = { .complete = false };
	struct error err;

	load(&facts, "ntp-bullseye", 512);
	assert_string_equal(facts_driver(&facts, "auto", 0, &err)->name, "ntp");
	assert_null(facts_driver(&facts, "ntpsec", 0, &err));
	assert_string_equal(err.text,
	    "NTPsec is not installed: `systemctl mask ntpsec.service && apt-get install ntpsec && "
	    "systemctl unmask ntpsec.service` there brings it, and leaves its first start to "
	    "timetier; started as packaged, with `-g`, it may step the clock. `timetier apply "
	    "--install` does that, and `plan --install` shows what would come");
	facts.units[facts.unit_count++] =
	    (struct fact_unit){ .name = "ntp.service", .active = true };
	assert_null(facts_driver(&facts, "ntpsec", 0, &err));
	assert_non_null(strstr(err.text,
	    " clock. By hand that removes ntp 4.2.8, which runs there; `timetier apply --install` "
	    "does it so that one of the two always runs"));
	assert_null(facts_driver(&facts, "chrony", 0, &err));
	assert_null(facts_driver(&facts, "ntpd-rs", 0, &err));
	facts_done(&facts);
}

static void
what_a_login_shell_says_first_is_left_out(void **state UNUSED)
{
	static const char text[] = "Welcome!\n3 uid\ntimetier-records 1\n1 uid\n5\n0 end\n\n";
	struct facts facts = { .complete = false };

	assert_true(feed(&facts, text, sizeof(text) - 1, 5));
	assert_int_equal(facts.uid, 5);
	assert_true(facts.complete);
	facts_done(&facts);
}

static void
how_long_the_login_shell_took_is_a_number_or_not_told(void **state UNUSED)
{
	static const struct {
		const char *record;
		int64_t ns;
	} rows[] = {
		{ "4 shell\n7130\n", 7130 * NS_PER_MS },
		{ "1 shell\n0\n", 0 },
		{ "0 shell\n\n", 0 },
		{ "2 shell\n-1\n", 0 },
		{ "2 shell\n7s\n", 0 },
		{ "20 shell\n99999999999999999999\n", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts facts = { .complete = false };
		char text[128];

		snprintf(text, sizeof(text), "timetier-records 1\n%s0 end\n\n", rows[i].record);
		assert_true(feed(&facts, text, strlen(text), 7));
		assert_int_equal(facts.shell_ns, rows[i].ns);
		assert_true(facts.complete);
		facts_done(&facts);
	}
}

static void
streams_that_are_not_of_records_are_refused(void **state UNUSED)
{
	static const char *const texts[] = {
		"timetier-records 1\nuid 0\n",
		"timetier-records 1\n-1 uid\n\n",
		"timetier-records 1\n2 uid\n0\n0 end\n\n",
		"timetier-records 1\n9999999 uid\n",
		"timetier-records 1\n1uid\n0\n",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct facts facts = { .complete = false };

		if (feed(&facts, texts[i], strlen(texts[i]), 3)) {
			fail_msg("taken: %s", texts[i]);
		}
		facts_done(&facts);
	}
}

static void
a_daemon_that_runs_beside_ours_is_a_rival(void **state UNUSED)
{
	static const char text[] =
	    "timetier-records 1\n"
	    "134 units\n"
	    "Id=chrony.service\nLoadState=loaded\nActiveState=active\n\n"
	    "Id=systemd-timesyncd.service\nLoadState=loaded\nActiveState=active\nRestart=always"
	    "\n0 end\n\n";
	struct facts facts = { .complete = false };
	struct rival rivals[FACT_RIVALS_MAX];

	assert_true(feed(&facts, text, sizeof(text) - 1, 1000));
	assert_int_equal(facts_rivals(&facts, daemon_find("chrony"), rivals), 1);
	assert_string_equal(rivals[0].name, "systemd-timesyncd.service");
	assert_true(rivals[0].active && !rivals[0].enabled && !rivals[0].hook);
	assert_int_equal(facts_rivals(&facts, daemon_find("ntp"), rivals), 2);
	assert_true(facts_unit(&facts, "systemd-timesyncd.service")->restarts);
	facts_done(&facts);
}

static void
slim_facts_share_the_bytes_of_what_the_host_should_have(void **state UNUSED)
{
	static const char text[] = "timetier-records 1\n"
				   "4 file 644 root root /etc/same\nsame\n"
				   "3 file 644 root root /etc/other\nold\n"
				   "0 end\n\n";
	struct file_entry entries[] = { { .path = "/etc/same", .content = "same", .len = 4 },
		{ .path = "/etc/other", .content = "new", .len = 3 } };
	struct file_set set = { entries, COUNT(entries) };
	const struct file_set *const sets[] = { &set };
	struct facts facts = { .complete = false };

	assert_true(feed(&facts, text, sizeof(text) - 1, 1000));
	facts_slim(&facts, sets, COUNT(sets));
	assert_ptr_equal(facts_file(&facts, "/etc/same")->content, entries[0].content);
	assert_string_equal(facts_file(&facts, "/etc/other")->content, "old");
	assert_true(facts.complete);
	facts_done(&facts);
}

static void
what_a_host_remembers_of_changes_is_told_in_words(void **state UNUSED)
{
	struct facts facts = { .complete = false };
	char who[FACT_CHANGE_WORDS_BYTES];

	load(&facts, "changes", 64);
	assert_string_equal(fact_change_story(&facts.last, &facts.arena),
	    "the last change (root@desk, run 12.time1, since 2026-11-22T12:00:00Z) was put back, "
	    "but the daemon was not restarted (with the old files that could step the clock), by "
	    "its guard: it was not confirmed within 145 s");
	assert_false(fact_change_is_kept(&facts.last));
	assert_string_equal(facts.unfinished.outcome, "armed");
	assert_string_equal(fact_change_who(&facts.unfinished, who),
	    "\\x1b[31mroot, run 13, since 2026-11-22T12:05:00Z");
	assert_null(facts.lock.run);
	assert_string_equal(
	    fact_change_who(&facts.lock, who), "root@desk, since 2026-11-22T12:05:00Z (90 s ago)");
	facts_done(&facts);
}

static void
all_units_of_programs_that_set_the_clock_are_asked_for(void **state UNUSED)
{
	struct buf questions = { .limit_bytes = 0 };

	facts_questions(&questions, NULL, false);
	for (const struct setter_program *program = setter_programs; program->units; program++) {
		for (const char *const *unit = program->units; *unit; unit++) {
			if (!strstr(buf_str(&questions), *unit)) {
				fail_msg("%s is not asked for", *unit);
			}
		}
	}
	for (const char *const *hook = setter_hooks; *hook; hook++) {
		assert_non_null(strstr(buf_str(&questions), *hook));
	}
	buf_free(&questions);
}

/* facts.sh itself: a hook that nobody may execute is none, for its caller passes it over. */
static void
only_hooks_that_run_are_told(void **state UNUSED)
{
	struct fake_host host;
	struct buf questions = { .limit_bytes = 0 };

	fake_host_make(&host);
	fake_host_write(&host, "/facts",
	    resource_find(remote_resources, remote_resource_count, "facts.sh")->bytes);
	for (const char *const *hook = setter_hooks; *hook; hook++) {
		buf_printf(&questions, "hook %s\n", *hook);
	}
	buf_text(&questions, "end\n");
	fake_host_write(&host, "/questions", buf_str(&questions));
	for (const char *const *hook = setter_hooks; *hook; hook++) {
		struct facts facts = { .complete = false };
		const char *answers;

		fake_sshd_shell("cd %s && rm -rf etc/network && mkdir -p etc/network/if-up.d && "
				"touch .%s .%s && chmod +x .%s && { echo \"top='$PWD'\"; cat "
				"facts; } >script && sh script <questions >answers",
		    host.top, setter_hooks[0], setter_hooks[1], *hook);
		answers = fake_host_read(&host, "/answers");
		assert_true(feed(&facts, answers, strlen(answers), strlen(answers)));
		assert_true(facts.complete);
		assert_int_equal(facts.hook_count, 1);
		assert_string_equal(facts.hooks[0], *hook);
		facts_done(&facts);
	}
	buf_free(&questions);
	fake_host_remove(&host);
}

/* What facts.sh tells of a host on which the shell text @make made the files. */
static void
told_of(const char *make, const char *questions, struct facts *facts)
{
	struct fake_host host;
	const char *answers;

	fake_host_make(&host);
	fake_host_write(&host, "/facts",
	    resource_find(remote_resources, remote_resource_count, "facts.sh")->bytes);
	fake_host_write(&host, "/make", make);
	fake_host_write(&host, "/questions", questions);
	fake_sshd_shell(
	    "cd %s && rm -rf etc run/chrony && mkdir -p etc/chrony/conf.d "
	    "etc/chrony/sources.d etc/ntpsec/ntp.d run/dhcp && sh make && "
	    "{ echo \"top='$PWD'\"; cat facts; } >script && sh script <questions >answers",
	    host.top);
	answers = fake_host_read(&host, "/answers");
	*facts = (struct facts){ .complete = false };
	assert_true(feed(facts, answers, strlen(answers), strlen(answers)));
	assert_true(facts->complete);
	fake_host_remove(&host);
}

/* The regular files that were told, in their order: "/etc/a /etc/b". */
static const char *
names_of(struct facts *facts)
{
	const char *names = "";

	for (size_t i = 0; i < facts->file_count; i++) {
		if (facts->files[i].state == FACT_FILE_REGULAR) {
			names = arena_printf(&facts->arena, "%s%s%s", names, *names ? " " : "",
			    facts->files[i].path);
		}
	}
	return names;
}

/* facts.sh itself: files that nobody asked for by name, where each daemon finds them. */
static void
files_that_a_configuration_brings_in_are_told(void **state UNUSED)
{
	static const char chrony[] = "file /etc/chrony/chrony.conf\n"
				     "beside /etc/chrony/sources.d/*.sources\n"
				     "includes chrony /etc/chrony/chrony.conf\nend\n";
	static const char ntp[] = "file /etc/ntp.conf\nincludes ntp /etc/ntp.conf\nend\n";
	static const char ntpsec[] = "file /etc/ntpsec/ntp.conf\nbeside /etc/ntpsec/ntp.d/*.conf\n"
				     "includes ntpsec /etc/ntpsec/ntp.conf\nend\n";
	static const struct {
		const char *questions, *make, *names;
	} rows[] = {
		{ chrony,
		    "printf 'confdir /etc/chrony/conf.d /run/no\\n SourceDir\t/run/dhcp\\n"
		    "! include /etc/no\\ninclude etc/more*.conf' >etc/chrony/chrony.conf; "
		    "echo x >etc/chrony/conf.d/a.conf; echo x >etc/chrony/conf.d/README; "
		    "echo x >run/dhcp/eth0.sources; echo x >etc/chrony/sources.d/b.sources; "
		    "echo 'include /etc/last' >etc/more1.conf; echo x >etc/last; echo x >etc/no",
		    "/etc/chrony/chrony.conf /etc/chrony/sources.d/b.sources "
		    "/etc/chrony/conf.d/a.conf /run/dhcp/eth0.sources /etc/more1.conf /etc/last" },
		{ chrony,
		    "echo 'include /etc/chrony/*.conf' >etc/chrony/chrony.conf; "
		    "cp etc/chrony/chrony.conf etc/chrony/b.conf; ln -s b.conf etc/chrony/c.conf; "
		    "ln -s nowhere etc/chrony/d.conf; mkdir etc/chrony/e.conf",
		    "/etc/chrony/chrony.conf /etc/chrony/b.conf /etc/chrony/c.conf" },
		{ chrony,
		    "echo 'confdir /etc/chrony/conf.d' >etc/chrony/chrony.conf; "
		    ": >etc/chrony/conf.d/'a b.conf'; : >\"etc/chrony/conf.d/x\ny.conf\"; "
		    ": >etc/chrony/conf.d/'$(id).conf'",
		    "/etc/chrony/chrony.conf /etc/chrony/conf.d/$(id).conf "
		    "/etc/chrony/conf.d/a b.conf" },
		{ ntp,
		    "printf 'includefile etc/a # x\\nincludefile \"/etc/b\"\\nIncludefile /etc/c' "
		    ">etc/ntp.conf; for i in a b c; do echo $i >etc/$i; done",
		    "/etc/ntp.conf /etc/a /etc/b" },
		{ ntpsec,
		    "printf 'includefile more\\nincludefile folder\\n' >etc/ntpsec/ntp.conf; "
		    "mkdir etc/ntpsec/folder; echo x >etc/ntpsec/folder/y.conf; "
		    "echo x >etc/ntpsec/more; echo 'includefile z' >etc/ntpsec/ntp.d/a.conf; "
		    "echo x >etc/ntpsec/ntp.d/z; echo x >etc/more",
		    "/etc/ntpsec/ntp.conf /etc/ntpsec/ntp.d/a.conf /etc/ntpsec/more "
		    "/etc/ntpsec/folder/y.conf /etc/ntpsec/ntp.d/z" },
		{ ntpsec, "echo x >etc/ntpsec/ntp.d/a.conf", "/etc/ntpsec/ntp.d/a.conf" },
		{ chrony, "mkdir etc/chrony/chrony.conf", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts facts;

		told_of(rows[i].make, rows[i].questions, &facts);
		if (strcmp(names_of(&facts), rows[i].names) != 0) {
			fail_msg("%zu: told\n%s\nand not\n%s", i, names_of(&facts), rows[i].names);
		}
		facts_done(&facts);
	}
}

/* facts.sh itself: the resolver's settings and the addresses, as the kernel has them. */
static void
a_host_tells_whom_it_asks_for_names_and_its_addresses(void **state UNUSED)
{
	struct facts facts;

	told_of(
	    "mkdir -p proc/net etc/systemd/resolved.conf.d; "
	    "printf '# nameserver 192.0.2.7\\nnameserver 127.0.0.53\\nnameserver\\t::1\\noptions "
	    "edns0\\nnameservers x' >etc/resolv.conf; "
	    "printf '[Resolve]\\n#DNSSEC=no\\nDNSSEC=yes' >etc/systemd/resolved.conf; "
	    "echo DNSOverTLS=yes >etc/systemd/resolved.conf.d/a.conf; "
	    "printf 'Main:\\n  +-- 0.0.0.0/0 3 0 5\\n     |-- 10.0.0.5\\n        /32 host LOCAL\\n"
	    "     |-- 10.0.0.255\\n        /32 link BROADCAST\\n     |-- 10.0.0.5\\n"
	    "        /32 host LOCAL\\n' >proc/net/fib_trie; "
	    "printf '%s\\n' '20010db8000000000000000000000007 02 40 00 80 eth0' "
	    "'20010db8000000000000000000000008 02 40 00 01 eth0' "
	    "'20010db8000000000000000000000009 02 40 00 20 eth0' "
	    "'fe8000000000000000fc00fffe000001 04 40 20 80 eth0' "
	    "'odd' 'zz 1 1 00 80 x' '20010db8 02 40 00 $(id) eth0' "
	    "'fd0000000000000000000000000000aa 02 40 00 00 e' >proc/net/if_inet6",
	    "machine\nend\n", &facts);
	assert_string_equal(facts.machine.resolver,
	    "nameserver 127.0.0.53\nnameserver\t::1\nDNSSEC=yes\nDNSOverTLS=yes");
	assert_string_equal(facts.machine.addresses,
	    "10.0.0.5 2001:0db8:0000:0000:0000:0000:0000:0007 "
	    "fd00:0000:0000:0000:0000:0000:0000:00aa");
	facts_done(&facts);
	told_of("head -c 200000 /dev/zero | tr '\\0' x >etc/resolv.conf", "machine\nend\n", &facts);
	assert_null(facts.machine.resolver);
	assert_null(facts.machine.addresses);
	facts_done(&facts);
}

/* facts.sh itself: devices of clocks, and the memory of receivers among that of others. */
static void
a_host_tells_what_clocks_are_read_by(void **state UNUSED)
{
	struct facts facts;

	told_of("mkdir -p dev proc/sysvipc; : >dev/pps0; : >dev/ttyS0; : >dev/tty1; : >dev/gps7; "
		"printf '%s\\n' '       key      shmid perms       size  cpid  lpid nattch   uid' "
		"'1314148400 0  600 96 1 1 2 0 0 0' '1314148402 1  666 96 1 1 0 1 1 1' "
		"'5 2 600 8 1 1 2 0' '1314148528 3 600 8 1 1 2 0' '-5 4 600 8 1 1 1 0' "
		">proc/sysvipc/shm",
	    "machine\nend\n", &facts);
	assert_string_equal(facts.machine.devices, "/dev/pps0\n/dev/gps7\n/dev/ttyS0");
	assert_string_equal(facts.machine.memory, "0 600 2\n2 666 0");
	facts_done(&facts);
	told_of("true", "machine\nend\n", &facts);
	assert_string_equal(facts.machine.devices, "");
	assert_string_equal(facts.machine.memory, "");
	facts_done(&facts);
}

/* facts.sh itself: a file that has both tells of the certificate alone. */
static void
a_private_key_stays_on_its_host(void **state UNUSED)
{
	static const char first[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
	struct facts facts;

	told_of(
	    "{ echo '-----BEGIN PRIVATE KEY-----'; echo SECRET; echo '-----END PRIVATE KEY-----'; "
	    "for word in AAAA BBBB; do echo '-----BEGIN CERTIFICATE-----'; echo $word; "
	    "echo '-----END CERTIFICATE-----'; done; } >etc/both.pem",
	    "proof /etc/both.pem /etc/both.pem root root\nend\n", &facts);
	assert_string_equal(facts.machine.certificate, first);
	if (facts.machine.key_readers) { /* else there is no setpriv */
		assert_null(strstr(facts.machine.key_readers, "SECRET"));
		assert_memory_equal(facts.machine.key_readers, "root ", 5);
		assert_string_equal(facts.machine.key_readers + 5, "yes");
	}
	facts_done(&facts);
	told_of("true", "proof /etc/c.pem /etc/k.pem root\nend\n", &facts);
	assert_string_equal(facts.machine.certificate, "");
	facts_done(&facts);
}

/* A host with thousands of such files, or large ones, is planned like others. */
static void
no_configuration_brings_in_more_than_fits(void **state UNUSED)
{
	static const char questions[] =
	    "file /etc/chrony/chrony.conf\n"
	    "includes chrony /etc/chrony/chrony.conf\nfile /etc/z\nend\n";
	struct facts facts;

	told_of("echo 'confdir /etc/chrony/conf.d' >etc/chrony/chrony.conf; echo x >etc/z; "
		"i=100; while [ $i -lt 300 ]; do echo x >etc/chrony/conf.d/$i.conf; i=$((i + 1)); "
		"done",
	    questions, &facts);
	assert_int_equal(facts.file_count, 34);
	assert_false(facts_file(&facts, "/etc/z")->found);
	assert_true(facts_file(&facts, "/etc/chrony/conf.d/100.conf")->found);
	assert_non_null(facts_file(&facts, "/etc/chrony/conf.d/131.conf"));
	assert_null(facts_file(&facts, "/etc/chrony/conf.d/132.conf"));
	facts_done(&facts);
	told_of("echo 'include /etc/a' >etc/chrony/chrony.conf; echo x >etc/z; "
		"head -c 70000 /dev/zero >etc/a",
	    questions, &facts);
	assert_int_equal(facts_file(&facts, "/etc/a")->state, FACT_FILE_HUGE);
	facts_done(&facts);
}

/* `systemctl show` of systemd 247 to 257, of units that start a daemon, several commands, none. */
static void
a_unit_tells_what_starts_it_and_when_again(void **state UNUSED)
{
	static const char show[] =
	    "Id=chrony.service\nLoadState=loaded\nRestart=on-failure\nExecStart={ "
	    "path=/usr/sbin/chronyd ; argv[]=/usr/sbin/chronyd $DAEMON_OPTS ; ignore_errors=no ; "
	    "start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\n\n"
	    "Id=two.service\nExecStart={ path=/bin/a ; argv[]=/bin/a b ; c ; ignore_errors=yes ; "
	    "x }\nBefore=c.service\nExecStart={ path=/bin/d ; argv[]=/bin/d ; ignore_errors=no "
	    "}\n\n"
	    "Id=odd.service\nExecStart=argv[]=\n\nBefore=a.service "
	    "b.timer\nId=time-sync.target\n\nId=cut.service\nExecStart={ argv[]=/bin/e f\n";
	struct facts facts = { .complete = false };
	char *record = NULL;

	assert_int_not_equal(
	    asprintf(&record, "timetier-records 1\n%zu units\n%s\n", strlen(show), show), -1);
	assert_true(feed(&facts, record, strlen(record), 7));
	assert_string_equal(
	    facts_unit(&facts, "chrony.service")->start, "/usr/sbin/chronyd $DAEMON_OPTS");
	assert_string_equal(facts_unit(&facts, "chrony.service")->restart, "on-failure");
	assert_string_equal(facts_unit(&facts, "two.service")->start, "/bin/a b ; c");
	assert_null(facts_unit(&facts, "odd.service")->start);
	assert_null(facts_unit(&facts, "two.service")->before);
	assert_string_equal(facts_unit(&facts, "time-sync.target")->before, "a.service b.timer");
	assert_string_equal(facts_unit(&facts, "cut.service")->start, "/bin/e f");
	facts_done(&facts);
	free(record);
}

static void
a_daemon_that_is_only_watched_is_named_where_none_can_be_configured(void **state UNUSED)
{
	static const struct {
		const char *unit, *platform;
		bool loaded;
		const char *words;
	} cases[] = {
		{ "systemd-timesyncd.service", "fedora", true,
		    "found systemd-timesyncd, which timetier only watches: install chrony, " },
		{ "openntpd.service", "fedora", true,
		    "found OpenNTPD, which timetier only watches: " },
		{ "ntpd-rs.service", "fedora", true,
		    "found ntpd-rs, which timetier only watches: " },
		{ "systemd-timesyncd.service", "fedora", false,
		    "none of the time daemons that timetier" },
		{ "phc2sys.service", "debian-12", true, "none of the time daemons that timetier" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct facts facts = {
			.units = { { .name = cases[i].unit, .loaded = cases[i].loaded } },
			.unit_count = 1,
			.platform = platform_find(cases[i].platform),
		};
		struct error err;

		assert_null(facts_driver(&facts, "auto", 0, &err));
		if (strstr(err.text, cases[i].words) != err.text) {
			fail_msg("%s: %s", cases[i].unit, err.text);
		}
		assert_int_equal(facts_only_watched(&facts, "auto", &err),
		    strncmp(cases[i].words, "found", 5) == 0);
		assert_false(facts_only_watched(&facts, "chrony", &err));
	}
}

/* Feed os-release and units of a host that has chronyd 4.3. */
static void
feed_system(struct facts *facts, const char *os_release, const char *init, const char *units)
{
	struct buf text = { .limit_bytes = 0 };

	buf_printf(&text, "timetier-records 1\n%zu file 644 root root /usr/lib/os-release\n%s\n",
	    strlen(os_release), os_release);
	buf_printf(&text, "28 binary /usr/sbin/chronyd\nchronyd (chrony) version 4.3\n");
	buf_printf(&text, "%zu units\n%s\n%s", strlen(units), units, init);
	buf_text(&text, "0 end\n\n");
	assert_true(feed(facts, text.data, text.len, 100));
	buf_free(&text);
}

static void
a_daemon_stands_as_the_hosts_platform_has_it_or_the_host_is_refused(void **state UNUSED)
{
#define UNIT(name) "Id=" name "\nLoadState=loaded\nActiveState=active\n"
#define SYSTEMD "3 systemd\nyes\n"
	static const struct {
		const char *os_release, *init, *units, *words; /* NULL: a driver is found */
	} cases[] = {
		{ "ID=debian\nVERSION_ID=\"12\"\n", SYSTEMD, UNIT("chrony.service"), NULL },
		{ "ID=raspbian\nID_LIKE=debian\nVERSION_ID=12\n", SYSTEMD, UNIT("chrony.service"),
		    NULL },
		{ "ID=debian\nVERSION_ID=12\n", SYSTEMD, UNIT("chronyd.service"),
		    "chrony of this host is started by chronyd.service, and no package of Debian "
		    "12 "
		    "has such a unit: " },
		{ "ID=slackware\nPRETTY_NAME=\"Slackware 15.0\"\n", "", UNIT("chrony.service"),
		    "Slackware 15.0 (ID=slackware in its os-release, no systemd) is no platform "
		    "that timetier knows: see `timetier platforms`; " },
		{ "", SYSTEMD, UNIT("chrony.service"),
		    "the host (ID=? in its os-release, systemd) is no platform that " },
		{ "ID=debian\nVERSION_ID=12\n", "3 openrc\nyes\n", UNIT("chrony.service"),
		    "the host (ID=debian in its os-release, OpenRC) is no platform that " },
		{ "ID=rocky\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.6\"\n", SYSTEMD,
		    UNIT("chronyd.service"), NULL },
		{ "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\nVERSION_ID=\"15.6\"\n", SYSTEMD,
		    UNIT("chronyd.service"), NULL },
		{ "ID=centos\nVERSION_ID=7\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\n", SYSTEMD,
		    UNIT("chronyd.service"),
		    "CentOS Linux 7 (Core) is RHEL 7 and its kin, which timetier renders only: see "
		    "`timetier platforms`; `timetier render --platform rhel-7` writes its files" },
		{ "ID=alpine\nVERSION_ID=3.20.3\n", "3 openrc\nyes\n", UNIT("chronyd"), NULL },
		{ "ID=gentoo\nPRETTY_NAME=Gentoo\n", "3 openrc\nyes\n", UNIT("chronyd.service"),
		    "Gentoo is Gentoo, which timetier watches only: see `timetier platforms`" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct facts facts = { .complete = false };
		struct error err = { "" };
		const struct daemon_driver *driver;

		feed_system(&facts, cases[i].os_release, cases[i].init, cases[i].units);
		driver = facts_driver(&facts, "auto", 0, &err);
		if (!driver != !!cases[i].words) {
			fail_msg("%s: %s", cases[i].os_release, err.text);
		}
		if (cases[i].words && strstr(err.text, cases[i].words) != err.text) {
			fail_msg("%s: %s", cases[i].os_release, err.text);
		}
		assert_int_equal(facts_only_watched(&facts, "auto", &err),
		    cases[i].words && !strstr(cases[i].words, "is started by"));
		facts_done(&facts);
	}
}

static void
what_kind_of_machine_it_is_is_understood(void **state UNUSED)
{
	struct facts facts = { .complete = false };
	const struct fact_age *folder;

	load(&facts, "machine", 7);
	assert_string_equal(facts.machine.virt, "kvm");
	assert_string_equal(facts.machine.clocksource, "kvm-clock");
	assert_string_equal(facts.machine.ptp, "KVM virtual PTP\nens5");
	assert_string_equal(facts.machine.devices, "/dev/pps0\n/dev/ttyS0");
	assert_string_equal(facts.machine.memory, "0 600 2");
	assert_true(facts.machine.rtc_local && facts.machine.leap_told && facts.machine.ages_told);
	assert_int_equal(facts.machine.leap_until_s, 4007404800);
	folder = fact_machine_age(&facts.machine, "/run/chrony");
	assert_non_null(folder);
	assert_int_equal(folder->mode, 0700);
	assert_string_equal(folder->owner, "_chrony");
	assert_int_equal(folder->changed_ns, 1700000000 * NS_PER_S);
	assert_int_equal(
	    fact_machine_age(&facts.machine, "/var/lib/chrony/chrony.drift")->changed_ns, 0);
	assert_null(fact_machine_age(&facts.machine, "/x")); /* its mode is none */
	assert_int_equal(facts.machine.age_count, 2);
	facts_done(&facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_daemon_stands_as_the_hosts_platform_has_it_or_the_host_is_refused),
		cmocka_unit_test(what_kind_of_machine_it_is_is_understood),
		cmocka_unit_test(a_host_tells_what_clocks_are_read_by),
		cmocka_unit_test(a_private_key_stays_on_its_host),
		cmocka_unit_test(a_host_with_chrony_is_understood_in_pieces_of_any_size),
		cmocka_unit_test(
		    files_are_told_with_their_mode_and_owner_and_what_is_no_file_is_told_apart),
		cmocka_unit_test(ntpd_4_2_8_is_told_from_ntpsec_that_has_the_same_binary),
		cmocka_unit_test(what_a_login_shell_says_first_is_left_out),
		cmocka_unit_test(how_long_the_login_shell_took_is_a_number_or_not_told),
		cmocka_unit_test(streams_that_are_not_of_records_are_refused),
		cmocka_unit_test(a_daemon_that_runs_beside_ours_is_a_rival),
		cmocka_unit_test(all_units_of_programs_that_set_the_clock_are_asked_for),
		cmocka_unit_test(only_hooks_that_run_are_told),
		cmocka_unit_test(slim_facts_share_the_bytes_of_what_the_host_should_have),
		cmocka_unit_test(what_a_host_remembers_of_changes_is_told_in_words),
		cmocka_unit_test(files_that_a_configuration_brings_in_are_told),
		cmocka_unit_test(no_configuration_brings_in_more_than_fits),
		cmocka_unit_test(a_host_tells_whom_it_asks_for_names_and_its_addresses),
		cmocka_unit_test(a_unit_tells_what_starts_it_and_when_again),
		cmocka_unit_test(
		    a_daemon_that_is_only_watched_is_named_where_none_can_be_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
