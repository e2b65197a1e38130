/* What the latest probe found is read as it was written, and rubbish in its place is told. */
#include "orchestrator/probe/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "tests/fake_folder.h"
#include "tests/fake_sshd.h"

static struct topology topology;
static struct arena arena;
static struct kept kept;

static const char site[] = "site: a\n"
			   "upstreams:\n"
			   "  - {name: one, address: ntp.one.example}\n"
			   "  - {name: two, address: [192.0.2.2, \"2001:db8::2\"]}\n"
			   "  - {name: new, address: ntp.new.example}\n"
			   "tiers: [{name: core, upstreams: all, servers: "
			   "[{name: s, address: 192.0.2.1}]}]\n";

static const char probed[] =
    "{\"site\": \"a\", \"from\": \"s\", \"asked_at\": \"2026-11-30T10:00:00.000000000Z\", "
    "\"upstreams\": ["
    "{\"name\": \"one\", \"asked\": \"ntp.one.example\", \"address\": \"198.51.100.1\", "
    "\"worth\": \"good\", \"stratum\": 2, \"reference\": \"192.0.2.2\", \"offset_ns\": 5},"
    "{\"name\": \"two\", \"asked\": \"192.0.2.2\", \"worth\": \"silent\", "
    "\"words\": \"no answer\"},"
    "{\"name\": \"two\", \"asked\": \"2001:db8::2\", \"address\": \"2001:db8::2\", "
    "\"worth\": \"good\", \"stratum\": 1, \"reference\": \"PPS\"},"
    "{\"name\": \"gone\", \"worth\": \"good\"}]}";

static int
set_up(void **state UNUSED)
{
	struct diags diags = { 0 };
	int status = topology_load_text(&topology, "site.yaml", site, strlen(site), &diags);

	diags_free(&diags);
	return status;
}

static int
tear_down(void **state UNUSED)
{
	topology_free(&topology);
	arena_free(&arena);
	return 0;
}

static void
assert_probed(void)
{
	char at[CLOCK_TEXT_BYTES];

	assert_string_equal(clock_text(kept.at_ns, at), "2026-11-30T10:00:00.000000000Z");
	assert_string_equal(kept.from, "s");
	assert_int_equal(kept.probed, 2);
	assert_int_equal(kept.good, 2);
	assert_string_equal(kept.sources[0].worth, "good");
	assert_string_equal(kept.seen[0].address, "198.51.100.1");
	assert_string_equal(kept.seen[0].reference, "192.0.2.2");
	assert_string_equal(kept.seen[1].address, "2001:db8::2"); /* the one that answered */
	assert_null(kept.seen[1].reference);                      /* a PPS is each server's own */
	assert_false(kept.sources[2].probed);                     /* it was added since */
	assert_null(kept.seen[2].address);
}

static void
what_was_written_is_read(void **state UNUSED)
{
	char folder[FAKE_FOLDER_BYTES];
	char state_of[FAKE_FOLDER_BYTES + 16];
	struct error err;

	fake_folder_make(folder, "kept");
	snprintf(state_of, sizeof(state_of), "%s/.timetier", folder);
	assert_int_equal(kept_read(state_of, &topology, &arena, &kept, &err), 0);
	assert_int_equal(kept.at_ns, 0); /* nobody has probed */
	assert_null(kept.seen);
	assert_int_equal(kept_write(state_of, probed, &err), 0);
	assert_int_equal(kept_read(state_of, &topology, &arena, &kept, &err), 0);
	assert_probed();
	assert_int_equal(kept_write(state_of, "[]", &err), 0);
	assert_int_equal(kept_read(state_of, &topology, &arena, &kept, &err), -1);
	assert_non_null(strstr(err.text, "/.timetier/probed.json: "));
	assert_int_equal(kept.at_ns, 0);
	fake_sshd_shell("rm -rf %s", folder);
}

/* A byte less is no JSON; and JSON that is no probe is not taken for one. */
static void
rubbish_is_told_and_nothing_is_known_then(void **state UNUSED)
{
	static const char *const texts[] = { "", "{}", "7", "{\"site\": \"a\"}",
		"{\"site\": \"b\", \"asked_at\": \"2026-11-30T10:00:00Z\", \"upstreams\": []}",
		"{\"site\": \"a\", \"asked_at\": \"yesterday\", \"upstreams\": []}",
		"{\"site\": \"a\", \"asked_at\": \"2026-11-30T10:00:00Z\", \"upstreams\": [7]}",
		("{\"site\": \"a\", \"asked_at\": \"2026-11-30T10:00:00Z\", "
		 "\"upstreams\": [{\"name\": \"one\", \"worth\": \"good\", \"stratum\": 256}]}") };
	struct error err;

	for (size_t i = 0; i < COUNT(texts); i++) {
		err.text[0] = '\0';
		if (kept_parse(texts[i], strlen(texts[i]), &topology, &arena, &kept, &err) == 0) {
			fail_msg("taken: %s", texts[i]);
		}
		assert_string_not_equal(err.text, "");
		assert_int_equal(kept.at_ns, 0);
		assert_null(kept.seen);
	}
	for (size_t len = 0; len + 1 < sizeof(probed); len++) {
		assert_int_equal(kept_parse(probed, len, &topology, &arena, &kept, &err), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(rubbish_is_told_and_nothing_is_known_then),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
