/*
 * crowd SECONDS COUNT SERVER...: a crowd of COUNT clients, 10.9.0.1 on, asks each SERVER twice in
 * SECONDS; five more, 10.9.255.1 to 10.9.255.5, ask all the time: 0.5, 1, 2, 3 and 4 times a
 * second. Their packets are made by hand, so that no host needs the addresses.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define NTP_BYTES 48
#define SERVERS_MAX 8
#define FIRST_OF_CROWD 0x0a090001u /* 10.9.0.1 */
#define FIRST_OF_FIVE 0x0a09ff01u  /* 10.9.255.1 */

static const double rates[] = { 0.5, 1, 2, 3, 4 };

struct packet {
	struct iphdr ip;
	struct udphdr udp;
	uint8_t ntp[NTP_BYTES];
};

static double
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_BOOTTIME, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* The kernel fills in the rest of the IP header; a UDP checksum of 0 means that there is none. */
static void
ask(int fd, uint32_t from, in_addr_t to)
{
	struct packet packet = { .ip = { .version = 4,
				     .ihl = 5,
				     .ttl = 64,
				     .protocol = IPPROTO_UDP,
				     .saddr = htonl(from),
				     .daddr = to },
		.udp = { .source = htons((uint16_t)(1024 + from % 60000)),
		    .dest = htons(123),
		    .len = htons(sizeof(struct udphdr) + NTP_BYTES) },
		.ntp = { 0x23 } };
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = to };

	packet.ip.tot_len = htons(sizeof(packet));
	memset(packet.ntp + 40, 0x5a, 8);
	while (sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&address,
		   sizeof(address)) < 0) {
		if (errno != ENOBUFS && errno != EAGAIN) {
			perror("crowd: sendto");
			exit(1);
		}
	}
}

int
main(int argc, char **argv)
{
	double seconds = argc > 3 ? strtod(argv[1], NULL) : 0, begin = now(), sent[5] = { 0 };
	long count = argc > 3 ? strtol(argv[2], NULL, 10) : 0, asked = 0;
	in_addr_t servers[SERVERS_MAX];
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), server_count = argc - 3;

	if (seconds <= 0 || count < 0 || count > 60000 || server_count < 1 ||
	    server_count > SERVERS_MAX || fd < 0) {
		fprintf(stderr, "usage: crowd SECONDS COUNT SERVER...\n");
		return 2;
	}
	for (int i = 0; i < server_count; i++) {
		servers[i] = inet_addr(argv[3 + i]);
	}
	while (now() - begin < seconds) {
		double at = now() - begin;
		struct timespec pause = { .tv_nsec = 2000000 };

		/* all of them once in each half, evenly, so that no socket overflows */
		for (; asked < (long)(at / seconds * 2 * (double)count); asked++) {
			for (int i = 0; i < server_count; i++) {
				ask(fd, FIRST_OF_CROWD + (uint32_t)(asked % count), servers[i]);
			}
		}
		for (unsigned k = 0; k < 5; k++) {
			for (; sent[k] < at * rates[k]; sent[k]++) {
				for (int i = 0; i < server_count; i++) {
					ask(fd, FIRST_OF_FIVE + k, servers[i]);
				}
			}
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}
