/*
 * probe: sends one datagram to port 123 and prints what comes back.  For tests of who is answered
 * what.
 *
 *	probe time|readvar|config|monlist|peer ADDRESS [FROM [SECONDS]]
 *
 * time: a client's request (mode 3); peer: a request in symmetric active mode (mode 1); readvar:
 * status (mode 6); config: a change of the configuration (mode 6, without a key); monlist: the list
 * of clients (mode 7).  FROM: the address to ask from.
 *
 * Prints "time stratum 3", "answer 468" or, for mode 6, "answer 468 leap 3" (leap 3 means not
 * synchronised), "refused 1", or "silence".  Exits with 0 for an answer or refusal, 1 for silence,
 * 2 when it cannot ask.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define NTP_PORT 123

struct question {
	const char *name;
	unsigned char head[4];
	size_t len;
	const char *data; /* follows a mode 6 header */
};

static const struct question questions[] = {
	{ "time", { 0x23 }, 48, NULL },
	{ "peer", { 0x21, 0, 6, 0xec }, 48, NULL },
	{ "readvar", { 0x16, 2, 0, 1 }, 12, NULL },
	{ "config", { 0x16, 8, 0, 1 }, 12, "restrict default" },
	{ "monlist", { 0x17, 0, 3, 42 }, 48, NULL },
};

static const struct question *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strcmp(questions[i].name, name) == 0) {
			return &questions[i];
		}
	}
	return NULL;
}

static socklen_t
parse(const char *text, int port, struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		return sizeof(*v6);
	}
	fprintf(stderr, "probe: %s is not an address\n", text);
	exit(2);
}

static int
open_socket(const char *to, const char *from)
{
	struct sockaddr_storage peer, own;
	socklen_t len = parse(to, NTP_PORT, &peer), own_len;
	int fd = socket(peer.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		perror("probe: socket");
		exit(2);
	}
	if (from) {
		own_len = parse(from, 0, &own);
		if (bind(fd, (struct sockaddr *)&own, own_len) < 0) {
			perror("probe: bind");
			exit(2);
		}
	}
	if (connect(fd, (struct sockaddr *)&peer, len) < 0) {
		perror("probe: connect");
		exit(2);
	}
	return fd;
}

static size_t
build(const struct question *question, unsigned char *bytes)
{
	size_t len = question->len;

	memcpy(bytes, question->head, sizeof(question->head));
	if (question->data) {
		size_t data = strlen(question->data);

		bytes[11] = (unsigned char)data;
		memcpy(bytes + len, question->data, data);
		len += (data + 3) / 4 * 4;
	}
	if (question->len == 48) {
		memset(bytes + 40, 0x5a, 8); /* transmit time: any */
	}
	return len;
}

static void
print_answer(const unsigned char *bytes, ssize_t len)
{
	int mode = bytes[0] & 7;

	if (mode == 6 && len >= 12 && (bytes[1] & 0x40)) {
		printf("refused %d\n", bytes[4]);
	} else if ((mode == 4 || mode == 2) && len >= 48) {
		printf("time stratum %d\n", bytes[1]);
	} else if (mode == 6 && len >= 12) {
		printf("answer %zd leap %d\n", len, bytes[4] >> 6);
	} else {
		printf("answer %zd\n", len);
	}
}

int
main(int argc, char **argv)
{
	const struct question *question = argc >= 3 && argc <= 5 ? find(argv[1]) : NULL;
	unsigned char bytes[1500] = { 0 };
	struct timeval wait = { 2, 0 };
	ssize_t got;
	int fd;

	if (!question) {
		fputs("usage: probe time|peer|readvar|config|monlist ADDRESS [FROM [SECONDS]]\n",
		    stderr);
		return 2;
	}
	if (argc == 5) {
		wait.tv_sec = strtol(argv[4], NULL, 10);
	}
	fd = open_socket(argv[2], argc > 3 ? argv[3] : NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (send(fd, bytes, build(question, bytes), 0) < 0) {
		perror("probe: send");
		return 2;
	}
	memset(bytes, 0, sizeof(bytes));
	do {
		got = recv(fd, bytes, sizeof(bytes), 0);
	} while (got < 0 && errno == EINTR);
	close(fd);
	/* ICMP "port unreachable" comes from the kernel: the daemon did not answer */
	if (got < 0) {
		puts(errno == ECONNREFUSED ? "silence (no port)" : "silence");
		return 1;
	}
	print_answer(bytes, got);
	return 0;
}
