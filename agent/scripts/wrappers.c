#include "agent/scripts/wrappers.h"

#include "common/file.h"
#include "daemons/setters/options.h"

#include <string.h>

enum wrapper_flag {
	ASSIGNS = 1, /* NAME=VALUE may stand before the command */
	NUMBERS = 2, /* `-5` is an option */
	JOINS = 4,   /* all words are one text for a shell */
	MORE = 8,
};

struct wrapper {
	const char *name;
	const char *letters, *longs; /* see daemons/setters/options.h */
	size_t operands;             /* its own, before the command */
	unsigned flags;
	char text;             /* the option whose argument a shell reads */
	const char *text_name; /* the same as a long option */
	const char *nowhere;   /* letters with which it runs no command */
};

#define SU_LONGS                                                                                   \
	"command= session-command= fast group= login pty preserve-environment shell= "             \
	"supp-group= whitelist-environment= user= help version"

/*
 * Source: the manual pages of Debian 12: sudo 1.9.13, doas 6.8, coreutils 9.1, util-linux 2.38,
 * systemd 252, bash 5.2, findutils 4.9, procps 4.0, moreutils 0.67, daemontools 0.76, runit 2.1.
 */
static const struct wrapper wrappers[] = {
	{ "sudo", "AbBC:D:eEg:hHiKklnNp:PR:r:sST:t:U:u:vV",
	    "askpass background bell close-from= chdir= preserve-env? edit group= set-home help "
	    "host= login remove-timestamp reset-timestamp list non-interactive no-update "
	    "preserve-groups prompt= chroot= role= stdin shell type= command-timeout= "
	    "other-user= user= validate version",
	    0, ASSIGNS, 0, NULL, "lvVKhe" },
	{ "doas", "a:C:Lnsu:", "", 0, ASSIGNS, 0, NULL, "CL" },
	{ "pkexec", "u:", "user= disable-internal-agent keep-cwd", 0, 0, 0, NULL, "" },
	{ "timeout", "fk:ps:v", "foreground kill-after= preserve-status signal= verbose", 1, 0, 0,
	    NULL, "" },
	{ "nice", "n:", "adjustment=", 0, NUMBERS, 0, NULL, "" },
	{ "ionice", "c:n:p:P:tu:", "class= classdata= ignore pid= pgid= uid=", 0, 0, 0, NULL,
	    "pPu" },
	{ "flock", "c:eE:Fnosuvw:x",
	    "command= exclusive conflict-exit-code= no-fork nb nonblock nonblocking close shared "
	    "unlock verbose wait= timeout=",
	    1, 0, 'c', "command", "" },
	{ "setpriv", "dh",
	    "ambient-caps= apparmor-profile= bounding-set= clear-groups dump egid= euid= gid= "
	    "groups= inh-caps= init-groups keep-groups list-caps no-new-privs pdeathsig= regid= "
	    "reset-env reuid= rgid= ruid= securebits= selinux-label= uid=",
	    0, 0, 0, NULL, "d" },
	{ "setsid", "cfw", "ctty fork wait", 0, 0, 0, NULL, "" },
	{ "setarch", "3BFILRSTXZv", "addr-no-randomize uname-2.6 verbose", 1, 0, 0, NULL, "" },
	{ "chroot", "", "groups= skip-chdir userspec=", 1, 0, 0, NULL, "" },
	{ "env", "0iu:C:S:v",
	    "null ignore-environment unset= chdir= split-string= debug block-signal? "
	    "default-signal? ignore-signal? list-signal-handling",
	    0, ASSIGNS, 'S', "split-string", "" },
	{ "nohup", "", "", 0, 0, 0, NULL, "" },
	{ "command", "pvV", "", 0, 0, 0, NULL, "vV" },
	{ "builtin", "", "", 0, 0, 0, NULL, "" },
	{ "exec", "a:cl", "", 0, 0, 0, NULL, "" },
	{ "time", "apqvf:o:", "append portability quiet verbose format= output=", 0, ASSIGNS, 0,
	    NULL, "" },
	{ "eval", "", "", 0, JOINS, 0, NULL, "" },
	{ "chrt", "abdD:fiomP:prRT:v",
	    "batch deadline fifo idle other rr reset-on-fork sched-runtime= sched-period= "
	    "sched-deadline= all-tasks max pid verbose",
	    1, 0, 0, NULL, "pm" },
	{ "taskset", "acp", "all-tasks cpu-list pid", 1, 0, 0, NULL, "p" },
	{ "systemd-run", "dE:GH:M:p:PqrStu:",
	    "collect description= gid= host= machine= nice= no-ask-password no-block "
	    "on-active= on-boot= on-calendar= on-clock-change on-startup= on-timezone-change "
	    "on-unit-active= on-unit-inactive= path-property= pipe property= pty quiet "
	    "remain-after-exit same-dir scope send-sighup service-type= setenv= shell slice= "
	    "slice-inherit socket-property= system timer-property= uid= unit= user wait "
	    "working-directory=",
	    0, 0, 0, NULL, "HM" },
	{ "systemd-cat", "p:t:", "identifier= priority= stderr-priority= level-prefix= namespace=",
	    0, 0, 0, NULL, "" },
	{ "systemd-inhibit", "", "list mode= no-ask-password no-legend no-pager what= who= why=", 0,
	    0, 0, NULL, "" },
	{ "xargs", "0a:d:e?E:i?I:l?L:n:oprP:s:tx",
	    "arg-file= delimiter= eof? exit interactive max-args= max-chars= max-lines? max-procs= "
	    "no-run-if-empty null open-tty process-slot-var= replace? show-limits verbose",
	    0, MORE, 0, NULL, "" },
	{ "unshare", "cCfG:imnpR:rS:TuUw:l:",
	    "cgroup? fork ipc? keep-caps kill-child? map-auto map-current-user map-group= "
	    "map-groups= map-root-user map-user= map-users= monotonic= boottime= mount? "
	    "mount-proc? net? pid? propagation= root= setgid= setgroups= setuid= time? user? uts? "
	    "wd=",
	    0, 0, 0, NULL, "" },
	{ "nsenter", "ac?C?eFG:i?m?n?p?r?S:t:T?u?U?w?W?Z",
	    "all cgroup? env follow-context ipc? mount? net? no-fork pid? preserve-credentials "
	    "root? setgid= setuid= target= time? user? uts? wd? wdns?",
	    0, 0, 0, NULL, "" },
	{ "stdbuf", "e:i:o:", "error= input= output=", 0, 0, 0, NULL, "" },
	{ "strace", "a:b:cCdDe:E:fFhiI:kno:O:p:P:qrs:S:tTu:U:vVwX:xyYzZ", "", 0, 0, 0, NULL, "p" },
	{ "watch", "bcd?egn:pq:rtwx",
	    "beep color differences? errexit chgexit interval= precise equexit= no-rerun no-title "
	    "no-wrap exec",
	    0, JOINS, 0, NULL, "" },
	{ "chronic", "ev", "", 0, 0, 0, NULL, "" },
	{ "cronic", "", "", 0, 0, 0, NULL, "" },
	{ "setlock", "nNxX", "", 1, 0, 0, NULL, "" },
	{ "setuidgid", "", "", 1, 0, 0, NULL, "" },
	{ "envdir", "", "", 1, 0, 0, NULL, "" },
	{ "chpst", "012b:c:d:e:f:l:L:m:n:o:p:Pr:s:t:u:U:v/:", "", 0, 0, 0, NULL, "" },
	{ "softlimit", "a:c:d:f:l:m:o:p:r:s:t:", "", 0, 0, 0, NULL, "" },
	{ "busybox", "", "help install list list-full", 0, 0, 0, NULL, "" },
	{ "toybox", "", "help long version", 0, 0, 0, NULL, "" },
	{ "cgexec", "g:", "sticky", 0, 0, 0, NULL, "" },
	{ "prlimit", "c?d?e?f?hi?l?m?n?o:p:q?r?s?t?u?v?x?y?",
	    "as? core? cpu? data? fsize? locks? memlock? msgqueue? nice? nofile? noheadings nproc? "
	    "output= pid= raw rss? rtprio? rttime? sigpending? stack? verbose",
	    0, 0, 0, NULL, "p" },
};

