/* Who is answered what by a host: what should be, what is, and what that means for a change. */
#include "orchestrator/rollout/health/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "orchestrator/rollout/health/ask.h"
#include "orchestrator/rollout/health/site_time.h"

static const char site[] =
    "site: x\nupstreams:\n  - {name: u1, address: 192.0.2.101}\n"
    "tiers:\n  - name: core\n    upstreams: all\n    servers:\n"
    "      - {name: t1, address: [192.0.2.1, \"2001:db8::1\"], daemon: ntpsec}\n"
    "      - {name: t2, address: 198.51.100.2}\n"
    "  - name: edge\n    from: core\n    servers:\n"
    "      - {name: e1, address: 198.51.100.9, pool: true}\n"
    "clients:\n  - {name: c, from: core, hosts: c1}\n"
    "serve: [192.0.2.0/24, \"2001:db8::/64\"]\nmonitors: [203.0.113.5]\n";

struct bed {
	struct topology topology;
	const struct host *host;
	struct access_seen before, now;
	struct access_case input;
	char words[ACCESS_WORDS_BYTES];
};

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* t1 is asked from @from and answered the same before and after the change. */
static void
begin(struct bed *bed, const char *host, const char *from)
{
	struct diags diags = { 0 };

	memset(bed, 0, sizeof(*bed));
	if (topology_load_text(&bed->topology, "site.yaml", site, strlen(site), &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
	bed->host = topology_host(&bed->topology, host);
	bed->now = (struct access_seen){ .host = bed->host,
		.to = ip_of("192.0.2.1"),
		.from = ip_of(from),
		.answers = { ACCESS_ANSWERED, ACCESS_SILENT, ACCESS_SILENT } };
	bed->before = bed->now;
	bed->input = (struct access_case){ .topology = &bed->topology,
		.host = bed->host,
		.driver = daemon_find("ntpsec"),
		.before = &bed->before,
		.before_count = 1,
		.now = &bed->now,
		.now_count = 1 };
}

static void
finish(struct bed *bed)
{
	topology_free(&bed->topology);
}

static enum access_rule
rule(const struct bed *bed, const char *host, const char *daemon, enum access_question question,
    const char *from)
{
	struct ip ip = ip_of(from);

	return access_rule(&bed->topology, topology_host(&bed->topology, host), daemon_find(daemon),
	    question, &ip);
}

static void
the_site_says_who_gets_the_time(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", "192.0.2.50");
	assert_int_equal(rule(&bed, "t1", "chrony", ACCESS_TIME, "192.0.2.50"), ACCESS_MUST);
	assert_int_equal(rule(&bed, "t1", "chrony", ACCESS_TIME, "2001:db8::7"), ACCESS_MUST);
	assert_int_equal(rule(&bed, "t1", "chrony", ACCESS_TIME, "203.0.113.5"), ACCESS_MUST);
	assert_int_equal(rule(&bed, "t1", "chrony", ACCESS_TIME, "203.0.113.6"), ACCESS_MUST_NOT);
	assert_int_equal(rule(&bed, "t1", "chrony", ACCESS_TIME, "198.51.100.2"), ACCESS_MUST);
	assert_int_equal(rule(&bed, "t1", "chrony", ACCESS_TIME, "198.51.100.9"), ACCESS_MUST);
	assert_int_equal(rule(&bed, "e1", "chrony", ACCESS_TIME, "203.0.113.6"), ACCESS_MUST);
	assert_int_equal(rule(&bed, "c1", "chrony", ACCESS_TIME, "192.0.2.50"), ACCESS_MUST_NOT);
	/* ntpd answers whom it asks itself */
	assert_int_equal(rule(&bed, "c1", "ntp", ACCESS_TIME, "192.0.2.1"), ACCESS_EITHER);
	/* a host and itself */
	assert_int_equal(rule(&bed, "t1", "ntp", ACCESS_STATUS, "127.0.0.1"), ACCESS_EITHER);
	assert_int_equal(rule(&bed, "t1", "ntp", ACCESS_STATUS, "::1"), ACCESS_EITHER);
	assert_int_equal(rule(&bed, "t1", "ntp", ACCESS_CLIENTS, "192.0.2.1"), ACCESS_EITHER);
	finish(&bed);
}

static void
monitors_alone_see_the_status_and_nobody_the_clients(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", "192.0.2.50");
	assert_int_equal(rule(&bed, "t1", "ntp", ACCESS_STATUS, "203.0.113.5"), ACCESS_MUST);
	assert_int_equal(rule(&bed, "t1", "chrony", ACCESS_STATUS, "203.0.113.5"), ACCESS_MUST_NOT);
	assert_int_equal(rule(&bed, "t1", "ntp", ACCESS_STATUS, "192.0.2.50"), ACCESS_MUST_NOT);
	assert_int_equal(rule(&bed, "c1", "ntp", ACCESS_STATUS, "203.0.113.5"), ACCESS_MUST_NOT);
	assert_int_equal(rule(&bed, "t1", "ntp", ACCESS_CLIENTS, "203.0.113.5"), ACCESS_MUST_NOT);
	finish(&bed);
}

static void
what_should_be_is_right(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", "192.0.2.50");
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_RIGHT);
	bed.now.answers[ACCESS_STATUS] = ACCESS_REFUSED; /* tells nothing */
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_RIGHT);
	assert_string_equal(bed.words, "");
	finish(&bed);
}

