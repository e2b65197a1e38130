/*
 * Servers are asked, and answer as they like.
 * Long, because every manner of answering needs the one server that can have them all.
 */
#include "measure/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum manner {
	HONEST,
	SILENT,
	SHORT,
	WRONG_ORIGIN,
	FLOOD,
	FLOOD_THEN_HONEST,
	UNSYNCHRONISED,
	RATE,
	SIGNED,
	SIGNED_WRONG,
	MANNERS
};

/* What ends with an answer may take as long as a busy machine needs. */
#define PATIENCE_MS 60000
#define PATIENCE_NS (PATIENCE_MS * NS_PER_MS)

/* An NTP server on the loop of the test, of good manners or bad. */
struct fake_server {
	uv_udp_t socket;
	uint16_t port;
	enum manner manner;
	unsigned questions;
	uint16_t ports[8]; /* where they came from */
	int64_t offset_ns;
	uv_udp_t other;
	bool answers_elsewhere; /* from the socket `other` */
	bool floods_elsewhere;  /* from there, too, and knows nothing of the question */
};

static struct fake_server server;
static uv_loop_t loop;
static struct measure measure;
static const struct mac_key key = { 7, MAC_AES128CMAC, "0123456789abcdef", 16 };
static const struct mac_key other_key = { 7, MAC_AES128CMAC, "0123456789abcdeg", 16 };

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char datagram[2048];

	*buf = uv_buf_init(datagram, sizeof(datagram));
}

static void
send_bytes(const uint8_t *bytes, size_t len, const struct sockaddr *to)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);

	if (server.floods_elsewhere) {
		static char nothing[NTP_HEADER_BYTES] = { 0x24 };
		uv_buf_t none = uv_buf_init(nothing, sizeof(nothing));

		for (int i = 0; i < 100; i++) {
			(void)uv_udp_try_send(&server.other, &none, 1, to);
		}
	}
	/* who asked may be gone */
	(void)uv_udp_try_send(
	    server.answers_elsewhere ? &server.other : &server.socket, &buf, 1, to);
}

static ntp_time
server_time(void)
{
	int64_t ns = clock_real_ns() + server.offset_ns;

	return (uint64_t)(ns / NS_PER_S + 2208988800) << 32 |
	    ((uint64_t)(ns % NS_PER_S) << 32) / NS_PER_S;
}

static void
answer(const struct ntp_packet *question, const struct sockaddr *to)
{
	struct ntp_packet packet = { .version = 4,
		.mode = 4,
		.stratum = 2,
		.precision_log2 = -20,
		.root_delay = 655,
		.root_disp = 655,
		.origin = question->transmit,
		.receive = server_time() };
	uint8_t bytes[NTP_HEADER_BYTES + MAC_BYTES_MAX];
	size_t len = NTP_HEADER_BYTES;
	unsigned before = server.manner == FLOOD ? 1000
	    : server.manner == FLOOD_THEN_HONEST ? 20
						 : 0;

	if (server.manner == WRONG_ORIGIN) {
		packet.origin ^= 1;
	} else if (server.manner == UNSYNCHRONISED) {
		packet.leap = 3;
	} else if (server.manner == RATE) {
		packet.stratum = 0;
		packet.refid = 0x52415445;
	}
	packet.transmit = server_time();
	packet.origin ^= before > 0;
	ntp_packet_encode(&packet, bytes);
	for (unsigned i = 0; i < before; i++) {
		send_bytes(bytes, len, to);
	}
	packet.origin ^= before > 0;
	ntp_packet_encode(&packet, bytes);
	if (server.manner == SIGNED || server.manner == SIGNED_WRONG) {
		len +=
		    mac_write(server.manner == SIGNED ? &key : &other_key, bytes, len, bytes + len);
	}
	send_bytes(bytes, server.manner == SHORT ? NTP_HEADER_BYTES - 1 : len, to);
}

