/* A host under a change is asked over NTP what it answers, before and after. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_bed.h"

#define ROUND 6 /* three questions, and each again when nobody answers */

/* Answers nobody, and counts; at the n-th question the script on the host is killed. */
struct listener {
	struct bed bed;
	uv_udp_t socket;
	unsigned heard[8]; /* by mode */
	unsigned count, kill_at;
};

static void
lend(uv_handle_t *handle UNUSED, size_t size UNUSED, uv_buf_t *buf)
{
	static char bytes[2048];

	*buf = uv_buf_init(bytes, sizeof(bytes));
}

static void
on_question(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct listener *listener = socket->data;

	if (got <= 0 || !from) {
		return;
	}
	listener->heard[buf->base[0] & 7]++;
	if (++listener->count == listener->kill_at) {
		if (listener->kill_at == 1) {
			uv_sleep(400); /* it goes as far as it may before it is killed */
		}
		kill(-listener->bed.fake.last_child, SIGKILL);
	}
}

static void
begin(struct listener *listener, unsigned kill_at)
{
	static uv_loop_t other; /* the bed makes its own, and must know the port before */
	struct sockaddr_in address;
	int len = sizeof(address);
	uv_udp_t taken;

	memset(listener, 0, sizeof(*listener));
	listener->kill_at = kill_at;
	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_loop_init(&other);
	uv_udp_init(&other, &taken);
	assert_int_equal(uv_udp_bind(&taken, (struct sockaddr *)&address, 0), 0);
	uv_udp_getsockname(&taken, (struct sockaddr *)&address, &len);
	uv_close((uv_handle_t *)&taken, NULL);
	uv_run(&other, UV_RUN_DEFAULT);
	uv_loop_close(&other);
	bed_ntp_port = ntohs(address.sin_port);
	bed_begin(&listener->bed);
	uv_udp_init(listener->bed.fake.loop, &listener->socket);
	listener->socket.data = listener;
	assert_int_equal(uv_udp_bind(&listener->socket, (struct sockaddr *)&address, 0), 0);
	uv_udp_recv_start(&listener->socket, lend, on_question);
	rollout_plan(listener->bed.rollout);
	assert_int_equal(listener->count, 0);
	rollout_apply(listener->bed.rollout);
}

static void
finish(struct listener *listener)
{
	fake_transport_wait(&listener->bed.fake);
	uv_close((uv_handle_t *)&listener->socket, NULL);
	bed_finish(&listener->bed);
	bed_ntp_port = 0;
}

static void
a_host_that_was_silent_and_is_silent_keeps_its_change(void **state UNUSED)
{
	struct listener listener;

	begin(&listener, 0);
	bed_assert_outcome(&listener.bed, HOST_DONE);
	bed_assert_state(&listener.bed, "new");
	assert_int_equal(listener.heard[3], 4);
	assert_int_equal(listener.heard[6], 4);
	assert_int_equal(listener.heard[7], 4);
	finish(&listener);
}

static void
a_link_that_ends_while_the_host_is_asked_ends_the_asking(void **state UNUSED)
{
	struct listener listener;

	begin(&listener, 1);
	bed_assert_outcome(&listener.bed, HOST_FAILED);
	/* a script that was killed leaves its lock to the next one, if it had come so far */
	assert_string_equal(bed_state(&listener.bed), "old");
	finish(&listener);
	/* on a busy machine all may have been asked before the end is noticed: not each time */
	for (int i = 0; i < 5; i++) {
		begin(&listener, ROUND + 1);
		bed_assert_outcome(&listener.bed, HOST_LOST);
		finish(&listener);
		if (listener.count < 2 * ROUND) {
			return;
		}
	}
	fail_msg("it was asked to the end each time");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_was_silent_and_is_silent_keeps_its_change),
		cmocka_unit_test(a_link_that_ends_while_the_host_is_asked_ends_the_asking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
