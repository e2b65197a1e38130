/* Doors are tried, and whatever answers, it ends: silence, floods, garbage, another address. */
#include "measure/doors.h"

#include "common/ntp/exchange.h"
#include "daemons/chrony/command.h"
#include "measure/spoof.h"
#include "measure/volley.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a server of this test does with a question; it runs in a process of its own. */
struct server {
	pid_t pid;
	unsigned port;
	void (*answer)(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len);
};

static void
serve(int fd, const struct server *server)
{
	uint8_t bytes[2048];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		ssize_t len =
		    recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &from_len);

		if (len > 0) {
			server->answer(fd, &from, bytes, (size_t)len);
		}
	}
}

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static void
begin(struct server *server)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	server->port = ntohs(at.sin_port);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0) {
		serve(fd, server);
	}
	close(fd);
}

static void
finish(const struct server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
}

static bool
anybody(const void *ctx, const struct ip *to)
{
	(void)ctx;
	return to->family == IP_V4 && to->bytes[0] == 127;
}

/* Try the doors of the loopback, where @server answers, and at @command_port another one. */
static struct doors_seen
try(const struct server *server, unsigned command_port)
{
	struct ip to = ip_of("127.0.0.1");
	struct doors_request request = { .to = &to,
		.count = 1,
		.may_ask = anybody,
		.ntp_port = server->port,
		.command_port = command_port ? command_port : server->port,
		.again_ns = 200 * NS_PER_MS,
		.wait_ns = 2 * NS_PER_S };
	struct doors_seen seen;

	doors_try(&request, &seen);
	assert_true(ip_equal(&seen.to, &to));
	return seen;
}

static void
reply(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len)
{
	sendto(fd, bytes, len, 0, (const struct sockaddr *)to, sizeof(*to));
}

static void
reply_time(int fd, const struct sockaddr_in *to, const uint8_t *bytes)
{
	uint8_t answer[48] = { 0x24, 2, 6, 0xec, [12] = 127, [15] = 1 };

	memcpy(answer + 24, bytes + 40, 8);
	answer[16] = answer[32] = answer[40] = 0xe0;
	reply(fd, to, answer, sizeof(answer));
}

/* As an ntpd 4.2.6 whose doors are all open; the list of clients comes in 100 packets. */
static void
answer_all(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len)
{
	uint8_t answer[480] = { 0 };
	static const char text[] = "version=\"ntpd 4.2.6p5\", leap=0";

	if (len == CHRONY_COMMAND_BYTES) {
		memcpy(answer, bytes, len);
		memset(answer + 8, 0, 20);
		answer[1] = 2;
		memcpy(answer + 16, bytes + 8, 4);
		reply(fd, to, answer, CHRONY_COMMAND_BYTES);
	} else if ((bytes[0] & 7) == 3) {
		reply_time(fd, to, bytes);
	} else if ((bytes[0] & 7) == 6) {
		memcpy(answer, bytes, 12);
		answer[1] |= 0x80;
		answer[11] = bytes[1] == 2 ? sizeof(text) - 1 : 0;
		memcpy(answer + 12, text, sizeof(text) - 1);
		if (bytes[1] == 8) { /* a change: permission denied */
			answer[1] |= 0x40;
			answer[4] = 1;
		}
		reply(fd, to, answer, bytes[1] == 2 ? 12 + sizeof(text) + 1 : 12);
	} else {
		memcpy(answer, bytes, 8);
		answer[0] |= 0xc0;
		answer[5] = 6;
		answer[7] = 72;
		for (int i = 0; i < 100; i++) {
			reply(fd, to, answer, 440);
		}
	}
}