static void
on_question(uv_udp_t *socket UNUSED, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct ntp_packet question;

	if (!from || got < NTP_HEADER_BYTES) {
		return;
	}
	assert_int_equal(
	    ntp_packet_decode((const uint8_t *)buf->base, (size_t)got, &question, NULL), 0);
	assert_int_equal(question.mode, 3);
	if (server.questions < COUNT(server.ports)) {
		server.ports[server.questions] = ((const struct sockaddr_in *)from)->sin_port;
	}
	server.questions++;
	if (server.manner == SIGNED || server.manner == SIGNED_WRONG) {
		assert_true(mac_check(&key, (const uint8_t *)buf->base, (size_t)got));
	}
	if (server.manner != SILENT) {
		answer(&question, from);
	}
}

static int
begin(void **state UNUSED)
{
	struct sockaddr_in address;
	int len = sizeof(address);

	memset(&server, 0, sizeof(server));
	memset(&measure, 0, sizeof(measure));
	uv_loop_init(&loop);
	uv_udp_init(&loop, &server.socket);
	uv_ip4_addr("127.0.0.1", 0, &address);
	if (uv_udp_bind(&server.socket, (const struct sockaddr *)&address, 0) < 0 ||
	    uv_udp_getsockname(&server.socket, (struct sockaddr *)&address, &len) < 0) {
		return -1;
	}
	server.port = ntohs(address.sin_port);
	return uv_udp_recv_start(&server.socket, on_alloc, on_question);
}

