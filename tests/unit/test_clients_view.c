/* Who asks the servers, at all of them: orders, the view, the notice, and the entry of `deny`. */
#include "orchestrator/clients/entry.h"
#include "orchestrator/clients/notice.h"
#include "orchestrator/clients/order.h"
#include "orchestrator/clients/show.h"
#include "orchestrator/clients/view.h"
#include "orchestrator/clients/whois.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/resource.h"
#include "orchestrator/topology/topology.h"

#define NOW (INT64_C(1796025600) * NS_PER_S) /* 2026-11-30T08:00:00Z */

static const char site[] =
    "site: example\nupstreams:\n  - {name: u1, address: 198.51.100.1}\n"
    "tiers:\n"
    "  - name: core\n    upstreams: all\n    servers:\n"
    "      - {name: t1, address: 192.0.2.1}\n      - {name: t2, address: 192.0.2.2}\n"
    "  - name: edge\n    from: core\n    servers:\n      - {name: e1, address: 192.0.2.11}\n"
    "      - {name: p1, address: 192.0.2.12, pool: true}\n"
    "clients:\n  - name: web\n    from: edge\n    hosts:\n"
    "      - {name: w1, address: 10.0.0.1}\n      - {name: w2, address: 10.0.0.2}\n"
    "      - named-only\n"
    "serve: [10.0.0.0/8, 192.0.2.0/24]\nmonitors: [10.0.0.2]\n"
    "collectors: [\"https://192.0.2.11:8123\"]\n";

static void
load(struct topology *topology, const char *text)
{
	struct diags diags = { 0 };

	if (topology_load_text(topology, "site.yaml", text, strlen(text), &diags)) {
		diags_print(&diags, stderr, false);
		fail();
	}
	diags_free(&diags);
}

static void
an_order_tells_a_server_who_has_no_business_there(void **state UNUSED)
{
	struct topology topology;
	struct buf order = { .limit_bytes = 65536 };
	struct ip watch;

	load(&topology, site);
	assert_true(ip_parse("203.0.113.9", &watch));
	clients_order(&topology, topology_host(&topology, "t1"), 30, &watch, &order);
	/* w2 is a monitor; e1 has t1 as a source */
	assert_string_equal(buf_str(&order),
	    "timetier-clients 1\nseconds 30\nserve 10.0.0.0/8\nserve 192.0.2.0/24\n"
	    "serve 10.0.0.2\npartner 198.51.100.1\npartner 192.0.2.1\npartner 192.0.2.2\n"
	    "serve 192.0.2.1\nserve 192.0.2.2\nserve 192.0.2.11\nserve 192.0.2.12\n"
	    "misplaced 10.0.0.1\nwatch 203.0.113.9\nend\n");
	buf_reset(&order);
	clients_order(&topology, topology_host(&topology, "p1"), 5, NULL, &order);
	assert_non_null(strstr(buf_str(&order), "serve 0.0.0.0/0\nserve ::/0\n"));
	assert_null(strstr(buf_str(&order), "misplaced 10."));
	/* the core has no business at the edge, but t1 is a partner there; nobody is both */
	assert_non_null(strstr(buf_str(&order), "partner 192.0.2.1\n"));
	buf_free(&order);
	topology_free(&topology);
}

/* --- views --- */

static struct client_row
row(const char *address, uint64_t packets, int64_t interval_ns, enum client_class class)
{
	struct client_row made = { .packets = packets,
		.recent = interval_ns > 0 ? (uint64_t)(30 * NS_PER_S / interval_ns) : 0,
		.interval_ns = interval_ns,
		.first_ns = NOW - 3600 * NS_PER_S,
		.class = class };

	snprintf(made.address, sizeof(made.address), "%s", address);
	return made;
}

struct bed {
	struct topology topology;
	struct client_row rows[2][4];
	struct clients_server servers[3];
	struct clients_view view;
};

