/*
 * vclockctl FILE init [OFFSET_S [DRIFT_PPM]] | show | step S | set S [DRIFT_PPM] | drift PPM | mend
 *
 * Makes, reads or changes a host's clock (vclock.h) from outside.  A step that is made here is not
 * counted as a step of the host.  set: puts the clock S off, and drops whatever a daemon asked of
 * it.  show: leap is TIME_OK 0, TIME_INS 1, TIME_DEL 2, TIME_OOP 3 or TIME_WAIT 4, and leaped_s
 * counts what was inserted.  mend: undoes a lock that a killed program left.
 */
#include "tests/fleet/vclock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
	v->true_shift = vclock_true_shift(getenv("LAB_TRUE"));
	v->base = v->base_init = v->mono0 + v->true_shift + (int64_t)(offset_s * 1e9);
	v->drift_ppm = drift_ppm;
	v->status = STA_UNSYNC;
	v->maxerror = v->esterror = VCLOCK_ERROR_MAX_US;
	v->magic = VCLOCK_MAGIC;
}

/* Make the clock as it is after a boot: no daemon has asked for anything. */
static void
take_back(struct vclock *v)
{
	v->freq_ppm = v->tick_ppm = v->phase_ns = 0;
	v->slew_ns = 0;
	v->pll_mono = v->mono0;
	v->constant = 0;
	v->status = STA_UNSYNC;
	v->leap_at = 0;
	v->leap_state = TIME_OK;
	v->maxerror = v->esterror = VCLOCK_ERROR_MAX_US;
	v->error_mono = v->mono0;
}

static void
step(struct vclock *v, int64_t delta_ns)
{
	v->base += delta_ns;
	v->stepped_ns += delta_ns;
	v->leap_at = 0;
}

/* Lock as a host's own programs do; a program that was killed under its lock is not waited for. */
static void
lock(struct vclock *v)
{
	int64_t since = now(CLOCK_MONOTONIC_RAW);
	uint32_t seq;

	do {
		seq = atomic_load(&v->seq) & ~1U;
	} while (!atomic_compare_exchange_weak(&v->seq, &seq, seq + 1) &&
	    now(CLOCK_MONOTONIC_RAW) - since < NS);
}

static void
change(struct vclock *v, int fd, char **words, int count)
{
	double number = count > 1 ? strtod(words[1], NULL) : 0;
	bool drift = strcmp(words[0], "drift") == 0;

	lock(v);
	vclock_rebase(v, now(CLOCK_MONOTONIC_RAW));
	if (drift) {
		v->drift_ppm = number;
	} else if (strcmp(words[0], "set") == 0) {
		take_back(v);
		v->drift_ppm = count > 2 ? strtod(words[2], NULL) : v->drift_ppm;
		step(v, v->mono0 + v->true_shift + (int64_t)(number * 1e9) - v->base);
	} else {
		step(v, (int64_t)(number * 1e9));
	}
	atomic_fetch_add(&v->seq, 1);
	if (!drift && pwrite(fd, &v->magic, sizeof(v->magic), 0) < 0) {
		perror("vclockctl");
	}
}

static void
show(const struct vclock *v)
{
	int64_t mono = now(CLOCK_MONOTONIC_RAW);
	int64_t error = vclock_at(v, mono) - mono - v->true_shift;
	struct vclock seen = *v;

	vclock_rebase(&seen, mono);
	printf("offset_s=%.6f drift_ppm=%.3f freq_ppm=%.3f tick_ppm=%.1f steps=%lld "
	       "last_step_s=%.6f slewed_s=%.6f stepped_s=%.6f unsync=%d leap=%d leaped_s=%lld\n",
	    (double)error / 1e9, v->drift_ppm, v->freq_ppm, v->tick_ppm, (long long)v->steps,
	    (double)v->last_step_ns / 1e9, (double)vclock_slewed(v, mono) / 1e9,
	    (double)seen.stepped_ns / 1e9, (v->status & STA_UNSYNC) != 0, seen.leap_state,
	    (long long)seen.leaped_s);
}

int
main(int argc, char **argv)
{
	double number = argc > 3 ? strtod(argv[3], NULL) : 0;
	struct vclock *v;
	int fd;

	if (argc == 2 && strcmp(argv[1], "true") == 0) {
		printf("%lld\n", (long long)vclock_true_shift(NULL));
		return 0;
	}
	if (argc < 3) {
		fprintf(stderr,
		    "usage: vclockctl FILE init [OFFSET_S [DRIFT_PPM]] | show | step S | set S "
		    "[DRIFT_PPM] "
		    "| drift PPM | mend\n       vclockctl true: what LAB_TRUE is to be\n");
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
	} else if (strcmp(argv[2], "step") == 0 || strcmp(argv[2], "set") == 0 ||
	    strcmp(argv[2], "drift") == 0) {
		change(v, fd, argv + 2, argc - 2);
	} else if (strcmp(argv[2], "mend") == 0) {
		v->seq &= ~1U;
	}
	show(v);
	return 0;
}
