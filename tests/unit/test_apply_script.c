/* Long, because one script is tried through all its ends, on one fake host. */
/*
 * apply.sh by itself, on a folder that stands for a host: its words and the answers to what it
 * asks are written down before it begins.  Long, because all its cases share that folder and these
 * words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/resource.h"
#include "tests/fake_host.h"
#include "tests/fake_sshd.h"

#define CONF "/etc/chrony/chrony.conf"
#define PUT_CONF "put 0644 root root 4 " CONF "\nnew\n"
#define PUT_OWNED "put 0644 root bob 4 " CONF "\nnew\n"
#define PUT_DEEP "put 0640 alice bob 4 /etc/new/deep/x\nnew\n"
#define FORGET "forget one /var/lib/one\ndrop " CONF "\ngo\n"
#define LOCK "/run/timetier.lock"
#define CHANGE "/var/lib/timetier/change"

static struct fake_host host;

static const struct resource *
script(const char *name)
{
	return resource_find(remote_resources, remote_resource_count, name);
}

static void
write_program(const char *name, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/bin/%s", name);
	fake_host_program(&host, path, text);
}

static void
begin(void)
{
	fake_host_make(&host);
	fake_host_write(&host, "/apply", script("apply.sh")->bytes);
	fake_host_write(&host, "/init", script("systemd.sh")->bytes);
	fake_host_write(&host, "/undo", script("undo.sh")->bytes);
	fake_sshd_shell("cd %s && { echo \"top='$PWD'\"; for name in init undo; do "
			"sed \"s/'/'\\\\\\\\''/g; 1s/^/$name='/; \\$s/$/'/\" $name; done; "
			"cat apply; } >script && mv script apply && rm init undo && printf 'holder "
			"a test\\nrun 7.ab\\nwait 5\\nguard 60\\n' >head",
	    host.top);
	write_program("id", "#!/bin/sh\n[ $1 = -u ] && echo 0\n");
	write_program("useradd", "#!/bin/sh\necho added >${0%/bin/*}/user\n");
	write_program("userdel", "#!/bin/sh\nrm ${0%/bin/*}/user\n");
	write_program("fails", "#!/bin/sh\necho it fails\nexit 1\n");
}

static void
finish(void)
{
	fake_host_remove(&host);
}

static bool
has(const char *path)
{
	return fake_host_has(&host, path);
}

/* What the script answers to these words after its head. */
static const char *
apply(const char *words)
{
	fake_host_write(&host, "/tail", words);
	fake_sshd_shell(
	    "cd %s && cat head tail >words && setsid -w sh apply <words >answers 2>&1", host.top);
	return fake_host_read(&host, "/answers");
}

/* The same, and more words may come as long as it lives. */
static const char *
apply_open(const char *words)
{
	fake_host_write(&host, "/tail", words);
	fake_sshd_shell("cd %s && rm -f open && mkfifo open && { cat head tail >&3; setsid -w sh "
			"apply <open 3>&-; } 3<>open "
			">answers 2>&1",
	    host.top);
	return fake_host_read(&host, "/answers");
}

static void
assert_said(const char *answers, const char *want)
{
	if (!strstr(answers, want)) {
		fail_msg("wanted \"%s\" in:\n%s", want, answers);
	}
}

static void
assert_clean(void)
{
	static const char *const more[] = { "/etc/new", "/timer", "/user" };
	const char *left = fake_host_leftover(&host);

	for (size_t i = 0; !left && i < COUNT(more); i++) {
		left = has(more[i]) ? more[i] : NULL;
	}
	if (left) {
		fail_msg("%s lies about; answers:\n%s", left, fake_host_read(&host, "/answers"));
	}
}

static void
assert_is(const char *path, const char *want)
{
	assert_string_equal(fake_host_read(&host, path), want);
}

