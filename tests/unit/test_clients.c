/* Who asks a server how often: orders, two readings of a list, classes, and the report of them. */
#include "agent/clients/order.h"
#include "agent/clients/read.h"
#include "agent/clients/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "daemons/chrony/clients.h"

#define T0 (INT64_C(1795000000) * NS_PER_S)

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_parse(text, &ip));
	return ip;
}

/* --- orders --- */

static void
an_order_says_who_is_who(void **state UNUSED)
{
	static const char text[] =
	    "timetier-clients 1\nseconds 30\nserve 10.0.0.0/8\nserve 10.9.0.0/16\n"
	    "serve 2001:db8::/32\npartner 192.0.2.2\nmisplaced 10.1.1.1\n"
	    "misplaced 10.1.1.3\nwatch 203.0.113.0/24\nend\n";
	struct order order = { .seconds = 0 };
	struct error err;
	struct ip ip;

	assert_int_equal(order_parse(&order, text, strlen(text), &err), 0);
	assert_int_equal(order.seconds, 30);
	assert_int_equal(order.served.count, 2); /* one is in another */
	ip = ip_of("10.255.1.1");
	assert_true(network_set_has(&order.served, &ip));
	ip = ip_of("11.0.0.0");
	assert_false(network_set_has(&order.served, &ip));
	ip = ip_of("2001:db8:1::1");
	assert_true(network_set_has(&order.served, &ip));
	ip = ip_of("10.1.1.2");
	assert_false(network_set_has(&order.misplaced, &ip));
	ip = ip_of("10.1.1.3");
	assert_true(network_set_has(&order.misplaced, &ip));
	ip = ip_of("203.0.113.77");
	assert_true(network_set_has(&order.watched, &ip));
	order_free(&order);
}

static void
an_order_that_is_not_whole_is_refused(void **state UNUSED)
{
	static const char *const texts[] = { "", "timetier-clients 2\nend\n",
		"timetier-clients 1\n", "timetier-clients 1\nserve 10.0.0.0/8\n",
		"timetier-clients 1\nserve\nend\n", "timetier-clients 1\nserve 10.0.0.0/33\nend\n",
		"timetier-clients 1\nseconds -1\nend\n", "timetier-clients 1\nseconds 3600\nend\n",
		"timetier-clients 1\nseconds \nend\n", "timetier-clients 1\nsell 10.0.0.0/8\nend\n",
		"timetier-clients 1\nend" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct order order = { .seconds = 0 };
		struct error err;

		if (order_parse(&order, texts[i], strlen(texts[i]), &err) != -1) {
			fail_msg("taken: %s", texts[i]);
		}
		order_free(&order);
	}
}

/* --- classes --- */

static void
a_client_is_judged_by_its_habit_not_by_its_start(void **state UNUSED)
{
	static const struct {
		const char *what;
		struct client_habit habit;
		enum client_class class;
	} rows[] = {
		{ "every 64 s", { 500, 0, 30 * NS_PER_S, 64 * NS_PER_S, false }, CLIENT_OK },
		{ "every 64 s, seen once", { 500, 1, 30 * NS_PER_S, 64 * NS_PER_S, false },
		    CLIENT_OK },
		{ "every 16 s", { 500, 2, 30 * NS_PER_S, 16 * NS_PER_S, false }, CLIENT_CHATTY },
		{ "every 64 s, at its start with iburst",
		    { 500, 8, 30 * NS_PER_S, 63 * NS_PER_S, false }, CLIENT_OK },
		{ "new, at its start with iburst", { 8, 8, 30 * NS_PER_S, 2 * NS_PER_S, false },
		    CLIENT_OK },
		{ "two packets of somebody new", { 2, 2, 30 * NS_PER_S, 0, false }, CLIENT_OK },
		{ "every 2 s for a long time", { 500, 15, 30 * NS_PER_S, 2 * NS_PER_S, false },
		    CLIENT_ABUSIVE },
		{ "four a second since just now", { 120, 120, 30 * NS_PER_S, 64 * NS_PER_S, false },
		    CLIENT_ABUSIVE },
		{ "every 3 s, left without an answer", { 10, 10, 30 * NS_PER_S, 0, true },
		    CLIENT_ABUSIVE },
		{ "once abusive, silent now", { 5000, 0, 30 * NS_PER_S, NS_PER_S, false },
		    CLIENT_CHATTY },
		{ "every 10 s", { 500, 3, 30 * NS_PER_S, 10 * NS_PER_S, false }, CLIENT_CHATTY },
		{ "every 20 s in a long window", { 500, 18, 360 * NS_PER_S, 20 * NS_PER_S, true },
		    CLIENT_CHATTY },
		{ "one packet", { 1, 1, 30 * NS_PER_S, 0, false }, CLIENT_OK },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum client_class class = client_classify(&rows[i].habit);

		if (class != rows[i].class) {
			fail_msg("%s: %s, not %s", rows[i].what, client_class_name(class),
			    client_class_name(rows[i].class));
		}
	}
}

