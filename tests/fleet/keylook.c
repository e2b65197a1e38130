/*
 * keylook SIBLING...: for each line that it reads, asks this host's ntpd for its associations and
 * prints what it says of each sibling, `SIBLING REACH ok|bad`, and then an empty line.  ok: its
 * packets are authenticated.  It stays, as a process for each look costs more than the look.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/ntp/mode6.h"

#define NTP_PORT 123
#define ANSWER_US 300000 /* a daemon on this host answers within 1 ms */
#define ASSOCIATIONS_MAX 64
#define AUTHENTIC 0x2000  /* in the status of an association: RFC 9327 section 3.2 */
#define FLASH_AUTH 0x0010 /* the latest packet failed its authentication */

static struct mode6_answer answer;

/* Ask, and wait for the whole answer. */
static bool
asked(enum mode6_opcode opcode, uint16_t association)
{
	static uint16_t sequence;
	struct sockaddr_in daemon = { .sin_family = AF_INET, .sin_port = htons(NTP_PORT) };
	struct timeval patience = { .tv_usec = ANSWER_US };
	enum mode6_progress progress = MODE6_MORE;
	uint8_t bytes[1024];
	ssize_t len;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* none keeps a late answer */

	daemon.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sequence++;
	mode6_request(bytes, opcode, sequence, association);
	mode6_expect(&answer, opcode, sequence, association);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	len = connect(fd, (const struct sockaddr *)&daemon, sizeof(daemon)) == 0
	    ? send(fd, bytes, MODE6_HEADER_BYTES, 0)
	    : -1;
	while (len >= 0 && (progress == MODE6_MORE || progress == MODE6_IGNORED)) {
		len = recv(fd, bytes, sizeof(bytes), 0);
		progress = len < 0 ? MODE6_REFUSED : mode6_feed(&answer, bytes, (size_t)len);
	}
	close(fd);
	return progress == MODE6_DONE;
}

/* Print what @answer says, if it is of one of these siblings that was not @told yet. */
static void
tell(char **siblings, int count, bool *told)
{
	const char *text = (const char *)answer.data, *end = text + answer.len;
	struct mode6_variable variable;
	unsigned long reach = 0, key = 0, flash = 0;
	char address[256] = "";

	while (mode6_next_variable(&text, end, &variable)) {
		unsigned long number = strtoul(variable.value, NULL, 0);

		if (strcmp(variable.name, "srcadr") == 0) {
			memcpy(address, variable.value, sizeof(address));
		} else if (strcmp(variable.name, "reach") == 0) {
			reach = number;
		} else if (strcmp(variable.name, "keyid") == 0) {
			key = number;
		} else if (strcmp(variable.name, "flash") == 0) {
			flash = number;
		}
	}
	for (int i = 0; i < count; i++) {
		if (!told[i] && strcmp(siblings[i], address) == 0) {
			bool good =
			    key != 0 && !(flash & FLASH_AUTH) && (answer.status & AUTHENTIC);

			printf("%s %lu %s\n", address, reach, good ? "ok" : "bad");
			told[i] = true;
		}
	}
}

static void
look(char **siblings, int count)
{
	static struct mode6_association list[ASSOCIATIONS_MAX];
	bool told[ASSOCIATIONS_MAX] = { false };
	size_t found = 0;

	if (asked(MODE6_READ_STATUS, 0)) {
		found = mode6_associations(&answer, list, ASSOCIATIONS_MAX);
	}
	for (size_t i = 0; i < found; i++) {
		if (asked(MODE6_READ_VARIABLES, list[i].id)) {
			tell(siblings, count, told);
		}
	}
	printf("\n");
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	char line[80];

	if (argc < 2 || argc - 1 > ASSOCIATIONS_MAX) {
		fprintf(stderr, "usage: keylook SIBLING...\n");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin)) {
		look(argv + 1, argc - 1);
	}
	return 0;
}
