/*
 * Stands in the place of a program that a unit starts, has its rights, and tries what the unit must
 * not allow: to write files, to start programs, to reach others.  It prints each attempt and what
 * became of it, a line each, to the file that is given; it never touches the clock, which is the
 * machine's for a program that is linked statically.
 *
 *   intruder FILE    (or, without arguments of its own, INTRUDER_FILE below)
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER "/run/timetier"
#define INTRUDER_FILE FOLDER "/intruder"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static FILE *out;

/* Write down an attempt, @what on which @object, and what became of it; a result below 0 is
 * errno's. */
static void
tell(const char *what, const char *object, int result)
{
	fprintf(out, "%s %s %s: %s\n", result < 0 ? "refused" : "DONE", what, object,
	    result < 0 ? strerror(errno) : "");
	fflush(out);
}

/* ---- files */

static void
write_files(void)
{
	static const char *const folders[] = { "/", "/etc", "/etc/timetier", "/etc/systemd/system",
		"/usr", "/usr/local/sbin", "/var", "/var/lib", "/var/lib/timetier",
		"/var/lib/chrony", "/var/lib/ntp", "/var/log", "/var/log/journal",
		"/var/spool/cron", "/var/cache", "/var/tmp", "/tmp", "/root", "/home", "/opt",
		"/srv", "/mnt", "/run", "/run/lock", "/run/systemd", "/run/systemd/system",
		"/run/systemd/transient", "/run/user", "/run/chrony", "/run/udev", "/dev",
		"/dev/shm", "/dev/mqueue", "/sys/fs/cgroup", "/sys/fs/cgroup/system.slice", "/proc",
		"/proc/1/root/tmp", "/proc/1/root/etc", "/proc/1/cwd", "/proc/self/root/tmp",
		"/proc/self/cwd" };
	static const char *const files[] = { "/etc/passwd", "/etc/shadow", "/etc/machine-id",
		"/etc/timetier/first-set.conf", "/proc/sys/kernel/core_pattern",
		"/proc/sys/kernel/hostname", "/proc/sys/kernel/modprobe",
		"/proc/sys/vm/drop_caches", "/proc/sys/net/ipv4/ip_forward",
		"/proc/sys/fs/suid_dumpable", "/proc/sysrq-trigger", "/proc/1/oom_score_adj",
		"/proc/1/mem", "/proc/1/environ", "/proc/1/attr/current",
		"/sys/kernel/mm/transparent_hugepage/enabled", "/sys/fs/cgroup/cgroup.procs",
		"/sys/fs/cgroup/system.slice/cgroup.procs", "/dev/kmsg", "/dev/mem", "/dev/console",
		"/dev/rtc0", "/dev/fuse" };
	char path[300];

	for (size_t i = 0; i < COUNT(folders); i++) {
		snprintf(path, sizeof(path), "%s/intruder.%d", folders[i], getpid());
		tell("create", path, open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		unlink(path);
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		tell("write", files[i], open(files[i], O_WRONLY | O_CLOEXEC | O_NONBLOCK));
	}
	tell("make a temporary file in", "/", open("/", O_TMPFILE | O_WRONLY, 0600));
	tell("make a temporary file in", "/tmp", open("/tmp", O_TMPFILE | O_WRONLY, 0600));
	tell("rename", "/etc/passwd", rename("/etc/passwd", "/etc/passwd.intruder"));
	tell("link", "/etc/shadow", link("/etc/shadow", FOLDER "/shadow"));
	tell("remove", "/etc/timetier/first-set.conf", unlink("/etc/timetier/first-set.conf"));
}

/* In the one folder that is its own: nothing that others could trip over. */
static void
spoil_folder(void)
{
	const char *path = FOLDER "/program";
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0700);

	if (fd >= 0) {
		tell("make setuid", path, fchmod(fd, 04755));
		tell("make setgid", path, fchmod(fd, 02755));
		tell("give away", path, fchown(fd, 0, 0));
	}
	close(fd);
	tell("make a setuid file in", FOLDER,
	    open(FOLDER "/setuid", O_CREAT | O_WRONLY | O_EXCL, 04755));
	tell("make a device in", FOLDER, mknod(FOLDER "/device", S_IFBLK | 0600, 8 << 8));
	tell("give away", FOLDER, chown(FOLDER, 0, 0));
}

/* ---- programs */

/* Whether a process that executes this ends with 0. */
static int
start(const char *const *argv)
{
	int status = 0, error;
	int pipes[2];
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) < 0 || (child = fork()) < 0) {
		return -1;
	}
	if (child == 0) {
		execv(argv[0], (char *const *)(uintptr_t)argv);
		error = errno;
		_exit(write(pipes[1], &error, sizeof(error)) > 0 ? 127 : 126);
	}
	close(pipes[1]);
	if (read(pipes[0], &error, sizeof(error)) == (ssize_t)sizeof(error)) {
		waitpid(child, &status, 0);
		close(pipes[0]);
		errno = error;
		return -1;
	}
	waitpid(child, &status, 0);
	close(pipes[0]);
	errno = EACCES;
	/* the loader ends so when it may not load what it was to start */
	return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -1 : 0;
}