static void
an_answer_that_should_not_be_is_told(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", "192.0.2.50");
	bed.now.answers[ACCESS_STATUS] = ACCESS_ANSWERED;
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_OPEN);
	assert_string_equal(
	    bed.words, "192.0.2.1 tells its status (mode 6) to 192.0.2.50, which is no monitor");
	bed.now.answers[ACCESS_STATUS] = ACCESS_SILENT;
	bed.now.answers[ACCESS_CLIENTS] = ACCESS_ANSWERED;
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_OPEN);
	assert_string_equal(
	    bed.words, "192.0.2.1 tells the list of its clients (mode 7) to 192.0.2.50");
	finish(&bed);
	begin(&bed, "t1", "203.0.113.6");
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_OPEN);
	assert_string_equal(
	    bed.words, "192.0.2.1 tells the time to 203.0.113.6, which is not in `serve`");
	finish(&bed);
	begin(&bed, "c1", "192.0.2.50");
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_OPEN);
	assert_string_equal(bed.words, "192.0.2.1 tells the time to 192.0.2.50: it is a client");
	finish(&bed);
}

static void
silence_counts_only_where_an_answer_came_before(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", "192.0.2.50");
	bed.now.answers[ACCESS_TIME] = ACCESS_SILENT;
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_MISSING);
	assert_string_equal(bed.words, "192.0.2.1 does not tell the time to 192.0.2.50 any more");
	bed.before.answers[ACCESS_TIME] = ACCESS_SILENT;
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_RIGHT);
	bed.before.answers[ACCESS_TIME] = ACCESS_ANSWERED;
	bed.before.to = ip_of("2001:db8::1"); /* at another address */
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_RIGHT);
	finish(&bed);
}

static void
behind_nat_only_what_neither_address_may_have_counts(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", "203.0.113.6");    /* not in serve, ... */
	bed.input.via = ip_of("192.0.2.77"); /* ... and the host takes us for one that is */
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_RIGHT);
	bed.now.answers[ACCESS_CLIENTS] = ACCESS_ANSWERED;
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_OPEN);
	bed.now.answers[ACCESS_CLIENTS] = ACCESS_SILENT;
	bed.input.via = ip_of("203.0.113.7");
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_OPEN);
	bed.input.via = ip_of("2001:db8::7"); /* ssh came another way: says nothing about IPv4 */
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_OPEN);
	finish(&bed);
}

static void
other_hosts_that_were_asked_are_not_judged(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "t1", "203.0.113.6");
	bed.now.host = topology_host(&bed.topology, "t2");
	assert_int_equal(access_judge(&bed.input, bed.words), ACCESS_RIGHT);
	finish(&bed);
}

/* --- datagrams --- */

static const struct ntp_asked asked = { .nonce = 77,
	.sent = { .real_ns = 1795000000 * NS_PER_S, .width_ns = 100 } };
static const struct clock_reading received = { .real_ns = 1795000000 * NS_PER_S + NS_PER_MS,
	.boot_ns = NS_PER_MS };

static bool
take(struct access_seen *seen, const uint8_t *bytes, size_t len)
{
	return access_take(seen, bytes, len, &asked, &received);
}

static size_t
time_answer(uint8_t *bytes)
{
	struct ntp_packet packet = { .version = 4, .mode = 4, .stratum = 2, .origin = 77 };

	packet.receive = packet.transmit = (ntp_time)(1795000000 + INT64_C(2208988800)) << 32;
	ntp_packet_encode(&packet, bytes);
	return NTP_HEADER_BYTES;
}

