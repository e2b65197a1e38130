/*
 * shmclock UNIT [OFFSET_MS], shmclock SOCKET [OFFSET_MS]: a receiver for hosts without one.  Until
 * it is ended it writes each half second the time to the shared memory of unit UNIT, as gpsd does,
 * or sends a pulse to the socket that chronyd has made.  What it tells is the machine's time,
 * whatever the clock of the host says, and OFFSET_MS later. Source: ntp 4.2.8, refclock_shm.c,
 * struct shmTime, mode 1; chrony 4.3, refclock_sock.c, struct sock_sample.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SHM_KEY 0x4e545030    /* "NTP0" */
#define SOCK_MAGIC 0x534f434b /* "SOCK" */

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

struct sock_sample {
	struct timeval local;
	double second; /* of a pulse: what the local clock says of it, behind a whole second */
	int pulse, leap, pad, magic;
};

static void
read_clocks(struct timespec *truth, struct timespec *local, long long offset_ns)
{
	long long total_ns;

	/* the clock of a host of the lab is preloaded; the kernel's is the machine's */
	syscall(SYS_clock_gettime, CLOCK_REALTIME, truth);
	clock_gettime(CLOCK_REALTIME, local);
	total_ns = truth->tv_nsec + offset_ns;
	truth->tv_sec += total_ns / 1000000000;
	truth->tv_nsec = total_ns % 1000000000;
	if (truth->tv_nsec < 0) {
		truth->tv_sec--;
		truth->tv_nsec += 1000000000;
	}
}

static void
write_sample(struct shm_time *shm, long long offset_ns)
{
	struct timespec truth, local;

	read_clocks(&truth, &local, offset_ns);
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

static int
tell_memory(int unit, long long offset_ns)
{
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

/* While chronyd does not run there is nobody at the socket: nothing is sent then. */
static int
tell_socket(const char *path, long long offset_ns)
{
	struct sockaddr_un there = { .sun_family = AF_UNIX };
	struct sock_sample sample = { .pulse = 1, .magic = SOCK_MAGIC };
	size_t len = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct timespec truth, local;

	if (fd < 0 || len >= sizeof(there.sun_path)) {
		perror("shmclock");
		return 1;
	}
	memcpy(there.sun_path, path, len + 1);
	for (;;) {
		read_clocks(&truth, &local, offset_ns);
		sample.local.tv_sec = local.tv_sec;
		sample.local.tv_usec = local.tv_nsec / 1000;
		sample.second = (double)(local.tv_sec - truth.tv_sec) +
		    (double)(local.tv_nsec - truth.tv_nsec) / 1e9;
		sendto(fd, &sample, sizeof(sample), MSG_DONTWAIT, (struct sockaddr *)&there,
		    sizeof(there));
		usleep(500000);
	}
}

/*
 * Hosts may have an older libc than the machine, whose start code asks for its own; what this
 * program needs is done before.
 */
int
__libc_start_main(int (*entry)(int argc, char **argv), int argc, char **argv)
{
	exit(entry(argc, argv));
}

int
main(int argc, char **argv)
{
	const char *where = argc > 1 ? argv[1] : "0";
	long long offset_ns = argc > 2 ? (long long)(strtod(argv[2], NULL) * 1e6) : 0;

	return where[0] == '/' ? tell_socket(where, offset_ns)
			       : tell_memory((int)strtol(where, NULL, 10), offset_ns);
}