static bool
is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(word, *list) == 0) {
			return true;
		}
	}
	return false;
}

bool
wrapper_only_talks(const char *program)
{
	static const char *const names[] = { "echo", "printf", "test", "[", "[[", ":", "true",
		"false", "which", "type", "hash", "whereis", "logger", "wall", "mail", "mailx",
		"sendmail", "pidof", "pgrep", "pkill", "kill", "killall", "killall5", "ps",
		"pidwait", "apt", "apt-get", "aptitude", "apt-mark", "apt-cache", "dpkg",
		"dpkg-query", "dpkg-divert", "dpkg-statoverride", "rpm", "yum", "dnf", "zypper",
		"microdnf", "apk", "pacman", "snap", "grep", "egrep", "fgrep", "zgrep", "rg", "sed",
		"awk", "gawk", "mawk", "rm", "rmdir", "cp", "mv", "ln", "ls", "ll", "chmod",
		"chown", "chgrp", "cat", "touch", "install", "mkdir", "mktemp", "stat", "readlink",
		"realpath", "dirname", "basename", "file", "wc", "sort", "uniq", "cut", "tr",
		"head", "tail", "tee", "less", "more", "diff", "cmp", "md5sum", "sha256sum", "tar",
		"gzip", "gunzip", "xz", "zcat", "rsync", "scp", "ssh", "sftp", "curl", "wget",
		"ping", "host", "dig", "getent", "systemctl", "service", "invoke-rc.d",
		"update-rc.d", "rc-service", "rc-update", "chkconfig", "initctl", "journalctl",
		"systemd-analyze", "systemd-notify", "systemd-tmpfiles", "update-alternatives",
		"deb-systemd-helper", "deb-systemd-invoke", "man", "info", "for", "case", "select",
		"function", "export", "local", "declare", "typeset", "readonly", "return", "exit",
		"break", "continue", "shift", "set", "unset", "alias", "unalias", "cd", "pushd",
		"popd", "umask", "ulimit", "wait", "read", "let", "sleep", "usleep", "sync", "id",
		"whoami", "hostname", "uname", "uptime", "who", "df", "du", "mount", "umount",
		"findmnt", "ip", "ifconfig", "route", "ss", "netstat", "lsof", "fuser", "nmcli",
		"useradd", "adduser", "usermod", "groupadd", "passwd", "crontab", "git", "make",
		"expr", "bc", "seq", "yes", "nproc", "getopt", "getopts", "lsb_release", "setfacl",
		"restorecon", "auditctl", "tcpdump", "iptables", "ip6tables", "nft", "firewall-cmd",
		"ufw", "monit", "supervisorctl", "log", "log_daemon_msg", "log_begin_msg",
		"log_end_msg", "log_action_msg", "log_action_begin_msg", "log_action_end_msg",
		"log_success_msg", "log_failure_msg", "log_warning_msg", "log_progress_msg", "esac",
		"fi", "done", "in", NULL };

	return is_one_of(file_name(program), names);
}

