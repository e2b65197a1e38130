/*
 * shmclock UNIT [OFFSET_MS]: writes the time to the shared memory of unit UNIT each half second, as
 * gpsd does, until it is ended: a receiver for hosts without one.  What it tells is the machine's
 * time, whatever the clock of the host says, and OFFSET_MS later.
 * Source: ntp 4.2.8, refclock_shm.c, struct shmTime, mode 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SHM_KEY 0x4e545030 /* "NTP0" */

struct shm_time {
	int mode;
	volatile int count;
	time_t clock_s;
	int clock_us;
	time_t receive_s;
	int receive_us;
	int leap, precision, samples;
	volatile int valid;
	unsigned clock_ns, receive_ns;
	int spare[8];
};

static void
write_sample(struct shm_time *shm, long long offset_ns)
{
	struct timespec truth, local;
	long long total_ns;

	/* the clock of a host of the lab is preloaded; the kernel's is the machine's */
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &truth);
	clock_gettime(CLOCK_REALTIME, &local);
	total_ns = truth.tv_nsec + offset_ns;
	truth.tv_sec += total_ns / 1000000000;
	truth.tv_nsec = total_ns % 1000000000;
	if (truth.tv_nsec < 0) {
		truth.tv_sec--;
		truth.tv_nsec += 1000000000;
	}
	shm->valid = 0;
	shm->count++;
	__sync_synchronize();
	shm->clock_s = truth.tv_sec;
	shm->clock_us = (int)(truth.tv_nsec / 1000);
	shm->clock_ns = (unsigned)truth.tv_nsec;
	shm->receive_s = local.tv_sec;
	shm->receive_us = (int)(local.tv_nsec / 1000);
	shm->receive_ns = (unsigned)local.tv_nsec;
	shm->leap = 0;
	shm->precision = -20;
	__sync_synchronize();
	shm->count++;
	shm->valid = 1;
}

int
main(int argc, char **argv)
{
	int unit = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
	long long offset_ns = argc > 2 ? (long long)(strtod(argv[2], NULL) * 1e6) : 0;
	int id = shmget(SHM_KEY + unit, sizeof(struct shm_time), IPC_CREAT | 0600);
	struct shm_time *shm = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

	if (shm == (void *)-1) {
		perror("shmclock");
		return 1;
	}
	shm->mode = 1;
	for (;;) {
		write_sample(shm, offset_ns);
		usleep(500000);
	}
}
