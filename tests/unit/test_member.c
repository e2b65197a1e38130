/* Proofs that a server means to be in the public pool: what is seen, and what that means. */
#include "measure/member.h"

#include "orchestrator/audit/member.h"
#include "orchestrator/show/audit.h"

#include <arpa/inet.h>
#include <poll.h>
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

#define NOW_NS (INT64_C(1796000000) * NS_PER_S)

static const char site_text[] =
    "site: s\n"
    "upstreams: [{name: u, address: 192.0.2.101}]\n"
    "tiers:\n"
    "  - {name: pool, upstreams: all, servers: [{name: p, address: 192.0.2.9, pool: true}]}\n"
    "monitors: [203.0.113.30]\n"
    "deny: [{net: 203.0.113.8, because: asks too often}]\n"
    "verify:\n"
    "  - {server: p, way: status, by: 203.0.113.9, until: 2199-12-31}\n"
    "  - {server: p, way: version, by: 203.0.113.9, until: 2199-12-31}\n"
    "  - {server: p, way: switch, by: 203.0.113.9, answers: false, until: 2199-12-31}\n"
    "  - {server: p, way: association, by: 203.0.113.9, until: 2199-12-31}\n"
    "  - {server: p, way: word, word: mine, until: 2199-12-31}\n"
    "  - {server: p, way: redirect, word: \"http://w.example/\", until: 2199-12-31}\n"
    "  - {server: p, way: switch, by: 203.0.113.10, until: 2199-12-31}\n";

enum { STATUS, VERSION, SWITCH, ASSOCIATION, WORD, REDIRECT, SWITCH_ON };

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

static void
load(struct topology *site, const char *text)
{
	struct diags diags = { 0 };

	if (topology_load_text(site, "site.yaml", text, strlen(text), &diags) < 0) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
}

#define BY "203.0.113.9"
#define OTHER "203.0.113.66"
#define MONITOR "203.0.113.30"
#define ITSELF "192.0.2.9"
#define YES DOOR_ANSWERED
#define NO DOOR_SILENT

