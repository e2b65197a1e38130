#include "agent/host/vigil.h"

#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* the same on every architecture; older headers have no name for it */
#endif

static void
on_closed(uv_handle_t *handle)
{
	struct vigil *vigil = handle->data;

	close(vigil->fd);
	vigil->closing = false;
}

void
vigil_end(struct vigil *vigil)
{
	if (vigil->pid > 0) {
		vigil->pid = 0;
		vigil->closing = true;
		uv_close((uv_handle_t *)&vigil->poll, on_closed);
	}
}

static void
on_ended(uv_poll_t *poll, int status UNUSED, int events UNUSED)
{
	struct vigil *vigil = poll->data;

	vigil_end(vigil);
	vigil->ended(vigil);
}

bool
vigil_begin(struct vigil *vigil, uv_loop_t *loop, pid_t pid, vigil_ended ended)
{
	vigil_end(vigil);
	if (vigil->closing) {
		return false;
	}
	vigil->fd = (int)syscall(SYS_pidfd_open, pid, 0); /* it is close-on-exec by itself */
	if (vigil->fd < 0) {
		return false;
	}
	if (uv_poll_init(loop, &vigil->poll, vigil->fd) < 0) {
		close(vigil->fd);
		return false;
	}
	vigil->poll.data = vigil;
	vigil->pid = pid;
	vigil->ended = ended;
	uv_poll_start(&vigil->poll, UV_READABLE, on_ended);
	return true;
}
