/* keys.yaml while keys are replaced. */
#include "common/file.h"
#include "orchestrator/topology/rotation.h"

#include <errno.h>
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

static int
forget(void **state UNUSED)
{
	topology_free(&site);
	diags_free(&diags);
	return 0;
}

static const char site_text[] =
    "site: s\n"
    "upstreams: [{name: u1, address: 192.0.2.101}, {name: u2, address: 192.0.2.102}]\n"
    "tiers:\n"
    "  - {name: core, upstreams: all, servers: [{name: t1, address: 192.0.2.1},\n"
    "     {name: t2, address: 192.0.2.2}, {name: t3, address: 192.0.2.3}]}\n"
    "keys: keys.yaml\n";

/* A line of keys.yaml: @digit is the last one of the secret. */
#define AES(id, digit, rest)                                                                       \
	"  - {id: " #id ", type: AES128CMAC, secret: \"0001020304050607080900010203040" #digit     \
	"\", " rest "}\n"

static int
load(const char *keys)
{
	char folder[] = "/tmp/rotation.XXXXXX", path[PATH_MAX];
	struct error err;
	int status;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/keys.yaml", folder);
	assert_int_equal(file_replace(path, keys, strlen(keys), 0600, &err), 0);
	snprintf(path, sizeof(path), "%s/site.yaml", folder);
	assert_int_equal(file_replace(path, site_text, strlen(site_text), 0600, &err), 0);
	status = topology_load(&site, path, &diags);
	unlink(path);
	snprintf(path, sizeof(path), "%s/keys.yaml", folder);
	unlink(path);
	rmdir(folder);
	return status;
}

static const struct symmetric_key *
key_between(const char *a, const char *b)
{
	return topology_key(&site, topology_host(&site, a), topology_host(&site, b));
}

static void
of_two_keys_of_the_same_hosts_one_is_used(void **state UNUSED)
{
	static const char keys[] =
	    "keys:\n" AES(1, 1, "between: [t1, t2], state: leaving") AES(2, 2, "between: [t1, t3]")
		AES(3, 3, "between: [t2, t1]") AES(4, 4, "between: [t1, t3], state: withdrawn");

	assert_int_equal(load(keys), 0);
	assert_ptr_equal(key_between("t1", "t2"), &site.keys[2]);
	assert_ptr_equal(site.keys[2].other, &site.keys[0]);
	assert_ptr_equal(site.keys[0].other, &site.keys[2]);
	assert_true(key_is_doubled(&site.keys[0]));
	assert_true(key_is_known(&site.keys[0]));
	assert_ptr_equal(key_between("t1", "t3"), &site.keys[1]);
	assert_ptr_equal(site.keys[1].other, &site.keys[3]);
	assert_false(key_is_doubled(&site.keys[1]));
	assert_false(key_is_known(&site.keys[3]));
}

static void
states_that_amount_to_no_rotation_are_refused(void **state UNUSED)
{
	static const char *const wanted[] = {
		"no key between the hosts of key 1 has the state `used`",
		"keys 3 and 4 both stand beside the key that the same hosts use: only one may",
		("keys 5 and 6 are both used between the same hosts: it is not clear "
		 "beside which of them key 7 stands"),
	};
	static const char keys[] = "keys:\n" AES(1, 1, "between: [t1, t2], state: coming")
	    AES(2, 2, "between: [t1, t3]") AES(3, 3, "between: [t1, t3], state: gone")
		AES(4, 4, "between: [t3, t1], state: coming") AES(5, 5, "between: [t2, t3]")
		    AES(6, 6, "between: [t2, t3]") AES(7, 7, "between: [t2, t3], state: leaving");

	assert_int_equal(load(keys), -1);
	assert_int_equal(diags.count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		assert_string_equal(diags.list[i].rule, "key-state");
		assert_string_equal(diags.list[i].text, wanted[i]);
	}
}

static uint8_t next_byte;

static int
count_up(void *bytes, size_t len)
{
	memset(bytes, ++next_byte, len);
	return 0;
}

static int
fail_random(void *bytes UNUSED, size_t len UNUSED)
{
	errno = EIO;
	return -1;
}

