#include "common/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct network
network(const char *text)
{
	struct network parsed = { 0 };
	struct error err = { "" };

	if (network_parse(text, &parsed, &err) != 0) {
		fail_msg("%s: %s", text, err.text);
	}
	return parsed;
}

static void
networks_are_printed_in_their_shortest_form(void **state UNUSED)
{
	static const struct {
		const char *written, *printed, *mask;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.0/24", "255.255.255.0" },
		{ "192.0.2.128/25", "192.0.2.128/25", "255.255.255.128" },
		{ "192.0.2.9", "192.0.2.9/32", "255.255.255.255" },
		{ "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0" },
		{ "2001:DB8:0::/64", "2001:db8::/64", "ffff:ffff:ffff:ffff::" },
		{ "::1", "::1/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct network parsed = network(cases[i].written);
		char out[IP_TEXT_BYTES];

		assert_string_equal(network_text(&parsed, out), cases[i].printed);
		assert_string_equal(network_mask_text(&parsed, out), cases[i].mask);
	}
}

static void
what_is_no_network_is_refused_and_nothing_is_written(void **state UNUSED)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "time1", "\"time1\" is not an address or network" },
		{ "192.0.2.0/33", "\"192.0.2.0/33\": the prefix is a number from 0 to 32" },
		{ "192.0.2.0/", "\"192.0.2.0/\": the prefix is a number from 0 to 32" },
		{ "192.0.2.0/-1", "\"192.0.2.0/-1\": the prefix is a number from 0 to 32" },
		{ "2001:db8::/129", "\"2001:db8::/129\": the prefix is a number from 0 to 128" },
		{ "192.0.2.1/24",
		    "\"192.0.2.1/24\" has bits set behind its prefix; 192.0.2.0/24 is the "
		    "network" },
		{ "", "\"\" is not an address or network" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct network parsed = { .prefix = 77 };
		struct error err = { "" };

		assert_int_equal(network_parse(cases[i].text, &parsed, &err), -1);
		assert_string_equal(err.text, cases[i].message);
		assert_int_equal(parsed.prefix, 77);
	}
}

static void
a_network_contains_its_own_addresses_alone(void **state UNUSED)
{
	static const struct {
		const char *network, *address;
		bool inside;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.64/26", "192.0.2.127", true },
		{ "192.0.2.64/26", "192.0.2.128", false },
		{ "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "2001:db8::/63", "2001:db8:0:1::1", true },
		{ "2001:db8::/63", "2001:db8:0:2::1", false },
		{ "::/0", "192.0.2.1", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct network parsed = network(cases[i].network);
		struct ip ip;

		assert_true(ip_parse(cases[i].address, &ip));
		if (network_contains(&parsed, &ip) != cases[i].inside) {
			fail_msg("%s in %s", cases[i].address, cases[i].network);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_printed_in_their_shortest_form),
		cmocka_unit_test(what_is_no_network_is_refused_and_nothing_is_written),
		cmocka_unit_test(a_network_contains_its_own_addresses_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
