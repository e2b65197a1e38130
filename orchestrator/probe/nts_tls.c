#include "orchestrator/probe/nts_tls.h"

#include "common/address.h"
#include "common/buf.h"
#include "common/shown.h"
#include "orchestrator/probe/nts.h"
#include "orchestrator/probe/nts_certificate.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nts_tls {
	uv_loop_t *loop;
	char name[256];
	unsigned limit_ms;
	struct probe_nts *result;
	nts_tls_done done;
	void *ctx;
	uv_getaddrinfo_t lookup;
	bool looking, closing, asked, over;
	uv_timer_t timer;
	uv_tcp_t socket;
	uv_connect_t connecting;
	unsigned open; /* handles that are not closed yet */
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
	struct buf plain;
};

struct write {
	uv_write_t request;
	char bytes[];
};

static void
free_if_idle(struct nts_tls *tls)
{
	if (tls->open == 0 && !tls->looking) { /* a lookup cannot be interrupted */
		SSL_free(tls->ssl);
		SSL_CTX_free(tls->context);
		buf_free(&tls->plain);
		free(tls);
	}
}

static void
on_closed(uv_handle_t *handle)
{
	struct nts_tls *tls = handle->data;

	tls->open--;
	if (tls->open == 0) {
		tls->done(tls->ctx);
	}
	free_if_idle(tls);
}

static void
finish(struct nts_tls *tls)
{
	if (tls->closing) {
		return;
	}
	tls->closing = true;
	if (tls->looking) {
		uv_cancel((uv_req_t *)&tls->lookup);
	}
	uv_close((uv_handle_t *)&tls->timer, on_closed);
	uv_close((uv_handle_t *)&tls->socket, on_closed);
}

static void
fail(struct nts_tls *tls, enum nts_state state, const char *what, const char *why)
{
	char words[sizeof(tls->result->words)];

	if (!tls->closing && !tls->over) {
		tls->over = true;
		tls->result->state = state;
		snprintf(words, sizeof(words), "%s%s%s", what, why ? ": " : "", why ? why : "");
		shown_copy(tls->result->words, sizeof(tls->result->words), words);
	}
	finish(tls);
}

static void
fail_tls(struct nts_tls *tls)
{
	unsigned long code = ERR_get_error();

	if (code == 0) {
		fail(tls, NTS_CUT, "NTS: its TLS ends early", NULL);
	} else {
		fail(tls, NTS_FOREIGN, "NTS: what listens there does not speak it",
		    ERR_reason_error_string(code));
	}
	ERR_clear_error();
}

static void
on_time(uv_timer_t *timer)
{
	struct nts_tls *tls = timer->data;
	char words[64];

	snprintf(words, sizeof(words), "NTS: no answer within %g s", tls->limit_ms / 1e3);
	fail(tls, NTS_SILENT, words, NULL);
}

static void
on_written(uv_write_t *request, int status)
{
	struct nts_tls *tls = request->data;

	free(request);
	if (status < 0) {
		fail(tls, NTS_CUT, "NTS: it ends the connection", NULL);
	}
}

/* Send what TLS has to say. */
static void
flush(struct nts_tls *tls)
{
	char chunk[4096];
	int got;

	while ((got = BIO_read(tls->out, chunk, sizeof(chunk))) > 0) {
		struct write *write = malloc(sizeof(*write) + (size_t)got);
		uv_buf_t buf;

		if (!write) {
			abort();
		}
		memcpy(write->bytes, chunk, (size_t)got);
		write->request.data = tls;
		buf = uv_buf_init(write->bytes, (unsigned)got);
		if (uv_write(&write->request, (uv_stream_t *)&tls->socket, &buf, 1, on_written) <
		    0) {
			free(write);
		}
	}
}

static bool
check_certificate(struct nts_tls *tls)
{
	X509 *certificate = SSL_get1_peer_certificate(tls->ssl);
	long verified = SSL_get_verify_result(tls->ssl);

	if (!certificate) {
		fail(tls, NTS_UNTRUSTED, "NTS: it shows no certificate", NULL);
		return false;
	}
	nts_certificate_judge(certificate, verified, tls->name, tls->result);
	X509_free(certificate);
	if (tls->result->state != NTS_GOOD) {
		tls->over = true;
		finish(tls);
		return false;
	}
	tls->result->state = NTS_SILENT; /* until it answers */
	return true;
}

static bool
has_alpn(const struct nts_tls *tls)
{
	const unsigned char *alpn = NULL;
	unsigned len = 0;

	SSL_get0_alpn_selected(tls->ssl, &alpn, &len);
	return len == strlen(NTS_ALPN) && memcmp(alpn, NTS_ALPN, len) == 0;
}

/* The handshake is done: check who that is, and put the question. */
static void
put_question(struct nts_tls *tls)
{
	uint8_t bytes[NTS_REQUEST_BYTES];

	tls->asked = true;
	if (!check_certificate(tls)) {
		return;
	}
	if (!has_alpn(tls)) {
		fail(tls, NTS_FOREIGN, "NTS: what listens there does not speak it", NULL);
		return;
	}
	nts_request(bytes);
	if (SSL_write(tls->ssl, bytes, sizeof(bytes)) != (int)sizeof(bytes)) {
		fail_tls(tls);
	}
}