/* The states of the keys that were loaded: "1:leaving 3" when 3 is used. */
static const char *
states(void)
{
	static const char *const words[] = { "", ":coming", ":leaving", ":gone", ":withdrawn" };
	static char text[256];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < site.key_count; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u%s", i > 0 ? " " : "",
		    site.keys[i].id, words[site.keys[i].state]);
	}
	return text;
}

static void
reload(struct buf *text)
{
	forget(NULL);
	memset(&site, 0, sizeof(site));
	memset(&diags, 0, sizeof(diags));
	assert_int_equal(load(buf_str(text)), 0);
	buf_reset(text);
}

static const char two_pairs[] =
    "keys:\n" AES(1, 1, "between: [t1, t2]") AES(7, 2, "between: [t1, t3]");

static void
a_rotation_goes_on_phase_by_phase_and_leaves_the_new_keys(void **state UNUSED)
{
	static const struct {
		enum rotation_phase phase;
		const char *states;
	} wanted[] = {
		{ ROTATION_LEARN, "1 8:coming 7 9:coming" },
		{ ROTATION_USE, "1:leaving 8 7:leaving 9" },
		{ ROTATION_FORGET, "1:gone 8 7:gone 9" },
		{ ROTATION_NONE, "8 9" },
	};
	struct rotation_choice choice = { .random = count_up };
	struct buf text = { 0 };
	struct error err;
	size_t made;

	assert_int_equal(load(two_pairs), 0);
	assert_int_equal(rotation_phase(&site, false), ROTATION_NONE);
	next_byte = 0;
	assert_int_equal(rotation_begin(&site, &choice, &text, &made, &err), 0);
	assert_int_equal(made, 2);
	for (size_t i = 0; i < COUNT(wanted); i++) {
		reload(&text);
		assert_int_equal(rotation_phase(&site, false), wanted[i].phase);
		assert_string_equal(states(), wanted[i].states);
		rotation_step(&site, false, &text);
	}
	assert_string_equal(
	    key_between("t2", "t1")->secret_hex, "01010101010101010101010101010101");
	assert_string_equal(
	    key_between("t1", "t3")->secret_hex, "02020202020202020202020202020202");
	buf_free(&text);
}

static void
a_rotation_goes_back_from_each_phase_to_the_old_keys(void **state UNUSED)
{
	static const char *const ways[][5] = {
		{ "1 8:coming", "1 8:withdrawn", "1" },
		{ "1:leaving 8", "1 8:coming", "1 8:withdrawn", "1" },
		{ "1:gone 8", "1:leaving 8", "1 8:coming", "1 8:withdrawn", "1" },
	};
	static const char *const begins[] = {
		"keys:\n" AES(1, 1, "between: [t1, t2]")
		    AES(8, 2, "between: [t1, t2], state: coming"),
		"keys:\n" AES(1, 1, "between: [t1, t2], state: leaving")
		    AES(8, 2, "between: [t1, t2]"),
		"keys:\n" AES(1, 1, "between: [t1, t2], state: gone")
		    AES(8, 2, "between: [t1, t2]"),
	};
	struct buf text = { 0 };

	for (size_t i = 0; i < COUNT(ways); i++) {
		buf_reset(&text);
		buf_text(&text, begins[i]);
		for (size_t k = 0; k < COUNT(ways[i]) && ways[i][k]; k++) {
			reload(&text);
			assert_string_equal(states(), ways[i][k]);
			rotation_step(&site, true, &text);
		}
	}
	buf_free(&text);
}

static void
a_rotation_that_was_given_up_can_be_taken_up_again(void **state UNUSED)
{
	struct buf text = { 0 };

	buf_text(&text,
	    "keys:\n" AES(1, 1, "between: [t1, t2]")
		AES(8, 2, "between: [t1, t2], state: withdrawn"));
	reload(&text);
	assert_int_equal(rotation_phase(&site, false), ROTATION_WITHDRAW);
	rotation_step(&site, false, &text);
	reload(&text);
	assert_string_equal(states(), "1 8:coming");
	buf_free(&text);
}

