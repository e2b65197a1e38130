#include "tests/fake_host.h"

#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/fake_sshd.h"
#include "verdict/report.h"

/*
 * The host's systemctl: after "restart", what is on the disk is what runs.  A change starts some
 * hundred programs of this host, so that they avoid to start further processes.
 */
static const char systemctl_text[] =
    "#!/bin/sh\n"
    "top=${0%/bin/systemctl} nl='\n'\n"
    "case $1 in\n"
    "restart|start)\n"
    "	[ \"$2\" = chrony.service ] || exit 0\n"
    "	{ echo $1 >>\"$top/restarts\"; } 2>/dev/null\n"
    "	text=\n"
    "	for file in chrony.conf sources.d/timetier.sources; do\n"
    "		while IFS= read -r line; do text=\"$text$line$nl\"; done "
    "<\"$top/etc/chrony/$file\"\n"
    "	done 2>/dev/null\n"
    "	case $text in *broken*)\n"
    "		rm -f \"$top/running\"; echo 'Job for chrony.service failed.'; exit 1\n"
    "	esac\n"
    "	printf %s \"$text\" >\"$top/running\" ;;\n"
    "stop) case $* in *timetier-guard.timer*) rm -f \"$top/timer\" ;; esac ;;\n"
    "is-active) [ -e \"$top/running\" ] && echo active || echo failed ;;\n"
    "show)\n"
    "	case $* in\n"
    "	*InvocationID*) echo InvocationID=1; echo \"ActiveState=$(\"$0\" is-active)\" ;;\n"
    "	*) printf 'Id=chrony.service\\nLoadState=loaded\\nActiveState=active\\n"
    "UnitFileState=enabled\\nRestart=no\\nMainPID=0\\n' ;;\n"
    "	esac ;;\n"
    "esac\n";

/* The host's chronyc: it reads the files again, and what is on the disk is what runs. */
static const char chronyc[] =
    "#!/bin/sh\n"
    "cd ${0%/bin/chronyc} && cat etc/chrony/chrony.conf etc/chrony/sources.d/timetier.sources "
    "2>/dev/null >running || :\n";

/* The host's systemd-run: keeps what the transient timer would run, for fake_host_guard(). */
static const char systemd_run[] = "#!/bin/sh\n"
				  "top=${0%/bin/systemd-run}\n"
				  "while case $1 in --on-active=*) after=${1#*=} ;; esac; do\n"
				  "	case $1 in --*) shift ;; *) break ;; esac\n"
				  "done\n"
				  "printf '%s\\n' \"$@\" >\"$top/timer\"\n"
				  "echo \"$after\" >\"$top/timer-after\"\n";

static const char journalctl[] = "#!/bin/sh\n"
				 "[ ! -e \"${0%/bin/journalctl}/log\" ] || "
				 "exec cat \"${0%/bin/journalctl}/log\"\n";

/* A timeout for tests: waits of minutes, for a word and of the watchdog, end after a second. */
static const char hasty[] = "#!/bin/sh\n"
			    "case $1 in\n"
			    "--foreground) shift 2; set -- --foreground 1 \"$@\" ;;\n"
			    "300) shift; set -- 1 \"$@\" ;;\n"
			    "esac\n"
			    "exec /usr/bin/timeout \"$@\"\n";

static const char tripwire[] = "#!/bin/sh\n"
			       "top=${0%/bin/*}\n"
			       "read -r n <\"$top/count\"\n"
			       "read -r trip <\"$top/trip\"\n"
			       "n=$((n + 1))\n"
			       "echo $n >\"$top/count\"\n"
			       "if [ $n = $trip ]; then\n"
			       "	[ ! -e \"$top/crash\" ] || kill -9 0\n"
			       "	: >\"$top/tripped\"\n"
			       "	if [ -e \"$top/fire\" ]; then\n"
			       "		[ ! -e \"$top/timer\" ] || \"$top/bin/fire\"\n"
			       "		exec \"/bin/${0##*/}\" \"$@\"\n"
			       "	fi\n"
			       "	echo \"${0##*/}: Input/output error\" >&2\n"
			       "	exit 1\n"
			       "fi\n"
			       "exec \"/bin/${0##*/}\" \"$@\"\n";

/* Runs what systemd runs when the guard's time is up, while the script goes on. */
static const char fire[] = "#!/bin/sh\n"
			   "top=${0%/bin/*}\n"
			   ": >\"$top/firing\"\n"
			   "IFS='\n'\n"
			   "set -f\n"
			   "set -- $(cat \"$top/timer\")\n"
			   "setsid sh -c '\"$@\" >\"$0/guard.log\" 2>&1; /bin/rm \"$0/firing\"' "
			   "\"$top\" \"$@\" </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&- &\n"
			   "/bin/sleep 0.05\n";

