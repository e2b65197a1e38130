/* Servers of many kinds are asked by `timetier probe`, and each is named for what it is. */
#include "orchestrator/probe/here.h"

#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/ntp/packet.h"

#define KINDS_MAX 24
#define PATIENCE_NS (60 * NS_PER_S) /* who answers at last may need it on a busy machine */
#define SHORT_NS NS_PER_S           /* for those that never answer */
#define TRIES 30                    /* for a moment in which the machine is not busy */
#define CODE(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))

/* What a server does with a question. */
enum does {
	ANSWERS,
	DOES_NOTHING,
	MISTAKES_ORIGIN, /* as who has not seen the question */
	REPEATS,         /* the question, as an echo service */
	SENDS_TEXT,
	SENDS_FEW_BYTES,
	SENDS_MODE_6,
	ANSWERS_ELSEWHERE, /* from another address */
	FLOODS,            /* with what is no answer */
	FLOODS_AFTER,      /* with answers, after the first */
};

struct kind {
	const char *name, *address; /* "127.0.0.N"; "::1" */
	enum does does;
	unsigned stratum, leap;
	enum source_worth worth;
	double offset_s;           /* source minus local */
	uint32_t refid, root_disp; /* in 1/65536 s */
	const char *words;         /* a pattern; NULL: there are none */
};

struct server {
	const struct kind *kind;
	uv_udp_t socket, other;
	unsigned questions;
};

static struct server servers[KINDS_MAX];
static uv_loop_t loop;
static unsigned port;

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char bytes[2048];

	*buf = uv_buf_init(bytes, sizeof(bytes));
}

static ntp_time
time_of(double offset_s)
{
	int64_t ns = clock_real_ns() + (int64_t)(offset_s * (double)NS_PER_S);

	return (uint64_t)(ns / NS_PER_S + 2208988800) << 32 |
	    ((uint64_t)(ns % NS_PER_S) << 32) / NS_PER_S;
}

static void
say(uv_udp_t *socket, const void *bytes, size_t len, const struct sockaddr *to)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);

	(void)uv_udp_try_send(socket, &buf, 1, to); /* who asked may be gone */
}

static void
make_answer(const struct server *server, const struct ntp_packet *question, uint8_t *bytes)
{
	const struct kind *kind = server->kind;
	struct ntp_packet packet = { .version = 4,
		.mode = 4,
		.leap = (uint8_t)kind->leap,
		.stratum = (uint8_t)kind->stratum,
		.precision_log2 = -20,
		.root_delay = 655,
		.root_disp = kind->root_disp ? kind->root_disp : 655,
		.refid = kind->refid,
		/* when the clock was corrected: for each reference at another moment */
		.reference =
		    UINT64_C(4000000000) << 32 | (0x20000000 + (kind->refid * 2654435761u >> 2)),
		.origin = question->transmit ^ (kind->does == MISTAKES_ORIGIN) };

	packet.receive = packet.transmit = time_of(kind->offset_s);
	ntp_packet_encode(&packet, bytes);
}

static void
on_question(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct server *server = socket->data;
	struct ntp_packet question;
	uint8_t bytes[NTP_HEADER_BYTES];

	if (got <= 0 || !from ||
	    ntp_packet_decode((const uint8_t *)buf->base, (size_t)got, &question, NULL) < 0) {
		return;
	}
	server->questions++;
	make_answer(server, &question, bytes);
	switch (server->kind->does) {
	case DOES_NOTHING:
		break;
	case REPEATS:
		say(socket, buf->base, (size_t)got, from);
		break;
	case SENDS_TEXT:
		say(socket, "220 this is no time\r\n", 21, from);
		break;
	case SENDS_FEW_BYTES:
		say(socket, bytes, sizeof(bytes) - 1, from);
		break;
	case SENDS_MODE_6:
		bytes[0] = 0x26;
		say(socket, bytes, sizeof(bytes), from);
		break;
	case ANSWERS_ELSEWHERE:
		say(&server->other, bytes, sizeof(bytes), from);
		break;
	case FLOODS:
		bytes[24] ^= 0xff; /* the origin */
		for (int i = 0; i < 100; i++) {
			say(socket, bytes, sizeof(bytes), from);
		}
		break;
	case FLOODS_AFTER:
		for (int i = 0; i < 100; i++) {
			say(socket, bytes, sizeof(bytes), from);
		}
		break;
	case ANSWERS:
	case MISTAKES_ORIGIN:
		say(socket, bytes, sizeof(bytes), from);
		break;
	}
}

