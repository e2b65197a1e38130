/* Servers that know a key, or do not, or answer nobody. */
#include "orchestrator/rollout/health/key_ask.h"

#include "common/ntp/mac.h"
#include "common/ntp/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ROUND_MS 300

/* What ends with the first answer may take as long as a busy machine needs. */
#define PATIENCE_MS 60000

/* What a server of the test does. */
enum manner {
	KNOWS,
	NAKS,
	DROPS, /* what has a key that it does not know; the rest it answers */
	WRONG_MAC,
	OTHER_NONCE,
	SILENT,
};

static uv_loop_t loop;
static enum manner manner;
static struct mac_key known;
static uint8_t datagram[512];
static unsigned keyed, plain;

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	*buf = uv_buf_init((char *)datagram, sizeof(datagram));
}

static void
on_question(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	uint8_t bytes[NTP_HEADER_BYTES + MAC_BYTES_MAX] = { 0 };
	struct ntp_packet packet, answer = { .version = 4, .mode = 4, .stratum = 2 };
	size_t len = NTP_HEADER_BYTES;
	struct error err;
	uv_buf_t out;

	if (got <= 0) {
		return;
	}
	assert_int_equal(
	    ntp_packet_decode((const uint8_t *)buf->base, (size_t)got, &packet, &err), 0);
	*(got > NTP_HEADER_BYTES ? &keyed : &plain) += 1;
	answer.origin = packet.transmit + (manner == OTHER_NONCE);
	ntp_packet_encode(&answer, bytes);
	if (manner == SILENT || (manner == DROPS && got > NTP_HEADER_BYTES)) {
		return;
	}
	if (got > NTP_HEADER_BYTES && manner == NAKS) {
		len += 4;
	} else if (got > NTP_HEADER_BYTES && manner != DROPS) {
		len += mac_write(&known, bytes, len, bytes + len);
		bytes[len - 1] = (uint8_t)(bytes[len - 1] + (manner == WRONG_MAC));
	}
	out = uv_buf_init((char *)bytes, (unsigned)len);
	assert_int_equal(uv_udp_try_send(socket, &out, 1, from), (int)len);
}

static enum key_answer
ask_a_server_that(enum manner how)
{
	struct address address = { .text = "127.0.0.1", .ip = { .family = IP_V4 } };
	struct host host = { .name = "t1", .addresses = { &address, 1 } };
	struct symmetric_key key = { .id = 7,
		.type = KEY_TYPE_AES128CMAC,
		.secret_hex = "000102030405060708090a0b0c0d0e0f" };
	struct key_question question = { .host = &host, .key = &key };
	struct key_ask_settings settings = { &loop, 0, how == KNOWS ? PATIENCE_MS : ROUND_MS };
	struct sockaddr_in at;
	int len = (int)sizeof(at);
	uv_udp_t server;

	manner = how;
	keyed = plain = 0;
	known = (struct mac_key){ .id = 7, .type = MAC_AES128CMAC, .secret_len = 16 };
	for (uint8_t i = 0; i < 16; i++) {
		known.secret[i] = i;
	}
	uv_loop_init(&loop);
	uv_udp_init(&loop, &server);
	uv_ip4_addr("127.0.0.1", 0, &at);
	assert_int_equal(uv_udp_bind(&server, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_udp_getsockname(&server, (struct sockaddr *)&at, &len), 0);
	settings.port = ntohs(at.sin_port);
	assert_int_equal(uv_udp_recv_start(&server, on_alloc, on_question), 0);
	key_ask(&settings, &question, 1);
	uv_close((uv_handle_t *)&server, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return question.answer;
}

static void
a_server_that_answers_with_the_key_knows_it(void **state UNUSED)
{
	assert_int_equal(ask_a_server_that(KNOWS), KEY_ANSWER_KNOWN);
	assert_int_equal(keyed, 1);
	assert_int_equal(plain, 0);
}

static void
a_server_that_refuses_the_key_or_answers_only_without_it_knows_it_not(void **state UNUSED)
{
	assert_int_equal(ask_a_server_that(NAKS), KEY_ANSWER_UNKNOWN);
	assert_int_equal(ask_a_server_that(DROPS), KEY_ANSWER_UNKNOWN);
	assert_int_equal(keyed, 2);
	assert_int_equal(plain, 2);
	assert_int_equal(ask_a_server_that(WRONG_MAC), KEY_ANSWER_UNKNOWN);
}

static void
of_a_server_that_does_not_answer_us_nothing_is_known(void **state UNUSED)
{
	assert_int_equal(ask_a_server_that(SILENT), KEY_ANSWER_NONE);
	assert_int_equal(ask_a_server_that(OTHER_NONCE), KEY_ANSWER_NONE);
}

static void
a_server_without_an_address_is_not_asked(void **state UNUSED)
{
	struct address address = { .text = "t1.example", .ip = { .family = IP_NONE } };
	struct host host = { .name = "t1", .addresses = { &address, 1 } };
	struct symmetric_key key = { .id = 7, .type = KEY_TYPE_SHA1, .secret_hex = "00" };
	struct key_question question = { .host = &host, .key = &key, .answer = KEY_ANSWER_KNOWN };
	struct key_ask_settings settings = { &loop, 0, ROUND_MS };

	uv_loop_init(&loop);
	key_ask(&settings, &question, 1);
	assert_int_equal(question.answer, KEY_ANSWER_NONE);
	key_ask(&settings, NULL, 0);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_answers_with_the_key_knows_it),
		cmocka_unit_test(
		    a_server_that_refuses_the_key_or_answers_only_without_it_knows_it_not),
		cmocka_unit_test(of_a_server_that_does_not_answer_us_nothing_is_known),
		cmocka_unit_test(a_server_without_an_address_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
