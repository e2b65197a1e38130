#include "agent/ask/holder.h"

#include "agent/host/accounts.h"
#include "common/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 512
#define LINES_MAX 500000 /* a user may have many sockets */

/* Whether datagrams to the loopback come to a socket with this local address, in hex. */
static bool
takes_loopback(const char *address)
{
	static const char *const taken[] = {
		"00000000", /* 0.0.0.0 */
		"0100007F",
		"7F000001",                         /* 127.0.0.1 in either byte order */
		"00000000000000000000000000000000", /* :: */
		"00000000000000000000000001000000",
		"00000000000000000000000000000001", /* ::1 */
		"0000000000000000FFFF00000100007F",
		"00000000000000000000FFFF7F000001",
	};

	for (size_t i = 0; i < COUNT(taken); i++) {
		if (strcmp(address, taken[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Returns the user ID in a line of /proc/net/udp if its socket gets what is sent to the port. */
static long
user_of(const char *line, uint16_t port)
{
	char address[33];
	unsigned number;
	long uid;

	if (sscanf(line, " %*[0-9]: %32[0-9A-F]:%4x %*s %*s %*s %*s %*s %ld", address, &number,
		&uid) != 3 ||
	    number != port || !takes_loopback(address)) {
		return HOLDER_NONE;
	}
	return uid;
}

static long
stranger_in(FILE *list, const char *root, uint16_t port, long own)
{
	struct accounts accounts = { .count = 0 };
	char line[LINE_BYTES];
	size_t count = 0;

	while (fgets(line, sizeof(line), list)) {
		long uid = user_of(line, port);

		if (uid >= 0 && accounts.count == 0) {
			accounts_read(root, &accounts);
		}
		if (uid >= 0 && uid != own && !accounts_have(&accounts, uid)) {
			return uid;
		}
		if (++count == LINES_MAX) {
			return HOLDER_UNKNOWN;
		}
	}
	return HOLDER_NONE;
}

long
holder_stranger(const char *root, uint16_t port, long own)
{
	static const char *const lists[] = { "udp", "udp6" };
	long found = HOLDER_NONE;

	for (size_t i = 0; i < COUNT(lists) && found == HOLDER_NONE; i++) {
		char path[PATH_MAX];
		FILE *list = NULL;
		int fd;

		snprintf(path, sizeof(path), "%s/proc/net/%s", root, lists[i]);
		fd = file_open_plain(path, 0, NULL);
		if (fd >= 0 && !(list = fdopen(fd, "r"))) {
			close(fd);
		}
		if (list) {
			found = stranger_in(list, root, port, own);
			fclose(list);
		}
	}
	return found;
}