static void
read_answer(struct nts_tls *tls)
{
	struct nts_answer answer;
	struct error err;
	int got =
	    nts_answer_read((const uint8_t *)buf_str(&tls->plain), tls->plain.len, &answer, &err);

	if (got < 0 || tls->plain.overflowed) {
		fail(tls, NTS_REFUSED, "NTS", got < 0 ? err.text : "its answer has no end");
	} else if (got > 0) {
		tls->over = true;
		tls->result->state = NTS_GOOD;
		tls->result->cookies = answer.cookies;
		tls->result->port = answer.port;
		memcpy(tls->result->server, answer.server, sizeof(answer.server));
		finish(tls);
	}
}

/* Let TLS take what came. */
static void
advance(struct nts_tls *tls)
{
	char chunk[4096];
	int got;

	ERR_clear_error();
	got = SSL_do_handshake(tls->ssl);
	if (got == 1 && !tls->asked) {
		put_question(tls);
	}
	while (got == 1 && !tls->closing) {
		int len = SSL_read(tls->ssl, chunk, sizeof(chunk));

		if (len <= 0) {
			got = len;
			break;
		}
		buf_add(&tls->plain, chunk, (size_t)len);
	}
	flush(tls);
	if (tls->closing) {
		return;
	}
	if (tls->plain.len > 0) {
		read_answer(tls);
	}
	if (!tls->closing && SSL_get_error(tls->ssl, got) != SSL_ERROR_WANT_READ) {
		fail_tls(tls);
	}
}

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char bytes[16384]; /* one loop, and what is read is used at once */

	*buf = uv_buf_init(bytes, sizeof(bytes));
}

static void
on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct nts_tls *tls = stream->data;

	if (tls->closing || got == 0) {
		return;
	}
	if (got < 0) {
		fail(tls, NTS_CUT, "NTS",
		    got == UV_EOF || got == UV_ECONNRESET ? "it ends the connection"
							  : uv_strerror((int)got));
		return;
	}
	if (BIO_write(tls->in, buf->base, (int)got) != (int)got) {
		abort(); /* out of memory */
	}
	advance(tls);
}

static bool
prepare(struct nts_tls *tls)
{
	static const unsigned char alpn[] = "\x07" NTS_ALPN;
	struct ip ip;

	tls->context = SSL_CTX_new(TLS_client_method());
	if (!tls->context || !SSL_CTX_set_min_proto_version(tls->context, TLS1_3_VERSION) ||
	    !SSL_CTX_set_default_verify_paths(tls->context)) {
		return false;
	}
	/* the handshake goes on with a bad certificate, whose dates are told then */
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_NONE, NULL);
	tls->ssl = SSL_new(tls->context);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	if (!tls->ssl || !tls->in || !tls->out) {
		abort();
	}
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_connect_state(tls->ssl);
	SSL_set_alpn_protos(tls->ssl, alpn, sizeof(alpn) - 1);
	if (ip_parse(tls->name, &ip)) {
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls->ssl), tls->name) == 1;
	}
	/* the macro for this casts the const away */
	SSL_ctrl(tls->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, tls->name);
	return SSL_set1_host(tls->ssl, tls->name) == 1;
}

static void
on_connected(uv_connect_t *request, int status)
{
	struct nts_tls *tls = request->data;

	if (tls->closing) {
		return;
	}
	if (status < 0) {
		fail(tls, NTS_SILENT, "NTS: nobody answers there",
		    status == UV_ECONNREFUSED ? "nothing listens" : uv_strerror(status));
		return;
	}
	if (!prepare(tls)) {
		fail_tls(tls);
		return;
	}
	uv_read_start((uv_stream_t *)&tls->socket, on_alloc, on_read);
	advance(tls);
}

static void
on_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
	struct nts_tls *tls = request->data;

	tls->looking = false;
	if (tls->closing) {
		free_if_idle(tls);
	} else if (status < 0) {
		fail(tls, NTS_SILENT, "NTS: its name does not resolve", uv_strerror(status));
	} else {
		tls->connecting.data = tls;
		status =
		    uv_tcp_connect(&tls->connecting, &tls->socket, list->ai_addr, on_connected);
		if (status < 0) {
			fail(tls, NTS_SILENT, "NTS", uv_strerror(status));
		}
	}
	uv_freeaddrinfo(list);
}

void
nts_tls_start(uv_loop_t *loop, const struct nts_tls_place *place, struct probe_nts *result,
    nts_tls_done done, void *ctx)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct nts_tls *tls = calloc(1, sizeof(*tls));
	char service[8];
	int status;

	if (!tls) {
		abort();
	}
	*tls = (struct nts_tls){ .loop = loop,
		.limit_ms = place->limit_ms,
		.result = result,
		.done = done,
		.ctx = ctx,
		.open = 2,
		.plain = { .limit_bytes = NTS_ANSWER_BYTES_MAX } };
	snprintf(tls->name, sizeof(tls->name), "%s", place->name);
	*result = (struct probe_nts){ .state = NTS_SILENT };
	uv_timer_init(loop, &tls->timer);
	uv_tcp_init(loop, &tls->socket);
	tls->timer.data = tls->socket.data = tls->lookup.data = tls;
	uv_timer_start(&tls->timer, on_time, place->limit_ms, 0);
	snprintf(service, sizeof(service), "%u", place->port);
	tls->looking = true;
	status = uv_getaddrinfo(loop, &tls->lookup, on_lookup, tls->name, service, &hints);
	if (status < 0) {
		tls->looking = false;
		fail(tls, NTS_SILENT, "NTS: its name does not resolve", uv_strerror(status));
	}
}