static int
bind_to(uv_udp_t *socket, const char *address, unsigned at)
{
	struct sockaddr_storage name;

	if (strchr(address, ':')) {
		uv_ip6_addr(address, (int)at, (struct sockaddr_in6 *)&name);
	} else {
		uv_ip4_addr(address, (int)at, (struct sockaddr_in *)&name);
	}
	return uv_udp_bind(socket, (const struct sockaddr *)&name, 0);
}

static void
start(struct server *server, const struct kind *kind)
{
	struct sockaddr_storage name;
	int len = sizeof(name);

	memset(server, 0, sizeof(*server));
	server->kind = kind;
	uv_udp_init(&loop, &server->socket);
	uv_udp_init(&loop, &server->other);
	server->socket.data = server;
	if (bind_to(&server->socket, kind->address, port) < 0 ||
	    (kind->does == ANSWERS_ELSEWHERE && bind_to(&server->other, "127.0.0.99", 0) < 0)) {
		fail_msg("%s: no server on %s port %u", kind->name, kind->address, port);
	}
	uv_udp_getsockname(&server->socket, (struct sockaddr *)&name, &len);
	port = ntohs(((struct sockaddr_in *)&name)->sin_port); /* at the same place in IPv6's */
	uv_udp_recv_start(&server->socket, on_alloc, on_question);
}

static void
stop(struct server *server)
{
	uv_close((uv_handle_t *)&server->socket, NULL);
	uv_close((uv_handle_t *)&server->other, NULL);
}

static void
expect(const struct probe_view *view, const struct kind *kind)
{
	const char *words = kind->words ? kind->words : "";

	if (view->worth != kind->worth || fnmatch(words, view->words, 0) != 0) {
		fail_msg("%s: %s: \"%s\", not %s: \"%s\"", kind->name,
		    source_worth_name(view->worth), view->words, source_worth_name(kind->worth),
		    words);
	}
}

/* How long this process did not get the processor, at the longest. */
struct pulse {
	uv_timer_t timer;
	int64_t last_ns, longest_ns;
};

static void
on_pulse(uv_timer_t *timer)
{
	struct pulse *pulse = timer->data;
	int64_t now_ns = clock_boot_ns(), gone_ns = now_ns - pulse->last_ns;

	pulse->longest_ns = gone_ns > pulse->longest_ns ? gone_ns : pulse->longest_ns;
	pulse->last_ns = now_ns;
}