/* Each way, for who verifies and for others, within its time and after it. */
static const struct {
	int entry;
	bool past;
	const char *from;
	enum door_answer version4, version3, status, tcp;
	const char *text;
	enum member_result result;
} cases[] = {
	{ STATUS, false, BY, .status = YES, .result = MEMBER_PROVED },
	{ STATUS, false, BY, .status = NO, .result = MEMBER_MISSING },
	{ STATUS, false, OTHER, .status = NO, .result = MEMBER_AS_OTHERS },
	{ STATUS, false, OTHER, .status = DOOR_CLOSED, .result = MEMBER_AS_OTHERS },
	{ STATUS, false, OTHER, .status = YES, .result = MEMBER_OPEN },
	{ STATUS, false, OTHER, .status = DOOR_REFUSED, .result = MEMBER_OPEN },
	{ STATUS, false, MONITOR, .status = YES, .result = MEMBER_UNSEEN },
	{ STATUS, false, ITSELF, .status = YES, .result = MEMBER_UNSEEN },
	{ STATUS, true, BY, .status = NO, .result = MEMBER_GONE },
	{ STATUS, true, BY, .status = YES, .result = MEMBER_LEFT },
	{ STATUS, true, OTHER, .status = YES, .result = MEMBER_OPEN },
	{ VERSION, false, BY, YES, NO, .result = MEMBER_PROVED },
	{ VERSION, false, BY, YES, YES, .result = MEMBER_MISSING },
	{ VERSION, false, BY, NO, NO, .result = MEMBER_MISSING },
	{ VERSION, false, OTHER, YES, YES, .result = MEMBER_AS_OTHERS },
	{ VERSION, false, OTHER, YES, NO, .result = MEMBER_OPEN },
	{ VERSION, true, BY, YES, YES, .result = MEMBER_GONE },
	{ VERSION, true, BY, YES, NO, .result = MEMBER_LEFT },
	{ SWITCH, false, BY, NO, NO, .result = MEMBER_PROVED },
	{ SWITCH, false, BY, YES, YES, .result = MEMBER_MISSING },
	{ SWITCH, false, OTHER, YES, YES, .result = MEMBER_AS_OTHERS },
	{ SWITCH, false, OTHER, NO, NO, .result = MEMBER_OPEN },
	{ SWITCH, true, BY, YES, YES, .result = MEMBER_GONE },
	{ SWITCH, true, BY, NO, NO, .result = MEMBER_LEFT },
	{ SWITCH_ON, false, "203.0.113.10", YES, YES, .result = MEMBER_PROVED },
	{ SWITCH_ON, false, "203.0.113.10", NO, NO, .result = MEMBER_MISSING },
	{ SWITCH_ON, false, BY, NO, NO, .result = MEMBER_AS_OTHERS }, /* the other entry's */
	{ WORD, false, OTHER, .tcp = YES, .text = "mine", .result = MEMBER_PROVED },
	{ WORD, false, OTHER, .tcp = YES, .text = "yours", .result = MEMBER_MISSING },
	{ WORD, false, OTHER, .tcp = DOOR_CLOSED, .result = MEMBER_MISSING },
	{ WORD, false, OTHER, .tcp = DOOR_SILENT, .result = MEMBER_MISSING },
	{ WORD, false, OTHER, .tcp = DOOR_GARBAGE, .result = MEMBER_MISSING },
	{ WORD, true, OTHER, .tcp = DOOR_CLOSED, .result = MEMBER_GONE },
	{ WORD, true, OTHER, .tcp = YES, .text = "something else", .result = MEMBER_GONE },
	{ WORD, true, OTHER, .tcp = YES, .text = "mine", .result = MEMBER_LEFT },
	{ REDIRECT, false, OTHER, .tcp = YES, .text = "301 http://w.example/",
	    .result = MEMBER_PROVED },
	{ REDIRECT, false, OTHER, .tcp = YES, .text = "301 http://x.example/",
	    .result = MEMBER_MISSING },
	{ REDIRECT, true, OTHER, .tcp = YES, .text = "302 http://w.example/",
	    .result = MEMBER_LEFT },
	{ ASSOCIATION, false, NULL, YES, YES, .result = MEMBER_PROVED },
	{ ASSOCIATION, false, NULL, YES, NO, .result = MEMBER_MISSING },
	{ ASSOCIATION, false, NULL, NO, NO, .result = MEMBER_UNSEEN },
	{ ASSOCIATION, true, NULL, YES, YES, .result = MEMBER_LEFT },
	{ ASSOCIATION, true, NULL, YES, NO, .result = MEMBER_GONE },
	{ VERSION, false, "203.0.113.8", NO, NO, .result = MEMBER_UNSEEN }, /* it is denied */
	{ VERSION, false, "", .result = MEMBER_UNSEEN },                    /* no way to it */
};

static struct member_row
row_of(const struct topology *site, size_t i)
{
	struct member_row row = { .verify = &site->verifies[cases[i].entry],
		.past = cases[i].past };

	if (!cases[i].from) {
		row.told = cases[i].version4 == YES; /* of an association, the columns say this */
		row.associated = cases[i].version3 == YES;
		return row;
	}
	row.to = ip_of("192.0.2.9");
	row.seen.version4 = cases[i].version4;
	row.seen.version3 = cases[i].version3;
	row.seen.status = cases[i].status;
	row.seen.tcp = cases[i].tcp;
	if (cases[i].from[0]) {
		row.seen.from = ip_of(cases[i].from);
	}
	if (cases[i].text) {
		snprintf(row.seen.text, sizeof(row.seen.text), "%s", cases[i].text);
	}
	return row;
}

