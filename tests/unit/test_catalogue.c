/* The catalogue of public servers: every row, what its keys mean, and what a site is offered. */
#include "orchestrator/catalogue/catalogue.h"
#include "orchestrator/topology/topology.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                       \
	"names\taddresses\toperator\tcountry\tregion\tstratum\tnts\tsmear\tservers\taccess\tarea"  \
	"\t"                                                                                       \
	"least_s\tterms\tsource\tseen\tremark\n"
#define DOMAINS "domain\toperator\tsource\tseen\n"
#define ROW(names, addresses, servers)                                                             \
	names "\t" addresses "\tA\tDE\teurope\t1\tunstated\tnone\t" servers                        \
	      "\topen\t-\t-\topen to all\thttps://a.example/\t2026-11-30\t-\n"

static bool
is_offerable(const struct service *service)
{
	return (service->access == SERVICE_OPEN || service->access == SERVICE_TOLD) &&
	    service->smear != SERVICE_SMEAR_YES && service->smear != SERVICE_SMEAR_LINEAR_24H;
}

static void
at_least_eighty_services_of_fifty_operators_may_be_offered(void **state UNUSED)
{
	size_t count, offerable = 0, operators = 0;
	const struct service *all = catalogue_all(&count);

	for (size_t i = 0; i < count; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++) {
			again |= is_offerable(&all[k]) &&
			    strcmp(all[k].operator_name, all[i].operator_name) == 0;
		}
		offerable += is_offerable(&all[i]);
		operators += is_offerable(&all[i]) && !again;
	}
	if (offerable < 80 || operators < 50) {
		fail_msg("%zu services of %zu operators", offerable, operators);
	}
}

static void
each_row_cites_a_page_and_the_day_on_which_it_was_read(void **state UNUSED)
{
	size_t count;
	const struct service *all = catalogue_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (strncmp(all[i].source, "http", 4) != 0 || strcmp(all[i].seen, "2026") < 0 ||
		    strlen(all[i].terms) < 10) {
			fail_msg("%s: %s, %s", all[i].first, all[i].source, all[i].seen);
		}
		/* what no page of the operator allows is not offered */
		if (is_offerable(&all[i]) && strstr(all[i].terms, "not seen")) {
			fail_msg("%s: offered though its terms were not seen", all[i].first);
		}
	}
}

