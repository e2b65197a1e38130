#include "tests/fake_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "daemons/report.h"
#include "tests/fake_sshd.h"

/* What systemctl does here: "restart" makes what is on the disk what runs. */
static const char systemctl_text[] =
    "#!/bin/sh\n"
    "top=${0%/bin/systemctl}\n"
    "case $1 in\n"
    "restart|start)\n"
    "	[ \"$2\" = chrony.service ] || exit 0\n"
    "	{ echo $1 >>\"$top/restarts\"; } 2>/dev/null\n"
    "	if grep -qs broken \"$top/etc/chrony/chrony.conf\"; then\n"
    "		rm -f \"$top/running\"; echo 'Job for chrony.service failed.'; exit 1\n"
    "	fi\n"
    "	cat \"$top/etc/chrony/chrony.conf\" \"$top/etc/chrony/sources.d/timetier.sources\" "
    "2>/dev/null >\"$top/running\" || : ;;\n"
    "stop) case $* in *timetier-guard.timer*) rm -f \"$top/timer\" ;; esac ;;\n"
    "is-active) [ -e \"$top/running\" ] && echo active || echo failed ;;\n"
    "show)\n"
    "	case $* in\n"
    "	*InvocationID*) echo InvocationID=1; echo \"ActiveState=$(\"$0\" is-active)\" ;;\n"
    "	*) printf 'Id=chrony.service\\nLoadState=loaded\\nActiveState=active\\n"
    "UnitFileState=enabled\\nRestart=no\\nMainPID=0\\n' ;;\n"
    "	esac ;;\n"
    "esac\n";

/* What is read again runs. */
static const char chronyc[] =
    "#!/bin/sh\n"
    "cd ${0%/bin/chronyc} && cat etc/chrony/chrony.conf etc/chrony/sources.d/timetier.sources "
    "2>/dev/null >running || :\n";

/* A transient timer: what it would run, for fake_host_guard(). */
static const char systemd_run[] = "#!/bin/sh\n"
				  "top=${0%/bin/systemd-run}\n"
				  "while case $1 in --on-active=*) after=${1#*=} ;; esac; do\n"
				  "	case $1 in --*) shift ;; *) break ;; esac\n"
				  "done\n"
				  "printf '%s\\n' \"$@\" >\"$top/timer\"\n"
				  "echo \"$after\" >\"$top/timer-after\"\n";

static const char journalctl[] = "#!/bin/sh\ncat \"${0%/bin/journalctl}/log\" 2>/dev/null\n";

/* Waits of minutes are over in a second, once a test says so: for a word, and of the watchdog. */
static const char timeout_text[] = "#!/bin/sh\n"
				   "if [ -e \"${0%/bin/*}/hasty\" ]; then\n"
				   "	case $1 in\n"
				   "	--foreground) shift 2; set -- --foreground 1 \"$@\" ;;\n"
				   "	300) shift; set -- 1 \"$@\" ;;\n"
				   "	esac\n"
				   "fi\n"
				   "exec /usr/bin/timeout \"$@\"\n";

static const char tripwire[] = "#!/bin/sh\n"
			       "top=${0%/bin/*}\n"
			       "n=$(($(/bin/cat \"$top/count\") + 1))\n"
			       "echo $n >\"$top/count\"\n"
			       "if [ $n = \"$(/bin/cat \"$top/trip\")\" ]; then\n"
			       "	[ ! -e \"$top/crash\" ] || kill -9 0\n"
			       "	if [ -e \"$top/fire\" ]; then\n"
			       "		[ ! -e \"$top/timer\" ] || \"$top/bin/fire\"\n"
			       "		exec \"/bin/${0##*/}\" \"$@\"\n"
			       "	fi\n"
			       "	echo \"${0##*/}: Input/output error\" >&2\n"
			       "	exit 1\n"
			       "fi\n"
			       "exec \"/bin/${0##*/}\" \"$@\"\n";