static void
answers_are_told_apart_by_mode_and_only_once_asked(void **state UNUSED)
{
	struct access_seen seen = { .host = NULL };
	uint8_t bytes[ACCESS_QUESTION_BYTES];
	size_t len = time_answer(bytes);

	assert_false(take(&seen, bytes, len));
	for (int i = 0; i < ACCESS_QUESTIONS; i++) {
		seen.answers[i] = ACCESS_SILENT;
	}
	bytes[24 + 7] ^= 1; /* to another question */
	assert_false(take(&seen, bytes, len));
	bytes[24 + 7] ^= 1;
	assert_false(take(&seen, bytes, 40));
	assert_false(take(&seen, bytes, 0));
	assert_true(take(&seen, bytes, len));
	assert_true(seen.has_sample);
	assert_false(take(&seen, bytes, len));
	len = access_write(ACCESS_STATUS, 0, bytes);
	assert_false(take(&seen, bytes, len)); /* a question is no answer */
	bytes[1] |= 0x80;
	bytes[1] |= 0x40;
	assert_true(take(&seen, bytes, len));
	assert_int_equal(seen.answers[ACCESS_STATUS], ACCESS_REFUSED);
	bytes[1] &= ~0x40;
	bytes[11] = 4;
	memset(bytes + 12, 'a', 4);
	assert_true(take(&seen, bytes, len + 4));
	assert_int_equal(seen.answers[ACCESS_STATUS], ACCESS_ANSWERED);
	len = access_write(ACCESS_CLIENTS, 0, bytes);
	assert_false(take(&seen, bytes, len));
	bytes[0] |= 0x80;
	bytes[4] = 4 << 4; /* no data */
	assert_true(take(&seen, bytes, 8));
	assert_int_equal(seen.answers[ACCESS_CLIENTS], ACCESS_REFUSED);
	bytes[4] = 0;
	assert_true(take(&seen, bytes, 8));
	assert_int_equal(seen.answers[ACCESS_CLIENTS], ACCESS_ANSWERED);
}

static void
a_server_that_is_not_synchronised_answers_all_the_same(void **state UNUSED)
{
	struct access_seen seen = { .answers = { ACCESS_SILENT } };
	uint8_t bytes[ACCESS_QUESTION_BYTES];
	size_t len = time_answer(bytes);

	bytes[0] |= 3 << 6;
	assert_true(take(&seen, bytes, len));
	assert_int_equal(seen.answers[ACCESS_TIME], ACCESS_ANSWERED);
	assert_false(seen.has_sample);
}

static void
clocks_of_others_are_held_against_the_host_s(void **state UNUSED)
{
	struct access_seen seen[3] = { { .has_sample = true }, { .has_sample = true } };
	struct site_clock clocks[3];
	struct bed bed;

	begin(&bed, "t1", "192.0.2.50");
	seen[0].host = bed.host;
	seen[0].sample = (struct ntp_sample){ .offset_ns = -NS_PER_S, .delay_ns = 2 };
	seen[1].host = topology_host(&bed.topology, "t2");
	seen[1].sample = (struct ntp_sample){
		.offset_ns = 5, .delay_ns = 4, .root_delay_ns = 8, .root_dispersion_ns = 16
	};
	seen[2].host = topology_host(&bed.topology, "e1");
	assert_int_equal(access_clocks(seen, 3, bed.host, clocks, 3), 1);
	assert_string_equal(clocks[0].name, "t2");
	assert_int_equal(clocks[0].offset_ns, NS_PER_S + 5);
	assert_int_equal(clocks[0].error_ns, 1 + 2 + 4 + 16);
	seen[0].has_sample = false;
	assert_int_equal(access_clocks(seen, 3, bed.host, clocks, 3), 0);
	finish(&bed);
}

/* --- on the loop --- */

struct server {
	uv_loop_t loop;
	uv_udp_t socket;
	unsigned port, deaf;   /* to so many questions */
	unsigned questions[8]; /* by mode */
	bool over;
	struct ask *ask;
};

static void
lend(uv_handle_t *handle UNUSED, size_t size UNUSED, uv_buf_t *buf)
{
	static char bytes[2048];

	*buf = uv_buf_init(bytes, sizeof(bytes));
}

/* It answers the time, and refuses its status. */
static void
on_question(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct server *server = socket->data;
	uint8_t *bytes = (uint8_t *)buf->base;
	uv_buf_t reply = uv_buf_init(buf->base, (unsigned)got);
	struct ntp_packet packet = { .version = 4, .mode = 4, .stratum = 2 };

	if (got <= 0 || !from) {
		return;
	}
	server->questions[bytes[0] & 7]++;
	if (server->deaf > 0) {
		server->deaf--;
		return;
	}
	if ((bytes[0] & 7) == 3) {
		memcpy(&packet.origin, bytes + 40, 8);
		packet.origin = __builtin_bswap64(packet.origin);
		packet.receive = packet.transmit =
		    (ntp_time)(clock_real_ns() / NS_PER_S + INT64_C(2208988800)) << 32;
		ntp_packet_encode(&packet, bytes);
	} else if ((bytes[0] & 7) == 6) {
		bytes[1] |= 0xc0;
	} else {
		return;
	}
	uv_udp_try_send(socket, &reply, 1, from);
}