static void
run_loop_of(const struct probe_how *how, struct probe_view *views, size_t count, int64_t *stall_ns)
{
	struct pulse pulse = { .last_ns = clock_boot_ns() };
	struct asked asked = { .open = false };

	uv_timer_init(&loop, &pulse.timer);
	pulse.timer.data = &pulse;
	uv_timer_start(&pulse.timer, on_pulse, 5, 5);
	probe_here(&loop, how, views, count, &asked, NULL);
	on_pulse(&pulse.timer);
	uv_close((uv_handle_t *)&pulse.timer, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
	asked_close(&asked);
	*stall_ns = pulse.longest_ns;
}

/*
 * Ask all of @kinds once, and judge them.  Returns false, and has judged nobody, when meanwhile
 * this process, which is the servers, too, stood still for longer than @still_ns.
 */
static bool
probe_once(const struct kind *kinds, size_t count, int64_t timeout_ns, int64_t still_ns)
{
	static struct upstream upstreams[KINDS_MAX];
	static struct address addresses[KINDS_MAX];
	const struct topology topology = { .upstreams = upstreams, .upstream_count = count };
	struct probe_how how = { .samples = 1, .timeout_ns = timeout_ns };
	struct arena arena = { .blocks = NULL };
	struct probe_view *views;
	struct probe_sum sum;
	int64_t stall_ns;

	uv_loop_init(&loop);
	port = 0;
	for (size_t i = 0; i < count; i++) {
		addresses[i] = (struct address){ .text = kinds[i].address };
		ip_parse(kinds[i].address, &addresses[i].ip);
		upstreams[i] =
		    (struct upstream){ .name = kinds[i].name, .addresses = { &addresses[i], 1 } };
		start(&servers[i], &kinds[i]);
	}
	how.port = port;
	assert_int_equal(probe_views(&topology, NULL, 0, &arena, &views), count);
	run_loop_of(&how, views, count, &stall_ns);
	probe_judge(views, count, clock_real_ns(), &sum);
	for (size_t i = 0; i < count; i++) {
		if (stall_ns <= still_ns) {
			expect(&views[i], &kinds[i]);
		}
		assert_int_equal(servers[i].questions, 1);
		stop(&servers[i]);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	arena_free(&arena);
	return stall_ns <= still_ns;
}

/* On a busy machine, wait for a moment in which it is not. */
static void
probe(const struct kind *kinds, size_t count, int64_t timeout_ns, int64_t still_ns)
{
	for (int i = 0; i < TRIES && !probe_once(kinds, count, timeout_ns, still_ns); i++) {
	}
}

static void
each_that_answers_is_named_for_what_it_is(void **state UNUSED)
{
	static const struct kind kinds[] = {
		{ "one", "127.0.0.1", .stratum = 1, .refid = CODE('G', 'P', 'S', 0) },
		{ "two", "127.0.0.2", .stratum = 2, .refid = 0xc0000201 },
		{ "three", "127.0.0.3", .stratum = 2, .refid = 0xc0000202 },
		{ "more", "127.0.0.4", FLOODS_AFTER, .stratum = 2, .refid = 0xc0000203 },
		{ "deny", "127.0.0.5", .refid = CODE('D', 'E', 'N', 'Y'), .worth = WORTH_KISSED,
		    .words = "it refuses to answer this host (DENY)" },
		{ "rstr", "127.0.0.6", .refid = CODE('R', 'S', 'T', 'R'), .worth = WORTH_KISSED,
		    .words = "it refuses to answer this host (RSTR)" },
		{ "rate", "127.0.0.7", .refid = CODE('R', 'A', 'T', 'E'), .worth = WORTH_KISSED,
		    .words = "it refuses to answer this host (RATE)" },
		{ "unknown", "127.0.0.8", .refid = CODE('X', 'Y', '7', 'Z'), .worth = WORTH_KISSED,
		    .words = "it refuses to answer this host (XY7Z)" },
		{ "init", "127.0.0.9", .refid = CODE('I', 'N', 'I', 'T'), .worth = WORTH_UNSYNCED,
		    .words = "its clock is not synchronised (INIT)" },
		{ "blank", "127.0.0.10", .worth = WORTH_UNSYNCED,
		    .words = "its clock is not synchronised" },
		{ "sixteen", "127.0.0.11", .stratum = 16, .worth = WORTH_UNSYNCED,
		    .words = "its stratum is 16" },
		{ "many", "127.0.0.12", .stratum = 255, .worth = WORTH_UNSYNCED,
		    .words = "its stratum is 255" },
		{ "alarm", "127.0.0.13", .stratum = 2, .leap = 3, .worth = WORTH_UNSYNCED,
		    .words = "its clock is not synchronised" },
		{ "beyond", "127.0.0.14", .stratum = 2, .root_disp = 17 << 16,
		    .worth = WORTH_UNSYNCED, .words = "its root distance is 17.0 s: *" },
		{ "far", "127.0.0.15", .stratum = 2, .refid = 0xc0000204, .root_disp = 3 << 14,
		    .worth = WORTH_POOR, .words = "its root distance is * ms: *" },
		{ "deep", "127.0.0.16", .stratum = 15, .refid = 0xc0000205, .worth = WORTH_POOR,
		    .words = "its stratum is 15: *" },
		{ "liar", "127.0.0.17", .offset_s = -50, .stratum = 1, .refid = 0xc0000206,
		    .worth = WORTH_FALSETICKER, .words = "* s behind the 6 that agree" },
		{ "friend", "127.0.0.18", .offset_s = -50.001, .stratum = 1, .refid = 0xc0000207,
		    .worth = WORTH_FALSETICKER, .words = "* s behind the 6 that agree" },
		{ "second", "127.0.0.19", .offset_s = 1, .stratum = 2, .refid = 0xc0000208,
		    .worth = WORTH_FALSETICKER, .words = "* ahead of the 6 that agree" },
		{ "again", "127.0.0.20", .stratum = 2, .refid = 0xc0000201, .worth = WORTH_TWIN,
		    .words = "the same server as two, by what both say of their latest "
			     "correction" },
	};

	probe(kinds, COUNT(kinds), PATIENCE_NS, 20 * NS_PER_MS);
}

static void
one_machine_by_ipv4_and_ipv6_has_one_vote(void **state UNUSED)
{
	static const struct kind kinds[] = {
		{ "v6", "::1", .stratum = 2, .refid = 0xc0000201 },
		{ "other", "127.0.0.2", .stratum = 2, .refid = 0xc0000202 },
		{ "third", "127.0.0.3", .stratum = 2, .refid = 0xc0000203 },
		{ "v4", "127.0.0.1", .stratum = 2, .refid = 0xc0000201, .worth = WORTH_TWIN,
		    .words = "the same server as v6, by what both say of their latest "
			     "correction" },
	};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0;

	close(fd);
	if (!has) {
		skip();
	}
	probe(kinds, COUNT(kinds), PATIENCE_NS, 20 * NS_PER_MS);
}

static void
each_that_does_not_answer_is_named_for_what_it_does(void **state UNUSED)
{
	static const char garbled[] = "no answer; what it sends is none to the question (*";
	static const struct kind kinds[] = {
		{ "silent", "127.0.0.1", DOES_NOTHING, .worth = WORTH_SILENT,
		    .words = "no answer within 1 s" },
		{ "blind", "127.0.0.2", MISTAKES_ORIGIN, .stratum = 2, .worth = WORTH_GARBLED,
		    .words = garbled },
		{ "echo", "127.0.0.3", REPEATS, .worth = WORTH_GARBLED, .words = garbled },
		{ "text", "127.0.0.4", SENDS_TEXT, .worth = WORTH_GARBLED, .words = garbled },
		{ "short", "127.0.0.5", SENDS_FEW_BYTES, .stratum = 2, .worth = WORTH_GARBLED,
		    .words = garbled },
		{ "mode6", "127.0.0.6", SENDS_MODE_6, .stratum = 2, .worth = WORTH_GARBLED,
		    .words = garbled },
		{ "flood", "127.0.0.7", FLOODS, .stratum = 2, .worth = WORTH_GARBLED,
		    .words = garbled },
		{ "elsewhere", "127.0.0.8", ANSWERS_ELSEWHERE, .stratum = 2,
		    .worth = WORTH_ELSEWHERE,
		    .words = "another address answers in its place: 127.0.0.99" },
	};

	probe(kinds, COUNT(kinds), SHORT_NS, SHORT_NS / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_that_answers_is_named_for_what_it_is),
		cmocka_unit_test(one_machine_by_ipv4_and_ipv6_has_one_vote),
		cmocka_unit_test(each_that_does_not_answer_is_named_for_what_it_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
