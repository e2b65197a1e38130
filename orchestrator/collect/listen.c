#include "orchestrator/collect/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
endpoint_parse(const char *text, struct endpoint *endpoint, struct error *err)
{
	const char *colon = strrchr(text, ':');
	struct endpoint parsed = { 0 };
	char host[IP_TEXT_BYTES];
	unsigned long port;
	size_t len;
	char *end;

	if (!colon || colon[1] < '0' || colon[1] > '9') {
		return error_set(err, "\"%s\" is not ADDRESS:PORT, as 127.0.0.1:8123", text);
	}
	errno = 0;
	port = strtoul(colon + 1, &end, 10);
	if (errno || *end || port > 65535) {
		return error_set(err, "\"%s\": a port is 0 to 65535", text);
	}
	len = (size_t)(colon - text);
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	snprintf(host, sizeof(host), "%.*s", (int)len, text);
	if (len >= sizeof(host) || !ip_parse(host, &parsed.ip)) {
		return error_set(err, "\"%s\" is not an IP address (IPv6: in brackets)", host);
	}
	parsed.port = (unsigned)port;
	*endpoint = parsed;
	return 0;
}

const char *
endpoint_text(const struct endpoint *endpoint, char *out)
{
	char text[IP_TEXT_BYTES];
	bool v6 = endpoint->ip.family == IP_V6;

	snprintf(out, ENDPOINT_TEXT_BYTES, "%s%s%s:%u", v6 ? "[" : "", ip_text(&endpoint->ip, text),
	    v6 ? "]" : "", endpoint->port);
	return out;
}

static socklen_t
socket_address(const struct endpoint *endpoint, struct sockaddr_storage *address)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	if (endpoint->ip.family == IP_V6) {
		v6.sin6_port = htons((uint16_t)endpoint->port);
		memcpy(&v6.sin6_addr, endpoint->ip.bytes, 16);
		memcpy(address, &v6, sizeof(v6));
		return sizeof(v6);
	}
	v4.sin_port = htons((uint16_t)endpoint->port);
	memcpy(&v4.sin_addr, endpoint->ip.bytes, 4);
	memcpy(address, &v4, sizeof(v4));
	return sizeof(v4);
}

bool
endpoint_is_here(const struct endpoint *endpoint)
{
	struct endpoint any = { .ip = endpoint->ip };
	struct sockaddr_storage address;
	socklen_t len = socket_address(&any, &address);
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool here = fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0;

	if (fd >= 0) {
		close(fd);
	}
	return here;
}

static void
read_port(int fd, struct endpoint *endpoint)
{
	struct sockaddr_in6 bound = { 0 }; /* sockaddr_in has the port at the same place */
	socklen_t size = sizeof(bound);

	if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0) {
		endpoint->port = ntohs(bound.sin6_port);
	}
}

static int
bind_error(const struct endpoint *endpoint, const char *option, struct error *err)
{
	char text[ENDPOINT_TEXT_BYTES];
	int number = errno;

	endpoint_text(endpoint, text);
	if (number == EADDRINUSE) {
		return error_set(err,
		    "%s is taken, perhaps by another timetier serve: end that one, or choose "
		    "another with %s ADDRESS:PORT",
		    text, option);
	}
	if (number == EADDRNOTAVAIL) {
		return error_set(
		    err, "%s is no address of this machine: choose one with %s", text, option);
	}
	return error_errno(err, number, "cannot listen at %s (%s)", text, option);
}

int
listen_at(struct endpoint *endpoint, const char *option, int *fd, struct error *err)
{
	bool v6 = endpoint->ip.family == IP_V6;
	struct sockaddr_storage address;
	socklen_t len = socket_address(endpoint, &address);
	int one = 1;
	int made = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (made < 0) {
		return error_errno(err, errno, "cannot make a socket for %s", option);
	}
	setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(made, (struct sockaddr *)&address, len) < 0 || listen(made, SOMAXCONN) < 0) {
		bind_error(endpoint, option, err);
		close(made);
		return -1;
	}
	read_port(made, endpoint);
	*fd = made;
	return 0;
}