static void
each_way_is_proved_to_who_verifies_and_to_nobody_else_and_ends(void **state UNUSED)
{
	struct topology site;
	bool met[MEMBER_LEFT + 1] = { false };

	load(&site, site_text);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct member_row row = row_of(&site, i);
		struct diags diags = { 0 };
		struct member_words words;

		member_tell(&site, &row, &words);
		if (words.result != cases[i].result) {
			fail_msg("case %zu, way %s from %s: %s, %s", i,
			    verify_way_words[row.verify->way], cases[i].from,
			    member_result_name(words.result), words.means);
		}
		assert_true(words.expected[0] && words.came[0] && words.means[0]);
		met[words.result] = true;
		member_judge(&site, &row, 1, NOW_NS, &diags);
		assert_int_equal(diags.warnings, member_is_wrong(words.result));
		diags_free(&diags);
	}
	for (size_t i = 0; i < COUNT(met); i++) {
		assert_true(met[i]);
	}
	topology_free(&site);
}

static void
what_is_wrong_is_said_with_its_place_and_may_be_accepted(void **state UNUSED)
{
	static const char more[] = "accept: [{rule: verify-fails, on: p, because: not yet}]\n";
	static const char bad[] = "site.yaml:8:14: warning: p at 192.0.2.9, way status, seen from "
				  "203.0.113.9: who verifies reads no status [verify-fails]\n";
	char text[sizeof(site_text) + sizeof(more)];
	struct diags diags = { 0 };
	struct topology site;
	struct member_row row;
	json_t *json, *list;
	char *said;
	size_t len;
	FILE *out = open_memstream(&said, &len);

	load(&site, site_text);
	row = row_of(&site, 1);
	member_judge(&site, &row, 1, NOW_NS, &diags);
	diags_print(&diags, out, false);
	fclose(out);
	assert_string_equal(said, bad);
	free(said);
	json = member_shown_json(&site, &row, 1, "client1", &diags);
	list = json_array_get(json_object_get(json, "proofs"), 0);
	assert_string_equal(json_string_value(json_object_get(list, "result")), "missing");
	assert_string_equal(json_string_value(json_object_get(list, "way")), "status");
	assert_string_equal(json_string_value(json_object_get(list, "until")), "2199-12-31");
	assert_int_equal(json_integer_value(json_object_get(json, "warnings")), 1);
	json_decref(json);
	diags_free(&diags);
	topology_free(&site);

	snprintf(text, sizeof(text), "%s%s", site_text, more);
	load(&site, text);
	row = row_of(&site, 1);
	diags = (struct diags){ 0 };
	member_judge(&site, &row, 1, NOW_NS, &diags);
	assert_int_equal(diags.warnings, 0);
	assert_int_equal(diags.accepted, 1);
	diags_free(&diags);
	topology_free(&site);
}

