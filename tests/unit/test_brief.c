#include "agent/ask/brief.h"
#include "daemons/drivers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SEQUENCE 0x01020304

/* What chronyd 4.3 answered to SEQUENCE: leading by itself at stratum 5, and without a source. */
#define HEAD                                                                                       \
	"06020000002100050000000000000000"                                                         \
	"0102030400000000"                                                                         \
	"00000000"
static const char leads[] = HEAD "7f7f0101"
				 "0000000000000000000000000000000000000000"
				 "00050000"
				 "000000006b0ccfcc373abd3300000000000000000000000000000000000000000"
				 "0000000000000000000000000000000";
static const char follows_nobody[] = HEAD "00000000"
					  "0000000000000000000000000000000000000000"
					  "00000003"
					  "00000000000000000000000000000000000000000000000000000000"
					  "0000000000000000048000000480000000000000";

static size_t
bytes_of(const char *hex, uint8_t bytes[DAEMON_DATAGRAM_BYTES])
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		unsigned byte = 0;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		bytes[i] = (uint8_t)byte;
	}
	return len;
}

static const struct daemon_datagram *
chrony(void)
{
	assert_non_null(daemon_chrony.datagram);
	assert_int_equal(daemon_chrony.datagram->port, 323);
	return daemon_chrony.datagram;
}

static void
what_chronyd_answers_is_read(void **state UNUSED)
{
	uint8_t bytes[DAEMON_DATAGRAM_BYTES];
	struct daemon_status status;
	size_t len = bytes_of(leads, bytes);

	assert_int_equal(len, 104);
	assert_true(chrony()->answer(bytes, len, SEQUENCE, &status));
	assert_int_equal(status.leap, LEAP_NONE);
	assert_int_equal(status.stratum, 5);
	assert_string_equal(status.selected, "");
	bytes[49] = 1; /* IPv4 */
	memcpy(bytes + 32, "\xc0\x00\x02\x01", 4);
	assert_true(chrony()->answer(bytes, len, SEQUENCE, &status));
	assert_string_equal(status.selected, "192.0.2.1");
	bytes[49] = 2; /* IPv6 */
	memset(bytes + 32, 0xfe, 16);
	assert_true(chrony()->answer(bytes, len, SEQUENCE, &status));
	assert_string_equal(status.selected, "fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe");
	bytes[55] = 2;
	assert_true(chrony()->answer(bytes, len, SEQUENCE, &status));
	assert_int_equal(status.leap, LEAP_DELETE);
	len = bytes_of(follows_nobody, bytes);
	assert_true(chrony()->answer(bytes, len, SEQUENCE, &status));
	assert_int_equal(status.leap, LEAP_UNSYNC);
	assert_int_equal(status.stratum, 16);
}

static void
what_is_no_answer_to_the_question_is_left_alone(void **state UNUSED)
{
	static const size_t places[] = { 0, 1, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19 };
	uint8_t bytes[DAEMON_DATAGRAM_BYTES];
	struct daemon_status status = { .stratum = 77 };
	size_t len = bytes_of(leads, bytes);

	for (size_t i = 0; i < COUNT(places); i++) {
		bytes[places[i]] ^= 1;
		assert_false(chrony()->answer(bytes, len, SEQUENCE, &status));
		bytes[places[i]] ^= 1;
	}
	for (size_t shorter = 0; shorter < len; shorter++) {
		assert_false(chrony()->answer(bytes, shorter, SEQUENCE, &status));
	}
	assert_int_equal(status.stratum, 77);
}

/* A chronyd on the loopback. */
static struct {
	uv_udp_t socket;
	unsigned asked, silent_for;
	bool forges; /* it answers with another sequence first */
} fake;
static uv_loop_t loop;
static struct brief brief;

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char datagram[1024];

	*buf = uv_buf_init(datagram, sizeof(datagram));
}

static void
on_question(uv_udp_t *socket, ssize_t got, const uv_buf_t *asked, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	uint8_t bytes[DAEMON_DATAGRAM_BYTES];
	uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)bytes_of(leads, bytes));

	if (got <= 0 || !from) {
		return;
	}
	assert_int_equal(got, 104); /* chronyd drops a question that is shorter than its answer */
	assert_int_equal(asked->base[5], 33);
	if (fake.asked++ < fake.silent_for) {
		return;
	}
	if (fake.forges) {
		uv_udp_try_send(socket, &buf, 1, from);
	}
	memcpy(bytes + 16, asked->base + 8, 4);
	uv_udp_try_send(socket, &buf, 1, from);
}

static void
on_done(struct brief *done)
{
	assert_ptr_equal(done, &brief);
	if (fake.socket.data && !uv_is_closing((uv_handle_t *)&fake.socket)) {
		uv_close((uv_handle_t *)&fake.socket, NULL);
	}
}

static void
ask(bool runs)
{
	struct sockaddr_in address;
	int len = sizeof(address);

	uv_loop_init(&loop);
	uv_udp_init(&loop, &fake.socket);
	uv_ip4_addr("127.0.0.1", 0, &address);
	assert_int_equal(uv_udp_bind(&fake.socket, (struct sockaddr *)&address, 0), 0);
	uv_udp_getsockname(&fake.socket, (struct sockaddr *)&address, &len);
	fake.socket.data = &fake;
	if (runs) {
		uv_udp_recv_start(&fake.socket, on_alloc, on_question);
	} else {
		uv_close((uv_handle_t *)&fake.socket, NULL);
	}
	brief_run(&brief, &loop, chrony(), ntohs(address.sin_port), on_done);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_false(brief.running);
}

static void
a_daemon_is_asked_again_until_it_answers(void **state UNUSED)
{
	memset(&fake, 0, sizeof(fake));
	fake.silent_for = 1;
	fake.forges = true;
	ask(true);
	assert_null(brief.failure);
	assert_int_equal(brief.status.stratum, 5);
	assert_int_equal(fake.asked, 2);
}

static void
where_nobody_answers_there_is_no_status(void **state UNUSED)
{
	memset(&fake, 0, sizeof(fake));
	ask(false);
	assert_string_equal(
	    brief.failure, "no answer from 127.0.0.1 or ::1: does it run, and may they query it?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_chronyd_answers_is_read),
		cmocka_unit_test(what_is_no_answer_to_the_question_is_left_alone),
		cmocka_unit_test(a_daemon_is_asked_again_until_it_answers),
		cmocka_unit_test(where_nobody_answers_there_is_no_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