static void
begin(struct bed *bed, const char *text)
{
	memset(bed, 0, sizeof(*bed));
	load(&bed->topology, text);
	bed->rows[0][0] = row("203.0.113.9", 12000, NS_PER_S / 4, CLIENT_ABUSIVE);
	bed->rows[0][0].dropped = 90;
	bed->rows[0][0].stranger = true;
	bed->rows[0][1] = row("10.0.0.1", 100, 64 * NS_PER_S, CLIENT_OK);
	bed->rows[0][1].misplaced = true;
	bed->rows[1][0] = row("203.0.113.9", 345, NS_PER_S / 2, CLIENT_ABUSIVE);
	bed->rows[1][0].first_ns = NOW - 7200 * NS_PER_S;
	bed->rows[1][0].stranger = true;
	bed->rows[1][1] = row("2001:db8::7", 1000, 2 * NS_PER_S, CLIENT_ABUSIVE);
	for (size_t i = 0; i < 2; i++) {
		bed->servers[i] = (struct clients_server){ .server = topology_host(
							       &bed->topology, i ? "t2" : "t1"),
			.told = true,
			.report = { .daemon = "chrony",
			    .window_ns = 30 * NS_PER_S,
			    .recent = 300,
			    .recent_v6 = 150,
			    .dropped = 30,
			    .rows = bed->rows[i],
			    .row_count = 2 } };
		bed->servers[i].report.classes[CLIENT_ABUSIVE] = i + 1;
	}
	bed->servers[2].server = topology_host(&bed->topology, "e1");
	clients_view_make(&bed->topology, bed->servers, 3, &bed->view);
}

static void
finish(struct bed *bed)
{
	clients_view_free(&bed->view);
	topology_free(&bed->topology);
}

static void
an_address_is_added_up_over_all_servers(void **state UNUSED)
{
	struct bed bed;
	const struct clients_view_row *rows;

	begin(&bed, site);
	rows = bed.view.rows;
	assert_int_equal(bed.view.row_count, 3);
	assert_string_equal(rows[0].address, "203.0.113.9");
	assert_true(rows[0].rate > 5.99 && rows[0].rate < 6.01);
	assert_int_equal(rows[0].packets, 12345);
	assert_int_equal(rows[0].first_ns, NOW - 7200 * NS_PER_S);
	assert_int_equal(rows[0].at_count, 2);
	assert_string_equal(rows[0].at[0].server->server->name, "t1"); /* the faster one */
	assert_null(rows[0].host);
	assert_string_equal(rows[1].address, "2001:db8::7");
	assert_string_equal(rows[2].host->name, "w1");
	assert_true(rows[2].misplaced);
	assert_true(clients_are_wrong(bed.servers, 3, &bed.view));
	assert_true(bed.servers[0].packets_s > 9.99 && bed.servers[0].packets_s < 10.01);
	/* 10 a second, half of them of 96 bytes, half of 76; a tenth of them got no answer */
	assert_true(bed.servers[0].in_bit_s > 6879 && bed.servers[0].in_bit_s < 6881);
	assert_true(bed.servers[0].out_bit_s > 6191 && bed.servers[0].out_bit_s < 6193);
	finish(&bed);
}

static void
nobody_is_wrong_where_nobody_is(void **state UNUSED)
{
	struct topology topology;
	struct clients_server server = { .told = true };
	struct clients_view view;

	load(&topology, site);
	server.server = topology_host(&topology, "t1");
	clients_view_make(&topology, &server, 1, &view);
	assert_int_equal(view.row_count, 0);
	assert_false(clients_are_wrong(&server, 1, &view));
	clients_view_free(&view);
	topology_free(&topology);
}

/* --- the notice --- */

static char *
notice_of(struct bed *bed, const char *to, const char *template, struct error *err)
{
	const struct resource *built_in =
	    resource_find(template_resources, template_resource_count, "abuse.mail");
	struct notice notice = { &bed->topology, &bed->view.rows[0], NOW, to };
	struct buf out = { .limit_bytes = 65536 };
	char *text = NULL;

	if (notice_write(&notice, "abuse.mail", template ? template : built_in->bytes,
		template ? strlen(template) : built_in->len, &out, err) == 0) {
		text = strdup(buf_str(&out));
	}
	buf_free(&out);
	return text;
}

