#include "orchestrator/rollout/health/key_ask.h"

#include "common/ntp/exchange.h"
#include "common/ntp/mac.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NTP_PORT 123
#define ROUND_MS 2200 /* both ntpds drop what comes within 2 s of the last (discard minimum) */
#define ROUNDS 4      /* with the key and without it, in turn */
#define DATAGRAM_BYTES 1024
#define NAK_BYTES (NTP_HEADER_BYTES + 4)

/* One question's socket. */
struct asker {
	struct key_questions *all;
	struct key_question *question;
	struct mac_key key;
	uv_udp_t socket;
	bool open;
	uint64_t nonce;
	bool heard; /* an answer came, but not with the key */
};

struct key_questions {
	uv_loop_t *loop;
	unsigned port, round;
	struct asker *askers;
	size_t count, open_count;
	uv_timer_t timer;
	bool over;
	uint8_t datagram[DATAGRAM_BYTES];
};

static void
make_key(const struct symmetric_key *from, struct mac_key *key)
{
	static const enum mac_type types[] = {
		[KEY_TYPE_AES128CMAC] = MAC_AES128CMAC,
		[KEY_TYPE_SHA1] = MAC_SHA1,
		[KEY_TYPE_SHA256] = MAC_SHA256,
		[KEY_TYPE_MD5] = MAC_MD5,
	};
	const char *hex = from->secret_hex;

	*key = (struct mac_key){ .id = from->id, .type = types[from->type] };
	while (key->secret_len < sizeof(key->secret) && hex[0] && hex[1]) {
		char pair[3] = { hex[0], hex[1], '\0' };

		key->secret[key->secret_len++] = (uint8_t)strtoul(pair, NULL, 16);
		hex += 2;
	}
}

static void
end_asker(struct asker *asker, enum key_answer answer)
{
	asker->question->answer = answer;
	if (asker->open) {
		asker->open = false;
		asker->all->open_count--;
		uv_close((uv_handle_t *)&asker->socket, NULL);
	}
}

static void
on_alloc(uv_handle_t *handle, size_t suggested UNUSED, uv_buf_t *buf)
{
	struct asker *asker = handle->data;

	*buf = uv_buf_init((char *)asker->all->datagram, DATAGRAM_BYTES);
}

/* An answer to our question: the digest tells whether it was made with the key. */
static void
on_datagram(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from UNUSED,
    unsigned flags UNUSED)
{
	struct asker *asker = socket->data;
	const uint8_t *bytes = (const uint8_t *)buf->base;
	struct ntp_packet packet;
	struct error err;

	if (got <= 0 || ntp_packet_decode(bytes, (size_t)got, &packet, &err) || packet.mode != 4 ||
	    packet.origin != asker->nonce) {
		return;
	}
	if (mac_check(&asker->key, bytes, (size_t)got)) {
		end_asker(asker, KEY_ANSWER_KNOWN);
	} else if (got == NAK_BYTES) {
		end_asker(asker, KEY_ANSWER_UNKNOWN);
	} else {
		asker->heard = true;
	}
}

static void
send_question(struct asker *asker, bool with_key)
{
	uint8_t bytes[NTP_HEADER_BYTES + MAC_BYTES_MAX];
	size_t len = NTP_HEADER_BYTES;
	uv_buf_t buf;

	while (getrandom(&asker->nonce, sizeof(asker->nonce), 0) < 0) {
	}
	ntp_question(asker->nonce, bytes);
	if (with_key) {
		len += mac_write(&asker->key, bytes, len, bytes + len);
	}
	buf = uv_buf_init((char *)bytes, (unsigned)len);
	uv_udp_try_send(&asker->socket, &buf, 1, NULL);
}

static void
on_round(uv_timer_t *timer)
{
	struct key_questions *all = timer->data;

	for (size_t i = 0; i < all->count; i++) {
		struct asker *asker = &all->askers[i];

		if (!asker->open) {
			continue;
		}
		if (all->round == ROUNDS) {
			end_asker(asker, asker->heard ? KEY_ANSWER_UNKNOWN : KEY_ANSWER_NONE);
		} else {
			send_question(asker, all->round % 2 == 0);
		}
	}
	all->round++;
	all->over = all->open_count == 0 || all->round > ROUNDS;
}

static bool
address_of(const struct host *host, unsigned port, struct sockaddr_storage *address)
{
	for (size_t i = 0; i < host->addresses.count; i++) {
		const char *text = host->addresses.list[i].text;

		switch (host->addresses.list[i].ip.family) {
		case IP_V4:
			return uv_ip4_addr(text, (int)port, (struct sockaddr_in *)address) == 0;
		case IP_V6:
			return uv_ip6_addr(text, (int)port, (struct sockaddr_in6 *)address) == 0;
		case IP_NONE:
			break;
		}
	}
	return false;
}

static void
begin(struct asker *asker, struct key_questions *all, struct key_question *question)
{
	struct sockaddr_storage address = { 0 };

	question->answer = KEY_ANSWER_NONE;
	*asker = (struct asker){ .all = all, .question = question };
	make_key(question->key, &asker->key);
	if (!address_of(question->host, all->port, &address) ||
	    uv_udp_init(all->loop, &asker->socket)) {
		return;
	}
	asker->open = true;
	asker->all->open_count++;
	asker->socket.data = asker;
	if (uv_udp_connect(&asker->socket, (const struct sockaddr *)&address) ||
	    uv_udp_recv_start(&asker->socket, on_alloc, on_datagram)) {
		end_asker(asker, KEY_ANSWER_NONE);
	}
}

void
key_ask(const struct key_ask_settings *settings, struct key_question *questions, size_t count)
{
	unsigned round_ms = settings->round_ms ? settings->round_ms : ROUND_MS;
	struct key_questions all = { .loop = settings->loop,
		.port = settings->port ? settings->port : NTP_PORT,
		.count = count };

	all.askers = calloc(count + 1, sizeof(*all.askers));
	if (!all.askers) {
		abort();
	}
	for (size_t i = 0; i < count; i++) {
		begin(&all.askers[i], &all, &questions[i]);
	}
	uv_timer_init(all.loop, &all.timer);
	all.timer.data = &all;
	uv_timer_start(&all.timer, on_round, 0, round_ms);
	while (!all.over && all.open_count > 0) {
		uv_run(all.loop, UV_RUN_ONCE);
	}
	uv_close((uv_handle_t *)&all.timer, NULL);
	uv_run(all.loop, UV_RUN_NOWAIT); /* libuv lets go of what was closed */
	explicit_bzero(all.askers, count * sizeof(*all.askers));
	free(all.askers);
}