/* Names and addresses of one server have one key; those of different servers have not. */
static void
published_addresses_of_a_server_mean_its_name(void **state UNUSED)
{
	static const struct {
		const char *key, *server;
	} rows[] = {
		{ "time1.google.com", "time1.google.com" },
		{ "216.239.35.0", "time1.google.com" },
		{ "2001:4860:4806::", "time1.google.com" },
		{ "216.239.35.4", "time2.google.com" },
		{ "2001:4860:4806:4::", "time2.google.com" },
		{ "216.239.35.8", "time3.google.com" },
		{ "2001:4860:4806:8::", "time3.google.com" },
		{ "216.239.35.12", "time4.google.com" },
		{ "2001:4860:4806:c::", "time4.google.com" },
		{ "time.google.com", "time.google.com" },
		{ "169.254.169.254", "metadata.google.internal" },
		{ "169.254.169.123", "169.254.169.123" },
		{ "fd00:ec2::123", "169.254.169.123" },
		{ "129.134.28.123", "time1.facebook.com" },
		{ "2a03:2880:ff0b::123", "time1.facebook.com" },
		{ "129.134.29.123", "time2.facebook.com" },
		{ "2a03:2880:ff0c::123", "time2.facebook.com" },
		{ "129.134.25.123", "time3.facebook.com" },
		{ "2a03:2880:ff08::123", "time3.facebook.com" },
		{ "129.134.26.123", "time4.facebook.com" },
		{ "2a03:2880:ff09::123", "time4.facebook.com" },
		{ "129.134.27.123", "time5.facebook.com" },
		{ "2a03:2880:ff0a::123", "time5.facebook.com" },
		{ "tick.gatech.edu", "navobs1.gatech.edu" },
		{ "130.207.244.240", "navobs1.gatech.edu" },
		{ "162.159.200.123", "time.cloudflare.com" },
		{ "ptbtime2.ptb.de", "ptbtime2.ptb.de" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(catalogue_server(rows[i].key), rows[i].server);
	}
}

static void
smear_is_known_by_name_and_by_address(void **state UNUSED)
{
	static const struct {
		const char *key;
		enum service_smear smear;
	} rows[] = {
		{ "time.google.com", SERVICE_SMEAR_LINEAR_24H },
		{ "216.239.35.12", SERVICE_SMEAR_LINEAR_24H },
		{ "time9.google.com", SERVICE_SMEAR_LINEAR_24H },
		{ "time.android.com", SERVICE_SMEAR_LINEAR_24H },
		{ "169.254.169.254", SERVICE_SMEAR_LINEAR_24H },
		{ "time.aws.com", SERVICE_SMEAR_LINEAR_24H },
		{ "fd00:ec2::123", SERVICE_SMEAR_LINEAR_24H },
		{ "time5.facebook.com", SERVICE_SMEAR_YES },
		{ "129.134.26.123", SERVICE_SMEAR_YES },
		{ "time.cloudflare.com", SERVICE_SMEAR_NONE },
		{ "ptbtime1.ptb.de", SERVICE_SMEAR_UNSTATED },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct service *service = catalogue_find(rows[i].key);

		assert_non_null(service);
		if (service->smear != rows[i].smear) {
			fail_msg("%s: %d", rows[i].key, service->smear);
		}
	}
	assert_null(catalogue_find("www.google.com"));
	assert_null(catalogue_find("192.0.2.1"));
}

static void
an_operator_is_known_by_row_or_by_domain(void **state UNUSED)
{
	static const struct {
		const char *key, *operator_name;
	} rows[] = {
		{ "ptbtime1.ptb.de", "PTB" },
		{ "ptbtime9.ptb.de", "PTB" },
		{ "sth1.ntp.se", "Netnod" },
		{ "sth1.nts.netnod.se", "Netnod" },
		{ "new.ntp.se", "Netnod" },
		{ "tick.usno.navy.mil", "US Naval Observatory" },
		{ "tick.ucla.edu", "US Naval Observatory" },
		{ "time-a-b.nist.gov", "NIST" },
		{ "utcnist.colorado.edu", "NIST" },
		{ "ntp1.inrim.it", "INRIM" },
		{ "193.204.114.232", "INRIM" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(catalogue_operator(rows[i].key), rows[i].operator_name);
	}
	assert_null(catalogue_operator("www.ucla.edu")); /* a guest there is not the house */
	assert_null(catalogue_operator("notptb.de"));
	assert_null(catalogue_operator("de"));
	assert_null(catalogue_operator(""));
	assert_null(catalogue_operator("..."));
}

static void
a_country_has_a_region(void **state UNUSED)
{
	assert_string_equal(catalogue_region("DE"), "europe");
	assert_string_equal(catalogue_region("US"), "north-america");
	assert_string_equal(catalogue_region("ZW"), "africa");
	assert_string_equal(catalogue_region("AE"), "asia");
	assert_string_equal(catalogue_region("NZ"), "oceania");
	assert_string_equal(catalogue_region("BR"), "south-america");
	assert_null(catalogue_region("XX"));
	assert_null(catalogue_region("D"));
	assert_null(catalogue_region("E F"));
	assert_null(catalogue_region(" F"));
	assert_null(catalogue_region(""));
}

/* What holds for every offer, whoever asks. */
static void
check_offers(const struct wish *wish, const struct offer *offers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct service *service = offers[i].service;

		assert_true(is_offerable(service));
		assert_true(!wish->nts || service->nts);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(
			    offers[k].service->operator_name, service->operator_name);
		}
	}
}

static void
every_country_is_offered_seven_servers_of_seven_operators(void **state UNUSED)
{
	char country[3] = "AA";

	for (country[0] = 'A'; country[0] <= 'Z'; country[0]++) {
		for (country[1] = 'A'; country[1] <= 'Z'; country[1]++) {
			struct wish wish = { .country = country };
			struct offer offers[7];
			size_t same = 0;

			if (!catalogue_region(country)) {
				continue;
			}
			assert_int_equal(catalogue_offer(&wish, offers, 7), 7);
			check_offers(&wish, offers, 7);
			for (size_t i = 1; i < 7; i++) {
				same += strcmp(offers[i].service->country,
					    offers[0].service->country) == 0;
				assert_int_not_equal(offers[i].service->servers, SERVICE_ANYCAST);
			}
			if (same > 3) {
				fail_msg("%s: %zu of one country", country, same + 1);
			}
		}
	}
}