static void
the_notice_says_what_its_reader_must_know(void **state UNUSED)
{
	static const char *const says[] = { "To: abuse@example.net\n",
		"Subject: 203.0.113.9 asks our time servers too often\n", "6.0 packets a second",
		"2026-11-30 08:00:00 UTC", "12,345 packets", "the first at 2026-11-30 06:00:00 UTC",
		"at t1 (192.0.2.1): 12,000 packets", "https://www.rfc-editor.org/rfc/rfc8633",
		"90 of the latest", "If it goes on, we shall block" };
	struct bed bed;
	struct error err;
	char *text;

	begin(&bed, site);
	text = notice_of(&bed, "abuse@example.net", NULL, &err);
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(says); i++) {
		if (!strstr(text, says[i])) {
			fail_msg("no \"%s\" in\n%s", says[i], text);
		}
	}
	assert_null(strstr(text, "{{"));
	free(text);
	text = notice_of(&bed, NULL, NULL, &err);
	assert_non_null(strstr(text, "abuse contact of 203.0.113.9"));
	free(text);
	finish(&bed);
}

static void
who_has_stopped_is_written_of_in_the_past_tense(void **state UNUSED)
{
	static const char *const says[] = {
		"Subject: 203.0.113.9 asked our time servers too often\n",
		"203.0.113.9 asked them for the time",
		"It has stopped: when we looked, at 2026-11-30",
		"the latest: at 2026-11-30 07:50:00 UTC", "12,345 packets", "have not blocked it"
	};
	static const char *const never[] = { "asks them", "If it goes on", "a second",
		"now:", "not known", "unanswered" };
	struct bed bed;
	struct error err;
	char *text;

	begin(&bed, site);
	bed.view.rows[0].recent = 0;
	bed.view.rows[0].rate = 0;
	bed.view.rows[0].last_ns = NOW - 600 * NS_PER_S;
	for (size_t i = 0; i < bed.view.rows[0].at_count; i++) {
		((struct clients_at *)(uintptr_t)bed.view.rows[0].at)[i].rate = 0;
	}
	text = notice_of(&bed, NULL, NULL, &err);
	assert_non_null(text);
	for (size_t i = 0; i < COUNT(says); i++) {
		if (!strstr(text, says[i])) {
			fail_msg("no \"%s\" in\n%s", says[i], text);
		}
	}
	for (size_t i = 0; i < COUNT(never); i++) {
		if (strstr(text, never[i])) {
			fail_msg("\"%s\" in\n%s", never[i], text);
		}
	}
	free(text);
	finish(&bed);
}

static void
a_notice_is_for_who_asks_or_asked_too_often(void **state UNUSED)
{
	static const struct {
		enum client_class class;
		uint64_t packets, recent;
		int64_t first_s, last_s; /* before now; 0: not told */
		enum notice_case is;
	} rows[] = {
		{ CLIENT_ABUSIVE, 9000, 60, 3600, 0, NOTICE_GOES_ON },
		{ CLIENT_ABUSIVE, 9000, 0, 3600, 600, NOTICE_STOPPED },
		{ CLIENT_ABUSIVE, 9000, 0, 0, 600, NOTICE_STOPPED },
		{ CLIENT_OK, 9000, 0, 3600, 600, NOTICE_STOPPED }, /* a packet in 0.3 s */
		{ CLIENT_OK, 40, 0, 3600, 600, NOTICE_HARMLESS },
		{ CLIENT_OK, 8, 0, 3600, 3590, NOTICE_HARMLESS }, /* a start with iburst */
		{ CLIENT_OK, 9000, 0, 0, 600, NOTICE_HARMLESS },  /* its list tells no more */
		{ CLIENT_OK, 100, 1, 3600, 0, NOTICE_HARMLESS },
		{ CLIENT_CHATTY, 100, 2, 3600, 0, NOTICE_HARMLESS },
		{ CLIENT_PARTNER, 9000, 60, 3600, 0, NOTICE_PARTNER },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct clients_view_row row = { .class = rows[i].class,
			.packets = rows[i].packets,
			.recent = rows[i].recent,
			.first_ns = rows[i].first_s ? NOW - rows[i].first_s * NS_PER_S : 0,
			.last_ns = NOW - rows[i].last_s * NS_PER_S };

		if (notice_case_of(&row) != rows[i].is) {
			fail_msg("row %zu: %d", i, (int)notice_case_of(&row));
		}
	}
}

