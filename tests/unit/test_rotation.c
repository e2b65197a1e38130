/* keys.yaml while keys are replaced. */
#include "common/file.h"
#include "orchestrator/topology/topology.h"

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
		"key 1 is not used, and no other key between its hosts is",
		"keys 3 and 4 are both beside the one that is used between the same hosts",
		"keys 5 and 6 are both used between the same hosts: which one does key 7 stand "
		"beside?",
	};
	static const char keys[] = "keys:\n" AES(1, 1, "between: [t1, t2], state: coming")
	    AES(2, 2, "between: [t1, t3]") AES(3, 3, "between: [t1, t3], state: gone")
		AES(4, 4, "between: [t3, t1], state: coming") AES(5, 5, "between: [t2, t3]")
		    AES(6, 6, "between: [t2, t3]") AES(7, 7, "between: [t2, t3], state: leaving");

	assert_int_equal(load(keys), -1);
	assert_int_equal(diags.count, COUNT(wanted));
	for (size_t i = 0; i < diags.count; i++) {
		assert_string_equal(diags.list[i].rule, "key-state");
		assert_string_equal(diags.list[i].text, wanted[i]);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_two_keys_of_the_same_hosts_one_is_used),
		TEST(states_that_amount_to_no_rotation_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
