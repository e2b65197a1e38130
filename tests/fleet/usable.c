/*
 * usable: how many servers a client could use, each second.  For tests that restart servers.
 *
 *	usable SECONDS FROM COUNT ADDRESS...
 *
 * Asks each ADDRESS (IPv4) once a second, in turn from COUNT addresses upwards of FROM, so that
 *nobody is asked by one client more often than it likes.  Prints a line a second: seconds since the
 *epoch, how many are usable, and which are not.  Usable: it answers within 0.7 s, is synchronised,
 *and its root distance is below ntpd's 1.5 s.
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
#define WAIT_MS 700
#define SERVERS_MAX 16
#define DISTANCE_MAX_S 1.5

struct server {
	const char *name;
	int fd;
	int usable;
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
	send(fd, bytes, sizeof(bytes), 0); /* a refusal is silence */
	return fd;
}

/* 16.16 fixed point. */
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

static void
hear(struct server *servers, int count)
{
	struct timespec start, now;
	unsigned char bytes[512];
	int left = WAIT_MS, open = count;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (left > 0 && open > 0) {
		struct pollfd polls[SERVERS_MAX];

		for (int i = 0; i < count; i++) {
			polls[i] = (struct pollfd){ servers[i].fd, POLLIN, 0 };
		}
		poll(polls, (nfds_t)count, left);
		for (int i = 0; i < count; i++) {
			if (servers[i].fd >= 0 && polls[i].revents) {
				ssize_t len = recv(servers[i].fd, bytes, sizeof(bytes), 0);

				servers[i].usable = is_usable(bytes, len);
				close(servers[i].fd);
				servers[i].fd = -1;
				open--;
			}
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		left = WAIT_MS -
		    (int)((now.tv_sec - start.tv_sec) * 1000 +
			(now.tv_nsec - start.tv_nsec) / 1000000);
	}
}

static void
tell(struct server *servers, int count)
{
	int usable = 0;

	for (int i = 0; i < count; i++) {
		usable += servers[i].usable;
		if (servers[i].fd >= 0) {
			close(servers[i].fd);
		}
	}
	printf("%lld %d", (long long)time(NULL), usable);
	for (int i = 0; i < count; i++) {
		if (!servers[i].usable) {
			printf(" %s", servers[i].name);
		}
	}
	putchar('\n');
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct server servers[SERVERS_MAX];
	int seconds, addresses, count = argc - 4;
	struct timespec next;
	struct in_addr from;

	if (count < 1 || count > SERVERS_MAX || inet_pton(AF_INET, argv[2], &from) != 1) {
		fputs("usage: usable SECONDS FROM COUNT ADDRESS...\n", stderr);
		return 2;
	}
	seconds = (int)strtol(argv[1], NULL, 10);
	addresses = (int)strtol(argv[3], NULL, 10);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int second = 0; second < seconds; second++) {
		for (int i = 0; i < count; i++) {
			uint32_t own = ntohl(from.s_addr) + (uint32_t)(second % addresses);

			servers[i] = (struct server){ argv[4 + i], ask(argv[4 + i], own), 0 };
		}
		hear(servers, count);
		tell(servers, count);
		next.tv_sec++;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return 0;
}
