/*
 * idle COUNT: have COUNT processes that do nothing, until this one is ended. They share all their
 * memory, so that 2,000 of them fit on any machine. It says "ready" when they are there.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	long count = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

	for (long i = 0; i < count; i++) {
		pid_t child = fork();

		if (child < 0) {
			perror("fork");
			return 1;
		}
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;) {
				pause();
			}
		}
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		pause();
	}
}