static bool
is_assignment(const char *word)
{
	size_t len =
	    strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return len > 0 && word[len] == '=';
}

static const char *
join(struct arena *arena, const struct arguments *words, size_t from)
{
	const char *text = "";

	for (size_t i = from; i < words->count; i++) {
		text = arena_printf(arena, "%s%s%s", text, i > from ? " " : "", words->list[i]);
	}
	return text;
}

static void
lead_to(const struct arguments *words, size_t at, struct lead *lead)
{
	lead->kind = at < words->count ? LEAD_COMMAND : LEAD_NOWHERE;
	lead->at = at;
}

/* Find where the command of the row begins, behind its options and its own operands. */
static void
read_row(struct arena *arena, const struct wrapper *row, const struct arguments *words,
    struct lead *lead)
{
	const struct option_rules rules = { row->letters, row->longs, true };
	struct options options = { .words = words->list, .count = words->count, .rules = &rules };
	struct option option;
	bool unclear = false, nowhere = false;
	size_t at;

	while (options_next(&options, &option)) {
		if (row->text && option_is(&option, row->text, row->text_name)) {
			lead->text = option.value;
		}
		nowhere |= option.letter && strchr(row->nowhere, option.letter);
		unclear |= !option.known &&
		    !(row->flags & NUMBERS && option.letter >= '0' && option.letter <= '9');
	}
	at = options.at ? options.at : 1;
	while (row->flags & ASSIGNS && at < words->count && is_assignment(words->list[at])) {
		at++;
	}
	at += row->operands;
	if (row->text && at + 1 < words->count &&
	    (strcmp(words->list[at], "-c") == 0 || strcmp(words->list[at], "--command") == 0)) {
		lead->text = words->list[at + 1];
	}
	lead->more = row->flags & MORE;
	if (unclear) {
		lead->kind = LEAD_UNCLEAR;
	} else if (nowhere) {
		lead->kind = LEAD_NOWHERE;
	} else if (lead->text) {
		lead->kind = LEAD_TEXT;
	} else if (row->flags & JOINS) {
		lead->text = join(arena, words, at);
		lead->kind = LEAD_TEXT;
	} else {
		lead_to(words, at, lead);
	}
}