static void
words_that_end_early_change_nothing_and_leave_nothing(void **state UNUSED)
{
	begin();
	assert_said(apply("user timetier\n" PUT_CONF "put 0644 root root 9 /etc/new/deep/x\nn"),
	    " failed\nthe upload was cut short\n");
	assert_clean();
	assert_said(
	    apply("user timetier\n" PUT_CONF PUT_DEEP), " failed\nthe upload was cut short\n");
	assert_is(CONF, "old\n");
	assert_clean();
	finish();
}

static void
words_that_are_waited_for_hold_nothing(void **state UNUSED)
{
	begin();
	fake_sshd_shell("cd %s && { cat head; echo user timetier; /bin/sleep 1; "
			"[ -e run/timetier.lock ] || : >free; } | setsid -w sh apply >answers 2>&1",
	    host.top);
	assert_said(fake_host_read(&host, "/answers"), " failed\nthe upload was cut short\n");
	assert_true(has("/free"));
	assert_clean();
	finish();
}

static void
an_upload_that_stands_still_is_ended_and_leaves_nothing(void **state UNUSED)
{
	begin();
	fake_host_hurry(&host, true);
	fake_sshd_shell(
	    "cd %s && mkdir run/timetier.lock && mkfifo run/timetier.lock/pulse", host.top);
	/* who is killed by a signal says nothing */
	assert_null(strstr(apply_open(PUT_DEEP), "cut short"));
	assert_clean();
	finish();
}

static void
a_check_may_take_longer_than_an_upload_may_stand_still(void **state UNUSED)
{
	const char *answers;

	begin();
	fake_host_hurry(&host, true);
	answers = apply(PUT_DEEP "check /bin/sleep 3\ngo\nstop\n");
	assert_said(answers, "checked 0\n");
	assert_said(answers, " failed\nnothing was changed\n");
	assert_clean();
	finish();
}