static int
end(void **state UNUSED)
{
	if (!uv_is_closing((uv_handle_t *)&server.socket)) {
		uv_close((uv_handle_t *)&server.socket, NULL);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static void
on_done(struct measure *done)
{
	assert_ptr_equal(done, &measure);
	uv_stop(&loop);
}

static const struct measure_target *
ask(struct measure_request *request)
{
	request->port = server.port;
	measure_run(&measure, &loop, request, on_done);
	while (measure.running) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	return &measure.targets[0];
}

/* One question to the server, which has @timeout_ms. */
static const struct measure_target *
ask_once(enum manner manner, int timeout_ms)
{
	struct measure_request request = { .names = { "127.0.0.1" },
		.count = 1,
		.samples = 1,
		.timeout_ns = timeout_ms * NS_PER_MS };

	server.manner = manner;
	return ask(&request);
}

static void
each_question_comes_from_a_port_of_its_own_and_gets_its_sample(void **state UNUSED)
{
	struct measure_request request = { .names = { "127.0.0.1" },
		.count = 1,
		.samples = 4,
		.spacing_ns = 5 * NS_PER_MS,
		.timeout_ns = PATIENCE_NS };
	const struct measure_target *target;

	server.offset_ns = -378691200 * NS_PER_S;
	target = ask(&request);
	assert_int_equal(measure.target_count, 1);
	assert_string_equal(target->name, "127.0.0.1");
	assert_string_equal(target->address, "127.0.0.1");
	assert_int_equal(target->sent, 4);
	assert_int_equal(target->answered, 4);
	assert_int_equal(target->sample_count, 4);
	assert_string_equal(target->why, "");
	for (size_t i = 0; i < 4; i++) {
		assert_true(llabs(target->samples[i].offset_ns - server.offset_ns) <=
		    target->samples[i].delay_ns / 2 + NS_PER_MS);
		for (size_t j = 0; j < i; j++) {
			assert_int_not_equal(server.ports[i], server.ports[j]);
		}
	}
}

static void
silence_ends_at_the_deadline(void **state UNUSED)
{
	const struct measure_target *target = ask_once(SILENT, 30);

	assert_int_equal(target->sent, 1);
	assert_int_equal(target->answered, 0);
	assert_string_equal(target->why, "no answer within 0.03 s");
}

static void
what_is_no_answer_to_the_question_is_waited_over(void **state UNUSED)
{
	static const enum manner manners[] = { SHORT, WRONG_ORIGIN };

	for (size_t i = 0; i < COUNT(manners); i++) {
		const struct measure_target *target = ask_once(manners[i], 30);

		assert_int_equal(target->sample_count, 0);
		assert_int_equal(target->bogus, 1);
		assert_string_equal(
		    target->why, "no answer; what it sends is none to the question (1 datagram)");
	}
	assert_int_equal(ask_once(FLOOD_THEN_HONEST, PATIENCE_MS)->sample_count, 1);
}

static void
a_flood_is_given_up(void **state UNUSED)
{
	const struct measure_target *target = ask_once(FLOOD, 10000);

	assert_int_equal(target->sample_count, 0);
	/* the socket's queue may lose so much of it that time runs out instead */
	assert_true(strstr(target->why, "floods") || strstr(target->why, "no answer"));
}

/* The server answers from another socket, too: of another port, then of another address. */
static void
what_another_address_answers_is_told_and_not_believed(void **state UNUSED)
{
	static const char *const addresses[] = { "127.0.0.1", "127.0.0.2" };

	for (size_t i = 0; i < COUNT(addresses); i++) {
		const struct measure_target *target;
		struct sockaddr_in other;
		char why[96];

		uv_ip4_addr(addresses[i], 0, &other);
		uv_udp_init(&loop, &server.other);
		assert_int_equal(uv_udp_bind(&server.other, (const struct sockaddr *)&other, 0), 0);
		server.answers_elsewhere = true;
		target = ask_once(HONEST, 300);
		assert_int_equal(target->sample_count, 0);
		assert_int_equal(target->bogus, 0);
		snprintf(
		    why, sizeof(why), "another address answers in its place: %s", addresses[i]);
		assert_string_equal(target->why, why);
		uv_close((uv_handle_t *)&server.other, NULL);
		uv_run(&loop, UV_RUN_NOWAIT);
		server.answers_elsewhere = false;
	}
	server.floods_elsewhere = true; /* and who has not seen the question cannot end it */
	uv_udp_init(&loop, &server.other);
	assert_int_equal(ask_once(HONEST, PATIENCE_MS)->sample_count, 1);
	uv_close((uv_handle_t *)&server.other, NULL);
}

static unsigned granted;

static unsigned
grant(void *ctx, size_t source, const char *address, unsigned wanted)
{
	assert_int_equal(source, 0);
	assert_ptr_equal(ctx, &granted);
	assert_string_equal(address, "127.0.0.1");
	assert_int_equal(wanted, 3);
	return granted;
}

static void
no_more_is_asked_than_is_granted(void **state UNUSED)
{
	struct measure_request request = { .names = { "127.0.0.1", "127.0.0.1" },
		.count = 2,
		.samples = 3,
		.spacing_ns = NS_PER_MS,
		.timeout_ns = PATIENCE_NS,
		.grant = grant,
		.grant_ctx = &granted };

	for (granted = 0; granted <= 4; granted++) {
		unsigned before = server.questions, want = granted < 3 ? granted : 3;
		const struct measure_target *target = ask(&request);

		assert_int_equal(server.questions - before, want);
		assert_int_equal(target->sample_count, want);
		assert_true(target->held == (granted == 0));
		assert_true(measure.targets[1].held == (granted == 0));
	}
}

static void
a_server_without_time_is_named_so(void **state UNUSED)
{
	const struct measure_target *target = ask_once(UNSYNCHRONISED, PATIENCE_MS);

	assert_int_equal(target->answered, 1);
	assert_int_equal(target->sample_count, 0);
	assert_string_equal(target->why, "its clock is not synchronised");
}

static void
a_kiss_of_death_is_obeyed(void **state UNUSED)
{
	struct measure_request request = {
		.names = { "127.0.0.1" }, .count = 1, .samples = 4, .timeout_ns = PATIENCE_NS
	};
	const struct measure_target *target;

	server.manner = RATE;
	target = ask(&request);
	assert_int_equal(server.questions, 1);
	assert_string_equal(target->kiss, "RATE");
	assert_string_equal(target->why, "it refuses to answer this host (RATE)");
}

static void
nobody_there_is_noticed_at_once(void **state UNUSED)
{
	const struct measure_target *target;
	uint64_t before;

	uv_close((uv_handle_t *)&server.socket, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	before = uv_hrtime();
	target = ask_once(HONEST, 10000);
	assert_string_equal(target->why, "no NTP server listens there");
	assert_true(uv_hrtime() - before < 5000000000);
}

static void
with_a_key_only_its_mac_is_believed(void **state UNUSED)
{
	static const struct {
		enum manner manner;
		size_t samples;
		const char *why;
	} cases[] = {
		{ SIGNED, 1, "" },
		{ SIGNED_WRONG, 0, "it answers with another MAC than that of key 7" },
		{ HONEST, 0, "it answers without key 7" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct measure_request request = { .names = { "127.0.0.1" },
			.count = 1,
			.samples = 1,
			.timeout_ns = cases[i].samples ? PATIENCE_NS : NS_PER_S,
			.keys = { &key } };
		const struct measure_target *target;

		server.manner = cases[i].manner;
		target = ask(&request);
		assert_int_equal(target->sample_count, cases[i].samples);
		assert_string_equal(target->why, cases[i].why);
	}
}

static void
one_address_of_two_names_is_asked_once(void **state UNUSED)
{
	struct measure_request request = { .names = { "127.0.0.1", "localhost", "127.0.0.1" },
		.count = 3,
		.samples = 1,
		.timeout_ns = PATIENCE_NS };

	ask(&request);
	assert_true(measure.target_count >= 3);
	assert_int_equal(measure.targets[1].source, 2);
	assert_int_equal(measure.targets[1].same_as, 0);
	assert_int_equal(measure.targets[1].sample_count, 1);
	assert_true(server.questions == 1);
}

static void
a_name_that_does_not_resolve_says_so(void **state UNUSED)
{
	struct measure_request request = { .names = { "no such name", "127.0.0.1" },
		.count = 2,
		.samples = 1,
		.timeout_ns = PATIENCE_NS };

	ask(&request);
	assert_int_equal(measure.target_count, 2);
	assert_int_equal(measure.targets[1].source, 0);
	assert_string_equal(measure.targets[1].address, "");
	assert_non_null(strstr(measure.targets[1].why, "does not resolve"));
	assert_int_equal(measure.targets[0].sample_count, 1);
}

static void
nothing_to_ask_is_done_too(void **state UNUSED)
{
	struct measure_request request = { .count = 0 };

	ask(&request);
	assert_int_equal(measure.target_count, 0);
}

static void
a_limit_ends_what_is_open(void **state UNUSED)
{
	struct measure_request request = { .names = { "127.0.0.1" },
		.count = 1,
		.samples = 8,
		.timeout_ns = 10 * NS_PER_S,
		.limit_ns = 50 * NS_PER_MS };
	const struct measure_target *target;

	server.manner = SILENT;
	target = ask(&request);
	assert_int_equal(target->sent, 1);
	assert_string_equal(target->why, "no answer within the time limit");
}

static void
it_can_be_stopped(void **state UNUSED)
{
	struct measure_request request = { .names = { "127.0.0.1" },
		.count = 1,
		.samples = 8,
		.timeout_ns = 10 * NS_PER_S,
		.port = server.port };

	server.manner = SILENT;
	measure_run(&measure, &loop, &request, on_done);
	measure_stop(&measure);
	measure_stop(&measure);
	while (measure.running) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	assert_int_equal(measure.targets[0].sent, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_question_comes_from_a_port_of_its_own_and_gets_its_sample),
		TEST(silence_ends_at_the_deadline),
		TEST(what_is_no_answer_to_the_question_is_waited_over),
		TEST(a_flood_is_given_up),
		TEST(what_another_address_answers_is_told_and_not_believed),
		TEST(no_more_is_asked_than_is_granted),
		TEST(a_server_without_time_is_named_so),
		TEST(a_kiss_of_death_is_obeyed),
		TEST(nobody_there_is_noticed_at_once),
		TEST(with_a_key_only_its_mac_is_believed),
		TEST(one_address_of_two_names_is_asked_once),
		TEST(a_name_that_does_not_resolve_says_so),
		TEST(nothing_to_ask_is_done_too),
		TEST(a_limit_ends_what_is_open),
		TEST(it_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
