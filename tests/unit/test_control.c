#include "agent/ask/control.h"
#include "tests/fake_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* An ntpd that answers as it was captured, on the loop of the test. */
struct fake_ntpd {
	uv_udp_t socket;
	uint16_t port;
	struct wire wire;
	unsigned lose;     /* requests that are not heard */
	unsigned requests; /* that came */
	bool backwards;    /* fragments in the wrong order */
	uint16_t refuse;   /* the association that is gone */
	bool refuse_all;
};

static struct fake_ntpd ntpd;
static uv_loop_t loop;
static struct control control;

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

	assert_int_equal(uv_udp_try_send(&ntpd.socket, &buf, 1, to), (int)len);
}

static void
answer(const struct wire_answer *from, const uint8_t *request, const struct sockaddr *to)
{
	for (size_t i = 0; i < from->fragments; i++) {
		size_t at = ntpd.backwards ? from->fragments - 1 - i : i;
		uint8_t bytes[512];

		memcpy(bytes, from->bytes[at], from->len[at]);
		memcpy(bytes + 2, request + 2, 2); /* the sequence */
		send_bytes(bytes, from->len[at], to);
	}
}

static void
on_request(uv_udp_t *socket UNUSED, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	const uint8_t *request = (const uint8_t *)buf->base;
	uint16_t association;

	if (got < MODE6_HEADER_BYTES || !from) {
		return;
	}
	ntpd.requests++;
	if (ntpd.requests <= ntpd.lose) {
		return;
	}
	association = (uint16_t)(request[6] << 8 | request[7]);
	if (ntpd.refuse_all || (ntpd.refuse && association == ntpd.refuse)) {
		uint8_t refusal[MODE6_HEADER_BYTES];

		memcpy(refusal, request, sizeof(refusal));
		refusal[1] |= 0xc0;
		refusal[4] = ntpd.refuse_all ? 1 : 4;
		send_bytes(refusal, sizeof(refusal), from);
		return;
	}
	for (size_t i = 0; i < ntpd.wire.count; i++) {
		if (ntpd.wire.answers[i].opcode == request[1] &&
		    ntpd.wire.answers[i].association == association) {
			answer(&ntpd.wire.answers[i], request, from);
		}
	}
}

static int
begin(void **state UNUSED)
{
	struct sockaddr_in address;
	int len = sizeof(address);

	memset(&ntpd, 0, sizeof(ntpd));
	memset(&control, 0, sizeof(control));
	wire_read("tests/wire/ntp-4.2.8p15.hex", &ntpd.wire);
	uv_loop_init(&loop);
	uv_udp_init(&loop, &ntpd.socket);
	uv_ip4_addr("127.0.0.1", 0, &address);
	if (uv_udp_bind(&ntpd.socket, (const struct sockaddr *)&address, 0) < 0 ||
	    uv_udp_getsockname(&ntpd.socket, (struct sockaddr *)&address, &len) < 0) {
		return -1;
	}
	ntpd.port = ntohs(address.sin_port);
	return uv_udp_recv_start(&ntpd.socket, on_alloc, on_request);
}

static int
end(void **state UNUSED)
{
	if (!uv_is_closing((uv_handle_t *)&ntpd.socket)) {
		uv_close((uv_handle_t *)&ntpd.socket, NULL);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	control_free_text(&control);
	return uv_loop_close(&loop);
}

static void
on_done(struct control *done)
{
	assert_ptr_equal(done, &control);
	uv_stop(&loop);
}

static void
ask(void)
{
	control_run(&control, &loop, ntpd.port, on_done);
	while (control.running) {
		uv_run(&loop, UV_RUN_ONCE);
	}
}

/* How many answers stand in the text. */
static size_t
pairs(void)
{
	size_t lines = 0;

	for (const char *at = buf_str(&control.text); *at; at++) {
		lines += *at == '\n';
	}
	return lines / 2;
}

static void
the_system_and_all_its_associations_are_asked_for(void **state UNUSED)
{
	ask();
	assert_null(control.failure);
	assert_true(ntpd.requests >= 8);
	assert_int_equal(pairs(), 7);
	assert_memory_equal(buf_str(&control.text), "system 0614\nversion=", 20);
	ask();
	assert_int_equal(pairs(), 7);
}

static void
fragments_in_the_wrong_order_are_put_together(void **state UNUSED)
{
	ntpd.backwards = true;
	ask();
	assert_null(control.failure);
	assert_int_equal(pairs(), 7);
}

static void
a_lost_question_is_asked_again(void **state UNUSED)
{
	ntpd.lose = 1;
	ask();
	assert_null(control.failure);
	assert_true(ntpd.requests >= 9); /* more on a machine so busy that answers come late */
	assert_int_equal(pairs(), 7);
}

static void
an_association_that_went_away_is_left_out(void **state UNUSED)
{
	ntpd.refuse = 25268;
	ask();
	assert_null(control.failure);
	assert_int_equal(pairs(), 6);
	assert_null(strstr(buf_str(&control.text), "assoc 25268"));
}

static void
a_daemon_that_refuses_says_why(void **state UNUSED)
{
	ntpd.refuse_all = true;
	ask();
	assert_string_equal(control.failure, "permission denied");
}

static void
where_nobody_listens_it_fails_at_once(void **state UNUSED)
{
	uint64_t begin_ms = uv_now(&loop);

	uv_close((uv_handle_t *)&ntpd.socket, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
	ask();
	assert_non_null(control.failure);
	assert_non_null(strstr(control.failure, "no answer from 127.0.0.1 or ::1"));
	uv_update_time(&loop);
	assert_true(uv_now(&loop) - begin_ms < 2500); /* to wait for answers takes 3 s */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_system_and_all_its_associations_are_asked_for),
		TEST(fragments_in_the_wrong_order_are_put_together),
		TEST(a_lost_question_is_asked_again),
		TEST(an_association_that_went_away_is_left_out),
		TEST(a_daemon_that_refuses_says_why),
		TEST(where_nobody_listens_it_fails_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