static void
a_server_whose_doors_are_all_open_is_seen_with_its_factors(void **state UNUSED)
{
	struct server server = { .answer = answer_all };
	struct doors_seen seen;

	begin(&server);
	seen = try(&server, 0);
	finish(&server);
	assert_int_equal(seen.doors[DOOR_TIME].answer, DOOR_ANSWERED);
	assert_int_equal(seen.doors[DOOR_STATUS].answer, DOOR_ANSWERED);
	assert_int_equal(seen.doors[DOOR_CLIENTS].answer, DOOR_ANSWERED);
	assert_int_equal(seen.doors[DOOR_COMMANDS].answer, DOOR_ANSWERED);
	assert_int_equal(seen.doors[DOOR_CONFIG].answer, DOOR_REFUSED);
	assert_int_equal(seen.doors[DOOR_CONFIG].error, 1);
	assert_string_equal(seen.version, "ntpd 4.2.6p5");
	assert_int_equal(seen.doors[DOOR_TIME].packets, 1);
	assert_int_equal(seen.doors[DOOR_TIME].sent, 1); /* asked once, as it answered */
	assert_int_equal(seen.doors[DOOR_CLIENTS].question_bytes, 48);
	assert_in_range(seen.doors[DOOR_CLIENTS].packets, 90, 100); /* the loopback may lose some */
	assert_true(door_factor(&seen.doors[DOOR_CLIENTS]) > 800);
	assert_true(door_factor(&seen.doors[DOOR_TIME]) == 1.0);
	assert_true(door_factor(&seen.doors[DOOR_COMMANDS]) == 1.0);
	assert_false(seen.low_tried);
	assert_int_equal(seen.strange, 0);
	assert_int_equal(seen.from.family, IP_V4);
}

static void
answer_nothing(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len)
{
	(void)fd, (void)to, (void)bytes, (void)len;
}

static void
silence_is_asked_twice_and_is_no_closed_port(void **state UNUSED)
{
	struct server server = { .answer = answer_nothing };
	struct doors_seen seen;

	begin(&server);
	seen = try(&server, 1); /* nobody listens at port 1 */
	finish(&server);
	for (int i = 0; i < DOOR_COUNT; i++) {
		assert_int_equal(
		    seen.doors[i].answer, i == DOOR_COMMANDS ? DOOR_CLOSED : DOOR_SILENT);
		assert_int_equal(seen.doors[i].sent, 2);
		assert_true(door_factor(&seen.doors[i]) == 0);
	}
	assert_int_equal(seen.version[0], '\0');
}

/* As a device that knows the first form of mode 7 alone, and refuses or drops the other. */
static void
answer_old_clients(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len)
{
	uint8_t answer[480] = { 0 };

	(void)len;
	memcpy(answer, bytes, 8);
	answer[0] |= 0x80;
	if ((bytes[0] & 7) == 7 && bytes[2] == 2 && bytes[3] == 20) {
		answer[5] = 6;
		reply(fd, to, answer, 440);
	} else if ((bytes[0] & 7) == 7) {
		answer[4] = 0x10; /* another implementation */
		reply(fd, to, answer, 8);
	}
}

static void
a_device_that_lists_its_clients_in_the_old_way_alone_is_found(void **state UNUSED)
{
	struct server server = { .answer = answer_old_clients };
	struct doors_seen seen;

	begin(&server);
	seen = try(&server, 0);
	finish(&server);
	assert_int_equal(seen.doors[DOOR_CLIENTS].answer, DOOR_ANSWERED);
	assert_int_equal(seen.doors[DOOR_CLIENTS].sent, 2);
	assert_int_equal(seen.doors[DOOR_CLIENTS].bytes, 440);
	assert_int_equal(seen.doors[DOOR_CLIENTS].error, 0);
}

static void
answer_garbage(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len)
{
	(void)bytes, (void)len;
	reply(fd, to, (const uint8_t *)"what?", 5);
}

static void
garbage_is_told_from_an_answer(void **state UNUSED)
{
	struct server server = { .answer = answer_garbage };
	struct doors_seen seen;

	begin(&server);
	seen = try(&server, 0);
	finish(&server);
	for (int i = 0; i < DOOR_COUNT; i++) {
		assert_int_equal(seen.doors[i].answer, DOOR_GARBAGE);
	}
}

static void
answer_much(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len)
{
	(void)len;
	for (int i = 0; i < 2000 && (bytes[0] & 7) == 3; i++) {
		reply_time(fd, to, bytes);
	}
}

static void
a_flood_has_its_end(void **state UNUSED)
{
	struct server server = { .answer = answer_much };
	struct doors_seen seen;

	begin(&server);
	seen = try(&server, 0);
	finish(&server);
	assert_int_equal(seen.doors[DOOR_TIME].packets, VOLLEY_PACKETS_MAX);
	assert_true(seen.doors[DOOR_TIME].flooded);
}