static void
those_furthest_behind_take_the_next_step(void **state UNUSED)
{
	static const char mixed[] = "keys:\n" AES(1, 1, "between: [t1, t2], state: leaving")
	    AES(8, 2, "between: [t1, t2]") AES(2, 3, "between: [t1, t3]")
		AES(9, 4, "between: [t1, t3], state: coming") AES(3, 5, "between: [t2, t3]");
	struct buf text = { 0 };

	buf_text(&text, mixed);
	reload(&text);
	assert_int_equal(rotation_phase(&site, false), ROTATION_LEARN);
	assert_int_equal(rotation_phase(&site, true), ROTATION_USE);
	rotation_step(&site, false, &text);
	reload(&text);
	assert_string_equal(states(), "1:leaving 8 2:leaving 9 3");
	forget(NULL);
	buf_text(&text, mixed);
	reload(&text);
	rotation_step(&site, true, &text);
	reload(&text);
	assert_string_equal(states(), "1 8:coming 2 9:coming 3");
	buf_free(&text);
}

static void
new_keys_are_made_for_the_hosts_that_are_named(void **state UNUSED)
{
	const struct host *hosts[1], **sharing;
	struct rotation_choice choice = { .hosts = hosts, .host_count = 1, .random = count_up };
	struct buf text = { 0 };
	struct error err;
	size_t made, count;

	assert_int_equal(load(two_pairs), 0);
	hosts[0] = topology_host(&site, "t2");
	rotation_hosts(&site, &choice, &site.arena, &sharing, &count);
	assert_int_equal(count, 2);
	assert_int_equal(rotation_begin(&site, &choice, &text, &made, &err), 0);
	assert_int_equal(made, 1);
	reload(&text);
	assert_string_equal(states(), "1 8:coming 7");
	rotation_hosts(&site, NULL, &site.arena, &sharing, &count);
	assert_int_equal(count, 2);
	assert_string_equal(sharing[0]->name, "t1");
	assert_string_equal(sharing[1]->name, "t2");
	buf_free(&text);
}

static void
a_new_key_has_the_type_of_the_old_one_unless_that_proves_nothing(void **state UNUSED)
{
	static const char keys[] =
	    "keys:\n  - {id: 65535, type: MD5, secret: \"0102\", between: [t1, t2]}\n"
	    "  - {id: 2, type: SHA1, secret: \"0001020304050607080900010203040506070809\",\n"
	    "     between: [t1, t3]}\n";
	struct rotation_choice choice = { .random = count_up };
	struct buf text = { 0 };
	struct error err;
	size_t made;

	assert_int_equal(load(keys), 0);
	assert_int_equal(rotation_begin(&site, &choice, &text, &made, &err), 0);
	reload(&text);
	assert_string_equal(states(), "65535 1:coming 2 3:coming"); /* behind the highest: from 1 */
	assert_int_equal(site.keys[1].type, KEY_TYPE_AES128CMAC);
	assert_int_equal(site.keys[3].type, KEY_TYPE_SHA1);
	assert_int_equal(strlen(site.keys[3].secret_hex), 40);
	choice.random = fail_random;
	assert_int_equal(
	    rotation_begin(&site, &choice, &text, &made, &err), 0); /* nothing to make */
	assert_int_equal(made, 0);
	buf_free(&text);
	forget(NULL);
	assert_int_equal(load(two_pairs), 0);
	assert_int_equal(rotation_begin(&site, &choice, &text, &made, &err), -1);
	assert_memory_equal(err.text, "no random numbers", 17);
	buf_free(&text);
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_two_keys_of_the_same_hosts_one_is_used),
		TEST(states_that_amount_to_no_rotation_are_refused),
		TEST(a_rotation_goes_on_phase_by_phase_and_leaves_the_new_keys),
		TEST(a_rotation_goes_back_from_each_phase_to_the_old_keys),
		TEST(a_rotation_that_was_given_up_can_be_taken_up_again),
		TEST(those_furthest_behind_take_the_next_step),
		TEST(new_keys_are_made_for_the_hosts_that_are_named),
		TEST(a_new_key_has_the_type_of_the_old_one_unless_that_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