static void
what_a_port_says_is_a_word_or_a_redirect_or_neither(void **state UNUSED)
{
	static const struct {
		enum member_kind kind;
		const char *bytes;
		enum door_answer answer;
		const char *text;
	} rows[] = {
		{ MEMBER_WORD, "mine", YES, "mine" },
		{ MEMBER_WORD, "mine\r\n", YES, "mine" },
		{ MEMBER_WORD, "two words\nand a line\n", YES, "two words\\nand a line" },
		{ MEMBER_WORD, "\033[2J", YES, "\\x1b[2J" },
		{ MEMBER_WORD, "\r\n", DOOR_GARBAGE, "" },
		{ MEMBER_REDIRECT, "HTTP/1.1 301 Moved\r\nLocation: http://a/\r\n\r\n", YES,
		    "301 http://a/" },
		{ MEMBER_REDIRECT, "HTTP/1.0 308 x\nserver: y\nLOCATION:http://a/ \n\n", YES,
		    "308 http://a/" },
		{ MEMBER_REDIRECT, "HTTP/1.1 200 OK\r\nLocation: http://a/\r\n\r\n", DOOR_GARBAGE,
		    "HTTP/1.1 200 OK\\r\\nLocation: http://a/" },
		{ MEMBER_REDIRECT, "HTTP/1.1 301 Moved\r\n\r\nLocation: http://a/\r\n",
		    DOOR_GARBAGE, NULL },
		{ MEMBER_REDIRECT, "HTTP/1.1 301 Moved\r\nLocation", DOOR_GARBAGE, NULL },
		{ MEMBER_REDIRECT, "HTTP/1.1 301", DOOR_GARBAGE, NULL },
		{ MEMBER_REDIRECT, "SSH-2.0-x", DOOR_GARBAGE, "SSH-2.0-x" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct member_seen seen = { .tcp = DOOR_NOT_TRIED };

		member_read(rows[i].kind, rows[i].bytes, strlen(rows[i].bytes), &seen);
		if (seen.tcp != rows[i].answer ||
		    (rows[i].text && strcmp(seen.text, rows[i].text) != 0)) {
			fail_msg(
			    "row %zu: %s, \"%s\"", i, door_answer_name((int)seen.tcp), seen.text);
		}
	}
}

/* --- real sockets --- */

/* As a server with `restrict ... version` for who asks: NTP version 4 alone, and no status. */
static void
answer_time(int fd)
{
	uint8_t bytes[512], answer[48] = { 0x24, 2, 6, 0xec, [12] = 127, [15] = 1 };
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t got = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);

	if (got == 48 && bytes[0] == 0x23) {
		memcpy(answer + 24, bytes + 40, 8);
		answer[16] = answer[32] = answer[40] = 0xe0;
		sendto(fd, answer, sizeof(answer), 0, (const struct sockaddr *)&from, len);
	}
}

static void
answer_call(int fd, const char *text, bool reads)
{
	char bytes[512];
	int call = accept(fd, NULL, NULL);

	if (reads) {
		(void)!read(call, bytes, sizeof(bytes));
	}
	(void)!write(call, text, strlen(text));
	close(call);
}

