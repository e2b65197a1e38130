/*
 * vclockctl FILE init [OFFSET_S [DRIFT_PPM]] | show | step SECONDS | drift PPM | mend
 *
 * Make, read or change a host's clock (vclock.h) from outside.  A step made here is the test's
 * own and is not counted among the host's.  mend: undo a lock that a killed program left.
 */
#include "tests/fleet/vclock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define NS VCLOCK_NS_PER_S

static int64_t
now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

static void
init(struct vclock *v, double offset_s, double drift_ppm)
{
	memset(v, 0, sizeof(*v));
	v->mono0 = v->mono_init = v->error_mono = now(CLOCK_MONOTONIC_RAW);
	v->base = v->base_init = now(CLOCK_REALTIME) + (int64_t)(offset_s * 1e9);
	v->drift_ppm = drift_ppm;
	v->status = STA_UNSYNC;
	v->maxerror = v->esterror = VCLOCK_ERROR_MAX_US;
	v->magic = VCLOCK_MAGIC;
}

static void
change(struct vclock *v, int fd, const char *what, double number)
{
	atomic_fetch_add(&v->seq, 1);
	vclock_rebase(v, now(CLOCK_MONOTONIC_RAW));
	if (strcmp(what, "drift") == 0) {
		v->drift_ppm = number;
	} else {
		v->base += (int64_t)(number * 1e9);
		v->stepped_ns += (int64_t)(number * 1e9);
	}
	atomic_fetch_add(&v->seq, 1);
	if (strcmp(what, "step") == 0 && pwrite(fd, &v->magic, sizeof(v->magic), 0) < 0) {
		perror("vclockctl");
	}
}

static void
show(const struct vclock *v)
{
	int64_t mono = now(CLOCK_MONOTONIC_RAW);
	int64_t error = vclock_at(v, mono) - now(CLOCK_REALTIME);

	printf("offset_s=%.6f drift_ppm=%.3f freq_ppm=%.3f tick_ppm=%.1f steps=%lld "
	       "last_step_s=%.6f slewed_s=%.6f unsync=%d\n",
	    (double)error / 1e9, v->drift_ppm, v->freq_ppm, v->tick_ppm, (long long)v->steps,
	    (double)v->last_step_ns / 1e9, (double)vclock_slewed(v, mono) / 1e9,
	    (v->status & STA_UNSYNC) != 0);
}

int
main(int argc, char **argv)
{
	double number = argc > 3 ? strtod(argv[3], NULL) : 0;
	struct vclock *v;
	int fd;

	if (argc < 3) {
		fprintf(stderr,
		    "usage: vclockctl FILE init [OFFSET_S [DRIFT_PPM]] | show | step S | drift PPM "
		    "| mend\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || fchmod(fd, 0666) || ftruncate(fd, 4096)) {
		perror(argv[1]);
		return 1;
	}
	v = mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (v == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	if (strcmp(argv[2], "init") == 0) {
		init(v, number, argc > 4 ? strtod(argv[4], NULL) : 0);
	} else if (strcmp(argv[2], "step") == 0 || strcmp(argv[2], "drift") == 0) {
		change(v, fd, argv[2], number);
	} else if (strcmp(argv[2], "mend") == 0) {
		v->seq &= ~1U;
	}
	show(v);
	return 0;
}
