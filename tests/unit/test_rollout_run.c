/* What a run brings to a host besides new files: files that go, its mark, its owner's word. */
#include "orchestrator/rollout/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake_host.h"
#include "tests/fake_sshd.h"
#include "tests/fake_transport.h"

#define CONFIG "/etc/chrony/chrony.conf"
#define SOURCES "/etc/chrony/sources.d/timetier.sources"

static struct tier tier = { .name = "core",
	.budget = { .offset_ns = NS_PER_MS, .error_bound_ns = NS_PER_S } };
static struct address address = { .text = "192.0.2.1" };
static const struct host time1 = { .name = "time1",
	.role = HOST_SERVER,
	.addresses = { &address, 1 },
	.daemon = "auto",
	.tier = &tier };
static const struct topology topology = { .site = "test",
	.rollout = { .confirm_within_ns = 2 * NS_PER_S } };

static const char *config;

/* Another configuration, and no sources any more. */
static int
wanted_files(void *ctx UNUSED, const struct host *host UNUSED,
    const struct daemon_driver *driver UNUSED, struct arena *arena, struct file_set *set,
    struct error *err UNUSED)
{
	set->list = arena_alloc(arena, 2 * sizeof(*set->list));
	for (size_t i = 0; i < 2; i++) {
		set->list[i] = (struct file_entry){ .path = i == 0 ? CONFIG : SOURCES,
			.content = i == 0 ? config : "",
			.len = i == 0 ? strlen(config) : 0,
			.mode = 0644,
			.owner = "root",
			.group = "root",
			.absent = i == 1,
			.action = FILE_ACTION_RESTART };
	}
	set->count = 2;
	return 0;
}

struct bed {
	struct fake_host host;
	struct fake_transport fake;
	struct rollout *rollout;
	const struct rollout_host *result;
};

static void
begin(struct bed *bed, const char *wanted,
    int (*begun)(void *, const struct rollout_host *, struct error *))
{
	static const struct host *const hosts[] = { &time1 };
	struct rollout_request request = {
		.transport = &bed->fake.transport,
		.topology = &topology,
		.hosts = hosts,
		.host_count = 1,
		.parallel = 1,
		.files = wanted_files,
		.begun = begun,
		.top = bed->host.top,
		.run = "7.ab",
		.holder = "a test",
	};
	size_t count;

	config = wanted;
	fake_host_make(&bed->host);
	fake_sshd_shell("mkdir -p %s/etc/chrony/sources.d && echo old >%s" SOURCES, bed->host.top,
	    bed->host.top);
	fake_transport_init(&bed->fake);
	request.loop = bed->fake.loop;
	bed->rollout = rollout_new(&request);
	bed->result = rollout_hosts(bed->rollout, &count);
	rollout_plan(bed->rollout);
	assert_int_equal(bed->result->outcome, HOST_CHANGES);
}

static void
finish(struct bed *bed)
{
	rollout_free(bed->rollout);
	fake_transport_done(&bed->fake);
	fake_host_remove(&bed->host);
}

static bool
has_sources(const struct bed *bed)
{
	return fake_host_has(&bed->host, SOURCES);
}

static void
a_file_that_should_not_be_there_is_taken_away(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "new\n", NULL);
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_DONE);
	assert_string_equal(fake_host_read(&bed.host, CONFIG), "new\n");
	assert_false(has_sources(&bed));
	finish(&bed);
}

static void
a_file_that_was_taken_away_comes_back_with_the_others(void **state UNUSED)
{
	struct bed bed;

	begin(&bed, "broken\n", NULL);
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_PUT_BACK);
	assert_string_equal(fake_host_read(&bed.host, CONFIG), "old\n");
	assert_true(has_sources(&bed));
	assert_string_equal(fake_host_read(&bed.host, SOURCES), "old\n");
	finish(&bed);
}

static int
no_word(void *ctx UNUSED, const struct rollout_host *host UNUSED, struct error *err)
{
	return error_set(err, "the disk is full");
}

static void
a_host_is_not_touched_without_its_owners_word(void **state UNUSED)
{
	struct bed bed;
	unsigned happened;

	begin(&bed, "new\n", no_word);
	happened = bed.fake.happened;
	rollout_apply(bed.rollout);
	assert_int_equal(bed.result->outcome, HOST_FAILED);
	assert_string_equal(bed.result->where, "journal");
	assert_string_equal(bed.result->err.text, "the disk is full");
	assert_string_equal(fake_host_read(&bed.host, CONFIG), "old\n");
	assert_true(has_sources(&bed));
	assert_int_equal(bed.fake.happened, happened);
	finish(&bed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_should_not_be_there_is_taken_away),
		cmocka_unit_test(a_file_that_was_taken_away_comes_back_with_the_others),
		cmocka_unit_test(a_host_is_not_touched_without_its_owners_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
