#include "tests/fake_collector.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
	SSL_CTX *tls;
	int listener;
	enum fake_habit habit;
	int answers[FAKE_ANSWERS_MAX];
	size_t count, next;
	struct fake_traffic *traffic;
};

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "fake collector: %s\n", what);
		abort();
	}
}

static EVP_PKEY *
make_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	must(EVP_PKEY_keygen_init(context) == 1 &&
		EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1 &&
		EVP_PKEY_keygen(context, &key) == 1,
	    "no key");
	EVP_PKEY_CTX_free(context);
	return key;
}

static X509 *
make_certificate(EVP_PKEY *key, uint8_t *pin)
{
	X509 *certificate = X509_new();
	unsigned char *bytes = NULL;
	int len;

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20000101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(certificate), "20010101000000Z");
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
	    (const unsigned char *)"elsewhere.example", -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	X509_set_pubkey(certificate, key);
	must(X509_sign(certificate, key, EVP_sha256()) > 0, "no certificate");
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &bytes);
	must(len > 0, "no key bytes");
	SHA256(bytes, (size_t)len, pin);
	OPENSSL_free(bytes);
	return certificate;
}

static void
listen_somewhere(struct server *server, char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(bind(server->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		listen(server->listener, 8) == 0 &&
		getsockname(server->listener, (struct sockaddr *)&address, &len) == 0,
	    "no port");
	snprintf(port, 8, "%u", ntohs(address.sin_port));
}

/* Read one request, head and body; false: no more requests come. */
static bool
read_request(SSL *tls, char *request, size_t size)
{
	size_t len = 0, whole = 0;

	while (len < size - 1) {
		int got = SSL_read(tls, request + len, (int)(size - 1 - len));
		const char *body, *length;

		if (got <= 0) {
			return false;
		}
		len += (size_t)got;
		request[len] = '\0';
		body = strstr(request, "\r\n\r\n");
		length = strstr(request, "Content-Length: ");
		if (body && length) {
			whole = (size_t)(body + 4 - request) + strtoul(length + 16, NULL, 10);
		}
		if (whole > 0 && len >= whole) {
			return true;
		}
	}
	return false;
}

static void
answer(struct server *server, SSL *tls)
{
	int status = server->answers[server->next];
	char text[256];

	server->next += server->next + 1 < server->count;
	if (status == 0) {
		snprintf(text, sizeof(text), "220 mail.example ESMTP\r\n\r\n");
	} else if (status == 204) {
		snprintf(text, sizeof(text), "HTTP/1.1 204 No Content\r\n%s\r\n",
		    server->habit == FAKE_SAYS_CLOSE ? "Connection: close\r\n" : "");
	} else {
		snprintf(text, sizeof(text), "HTTP/1.1 %d Sorry\r\nContent-Length: 5\r\n\r\nsorry",
		    status);
	}
	SSL_write(tls, text, (int)strlen(text));
}

static void
serve_tls(struct server *server, int fd)
{
	SSL *tls = SSL_new(server->tls);

	SSL_set_fd(tls, fd);
	if (SSL_accept(tls) == 1) {
		server->traffic->handshakes++;
		while (
		    read_request(tls, server->traffic->latest, sizeof(server->traffic->latest))) {
			server->traffic->requests++;
			answer(server, tls);
			if (server->habit != FAKE_KEEPS) {
				break;
			}
		}
	}
	SSL_free(tls);
}

static void
serve(struct server *server)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(server->listener, NULL, NULL);

		must(fd >= 0, "accept");
		server->traffic->connections++;
		if (server->habit == FAKE_SPEAKS_NO_TLS) {
			must(write(fd, "220 hello\r\n", 11) == 11, "write");
		} else {
			serve_tls(server, fd);
		}
		close(fd);
	}
}

void
fake_collector_start(
    struct fake_collector *collector, enum fake_habit habit, const int *answers, size_t count)
{
	struct server server = { .habit = habit, .count = count };
	X509 *certificate;
	EVP_PKEY *key;

	memcpy(server.answers, answers, count * sizeof(*answers));
	server.traffic = mmap(NULL, sizeof(*server.traffic), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(server.traffic != MAP_FAILED, "no memory");
	collector->traffic = server.traffic;
	key = make_key();
	certificate = make_certificate(key, collector->pin);
	server.tls = SSL_CTX_new(TLS_server_method());
	must(SSL_CTX_use_certificate(server.tls, certificate) == 1 &&
		SSL_CTX_use_PrivateKey(server.tls, key) == 1,
	    "no TLS");
	listen_somewhere(&server, collector->port);
	collector->pid = fork();
	must(collector->pid >= 0, "fork");
	if (collector->pid == 0) {
		serve(&server);
	}
	close(server.listener);
	SSL_CTX_free(server.tls);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

void
fake_collector_stop(struct fake_collector *collector)
{
	kill(collector->pid, SIGKILL);
	waitpid(collector->pid, NULL, 0);
	munmap(collector->traffic, sizeof(*collector->traffic));
}
