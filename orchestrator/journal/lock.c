#include "orchestrator/journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * The kernel's lock on an open file: no program can leave it behind.  It belongs to the open file
 * description; a lock of the process would end when any library closes the same file.
 */
static int
lock_call(int fd, int call, struct flock *lock)
{
	*lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	return fcntl(fd, call, lock);
}

static int
lock_open(const char *folder, int flags)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/run.lock", folder) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC, 0600);
}

int
journal_lock_take(
    struct journal_lock *lock, const char *folder, const char *words, struct error *err)
{
	int fd = lock_open(folder, O_RDWR | O_CREAT);
	struct flock call;
	size_t len = strlen(words);

	if (fd < 0) {
		return error_errno(err, errno, "cannot write %s/run.lock", folder);
	}
	if (lock_call(fd, F_OFD_SETLK, &call) < 0) {
		char holder[256] = "";
		int why = errno;
		ssize_t got = pread(fd, holder, sizeof(holder) - 1, 0);

		close(fd);
		if (why != EAGAIN && why != EACCES) {
			return error_errno(err, why, "cannot lock %s/run.lock", folder);
		}
		return error_set(err,
		    "another run is at work on this site: %s; wait for it, or end that program "
		    "(its hosts then put their changes back by themselves)",
		    got > 0 ? holder : "it does not say which");
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, words, len, 0) != (ssize_t)len) {
		error_errno(err, errno, "cannot write %s/run.lock", folder);
		close(fd);
		return -1;
	}
	*lock = (struct journal_lock){ .held = true, .fd = fd };
	return 0;
}

bool
journal_lock_is_held(const char *folder)
{
	int fd = lock_open(folder, O_RDWR);
	struct flock call;
	bool held;

	if (fd < 0) {
		return false;
	}
	held = lock_call(fd, F_OFD_GETLK, &call) == 0 && call.l_type != F_UNLCK;
	close(fd);
	return held;
}

void
journal_lock_release(struct journal_lock *lock)
{
	if (lock->held) {
		close(lock->fd);
		lock->held = false;
	}
}
