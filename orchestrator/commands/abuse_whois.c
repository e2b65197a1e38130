#include "orchestrator/commands/abuse_whois.h"

#include "common/buf.h"
#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WHOIS_BYTES_MAX (64u << 10)
#define WHOIS_NS (20 * NS_PER_S)

/* Start it in a group of its own, with its output in a pipe; returns its number or -errno. */
static pid_t
start(const char *program, char *address, int *out)
{
	char name[] = "whois", last[] = "--";
	char *argv[] = { name, last, address, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int ends[2], failed;
	pid_t pid = 0;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return -errno;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	failed = posix_spawnp(&pid, program, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (failed) {
		close(ends[0]);
		return -failed;
	}
	*out = ends[0];
	return pid;
}

static void
read_all(int fd, struct buf *text)
{
	int64_t end_ns = clock_boot_ns() + WHOIS_NS;
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	char bytes[4096];

	while (!text->overflowed && clock_boot_ns() < end_ns) {
		ssize_t got;

		if (poll(&polled, 1, 200) <= 0) {
			continue;
		}
		got = read(fd, bytes, sizeof(bytes));
		if (got <= 0) {
			return;
		}
		buf_add(text, bytes, (size_t)got);
	}
}

int
abuse_whois(const struct ip *ip, char contact[WHOIS_CONTACT_BYTES], struct error *err)
{
	const char *program = getenv("WHOIS");
	struct buf text = { .limit_bytes = WHOIS_BYTES_MAX };
	char address[IP_TEXT_BYTES];
	int fd = -1, status = -1;
	pid_t pid;

	program = program && *program ? program : "whois";
	ip_text(ip, address);
	pid = start(program, address, &fd);
	if (pid < 0) {
		return error_errno(err, -pid,
		    "there is no whois client to ask (`apt install whois`; $WHOIS names "
		    "another): %s",
		    program);
	}
	read_all(fd, &text);
	close(fd);
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
	}
	if (text.len == 0) {
		error_set(err, "`%s %s` says nothing", program, address);
	} else if (!whois_contact(buf_str(&text), text.len, contact)) {
		error_set(err,
		    "WHOIS names nobody for abuse of %s; `%s %s` shows who has the network",
		    address, program, address);
	} else {
		status = 0;
	}
	buf_free(&text);
	return status;
}