/* `su - root -c 'COMMAND'`, `script -qc 'COMMAND' FILE`: options may stand behind operands. */
static void
read_text_option(const struct option_rules *rules, const struct arguments *words, struct lead *lead)
{
	struct options options = { .words = words->list, .count = words->count, .rules = rules };
	struct option option;

	lead->kind = LEAD_UNCLEAR; /* `su root FILE` */
	while (options_next(&options, &option)) {
		if (option_is(&option, 'c', "command") ||
		    option_is(&option, 0, "session-command")) {
			lead->kind = option.value ? LEAD_TEXT : LEAD_NOWHERE;
			lead->text = option.value;
		}
	}
}

/* `runuser -u USER COMMAND`; without -u it is su. */
static bool
read_runuser(const struct arguments *words, struct lead *lead)
{
	static const struct option_rules rules = { "u:g:G:", "user= group= supp-group=", true };
	struct options options = { .words = words->list, .count = words->count, .rules = &rules };
	struct option option;
	bool user = false;

	while (options_next(&options, &option)) {
		user |= option_is(&option, 'u', "user");
	}
	if (user) {
		lead_to(words, options.at, lead);
	}
	return user;
}

/* `bash -lc 'TEXT'`, `sh -e FILE`, `sh` behind a pipe. */
static void
read_shell(const struct arguments *words, struct lead *lead)
{
	bool text = false;
	size_t at = 1;

	for (; at < words->count; at++) {
		const char *word = words->list[at];

		if ((word[0] != '-' && word[0] != '+') || !word[1] || strcmp(word, "--") == 0) {
			at += word[0] == '-';
			break;
		}
		if (word[1] == '-') {
			at += strcmp(word, "--rcfile") == 0 || strcmp(word, "--init-file") == 0;
			continue;
		}
		text |= word[0] == '-' && strchr(word, 'c');
		at += strchr(word, 'o') || strchr(word, 'O');
	}
	lead->kind = text ? LEAD_TEXT : LEAD_SCRIPT;
	lead->text = at < words->count ? words->list[at] : NULL;
	if (!lead->text) {
		lead->kind = text ? LEAD_NOWHERE : LEAD_INPUT;
	}
}