static void
whois_names_whom_to_write_to_and_nothing_else_is_taken_from_it(void **state UNUSED)
{
	static const struct {
		const char *text, *contact;
	} rows[] = {
		{ "% Abuse contact for '192.0.2.0 - 192.0.2.255' is 'abuse@example.net'\n"
		  "abuse-mailbox:  other@example.net\n",
		    "abuse@example.net" },
		{ "role: x\r\nabuse-mailbox:  noc+abuse@example.net\r\n", "noc+abuse@example.net" },
		{ "OrgTechEmail: a@b.example\nOrgAbuseEmail:  abuse@b.example\n",
		    "abuse@b.example" },
		{ "orgabuseemail: abuse@b.example", "abuse@b.example" },
		{ "e-mail: somebody@example.net\n", NULL },
		{ "abuse-mailbox: none\nabuse-mailbox: a@b@c\nabuse-mailbox: @x\n", NULL },
		{ "abuse-mailbox: -f@example.net\n", NULL },
		{ "abuse-mailbox: \033[2Ja@example.net\n", NULL },
		{ "% Abuse contact for '192.0.2.0' is none\n", NULL },
		{ "% Abuse contact for ", NULL },
		{ "", NULL },
	};
	char long_text[300] = "abuse-mailbox: ";

	for (size_t i = 0; i < COUNT(rows); i++) {
		char contact[WHOIS_CONTACT_BYTES] = "";
		bool is = whois_contact(rows[i].text, strlen(rows[i].text), contact);

		if (is != !!rows[i].contact || (is && strcmp(contact, rows[i].contact) != 0)) {
			fail_msg("%s: \"%s\"", rows[i].text, contact);
		}
	}
	memset(long_text + 15, 'a', 200);
	memcpy(long_text + 215, "@b", 3);
	assert_false(whois_contact(long_text, strlen(long_text), (char[WHOIS_CONTACT_BYTES]){ 0 }));
}

static void
the_notice_says_what_was_blocked(void **state UNUSED)
{
	char denied[sizeof(site) + 128];
	struct bed bed;
	struct error err;
	char *text;

	snprintf(denied, sizeof(denied),
	    "%sdeny:\n  - {net: 203.0.113.0/28, because: x, until: 2027-06-30}\n", site);
	begin(&bed, denied);
	text = notice_of(&bed, NULL, NULL, &err);
	assert_non_null(strstr(text, "We have blocked 203.0.113.0/28 until 2027-06-30"));
	assert_null(strstr(text, "we shall block"));
	free(text);
	finish(&bed);
}

static void
a_template_of_the_operator_is_read_strictly(void **state UNUSED)
{
	struct bed bed;
	struct error err;
	char *text;

	begin(&bed, site);
	text = notice_of(&bed, NULL, "{{address}}:{{#servers}} {{server}}{{/servers}}\n", &err);
	assert_string_equal(text, "203.0.113.9: t1 t2\n");
	free(text);
	assert_null(notice_of(&bed, NULL, "{{adress}}\n", &err));
	assert_string_equal(err.text, "abuse.mail:1:1: a notice has no name `adress`");
	assert_null(notice_of(&bed, NULL, "{{server}}\n", &err));
	finish(&bed);
}

/* --- entries of `deny` --- */

static const struct deny_entry entry = {
	.network = { { IP_V4, { 203, 0, 113, 0 } }, 28 },
	.because = "asks \"often\", and \\ too",
	.until = "2027-06-30",
};
#define ENTRY                                                                                      \
	"- {net: 203.0.113.0/28, because: \"asks \\\"often\\\", and \\\\ too\", until: "           \
	"2027-06-30}\n"