static void
what_is_near_comes_first_and_what_is_in_use_not_at_all(void **state UNUSED)
{
	static const char *const without[] = { "ptb" };
	struct wish wish = { .country = "DE" };
	struct offer offers[7];

	assert_int_equal(catalogue_offer(&wish, offers, 7), 7);
	assert_string_equal(offers[0].service->country, "DE");
	assert_int_equal(offers[0].nearness, NEAR_COUNTRY);
	assert_string_equal(offers[6].service->region, "europe");
	assert_int_equal(offers[6].nearness, NEAR_REGION);
	wish.without = without;
	wish.without_count = 1;
	assert_int_equal(catalogue_offer(&wish, offers, 7), 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_not_equal(offers[i].service->operator_name, "PTB");
	}
	wish = (struct wish){ .region = "africa" };
	assert_int_equal(catalogue_offer(&wish, offers, 7), 7);
	assert_string_equal(offers[0].name, "time.nmisa.org");
	assert_int_equal(offers[0].nearness, NEAR_REGION);
	assert_int_equal(offers[1].nearness, NEAR_WORLD);
	wish = (struct wish){ .region = "europe", .nts = true };
	assert_true(catalogue_offer(&wish, offers, 7) >= 5);
	check_offers(&wish, offers, 5);
}

static void
who_serves_an_area_is_offered_there_alone(void **state UNUSED)
{
	struct offer offers[64];
	bool found = false;
	size_t count = catalogue_offer(&(struct wish){ .country = "CL" }, offers, COUNT(offers));

	for (size_t i = 0; i < count; i++) {
		found |= strcmp(offers[i].name, "ntp.shoa.cl") == 0;
	}
	assert_true(found);
	count = catalogue_offer(&(struct wish){ .country = "BR" }, offers, COUNT(offers));
	for (size_t i = 0; i < count; i++) {
		assert_string_not_equal(offers[i].name, "ntp.shoa.cl");
	}
}

/* Parse @servers behind the first line; returns what is wrong, or "" when nothing is. */
static const char *
parsed(const char *servers, const char *operators)
{
	static struct error err;
	struct catalogue catalogue;

	err.text[0] = '\0';
	if (catalogue_parse(
		&catalogue, servers, strlen(servers), operators, strlen(operators), &err) == 0) {
		assert_string_equal(err.text, "");
	} else {
		assert_string_not_equal(err.text, "");
	}
	catalogue_free(&catalogue);
	return err.text;
}

static const struct {
	const char *servers, *says;
} mistakes[] = {
	{ HEAD ROW("a.example b.example", "-", "each"), "" },
	{ HEAD ROW("a.example", "192.0.2.1 2001:db8::1", "one"), "" },
	{ HEAD ROW("-", "192.0.2.1", "one"), "" },
	{ "", "servers.tsv:1: the line has no end" },
	{ "names\n", "servers.tsv:1: not as many columns" },
	{ HEAD "a\n", "servers.tsv:2: not as many columns" },
	{ HEAD ROW("-", "-", "one"), "servers.tsv:2: neither names nor addresses" },
	{ HEAD ROW("A.example", "-", "one"), "servers.tsv:2: not a name" },
	{ HEAD ROW("example", "-", "one"), "servers.tsv:2: not a name" },
	{ HEAD ROW("a..example", "-", "one"), "servers.tsv:2: not a name" },
	{ HEAD ROW("a.example", "192.0.2", "one"), "servers.tsv:2: not an address" },
	{ HEAD ROW("a.example", "2001:DB8::1", "one"), "servers.tsv:2: not an address" },
	{ HEAD ROW("a.example", "192.0.2.1", "each"), "servers.tsv:2: addresses of" },
	{ HEAD ROW("a.example", "-", "two"), "servers.tsv:2: not a word of its column" },
	{ HEAD ROW("a.example", "-", "one") ROW("a.example", "-", "one"),
	    "servers.tsv:3: in two rows: \"a.example\"" },
	{ HEAD "a.example\t-\tA\tXX\teurope\t1\tyes\tnone\tone\topen\t-\t-\topen\t"
	       "https://a.example/\t2026-11-30\t-\n",
	    "servers.tsv:2: not a country: \"XX\"" },
	{ HEAD "a.example\t-\tA\tDE\tmars\t1\tyes\tnone\tone\topen\t-\t-\topen\t"
	       "https://a.example/\t2026-11-30\t-\n",
	    "servers.tsv:2: not a region: \"mars\"" },
	{ HEAD "a.example\t-\tA\tDE\teurope\t16\tyes\tnone\tone\topen\t-\t-\topen\t"
	       "https://a.example/\t2026-11-30\t-\n",
	    "servers.tsv:2: not a stratum: \"16\"" },
	{ HEAD "a.example\t-\tA\tDE\teurope\t1\tyes\tnone\tone\topen\tDE,AT\t-\topen\t"
	       "https://a.example/\t2026-11-30\t-\n",
	    "servers.tsv:2: not countries or regions" },
	{ HEAD "a.example\t-\tA\tDE\teurope\t1\tyes\tnone\tone\topen\t-\t0\topen\t"
	       "https://a.example/\t2026-11-30\t-\n",
	    "servers.tsv:2: not an interval" },
	{ HEAD "a.example\t-\tA\tDE\teurope\t1\tno\tnone\tone\topen\t-\t-\topen\t"
	       "https://a.example/\t2026-11-30\t-\n",
	    "servers.tsv:2: neither yes nor unstated" },
	{ HEAD "a.example\t-\tA\tDE\teurope\t1\tyes\tnone\tone\topen\t-\t-\topen\t"
	       "a.example\t2026-11-30\t-\n",
	    "servers.tsv:2: not the URL" },
	{ HEAD "a.example\t-\tA\tDE\teurope\t1\tyes\tnone\tone\topen\t-\t-\topen\t"
	       "https://a.example/\t2026-11-3\t-\n",
	    "servers.tsv:2: not a day" },
	{ HEAD "a.example\t-\tA\tDE\teurope\t1\tyes\tnone\tone\topen\t-\t-\t\t"
	       "https://a.example/\t2026-11-30\t-\n",
	    "servers.tsv:2: an empty column" },
};