static const char *const tripped[] = { "mv", "ln", "rm", "mkdir", "chmod", "sync", "rmdir" };

/*
 * Write a file wholly or not at all, because programs of this host may be at work.  file_replace()
 * would wait for the disk, which is not needed: no crash of this machine is tested.
 */
static void
write_file(const struct fake_host *host, const char *path, const char *text, mode_t mode)
{
	char full[256], fresh[264];
	FILE *out;

	snprintf(full, sizeof(full), "%s%s", host->top, path);
	snprintf(fresh, sizeof(fresh), "%s.fresh", full);
	out = fopen(fresh, "we");
	if (!out || fputs(text, out) == EOF || fchmod(fileno(out), mode) || fclose(out) ||
	    rename(fresh, full)) {
		perror(full);
		abort();
	}
}

void
fake_host_write(const struct fake_host *host, const char *path, const char *text)
{
	write_file(host, path, text, 0644);
}

void
fake_host_program(const struct fake_host *host, const char *path, const char *text)
{
	write_file(host, path, text, 0755);
}

void
fake_host_first(const struct fake_host *host, const char *program, const char *part)
{
	char path[64], text[8192], was[4096];

	snprintf(path, sizeof(path), "/bin/%s", program);
	snprintf(was, sizeof(was), "%s", fake_host_read(host, path));
	if (!was[0]) {
		snprintf(was, sizeof(was), "exec %s \"$@\"\n", path);
	}
	snprintf(text, sizeof(text), "#!/bin/sh\ntop=${0%%/bin/*}\n%s\n%s", part, was);
	fake_host_program(host, path, text);
}

void
fake_host_hurry(const struct fake_host *host, bool hurry)
{
	if (hurry) {
		fake_host_program(host, "/bin/timeout", hasty);
	} else {
		fake_host_drop(host, "/bin/timeout");
	}
}

bool
fake_host_has(const struct fake_host *host, const char *path)
{
	struct stat about;
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", host->top, path);
	return lstat(full, &about) == 0;
}

void
fake_host_drop(const struct fake_host *host, const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", host->top, path);
	unlink(full);
}

static char leftover[256];

static int
is_leftover(
    const char *path, const struct stat *about UNUSED, int type UNUSED, struct FTW *at UNUSED)
{
	static const char *const left[] = { "*timetier-new", "*timetier-old", "*/timetier.lock",
		"*/timetier/change*", "*/timetier-undo*" };

	for (size_t i = 0; i < COUNT(left); i++) {
		if (fnmatch(left[i], path, 0) == 0) {
			snprintf(leftover, sizeof(leftover), "%s", path);
			return 1;
		}
	}
	return 0;
}

const char *
fake_host_leftover(const struct fake_host *host)
{
	static const char *const folders[] = { "etc", "var", "run" };
	char full[256];

	for (size_t i = 0; i < COUNT(folders); i++) {
		snprintf(full, sizeof(full), "%s/%s", host->top, folders[i]);
		if (nftw(full, is_leftover, 16, FTW_PHYS) == 1) {
			return leftover + strlen(host->top);
		}
	}
	return NULL;
}

const char *
fake_host_read(const struct fake_host *host, const char *path)
{
	static char text[65536];
	char full[256];
	FILE *in;
	size_t len;

	snprintf(full, sizeof(full), "%s%s", host->top, path);
	in = fopen(full, "re");
	if (!in) {
		return "";
	}
	len = fread(text, 1, sizeof(text) - 1, in);
	text[len] = '\0';
	fclose(in);
	return text;
}

static void
write_agent(const struct fake_host *host)
{
	struct clock_reading now = clock_read();
	struct report report = { .host = "time1",
		.agent_version = "0",
		.boot_id = "b",
		.session_id = "s",
		.seq = 1,
		.boot_ns = now.boot_ns,
		.real_ns = now.real_ns,
		.interval_ns = NS_PER_S,
		.answered = true,
		.daemon = "chrony",
		.rtc_offset_ns = INT64_MAX,
		.status = {
		    .stratum = 2, .selected = "192.0.2.1", .update_interval_ns = 64 * NS_PER_S } };
	char *json = report_encode(&report);

	fake_host_write(host, "/status.json", json);
	free(json);
	fake_host_program(host, "/usr/local/sbin/timetier-agent",
	    "#!/bin/sh\n"
	    "[ \"$1\" = --version ] && echo timetier-agent 0 && exit\n"
	    "top=${0%/usr/local/sbin/*}\n"
	    "if [ \"$1\" = verdict ]; then\n"
	    "	read -r said <\"$top/status.json\"\n"
	    "	case $said in *'\"kind\":\"step\"'*) exit 3 ;; esac\n"
	    "	exit 0\n"
	    "fi\n"
	    "exec cat \"$top/status.json\"\n");
}

