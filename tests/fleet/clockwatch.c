/*
 * clockwatch NAME=FILE...
 *
 * Watches the clocks of hosts (vclock.h) ten times a second.  For each line on stdin it prints what
 * was seen since the line before.  For each host:
 *
 *   NAME FIRST_S WORST_S LAST_S STEPS STEP_S
 *
 * then "spread GROUP MOST_S" for each group of hosts whose names are the same up to the last "-",
 * and at last "end".  Offsets are host minus machine; WORST_S is the offset furthest from zero,
 * STEPS how often the host itself stepped its clock, STEP_S the largest of these steps, MOST_S the
 * most that two clocks of the group were apart.
 */
#include "tests/fleet/vclock.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define HOSTS_MAX 64
#define SAMPLE_MS 100

struct watched {
	const char *name;
	const struct vclock *clock;
	double first_s, worst_s, last_s, step_s;
	int64_t steps_before, steps;
	size_t group_len;
	bool leads;      /* the first of its group, which keeps the group's figure */
	double spread_s; /* the most since the line before */
};

static bool
same_group(const struct watched *a, const struct watched *b)
{
	return a->group_len == b->group_len && memcmp(a->name, b->name, a->group_len) == 0;
}

static int64_t
now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * VCLOCK_NS_PER_S + t.tv_nsec;
}

/* A copy that nobody was writing meanwhile, and the host's offset at that moment. */
static struct vclock
snapshot(const struct vclock *clock, double *error_s)
{
	struct vclock copy;
	uint32_t seq;
	int tries = 1000;

	do {
		seq = atomic_load(&clock->seq);
		copy = *clock;
		*error_s =
		    (double)(vclock_at(&copy, now(CLOCK_MONOTONIC_RAW)) - now(CLOCK_REALTIME)) /
		    1e9;
		atomic_thread_fence(memory_order_acquire);
	} while (((seq & 1) || atomic_load(&clock->seq) != seq) && --tries > 0);
	return copy;
}

static void
sample(struct watched *host)
{
	struct vclock v = snapshot(host->clock, &host->last_s);

	if (fabs(host->last_s) > fabs(host->worst_s)) {
		host->worst_s = host->last_s;
	}
	if (v.steps != host->steps) {
		host->steps = v.steps;
		if (fabs((double)v.last_step_ns) > fabs(host->step_s * 1e9)) {
			host->step_s = (double)v.last_step_ns / 1e9;
		}
	}
}

static void
sample_spread(struct watched *hosts, int count, struct watched *lead)
{
	double low = lead->last_s, high = lead->last_s;

	for (int i = 0; i < count; i++) {
		if (same_group(&hosts[i], lead)) {
			low = fmin(low, hosts[i].last_s);
			high = fmax(high, hosts[i].last_s);
		}
	}
	lead->spread_s = fmax(lead->spread_s, high - low);
}

static void
sample_all(struct watched *hosts, int count)
{
	for (int i = 0; i < count; i++) {
		sample(&hosts[i]);
	}
	for (int i = 0; i < count; i++) {
		if (hosts[i].leads) {
			sample_spread(hosts, count, &hosts[i]);
		}
	}
}

static void
tell(struct watched *host)
{
	printf("%s %.6f %.6f %.6f %lld %.6f\n", host->name, host->first_s, host->worst_s,
	    host->last_s, (long long)(host->steps - host->steps_before), host->step_s);
	host->first_s = host->worst_s = host->last_s;
	host->step_s = 0;
	host->steps_before = host->steps;
	if (host->leads) {
		printf("spread %.*s %.6f\n", (int)host->group_len, host->name, host->spread_s);
		host->spread_s = 0;
	}
}

static int
watch(struct watched *host, char *argument)
{
	char *file = strchr(argument, '=');
	int fd;

	if (!file) {
		fprintf(stderr, "clockwatch: NAME=FILE, not %s\n", argument);
		return -1;
	}
	*file++ = '\0';
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(file);
		return -1;
	}
	host->name = argument;
	host->group_len = strrchr(argument, '-') ? (size_t)(strrchr(argument, '-') - argument) : 0;
	host->clock = mmap(NULL, sizeof(*host->clock), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (host->clock == MAP_FAILED) {
		perror(file);
		return -1;
	}
	host->steps = host->steps_before = host->clock->steps;
	sample(host);
	host->first_s = host->worst_s = host->last_s;
	return 0;
}

int
main(int argc, char **argv)
{
	static struct watched hosts[HOSTS_MAX];
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	int count = argc - 1;
	char line[64];

	if (count < 1 || count > HOSTS_MAX) {
		fprintf(stderr, "usage: clockwatch NAME=FILE... (at most %d)\n", HOSTS_MAX);
		return 2;
	}
	for (int i = 0; i < count; i++) {
		if (watch(&hosts[i], argv[i + 1])) {
			return 1;
		}
		hosts[i].leads = true;
		for (int k = 0; k < i; k++) {
			hosts[i].leads = hosts[i].leads && !same_group(&hosts[k], &hosts[i]);
		}
	}
	for (;;) {
		int ready = poll(&in, 1, SAMPLE_MS);

		sample_all(hosts, count);
		if (ready > 0) {
			if (read(STDIN_FILENO, line, sizeof(line)) <= 0) {
				return 0;
			}
			for (int i = 0; i < count; i++) {
				tell(&hosts[i]);
			}
			puts("end");
			fflush(stdout);
		}
	}
}