static int
open_port(int type, unsigned *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, type, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* Port 0 answers NTP, 1 a word, 2 redirects, 3 accepts nothing. */
#define PORTS 4

static pid_t
serve(unsigned ports[PORTS])
{
	struct pollfd fds[PORTS - 1];
	pid_t pid;

	for (int i = 0; i < PORTS - 1; i++) {
		fds[i].fd = open_port(i == 0 ? SOCK_DGRAM : SOCK_STREAM, &ports[i]);
		fds[i].events = POLLIN;
		assert_int_equal(i == 0 ? 0 : listen(fds[i].fd, 5), 0);
	}
	close(open_port(SOCK_STREAM, &ports[3]));
	pid = fork();
	assert_true(pid >= 0);
	while (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		poll(fds, PORTS - 1, -1);
		if (fds[0].revents) {
			answer_time(fds[0].fd);
		}
		if (fds[1].revents) {
			answer_call(fds[1].fd, "mine\n", false);
		}
		if (fds[2].revents) {
			answer_call(fds[2].fd,
			    "HTTP/1.0 301 x\r\nLocation: http://w.example/\r\n\r\n", true);
		}
	}
	for (int i = 0; i < PORTS - 1; i++) {
		close(fds[i].fd);
	}
	return pid;
}

static bool
loopback_alone(const void *ctx UNUSED, const struct ip *to)
{
	return to->family == IP_V4 && to->bytes[0] == 127;
}

static void
a_server_is_looked_at_as_who_verifies_does_it(void **state UNUSED)
{
	unsigned ports[PORTS];
	pid_t pid = serve(ports);
	struct member_wanted wanted[] = { { ip_of("127.0.0.1"), MEMBER_NTP, ports[0] },
		{ ip_of("127.0.0.1"), MEMBER_WORD, ports[1] },
		{ ip_of("127.0.0.1"), MEMBER_REDIRECT, ports[2] },
		{ ip_of("127.0.0.1"), MEMBER_WORD, ports[3] },
		{ ip_of("192.0.2.1"), MEMBER_WORD, ports[1] },
		{ ip_of("192.0.2.1"), MEMBER_NTP, ports[0] } };
	const struct member_request request = { .wanted = wanted,
		.count = COUNT(wanted),
		.may_ask = loopback_alone,
		.spacing_ns = 100 * NS_PER_MS,
		.wait_ns = 2 * NS_PER_S };
	struct member_seen seen[COUNT(wanted)];

	member_try(&request, seen);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(seen[0].version4, DOOR_ANSWERED);
	assert_int_equal(seen[0].version3, DOOR_SILENT);
	assert_int_equal(seen[0].status, DOOR_SILENT);
	assert_int_equal(seen[1].tcp, DOOR_ANSWERED);
	assert_string_equal(seen[1].text, "mine");
	assert_int_equal(seen[2].tcp, DOOR_ANSWERED);
	assert_string_equal(seen[2].text, "301 http://w.example/");
	assert_int_equal(seen[3].tcp, DOOR_CLOSED);
	assert_int_equal(seen[3].from.family, IP_NONE);
	for (size_t i = 4; i < COUNT(seen); i++) { /* who may not be asked is not */
		assert_int_equal(seen[i].tcp, DOOR_NOT_TRIED);
		assert_int_equal(seen[i].version4, DOOR_NOT_TRIED);
		assert_string_equal(seen[i].why, "Operation not permitted");
	}
}

static void
another_host_is_asked_and_answers_in_json(void **state UNUSED)
{
	const struct member_wanted wanted[] = { { ip_of("192.0.2.9"), MEMBER_NTP, 0 },
		{ ip_of("2001:db8::9"), MEMBER_REDIRECT, 80 } };
	const struct member_seen seen[] = { { .from = ip_of("192.0.2.7"),
						.version4 = DOOR_ANSWERED,
						.version3 = DOOR_SILENT,
						.status = DOOR_REFUSED },
		{ .tcp = DOOR_GARBAGE, .text = "x", .why = "because" } };
	struct member_wanted wanted_again[MEMBER_MAX];
	struct member_seen seen_again[COUNT(seen)];
	json_t *json = member_wanted_json(wanted, COUNT(wanted));
	struct error err;
	size_t count;

	assert_int_equal(member_wanted_of_json(json, wanted_again, &count, &err), 0);
	assert_int_equal(count, COUNT(wanted));
	for (size_t i = 0; i < count; i++) {
		assert_true(ip_equal(&wanted_again[i].to, &wanted[i].to));
		assert_int_equal(wanted_again[i].kind, wanted[i].kind);
		assert_int_equal(wanted_again[i].port, wanted[i].port);
	}
	json_decref(json);
	json = member_json(seen, COUNT(seen));
	assert_int_equal(member_of_json(json, seen_again, COUNT(seen), &err), 0);
	assert_int_equal(seen_again[0].version4, DOOR_ANSWERED);
	assert_int_equal(seen_again[0].version3, DOOR_SILENT);
	assert_int_equal(seen_again[0].status, DOOR_REFUSED);
	assert_true(ip_equal(&seen_again[0].from, &seen[0].from));
	assert_int_equal(seen_again[1].tcp, DOOR_GARBAGE);
	assert_string_equal(seen_again[1].text, "x");
	assert_string_equal(seen_again[1].why, "because");
	assert_int_equal(member_of_json(json, seen_again, 1, &err), -1);
	assert_int_equal(member_of_json(NULL, seen_again, 1, &err), -1);
	assert_int_equal(member_wanted_of_json(json, wanted_again, &count, &err), -1);
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_is_proved_to_who_verifies_and_to_nobody_else_and_ends),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place_and_may_be_accepted),
		cmocka_unit_test(what_a_port_says_is_a_word_or_a_redirect_or_neither),
		cmocka_unit_test(a_server_is_looked_at_as_who_verifies_does_it),
		cmocka_unit_test(another_host_is_asked_and_answers_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