static void
make_folder(const struct fake_host *host, const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", host->top, path);
	if (mkdir(full, 0755)) {
		perror(full);
		abort();
	}
}

void
fake_host_make(struct fake_host *host)
{
	static const char *const folders[] = { "/bin", "/run", "/run/systemd",
		"/run/systemd/system", "/etc", "/etc/chrony", "/etc/chrony/sources.d",
		"/etc/systemd", "/etc/systemd/system", "/usr", "/usr/sbin", "/usr/local",
		"/usr/local/sbin", "/usr/lib", "/var", "/var/lib", "/tmp" };

	fake_folder_make(host->top, "host");
	/* a blank: facts.sh would look for an empty one in its parent processes */
	setenv("SSH_CONNECTION", " ", 1);
	for (size_t i = 0; i < COUNT(folders); i++) {
		make_folder(host, folders[i]);
	}
	fake_host_program(host, "/bin/systemctl", systemctl_text);
	fake_host_program(host, "/bin/chronyc", chronyc);
	fake_host_program(host, "/bin/systemd-run", systemd_run);
	fake_host_program(host, "/bin/fire", fire);
	fake_host_program(host, "/bin/journalctl", journalctl);
	fake_host_program(host, "/bin/systemd-detect-virt", "#!/bin/sh\necho none; exit 1\n");
	fake_host_program(host, "/bin/chown", "#!/bin/sh\n");
	fake_host_program(host, "/bin/id", "#!/bin/sh\necho 0\n");
	fake_host_program(
	    host, "/bin/sleep", "#!/bin/sh\n[ $1 -ge 100 ] || set 0.1\nexec /bin/sleep $1\n");
	fake_host_program(host, "/usr/sbin/chronyd",
	    "#!/bin/sh\n"
	    "[ \"$1\" = --version ] && echo 'chronyd (chrony) version 4.3' && exit\n"
	    "! grep -n rejected \"$3\" | sed 's/:.*/: Invalid directive/' | grep .\n");
	fake_host_write(host, "/usr/lib/os-release",
	    "PRETTY_NAME=\"Debian 12\"\nID=debian\nVERSION_ID=\"12\"\n");
	fake_host_write(host, "/etc/chrony/chrony.conf", "old\n");
	fake_host_write(host, "/running", "old\n");
	write_agent(host);
}

static int
take_away(const char *path, const struct stat *about UNUSED, int type UNUSED, struct FTW *at UNUSED)
{
	remove(path); /* a folder to which a test is still writing stays */
	return 0;
}

void
fake_host_remove(struct fake_host *host)
{
	nftw(host->top, take_away, 16, FTW_DEPTH | FTW_PHYS);
}

void
fake_host_fail_every_second(const struct fake_host *host)
{
	fake_sshd_shell(
	    "cd %s && sed -i 's/^exec cat/n=$(($(cat $top\\/asked 2>\\/dev\\/null || echo "
	    "0) + 1)); echo $n >$top\\/asked; [ $((n %% 2)) = 1 ] || exit 1; &/' "
	    "usr/local/sbin/timetier-agent",
	    host->top);
}

unsigned
fake_host_trip(const struct fake_host *host, unsigned at, bool crash)
{
	unsigned count = (unsigned)strtoul(fake_host_read(host, "/count"), NULL, 10);
	char text[16];

	for (size_t i = 0; i < COUNT(tripped); i++) {
		char path[32];

		snprintf(path, sizeof(path), "/bin/%s", tripped[i]);
		fake_host_program(host, path, tripwire);
	}
	snprintf(text, sizeof(text), "%u\n", at);
	fake_host_write(host, "/count", "0\n");
	fake_host_write(host, "/trip", text);
	if (crash) {
		fake_host_write(host, "/crash", "");
	} else {
		fake_host_drop(host, "/crash");
	}
	return count;
}

void
fake_host_boot(const struct fake_host *host)
{
	fake_host_trip(host, 0, false);
	/* empty /run, and run the commands of the undo unit; a systemctl there is the machine's */
	fake_sshd_shell("cd %s && rm -rf run && mkdir -p run/systemd/system && "
			"rm -f timer && "
			"unit=etc/systemd/system/sysinit.target.wants/timetier-undo.service && "
			"if [ -e $unit ] && [ -e var/lib/timetier/change/undo ]; then "
			"sed -n 's/^ExecStart=//p' $unit | grep -v systemctl | sh -e; fi; "
			"./bin/systemctl start chrony.service",
	    host->top);
}

bool
fake_host_guard(const struct fake_host *host)
{
	fake_host_trip(host, 0, false);
	return fake_sshd_shell("cd %s && [ -e timer ] || exit 0; IFS='\n'; set -f; "
			       "set -- $(cat timer); exec \"$@\" >guard.log 2>&1",
		   host->top) == 0;
}
