/*
 * The attack on a collector that costs nothing: holds connections that say nothing.
 *
 *   holder PORT COUNT ADDRESSES
 *
 * COUNT connections to 127.0.0.1:PORT from so many addresses of 127.1.0.0/16; those that are closed
 * are opened again.  Says "held" when all were opened, and goes on until it is ended.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int
open_one(unsigned port, unsigned address)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd < 0) {
		return -1;
	}
	from.sin_addr.s_addr = htonl(0x7f010001u + address);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)) < 0 ||
	    (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)) {
		close(fd);
		return -1;
	}
	return fd;
}

int
main(int argc, char **argv)
{
	unsigned port, count, addresses, fails = 0;
	struct rlimit limit;
	struct pollfd *held;

	if (argc != 4) {
		return 2;
	}
	port = (unsigned)strtoul(argv[1], NULL, 10);
	count = (unsigned)strtoul(argv[2], NULL, 10);
	addresses = (unsigned)strtoul(argv[3], NULL, 10);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	held = calloc(count, sizeof(*held));
	for (unsigned i = 0; i < count; i++) {
		held[i] = (struct pollfd){ .fd = open_one(port, i % addresses), .events = POLLIN };
		fails += held[i].fd < 0;
	}
	printf(
	    fails ? "%u of %u could not be opened: %s\n" : "held\n", fails, count, strerror(errno));
	fflush(stdout);
	while (poll(held, count, -1) >= 0) {
		unsigned again = 0;

		for (unsigned i = 0; i < count && again < 200; i++) {
			if (held[i].revents) {
				close(held[i].fd);
				held[i].fd = open_one(port, i % addresses);
				again++;
			}
		}
		usleep(100000); /* 2,000 a second */
	}
	return 1;
}
