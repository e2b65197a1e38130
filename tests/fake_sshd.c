#include "tests/fake_sshd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SSHD "/usr/sbin/sshd"

bool
fake_sshd_available(void)
{
	return access(SSHD, X_OK) == 0;
}

int
fake_sshd_shell(const char *fmt, ...)
{
	char command[4096];
	va_list ap;
	pid_t pid;
	int status;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

const char *
fake_sshd_path(const struct fake_sshd *sshd, const char *name)
{
	static char paths[4][160];
	static unsigned turn;
	char *path = paths[turn++ % COUNT(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", sshd->folder, name);
	return path;
}

static int
listen_somewhere(unsigned *port)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&name, &len)) {
		perror("listen");
		exit(EXIT_FAILURE);
	}
	*port = ntohs(name.sin_port);
	return fd;
}

static void
serve(int listener, char *const *argv, const char *log)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && fork() == 0) {
			setpgid(0, 0);
			dup2(fd, 0);
			dup2(fd, 1);
			if (!freopen(log, "ae", stderr)) {
				_exit(126);
			}
			close(fd);
			signal(SIGCHLD, SIG_DFL);
			execv(argv[0], argv);
			_exit(127);
		}
		close(fd);
	}
}

static void
start(struct fake_sshd *sshd, char *const *argv)
{
	int listener = listen_somewhere(&sshd->port);
	char log[96];

	snprintf(log, sizeof(log), "%s/log", sshd->folder);
	sshd->pid = fork();
	if (sshd->pid == 0) {
		serve(listener, argv, log);
	}
	close(listener);
}

/* All servers of this process share their keys: making an RSA key takes longer than a test. */
static char keys[FAKE_FOLDER_BYTES];
static pid_t keys_owner;

static void
remove_keys(void)
{
	if (getpid() == keys_owner) {
		fake_sshd_shell("rm -rf %s", keys);
	}
}

static void
make_keys(void)
{
	fake_folder_make(keys, "sshd");
	keys_owner = getpid();
	atexit(remove_keys);
	if (geteuid() == 0) {
		fake_sshd_shell("mkdir -p -m 755 /run/sshd");
	}
	if (fake_sshd_shell("cd %s && umask 077 && "
			    "ssh-keygen -q -t ed25519 -N '' -C host -f ssh_host_ed25519_key && "
			    "ssh-keygen -q -t rsa -b 1024 -N '' -C host -f ssh_host_rsa_key && "
			    "ssh-keygen -q -t ed25519 -N '' -C user -f id && cp id.pub authorized",
		keys)) {
		exit(EXIT_FAILURE);
	}
}

void
fake_sshd_start(struct fake_sshd *sshd, const char *extra)
{
	char config[96];
	char *argv[] = { (char[]){ SSHD }, (char[]){ "-i" }, (char[]){ "-e" }, (char[]){ "-f" },
		config, NULL };

	fake_folder_make(sshd->folder, "sshd");
	if (!*keys) {
		make_keys();
	}
	fake_sshd_shell("cp -p %s/* %s", keys, sshd->folder);
	fake_sshd_shell("cd %s && { grep -q HostKey <<E || echo HostKey $PWD/ssh_host_ed25519_key\n"
			"%s\nE\n"
			"printf '%%s\\n' 'StrictModes no' 'UsePAM no' 'PermitRootLogin yes' "
			"'PasswordAuthentication no' \"AuthorizedKeysFile $PWD/authorized\" "
			"'PermitUserRC no' 'PrintMotd no' \"SetEnv HOME=$PWD\"; cat <<E\n%s\nE\n"
			"echo KexAlgorithms curve25519-sha256; } "
			"| sed \"s|@/|$PWD/|\" >sshd_config",
	    sshd->folder, extra, extra);
	snprintf(config, sizeof(config), "%s/sshd_config", sshd->folder);
	start(sshd, argv);
	fake_sshd_shell("cd %s && sed \"s/^/[127.0.0.1]:%u /\" ssh_host_ed25519_key.pub "
			">known_hosts",
	    sshd->folder, sshd->port);
}

void
fake_sshd_start_command(struct fake_sshd *sshd, const char *command)
{
	char text[512];
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, text, NULL };

	fake_folder_make(sshd->folder, "sshd");
	snprintf(text, sizeof(text), "%s", command);
	start(sshd, argv);
}

void
fake_sshd_stop(struct fake_sshd *sshd)
{
	kill(sshd->pid, SIGKILL);
	waitpid(sshd->pid, NULL, 0);
	fake_sshd_shell("rm -rf %s", sshd->folder);
}
