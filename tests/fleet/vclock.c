/*
 * Gives each lab host a clock of its own.
 *
 * /etc/ld.so.preload loads this library into every program of a host.  It answers CLOCK_REALTIME
 * (and what follows from it) from the model in /run/vclock, and lets the host's daemon step and
 * slew that model by the ordinary calls.  The machine's own clock is never touched: every call that
 * sets a clock ends here.
 *
 * Not modelled: absolute CLOCK_REALTIME timers and sleeps, time stamps of files,
 * and programs that make system calls without libc.
 */
#include "tests/fleet/vclock_host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

#define WRITER_MAX_NS (2 * NS)

struct vclock *vclock_model;
bool vclock_may_set;

int64_t
vclock_raw(clockid_t id)
{
	struct timespec t;

	syscall(SYS_clock_gettime, id, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

/* Runs early, while the program still sees the whole host: later it may chroot or drop rights. */
__attribute__((constructor)) static void
open_model(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { 0 } };
	int prot = PROT_READ | PROT_WRITE;
	int fd = open(VCLOCK_PATH, O_RDWR | O_CLOEXEC);
	struct vclock *map;

	if (fd < 0) { /* a sandboxed program may only read */
		prot = PROT_READ;
		fd = open(VCLOCK_PATH, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		return;
	}
	map = mmap(NULL, sizeof(*map), prot, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED || map->magic != VCLOCK_MAGIC) {
		return;
	}
	vclock_model = map;
	if (syscall(SYS_capget, &head, caps) == 0) {
		vclock_may_set = (prot & PROT_WRITE) && caps[0].effective & 1U << CAP_SYS_TIME;
	}
}

/* Let a writer finish; false when that took WRITER_MAX_NS: it was killed. */
static bool
patience(int64_t since)
{
	sched_yield();
	return vclock_raw(CLOCK_MONOTONIC_RAW) - since < WRITER_MAX_NS;
}

struct vclock
vclock_snapshot(int64_t *mono)
{
	int64_t since = vclock_raw(CLOCK_MONOTONIC_RAW);
	struct vclock copy;

	for (bool wait = true;; wait = patience(since)) {
		uint32_t seq = atomic_load(&vclock_model->seq);

		if (!(seq & 1) || !wait) {
			*mono = vclock_raw(CLOCK_MONOTONIC_RAW);
			copy = *vclock_model;
			atomic_thread_fence(memory_order_acquire);
			if (atomic_load(&vclock_model->seq) == seq) {
				return copy;
			}
		}
	}
}

int64_t
vclock_read(clockid_t id)
{
	struct vclock copy;
	int64_t mono;

	if (!vclock_model) {
		return vclock_raw(id);
	}
	copy = vclock_snapshot(&mono);
	if (id == CLOCK_REALTIME) {
		return vclock_at(&copy, mono);
	}
	return vclock_raw(id) + vclock_slewed(&copy, mono);
}

void
vclock_lock(void)
{
	int64_t since = vclock_raw(CLOCK_MONOTONIC_RAW);

	do {
		uint32_t seq = atomic_load(&vclock_model->seq);

		if (!(seq & 1) &&
		    atomic_compare_exchange_strong(&vclock_model->seq, &seq, seq + 1)) {
			break;
		}
	} while (patience(since));
	vclock_rebase(vclock_model, vclock_raw(CLOCK_MONOTONIC_RAW));
}

void
vclock_unlock(void)
{
	atomic_fetch_add(&vclock_model->seq, 1);
}

int
vclock_refuse(int errnum)
{
	errno = errnum;
	return -1;
}

/* Wake those who watch the file: timerfd_settime() in vclock_fd.c. */
static void
tell_step(void)
{
	uint32_t magic = VCLOCK_MAGIC;
	int fd = open(VCLOCK_PATH, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, &magic, sizeof(magic)) < 0) {
			/* nobody can be told */
		}
		close(fd);
	}
}

int
vclock_step(int64_t delta)
{
	if (!vclock_model || !vclock_may_set) {
		return vclock_refuse(EPERM);
	}
	vclock_lock();
	vclock_model->base += delta;
	vclock_model->stepped_ns += delta;
	vclock_model->slew_ns = 0;
	vclock_model->phase_ns = 0;
	vclock_model->leap_at = 0;          /* the kernel forgets it until STA_INS is set anew */
	vclock_model->status |= STA_UNSYNC; /* the kernel's ntp_clear() */
	vclock_model->maxerror = vclock_model->esterror = VCLOCK_ERROR_MAX_US;
	vclock_model->error_mono = vclock_model->mono0;
	if (llabs(delta) >= 1000) { /* some daemons set the clock by 0 at start-up: no step */
		vclock_model->steps++;
		vclock_model->last_step_ns = delta;
	}
	vclock_unlock();
	tell_step();
	return 0;
}

struct timespec
vclock_split(int64_t ns)
{
	struct timespec t = { ns / NS, ns % NS };

	if (t.tv_nsec < 0) {
		t.tv_nsec += NS;
		t.tv_sec--;
	}
	return t;
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*t = vclock_split(vclock_read(CLOCK_REALTIME));
		return 0;
	case CLOCK_TAI:
		*t = vclock_split(
		    vclock_read(CLOCK_REALTIME) + (vclock_model ? vclock_model->tai * NS : 0));
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
		*t = vclock_split(vclock_read(CLOCK_MONOTONIC));
		return 0;
	case CLOCK_BOOTTIME:
		*t = vclock_split(vclock_read(CLOCK_BOOTTIME));
		return 0;
	default:
		return (int)syscall(SYS_clock_gettime, id, t);
	}
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t = vclock_split(vclock_read(CLOCK_REALTIME));

	(void)zone;
	tv->tv_sec = t.tv_sec;
	tv->tv_usec = t.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *t)
{
	time_t now = vclock_split(vclock_read(CLOCK_REALTIME)).tv_sec;

	if (t) {
		*t = now;
	}
	return now;
}

int
timespec_get(struct timespec *t, int base)
{
	*t = vclock_split(vclock_read(CLOCK_REALTIME));
	return base;
}

int
clock_settime(clockid_t id, const struct timespec *t)
{
	if (id != CLOCK_REALTIME) {
		return vclock_refuse(EINVAL);
	}
	return vclock_step(t->tv_sec * NS + t->tv_nsec - vclock_read(CLOCK_REALTIME));
}

int
settimeofday(const struct timeval *tv, const struct timezone *zone)
{
	(void)zone;
	if (!tv) {
		return 0;
	}
	return vclock_step(tv->tv_sec * NS + tv->tv_usec * 1000 - vclock_read(CLOCK_REALTIME));
}
