/* keys.yaml when servers come and go: keys that are added, and keys that are taken away. */
#include "common/file.h"
#include "orchestrator/topology/growth.h"
#include "orchestrator/topology/partners.h"
#include "orchestrator/topology/rotation.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct topology site;
static struct diags diags;
static struct key_change change;

static int
forget(void **state UNUSED)
{
	key_change_done(&change);
	memset(&change, 0, sizeof(change));
	topology_free(&site);
	diags_free(&diags);
	return 0;
}

#define UPSTREAMS                                                                                  \
	"upstreams: [{name: u1, address: 192.0.2.101}, {name: u2, address: 192.0.2.102}]\n"
#define SERVER(name, n) "{name: " name ", address: 192.0.2." #n "}"
#define CORE3 SERVER("t1", 1) ", " SERVER("t2", 2) ", " SERVER("t3", 3)
#define CORE(rest, servers) "  - {name: core, upstreams: all, " rest "servers: [" servers "]}\n"
#define BRANCH(rest)                                                                               \
	"  - {name: branch, " rest "servers: [" SERVER("b1", 11) ", " SERVER("b2", 12) "]}\n"

/* A line of keys.yaml: @digit is the last one of the secret. */
#define KEY(id, digit, rest)                                                                       \
	"  - {id: " #id ", type: AES128CMAC, secret: \"0001020304050607080900010203040" #digit     \
	"\", " rest "}\n"
#define KEYS3                                                                                      \
	"keys:\n" KEY(1, 1, "between: [\"t1\", \"t2\"]") KEY(2, 2, "between: [\"t1\", \"t3\"]")    \
	    KEY(3, 3, "between: [\"t2\", \"t3\"]")

static void
load(const char *tiers, const char *keys)
{
	char folder[] = "/tmp/growth.XXXXXX", path[PATH_MAX], text[4096];
	struct error err;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/keys.yaml", folder);
	assert_int_equal(file_replace(path, keys, strlen(keys), 0600, &err), 0);
	snprintf(path, sizeof(path), "%s/site.yaml", folder);
	snprintf(text, sizeof(text), "site: s\n" UPSTREAMS "tiers:\n%skeys: keys.yaml\n", tiers);
	assert_int_equal(file_replace(path, text, strlen(text), 0600, &err), 0);
	if (topology_load(&site, path, &diags) != 0) {
		fail_msg("%s: %s", tiers, diags.list[0].text);
	}
	unlink(path);
	snprintf(path, sizeof(path), "%s/keys.yaml", folder);
	unlink(path);
	rmdir(folder);
}

/* Not random: the n-th secret is all of n. */
static int
counted(void *bytes, size_t len)
{
	static uint8_t n;

	memset(bytes, ++n, len);
	return 0;
}

static void
grow(const char *tiers, const char *keys)
{
	struct error err;

	load(tiers, keys);
	if (keys_grow(&site, counted, &change, &err) != 0) {
		fail_msg("%s", err.text);
	}
}

static void
a_fourth_server_gets_a_key_with_each_of_the_three(void **state UNUSED)
{
	grow(CORE("", CORE3 ", " SERVER("t4", 4)), KEYS3);
	assert_int_equal(change.count, 3);
	assert_string_equal(
	    buf_str(&change.words), "  key 4: t1, t4\n  key 5: t2, t4\n  key 6: t3, t4\n");
	assert_memory_equal(buf_str(&change.text), KEYS3, sizeof(KEYS3) - 1);
	assert_non_null(strstr(buf_str(&change.text), "{id: 6, type: AES128CMAC, secret: \""));
	assert_non_null(strstr(buf_str(&change.text), "\", between: [\"t3\", \"t4\"]}\n"));
}

static void
a_branch_gets_keys_among_itself_and_with_those_it_asks(void **state UNUSED)
{
	grow(CORE("", CORE3) BRANCH("from: core, "), KEYS3);
	assert_string_equal(buf_str(&change.words),
	    "  key 4: b1, b2\n  key 5: b1, t1\n  key 6: b1, t2\n  key 7: b1, t3\n"
	    "  key 8: b2, t1\n  key 9: b2, t2\n  key 10: b2, t3\n");
}

static void
servers_that_do_not_watch_each_other_get_no_keys(void **state UNUSED)
{
	grow(
	    CORE("peering: none, ", CORE3) BRANCH("peering: none, upstreams: all, "), "keys: []\n");
	assert_int_equal(change.count, 0);
}

static void
what_is_complete_stays_as_it_is(void **state UNUSED)
{
	grow(CORE("", CORE3), KEYS3);
	assert_int_equal(change.count, 0);
	assert_string_equal(buf_str(&change.text), KEYS3);
}

static void
a_replacement_that_is_under_way_is_not_touched(void **state UNUSED)
{
	static const char keys[] = "keys:\n" KEY(1, 1, "between: [\"t1\", \"t2\"], state: leaving")
	    KEY(9, 2, "between: [\"t1\", \"t2\"]");

	grow(CORE("", CORE3), keys);
	assert_string_equal(buf_str(&change.words), "  key 10: t1, t3\n  key 11: t2, t3\n");
	assert_memory_equal(buf_str(&change.text), keys, sizeof(keys) - 1);
}