static void
answer_from_elsewhere(int fd, const struct sockaddr_in *to, const uint8_t *bytes, size_t len)
{
	int other = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in at = { .sin_family = AF_INET };

	(void)fd;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	if ((bytes[0] & 7) == 3 && len == 48 &&
	    bind(other, (struct sockaddr *)&at, sizeof(at)) == 0) {
		reply_time(other, to, bytes);
	}
	close(other);
}

static void
an_answer_from_another_address_is_no_answer_and_is_told(void **state UNUSED)
{
	struct server server = { .answer = answer_from_elsewhere };
	struct ip other = ip_of("127.0.0.2");
	struct doors_seen seen;

	begin(&server);
	seen = try(&server, 0);
	finish(&server);
	assert_int_equal(seen.doors[DOOR_TIME].answer, DOOR_SILENT);
	assert_true(seen.strange >= 2); /* each question */
	assert_true(ip_equal(&seen.stranger, &other));
}

static bool
nobody(const void *ctx, const struct ip *to)
{
	(void)ctx, (void)to;
	return false;
}

static void
who_may_not_be_asked_gets_no_packet(void **state UNUSED)
{
	struct ip to = ip_of("127.0.0.1");
	struct doors_request request = { .to = &to, .count = 1, .may_ask = nobody };
	struct doors_seen seen;

	doors_try(&request, &seen);
	for (int i = 0; i < DOOR_COUNT; i++) {
		assert_int_equal(seen.doors[i].answer, DOOR_NOT_TRIED);
		assert_int_equal(seen.doors[i].sent, 0);
	}
	assert_int_equal(seen.from.family, IP_NONE);
	assert_string_equal(seen.why, strerror(EPERM));
}

static void
is_same_door(const struct door_seen *a, const struct door_seen *b)
{
	assert_int_equal(a->answer, b->answer);
	assert_int_equal(a->error, b->error);
	assert_int_equal(a->sent, b->sent);
	assert_int_equal(a->question_bytes, b->question_bytes);
	assert_int_equal(a->packets, b->packets);
	assert_int_equal(a->bytes, b->bytes);
	assert_int_equal(a->flooded, b->flooded);
}

static void
what_was_seen_comes_back_from_json_and_nothing_else_is_believed(void **state UNUSED)
{
	static const char *const bad[] = { "{}",
		"[{\"to\": \"192.0.2.1\", \"doors\": {\"time\": 1}}]",
		"[{\"to\": \"192.0.2.1\", \"doors\": {\"time\": {\"answer\": \"maybe\"}}}]",
		"[{\"to\": \"192.0.2.1\", \"doors\": {\"time\": {\"answer\": \"silent\", "
		"\"packets\": "
		"-1}}}]" };
	struct ip to[2] = { ip_of("192.0.2.1"), ip_of("2001:db8::1") };
	struct doors_seen seen[2] = { { .to = to[0],
					  .from = ip_of("192.0.2.9"),
					  .strange = 3,
					  .stranger = ip_of("192.0.2.7"),
					  .version = "ntpd 4.2.6" },
		{ .to = to[1], .why = "Network is unreachable" } };
	struct doors_seen again[2];
	struct error err;
	json_t *json;

	seen[0].doors[DOOR_CLIENTS] =
	    (struct door_seen){ DOOR_ANSWERED, 0, 1, 48, 100, 44000, false };
	json = doors_json(seen, 2);
	assert_int_equal(doors_of_json(json, to, 2, again, &err), 0);
	for (int i = 0; i < DOOR_COUNT; i++) {
		is_same_door(&again[0].doors[i], &seen[0].doors[i]);
	}
	assert_true(ip_equal(&again[0].from, &seen[0].from));
	assert_true(ip_equal(&again[0].stranger, &seen[0].stranger));
	assert_string_equal(again[0].version, "ntpd 4.2.6");
	assert_string_equal(again[1].why, "Network is unreachable");
	/* in another order it is about addresses that were not meant */
	to[0] = ip_of("192.0.2.2");
	assert_int_equal(doors_of_json(json, to, 2, again, &err), 0);
	assert_int_equal(again[0].doors[DOOR_CLIENTS].answer, DOOR_NOT_TRIED);
	json_decref(json);
	to[0] = ip_of("192.0.2.1");
	for (size_t i = 0; i < COUNT(bad); i++) {
		json = json_loads(bad[i], 0, NULL);
		assert_non_null(json);
		assert_int_equal(doors_of_json(json, to, 1, again, &err), -1);
		json_decref(json);
	}
}