static void
a_check_that_may_not_read_the_new_file_decides_nothing(void **state UNUSED)
{
	static const struct {
		const char *file, *said, *checked;
	} cases[] = {
		{ "/etc/x.timetier-new", "Permission denied", "checked 0\n" },
		{ "/etc/x.timetier-new", "syntax error", "checked 1\n" },
		{ "/etc/included", "Permission denied", "checked 1\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char words[512];

		begin();
		snprintf(
		    words, sizeof(words), "#!/bin/sh\necho \"$1: %s\"\nexit 1\n", cases[i].said);
		write_program("confined", words);
		snprintf(words, sizeof(words), PUT_DEEP "check %s/bin/confined %s\ngo\nstop\n",
		    host.top, cases[i].file);
		assert_said(apply(words), cases[i].checked);
		finish();
	}
}

static void
who_is_silent_is_not_waited_for(void **state UNUSED)
{
	begin();
	fake_host_hurry(&host, true);
	assert_said(apply_open(PUT_CONF "go\n"), " failed\nnothing was changed\n");
	assert_is(CONF, "old\n");
	assert_said(apply_open(PUT_CONF "go\nbegin\n"),
	    " back\nthe orchestrator was not heard of any more\n");
	assert_is(CONF, "old\n");
	assert_clean();
	assert_said(apply(PUT_CONF "go\nbegin\nback\n"), "0 back\n\n");
	assert_is(CONF, "old\n");
	finish();
}

static void
several_users_are_made_and_go_again_with_a_change_that_fails(void **state UNUSED)
{
	begin();
	write_program(
	    "useradd", "#!/bin/sh\nfor name; do :; done\necho $name >>${0%/bin/*}/made\n");
	write_program("userdel", "#!/bin/sh\necho $1 >>${0%/bin/*}/gone\n");
	assert_said(apply("user one\nuser two\n" PUT_CONF "act fails\ngo\nno\n"),
	    " failed\nnothing was changed\n");
	assert_is("/made", "one\ntwo\n");
	assert_is("/gone", "one\ntwo\n");
	fake_sshd_shell("rm %s/made %s/gone", host.top, host.top);
	assert_clean();
	finish();
}

static void
a_user_and_what_it_kept_go_only_when_the_change_is_kept(void **state UNUSED)
{
	begin();
	write_program("id", "#!/bin/sh\n[ $1 != -u ] || echo 0\n");
	write_program("userdel", "#!/bin/sh\necho $1 >>${0%/bin/*}/gone\n");
	fake_sshd_shell("cd %s && mkdir -p var/lib/one && echo x >var/lib/one/x", host.top);
	assert_said(apply(FORGET "no\n"), " failed\nnothing was changed\n");
	assert_true(has("/var/lib/one/x") && !has("/gone"));
	assert_said(apply(FORGET "begin\nback\n"), " back\n");
	assert_true(has("/var/lib/one/x") && !has("/gone"));
	assert_said(apply(FORGET "begin\nkeep\n"), "0 done\n\n");
	assert_false(has("/var/lib/one"));
	assert_is("/gone", "one\n");
	assert_clean();
	finish();
}

static void
what_cannot_be_forgotten_is_told_and_the_change_is_kept(void **state UNUSED)
{
	begin();
	write_program("id", "#!/bin/sh\n[ $1 != -u ] || echo 0\n");
	write_program("userdel", "#!/bin/sh\necho user $1 is logged in\nexit 8\n");
	fake_sshd_shell("cd %s && mkdir -p var/lib/one var/lib/two", host.top);
	assert_said(apply("forget one /var/lib/one\nforget two /var/lib/two\n" PUT_CONF
			  "go\nbegin\nkeep\n"),
	    " done\nuser one or /var/lib/one is left: user one is logged in; user two or "
	    "/var/lib/two is left: user two is logged in\n");
	assert_is(CONF, "new\n");
	assert_false(has("/var/lib/one") || has("/var/lib/two"));
	assert_clean();
	finish();
}

/* Only root can make such a folder. */
static void
nothing_is_written_in_a_folder_of_somebody_else(void **state UNUSED)
{
	static const char *const folders[] = { "/etc/chrony", "/etc", "/var/lib/timetier" };

	if (geteuid() != 0) {
		skip();
	}
	for (size_t i = 0; i < COUNT(folders); i++) {
		begin();
		fake_sshd_shell(
		    "mkdir -p %s%s && chown 1234 %s%s", host.top, folders[i], host.top, folders[i]);
		assert_said(apply(PUT_CONF "go\nbegin\nkeep\n"), " does not belong to root");
		assert_is(CONF, "old\n");
		fake_sshd_shell("chown 0 %s%s", host.top, folders[i]);
		assert_clean();
		finish();
	}
}

static void
what_is_confirmed_is_as_it_was_told_to_be(void **state UNUSED)
{
	begin();
	write_program("chown", "#!/bin/sh\necho $1 >>${0%/bin/*}/owners\n");
	assert_said(apply("user timetier\n" PUT_DEEP PUT_OWNED "go\nbegin\nkeep\n"), "0 done\n");
	assert_is(CONF, "new\n");
	assert_is("/etc/new/deep/x", "new\n");
	assert_is("/owners", "alice:bob\nroot:bob\n");
	assert_is("/user", "added\n");
	assert_is("/timer-after", "60\n");
	assert_int_equal(
	    fake_sshd_shell("cd %s && [ $(stat -c %%a etc/new/deep/x) = 640 ]", host.top), 0);
	fake_sshd_shell("rm -r %s/etc/new %s/user", host.top, host.top);
	assert_clean();
	finish();
}

/* Nothing is relied on that the next crash may take away. */
static void
each_step_is_on_the_disk_before_the_next(void **state UNUSED)
{
	static const char log[] = "echo ${0##*/} $* | sed \"s,$top,,g; s,/var/lib/timetier/,,g\" "
				  ">>$top/order";

	begin();
	fake_host_first(&host, "mv", log);
	fake_host_first(&host, "sync", log);
	fake_host_first(
	    &host, "systemctl", "[ $1 != act ] && [ $1 != back ] || echo $1 >>$top/order");
	assert_said(apply(PUT_CONF "act systemctl act\nact fails\nback systemctl back\n"
				   "go\nbegin\n"),
	    " back\nfails: it fails\n");
	fake_sshd_shell("cd %s && sed -i '/^sync .*change.files/s/ change.*/ change\\/.../; "
			"/ last/d' order",
	    host.top);
	assert_is("/order",
	    "sync " CONF ".timetier-new change/...\n"
	    "sync change\n"
	    "mv -f " CONF ".timetier-new " CONF "\n"
	    "sync /etc/chrony\n"
	    "act\n"
	    "mv change/armed change/undoing\n"
	    "sync change\n"
	    "mv -f " CONF ".timetier-old " CONF "\n"
	    "sync /etc/chrony\n"
	    "back\n"
	    "sync change\n");
	assert_said(apply(PUT_CONF "go\nbegin\nkeep\n"), "0 done\n");
	assert_said(fake_host_read(&host, "/order"),
	    "mv change/armed change/kept\nsync last.new change\nmv -f last.new last\n");
	finish();
}

static void
what_is_put_back_is_what_was_there(void **state UNUSED)
{
	static const char words[] = "user timetier\n" PUT_DEEP PUT_CONF "act fails\ngo\nbegin\n";

	begin();
	fake_sshd_shell("cd %s && ln -sf nowhere ." CONF, host.top);
	assert_said(apply(words), " back\nfails: it fails\n");
	assert_int_equal(fake_sshd_shell("[ $(readlink %s" CONF ") = nowhere ]", host.top), 0);
	assert_false(has("/etc/new"));
	assert_true(has("/user")); /* its number may be in use by now */
	fake_sshd_shell("cd %s && rm ." CONF " user && echo old >." CONF, host.top);
	fake_host_first(&host, "ln", "[ $1 != -P ] || exit 1");
	assert_said(apply(words), " back\nfails: it fails\n");
	assert_is(CONF, "old\n");
	fake_sshd_shell("rm %s/user", host.top);
	write_program("cp", "#!/bin/sh\necho cp: no\nexit 1\n");
	assert_said(apply(words), " failed\n");
	assert_is(CONF, "old\n");
	assert_clean();
	finish();
}

/* As a change leaves it that was killed after it was kept, or that somebody else made. */
static void
an_old_copy_that_lies_about_is_never_put_back(void **state UNUSED)
{
	static const char *const olds[] = { "ln ." CONF " ." CONF ".timetier-old",
		"echo safe >etc/else && ln -s ../else ." CONF ".timetier-old",
		"ln -s nowhere ." CONF ".timetier-old", "echo stale >." CONF ".timetier-old",
		"echo stale >etc/other.timetier-old" };

	begin();
	for (size_t i = 0; i < COUNT(olds); i++) {
		fake_sshd_shell("cd %s && %s", host.top, olds[i]);
		assert_said(apply(PUT_CONF "put 0644 root root 4 /etc/other\nnew\n"
					   "act fails\ngo\nbegin\n"),
		    " back\nfails: it fails\n");
		assert_is(CONF, "old\n");
		assert_false(has("/etc/other"));
		assert_clean();
	}
	assert_is("/etc/else", "safe\n");
	finish();
}

static void
what_a_daemon_said_before_an_action_failed_is_told(void **state UNUSED)
{
	begin();
	fake_host_write(&host, "/log", "no such key\n");
	assert_said(
	    apply(PUT_CONF "unit chrony\nfresh\nact fails\ngo\nbegin\n"), " log\nno such key\n");
	assert_is(CONF, "old\n");
	finish();
}

static void
a_file_that_cannot_be_written_or_taken_away_ends_the_change(void **state UNUSED)
{
	begin();
	fake_host_first(
	    &host, "rm", "case \"$*\" in \"-f $top" CONF " \"*) echo rm: no; exit 1 ;; esac");
	assert_said(apply("drop " CONF "\ndrop /etc/none\ngo\nbegin\nkeep\n"), " back\nrm: no\n");
	assert_is(CONF, "old\n");
	write_program("chown", "#!/bin/sh\necho chown: no\nexit 1\n");
	assert_said(apply(PUT_OWNED "go\nbegin\nkeep\n"), " failed\nchown: no\n");
	fake_host_first(&host, "mkdir", "case $* in *etc/new*) echo mkdir: no >&2; exit 1 ;; esac");
	assert_said(apply(PUT_DEEP "go\nbegin\nkeep\n"), " failed\nmkdir: no\n");
	assert_clean();
	finish();
}

/* An earlier change, whose undo does as it is told here. */
static void
write_earlier(const char *undo)
{
	fake_sshd_shell("mkdir -p %s" CHANGE, host.top);
	fake_host_write(&host, CHANGE "/undo", undo);
}

static void
an_earlier_change_must_be_over_before_the_next(void **state UNUSED)
{
	static const char words[] = PUT_CONF "go\nbegin\nkeep\n";
	char gone[160];

	begin();
	write_earlier("echo broken for now; exit 5\n");
	assert_said(apply(words), "an earlier change cannot be put back: broken for now\n");
	write_earlier("echo over\n");
	assert_said(apply(words), " failed\nan earlier change is being put back\n");
	assert_is(CONF, "old\n");
	assert_true(has(CHANGE "/undo"));
	/* it was begun to be armed, and no more: its marks mean nothing */
	fake_sshd_shell("cd %s" CHANGE " && rm undo && : >undoing", host.top);
	assert_said(apply(words), "0 done\n");
	assert_is(CONF, "new\n");
	snprintf(
	    gone, sizeof(gone), "rm -r %s" CHANGE "; echo stuck, and over; exit 4\n", host.top);
	write_earlier(gone);
	assert_said(apply(words), " recovered\nstuck, and over\n");
	assert_clean();
	finish();
}

static void
an_unlock_says_what_became_of_the_change(void **state UNUSED)
{
	begin();
	fake_sshd_shell("mkdir %s" LOCK, host.top);
	write_earlier("[ $1 = unlock ] && echo back as it was\n");
	assert_said(apply("unlock\n"), "its change: back as it was\n");
	assert_clean();
	write_earlier("echo stuck for good; exit 4\n");
	assert_said(apply("unlock\n"), "and its change could not be put back: stuck for good\n");
	assert_true(has(CHANGE "/undo"));
	write_program("id", "#!/bin/sh\necho 1000\n");
	assert_said(apply("unlock\n"), " failed\nthe login is not root");
	assert_true(has(CHANGE "/undo"));
	finish();
}

static unsigned
count(const char *text, const char *what)
{
	unsigned found = 0;

	while ((text = strstr(text, what))) {
		text++;
		found++;
	}
	return found;
}

/* The guard's time is up at the first look at the health; it is over when the look is. */
static void
a_change_that_the_guard_took_is_told_as_it_ended(void **state UNUSED)
{
	static const char words[] = "unit chrony.service\n" PUT_CONF "go\nbegin\nagain\nkeep\n";
	const char *answers;

	begin();
	fake_host_first(&host, "systemctl",
	    "[ $1 != is-active ] || [ -e $top/fired ] || { : >$top/fired; $top/bin/fire; "
	    "while [ -e $top/firing ]; do /bin/sleep 0.05; done; }");
	answers = apply(words);
	assert_said(answers, " back\nit was not confirmed within 60 s\n");
	assert_int_equal(count(answers, "ask health"), 1);
	assert_is(CONF, "old\n");
	assert_clean();
	/* what became of another change says nothing of this one */
	fake_host_first(&host, "systemctl",
	    "[ $1 != is-active ] || mv $top" CHANGE " $top/taken; "
	    "sed -i 's/^id .*/id 1 2/' $top/var/lib/timetier/last");
	assert_said(apply(words), " stuck\n");
	finish();
}

static void
a_guard_in_a_hurry_waits_for_the_commands(void **state UNUSED)
{
	begin();
	write_program("act",
	    "#!/bin/sh\ntop=${0%/bin/act}\ncd $top" CHANGE " || exit 1\n"
	    "[ \"$(cut -d' ' -f1,22 /proc/$(cut -d' ' -f1 process)/stat)\" = \"$(cat process)\" ] "
	    "|| "
	    "exit 1\n$top/bin/fire\n/bin/sleep 1\n[ -e armed ]\n");
	assert_said(
	    apply(PUT_CONF "act act\ngo\nbegin\nagain\nagain\nagain\nagain\n"), "0 step health\n");
	fake_sshd_shell("cd %s && while [ -e firing ]; do /bin/sleep 0.05; done", host.top);
	assert_is(CONF, "old\n");
	finish();
}

static void
a_new_agent_tells_how_it_is_before_the_change(void **state UNUSED)
{
	begin();
	assert_said(
	    apply("put 0755 root root 22 /usr/local/sbin/timetier-agent\n"
		  "#!/bin/sh\necho is new\n\nagent /usr/local/sbin/timetier-agent\ngo\nstop\n"),
	    " before\nis new\n");
	finish();
}

/* Somebody breaks the lock and takes it anew, until leave(). */
#define RETAKE                                                                                     \
	"rm -r $top" LOCK "; mkdir $top" LOCK "; "                                                 \
	"{ flock 8 && exec /bin/sleep 300; } 8<$top" LOCK " 7>&- 9>&- >/dev/null 2>&1 & "          \
	"echo $! >$top/other; while flock -n $top" LOCK " true; do :; done"

static void
leave(void)
{
	fake_sshd_shell("kill $(cat %s/other)", host.top);
	finish();
}

static void
a_lock_that_is_of_another_by_now_is_neither_taken_nor_removed(void **state UNUSED)
{
	begin();
	write_program("act", "#!/bin/sh\ntop=${0%/bin/act}\n" RETAKE "\n");
	assert_said(apply(PUT_CONF "act act\ngo\nbegin\nkeep\n"), "0 done\n");
	assert_true(has(LOCK));
	leave();
	begin();
	write_program("flock",
	    "#!/bin/sh\ntop=${0%/bin/flock}\nPATH=/usr/bin:/bin\n"
	    "[ \"$1\" != -w ] || [ -e $top/again ] || [ ! -e $top" LOCK
	    " ] || { : >$top/again; " RETAKE "; }\nexec flock \"$@\"\n");
	assert_said(apply(PUT_CONF "go\nbegin\nkeep\n"), "another rollout is at work here");
	assert_is(CONF, "old\n");
	leave();
}

/* Somebody has the lock of a folder as older versions made it, by this descriptor. */
static void
hold_open_lock(int descriptor)
{
	fake_sshd_shell("top=%s; mkdir -m 755 $top" LOCK "; echo /etc/left >$top" LOCK "/news; "
			": >$top/etc/left.timetier-new; "
			"{ flock %d && exec /bin/sleep 300; } %d<$top" LOCK " >/dev/null 2>&1 & "
			"echo $! >$top/other; while flock -n $top" LOCK " true; do :; done",
	    host.top, descriptor, descriptor);
}

static void
a_lock_that_anybody_may_hold_counts_only_for_a_script_of_ours(void **state UNUSED)
{
	begin();
	write_program("act", "#!/bin/sh\nstat -c %a ${0%/bin/act}" LOCK " >${0%/bin/act}/mode\n");
	hold_open_lock(5);
	assert_said(apply("unlock\n"), "unlocked broken\nit was of ");
	assert_false(has(LOCK));
	assert_false(has("/etc/left.timetier-new"));
	leave();
	begin();
	write_program("act", "#!/bin/sh\nstat -c %a ${0%/bin/act}" LOCK " >${0%/bin/act}/mode\n");
	hold_open_lock(5);
	assert_said(apply(PUT_CONF "act act\ngo\nbegin\nkeep\n"), "0 done\n");
	assert_is("/mode", "700\n");
	assert_clean();
	leave();
	begin();
	hold_open_lock(9);
	assert_said(apply("unlock\n"), "unlocked held\n");
	assert_said(apply(PUT_CONF "go\nbegin\nkeep\n"), "another rollout is at work here");
	assert_is(CONF, "old\n");
	assert_said(apply("unlock force\n"), "unlocked broken\n");
	assert_false(has(LOCK));
	finish();
}

static void
what_a_login_brings_along_in_its_environment_changes_nothing(void **state UNUSED)
{
	begin();
	write_program("act", "#!/bin/sh\n[ -z \"$ENV$TMPDIR$SYSTEMCTL_FORCE_BUS\" ]\n");
	fake_host_write(&host, "/evil", "kill -9 $$\n");
	fake_host_write(&host, "/tail", PUT_CONF "act act\ngo\nbegin\nback\n");
	fake_sshd_shell(
	    "cd %s && cat head tail >words && env IFS=/ ENV=$PWD/evil BASH_ENV=$PWD/evil "
	    "CDPATH=/ TMPDIR=/nowhere SYSTEMCTL_FORCE_BUS=1 bad=1 tries=xxxxxxxxxxxxxx "
	    "gone=chrony.service holder=x news=/etc/passwd said=x failed=x fresh=x locked=yes "
	    "user=root guarded=yes folders=/etc setsid -w sh apply <words >answers 2>&1 || :",
	    host.top);
	assert_said(fake_host_read(&host, "/answers"), "back\n");
	assert_is(CONF, "old\n");
	assert_clean();
	finish();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_end_early_change_nothing_and_leave_nothing),
		cmocka_unit_test(words_that_are_waited_for_hold_nothing),
		cmocka_unit_test(an_upload_that_stands_still_is_ended_and_leaves_nothing),
		cmocka_unit_test(a_check_may_take_longer_than_an_upload_may_stand_still),
		cmocka_unit_test(a_check_that_may_not_read_the_new_file_decides_nothing),
		cmocka_unit_test(who_is_silent_is_not_waited_for),
		cmocka_unit_test(several_users_are_made_and_go_again_with_a_change_that_fails),
		cmocka_unit_test(a_user_and_what_it_kept_go_only_when_the_change_is_kept),
		cmocka_unit_test(what_cannot_be_forgotten_is_told_and_the_change_is_kept),
		cmocka_unit_test(nothing_is_written_in_a_folder_of_somebody_else),
		cmocka_unit_test(what_is_confirmed_is_as_it_was_told_to_be),
		cmocka_unit_test(each_step_is_on_the_disk_before_the_next),
		cmocka_unit_test(what_is_put_back_is_what_was_there),
		cmocka_unit_test(an_old_copy_that_lies_about_is_never_put_back),
		cmocka_unit_test(what_a_daemon_said_before_an_action_failed_is_told),
		cmocka_unit_test(a_file_that_cannot_be_written_or_taken_away_ends_the_change),
		cmocka_unit_test(an_earlier_change_must_be_over_before_the_next),
		cmocka_unit_test(an_unlock_says_what_became_of_the_change),
		cmocka_unit_test(a_change_that_the_guard_took_is_told_as_it_ended),
		cmocka_unit_test(a_guard_in_a_hurry_waits_for_the_commands),
		cmocka_unit_test(a_new_agent_tells_how_it_is_before_the_change),
		cmocka_unit_test(a_lock_that_is_of_another_by_now_is_neither_taken_nor_removed),
		cmocka_unit_test(a_lock_that_anybody_may_hold_counts_only_for_a_script_of_ours),
		cmocka_unit_test(what_a_login_brings_along_in_its_environment_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