static void
of_many_keys_the_first_are_named(void **state UNUSED)
{
	char tiers[4096] = "  - {name: core, upstreams: all, servers: [" SERVER("t1", 1);

	for (int i = 2; i <= 10; i++) {
		size_t len = strlen(tiers);

		snprintf(
		    tiers + len, sizeof(tiers) - len, ", {name: t%d, address: 192.0.2.%d}", i, i);
	}
	strncat(tiers, "]}\n", sizeof(tiers) - strlen(tiers) - 1);
	grow(tiers, "keys: []\n");
	assert_int_equal(change.count, 45);
	assert_non_null(strstr(buf_str(&change.words), "  and 21 more\n"));
}

static void
a_server_that_left_is_known_until_its_keys_are_taken_away(void **state UNUSED)
{
	static const char keys[] =
	    KEYS3 KEY(4, 4, "between: [t1, t4]") KEY(5, 5, "between: [t4, t2]");
	const struct host **hosts;
	size_t count;

	load(CORE("", CORE3), keys);
	assert_int_equal(site.keys[3].host_count, 1);
	assert_int_equal(site.keys[3].stranger_count, 1);
	assert_string_equal(site.keys[3].strangers[0], "t4");
	assert_false(key_is_needed(&site.keys[3]));
	assert_true(key_is_known(&site.keys[3]));
	keys_shrink_hosts(&site, &site.arena, &hosts, &count);
	assert_int_equal(count, 3); /* t3 was perhaps t4 before */
	keys_shrink(&site, &change);
	assert_int_equal(change.count, 2);
	assert_string_equal(buf_str(&change.words), "  key 4: t1, t4\n  key 5: t2, t4\n");
	assert_string_equal(buf_str(&change.text), KEYS3);
}

static void
a_server_that_went_into_another_tier_needs_its_old_keys_no_more(void **state UNUSED)
{
	const struct host **hosts;
	size_t count;

	load(CORE("", SERVER("t1", 1) ", " SERVER("t2", 2)) BRANCH("upstreams: all, "),
	    KEYS3 KEY(4, 4, "between: [\"t1\", \"b1\"]") KEY(5, 5, "between: [\"b1\", \"b2\"]"));
	keys_shrink_hosts(&site, &site.arena, &hosts, &count);
	assert_int_equal(count, 4);
	keys_shrink(&site, &change);
	assert_string_equal(
	    buf_str(&change.words), "  key 2: t1, t3\n  key 3: t2, t3\n  key 4: t1, b1\n");
}

static void
a_client_that_asks_with_a_key_keeps_it(void **state UNUSED)
{
	load(CORE("", CORE3) "clients: [{name: web, from: core, hosts: [w1]}]\n",
	    KEYS3 KEY(4, 4, "between: [\"w1\", \"t2\"]"));
	keys_shrink(&site, &change);
	assert_int_equal(change.count, 0);
}

static void
a_file_without_keys_can_be_read_again(void **state UNUSED)
{
	const struct host **hosts;
	size_t count;

	load(CORE("", CORE3), "keys:\n" KEY(4, 4, "between: [old1, old2]"));
	keys_shrink_hosts(&site, &site.arena, &hosts, &count);
	assert_int_equal(count, 0);
	keys_shrink(&site, &change);
	assert_string_equal(buf_str(&change.words), "  key 4: old1, old2\n");
	assert_string_equal(buf_str(&change.text), "keys: []\n");
}

static void
keys_of_servers_that_left_are_not_replaced(void **state UNUSED)
{
	struct rotation_choice choice = { .random = counted };
	struct buf text = { 0 };
	struct error err;
	size_t made;

	load(CORE("", CORE3), KEYS3 KEY(4, 4, "between: [\"t1\", \"t4\"]"));
	assert_int_equal(rotation_begin(&site, &choice, &text, &made, &err), 0);
	assert_int_equal(made, 3);
	assert_non_null(strstr(buf_str(&text), "between: [\"t1\", \"t4\"]}\n"));
	buf_free(&text);
}

static void
a_replacement_between_those_who_left_ends_with_the_others(void **state UNUSED)
{
	struct buf text = { 0 };

	load(CORE("", CORE3),
	    "keys:\n" KEY(1, 1, "between: [\"t1\", \"t4\"]") KEY(2, 2, "between: [\"t1\", \"t5\"]")
		KEY(3, 3, "between: [t4, t1], state: coming")
		    KEY(4, 4, "between: [t5, t1], state: coming"));
	assert_ptr_equal(site.keys[0].other, &site.keys[2]);
	assert_ptr_equal(site.keys[1].other, &site.keys[3]);
	rotation_step(&site, false, &text);
	assert_non_null(strstr(buf_str(&text), "between: [\"t1\", \"t4\"], state: leaving}\n"));
	buf_free(&text);
}

#define CASE(function) cmocka_unit_test_teardown(function, forget)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		CASE(a_fourth_server_gets_a_key_with_each_of_the_three),
		CASE(a_branch_gets_keys_among_itself_and_with_those_it_asks),
		CASE(servers_that_do_not_watch_each_other_get_no_keys),
		CASE(what_is_complete_stays_as_it_is),
		CASE(a_replacement_that_is_under_way_is_not_touched),
		CASE(of_many_keys_the_first_are_named),
		CASE(a_server_that_left_is_known_until_its_keys_are_taken_away),
		CASE(a_server_that_went_into_another_tier_needs_its_old_keys_no_more),
		CASE(a_client_that_asks_with_a_key_keeps_it),
		CASE(a_file_without_keys_can_be_read_again),
		CASE(keys_of_servers_that_left_are_not_replaced),
		CASE(a_replacement_between_those_who_left_ends_with_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
