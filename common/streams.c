#include "common/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void
streams_open(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* open it for reading only: writing to it fails, and is noticed */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd) {
			abort();
		}
	}
}

static bool
reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP));
}

int
streams_end(struct error *err)
{
	bool lost = ferror(stdout) != 0;
	int code = fflush(stdout) != 0 ? errno : 0;

	if ((!lost && code == 0) || reader_is_gone()) {
		return 0;
	}
	clearerr(stdout); /* the error is reported once */
	if (code != 0) {
		return error_errno(err, code, "cannot write to standard output");
	}
	return error_set(err, "some of what was printed was lost: cannot write to standard output");
}