static void
a_row_that_is_not_as_it_should_be_is_an_error_at_its_line(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		const char *found = parsed(mistakes[i].servers, DOMAINS);

		if (strncmp(found, mistakes[i].says, strlen(mistakes[i].says)) != 0 ||
		    (mistakes[i].says[0] == '\0' && found[0] != '\0')) {
			fail_msg("row %zu: \"%s\" and not \"%s\"", i, found, mistakes[i].says);
		}
	}
	assert_string_equal(parsed(HEAD,
				DOMAINS "a.example\tA\thttps://a.example/\t2026-11-30\n"
					"a.example\tA\thttps://a.example/\t2026-11-30\n"),
	    "operators.tsv:3: in two rows: \"a.example\"");
}

/* What we tell people to write is what operators allow. */
static void
examples_name_no_server_that_the_catalogue_does_not_offer(void **state UNUSED)
{
	static const char *const names[] = { "campus", "first", "small-office", "two-sites" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct diags diags = { 0 };
		struct topology topology;
		char path[64];

		snprintf(path, sizeof(path), "examples/%s/site.yaml", names[i]);
		assert_int_equal(topology_load_keyless(&topology, path, &diags), 0);
		assert_true(topology.upstream_count >= 5);
		for (size_t u = 0; u < topology.upstream_count; u++) {
			const struct upstream *upstream = &topology.upstreams[u];
			const struct service *service =
			    catalogue_find(upstream->addresses.list[0].text);

			if (!service || !is_offerable(service) ||
			    strcmp(service->operator_name, upstream->operator_name) != 0) {
				fail_msg("%s: %s", path, upstream->addresses.list[0].text);
			}
		}
		topology_free(&topology);
		diags_free(&diags);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_least_eighty_services_of_fifty_operators_may_be_offered),
		cmocka_unit_test(each_row_cites_a_page_and_the_day_on_which_it_was_read),
		cmocka_unit_test(published_addresses_of_a_server_mean_its_name),
		cmocka_unit_test(smear_is_known_by_name_and_by_address),
		cmocka_unit_test(an_operator_is_known_by_row_or_by_domain),
		cmocka_unit_test(a_country_has_a_region),
		cmocka_unit_test(examples_name_no_server_that_the_catalogue_does_not_offer),
		cmocka_unit_test(every_country_is_offered_seven_servers_of_seven_operators),
		cmocka_unit_test(what_is_near_comes_first_and_what_is_in_use_not_at_all),
		cmocka_unit_test(who_serves_an_area_is_offered_there_alone),
		cmocka_unit_test(a_row_that_is_not_as_it_should_be_is_an_error_at_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