static void
start_programs(void)
{
	static const char *const programs[][4] = {
		{ "/bin/true" },
		{ "/usr/bin/true" },
		{ "/bin/sh", "-c", "exit 0" },
		{ "/usr/bin/env", "true" },
		{ "/bin/systemctl", "is-active", "dbus.service" },
		{ "/usr/bin/systemd-run", "--no-block", "/bin/touch", "/etc/intruder" },
		{ "/usr/bin/busctl", "list" },
		{ "/usr/bin/dbus-send", "--system", "/org/freedesktop/systemd1" },
		{ "/usr/bin/systemd-notify", "--ready" },
		{ "/usr/bin/nsenter", "-t1", "-m", "true" },
		{ "/usr/bin/su", "-c", "true" },
		{ "/usr/bin/passwd", "-S" },
		{ "/usr/bin/newgrp" },
		{ "/usr/sbin/chronyd", "-v" },
		{ "/usr/sbin/ntpd", "--version" },
		{ "/usr/bin/chronyc", "-v" },
		{ "/lib/systemd/systemd", "--version" },
		{ "/usr/lib/systemd/systemd-shutdown" },
		{ "/usr/lib/dbus-1.0/dbus-daemon-launch-helper" },
		{ "/lib64/ld-linux-x86-64.so.2", "/bin/true" },
		{ "/proc/1/exe", "--version" },
		{ FOLDER "/copy" },
	};
	char bytes[65536];
	ssize_t got;
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(FOLDER "/copy", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0700);

	while (from >= 0 && to >= 0 && (got = read(from, bytes, sizeof(bytes))) > 0 &&
	    write(to, bytes, (size_t)got) == got) {
	}
	close(from);
	close(to);
	setenv("INTRUDER_AGAIN", "1", 1);
	for (size_t i = 0; i < COUNT(programs); i++) {
		const char *argv[5] = { programs[i][0], programs[i][1], programs[i][2],
			programs[i][3], NULL };

		tell("start", argv[0], start(argv));
	}
}

/* ---- others */

static int
reach(const char *name, size_t len, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), status;

	if (fd < 0 || len > sizeof(address.sun_path)) {
		return -1;
	}
	memcpy(address.sun_path, name, len);
	status = connect(fd, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
	return status;
}

static void
reach_sockets(void)
{
	static const char *const paths[] = { "/run/systemd/private", "/run/dbus/system_bus_socket",
		"/var/run/dbus/system_bus_socket", "/run/systemd/io.system.ManagedOOM",
		"/run/systemd/userdb/io.systemd.DynamicUser",
		"/run/systemd/journal/io.systemd.journal", "/run/systemd/journal/stdout",
		"/run/udev/control", "/run/chrony/chronyd.sock", "/run/docker.sock",
		"/run/systemd/private/../private" };
	char line[400];
	FILE *table;

	for (size_t i = 0; i < COUNT(paths); i++) {
		int status = reach(paths[i], strlen(paths[i]) + 1, SOCK_STREAM);

		if (status < 0 && errno == EPROTOTYPE) {
			status = reach(paths[i], strlen(paths[i]) + 1, SOCK_SEQPACKET);
		}
		if (status < 0 && errno == EPROTOTYPE) {
			status = reach(paths[i], strlen(paths[i]) + 1, SOCK_DGRAM);
		}
		tell("reach", paths[i], status);
	}
	table = fopen(
	    "/proc/net/unix", "re"); /* abstract sockets belong to the network, not to a folder */
	while (table && fgets(line, sizeof(line), table)) {
		char *name = strchr(line, '@');

		if (name) {
			name[strcspn(name, "\n")] = '\0';
			fprintf(out, "abstract socket %s\n", name);
			*name = '\0';
			tell("reach abstract", name + 1,
			    reach(name, strlen(name + 1) + 1, SOCK_STREAM));
		}
	}
}