/* `start-stop-daemon --start --exec PROGRAM -- ARGUMENTS` */
static void
read_start_stop(struct arena *arena, const struct arguments *words, struct lead *lead)
{
	static const struct option_rules rules = {
		"Sa:bc:C:d:D:g:hHI:k:KmM:n:N:op:P:qr:R:s:tTu:vVx:",
		"start stop status exec= startas= background chuid= chdir= group= make-pidfile "
		"name= "
		"nicelevel= oknodo pidfile= procsched= iosched= quiet chroot= retry= signal= test "
		"user= umask= verbose no-close output= ppid= pid= remove-pidfile notify-await "
		"notify-timeout= help version",
		true
	};
	struct options options = { .words = words->list, .count = words->count, .rules = &rules };
	struct option option;
	const char *program = NULL;
	bool stops = false;

	while (options_next(&options, &option)) {
		if (option_is(&option, 'a', "startas") ||
		    (!program && option_is(&option, 'x', "exec"))) {
			program = option.value;
		}
		stops |= option_is(&option, 'K', "stop") || option_is(&option, 't', "test") ||
		    option_is(&option, 'T', "status");
	}
	lead->kind = LEAD_NOWHERE;
	if (program && !stops) {
		lead->kind = LEAD_TEXT;
		lead->text = arena_printf(arena, "%s %s", program, join(arena, words, options.at));
	}
}

static bool
is_shell(const char *program)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ksh", "ksh93", "mksh", "zsh",
		"ash", "rbash", "lksh", NULL };

	return is_one_of(program, shells);
}

/* Wrappers that are no rows. */
static bool
read_special(
    struct arena *arena, const char *program, const struct arguments *words, struct lead *lead)
{
	static const struct option_rules su = { "c:fg:G:lmpPs:Tu:w:", SU_LONGS, false };
	static const struct option_rules script = { "aB:c:eE:fI:m:o:O:qt?T:",
		"append command= echo= return flush force log-in= log-io= log-out= log-timing= "
		"logging-format= output-limit= quiet timing?",
		false };

	if (is_shell(program)) {
		read_shell(words, lead);
	} else if (strcmp(program, "su") == 0 ||
	    (strcmp(program, "runuser") == 0 && !read_runuser(words, lead))) {
		read_text_option(&su, words, lead);
	} else if (strcmp(program, "script") == 0) {
		read_text_option(&script, words, lead);
	} else if (strcmp(program, "start-stop-daemon") == 0) {
		read_start_stop(arena, words, lead);
	} else if (strcmp(program, "find") == 0) {
		lead->kind = LEAD_FIND;
	} else if (strcmp(program, "trap") == 0 && words->count > 1) {
		lead->kind = LEAD_TEXT;
		lead->text = words->list[1];
	} else if ((strcmp(program, ".") == 0 || strcmp(program, "source") == 0) &&
	    words->count > 1) {
		lead->kind = LEAD_SCRIPT;
		lead->text = words->list[1];
	} else if (strcmp(program, "ip") == 0 && words->count > 4 &&
	    strcmp(words->list[2], "exec") == 0) {
		lead_to(words, 4, lead); /* ip netns exec NAME COMMAND; ip vrf exec */
	} else if (strcmp(program, "at") == 0 || strcmp(program, "batch") == 0) {
		lead->kind = LEAD_INPUT;
	} else {
		return lead->kind != LEAD_NONE; /* runuser */
	}
	return true;
}

void
wrapper_read(struct arena *arena, const struct arguments *words, struct lead *lead)
{
	const char *program = words->count > 0 ? file_name(words->list[0]) : "";

	*lead = (struct lead){ .kind = LEAD_NONE };
	if (read_special(arena, program, words, lead)) {
		return;
	}
	for (size_t i = 0; i < COUNT(wrappers); i++) {
		if (strcmp(program, wrappers[i].name) == 0) {
			read_row(arena, &wrappers[i], words, lead);
			return;
		}
	}
}
