/* What a time server of a test tells beside the time, as an old or wrongly configured one does. */
#include "tests/fleet/timeserver.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ITEM_BYTES 72
#define ITEMS 6 /* in a packet, as ntp 4.2.6 sends them */

static void
reply(int fd, const struct sockaddr_in6 *to, const unsigned char *bytes, size_t len)
{
	sendto(fd, bytes, len, 0, (const struct sockaddr *)to, sizeof(*to));
}

/* Variables, as to ntpq: `mode6`.  A change is refused. */
static void
tell_status(int fd, const struct sockaddr_in6 *to, const unsigned char *question)
{
	static const char text[] =
	    "version=\"ntpd 4.2.6p5@1.2349-o\", processor=\"x86_64\", system=\"Linux/3.2.0\", "
	    "leap=0, stratum=2, precision=-20, rootdelay=0.5, rootdisp=2.5, refid=192.0.2.201";
	unsigned char answer[512] = { 0 };
	size_t len = sizeof(text) - 1;

	memcpy(answer, question, 12);
	answer[1] |= 0x80;
	if (question[1] != 2) { /* permission denied */
		answer[1] |= 0x40;
		answer[4] = 1;
		reply(fd, to, answer, 12);
		return;
	}
	answer[10] = (unsigned char)(len >> 8);
	answer[11] = (unsigned char)len;
	memcpy(answer + 12, text, len);
	reply(fd, to, answer, 12 + (len + 3) / 4 * 4);
}

/* So many clients, as to ntpdc: `mode7 N`. */
static void
list_clients(int fd, const struct sockaddr_in6 *to, const unsigned char *question, unsigned count)
{
	unsigned packets = (count + ITEMS - 1) / ITEMS;

	for (unsigned i = 0; i < packets; i++) {
		unsigned items = i + 1 < packets ? ITEMS : count - i * ITEMS;
		unsigned char answer[8 + ITEMS * ITEM_BYTES] = { 0x97, (unsigned char)i,
			question[2], question[3], 0, (unsigned char)items, 0, ITEM_BYTES };

		answer[0] |= i + 1 < packets ? 0x40 : 0;
		for (unsigned k = 0; k < items; k++) {
			unsigned char *item = answer + 8 + k * ITEM_BYTES;

			item[15] = 9;                         /* packets */
			memcpy(item + 16, "\xc6\x33\x64", 3); /* 198.51.100.x */
			item[19] = (unsigned char)(1 + (i * ITEMS + k) % 250);
			memcpy(item + 20, "\xc0\x00\x02\x01\0\0\0\1", 8); /* to us, by unicast */
			item[30] = 3;
			item[31] = 4;
		}
		reply(fd, to, answer, 8 + items * ITEM_BYTES);
	}
}

bool
doors_answer(int fd, const struct rule *rule, const struct sockaddr_in6 *to,
    const unsigned char *question, size_t len)
{
	int mode = len > 0 ? question[0] & 7 : 0;

	if (mode == 6 && rule->mode6 && len >= 12) {
		tell_status(fd, to, question);
	} else if (mode == 7 && rule->mode7 > 0 && len >= 8 && question[3] == 42) {
		list_clients(fd, to, question, (unsigned)rule->mode7);
	} else if (mode == 7 && rule->mode7 > 0 && len >= 8) {
		unsigned char no[8] = { 0x97, 0, question[2], question[3], 0x40 };

		reply(fd, to, no, sizeof(no)); /* no data */
	} else if (mode == 3 && rule->garbage) {
		reply(fd, to, (const unsigned char *)"what is this?", 13);
	} else {
		return mode == 6 || mode == 7;
	}
	return true;
}

int
doors_socket(const struct rule *rule)
{
	struct sockaddr_in6 at = {
		.sin6_family = AF_INET6, .sin6_addr = rule->elsewhere, .sin6_port = htons(NTP_PORT)
	};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), zero = 0, one = 1;

	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		perror("elsewhere");
	}
	return fd;
}
