/*
 * usable: prints for each second how many servers a client could use.  For tests that restart
 * servers.
 *
 *	usable WAIT SECONDS FROM COUNT ADDRESS...
 *
 * Asks each ADDRESS (IPv4) once a second, in turn from COUNT addresses that begin at FROM, so that
 * no server gets more questions from one client than it likes.  WAIT seconds later (a busy machine
 * may take so long to answer) it prints a line: the second, how many servers were usable in it, and
 * which were not.  A server is usable when it answered the question of that second, is
 * synchronised, and its root distance is below ntpd's limit of 1.5 s.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NTP_PORT 123
#define WAIT_MAX 60
#define SERVERS_MAX 16
#define DISTANCE_MAX_S 1.5

/* The questions of one second: a socket for each server, -1 when it has answered. */
struct second {
	long long at;
	int fds[SERVERS_MAX];
	int usable[SERVERS_MAX];
};

static int
ask(const char *to, uint32_t from)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(NTP_PORT) };
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr = { htonl(from) } };
	unsigned char bytes[48] = { 0x23 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(bytes + 40, 0x5a, 8);
	if (fd < 0 || inet_pton(AF_INET, to, &peer.sin_addr) != 1 ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0) {
		perror("usable");
		exit(2);
	}
	send(fd, bytes, sizeof(bytes), 0); /* an error counts as silence */
	return fd;
}

/* Read 16.16 fixed point, in seconds. */
static double
short_s(const unsigned char *bytes)
{
	return (bytes[0] << 8 | bytes[1]) + (bytes[2] << 8 | bytes[3]) / 65536.0;
}

static int
is_usable(const unsigned char *bytes, ssize_t len)
{
	return len >= 48 && (bytes[0] & 7) == 4 && bytes[0] >> 6 != 3 && bytes[1] > 0 &&
	    bytes[1] < 16 && short_s(bytes + 4) / 2 + short_s(bytes + 8) < DISTANCE_MAX_S;
}

/* Take the answers of all seconds that are still waited for, until the moment @next. */
static void
hear(struct second *seconds, int waiting, int count, const struct timespec *next)
{
	for (;;) {
		struct pollfd polls[WAIT_MAX * SERVERS_MAX];
		unsigned char bytes[512];
		struct timespec now;
		int left;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (int)((next->tv_sec - now.tv_sec) * 1000 +
		    (next->tv_nsec - now.tv_nsec) / 1000000);
		for (int i = 0; i < waiting * count; i++) {
			polls[i] = (struct pollfd){ seconds[i / count].fds[i % count], POLLIN, 0 };
		}
		if (left <= 0 || poll(polls, (nfds_t)(waiting * count), left) <= 0) {
			return;
		}
		for (int i = 0; i < waiting * count; i++) {
			struct second *second = &seconds[i / count];
			int *fd = &second->fds[i % count];

			if (polls[i].revents) {
				ssize_t len = recv(*fd, bytes, sizeof(bytes), 0);

				second->usable[i % count] = is_usable(bytes, len);
				close(*fd);
				*fd = -1;
			}
		}
	}
}

static void
tell(struct second *second, char **names, int count)
{
	int usable = 0;

	for (int i = 0; i < count; i++) {
		usable += second->usable[i];
		if (second->fds[i] >= 0) {
			close(second->fds[i]);
			second->fds[i] = -1;
		}
	}
	printf("%lld %d", second->at, usable);
	for (int i = 0; i < count; i++) {
		if (!second->usable[i]) {
			printf(" %s", names[i]);
		}
	}
	putchar('\n');
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	static struct second seconds[WAIT_MAX];
	int count = argc - 5;
	long wait, run, addresses;
	struct timespec next;
	struct in_addr from;

	if (count < 1 || count > SERVERS_MAX || inet_pton(AF_INET, argv[3], &from) != 1) {
		fputs("usage: usable WAIT SECONDS FROM COUNT ADDRESS...\n", stderr);
		return 2;
	}
	wait = strtol(argv[1], NULL, 10);
	wait = wait < 1 ? 1 : wait > WAIT_MAX ? WAIT_MAX : wait;
	run = strtol(argv[2], NULL, 10);
	addresses = strtol(argv[4], NULL, 10);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (long second = 0; second < run + wait; second++) {
		struct second *slot = &seconds[second % wait];

		if (second >= wait) {
			tell(slot, argv + 5, count);
		}
		*slot = (struct second){ .at = (long long)time(NULL) };
		for (int i = 0; i < count; i++) {
			uint32_t own = ntohl(from.s_addr) + (uint32_t)(second % addresses);

			slot->fds[i] = second < run ? ask(argv[5 + i], own) : -1;
		}
		next.tv_sec++;
		hear(seconds, (int)(second < wait ? second + 1 : wait), count, &next);
	}
	return 0;
}
