/* Several runs share one ration of questions, and ask nobody whom the site does not have. */
#include "orchestrator/probe/here.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "common/clock.h"
#include "orchestrator/probe/replace.h"
#include "tests/fake_folder.h"

#define SERVERS 3 /* at 127.0.0.11 and so on; the last one is no upstream of the site */

static char folder[FAKE_FOLDER_BYTES];
static uv_loop_t loop;
static uv_udp_t servers[SERVERS];
static unsigned questions[SERVERS];
static unsigned port;

static void
on_alloc(uv_handle_t *handle UNUSED, size_t suggested UNUSED, uv_buf_t *buf)
{
	static char datagram[2048];

	*buf = uv_buf_init(datagram, sizeof(datagram));
}

/* They have no time, and say so at once. */
static void
on_question(uv_udp_t *socket, ssize_t got, const uv_buf_t *buf, const struct sockaddr *from,
    unsigned flags UNUSED)
{
	struct ntp_packet packet;
	uint8_t bytes[NTP_HEADER_BYTES];
	uv_buf_t out = uv_buf_init((char *)bytes, sizeof(bytes));

	if (got < NTP_HEADER_BYTES || !from) {
		return;
	}
	questions[socket - servers]++;
	assert_int_equal(
	    ntp_packet_decode((const uint8_t *)buf->base, (size_t)got, &packet, NULL), 0);
	packet = (struct ntp_packet){
		.version = 4, .mode = 4, .leap = 3, .stratum = 1, .origin = packet.transmit
	};
	ntp_packet_encode(&packet, bytes);
	(void)uv_udp_try_send(socket, &out, 1, from);
}

static int
begin(void **state UNUSED)
{
	struct sockaddr_in address;
	int len = sizeof(address);

	fake_folder_make(folder, "asked");
	uv_loop_init(&loop);
	memset(questions, 0, sizeof(questions));
	port = 0;
	for (int i = 0; i < SERVERS; i++) {
		char text[16];

		snprintf(text, sizeof(text), "127.0.0.%d", 11 + i);
		uv_ip4_addr(text, (int)port, &address);
		uv_udp_init(&loop, &servers[i]);
		if (uv_udp_bind(&servers[i], (const struct sockaddr *)&address, 0) < 0 ||
		    uv_udp_getsockname(&servers[i], (struct sockaddr *)&address, &len) < 0 ||
		    uv_udp_recv_start(&servers[i], on_alloc, on_question) < 0) {
			return -1;
		}
		port = ntohs(address.sin_port);
	}
	return 0;
}

static int
end(void **state UNUSED)
{
	static const char *const left[] = { "/asked/from-here", "/asked/from-here.lock",
		"/asked/from-time1", "/asked/from-time1.lock", "/asked", "" };

	for (int i = 0; i < SERVERS; i++) {
		uv_close((uv_handle_t *)&servers[i], NULL);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < COUNT(left); i++) {
		char path[FAKE_FOLDER_BYTES + 32];

		snprintf(path, sizeof(path), "%s%s", folder, left[i]);
		remove(path);
	}
	return uv_loop_close(&loop);
}

/* One run of probe: three addresses, of which two are one. */
static void
run_probe(unsigned samples)
{
	struct address addresses[] = { { .text = "127.0.0.11" }, { .text = "127.0.0.12" },
		{ .text = "127.0.0.11" } };
	struct upstream upstreams[] = { { .name = "a", .addresses = { &addresses[0], 1 } },
		{ .name = "b", .addresses = { &addresses[1], 1 } },
		{ .name = "c", .addresses = { &addresses[2], 1 } } };
	const struct topology topology = { .upstreams = upstreams, .upstream_count = 3 };
	const struct probe_how how = {
		.samples = samples, .port = port, .timeout_ns = 60 * NS_PER_S
	};
	struct asked asked = { .open = false };
	struct arena arena = { .blocks = NULL };
	struct probe_view *views;
	struct error err;
	size_t count = probe_views(&topology, NULL, 0, &arena, &views);

	assert_int_equal(count, 3);
	assert_int_equal(asked_open(&asked, folder, "here", false, &err), 0);
	probe_here(&loop, &how, views, count, &asked, NULL);
	assert_int_equal(views[2].target.same_as, 0);
	asked_close(&asked);
	arena_free(&arena);
}

static void
runs_in_a_row_share_one_ration(void **state UNUSED)
{
	const struct timespec rest = { .tv_sec = RATION_SPACING_NS / NS_PER_S };

	run_probe(3);
	assert_int_equal(questions[0], 3);
	nanosleep(&rest, NULL);
	run_probe(4); /* one is left of the burst */
	run_probe(4);
	run_probe(1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(questions[i], 4);
	}
	assert_int_equal(questions[2], 0); /* of the site nobody has this address */
}