static void
a_list_of_addresses_comes_back_from_json_and_has_its_end(void **state UNUSED)
{
	struct ip to[2] = { ip_of("192.0.2.1"), ip_of("2001:db8::1") };
	static struct ip again[DOORS_MAX];
	json_t *json = doors_wanted_json(to, 2);
	struct error err;
	size_t count;

	assert_int_equal(doors_wanted_of_json(json, again, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_true(ip_equal(&again[1], &to[1]));
	json_array_append_new(json, json_string("time1.example"));
	assert_int_equal(doors_wanted_of_json(json, again, &count, &err), -1);
	json_array_remove(json, 2);
	while (json_array_size(json) <= DOORS_MAX) {
		json_array_append_new(json, json_string("192.0.2.1"));
	}
	assert_int_equal(doors_wanted_of_json(json, again, &count, &err), -1);
	json_decref(json);
	assert_int_equal(doors_wanted_of_json(NULL, again, &count, &err), -1);
}

static void
what_a_spoof_needs_comes_back_from_json_and_nothing_else_is_taken(void **state UNUSED)
{
	static const char *const bad[] = { "{}", "null",
		"{\"as\": \"192.0.2.1\", \"to\": \"2001:db8::1\", \"port\": 40000, \"nonce\": 1}",
		"{\"as\": \"192.0.2.1\", \"to\": \"192.0.2.2\", \"port\": 53, \"nonce\": 1}",
		"{\"as\": \"192.0.2.1\", \"to\": \"x\", \"port\": 40000, \"nonce\": 1}",
		"{\"as\": \"192.0.2.1\", \"to\": \"192.0.2.2\", \"port\": 40000, \"nonce\": -1}" };
	struct spoof spoof = { ip_of("192.0.2.1"), 40000, ip_of("192.0.2.2"), 0xabcdef }, again;
	json_t *json = spoof_json(&spoof);
	struct error err;

	assert_int_equal(spoof_of_json(json, &again, &err), 0);
	assert_true(ip_equal(&again.as, &spoof.as) && ip_equal(&again.to, &spoof.to));
	assert_int_equal(again.port, 40000);
	assert_int_equal(again.nonce, 0xabcdef);
	json_decref(json);
	for (size_t i = 0; i < COUNT(bad); i++) {
		json = json_loads(bad[i], JSON_DECODE_ANY, NULL);
		assert_int_equal(spoof_of_json(json, &again, &err), -1);
		json_decref(json);
	}
}

static void
no_packet_bears_an_address_that_may_not_be_asked(void **state UNUSED)
{
	struct spoof spoof = { ip_of("192.0.2.1"), 40000, ip_of("127.0.0.1"), 1 };
	struct volley_question question = { .to = spoof.to,
		.port = 9,
		.as = spoof.as,
		.bytes = (const uint8_t *)"x",
		.len = 1,
		.unless = -1 };
	struct volley volley = { &question, 1, anybody, NULL };
	struct volley_answer answer;

	volley_run(&volley, &answer); /* 127.0.0.1 may be asked, 192.0.2.1 may not be borne */
	assert_int_equal(answer.end, VOLLEY_NOT_SENT);
	assert_int_equal(answer.errnum, EPERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_whose_doors_are_all_open_is_seen_with_its_factors),
		cmocka_unit_test(silence_is_asked_twice_and_is_no_closed_port),
		cmocka_unit_test(a_device_that_lists_its_clients_in_the_old_way_alone_is_found),
		cmocka_unit_test(garbage_is_told_from_an_answer),
		cmocka_unit_test(a_flood_has_its_end),
		cmocka_unit_test(an_answer_from_another_address_is_no_answer_and_is_told),
		cmocka_unit_test(who_may_not_be_asked_gets_no_packet),
		cmocka_unit_test(what_was_seen_comes_back_from_json_and_nothing_else_is_believed),
		cmocka_unit_test(a_list_of_addresses_comes_back_from_json_and_has_its_end),
		cmocka_unit_test(what_a_spoof_needs_comes_back_from_json_and_nothing_else_is_taken),
		cmocka_unit_test(no_packet_bears_an_address_that_may_not_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