static void
an_entry_goes_where_the_others_are(void **state UNUSED)
{
	static const struct {
		const char *old, *fresh;
	} rows[] = {
		{ "site: x\n", "site: x\ndeny:\n  " ENTRY },
		{ "site: x", "site: x\ndeny:\n  " ENTRY },
		{ "deny:\n  - {net: 10.0.0.1, because: y}\nsite: x\n",
		    "deny:\n  - {net: 10.0.0.1, because: y}\n  " ENTRY "site: x\n" },
		{ "deny: # whom we know\n- net: 10.0.0.1\n  because: y\n\n# the site\nsite: x\n",
		    "deny: # whom we know\n- net: 10.0.0.1\n  because: y\n" ENTRY
		    "\n# the site\nsite: x\n" },
		{ "site: x\ndeny:\n    - net: 10.0.0.1\n      because: y # end",
		    "site: x\ndeny:\n    - net: 10.0.0.1\n      because: y # end\n    " ENTRY },
		{ "site: x\ndeny:\n", "site: x\ndeny:\n  " ENTRY },
		{ "tiers:\n  deny: z\n", "tiers:\n  deny: z\ndeny:\n  " ENTRY },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf fresh = { .limit_bytes = 4096 };
		struct error err;

		assert_int_equal(
		    deny_entry_add(rows[i].old, strlen(rows[i].old), &entry, &fresh, &err), 0);
		if (strcmp(buf_str(&fresh), rows[i].fresh) != 0) {
			fail_msg(
			    "%s became\n%s, not\n%s", rows[i].old, buf_str(&fresh), rows[i].fresh);
		}
		buf_free(&fresh);
	}
}

static void
an_entry_that_cannot_be_added_is_told_to_be_written_by_hand(void **state UNUSED)
{
	static const char *const texts[] = { "deny: []\n", "deny: *them\n", "deny: &them\n  - x\n",
		"deny: [{net: 10.0.0.1, because: y}]\n" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buf fresh = { .limit_bytes = 4096 };
		struct error err;

		assert_int_equal(
		    deny_entry_add(texts[i], strlen(texts[i]), &entry, &fresh, &err), -1);
		assert_non_null(strstr(err.text, "write by hand: - {net: 203.0.113.0/28"));
		buf_free(&fresh);
	}
}

static void
a_file_with_the_entry_is_the_site_and_the_entry(void **state UNUSED)
{
	struct topology old, fresh;
	struct buf text = { .limit_bytes = 65536 };
	struct deny_entry other = entry;
	struct error err;

	load(&old, site);
	assert_int_equal(deny_entry_add(site, strlen(site), &entry, &text, &err), 0);
	load(&fresh, buf_str(&text));
	assert_int_equal(deny_entry_verify(&old, &fresh, &entry, &err), 0);
	assert_string_equal(fresh.denies[0].because, entry.because);
	other.network.prefix = 29;
	assert_int_equal(deny_entry_verify(&old, &fresh, &other, &err), -1);
	assert_int_equal(deny_entry_verify(&old, &old, &entry, &err), -1);
	assert_int_equal(deny_entry_verify(&fresh, &fresh, &entry, &err), -1);
	topology_free(&fresh);
	topology_free(&old);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_tells_a_server_who_has_no_business_there),
		cmocka_unit_test(an_address_is_added_up_over_all_servers),
		cmocka_unit_test(nobody_is_wrong_where_nobody_is),
		cmocka_unit_test(the_notice_says_what_its_reader_must_know),
		cmocka_unit_test(who_has_stopped_is_written_of_in_the_past_tense),
		cmocka_unit_test(a_notice_is_for_who_asks_or_asked_too_often),
		cmocka_unit_test(whois_names_whom_to_write_to_and_nothing_else_is_taken_from_it),
		cmocka_unit_test(the_notice_says_what_was_blocked),
		cmocka_unit_test(a_template_of_the_operator_is_read_strictly),
		cmocka_unit_test(an_entry_goes_where_the_others_are),
		cmocka_unit_test(an_entry_that_cannot_be_added_is_told_to_be_written_by_hand),
		cmocka_unit_test(a_file_with_the_entry_is_the_site_and_the_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
