#include "agent/witness/watch.h"

#include "common/log.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SECOND_MS 1000

static void
hear_kernel(struct step_detector *detector)
{
	int inserted;

	detector->kernel_before = detector->kernel;
	detector->kernel.known = clock_told_leap(&inserted);
	detector->kernel.leap = inserted > 0 ? LEAP_INSERT : inserted < 0 ? LEAP_DELETE : LEAP_NONE;
}

/* Read the clock; returns whether it was stepped. */
static bool
look(struct watch *watch)
{
	struct clock_reading reading = clock_read();
	struct step_seen seen;

	hear_kernel(&watch->detector);
	if (!step_feed(&watch->detector, &reading, &seen)) {
		return false;
	}
	watch->calls.stepped(watch, &seen);
	return true;
}

/* Arm a timer that never rings; the kernel cancels it when the clock is set. */
static int
arm(int fd)
{
	struct itimerspec never = { .it_value = { .tv_sec = INT64_MAX } };

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static void
on_second(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	look(watch);
	watch->calls.second(watch, &watch->detector.last);
}

static void
on_told(uv_poll_t *poll, int status UNUSED, int events UNUSED)
{
	struct watch *watch = poll->data;
	struct clock_reading before = watch->detector.last;
	uint64_t rings;

	if (read(watch->timer_fd, &rings, sizeof(rings)) < 0 && errno == EAGAIN) {
		return;
	}
	/* armed before the look, so that no step is missed; ECANCELED: the clock was set again */
	if (arm(watch->timer_fd) < 0 && errno != ECANCELED) {
		log_warning("the kernel does not tell steps any more: %s", strerror(errno));
		uv_poll_stop(&watch->told);
	}
	/* the kernel tells of the end of a sleep in the same way */
	if (!look(watch) &&
	    watch->detector.last.boot_ns - watch->detector.last.mono_ns -
		    (before.boot_ns - before.mono_ns) <
		STEP_THRESHOLD_NS) {
		watch->calls.touched(watch);
	}
}

void
watch_start(struct watch *watch, uv_loop_t *loop, const struct watch_calls *calls)
{
	watch->calls = *calls;
	watch->detector = (struct step_detector){ .primed = false };
	look(watch);
	uv_timer_init(loop, &watch->second);
	watch->second.data = watch->told.data = watch;
	uv_timer_start(&watch->second, on_second, SECOND_MS, SECOND_MS);
	watch->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (watch->timer_fd >= 0 && arm(watch->timer_fd) == 0) {
		uv_poll_init(loop, &watch->told, watch->timer_fd);
		watch->told.data = watch;
		uv_poll_start(&watch->told, UV_READABLE, on_told);
		return;
	}
	log_warning("the kernel does not tell steps: %s", strerror(errno));
	if (watch->timer_fd >= 0) {
		close(watch->timer_fd);
		watch->timer_fd = -1;
	}
}

static void
on_poll_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	close(watch->timer_fd);
}

void
watch_stop(struct watch *watch)
{
	uv_close((uv_handle_t *)&watch->second, NULL);
	if (watch->timer_fd >= 0) {
		uv_close((uv_handle_t *)&watch->told, on_poll_closed);
	}
}