static void
open_sockets(void)
{
	static const struct {
		const char *name;
		int family, type, protocol;
	} kinds[] = {
		{ "packets", AF_PACKET, SOCK_RAW, 0 },
		{ "raw IP", AF_INET, SOCK_RAW, IPPROTO_ICMP },
		{ "raw IPv6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6 },
		{ "netlink", AF_NETLINK, SOCK_RAW, 0 },
		{ "vsock", 40, SOCK_STREAM, 0 },
		{ "alg", 38, SOCK_SEQPACKET, 0 },
		{ "bluetooth", 31, SOCK_RAW, 0 },
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		tell("open a socket:", kinds[i].name,
		    socket(kinds[i].family, kinds[i].type, kinds[i].protocol));
	}
}

/* Every process that is not its own child. */
static void
meddle(void)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	char path[300], byte;

	tell("send a signal to", "1", kill(1, 0));
	while (folder && (entry = readdir(folder))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		struct iovec mine = { &byte, 1 }, theirs = { (void *)(uintptr_t)4096, 1 };

		if (pid <= 0 || pid == getpid()) {
			continue;
		}
		tell("trace", entry->d_name, (int)ptrace(PTRACE_SEIZE, pid, NULL, NULL));
		tell("read the memory of", entry->d_name,
		    (int)process_vm_readv(pid, &mine, 1, &theirs, 1, 0) < 0 && errno != EFAULT ? -1
											       : 0);
		snprintf(path, sizeof(path), "/proc/%s/root/", entry->d_name);
		tell("enter", path, chdir(path));
		snprintf(path, sizeof(path), "/proc/%s/ns/mnt", entry->d_name);
		tell("open", path, open(path, O_RDONLY | O_CLOEXEC));
	}
	tell("trace", "1", (int)ptrace(PTRACE_SEIZE, 1, NULL, NULL));
	tell("enter", "/proc/1/root/etc", chdir("/proc/1/root/etc"));
	tell("open", "/proc/1/ns/mnt", open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC));
}

static long
capset_all(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { ~0U, ~0U, ~0U }, { ~0U, ~0U, ~0U } };

	return syscall(SYS_capset, &head, data);
}

static void
use_the_kernel(void)
{
	static unsigned char zeros[256];

	tell("become", "root", setuid(0));
	tell("become", "group 0", setgid(0));
	tell("take", "all capabilities", (int)capset_all());
	tell("set", "the host's name", (int)sethostname("intruder", 8));
	tell("mount", "tmpfs", mount("none", FOLDER, "tmpfs", 0, NULL));
	tell("unmount", "/run", umount2("/run", MNT_DETACH));
	tell("bind", "/etc", mount("/etc", FOLDER, NULL, MS_BIND, NULL));
	tell("chroot", FOLDER, chroot(FOLDER));
	tell("unshare", "users", unshare(CLONE_NEWUSER));
	tell("unshare", "mounts", unshare(CLONE_NEWNS));
	tell("load", "a module", (int)syscall(SYS_init_module, zeros, sizeof(zeros), ""));
	tell("load", "a module from a file", (int)syscall(SYS_finit_module, 0, "", 0));
	tell("load", "a kernel", (int)syscall(SYS_kexec_load, 0, 0, NULL, 0));
	tell("reboot", "", (int)syscall(SYS_reboot, 0, 0, 0, NULL));
	tell("use", "bpf", (int)syscall(SYS_bpf, 0, zeros, sizeof(zeros)));
	tell("use", "perf", (int)syscall(SYS_perf_event_open, zeros, 1, -1, -1, 0));
	tell("use", "io_uring", (int)syscall(SYS_io_uring_setup, 1, zeros));
	tell("use", "userfaultfd", (int)syscall(SYS_userfaultfd, 0));
	tell("add", "a key", (int)syscall(SYS_add_key, "user", "intruder", "x", 1, -3));
	tell("open by", "handle", (int)syscall(SYS_open_by_handle_at, AT_FDCWD, zeros, O_RDONLY));
	tell("swap on", "/dev/sda", (int)syscall(SYS_swapon, "/dev/sda", 0));
	tell("make", "shared memory", (int)syscall(SYS_shmget, 0x74746965, 4096, 0600 | 01000));
	tell("make", "a message queue",
	    (int)syscall(SYS_mq_open, "intruder", O_CREAT | O_RDWR, 0600, NULL));
	tell("raise", "its priority", (int)syscall(SYS_setpriority, 0, 0, -20));
}

/* The capabilities that count. */
static void
tell_rights(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status)) {
		if (strncmp(line, "CapEff:\t", 8) == 0) {
			fprintf(out, "rights %s", line + 8);
		}
	}
}

int
main(int argc, char **argv)
{
	const char *file = INTRUDER_FILE;

	if (getenv("INTRUDER_AGAIN")) {
		return 0; /* started by itself */
	}
	if (argc > 1 && argv[1][0] == '/') {
		file = argv[1];
	}
	if (argc > 2 && strcmp(argv[2], "--late") == 0) {
		file = FOLDER "/intruder.late";
	}
	out = fopen(file, "we");
	if (!out) {
		return 9;
	}
	tell_rights();
	write_files();
	spoil_folder();
	start_programs();
	reach_sockets();
	open_sockets();
	meddle();
	use_the_kernel();
	fprintf(out, "end\n");
	fclose(out);
	return 3;
}