static void
what_is_booked_stays_booked_when_its_run_dies(void **state UNUSED)
{
	struct asked asked = { .open = false }, other = { .open = false };
	char path[FAKE_FOLDER_BYTES + 32];
	struct error err;
	struct stat st;

	assert_int_equal(asked_open(&asked, folder, "here", false, &err), 0);
	assert_int_equal(asked_open(&other, folder, "here", false, &err), 1);
	assert_int_equal(asked_open(&other, folder, "time1", false, &err), 0);
	asked_close(&other);
	assert_int_equal(
	    ration_grant(&asked.ration, "192.0.2.1", "192.0.2.1", RATION_HOUR, 4, clock_boot_ns()),
	    4);
	assert_int_equal(asked_save(&asked, &err), 0);
	asked_close(&asked); /* and nothing is written any more */
	assert_int_equal(asked_open(&asked, folder, "here", false, &err), 0);
	assert_int_equal(
	    ration_left(&asked.ration, "192.0.2.1", RATION_HOUR, 1, clock_boot_ns()), 0);
	asked_close(&asked);
	snprintf(path, sizeof(path), "%s/asked/from-here", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
a_file_that_is_none_is_written_anew_and_a_bad_name_refused(void **state UNUSED)
{
	struct asked asked = { .open = false };
	char path[FAKE_FOLDER_BYTES + 32];
	struct error err;
	FILE *file;

	assert_int_equal(asked_open(&asked, folder, "here", false, &err), 0);
	asked_close(&asked);
	snprintf(path, sizeof(path), "%s/asked/from-here", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("timetier-asked 1 x 1 1\n192.0.2.1 what\n", file);
	fclose(file);
	assert_int_equal(asked_open(&asked, folder, "here", false, &err), 0);
	assert_int_equal(asked.ration.count, 0);
	asked_close(&asked);
	assert_int_equal(asked_open(&asked, folder, "../x", false, &err), -1);
	assert_int_equal(asked_open(&asked, "/proc/no", "here", false, &err), -1);
	assert_false(asked.open);
}

/* Rounds of many upstreams: each name that is asked is one that the site has, and each once. */
static void
only_addresses_of_the_site_are_asked(void **state UNUSED)
{
	enum { MANY = 100 };
	static struct address addresses[MANY];
	static struct upstream upstreams[MANY];
	static char texts[MANY][24];
	const struct topology topology = { .upstreams = upstreams, .upstream_count = MANY };
	const struct probe_how how = { .samples = 3, .port = 123 };
	struct arena arena = { .blocks = NULL };
	struct probe_view *views;
	size_t count, next = 0, asked = 0;

	for (size_t i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]), "ntp%zu.example.net", i);
		addresses[i] = (struct address){ .text = texts[i] };
		upstreams[i] =
		    (struct upstream){ .name = texts[i], .addresses = { &addresses[i], 1 } };
	}
	count = probe_views(&topology, NULL, 0, &arena, &views);
	while (next < count) {
		static struct round round;

		memset(&round, 0, sizeof(round));
		next = round_make(&round, &how, views, count, next);
		assert_true(round.questions.request.count <= MEASURE_TARGETS_MAX);
		for (size_t i = 0; i < round.questions.request.count; i++) {
			assert_string_equal(round.questions.request.names[i], texts[asked++]);
			assert_int_equal(round.questions.request.addresses[i], 1);
		}
	}
	assert_int_equal(asked, MANY);
	arena_free(&arena);
}

static void
another_one_is_offered_of_another_operator(void **state UNUSED)
{
	struct address addresses[] = { { .text = "PTBtime1.ptb.de." }, { .text = "192.0.2.1" },
		{ .text = "192.0.2.2" } };
	struct upstream upstreams[] = {
		{ .name = "ptb", .addresses = { &addresses[0], 1 }, .nts = true },
		{ .name = "b", .addresses = { &addresses[1], 1 } },
		{ .name = "c", .addresses = { &addresses[2], 1 }, .country = "SE" },
	};
	const struct topology topology = { .upstreams = upstreams, .upstream_count = 3 };
	struct arena arena = { .blocks = NULL };
	struct probe_view *views;
	char words[PROBE_WORDS_BYTES];
	size_t count = probe_views(&topology, NULL, 0, &arena, &views);

	assert_non_null(views[0].service); /* whatever its letters are */
	views[0].worth = WORTH_SILENT;
	views[1].worth = WORTH_GOOD;
	views[2].worth = WORTH_FALSETICKER;
	probe_replace(views, count);
	assert_non_null(views[0].instead);
	assert_null(views[1].instead);
	assert_non_null(views[2].instead);
	assert_ptr_not_equal(views[0].instead, views[2].instead);
	assert_null(strstr(probe_instead_words(&views[0], words), "ptb.de"));
	assert_non_null(strstr(words, ", NTS)"));
	assert_non_null(strstr(probe_instead_words(&views[2], words), ", SE"));
	arena_free(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runs_in_a_row_share_one_ration),
		TEST(what_is_booked_stays_booked_when_its_run_dies),
		TEST(a_file_that_is_none_is_written_anew_and_a_bad_name_refused),
		cmocka_unit_test(only_addresses_of_the_site_are_asked),
		cmocka_unit_test(another_one_is_offered_of_another_operator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
