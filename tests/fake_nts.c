#include "tests/fake_nts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct server {
	SSL_CTX *tls;
	int listener;
	enum fake_nts_habit habit;
};

static EVP_PKEY *authority_key;
static X509 *authority;

static void
must(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "fake NTS server: %s\n", what);
		abort();
	}
}

static X509 *
make_certificate(EVP_PKEY *key, const char *common_name, int64_t from_s, int64_t until_s)
{
	X509 *certificate = X509_new();

	must(certificate && key, "no certificate");
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1 + random());
	ASN1_TIME_set(X509_getm_notBefore(certificate), time(NULL) + from_s);
	ASN1_TIME_set(X509_getm_notAfter(certificate), time(NULL) + until_s);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
	    (const unsigned char *)common_name, -1, -1, 0);
	X509_set_pubkey(certificate, key);
	return certificate;
}

static void
extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	must(extension && X509_add_ext(certificate, extension, -1) == 1, "no extension");
	X509_EXTENSION_free(extension);
}

static void
sign(X509 *certificate, const X509 *issuer, EVP_PKEY *key)
{
	X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
	must(X509_sign(certificate, key, EVP_sha256()) > 0, "no signature");
}

void
fake_nts_authority(const char *path)
{
	FILE *file = fopen(path, "w");

	authority_key = EVP_EC_gen("P-256");
	authority = make_certificate(authority_key, "authority of the test", -86400, 864000);
	extend(authority, NID_basic_constraints, "critical,CA:TRUE");
	sign(authority, authority, authority_key);
	must(file && PEM_write_X509(file, authority) == 1 && fclose(file) == 0, path);
	setenv("SSL_CERT_FILE", path, 1);
}

static void
prepare(struct server *server, const struct fake_nts_paper *paper)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key, "common.example", paper->from_s, paper->until_s);

	if (paper->name) {
		extend(certificate, NID_subject_alt_name, paper->name);
	}
	sign(certificate, paper->self_signed ? certificate : authority,
	    paper->self_signed ? key : authority_key);
	server->tls = SSL_CTX_new(TLS_server_method());
	must(server->tls && SSL_CTX_use_certificate(server->tls, certificate) == 1 &&
		SSL_CTX_use_PrivateKey(server->tls, key) == 1,
	    "no TLS");
	if (server->habit == FAKE_NTS_OLD) {
		SSL_CTX_set_max_proto_version(server->tls, TLS1_2_VERSION);
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static int
choose_alpn(SSL *tls UNUSED, const unsigned char **out, unsigned char *len, const unsigned char *in,
    unsigned in_len, void *ctx UNUSED)
{
	must(in_len == 8 && memcmp(in, "\x07ntske/1", 8) == 0, "another protocol is asked for");
	*out = in + 1;
	*len = 7;
	return SSL_TLSEXT_ERR_OK;
}

static void
wait_for_end(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof(bytes)) > 0) {
	}
}

static void
drip(int fd)
{
	static const char head[] = { 0x16, 3, 3, 0x3f, 0 }; /* a record of 16,128 bytes begins */
	const struct timespec pause = { .tv_nsec = 10000000 };

	for (size_t i = 0; send(fd, i < sizeof(head) ? &head[i] : "\2", 1, MSG_NOSIGNAL) == 1;
	     i++) {
		nanosleep(&pause, NULL);
	}
}

static void
reply(const struct server *server, SSL *tls, int fd)
{
	static const unsigned char good[] = { 0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0, 5, 0, 4,
		1, 2, 3, 4, 0, 5, 0, 4, 5, 6, 7, 8, 0x80, 0, 0, 0 };
	static const unsigned char poor[] = { 0x80, 1, 0, 2, 0, 0, 0x80, 4, 0, 2, 0, 15, 0x80, 0, 0,
		0 };
	static const unsigned char refusal[] = { 0x80, 2, 0, 2, 0, 1, 0x80, 0, 0, 0 };
	static const unsigned char warning[] = { 0, 3, 0, 2, 0, 0 };

	if (server->habit == FAKE_NTS_HTTP) {
		SSL_write(tls, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
	} else if (server->habit == FAKE_NTS_ENDLESS) {
		while (SSL_write(tls, warning, sizeof(warning)) > 0) {
		}
	} else if (server->habit == FAKE_NTS_REFUSES) {
		SSL_write(tls, refusal, sizeof(refusal));
	} else if (server->habit == FAKE_NTS_NO_COOKIES) {
		SSL_write(tls, poor, sizeof(poor));
	} else if (server->habit == FAKE_NTS_SILENT_LATER) {
		wait_for_end(fd);
	} else {
		SSL_write(tls, good, 10); /* in two pieces */
		SSL_write(tls, good + 10, sizeof(good) - 10);
	}
}

static void
serve_tls(const struct server *server, int fd)
{
	SSL *tls = SSL_new(server->tls);
	char question[64];

	if (server->habit != FAKE_NTS_HTTP && server->habit != FAKE_NTS_OLD) {
		SSL_CTX_set_alpn_select_cb(server->tls, choose_alpn, NULL);
	}
	SSL_set_fd(tls, fd);
	/* who does not trust the certificate says so by going */
	if (SSL_accept(tls) == 1 &&
	    (server->habit == FAKE_NTS_HTTP || SSL_read(tls, question, sizeof(question)) > 0) &&
	    server->habit != FAKE_NTS_CUTS_LATER && server->habit != FAKE_NTS_BREAKS) {
		reply(server, tls, fd);
	}
	SSL_free(tls);
}

static void
serve_one(const struct server *server, int fd)
{
	const struct linger reset = { .l_onoff = 1 };

	if (server->habit == FAKE_NTS_SILENT) {
		wait_for_end(fd);
	} else if (server->habit == FAKE_NTS_GARBAGE) {
		must(write(fd, "220 mail.example ESMTP\r\n", 24) == 24, "write");
		wait_for_end(fd);
	} else if (server->habit == FAKE_NTS_DRIPS) {
		drip(fd);
	} else if (server->habit == FAKE_NTS_CUTS) {
		shutdown(fd, SHUT_WR);
		wait_for_end(fd); /* what is not read when it is closed resets it */
	} else {
		serve_tls(server, fd);
	}
	if (server->habit == FAKE_NTS_BREAKS) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	}
	close(fd);
}

static void
serve(const struct server *server)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = accept(server->listener, NULL, NULL);

		must(fd >= 0, "accept");
		serve_one(server, fd);
	}
}

void
fake_nts_start(struct fake_nts *nts, enum fake_nts_habit habit, const struct fake_nts_paper *paper)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct server server = { .habit = habit };
	socklen_t len = sizeof(address);

	prepare(&server, paper);
	server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(bind(server.listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		listen(server.listener, 8) == 0 &&
		getsockname(server.listener, (struct sockaddr *)&address, &len) == 0,
	    "no port");
	nts->port = ntohs(address.sin_port);
	nts->pid = fork();
	must(nts->pid >= 0, "fork");
	if (nts->pid == 0) {
		serve(&server);
	}
	close(server.listener);
	SSL_CTX_free(server.tls);
}

void
fake_nts_stop(const struct fake_nts *nts)
{
	kill(nts->pid, SIGKILL);
	waitpid(nts->pid, NULL, 0);
}
