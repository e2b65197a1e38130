#include "orchestrator/collect/visitors.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define S NS_PER_S
#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* One connection over the loopback: what the server has of it, and its peer. */
struct guest {
	struct visitor *visitor;
	int fd, peer;
};

static const struct visitor_limits limits = {
	.strangers = 4,
	.of_address = 2,
	.known = 4,
	.of_host = 2,
	.stranger_ns = 10 * S,
};

static struct visitors *visitors;

static int
set_up(void **state UNUSED)
{
	visitors = visitors_new(&limits);
	return 0;
}

static int
tear_down(void **state UNUSED)
{
	visitors_free(visitors);
	return 0;
}

/* A pair of TCP sockets. */
static void
connect_pair(struct guest *guest)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(server, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
	guest->peer = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(guest->peer, (struct sockaddr *)&address, size), 0);
	guest->fd = accept(server, NULL, NULL);
	assert_true(guest->fd >= 0);
	close(server);
}

static struct guest
come(const char *address, int64_t now_ns)
{
	struct guest guest;
	struct ip ip;

	assert_true(ip_parse(address, &ip));
	connect_pair(&guest);
	guest.visitor = visitors_come(visitors, &ip, guest.fd, now_ns);
	return guest;
}

/* The peer of @guest begins to speak, and the server has its bytes. */
static void
speak(const struct guest *guest)
{
	char byte;

	assert_int_equal(send(guest->peer, "x", 1, 0), 1);
	assert_int_equal(recv(guest->fd, &byte, 1, MSG_WAITALL), 1);
}

/* Whether the server has sent it away: its peer sees the end. */
static bool
is_away(const struct guest *guest)
{
	char byte;
	ssize_t got = recv(guest->peer, &byte, 1, MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN);
}

static void
go(struct guest *guests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		visitors_go(visitors, guests[i].visitor);
		close(guests[i].fd);
		close(guests[i].peer);
	}
}

static void
the_stranger_that_waits_longest_has_to_go(void **state UNUSED)
{
	struct guest guests[] = {
		come("192.0.2.1", 1 * S),
		come("192.0.2.2", 2 * S),
		come("192.0.2.3", 3 * S),
		come("192.0.2.4", 4 * S),
		come("192.0.2.5", 5 * S),
		come("192.0.2.6", 6 * S),
	};

	assert_true(is_away(&guests[0]));
	assert_true(is_away(&guests[1]));
	for (size_t i = 2; i < COUNT(guests); i++) {
		assert_false(is_away(&guests[i]));
	}
	go(guests, COUNT(guests));
}

static void
one_that_has_sent_nothing_goes_before_one_in_its_handshake(void **state UNUSED)
{
	struct guest guests[6];

	guests[0] = come("192.0.2.1", 1 * S);
	speak(&guests[0]);
	for (size_t i = 1; i < COUNT(guests); i++) {
		guests[i] = come(i % 2 ? "192.0.2.2" : "192.0.2.3", (int64_t)(1 + i) * S);
	}
	assert_false(is_away(&guests[0]));
	assert_true(is_away(&guests[1]));
	go(guests, COUNT(guests));
}

static void
one_address_cannot_push_out_others(void **state UNUSED)
{
	struct guest guests[8];

	guests[0] = come("192.0.2.1", 1 * S);
	guests[1] = come("2001:db8::1", 1 * S);
	for (size_t i = 2; i < COUNT(guests); i++) {
		guests[i] = come("192.0.2.9", (int64_t)i * S);
	}
	assert_false(is_away(&guests[0]));
	assert_false(is_away(&guests[1]));
	for (size_t i = 2; i < 6; i++) {
		assert_true(is_away(&guests[i]));
	}
	assert_false(is_away(&guests[6]));
	assert_false(is_away(&guests[7]));
	go(guests, COUNT(guests));
}

