#include "orchestrator/identity/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define WAIT_MS 2000
#define SCHEME "https://"

/* Part @url into @host and @port, of 256 and 8 bytes. */
static bool
split(const char *url, char *host, char *port)
{
	const char *from = url + strlen(SCHEME), *colon = strrchr(url, ':');
	size_t len;

	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0 || !colon || colon <= from) {
		return false;
	}
	len = (size_t)(colon - from);
	if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
		from++;
		len -= 2;
	}
	if (len == 0 || len >= 256 || strlen(colon + 1) >= 8) {
		return false;
	}
	memcpy(host, from, len);
	host[len] = '\0';
	snprintf(port, 8, "%s", colon + 1);
	return true;
}

static bool
is_connected(int fd, const struct addrinfo *address)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	int failed = 0;
	socklen_t len = sizeof(failed);

	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0) {
		return true;
	}
	return errno == EINPROGRESS && poll(&poll_fd, 1, WAIT_MS) == 1 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &len) == 0 && failed == 0;
}

/* A connected socket on which no call waits long, or -1. */
static int
connect_to(const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const struct timeval wait = { .tv_sec = WAIT_MS / 1000 };
	struct addrinfo *found = NULL;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &found) != 0) {
		return -1;
	}
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    (!is_connected(fd, found) || fcntl(fd, F_SETFL, 0) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

/* Nobody is trusted here: whoever answers is only asked for the key that it has. */
static bool
shake_hands(int fd, char *pin)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl = context ? SSL_new(context) : NULL;
	X509 *certificate = NULL;
	EVP_PKEY *key;
	bool told = false;

	if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1) {
		certificate = SSL_get1_peer_certificate(ssl);
		key = certificate ? X509_get0_pubkey(certificate) : NULL;
		told = key && pin_of_key(key, pin) == 0;
	}
	X509_free(certificate);
	SSL_free(ssl);
	SSL_CTX_free(context);
	return told;
}

bool
probe_pin(const char *url, char *pin)
{
	char host[256], port[8];
	bool told = false;
	int fd;

	if (!split(url, host, port)) {
		return false;
	}
	fd = connect_to(host, port);
	if (fd >= 0) {
		told = shake_hands(fd, pin);
		close(fd);
	}
	return told;
}