/* --- lines of chronyc --- */

static void
lines_of_chronyc_are_read(void **state UNUSED)
{
	static const char *const others[] = { "", "\n",
		"127.0.0.1,0,0,127,127,4294967295,4,0,0,0\n",
		"web.example,1,0,6,6,1,0,0,127,4294967295\n", "10.0.0.1,1,0,6\n",
		"10.0.0.1,-1,0,6,6,1\n", "10.0.0.1,1,0,6,6,x\n", "10.0.0.1\n", ",,,,,,,\n",
		"10.0.0.1,99999999999999999999,0,6,6,1,0,0,127,4294967295\n",
		"506 Cannot talk to daemon\n" };
	struct chrony_client client = { .packets = 77 };
	char text[IP_TEXT_BYTES];

	for (size_t i = 0; i < COUNT(others); i++) {
		if (chrony_client_parse(others[i], &client)) {
			fail_msg("a client: %s", others[i]);
		}
		assert_int_equal(client.packets, 77);
	}
	assert_true(
	    chrony_client_parse("2001:db8::5,1200,30,-2,0,17,0,0,127,4294967295\n", &client));
	assert_string_equal(ip_text(&client.ip, text), "2001:db8::5");
	assert_int_equal(client.packets, 1200);
	assert_int_equal(client.dropped, 30);
	assert_int_equal(client.interval_log2, -2);
	assert_int_equal(client.last_ns, 17 * NS_PER_S);
}

static void
a_program_s_lines_become_clients(void **state UNUSED)
{
	static const char *const argv[] = { "/bin/sh", "-c",
		"for i in 1 2 3; do echo 10.0.0.$i,$i,0,6,6,1,0,0,127,4294967295; done; "
		"printf %0999d 0; echo; echo 10.0.0.9,9,0,6,6,1,0,0,127,4294967295",
		NULL };
	static const char *const fails[] = { "/bin/sh", "-c", "exit 1", NULL };
	struct client_table *table = client_table_new();
	struct clients_report report = { .row_count = 0 };
	struct order order = { .seconds = 0 };
	struct error err;

	client_table_begin(table, T0, 0);
	assert_int_equal(read_chrony(table, fails, &err), -1);
	client_table_begin(table, T0, 30 * NS_PER_S);
	assert_int_equal(read_chrony(table, argv, &err), 0);
	client_table_report(table, &order, &report);
	assert_int_equal(report.clients, 4);
	assert_string_equal(report.rows[0].address, "10.0.0.9");
	clients_report_free(&report);
	client_table_free(table);
}

/* --- tables --- */

static void
add(struct client_table *table, const char *address, uint64_t packets, int64_t first_ns,
    int64_t last_ns, bool answers)
{
	client_table_add(table,
	    &(struct client_seen){ .ip = ip_of(address),
		.packets = packets,
		.first_ns = first_ns,
		.last_ns = last_ns,
		.answers = answers });
}

static void
two_readings_make_a_report(void **state UNUSED)
{
	static const char orders[] = "timetier-clients 1\nserve 10.0.0.0/8\npartner 10.0.0.2\n"
				     "misplaced 10.0.0.8\nwatch 10.0.0.7\nend\n";
	struct client_table *table = client_table_new();
	struct clients_report report = { .daemon = "ntpsec" }, read;
	struct order order = { .seconds = 0 };
	struct error err;
	char *text;

	assert_int_equal(order_parse(&order, orders, strlen(orders), &err), 0);
	client_table_begin(table, T0, 0);
	add(table, "10.0.0.2", 100, T0 - 1000 * NS_PER_S, T0, false); /* a sibling */
	add(table, "192.0.2.9", 100, T0 - 1000 * NS_PER_S, T0, true); /* an upstream */
	add(table, "10.0.0.7", 4, T0 - 4096 * NS_PER_S, T0 - 1024 * NS_PER_S, false);
	add(table, "10.0.0.8", 10, T0 - 640 * NS_PER_S, T0 - NS_PER_S, false);
	add(table, "172.16.0.1", 10, T0 - 640 * NS_PER_S, T0 - NS_PER_S, false);
	add(table, "10.0.0.5", 100, T0 - 50 * NS_PER_S, T0 - NS_PER_S / 2, false);
	add(table, "127.0.0.1", 100, T0 - 50 * NS_PER_S, T0, false);
	client_table_begin(table, T0 + 30 * NS_PER_S, 30 * NS_PER_S);
	add(table, "10.0.0.2", 140, T0 - 1000 * NS_PER_S, T0 + 30 * NS_PER_S, false);
	add(table, "192.0.2.9", 140, T0 - 1000 * NS_PER_S, T0 + 30 * NS_PER_S, true);
	add(table, "10.0.0.7", 4, T0 - 4096 * NS_PER_S, T0 - 1024 * NS_PER_S, false);
	add(table, "10.0.0.8", 11, T0 - 640 * NS_PER_S, T0 + 29 * NS_PER_S, false);
	add(table, "172.16.0.1", 10, T0 - 640 * NS_PER_S, T0 - NS_PER_S, false);
	add(table, "10.0.0.5", 160, T0 - 50 * NS_PER_S, T0 + 59 * NS_PER_S / 2, false);
	add(table, "127.0.0.1", 200, T0 - 50 * NS_PER_S, T0, false);
	client_table_report(table, &order, &report);
	text = clients_report_encode(&report);
	if (clients_report_decode(&read, text, strlen(text), &err) < 0) {
		fail_msg("%s", err.text);
	}
	free(text);
	assert_int_equal(read.clients, 4);
	assert_int_equal(read.recent, 61);
	assert_int_equal(read.window_ns, 30 * NS_PER_S);
	assert_int_equal(read.classes[CLIENT_ABUSIVE], 1);
	assert_int_equal(read.classes[CLIENT_PARTNER], 2);
	assert_int_equal(read.classes[CLIENT_OK], 3);
	assert_int_equal(read.strangers, 1);
	assert_int_equal(read.misplaced, 1);
	assert_int_equal(read.reach_ns, 1054 * NS_PER_S);
	assert_int_equal(read.row_count, 4);
	assert_string_equal(read.rows[0].address, "10.0.0.7"); /* watched */
	assert_string_equal(read.rows[1].address, "10.0.0.5");
	assert_int_equal(read.rows[1].interval_ns, NS_PER_S / 2);
	assert_int_equal(read.rows[1].recent, 60);
	assert_string_equal(read.rows[2].address, "10.0.0.8");
	assert_true(read.rows[2].misplaced);
	assert_string_equal(read.rows[3].address, "172.16.0.1");
	assert_true(read.rows[3].stranger);
	clients_report_free(&report);
	clients_report_free(&read);
	client_table_free(table);
	order_free(&order);
}