static void
on_done(void *ctx)
{
	struct server *server = ctx;

	server->over = true;
}

static void
server_begin(struct server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int len = sizeof(address);

	memset(server, 0, sizeof(*server));
	uv_loop_init(&server->loop);
	uv_udp_init(&server->loop, &server->socket);
	server->socket.data = server;
	uv_ip4_addr("127.0.0.1", 0, &address);
	assert_int_equal(uv_udp_bind(&server->socket, (struct sockaddr *)&address, 0), 0);
	uv_udp_getsockname(&server->socket, (struct sockaddr *)&address, &len);
	server->port = ntohs(address.sin_port);
	uv_udp_recv_start(&server->socket, lend, on_question);
}

static void
server_ask(struct server *server, const struct host *host, const struct host *const *others,
    size_t other_count)
{
	struct ask_settings settings = { .loop = &server->loop,
		.port = server->port,
		.host = host,
		.others = others,
		.other_count = other_count,
		.ctx = server,
		.done = on_done };

	server->ask = ask_start(&settings);
}

static void
server_end(struct server *server)
{
	ask_free(server->ask);
	uv_close((uv_handle_t *)&server->socket, NULL);
	uv_run(&server->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&server->loop), 0);
}

static struct host
loopback(struct address *address, const char *text)
{
	*address = (struct address){ .text = text };
	ip_parse(text, &address->ip);
	return (struct host){ .name = text, .addresses = { address, 1 } };
}

static void
a_host_is_asked_all_others_the_time_and_lost_questions_again(void **state UNUSED)
{
	struct address addresses[2];
	struct host host = loopback(&addresses[0], "127.0.0.1");
	struct host other = loopback(&addresses[1], "localhost");
	const struct host *others[] = { &other };
	const struct access_seen *seen;
	struct server server;
	size_t count;

	server_begin(&server);
	server.deaf = 3;
	server_ask(&server, &host, others, 1);
	while (!server.over) {
		uv_run(&server.loop, UV_RUN_ONCE);
	}
	seen = ask_seen(server.ask, &count);
	assert_int_equal(count, 2);
	assert_int_equal(seen[0].answers[ACCESS_TIME], ACCESS_ANSWERED);
	assert_true(seen[0].has_sample);
	assert_int_equal(seen[0].answers[ACCESS_STATUS], ACCESS_REFUSED);
	assert_int_equal(seen[0].answers[ACCESS_CLIENTS], ACCESS_SILENT);
	assert_true(ip_equal(&seen[0].from, &addresses[0].ip));
	assert_int_equal(seen[1].answers[ACCESS_STATUS], ACCESS_NOT_ASKED);
	assert_int_equal(server.questions[7], 2);
	server_end(&server);
}

static void
asking_ends_whenever_it_is_ended(void **state UNUSED)
{
	struct address address;
	struct host host = loopback(&address, "localhost");
	struct server server;

	server_begin(&server);
	server_ask(&server, &host, NULL, 0); /* ended while the name is looked up */
	server_end(&server);
	assert_false(server.over);
	server_begin(&server);
	server_ask(&server, &host, NULL, 0);
	uv_run(&server.loop, UV_RUN_ONCE);
	server_end(&server);
	assert_false(server.over);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_site_says_who_gets_the_time),
		cmocka_unit_test(monitors_alone_see_the_status_and_nobody_the_clients),
		cmocka_unit_test(what_should_be_is_right),
		cmocka_unit_test(an_answer_that_should_not_be_is_told),
		cmocka_unit_test(silence_counts_only_where_an_answer_came_before),
		cmocka_unit_test(behind_nat_only_what_neither_address_may_have_counts),
		cmocka_unit_test(other_hosts_that_were_asked_are_not_judged),
		cmocka_unit_test(answers_are_told_apart_by_mode_and_only_once_asked),
		cmocka_unit_test(a_server_that_is_not_synchronised_answers_all_the_same),
		cmocka_unit_test(clocks_of_others_are_held_against_the_host_s),
		cmocka_unit_test(a_host_is_asked_all_others_the_time_and_lost_questions_again),
		cmocka_unit_test(asking_ends_whenever_it_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