static void
a_stranger_has_ten_seconds(void **state UNUSED)
{
	struct guest guests[] = {
		come("192.0.2.1", 1 * S),
		come("192.0.2.2", 8 * S),
		come("192.0.2.3", 12 * S),
	};

	assert_true(is_away(&guests[0]));
	assert_false(is_away(&guests[1]));
	go(guests, COUNT(guests));
}

static void
who_has_shown_a_token_is_no_stranger(void **state UNUSED)
{
	struct guest guests[8];

	guests[0] = come("192.0.2.1", 1 * S);
	visitors_prove(visitors, guests[0].visitor, "time1");
	for (size_t i = 1; i < COUNT(guests); i++) {
		guests[i] = come("192.0.2.2", 100 * S);
	}
	assert_false(is_away(&guests[0]));
	go(guests, COUNT(guests));
}

/* Also when it speaks no word yet: where a host has been, a stranger is more welcome. */
static void
the_address_of_a_host_is_more_welcome(void **state UNUSED)
{
	struct guest guests[7];

	guests[0] = come("192.0.2.1", 1 * S);
	visitors_prove(visitors, guests[0].visitor, "time1");
	guests[1] = come("192.0.2.1", 2 * S);
	guests[2] = come("192.0.2.2", 3 * S);
	guests[3] = come("192.0.2.3", 3 * S);
	guests[4] = come("192.0.2.4", 3 * S);
	speak(&guests[2]);
	speak(&guests[3]);
	speak(&guests[4]);
	guests[5] = come("192.0.2.5", 4 * S);
	guests[6] = come("192.0.2.6", 4 * S);
	assert_false(is_away(&guests[1]));
	assert_true(is_away(&guests[2]) || is_away(&guests[5]));
	go(guests, COUNT(guests));
}

static void
a_host_has_a_few_connections(void **state UNUSED)
{
	struct guest guests[4];

	for (size_t i = 0; i < COUNT(guests); i++) {
		guests[i] = come("192.0.2.1", 1 * S);
		visitors_prove(visitors, guests[i].visitor, i == 1 ? "time2" : "time1");
	}
	assert_true(is_away(&guests[0]));
	assert_false(is_away(&guests[1]));
	assert_false(is_away(&guests[2]));
	assert_false(is_away(&guests[3]));
	go(guests, COUNT(guests));
}

static void
the_host_that_was_not_heard_for_longest_makes_room(void **state UNUSED)
{
	static const char *const hosts[] = { "time1", "time2", "time3", "time4", "time5" };
	struct guest guests[COUNT(hosts)];

	for (size_t i = 0; i < COUNT(guests); i++) {
		guests[i] = come("192.0.2.1", 1 * S);
		visitors_prove(visitors, guests[i].visitor, hosts[i]);
		visitors_prove(visitors, guests[0].visitor, hosts[0]);
	}
	assert_false(is_away(&guests[0]));
	assert_true(is_away(&guests[1]));
	for (size_t i = 2; i < COUNT(guests); i++) {
		assert_false(is_away(&guests[i]));
	}
	go(guests, COUNT(guests));
}

/* Its owner has not closed it yet: then a request on it may still come. */
static void
who_was_sent_away_proves_nothing(void **state UNUSED)
{
	struct guest guests[3];

	for (size_t i = 0; i < COUNT(guests); i++) {
		guests[i] = come("192.0.2.1", 1 * S);
	}
	assert_true(is_away(&guests[0]));
	visitors_prove(visitors, guests[0].visitor, "time1");
	go(guests, COUNT(guests));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_stranger_that_waits_longest_has_to_go),
		CASE(one_that_has_sent_nothing_goes_before_one_in_its_handshake),
		CASE(one_address_cannot_push_out_others),
		CASE(a_stranger_has_ten_seconds),
		CASE(who_has_shown_a_token_is_no_stranger),
		CASE(the_address_of_a_host_is_more_welcome),
		CASE(a_host_has_a_few_connections),
		CASE(the_host_that_was_not_heard_for_longest_makes_room),
		CASE(who_was_sent_away_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
