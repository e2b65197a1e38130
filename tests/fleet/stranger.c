/*
 * A user without rights on a host, who tries to mislead what root and the agent do there: false
 * daemons, set-user-ID programs by false names, FIFOs, links, locks, names in /tmp, huge arguments,
 * ports, control groups.  It goes on until it is ended.
 *
 *   stranger FOLDER SETTLED      works in FOLDER; writes into the file SETTLED there when all runs,
 *                                and into FOLDER/held when it has a lock that is root's alone
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HUGE_BYTES 120000 /* the kernel takes 131072 at most for one argument */
#define LOCK "/run/timetier.lock"

static const char *folder;

static const char *const daemons[] = { "chronyd", "ntpd", "systemd-timesyncd", "ntp-daemon",
	"ptp4l", "phc2sys", "ntpdate", "vmtoolsd", "VBoxService", "timetier-agent" };

static void
nap(long ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

static const char *
in_folder(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Run @program by the name @name, with arguments of a daemon that would step, or huge ones. */
static void
pose(const char *name, const char *program, bool huge)
{
	static char much[HUGE_BYTES + 1];
	int waiting[2];
	char sub[PATH_MAX], path[PATH_MAX + 64];
	char *step[] = { (char *)name, "-g", "-q", "-s", "-f", "/etc/passwd", NULL };
	char *large[] = { (char *)name, much, much, much, much, much, much, much, NULL };
	char *alone[] = { (char *)name, NULL };
	char *sleeper[] = { (char *)name, "1000", NULL };
	char *env[] = { "NTPD_PANICGATE=1", "SSH_CONNECTION=6.6.6.6 1 6.6.6.6 2", "ENV=/tmp/evil",
		"LD_PRELOAD=/tmp/evil.so", "PATH=/tmp", NULL };

	if (fork() != 0) {
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* what asks for a password waits for ever: nobody writes, and the other end stays open */
	if (pipe(waiting) == 0) {
		dup2(waiting[0], 0);
	}
	snprintf(sub, sizeof(sub), "%s/as-%s", folder, strrchr(program, '/') + 1);
	mkdir(sub, 0755);
	snprintf(path, sizeof(path), "%s/%s", sub, name);
	symlink(program, path);
	memset(much, 'x', HUGE_BYTES);
	if (strcmp(program, "/bin/sleep") == 0) {
		execve(path, sleeper, env);
	}
	if (strstr(sub, "as-tail")) {
		execve(path, huge ? large : step, env);
	}
	execve(path, alone, env); /* a set-user-ID program, which asks for something */
	_exit(1);
}

/* Be a process with this name and a command line that says anything. */
static void
pose_by_name(const char *name)
{
	if (fork() != 0) {
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	for (;;) {
		pause();
	}
}

/* Be root in a user namespace, with a daemon's name and the capability, and the lock's name. */
static void
pose_as_root_elsewhere(void)
{
	int lock;

	if (fork() != 0) {
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "chronyd");
	unshare(CLONE_NEWUSER | CLONE_NEWNS);
	lock = open(folder, O_RDONLY | O_DIRECTORY);
	dup2(lock, 9);
	flock(9, LOCK_EX);
	for (;;) {
		pause();
	}
}

/* Put FIFOs and links where somebody careless might read or write. */
static void
litter(void)
{
	static const char *const places[] = { "/tmp", "/var/tmp", "/run/lock", "/dev/shm" };
	static const char *const names[] = { "timetier", "timetier.lock", "timetier-agent",
		"chrony.conf", "chrony.keys", "ntp.conf", "evil", "evil.so", "timetier-undo" };
	char path[PATH_MAX];

	for (size_t p = 0; p < sizeof(places) / sizeof(*places); p++) {
		for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
			snprintf(path, sizeof(path), "%s/%s", places[p], names[n]);
			if (n % 2) {
				mkfifo(path, 0666);
			} else {
				symlink("/etc/shadow", path);
			}
		}
	}
}

/* Take the locks of everything that can be opened; tell when root's private one could be. */
static void
grab(void)
{
	static const char *const wanted[] = { LOCK, LOCK ".turn", LOCK "/pulse", LOCK "/process",
		"/run/timetier", "/run/chrony", "/var/lib/timetier", "/var/lib/timetier/change",
		"/var/lib/timetier/change/lock", "/var/lib/timetier/last", "/etc/timetier",
		"/etc/chrony/chrony.conf", "/etc/systemd/system",
		"/usr/local/sbin/timetier-agent" };
	static int held[sizeof(wanted) / sizeof(*wanted)];

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		struct stat now, mine;

		if (held[i] > 0 &&
		    (stat(wanted[i], &now) < 0 || fstat(held[i], &mine) < 0 ||
			now.st_ino != mine.st_ino)) {
			close(held[i]); /* another one is there by now */
			held[i] = 0;
		}
		if (held[i] <= 0) {
			held[i] = open(wanted[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		}
		if (held[i] > 0 && flock(held[i], LOCK_EX | LOCK_NB) == 0 && i < 4) {
			bool open_to_all =
			    fstat(held[i], &mine) == 0 && i == 0 && (mine.st_mode & 0055);
			int told = open(in_folder(open_to_all ? "open-lock" : "held"),
			    O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

			close(told);
		}
	}
}

/* Take the daemons' ports where a user may, and answer whatever is asked with what was asked. */
static void
listen_for_questions(void)
{
	static const int ports[] = { 323, 123 };
	static int sockets[2];
	int yes = 1;

	for (int i = 0; i < 2; i++) {
		struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(ports[i]) },
				   from;
		char packet[2048];
		socklen_t len = sizeof(from);
		ssize_t got;

		at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		if (sockets[i] <= 0) {
			sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
			setsockopt(sockets[i], SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
			if (bind(sockets[i], (struct sockaddr *)&at, sizeof(at)) < 0) {
				close(sockets[i]);
				sockets[i] = 0;
				continue;
			}
		}
		got =
		    recvfrom(sockets[i], packet, sizeof(packet), 0, (struct sockaddr *)&from, &len);
		if (got > 2) {
			packet[i == 0 ? 1 : 0] = i == 0 ? 2 : 0x16;
			packet[1] = i == 0 ? packet[1] : (char)(packet[1] | 0x80);
			sendto(sockets[i], packet, (size_t)got, 0, (struct sockaddr *)&from, len);
		}
	}
}

/* Move into the daemon's control group, end the daemon, write over what root reads. */
static void
push(void)
{
	static const char *const files[] = {
		"/sys/fs/cgroup/system.slice/chrony.service/cgroup.procs",
		"/run/systemd/transient/evil.service", "/etc/chrony/chrony.conf", LOCK "/holder",
		LOCK "/news", "/var/lib/timetier/change/armed", "/var/lib/timetier-agent/x"
	};
	char pid[16];
	FILE *daemon = fopen("/run/chrony/chronyd.pid", "re");

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int fd =
		    open(files[i], O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0644);

		if (fd >= 0) {
			snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
			write(fd, pid, strlen(pid));
			close(fd);
			close(open(in_folder("wrote"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		}
	}
	if (daemon) {
		int number = 0;

		if (fscanf(daemon, "%d", &number) == 1 && number > 1) {
			kill(number, SIGTERM);
		}
		fclose(daemon);
	}
	mkdir(LOCK, 0777);
	symlink("/etc/shadow", LOCK ".turn");
}

static void
pose_all(void)
{
	static const char *const set_uid[] = { "/usr/bin/passwd", "/bin/su", "/usr/bin/newgrp",
		"/usr/bin/chsh", "/usr/bin/gpasswd", "/bin/mount" };

	for (size_t i = 0; i < sizeof(daemons) / sizeof(*daemons); i++) {
		pose(daemons[i], "/bin/sleep", false);
		pose(daemons[i], "/usr/bin/tail", true);
		pose_by_name(daemons[i]);
	}
	for (size_t i = 0; i < sizeof(set_uid) / sizeof(*set_uid); i++) {
		pose("chronyd", set_uid[i], false);
		pose("ntpd", set_uid[i], false);
	}
	pose_by_name("x) S 1\nUid:\t0");
	pose_by_name("\n\303(chronyd)\n\\");
	pose_as_root_elsewhere();
}

int
main(int argc, char **argv)
{
	if (argc != 3 || getuid() == 0) {
		fprintf(stderr, "usage: stranger FOLDER SETTLED, and not as root\n");
		return 2;
	}
	folder = argv[1];
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (unsigned turn = 0;; turn++) {
		if (turn % 20000 == 0) {
			pose_all();
			litter();
		}
		grab();
		listen_for_questions();
		if (turn % 100 == 0) {
			push();
		}
		if (turn == 50) {
			close(open(in_folder(argv[2]), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		}
		nap(2);
	}
}
