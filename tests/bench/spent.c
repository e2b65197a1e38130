/*
 * spent FILE COMMAND...: run a command and write into FILE what it took, a line: seconds until it
 * ended, seconds of processor time of it and of all that it left behind, the largest resident
 * set of any of these in KiB, its exit status.
 *
 * What it leaves behind (ssh with ControlPersist makes daemons) becomes a child of this process
 * and is waited for, so its time counts; no control group is needed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base.h"
#include "common/clock.h"

static double
seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	int64_t start, wall_ns = 0;
	struct rusage used;
	int status = 0, seen;
	pid_t command, ended;
	FILE *out;

	if (argc < 3 || !(out = fopen(argv[1], "we"))) {
		fprintf(stderr, "usage: spent FILE COMMAND...\n");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	start = clock_boot_ns();
	command = fork();
	if (command == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	while ((ended = wait(&seen)) > 0 || errno == EINTR) {
		if (ended == command) {
			wall_ns = clock_boot_ns() - start;
			status = WIFEXITED(seen) ? WEXITSTATUS(seen) : 128 + WTERMSIG(seen);
		}
	}
	getrusage(RUSAGE_CHILDREN, &used);
	fprintf(out, "%.4f %.4f %ld %d\n", (double)wall_ns / 1e9,
	    seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss, status);
	return fclose(out) ? 2 : status;
}