static void
a_report_that_is_none_is_refused(void **state UNUSED)
{
	static const char *const texts[] = { "", "[]", "{}", "{\"daemon\":\"chrony\"}",
		"{\"daemon\":\"x\",\"taken\":\"2026-11-30T08:00:00Z\",\"clients\":-1}" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct clients_report report = { .row_count = 77 };
		struct error err;

		assert_int_equal(
		    clients_report_decode(&report, texts[i], strlen(texts[i]), &err), -1);
		assert_int_equal(report.row_count, 77);
	}
}

/* A public server: 600,000 clients.  The report stays small, and names those who are too fast. */
static void
a_list_of_600000_clients_is_a_report_of_half_a_megabyte(void **state UNUSED)
{
	struct client_table *table = client_table_new();
	struct clients_report report = { .row_count = 0 };
	struct order order = { .seconds = 0 };
	struct timespec from, to;
	struct rusage usage;
	char *text;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (int reading = 0; reading < 2; reading++) {
		client_table_begin(table, T0 + reading * 30 * NS_PER_S, reading * 30 * NS_PER_S);
		for (unsigned i = 0; i < 600000; i++) {
			struct client_seen seen = { .first_ns = T0 - 3600 * NS_PER_S,
				.last_ns = T0 - NS_PER_S + reading * 30 * NS_PER_S,
				.packets = 60 + (unsigned)reading * (i % 100 == 0 ? 100 : 1) };

			seen.ip.family = IP_V6;
			memcpy(
			    seen.ip.bytes, "\x20\x01\x0d\xb8\x12\x34\x56\x78\x9a\xbc\xde\xf0", 12);
			memcpy(seen.ip.bytes + 12, &i, sizeof(i));
			client_table_add(table, &seen);
		}
	}
	client_table_report(table, &order, &report);
	text = clients_report_encode(&report);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	getrusage(RUSAGE_SELF, &usage);
	assert_int_equal(report.clients, 600000);
	assert_int_equal(report.classes[CLIENT_ABUSIVE], 6000);
	assert_int_equal(report.row_count, CLIENTS_ROWS_MAX);
	for (size_t i = 0; i < report.row_count; i++) {
		assert_int_equal(report.rows[i].class, CLIENT_ABUSIVE);
	}
	assert_in_range(strlen(text), 1, CLIENTS_BYTES_MAX);
	printf("600000 clients: %.2f s, %ld MiB, a report of %zu bytes\n",
	    (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
	    usage.ru_maxrss / 1024, strlen(text));
	free(text);
	clients_report_free(&report);
	client_table_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_says_who_is_who),
		cmocka_unit_test(an_order_that_is_not_whole_is_refused),
		cmocka_unit_test(a_client_is_judged_by_its_habit_not_by_its_start),
		cmocka_unit_test(lines_of_chronyc_are_read),
		cmocka_unit_test(a_program_s_lines_become_clients),
		cmocka_unit_test(two_readings_make_a_report),
		cmocka_unit_test(a_report_that_is_none_is_refused),
		cmocka_unit_test(a_list_of_600000_clients_is_a_report_of_half_a_megabyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
