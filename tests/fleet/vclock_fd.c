/*
 * Does by the host's clock what the kernel does to descriptors by its own: cancels timers at a
 * step, and stamps packets.
 */
#include "tests/fleet/vclock_host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define WATCHES_MAX 8

static int watches[WATCHES_MAX]; /* timerfds that a step must cancel, as fd + 1; 0: free */

/*
 * TFD_TIMER_CANCEL_ON_SET: the kernel would watch the machine's clock.  So the descriptor becomes
 * one that watches the model's file, to which every step writes, and read() fails with ECANCELED.
 * This call must come before the descriptor is polled; all users do that.  The timer never expires
 * here: all users of this flag set it to never.
 */
int
timerfd_settime(int fd, int flags, const struct itimerspec *now, struct itimerspec *old)
{
	int watch, status;

	if (!vclock_model || !(flags & TFD_TIMER_CANCEL_ON_SET)) {
		return (int)syscall(SYS_timerfd_settime, fd, flags, now, old);
	}
	for (size_t i = 0; i < WATCHES_MAX; i++) {
		if (watches[i] == fd + 1) { /* armed again: forget steps before now */
			char drain[1024];

			while (syscall(SYS_read, fd, drain, sizeof(drain)) > 0) {
			}
			return 0;
		}
	}
	watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch < 0 || inotify_add_watch(watch, VCLOCK_PATH, IN_MODIFY) < 0) {
		return -1;
	}
	status = dup3(watch, fd, fcntl(fd, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0);
	syscall(SYS_close, watch);
	for (size_t i = 0; i < WATCHES_MAX && status >= 0; i++) {
		if (watches[i] == 0) {
			watches[i] = fd + 1;
			break;
		}
	}
	return status < 0 ? -1 : 0;
}

ssize_t
read(int fd, void *bytes, size_t len)
{
	for (size_t i = 0; i < WATCHES_MAX; i++) {
		if (watches[i] == fd + 1) {
			char event[1024];

			return syscall(SYS_read, fd, event, sizeof(event)) > 0
			    ? vclock_refuse(ECANCELED)
			    : -1;
		}
	}
	return syscall(SYS_read, fd, bytes, len);
}

int
close(int fd)
{
	for (size_t i = 0; i < WATCHES_MAX; i++) {
		if (watches[i] == fd + 1) {
			watches[i] = 0;
		}
	}
	return (int)syscall(SYS_close, fd);
}

/* The kernel stamps packets with its own clock: shift the stamps to the host's clock. */
static void
restamp(struct msghdr *message)
{
	int64_t shift = vclock_read(CLOCK_REALTIME) - vclock_raw(CLOCK_REALTIME);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct timespec t;
		struct timeval tv;

		if (c->cmsg_level != SOL_SOCKET) {
			continue;
		}
		if (c->cmsg_type == SO_TIMESTAMP) {
			memcpy(&tv, CMSG_DATA(c), sizeof(tv));
			t = vclock_split(tv.tv_sec * NS + tv.tv_usec * 1000 + shift);
			tv.tv_sec = t.tv_sec;
			tv.tv_usec = t.tv_nsec / 1000;
			memcpy(CMSG_DATA(c), &tv, sizeof(tv));
		} else if (c->cmsg_type == SO_TIMESTAMPNS || c->cmsg_type == SO_TIMESTAMPING) {
			memcpy(&t, CMSG_DATA(c), sizeof(t));
			if (t.tv_sec != 0 || t.tv_nsec != 0) {
				t = vclock_split(t.tv_sec * NS + t.tv_nsec + shift);
				memcpy(CMSG_DATA(c), &t, sizeof(t));
			}
		}
	}
}

ssize_t
recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t len = syscall(SYS_recvmsg, fd, message, flags);

	if (len >= 0 && vclock_model) {
		restamp(message);
	}
	return len;
}

int
recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	int got = (int)syscall(SYS_recvmmsg, fd, messages, count, flags, timeout);

	for (int i = 0; i < got && vclock_model; i++) {
		restamp(&messages[i].msg_hdr);
	}
	return got;
}