/* The guard's time is up: what systemd runs then, while the script goes on. */
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

static void
write_program(const struct fake_host *host, const char *path, const char *text)
{
	fake_host_write(host, path, text);
	fake_sshd_shell("chmod 755 %s%s", host->top, path);
}

void
fake_host_write(const struct fake_host *host, const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", host->top, path);
	if (file_replace(full, text, strlen(text), 0644, NULL)) {
		perror(full);
		abort();
	}
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
	write_program(host, "/usr/local/sbin/timetier-agent",
	    "#!/bin/sh\n"
	    "[ \"$1\" = --version ] && echo timetier-agent 0 && exit\n"
	    "top=${0%/usr/local/sbin/*}\ncat \"$top/status.json\"\n");
}

void
fake_host_make(struct fake_host *host)
{
	snprintf(host->top, sizeof(host->top), "/tmp/timetier-host-XXXXXX");
	if (!mkdtemp(host->top)) {
		perror("mkdtemp");
		abort();
	}
	fake_sshd_shell(
	    "cd %s && mkdir -p bin run/systemd/system etc/chrony/sources.d etc/systemd/system "
	    "usr/sbin usr/local/sbin usr/lib var/lib && echo 0 >count && echo 0 >trip",
	    host->top);
	write_program(host, "/bin/systemctl", systemctl_text);
	write_program(host, "/bin/chronyc", chronyc);
	write_program(host, "/bin/systemd-run", systemd_run);
	write_program(host, "/bin/fire", fire);
	write_program(host, "/bin/journalctl", journalctl);
	write_program(host, "/bin/chown", "#!/bin/sh\n");
	write_program(host, "/bin/id", "#!/bin/sh\necho 0\n");
	write_program(host, "/bin/sleep", "#!/bin/sh\n[ $1 -lt 100 ] || exec /bin/sleep $1\n");
	write_program(host, "/bin/timeout", timeout_text);
	write_program(host, "/usr/sbin/chronyd",
	    "#!/bin/sh\n"
	    "[ \"$1\" = --version ] && echo 'chronyd (chrony) version 4.3' && exit\n"
	    "! grep -n rejected \"$3\" | sed 's/:.*/: Invalid directive/' | grep .\n");
	for (size_t i = 0; i < COUNT(tripped); i++) {
		char path[32];

		snprintf(path, sizeof(path), "/bin/%s", tripped[i]);
		write_program(host, path, tripwire);
	}
	fake_host_write(host, "/usr/lib/os-release", "PRETTY_NAME=\"Debian 12\"\n");
	fake_host_write(host, "/etc/chrony/chrony.conf", "old\n");
	fake_host_write(host, "/running", "old\n");
	write_agent(host);
}

void
fake_host_remove(struct fake_host *host)
{
	fake_sshd_shell("rm -rf %s", host->top);
}

void
fake_host_fail_every_second(const struct fake_host *host)
{
	fake_sshd_shell("cd %s && sed -i 's/^cat/n=$(($(cat $top\\/asked 2>\\/dev\\/null || echo "
			"0) + 1)); echo $n >$top\\/asked; [ $((n %% 2)) = 1 ] || exit 1; cat/' "
			"usr/local/sbin/timetier-agent",
	    host->top);
}

unsigned
fake_host_trip(const struct fake_host *host, unsigned at, bool crash)
{
	unsigned count = (unsigned)strtoul(fake_host_read(host, "/count"), NULL, 10);
	char text[16];

	snprintf(text, sizeof(text), "%u\n", at);
	fake_host_write(host, "/count", "0\n");
	fake_host_write(host, "/trip", text);
	fake_sshd_shell("cd %s && rm -f crash && %s", host->top, crash ? ": >crash" : ":");
	return count;
}

void
fake_host_boot(const struct fake_host *host)
{
	fake_host_trip(host, 0, false);
	/* what is in /run is gone; units that are wanted are run, without the one that is the
	 * machine's */
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
